/* gradc plot: pictures of descents. */
#ifndef GRADC_CLI_PLOT_H
#define GRADC_CLI_PLOT_H

#include "cli/picture.h"
#include "cli/plot_path.h"
#include "cli/plot_extent.h"
#include "cli/run.h"

enum plot_kind { PLOT_AUTO, PLOT_CURVE, PLOT_CONTOURS, PLOT_CONVERGENCE, PLOT_FIT, PLOT_KINDS };

/* A descent of the picture and the way it took. */
struct plot_run {
    struct run run;
    struct plot_path path;
};

struct plot {
    struct request *request;
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    enum plot_kind kind;
    size_t axes[PATH_AXES], axis_count; /* elements of the point */
    char *names[PATH_AXES];
    const char *column;              /* of a fit's data, where one was chosen; NULL: none */
    struct extent shown[PATH_AXES];  /* by --range; empty: as the path needs it */
    struct extent bounds[PATH_AXES]; /* of the axes */
    size_t grid;                     /* values along an axis; 0: as the kind needs it */
    bool is_cut;                     /* other unknowns move too */
    char **methods;                  /* of --compare */
    size_t method_count;
    struct plot_run *runs;
    size_t run_count;
    bool has_region;                             /* parts of the picture may be infeasible; */
    bool shades;                                 /* some are, and were shaded */
    double *constraint_lower, *constraint_upper; /* by row; NULL: there are no constraints */
    double *point, *gradient; /* where it is evaluated: the end of the first descent, but for the axes */
};

enum exit_status plot_command(struct request *request);
const char *plot_kind_name(enum plot_kind kind);

/* Reads the options that say what is shown. False after an error, which is printed. */
bool plot_read_options(struct plot *plot);
/* Whether a column has that name: "x", or with its table "obs.x". */
bool plot_is_column(const struct gradc_column *column, const char *name);

/* The objective at a point of the axes, and its derivatives along them unless `slope` is NULL; NaN where it
 * has no value. False where that cannot be computed, which is printed. */
bool plot_evaluate(struct plot *plot, const double *at, double *value, double *slope);

/* The second derivatives along two axes: by the first twice, by both, by the second twice. */
bool plot_curvature(struct plot *plot, const double at[2], double curvature[3]);

/* Where a point of the axes is infeasible: the largest violation of bounds and inequalities, negative inside.
 * What the constraints are above their lower bounds goes to `excess`, by row, unless that is NULL. */
#define PLOT_SHADE "#E4E4E4"
bool plot_open_region(struct plot *plot);
bool plot_violation(struct plot *plot, const double *at, double *violation, double *excess);
bool plot_is_equality(const struct plot *plot, size_t row);
/* Shades the infeasible parts of one axis, from `count` places on it; adds the shade to the legend of a plot.
 */
bool plot_write_bands(struct plot *plot, struct picture *picture, struct extent across, size_t count);
void plot_write_region_key(const struct plot *plot, struct picture *picture);

/* Writes the commands and data of each kind of picture. False after an error, which is printed. */
bool plot_curve(struct plot *plot, struct picture *picture);
bool plot_contours(struct plot *plot, struct picture *picture);
bool plot_convergence(struct plot *plot, struct picture *picture);
bool plot_fit(struct plot *plot, struct picture *picture);

/* The parts that these share: the range of the paths along an axis, */
struct extent plot_path_extent(const struct plot *plot, size_t axis);
/* the range of an axis with what it should show: `seen`, bounds that are near, margins; */
struct extent plot_axis_extent(const struct plot *plot, size_t axis, struct extent seen);
/* "set xrange [a:b]" */
void plot_write_range(struct picture *picture, const char *axis, struct extent range);
/* The blocks of data "$path1", ..., "$start" and "$end"; */
void plot_write_path_data(const struct plot *plot, struct picture *picture, struct extent across,
                          struct extent up);
/* and what adds them to a plot: lines, points, marks at both ends. */
void plot_write_paths(const struct plot *plot, struct picture *picture);
/* "set xlabel 'x' noenhanced" */
void plot_write_label(struct picture *picture, const char *axis, const char *label);
/* "Newton's method (12 iterations)", where there is little room "newton (12 iterations)"; released by the
 * caller */
char *plot_run_title(const struct plot *plot, size_t run);

#endif
