/* How the registers in a loop's body change with the loop's index.
 *
 * Between neighbouring iterations a register stays the same, or (a whole number) grows always by the same: a
 * constant, the slope, or that times the size of a row, which is a product of registers that stay the same.
 * Of all others nothing is known. Arrays that are made anew in each iteration differ between iterations. */
#ifndef GRADC_SCHEDULE_AFFINE_H
#define GRADC_SCHEDULE_AFFINE_H

#include "schedule/code.h"

enum variation_kind { VARIATION_NONE, VARIATION_LINEAR, VARIATION_ANY };

enum { MOST_ROW_FACTORS = 3 };

struct variation {
    uint8_t kind;                        /* enum variation_kind */
    int64_t slope;                       /* LINEAR: not 0 */
    code_register row[MOST_ROW_FACTORS]; /* LINEAR: factors of the size of a row, ascending; 0: no more */
};

struct affine {
    const struct code *code;
    struct variation *of; /* by register, of the body of the loop that was looked at last around it */
    uint32_t *inside; /* by loop index: the last loop looked at which has it in its body, or for its own */
};

/* False where memory is exhausted. */
bool affine_init(struct affine *a, const struct code *code);
void affine_release(struct affine *a);
/* Looks at a loop with a constant step. */
void affine_find(struct affine *a, uint32_t loop);
/* The same, as if its iterations ran in the opposite order. */
void affine_find_turned(struct affine *a, uint32_t loop);
/* How a register changes that is used in the body of `loop`, the last one looked at around there. */
struct variation affine_of(const struct affine *a, uint32_t loop, code_register r);
/* Whether it grows by a constant. */
static inline bool variation_is_constant(const struct variation *v) {
    return v->kind == VARIATION_LINEAR && !v->row[0];
}
/* Whether an array is made anew in each iteration of `loop`, or of a loop in it. */
bool affine_is_private(const struct affine *a, uint32_t loop, array_id array);

#endif
