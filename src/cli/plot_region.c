#include "cli/plot_region.h"

#include <math.h>
#include <stdlib.h>

/* ---- Constraints ---- */

bool plot_open_region(struct plot *plot) {
    size_t rows = gradc_constraint_count(plot->model);
    for (size_t k = 0; k < plot->axis_count; k++)
        plot->has_region |= isfinite(plot->bounds[k].low) || isfinite(plot->bounds[k].high);
    if (rows == 0) return true;
    plot->constraint_lower = allocate(rows, sizeof(double));
    plot->constraint_upper = allocate(rows, sizeof(double));
    enum gradc_outcome outcome =
        gradc_constraint_bounds(plot->evaluator, plot->constraint_lower, plot->constraint_upper);
    if (outcome > GRADC_UNDEFINED) return false;
    for (size_t row = 0; row < rows; row++) plot->has_region |= !plot_is_equality(plot, row);
    return true;
}

bool plot_is_equality(const struct plot *plot, size_t row) {
    return plot->constraint_lower[row] >= plot->constraint_upper[row];
}

static double larger(double a, double b) {
    return isnan(a) || isnan(b) ? NAN : fmax(a, b);
}

/* By how much the worst inequality is violated; equalities leave `excess` by row. */
static double worst_row(const struct plot *plot, double worst, double *excess) {
    size_t row = 0;
    for (size_t k = 0; k < gradc_count(plot->model, GRADC_CONSTRAINTS); k++) {
        const double *values = gradc_values(plot->evaluator, GRADC_CONSTRAINTS, k);
        size_t count = gradc_array_at(plot->model, GRADC_CONSTRAINTS, k).count;
        for (size_t i = 0; i < count; i++, row++) {
            double lower = plot->constraint_lower[row], upper = plot->constraint_upper[row];
            if (excess) excess[row] = values[i] - lower;
            if (!plot_is_equality(plot, row))
                worst = larger(worst, larger(lower - values[i], values[i] - upper));
        }
    }
    return worst;
}

bool plot_violation(struct plot *plot, const double *at, double *violation, double *excess) {
    double worst = -INFINITY;
    for (size_t k = 0; k < plot->axis_count; k++) {
        plot->point[plot->axes[k]] = at[k];
        worst = fmax(worst, fmax(plot->bounds[k].low - at[k], at[k] - plot->bounds[k].high));
    }
    if (plot->constraint_lower) {
        enum gradc_outcome outcome = gradc_evaluate_arrays(plot->evaluator, GRADC_CONSTRAINTS, plot->point);
        if (outcome > GRADC_UNDEFINED) return false;
        worst = worst_row(plot, worst, excess);
    }
    *violation = worst;
    return true;
}

/* ---- Along one axis ---- */

static void write_band(struct plot *plot, struct picture *picture, double from, double to) {
    plot->shades = true;
    fputs("set object rectangle from ", picture->script);
    picture_number(picture, from);
    fputs(", graph 0 to ", picture->script);
    picture_number(picture, to);
    fputs(", graph 1 behind fillcolor rgb '" PLOT_SHADE "' fillstyle solid noborder\n", picture->script);
}

/* Where the violation passes through 0 between two places. */
static double crossing(double a, double b, double before, double after) {
    return isfinite(before) && isfinite(after) ? a + (b - a) * before / (before - after) : (a + b) / 2;
}

bool plot_write_bands(struct plot *plot, struct picture *picture, struct extent across, size_t count) {
    double from = NAN, before = NAN, last = across.low;
    for (size_t k = 0; k < count && plot->has_region; k++) {
        double at = across.low + extent_width(across) * (double)k / (double)(count - 1), violation;
        if (!plot_violation(plot, &at, &violation, NULL)) return false;
        bool outside = violation > 0;
        if (outside && isnan(from)) from = k ? crossing(last, at, before, violation) : at;
        if (!outside && !isnan(from)) {
            write_band(plot, picture, from, crossing(last, at, before, violation));
            from = NAN;
        }
        before = violation;
        last = at;
    }
    if (!isnan(from)) write_band(plot, picture, from, across.high);
    return true;
}

void plot_write_region_key(const struct plot *plot, struct picture *picture) {
    if (plot->shades)
        fputs(", \\\n  keyentry with boxes fillstyle solid noborder linecolor rgb '" PLOT_SHADE
              "' title 'infeasible'",
              picture->script);
}
