/* What comparisons depend on.
 *
 * A value that decides something (a branch, a maximum, a tie) may be computed twice, by the loop that forms
 * it and by the loop of the derivative that asks how it was decided. Both have to find the same bits, else a
 * tie is missed and a part of the gradient with it. So everything that such values are made from, through
 * registers and arrays, is computed in one way wherever it stands: one function for scalars and lanes, and no
 * contraction.
 *
 * Sums too may be formed again, in an array of the loop's body. Those that are compared are formed in the
 * order of the program, wherever they stand. Whether a sum of terms that are not negative is 0 does not
 * depend on the order. */
#ifndef GRADC_SCHEDULE_COMPARED_H
#define GRADC_SCHEDULE_COMPARED_H

#include "schedule/code.h"

struct compared {
    bool *of;      /* by register: whether a comparison of numbers depends on it */
    bool *ordered; /* by array: whether sums there keep the order of the program */
};

/* False where memory is exhausted. */
bool compared_find(struct compared *compared, const struct code *code);
void compared_release(struct compared *compared);

#endif
