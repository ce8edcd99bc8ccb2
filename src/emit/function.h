/* From linear code to one C function.
 *
 * Input: code (schedule/code.h). Output: the definition of `static void NAME(void *const *slots)` in C99,
 * with the calling convention of include/gradc/kernel.h and, compiled without contraction, the bits of the
 * double interpreter. Loops stay loops. */
#ifndef GRADC_EMIT_FUNCTION_H
#define GRADC_EMIT_FUNCTION_H

#include "ir/ops.h"
#include "schedule/code.h"
#include "support/text.h"

/* Helpers that functions call; each is defined once per file where it is needed. */
enum emit_helper { HELPER_FLOOR_QUOTIENT, HELPER_FLOOR_REST, HELPER_COUNT };

/* What functions call. */
struct emit_needs {
    bool helpers[HELPER_COUNT];
    bool ops[OP_COUNT];
};

/* False where memory is exhausted. `needs` gains what is called. */
bool emit_function(const struct code *code, const char *name, struct emit_needs *needs, struct text *out);
/* The definition of a helper. */
const char *emit_helper_text(enum emit_helper helper);

#endif
