/* What comparisons depend on.
 *
 * A value that decides something (a branch, a maximum, a tie) may be computed twice, by the loop that forms
 * it and by the loop of the derivative that asks how it was decided. Both have to find the same bits, else a
 * tie is missed and a part of the gradient with it. So everything that such values are made from, through
 * registers and arrays, is computed in one way wherever it stands: one function for scalars and lanes, and no
 * contraction. */
#ifndef GRADC_SCHEDULE_COMPARED_H
#define GRADC_SCHEDULE_COMPARED_H

#include "schedule/code.h"

/* By register: whether a comparison of numbers depends on it. To be freed; NULL where memory is exhausted. */
bool *compared_find(const struct code *code);

#endif
