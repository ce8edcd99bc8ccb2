/* Ties of reductions by max and min: how many elements equal the extremum, counted by the same expression.
 *
 * For every array that is updated by max or min, the loops that form it are repeated behind it, adding 1
 * where the element equals the result. The reverse then shares the adjoint equally among the ties. */
#ifndef GRADC_DIFF_EXTREMA_H
#define GRADC_DIFF_EXTREMA_H

#include "ir/program.h"

/* out: the program with counts. ties_of has room for the arrays of p and receives, per array, its count (0:
 * none). False where memory is exhausted.
 * `*repeated`, from malloc, tells for each step of `out` whether it only counts: such steps have no reverse.
 */
bool extrema_count_ties(struct program *out, const struct program *p, array_id *ties_of, bool **repeated);

#endif
