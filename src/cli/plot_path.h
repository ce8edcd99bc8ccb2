/* The way of a descent: what is kept of it for a picture. */
#ifndef GRADC_CLI_PLOT_PATH_H
#define GRADC_CLI_PLOT_PATH_H

#include <gradc/gradc.h>
#include <stddef.h>

#include "cli/plot_extent.h"

/* Of the point only the coordinates along the axes of the picture are kept. Of a long path that is the start,
 * the end, and of what lies between every iteration whose number is a multiple of `stride`, a power of 2. */
enum { PATH_AXES = 2, PATH_LIMIT = 4096 };

struct path_step {
    size_t iteration;
    double objective, gradient_norm;
    double at[PATH_AXES];
};

struct plot_path {
    size_t axes[PATH_AXES], axis_count; /* places in the point */
    struct path_step *steps;
    size_t count, capacity, stride;
    size_t drawn;      /* how many were written into the picture */
    bool ends_between; /* the last step is kept only as long as it is the last */
};

/* Adds an iteration; the first is the start. */
void path_add(struct plot_path *path, const struct gradc_iteration *seen);
/* The step after `k` (SIZE_MAX: the first) that can be told from it in a picture of these ranges, whose
 * second axis is the objective where the path has one axis; the last step is never left out. `count` at the
 * end. */
size_t path_next(const struct plot_path *path, size_t k, struct extent across, struct extent up);
void path_free(struct plot_path *path);

#endif
