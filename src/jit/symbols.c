#include "jit/symbols.h"

#include <dlfcn.h>
#include <string.h>

#include "ir/ops.h"
#include "jit/vector_math.h"

static uintptr_t function_of_operation(const char *name) {
    for (int op = 0; op < OP_COUNT; op++) {
        const struct op_info *info = op_info((enum op)op);
        const char *symbol = op_symbol((enum op)op);
        if (symbol && strcmp(symbol, name) == 0)
            return info->libm1 ? (uintptr_t)info->libm1 : (uintptr_t)info->libm2;
    }
    return 0;
}

/* LLVM makes these of loops. */
static uintptr_t function_of_memory(const char *name) {
    if (strcmp(name, "memset") == 0) return (uintptr_t)memset;
    if (strcmp(name, "memcpy") == 0) return (uintptr_t)memcpy;
    if (strcmp(name, "memmove") == 0) return (uintptr_t)memmove;
    return 0;
}

uintptr_t symbol_address(const char *name) {
    uintptr_t address = function_of_operation(name);
    if (!address) address = function_of_memory(name);
    if (!address) address = vector_math_address(name);
    return address ? address : (uintptr_t)dlsym(RTLD_DEFAULT, name);
}
