/* Which results are written where they are used, instead of being given a name.
 *
 * Input: code (schedule/code.h) and its plan. A result that is used once, in the body that computes it, is
 * folded into the expression around it, unless it reads an element that is written in between. A branch that
 * only chooses between two short expressions folds into `condition ? a : b`. Numbers made of an index or a
 * size and a constant are written wherever they are used. */
#ifndef GRADC_EMIT_FOLD_H
#define GRADC_EMIT_FOLD_H

#include "schedule/plan.h"

struct fold {
    uint32_t *uses;  /* by register */
    uint32_t *block; /* by instruction: what opened the body it stands in; 0: the whole */
    uint32_t *last;  /* by register: where it is needed for the last time, after folding */
    bool *folded;    /* by register: written where it is used */
    bool *open;      /* by instruction: an IF, or its end, whose condition is true whatever the data */
    bool *flat;      /* by instruction: part of a branch that folds, which its IF .. IF_END are */
    uint32_t *taken; /* by register: the choice that takes it out of its branch; 0: none, or several */
    uint32_t *store_starts, *stores; /* by array, and one more: where its stores begin; their places */
};

/* False where memory is exhausted. */
bool fold_make(struct fold *f, const struct code *code, const struct plan *plan);
void fold_release(struct fold *f);

/* Whether the array is written between two places. */
bool fold_is_written(const struct fold *f, array_id array, uint32_t after, uint32_t before);

#endif
