#include "jit/host.h"

#include <llvm/Config/llvm-config.h>
#include <stdlib.h>
#include <string.h>
#if defined __x86_64__ || defined __i386__
#include <cpuid.h>
#endif

#include "jit/llvm.h"

const char *host_llvm_version(void) {
    return LLVM_VERSION_STRING;
}

static char *copy(const char *name) {
    size_t size = strlen(name) + 1;
    char *copied = malloc(size);
    if (copied) memcpy(copied, name, size);
    return copied;
}

/* What the processor calls itself: asking it takes no time, loading LLVM does. */
#if defined __x86_64__ || defined __i386__
static char *own_name(void) {
    union {
        unsigned words[13];
        char text[52];
    } name = {0};
    for (unsigned k = 0; k < 3; k++) {
        unsigned *to = name.words + 4 * k;
        if (!__get_cpuid(0x80000002 + k, to, to + 1, to + 2, to + 3)) return NULL;
    }
    size_t begin = strspn(name.text, " "), end = strlen(name.text);
    while (end > begin && name.text[end - 1] == ' ') name.text[--end] = '\0';
    return end > begin ? copy(name.text + begin) : NULL;
}
#else
static char *own_name(void) {
    return NULL;
}
#endif

char *host_cpu_name(void) {
    char *own = own_name();
    if (own || !llvm_load()) return own ? own : copy("unknown");
    char *name = LLVMGetHostCPUName(), *copied = copy(name);
    LLVMDisposeMessage(name);
    return copied;
}
