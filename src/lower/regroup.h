/* Common factors are taken out of sums: 4*x^3 - 9*x^2 becomes x^2*(4*x - 9), which takes no more operations
 * and shorter chains of them. The rounding is another one, so this is for fast arithmetic only.
 *
 * Programs in which numbers are compared stay as they are: comparisons must not depend on it. What a loop
 * ends early by is no such comparison. */
#ifndef GRADC_LOWER_REGROUP_H
#define GRADC_LOWER_REGROUP_H

#include "ir/program.h"

/* False where memory is exhausted. */
bool program_regroup(struct program *out, const struct program *p);

#endif
