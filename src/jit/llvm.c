#define LLVM_PLAIN /* here the functions are only named */
#include "jit/llvm.h"

#include <pthread.h>

#include "support/library.h"

static pthread_once_t targets_loaded = PTHREAD_ONCE_INIT;

#ifdef GRADC_LAZY

struct llvm llvm;

#define NAME_OF(function) #function
#define EXPANDED_NAME_OF(function) NAME_OF(function)

/* What LLVMInitializeNativeTarget and LLVMInitializeNativeAsmPrinter call. */
static bool initialise_target(void) {
    void (*calls[4])(void);
    const struct library_function functions[] = {
        {EXPANDED_NAME_OF(LLVM_NATIVE_TARGETINFO), &calls[0]},
        {EXPANDED_NAME_OF(LLVM_NATIVE_TARGET), &calls[1]},
        {EXPANDED_NAME_OF(LLVM_NATIVE_TARGETMC), &calls[2]},
        {EXPANDED_NAME_OF(LLVM_NATIVE_ASMPRINTER), &calls[3]},
    };
    if (!library_load(LLVM_LIBRARY, LLVM_PATH, functions, 4)) return false;
    for (int k = 0; k < 4; k++) calls[k]();
    return true;
}

bool llvm_load(void) {
    static const struct library_function functions[] = {LLVM_FUNCTIONS};
    static struct late_library library = LATE_LIBRARY(LLVM, functions, initialise_target);
    return late_library_load(&library);
}

static void initialise(const char *const *names) {
    for (; *names; names++) {
        void (*call)(void);
        const struct library_function function = {*names, &call};
        if (library_load(LLVM_LIBRARY, LLVM_PATH, &function, 1)) call();
    }
}

static void load_targets(void) {
#define TARGET(name)                                                                                         \
    "LLVMInitialize" #name "TargetInfo", "LLVMInitialize" #name "Target", "LLVMInitialize" #name "TargetMC", \
        "LLVMInitialize" #name "AsmPrinter"
    static const char *const names[] = {TARGET(X86), TARGET(AArch64), TARGET(ARM), TARGET(RISCV), NULL};
    initialise(names);
}

#else

static void load_targets(void) {
    LLVMInitializeAllTargetInfos();
    LLVMInitializeAllTargets();
    LLVMInitializeAllTargetMCs();
    LLVMInitializeAllAsmPrinters();
}

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static bool has_llvm;

static void load(void) {
    has_llvm = !LLVMInitializeNativeTarget() && !LLVMInitializeNativeAsmPrinter();
}

bool llvm_load(void) {
    pthread_once(&loaded, load);
    return has_llvm;
}

#endif

bool llvm_load_targets(void) {
    if (!llvm_load()) return false;
    pthread_once(&targets_loaded, load_targets);
    return true;
}
