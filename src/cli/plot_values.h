/* Values of the objective along the axes of a picture. */
#ifndef GRADC_CLI_PLOT_VALUES_H
#define GRADC_CLI_PLOT_VALUES_H

#include "cli/plot.h"

/* The objective at a point of the axes, and its derivatives along them unless `slope` is NULL; NaN where it
 * has no value. False where that cannot be computed, which is printed. */
bool plot_evaluate(struct plot *plot, const double *at, double *value, double *slope);
/* The second derivatives along two axes: by the first twice, by both, by the second twice. False likewise. */
bool plot_curvature(struct plot *plot, const double at[2], double curvature[3]);

#endif
