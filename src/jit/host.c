#include "jit/host.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <llvm/Config/llvm-config.h>
#include <stdlib.h>
#include <string.h>

const char *host_llvm_version(void) {
    return LLVM_VERSION_STRING;
}

char *host_cpu_name(void) {
    char *name = LLVMGetHostCPUName();
    size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (copy) memcpy(copy, name, size);
    LLVMDisposeMessage(name);
    return copy;
}
