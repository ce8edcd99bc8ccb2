/* What depends on what, as a program of its own.
 *
 * The skeleton of a program has its loops and its updates, but every value is only the sum of the varying
 * elements that it reads, and every condition on real numbers is taken to hold either way. Executed on sets
 * (see eval/dependence.h) it tells for each element of the outputs which unknowns it may depend on, whatever
 * the point: of a function the pattern of its Jacobian, of a gradient that of the Hessian. */
#ifndef GRADC_DIFF_SKELETON_H
#define GRADC_DIFF_SKELETON_H

#include "ir/program.h"

/* False where memory is exhausted. The skeleton shares the graph of p, and has the same arrays. */
bool skeleton_make(struct program *skeleton, const struct program *p, const array_id *outputs,
                   size_t output_count, const array_id *wrt, size_t wrt_count);

/* The condition on whole numbers alone under which another may hold; conditions on real numbers may always. 0
 * where memory is exhausted. */
node_id skeleton_condition(struct program *p, node_id condition);

#endif
