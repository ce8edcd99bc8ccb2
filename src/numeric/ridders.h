/* Central differences with ever smaller steps, extrapolated to a step of 0: Ridders, Advances in Engineering
 * Software 4 (1982), 75, as in Press et al., Numerical Recipes, 5.7. */
#ifndef GRADC_NUMERIC_RIDDERS_H
#define GRADC_NUMERIC_RIDDERS_H

#include "numeric/difference.h"

/* The first step usually taken: a tenth of max(|x|, 1). */
double ridders_first_step(double x);
/* The derivative by the entry of the extrapolation table whose estimated error is least, which goes to
 * *error; NaN, with an infinite error, where no entry is a number. */
double ridders_derivative(const struct line *f, double first_step, double *error);

#endif
