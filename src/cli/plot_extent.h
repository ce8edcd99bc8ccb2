/* Which part of the numbers a picture shows. */
#ifndef GRADC_CLI_PLOT_EXTENT_H
#define GRADC_CLI_PLOT_EXTENT_H

#include <stdbool.h>
#include <stddef.h>

/* Empty where high < low. */
struct extent {
    double low, high;
};

struct extent extent_empty(void);
double extent_width(struct extent range);
bool extent_holds(struct extent range, double value);
/* Stretches the range to a value; one that is not finite changes nothing. */
void extent_include(struct extent *range, double value);
/* Adds a share of the width on both sides. */
struct extent extent_widen(struct extent range, double share);
/* What both have. */
struct extent extent_meet(struct extent range, struct extent other);
/* Gives a range that is empty or a point a width: as large as the values, 1 at least. One that is narrow
 * beside the values stays: it shows what happens there. */
struct extent extent_open(struct extent range);

/* The value below which a share of the finite ones lies; NaN where there is none. Sorts the values. */
double quantile(double *values, size_t count, double share);

/* What to show of a function: `seen` is the range of the values that must be seen, `values` are all. Beyond
 * `seen` there is room for half of its width above and below, so that a pole does not flatten the rest. Sorts
 * the values. */
struct extent choose_heights(struct extent seen, double *values, size_t count);
/* Whether values are better told apart by their logarithms: all are positive, and the middle four fifths of
 * them span three decades. Sorts the values. */
bool spans_decades(double *values, size_t count);

#endif
