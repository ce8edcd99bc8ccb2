/* Contour lines of values on a grid, by marching squares. */
#ifndef GRADC_CLI_PLOT_CONTOUR_H
#define GRADC_CLI_PLOT_CONTOUR_H

#include <stdbool.h>
#include <stddef.h>

/* values[row*columns + column] at x[column], y[row], both ascending; both counts are at least 2. */
struct grid {
    size_t columns, rows;
    double *x, *y, *values;
};

struct contour_point {
    double x, y;
};

/* Lines one behind the other; line k ends before point ends[k]. A closed one ends where it begins. */
struct contours {
    struct contour_point *points;
    size_t count, capacity;
    size_t *ends;
    size_t line_count, line_capacity;
};

/* A grid of the given size with room for its values. */
struct grid grid_make(size_t columns, size_t rows);
void grid_free(struct grid *grid);
/* The same with a further node around it, at the place of its outermost nodes, that has this value: contours
 * of the result are closed. */
struct grid grid_surround(const struct grid *grid, double value);

/* Appends the contour lines of a level. Cells with a corner that is not finite have none: lines end there. */
void contours_trace(struct contours *contours, const struct grid *grid, double level);
/* Where line k begins. */
size_t contours_begin(const struct contours *contours, size_t k);
/* How many other lines surround line k, for closed lines that do not cross. */
size_t contours_depth(const struct contours *contours, size_t k);
void contours_free(struct contours *contours);

#endif
