#include "cli/plot_extent.h"

#include <math.h>
#include <stdlib.h>

struct extent extent_empty(void) {
    return (struct extent){INFINITY, -INFINITY};
}

double extent_width(struct extent range) {
    return range.high - range.low;
}

bool extent_holds(struct extent range, double value) {
    return value >= range.low && value <= range.high;
}

void extent_include(struct extent *range, double value) {
    if (!isfinite(value)) return;
    if (value < range->low) range->low = value;
    if (value > range->high) range->high = value;
}

struct extent extent_widen(struct extent range, double share) {
    double margin = share * extent_width(range);
    return (struct extent){range.low - margin, range.high + margin};
}

struct extent extent_meet(struct extent range, struct extent other) {
    return (struct extent){fmax(range.low, other.low), fmin(range.high, other.high)};
}

struct extent extent_open(struct extent range) {
    if (range.high < range.low) range = (struct extent){0, 0};
    double size = fmax(fabs(range.low), fabs(range.high));
    if (extent_width(range) > 1e-9 * size) return range;
    double margin = size > 1 ? size : 1;
    return (struct extent){range.low - margin, range.high + margin};
}

/* Those that are not finite come last. */
static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    bool first = isfinite(x), second = isfinite(y);
    if (!first || !second) return second - first;
    return (x > y) - (x < y);
}

static size_t sort_finite(double *values, size_t count) {
    size_t finite = 0;
    qsort(values, count, sizeof *values, by_value);
    while (finite < count && isfinite(values[finite])) finite++;
    return finite;
}

double quantile(double *values, size_t count, double share) {
    size_t finite = sort_finite(values, count);
    return finite ? values[(size_t)(share * (double)(finite - 1))] : NAN;
}

struct extent choose_heights(struct extent seen, double *values, size_t count) {
    size_t finite = sort_finite(values, count);
    if (seen.high < seen.low && finite) seen = (struct extent){values[finite / 4], values[3 * finite / 4]};
    if (finite && !(extent_width(seen) > 0)) {
        extent_include(&seen, values[finite / 10]);
        extent_include(&seen, values[(finite - 1) - finite / 10]);
    }
    struct extent all = seen;
    if (finite) {
        extent_include(&all, values[0]);
        extent_include(&all, values[finite - 1]);
    }
    seen = extent_open(seen);
    return extent_open(extent_meet(all, extent_widen(seen, 0.5)));
}

bool spans_decades(double *values, size_t count) {
    size_t finite = sort_finite(values, count);
    if (finite < 10 || !(values[0] > 0)) return false;
    return values[finite - 1 - finite / 10] / values[finite / 10] >= 1e3;
}
