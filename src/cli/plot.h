/* gradc plot: pictures of descents. */
#ifndef GRADC_CLI_PLOT_H
#define GRADC_CLI_PLOT_H

#include "cli/picture.h"
#include "cli/plot_extent.h"
#include "cli/plot_path.h"
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

/* Writes the commands and data of each kind of picture. False after an error, which is printed. */
bool plot_curve(struct plot *plot, struct picture *picture);
bool plot_contours(struct plot *plot, struct picture *picture);
bool plot_convergence(struct plot *plot, struct picture *picture);
bool plot_fit(struct plot *plot, struct picture *picture);

#endif
