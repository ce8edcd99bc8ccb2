#include "jit/machine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jit/guard.h"
#include "jit/image.h"
#include "jit/llvm.h"

struct kernel_machine {
    LLVMOrcLLJITRef jit;
    struct image *image; /* in the place of jit: what needs no LLVM */
    kernel_function function;
    struct diag_list *diags; /* while it is being made, for what the linker reports by itself */
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

/* What the linker reports beside the errors that it returns. */
static void note_linking(void *context, LLVMErrorRef error) {
    const struct kernel_machine *machine = context;
    if (machine->diags)
        fine(machine->diags, "linking failed", error);
    else
        LLVMConsumeError(error);
}

/* ---- Targets ---- */

static LLVMTargetMachineRef make_target(LLVMCodeGenOptLevel level, struct diag_list *diags) {
    char *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName(),
         *features = LLVMGetHostCPUFeatures();
    char *message = NULL;
    LLVMTargetRef target = NULL;
    LLVMTargetMachineRef machine = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &message))
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
    struct kernel_machine *machine;
    bool troubled; /* LLVM has reported an error that it returns nowhere */
};

static void note_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
    struct compilation *c = context;
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError) return;
    char *message = LLVMGetDiagInfoDescription(info);
    c->troubled = true;
    fail(c->diags, "generating code failed", message);
    LLVMDisposeMessage(message);
}

/* Objects may follow each other at multiples of eight bytes. */
static void keep_object(struct text *objects, LLVMMemoryBufferRef object) {
    static const char zeros[8];
    uint64_t length = LLVMGetBufferSize(object);
    text_add_bytes(objects, (const char *)&length, sizeof length);
    text_add_bytes(objects, LLVMGetBufferStart(object), (size_t)length);
    text_add_bytes(objects, zeros, (size_t)((8 - length % 8) % 8));
}

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
    if (c->troubled) {
        LLVMDisposeMemoryBuffer(object);
        return false;
    }
    c->report->object_bytes += LLVMGetBufferSize(object);
    if (c->request->objects) keep_object(c->request->objects, object);
    began = machine_seconds();
    LLVMOrcLLJITRef jit = c->machine->jit;
    LLVMErrorRef error = LLVMOrcLLJITAddObjectFile(jit, LLVMOrcLLJITGetMainJITDylib(jit), object);
    c->report->link_seconds += machine_seconds() - began;
    return fine(c->diags, "linking failed", error);
}

static bool compile_module(struct compilation *c, LLVMModuleRef module, bool optimised) {
    LLVMCodeGenOptLevel level = optimised ? LLVMCodeGenLevelAggressive : LLVMCodeGenLevelNone;
    LLVMTargetMachineRef target = make_target(level, c->diags);
    if (!target) return false;
    LLVMContextSetDiagnosticHandler(c->request->modules->context, note_diagnostic, c);
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

static bool open_linker(struct compilation *c) {
    LLVMOrcLLJITRef jit = NULL;
    if (!fine(c->diags, "the linker did not start", LLVMOrcCreateLLJIT(&jit, LLVMOrcCreateLLJITBuilder())))
        return false;
    c->machine->jit = jit;
    LLVMOrcExecutionSessionSetErrorReporter(LLVMOrcLLJITGetExecutionSession(jit), note_linking, c->machine);
    LLVMOrcDefinitionGeneratorRef process = NULL;
    LLVMErrorRef error = LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &process, LLVMOrcLLJITGetGlobalPrefix(jit), NULL, NULL);
    if (!fine(c->diags, "the linker did not start", error)) return false;
    LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(jit), process);
    return true;
}

/* Functions of vectors go by address. */
static bool define_symbols(struct compilation *c) {
    const struct modules *m = c->request->modules;
    LLVMOrcLLJITRef jit = c->machine->jit;
    for (size_t k = 0; k < m->symbols.count; k++) {
        const struct vector_function *f = &m->symbols.at[k];
        LLVMOrcCSymbolMapPair pair = {.Name = LLVMOrcLLJITMangleAndIntern(jit, f->symbol),
                                      .Sym = {.Address = f->address,
                                              .Flags = {.GenericFlags = LLVMJITSymbolGenericFlagsExported |
                                                                        LLVMJITSymbolGenericFlagsCallable}}};
        LLVMOrcMaterializationUnitRef unit = LLVMOrcAbsoluteSymbols(&pair, 1);
        if (!fine(c->diags, "linking failed", LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(jit), unit)))
            return false;
    }
    return true;
}

static bool look_up(struct compilation *c) {
    LLVMOrcExecutorAddress address = 0;
    double began = machine_seconds();
    LLVMErrorRef error = LLVMOrcLLJITLookup(c->machine->jit, &address, KERNEL_NAME);
    c->report->link_seconds += machine_seconds() - began;
    if (!fine(c->diags, "linking failed", error)) return false;
    c->machine->function = (kernel_function)(uintptr_t)address;
    return true;
}

/* The straight modules, each of which goes before the next one is written. */
static bool compile_straight(struct compilation *c) {
    struct modules *m = c->request->modules;
    bool optimised = c->request->optimise_straight && c->request->level > 1, more = true;
    while (more) {
        if (!compile_module(c, m->straight, optimised)) return false;
        LLVMDisposeModule(m->straight);
        m->straight = NULL;
        double began = machine_seconds();
        if (!generate_next(c->request->generation, &more, c->diags)) return false;
        c->report->ir_seconds += machine_seconds() - began;
        c->report->modules += more;
    }
    return true;
}

static bool build(void *context) {
    struct compilation *c = context;
    const struct modules *m = c->request->modules;
    if (!open_linker(c) || !compile_straight(c)) return false;
    return (!m->loops || compile_module(c, m->loops, c->request->level > 1)) && define_symbols(c) &&
           look_up(c);
}

static bool build_guarded(struct compilation *c) {
    char reason[300];
    struct modules *m = c->request->modules;
    enum guarded result = guard_run(build, c, reason, sizeof reason);
    if (result == GUARDED_LOST) {
        fail(c->diags, "LLVM gave up", reason);
        *m = (struct modules){.context = NULL};
        c->machine->jit = NULL;
        return false;
    }
    LLVMContextSetDiagnosticHandler(m->context, NULL, NULL);
    return result == GUARDED_DONE;
}

struct kernel_machine *machine_link(const struct machine_request *request, struct kernel_report *report,
                                    struct diag_list *diags) {
    struct kernel_machine *machine = calloc(1, sizeof *machine);
    struct compilation c = {.request = request, .report = report, .diags = diags, .machine = machine};
    if (!machine) {
        diag_error(diags, "too-large", (struct span){0}, "memory is exhausted");
        return NULL;
    }
    machine->diags = diags;
    bool good = build_guarded(&c);
    machine->diags = NULL;
    if (good) return machine;
    machine_release(machine);
    return NULL;
}

struct kernel_machine *machine_of_image(struct image *image) {
    uintptr_t address = image_symbol(image, KERNEL_NAME);
    struct kernel_machine *machine = address ? calloc(1, sizeof *machine) : NULL;
    if (!machine) {
        image_free(image);
        return NULL;
    }
    *machine = (struct kernel_machine){.image = image, .function = (kernel_function)address};
    return machine;
}

kernel_function machine_function(const struct kernel_machine *machine) {
    return machine->function;
}

void machine_release(struct kernel_machine *machine) {
    if (!machine) return;
    LLVMErrorRef error = machine->jit ? LLVMOrcDisposeLLJIT(machine->jit) : NULL;
    if (error) LLVMConsumeError(error);
    image_free(machine->image);
    free(machine);
}
