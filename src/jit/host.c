#include "jit/host.h"

#include <llvm/Config/llvm-config.h>
#include <stdlib.h>
#include <string.h>
#if defined __x86_64__ || defined __i386__
#include <cpuid.h>
#endif

#ifdef __aarch64__
#include <sys/auxv.h>
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

/* The bits that say which instructions there are; those that differ from core to core are left out. */
#if defined __x86_64__ || defined __i386__

static void add_leaf(struct digest *d, unsigned leaf, unsigned subleaf) {
    unsigned a = 0, b = 0, c = 0, e = 0;
    if (!__get_cpuid_count(leaf, subleaf, &a, &b, &c, &e)) return;
    const unsigned words[] = {a, leaf == 1 ? 0 : b, c, e};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) digest_add_number(d, words[k]);
}

void host_add_features(struct digest *d) {
    static const unsigned leaves[][2] = {{0, 0}, {1, 0}, {7, 0}, {7, 1}, {0x80000001, 0}, {0x80000008, 0}};
    for (size_t k = 0; k < sizeof leaves / sizeof *leaves; k++) add_leaf(d, leaves[k][0], leaves[k][1]);
    unsigned a, b, c, e, low, high;
    /* Which registers the system saves. */
    if (!__get_cpuid(1, &a, &b, &c, &e) || !(c & bit_OSXSAVE)) return;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    digest_add_number(d, (uint64_t)high << 32 | low);
}

#elif defined __aarch64__

void host_add_features(struct digest *d) {
    digest_add_number(d, getauxval(AT_HWCAP));
    digest_add_number(d, getauxval(AT_HWCAP2));
}

#else

void host_add_features(struct digest *d) {
    char *name = host_cpu_name();
    digest_add_text(d, name);
    free(name);
}

#endif
