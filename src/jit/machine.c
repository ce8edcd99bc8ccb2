#include "jit/machine.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct kernel_machine {
    LLVMOrcLLJITRef jit;
    kernel_function function;
};

double machine_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- Errors ---- */

static bool fail(struct diag_list *diags, const char *what, const char *message) {
    diag_error(diags, "llvm", (struct span){0}, "%s: %s", what, message ? message : "no reason given");
    return false;
}

/* Whether there was none; takes the error over. */
static bool fine(struct diag_list *diags, const char *what, LLVMErrorRef error) {
    if (!error) return true;
    char *message = LLVMGetErrorMessage(error);
    fail(diags, what, message);
    LLVMDisposeErrorMessage(message);
    return false;
}

/* ---- Targets ---- */

static pthread_once_t initialised = PTHREAD_ONCE_INIT;
static bool has_target;

static void initialise(void) {
    has_target = !LLVMInitializeNativeTarget() && !LLVMInitializeNativeAsmPrinter();
}

static LLVMTargetMachineRef make_target(LLVMCodeGenOptLevel level, struct diag_list *diags) {
    pthread_once(&initialised, initialise);
    char *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName(),
         *features = LLVMGetHostCPUFeatures();
    char *message = NULL;
    LLVMTargetRef target = NULL;
    LLVMTargetMachineRef machine = NULL;
    if (!has_target || LLVMGetTargetFromTriple(triple, &target, &message))
        fail(diags, "no code can be made for this machine", message);
    else
        machine =
            LLVMCreateTargetMachine(target, triple, cpu, features, level, LLVMRelocPIC, LLVMCodeModelDefault);
    if (target && !machine) fail(diags, "no code can be made for this machine", triple);
    if (message) LLVMDisposeMessage(message);
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
    LLVMDisposeMessage(features);
    return machine;
}

/* ---- Modules ---- */

static bool verify(LLVMModuleRef module, struct diag_list *diags) {
    char *message = NULL;
    bool broken = LLVMVerifyModule(module, LLVMReturnStatusAction, &message);
    if (broken) fail(diags, "the generated code is wrong", message);
    LLVMDisposeMessage(message);
    return !broken;
}

static bool optimise(LLVMModuleRef module, LLVMTargetMachineRef target, int level, struct diag_list *diags) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, level >= 3 ? "default<O3>" : "default<O2>", target, options);
    LLVMDisposePassBuilderOptions(options);
    return fine(diags, "optimising failed", error);
}

static void set_layout(LLVMModuleRef module, LLVMTargetMachineRef target) {
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(target);
    char *triple = LLVMGetTargetMachineTriple(target);
    LLVMSetModuleDataLayout(module, layout);
    LLVMSetTarget(module, triple);
    LLVMDisposeTargetData(layout);
    LLVMDisposeMessage(triple);
}

struct compilation {
    const struct machine_request *request;
    struct kernel_report *report;
    struct diag_list *diags;
    LLVMOrcLLJITRef jit;
};

/* One module to object code, which is given to the linker. */
static bool emit(struct compilation *c, LLVMModuleRef module, LLVMTargetMachineRef target) {
    char *message = NULL;
    LLVMMemoryBufferRef object = NULL;
    double began = machine_seconds();
    if (LLVMTargetMachineEmitToMemoryBuffer(target, module, LLVMObjectFile, &message, &object)) {
        fail(c->diags, "generating code failed", message);
        LLVMDisposeMessage(message);
        return false;
    }
    c->report->codegen_seconds += machine_seconds() - began;
    c->report->object_bytes += LLVMGetBufferSize(object);
    began = machine_seconds();
    LLVMErrorRef error = LLVMOrcLLJITAddObjectFile(c->jit, LLVMOrcLLJITGetMainJITDylib(c->jit), object);
    c->report->link_seconds += machine_seconds() - began;
    return fine(c->diags, "linking failed", error);
}

static bool compile_module(struct compilation *c, LLVMModuleRef module, bool optimised) {
    LLVMCodeGenOptLevel level = optimised ? LLVMCodeGenLevelAggressive : LLVMCodeGenLevelNone;
    LLVMTargetMachineRef target = make_target(level, c->diags);
    if (!target) return false;
    set_layout(module, target);
    double began = machine_seconds();
    bool good = verify(module, c->diags);
    if (good && optimised) good = optimise(module, target, c->request->level, c->diags);
    c->report->passes_seconds += machine_seconds() - began;
    good = good && emit(c, module, target);
    LLVMDisposeTargetMachine(target);
    return good;
}

/* ---- Linking ---- */

static LLVMOrcLLJITRef open_linker(struct diag_list *diags) {
    LLVMOrcLLJITRef jit = NULL;
    if (!fine(diags, "the linker did not start", LLVMOrcCreateLLJIT(&jit, LLVMOrcCreateLLJITBuilder())))
        return NULL;
    LLVMOrcDefinitionGeneratorRef process = NULL;
    LLVMErrorRef error = LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &process, LLVMOrcLLJITGetGlobalPrefix(jit), NULL, NULL);
    if (!fine(diags, "the linker did not start", error)) {
        fine(diags, "the linker did not stop", LLVMOrcDisposeLLJIT(jit));
        return NULL;
    }
    LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(jit), process);
    return jit;
}

static bool look_up(struct compilation *c, kernel_function *function) {
    LLVMOrcExecutorAddress address = 0;
    double began = machine_seconds();
    LLVMErrorRef error = LLVMOrcLLJITLookup(c->jit, &address, KERNEL_NAME);
    c->report->link_seconds += machine_seconds() - began;
    if (!fine(c->diags, "linking failed", error)) return false;
    *function = (kernel_function)(uintptr_t)address;
    return true;
}

static bool build(struct compilation *c, kernel_function *function) {
    const struct modules *m = c->request->modules;
    bool fast = c->request->level == 1;
    if (m->loops && !compile_module(c, m->loops, !fast)) return false;
    return compile_module(c, m->straight, c->request->optimise_straight && !fast) && look_up(c, function);
}

struct kernel_machine *machine_link(const struct machine_request *request, struct kernel_report *report,
                                    struct diag_list *diags) {
    struct compilation c = {.request = request, .report = report, .diags = diags};
    struct kernel_machine *machine = calloc(1, sizeof *machine);
    pthread_once(&initialised, initialise);
    c.jit = machine ? open_linker(diags) : NULL;
    if (c.jit && build(&c, &machine->function)) {
        machine->jit = c.jit;
        return machine;
    }
    if (c.jit) fine(diags, "the linker did not stop", LLVMOrcDisposeLLJIT(c.jit));
    free(machine);
    return NULL;
}

kernel_function machine_function(const struct kernel_machine *machine) {
    return machine->function;
}

void machine_release(struct kernel_machine *machine) {
    if (!machine) return;
    LLVMErrorRef error = LLVMOrcDisposeLLJIT(machine->jit);
    if (error) LLVMConsumeError(error);
    free(machine);
}
