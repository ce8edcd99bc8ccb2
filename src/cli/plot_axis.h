/* Axes and paths: what the kinds of pictures share. */
#ifndef GRADC_CLI_PLOT_AXIS_H
#define GRADC_CLI_PLOT_AXIS_H

#include "cli/plot.h"

/* The range of all paths along an axis. */
struct extent plot_path_extent(const struct plot *plot, size_t axis);
/* The range that an axis shows: that of --range, or what is to be seen, bounds that are near, and margins. */
struct extent plot_axis_extent(const struct plot *plot, size_t axis, struct extent seen);

/* "set xrange [a:b]" */
void plot_write_range(struct picture *picture, const char *axis, struct extent range);
/* "set xlabel 'x' noenhanced" */
void plot_write_label(struct picture *picture, const char *axis, const char *label);

/* "Newton's method (12 iterations)", where there is little room "newton (12 iterations)"; released by the
 * caller. */
char *plot_run_title(const struct plot *plot, size_t run);
/* The blocks of data "$path1", ..., "$start" and "$end". */
void plot_write_path_data(const struct plot *plot, struct picture *picture, struct extent across,
                          struct extent up);
/* Adds them to a plot: lines, points, marks at both ends. */
void plot_write_paths(const struct plot *plot, struct picture *picture);

#endif
