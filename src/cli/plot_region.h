/* Where a point of the axes is infeasible. */
#ifndef GRADC_CLI_PLOT_REGION_H
#define GRADC_CLI_PLOT_REGION_H

#include "cli/plot.h"

/* The colour of what is infeasible. */
#define PLOT_SHADE "#E4E4E4"

/* Notes which constraints there are. False where their bounds cannot be computed. */
bool plot_open_region(struct plot *plot);
bool plot_is_equality(const struct plot *plot, size_t row);
/* The largest violation of bounds and inequalities, negative inside. What the constraints are above their
 * lower bounds goes to `excess`, by row, unless that is NULL. False where that cannot be computed. */
bool plot_violation(struct plot *plot, const double *at, double *violation, double *excess);

/* Shades the infeasible parts of one axis, looked at from `count` places. False likewise. */
bool plot_write_bands(struct plot *plot, struct picture *picture, struct extent across, size_t count);
/* Adds the shade to the legend of a plot. */
void plot_write_region_key(const struct plot *plot, struct picture *picture);

#endif
