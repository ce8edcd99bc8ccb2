#include "cli/run.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arithmetic.h"
#include "cli/csv.h"
#include "cli/print.h"

/* Set by SIGINT; a signal handler has no other way to be heard. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

/* The second interrupt ends the command at once. */
static void catch_interrupt(void) {
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

/* Who watches a descent: the trace file, the terminal, the signal. */
struct watch {
    FILE *trace;
    size_t dimension;
    struct progress progress;
};

enum { TRACED_UNKNOWNS = 64 };

static void write_trace_head(FILE *out, const struct gradc_model *model) {
    fputs("iteration,objective,gradient_norm,step", out);
    for (size_t k = 0, written = 0; k < gradc_count(model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(model, GRADC_UNKNOWNS, k);
        for (size_t i = 0; i < unknown.count && written < TRACED_UNKNOWNS; i++, written++) {
            char *name = require_text(gradc_element_name(&unknown, i));
            fputc(',', out);
            csv_write_text(out, name);
            free(name);
        }
    }
    fputc('\n', out);
}

static void write_trace_row(const struct watch *watch, const struct gradc_iteration *seen) {
    fprintf(watch->trace, "%zu,", seen->iteration);
    print_number(watch->trace, seen->objective);
    fputc(',', watch->trace);
    print_number(watch->trace, seen->gradient_norm);
    fputc(',', watch->trace);
    print_number(watch->trace, seen->step);
    for (size_t k = 0; k < watch->dimension && k < TRACED_UNKNOWNS; k++) {
        fputc(',', watch->trace);
        print_number(watch->trace, seen->point[k]);
    }
    fputc('\n', watch->trace);
}

static bool observe(void *context, const struct gradc_iteration *seen) {
    struct watch *watch = context;
    if (watch->trace) write_trace_row(watch, seen);
    progress_of_descent(&watch->progress, seen);
    return !interrupted;
}

static bool proceed(void *context) {
    (void)context;
    return !interrupted;
}

static bool open_trace(struct run *run, struct watch *watch) {
    const char *path = option_value(run->request, OPTION_TRACE);
    if (!path) return true;
    watch->trace = fopen(path, "w");
    if (watch->trace)
        write_trace_head(watch->trace, run->model);
    else
        complain("cannot-write", NULL, "cannot write `%s`: %s", path, strerror(errno));
    return watch->trace != NULL;
}

/* Descends and closes the trace; false where the machine failed. */
static bool descend(struct run *run) {
    struct watch watch = {.dimension = gradc_dimension(run->model), .progress = progress_begin(run->request)};
    watch.progress.timeout = run->options.timeout;
    if (!open_trace(run, &watch)) return false;
    run->options.observe = observe;
    run->options.context = &watch;
    gradc_descend(run->evaluator, &run->options, &run->result);
    progress_end(&watch.progress);
    if (!watch.trace || !(ferror(watch.trace) | fclose(watch.trace))) return true;
    complain("cannot-write", NULL, "cannot write `%s`", option_value(run->request, OPTION_TRACE));
    return false;
}

bool bound_is_active(const struct run *run, size_t element, bool *upper) {
    double x = run->result.point[element], lower = run->lower[element], upper_bound = run->upper[element];
    double slope =
        gradc_maximizes(run->model) ? -run->result.gradient[element] : run->result.gradient[element];
    *upper = x >= upper_bound && (slope < 0 || x > lower);
    return x >= upper_bound || x <= lower;
}

static void write_residual_row(FILE *out, size_t row, const double *observed, const double *fitted,
                               double residual) {
    fprintf(out, "%zu,", row);
    if (observed) print_number(out, *observed);
    fputc(',', out);
    if (fitted) print_number(out, *fitted);
    fputc(',', out);
    print_number(out, observed && fitted ? *observed - *fitted : residual);
    fputc('\n', out);
}

static void write_residuals(const struct run *run, FILE *out) {
    fputs("row,observed,fitted,residual\n", out);
    for (size_t k = 0; k < gradc_count(run->model, GRADC_RESIDUALS); k++) {
        struct gradc_array residual = gradc_array_at(run->model, GRADC_RESIDUALS, k);
        const double *values = gradc_values(run->evaluator, GRADC_RESIDUALS, k), *observed = NULL,
                     *fitted = NULL;
        gradc_fit_values(run->evaluator, k, &observed, &fitted);
        for (size_t i = 0; i < residual.count; i++)
            write_residual_row(out, i + 1, observed ? observed + i : NULL, fitted ? fitted + i : NULL,
                               values[i]);
    }
}

static enum exit_status save_residuals(const struct run *run) {
    const char *path = option_value(run->request, OPTION_RESIDUALS);
    if (!path) return EXIT_FINE;
    if (!gradc_is_least_squares(run->model)) {
        complain("no-residuals", "they come from `fit` and `residual`", "`--residuals`: the file has none");
        return EXIT_WRONG;
    }
    gradc_evaluate_arrays(run->evaluator, GRADC_RESIDUALS, run->result.point);
    FILE *out = fopen(path, "w");
    if (out) write_residuals(run, out);
    if (out && !(ferror(out) | fclose(out))) return EXIT_FINE;
    complain("cannot-write", NULL, "cannot write `%s`: %s", path, strerror(errno));
    return EXIT_MACHINE;
}

static enum exit_status exit_of(const struct run *run) {
    switch (run->result.status) {
    case GRADC_CONVERGED: return EXIT_FINE;
    case GRADC_DOMAIN_ERROR: return EXIT_DOMAIN;
    case GRADC_FAILED: return gradc_has_errors(run->model) ? EXIT_WRONG : EXIT_MACHINE;
    case GRADC_STALLED:
    case GRADC_MAX_ITERATIONS:
    case GRADC_TIMEOUT:
    case GRADC_INTERRUPTED:
    case GRADC_DIVERGED:
    case GRADC_INFEASIBLE: break;
    }
    return EXIT_UNFINISHED;
}

void run_compute_fit(struct run *run) {
    size_t n = gradc_dimension(run->model);
    if (!gradc_is_least_squares(run->model)) return;
    bool *held = allocate(n, sizeof *held);
    for (size_t k = 0; k < n; k++) held[k] = run->lower[k] >= run->upper[k];
    run->has_fit = gradc_fit_statistics(run->evaluator, run->result.point, held, &run->fit) == GRADC_DONE;
    free(held);
}

static void evaluate_constraints(struct run *run) {
    size_t rows = gradc_constraint_count(run->model);
    if (gradc_count(run->model, GRADC_CONSTRAINTS) == 0 || !run->result.multipliers) return;
    run->constraint_lower = allocate(rows, sizeof(double));
    run->constraint_upper = allocate(rows, sizeof(double));
    gradc_constraint_bounds(run->evaluator, run->constraint_lower, run->constraint_upper);
    run->has_constraints =
        gradc_evaluate_arrays(run->evaluator, GRADC_CONSTRAINTS, run->result.point) <= GRADC_UNDEFINED;
}

/* Results may be finite though a NaN was compared on the way to them. */
static void warn_of_comparisons(struct run *run) {
    if (run->result.status == GRADC_DOMAIN_ERROR || run->result.status == GRADC_FAILED || !run->result.point)
        return;
    if (!gradc_explain_comparisons(run->evaluator, run->options.start))
        gradc_explain_comparisons(run->evaluator, run->result.point);
}

static enum exit_status report(struct run *run, size_t told) {
    if (run->result.status == GRADC_FAILED && !gradc_has_errors(run->model))
        complain("failed", NULL, "%s", run->result.reason);
    enum exit_status saved = EXIT_FINE;
    if (run->result.point) {
        run->has_outputs =
            gradc_count(run->model, GRADC_OUTPUTS) > 0 &&
            gradc_evaluate_arrays(run->evaluator, GRADC_OUTPUTS, run->result.point) <= GRADC_UNDEFINED;
        evaluate_constraints(run);
        run_compute_fit(run);
        gradc_examine(run->evaluator, run->result.point, run->lower, run->upper, run->result.multipliers,
                      &run->critical);
        gradc_find_kinks(run->evaluator, run->result.point, &run->kinks);
        warn_of_comparisons(run);
        saved = save_residuals(run);
        (option_given(run->request, OPTION_JSON) ? run_print_json : run_print_text)(run);
    }
    print_diagnostics(run->model, told);
    enum exit_status status = exit_of(run);
    return status == EXIT_FINE ? saved : status;
}

bool run_has_objective(const struct run *run) {
    const char *name = run->request->file ? run->request->file : "the expression";
    if (gradc_has_objective(run->model)) return true;
    complain("no-objective", "add `minimize`, `maximize`, `fit` or `residual`; `gradc eval` shows outputs",
             "%s has no objective to descend on", name);
    return false;
}

static enum exit_status run_model(struct run *run) {
    size_t told = gradc_diagnostic_count(run->model);
    if (!run_has_objective(run)) return EXIT_WRONG;
    if (!run_read_options(run)) {
        print_diagnostics(run->model, told);
        return EXIT_WRONG;
    }
    struct gradc_evaluator_options options = {.evaluations = 1000};
    if (!read_arithmetic(run->request, &options)) return EXIT_WRONG;
    struct gradc_evaluator_options own = options;
    if (run->search.starts > 1) own.threads = 1; /* threads take starts */
    run->evaluator = gradc_evaluator_new(run->model, &own);
    if (!run->evaluator) return EXIT_MACHINE;
    catch_interrupt();
    if (!run_search(run, &options, proceed) || !descend(run)) return EXIT_MACHINE;
    return report(run, told);
}

void run_release(struct run *run) {
    gradc_fit_free(&run->fit);
    gradc_critical_point_free(&run->critical);
    gradc_check_free(&run->kinks);
    gradc_descent_free(&run->result);
    gradc_multistart_free(&run->found);
    free(run->start);
    free(run->outside);
    free(run->lower);
    free(run->upper);
    free(run->constraint_lower);
    free(run->constraint_upper);
}

enum exit_status run_command(struct request *request) {
    struct run run = {.request = request};
    enum exit_status status;
    run.model = load_model(request, &status);
    if (!run.model) return status;
    status = run_model(&run);
    if (option_given(request, OPTION_VERBOSE) && run.method.why)
        fprintf(stderr, "method: %s, because %s\n", run.method.name, run.method.why);
    print_phases(request, run.model, NULL, 0);
    run_release(&run);
    gradc_evaluator_free(run.evaluator);
    gradc_free(run.model);
    return status;
}
