#include "cli/plot_values.h"

#include <math.h>
#include <stdlib.h>

bool plot_evaluate(struct plot *plot, const double *at, double *value, double *slope) {
    for (size_t k = 0; k < plot->axis_count; k++) plot->point[plot->axes[k]] = at[k];
    enum gradc_outcome outcome =
        gradc_evaluate(plot->evaluator, plot->point, value, slope ? plot->gradient : NULL);
    if (outcome == GRADC_EXHAUSTED) complain("failed", NULL, "memory is exhausted");
    if (outcome == GRADC_EXHAUSTED || outcome == GRADC_REFUSED) return false;
    if (!isfinite(*value)) *value = NAN;
    for (size_t k = 0; slope && k < plot->axis_count; k++) slope[k] = plot->gradient[plot->axes[k]];
    return true;
}

/* Products with the axes: they cost the same however many other unknowns there are. */
bool plot_curvature(struct plot *plot, const double at[2], double curvature[3]) {
    size_t n = gradc_dimension(plot->model);
    double *direction = allocate(n, sizeof *direction);
    bool good = true;
    for (size_t k = 0; k < 2; k++) plot->point[plot->axes[k]] = at[k];
    for (size_t k = 0; k < 2 && good; k++) {
        direction[plot->axes[k]] = 1;
        good =
            gradc_hessian_times(plot->evaluator, plot->point, direction, plot->gradient) <= GRADC_UNDEFINED;
        direction[plot->axes[k]] = 0;
        if (k == 0) curvature[0] = plot->gradient[plot->axes[0]];
        curvature[1 + k] = plot->gradient[plot->axes[1]];
    }
    free(direction);
    return good;
}
