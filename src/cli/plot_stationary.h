/* Critical points of a function of two variables. */
#ifndef GRADC_CLI_PLOT_STATIONARY_H
#define GRADC_CLI_PLOT_STATIONARY_H

#include <gradc/gradc.h>

#include "cli/plot_extent.h"

/* The function: its slope, and its second derivatives by x twice, by both, by y twice; not finite where it
 * has none. False ends the search. */
struct surface {
    bool (*slope)(void *context, const double at[2], double slope[2]);
    bool (*curvature)(void *context, const double at[2], double curvature[3]);
    void *context;
};

struct stationary {
    double at[2];
    enum gradc_critical_kind kind; /* minimum, maximum, saddle, degenerate */
};

/* Newton's method from where the slope is less steep than around, on a grid of the extents of `nodes` in each
 * direction; at most `room`
 * points in the order of that grid. Returns how many; false in *good where the function has ended. */
size_t find_stationary(const struct surface *surface, struct extent across, struct extent up, size_t nodes,
                       struct stationary *found, size_t room, bool *good);

#endif
