/* From linear code to C.
 *
 * Input: code (schedule/code.h). Output: the definition of `static void NAME(void *const *slots)` in C99,
 * with the calling convention of include/gradc/kernel.h and, compiled without contraction, the bits of the
 * double interpreter. Loops stay loops. Long code is cut (schedule/plan.h) into functions NAME_1, NAME_2, ...
 * that stand before it. */
#ifndef GRADC_EMIT_FUNCTION_H
#define GRADC_EMIT_FUNCTION_H

#include "ir/ops.h"
#include "schedule/code.h"
#include "support/text.h"

/* Helpers that functions call; each is defined once per file where it is needed. */
enum emit_helper { HELPER_FLOOR_QUOTIENT, HELPER_FLOOR_REST, HELPER_APART, HELPER_CELLS, HELPER_COUNT };

/* What functions call. */
struct emit_needs {
    bool helpers[HELPER_COUNT];
    bool ops[OP_COUNT];
};

struct emit_request {
    const struct code *code;
    const char *name;
    bool alone; /* the caller can give no memory in slot 0 */
};

/* False where memory is exhausted. `needs` gains what is called; `memory` becomes how many doubles the caller
 * has to give in slot 0. */
bool emit_function(const struct emit_request *request, struct emit_needs *needs, struct text *out,
                   size_t *memory);
/* The definition of a helper. */
const char *emit_helper_text(enum emit_helper helper);

#endif
