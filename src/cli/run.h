/* gradc run: descend, report. */
#ifndef GRADC_CLI_RUN_H
#define GRADC_CLI_RUN_H

#include "cli/load.h"
#include "cli/progress.h"

/* A run and what it came to. */
struct run {
    struct request *request;
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    struct gradc_method method;
    bool is_compared; /* the method comes from a list: --compare */
    struct gradc_descent_options options;
    double *start, *lower, *upper;          /* with what the options changed */
    bool *outside;                          /* the start of an unknown lay outside of its bounds */
    struct gradc_multistart_options search; /* 0 starts: none */
    struct gradc_multistart found;
    struct gradc_descent result;
    bool has_outputs;     /* they were evaluated at the result */
    bool has_constraints; /* likewise */
    double *constraint_lower, *constraint_upper;
    bool has_fit;
    struct gradc_fit fit;
    struct gradc_critical_point critical;
    struct gradc_check kinks; /* those at the result alone */
};

enum exit_status run_command(struct request *request);

/* Writes what was found, for people and for programs. */
void run_print_text(const struct run *run);
void run_print_json(const struct run *run);
/* Whether an element of the point stands on a bound that holds it back. */
bool bound_is_active(const struct run *run, size_t element, bool *upper);

/* Reads the options of the run, `solve with` included. False after an error, which is printed. */
bool run_read_options(struct run *run);

/* Descends from several starts, where they were asked for, and makes the start of the best basin that of the
 * run. False where the machine failed. `proceed` says whether the search goes on. */
bool run_search(struct run *run, const struct gradc_evaluator_options *options,
                bool (*proceed)(void *context));
/* What was found, as a table and as JSON. */
void run_print_basins(const struct run *run);
void run_print_starts(const struct run *run);

/* Parts of a run, for others that descend. False after an error, which is printed. */
bool run_has_objective(const struct run *run);
/* The statistics of a fit, at the result; nothing where the model is none. */
void run_compute_fit(struct run *run);
/* All but the model and the evaluator. */
void run_release(struct run *run);

#endif
