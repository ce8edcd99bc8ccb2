#include "cli/plot_levels.h"

#include <math.h>

#include "cli/plot_extent.h"

enum { WANTED = 14 };

double nice_step(double step) {
    double power = pow(10, floor(log10(step))), digit = step / power;
    return power * (digit > 5 ? 10 : digit > 2 ? 5 : digit > 1 ? 2 : 1);
}

static void add(struct levels *levels, double low, double high, double level) {
    if (level >= low && level <= high && levels->count < MOST_LEVELS) levels->at[levels->count++] = level;
}

static void fill_linear(struct levels *levels, double low, double high) {
    double rough = (high - low) / WANTED;
    if (!(rough > 0) || !isfinite(rough)) return;
    double step = nice_step(rough);
    for (double k = floor(low / step) + 1; k * step <= high && levels->count < MOST_LEVELS; k++)
        add(levels, low, high, k * step);
}

/* 1, 2, 5, 10, ... over few decades, 1, 3, 10, ... over some, else whole decades, of which some are left out
 * where they are many. */
static void fill_logarithmic(struct levels *levels, double low, double high) {
    double decades = log10(high) - log10(low);
    levels->digits = 3 * decades <= WANTED ? 3 : 2 * decades <= WANTED ? 2 : 1;
    const double digit[3] = {1, levels->digits == 3 ? 2 : 3, 5};
    double stride = fmax(1, ceil(decades / (WANTED)));
    for (double k = floor(log10(low)); k <= log10(high); k += stride)
        for (size_t i = 0; i < levels->digits; i++) add(levels, low, high, digit[i] * pow(10, k));
}

struct levels choose_levels(double *values, size_t count, double least, bool is_valley) {
    struct levels levels = {0};
    double low = quantile(values, count, 0.005), high = quantile(values, count, 0.98);
    least = fmin(least, quantile(values, count, 0));
    double tenth = quantile(values, count, 0.1), most = quantile(values, count, 0.9);
    if (!(high > least) || !isfinite(least)) return levels;
    levels.logarithmic = most - least >= (is_valley ? 5 : 20) * (tenth - least) && low > least;
    if (!levels.logarithmic) {
        fill_linear(&levels, least, high);
        return levels;
    }
    bool positive = least >= 0 && (least <= 0.01 * low || most >= 100 * tenth);
    levels.base = positive ? 0 : least;
    fill_logarithmic(&levels, low - levels.base, high - levels.base);
    return levels;
}
