/* Critical points of a function of one variable, found between samples of it. */
#ifndef GRADC_CLI_PLOT_CRITICAL_H
#define GRADC_CLI_PLOT_CRITICAL_H

#include <gradc/gradc.h>
#include <stdbool.h>
#include <stddef.h>

/* The function: value and slope, NaN where it has none. False ends the search. */
struct curve {
    bool (*evaluate)(void *context, double at, double *value, double *slope);
    void *context;
};

struct sample {
    double at, value, slope;
};

struct critical {
    double at, value;
    enum gradc_critical_kind kind; /* minimum, maximum, or saddle: a level point of inflection */
};

/* Samples the function at `count` points from `low` to `high`; false where it has ended. */
bool curve_sample(const struct curve *curve, double low, double high, struct sample *samples, size_t count);
/* Where the slope changes its sign or touches 0 between samples, by ascending place; at most `room`. A change
 * of sign at a kink counts, at a pole it does not. Returns how many; false in *good where the function has
 * ended. */
size_t find_critical(const struct curve *curve, const struct sample *samples, size_t count,
                     struct critical *found, size_t room, bool *good);

#endif
