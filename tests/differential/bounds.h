/* What rounding may make of products with derivatives: for each element the size and the error that the
 * reference measures when the differentiated program runs, in units of 2^-53. Each adds to `bound`; false
 * where the program cannot be derived or run. */
#ifndef GRADC_TESTS_BOUNDS_H
#define GRADC_TESTS_BOUNDS_H

#include "differential/comparison.h"

/* The Hessian of the objective times a direction; both as long as the point is. */
bool bound_hessian_product(struct comparison *c, const double *direction, double *bound);
/* The Jacobian of the outputs times a direction; the bound by row. */
bool bound_jacobian_product(struct comparison *c, const double *direction, double *bound);
/* Weights, by row, times the Jacobian of the outputs; the bound as long as the point is. */
bool bound_product_with_jacobian(struct comparison *c, const double *weight, double *bound);

#endif
