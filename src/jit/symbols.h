/* Where the functions are that native code calls by name. */
#ifndef GRADC_JIT_SYMBOLS_H
#define GRADC_JIT_SYMBOLS_H

#include <stdint.h>

/* Functions of the table of operations and of vectors, what compilers call by themselves, and whatever else
 * the process has under that name; 0: there is none. */
uintptr_t symbol_address(const char *name);

#endif
