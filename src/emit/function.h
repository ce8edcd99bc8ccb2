/* From linear code to one C function.
 *
 * Input: code (schedule/code.h). Output: the definition of `static void NAME(void *const *slots)` in C99,
 * with the calling convention of include/gradc/kernel.h and, compiled without contraction, the bits of the
 * double interpreter. Loops stay loops. */
#ifndef GRADC_EMIT_FUNCTION_H
#define GRADC_EMIT_FUNCTION_H

#include "schedule/code.h"
#include "support/text.h"

/* Helpers that functions call; each is defined once per file where it is needed. */
enum emit_helper { HELPER_FLOOR_QUOTIENT, HELPER_FLOOR_REST, HELPER_COUNT };

/* False where memory is exhausted. `needed` gains the helpers that are called. */
bool emit_function(const struct code *code, const char *name, bool needed[HELPER_COUNT], struct text *out);
/* The definition of a helper. */
const char *emit_helper_text(enum emit_helper helper);

#endif
