/* The levels of contour lines. */
#ifndef GRADC_CLI_PLOT_LEVELS_H
#define GRADC_CLI_PLOT_LEVELS_H

#include <stdbool.h>
#include <stddef.h>

enum { MOST_LEVELS = 24 };

/* Ascending. Logarithmic ones count from a base: the values are base + at[k]. */
struct levels {
    bool logarithmic;
    double base;   /* 0 where they are not logarithmic */
    size_t digits; /* of logarithmic ones, in a decade */
    size_t count;
    double at[MOST_LEVELS];
};

/* The least of 1, 2, 5 times a power of 10 that is at least `step` > 0. */
double nice_step(double step);
/* Levels for values, of which those that are not finite do not count; `least` is known to be a value too.
 * They are logarithmic where the heights above the least span decades, or already where most are much higher
 * than some around a valley: a minimum that is seen. Sorts the values. */
struct levels choose_levels(double *values, size_t count, double least, bool is_valley);

#endif
