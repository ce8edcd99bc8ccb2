#include "cli/check.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/arithmetic.h"
#include "cli/count.h"

static bool read_options(struct check_run *run) {
    double points = 5, seed = 0;
    if (!read_count(run->request, OPTION_POINTS, 1000, &points) ||
        !read_count(run->request, OPTION_SEED, 0x1p53, &seed))
        return false;
    run->options = (struct gradc_check_options){.points = (size_t)points, .seed = (uint64_t)seed};
    return true;
}

static bool disagrees(const struct gradc_check *check) {
    for (size_t k = 0; k < check->derivative_count; k++)
        if (check->derivatives[k].verdict == GRADC_DISAGREES) return true;
    return false;
}

static enum exit_status exit_of(const struct check_run *run, enum gradc_outcome outcome) {
    if (outcome == GRADC_REFUSED) return EXIT_WRONG;
    if (outcome == GRADC_EXHAUSTED) {
        complain("out-of-memory", NULL, "memory is exhausted");
        return EXIT_MACHINE;
    }
    return disagrees(&run->check) ? EXIT_WRONG : EXIT_FINE;
}

static bool has_something(const struct check_run *run) {
    const struct gradc_model *model = run->model;
    if (gradc_has_objective(model) || gradc_count(model, GRADC_OUTPUTS) > 0 ||
        gradc_count(model, GRADC_CONSTRAINTS) > 0)
        return true;
    complain("nothing-to-check", "add `minimize`, `maximize`, `fit`, `residual` or `output`",
             "%s has neither an objective nor an output",
             run->request->file ? run->request->file : "the expression");
    return false;
}

/* On a terminal, in place. */
static void show_progress(void *context, const char *what, double share) {
    double *shown = context, now = clock_seconds();
    if (now - *shown < 0.1) return;
    *shown = now;
    fprintf(stderr, "\r\033[Kchecking %s: %.0f %%", what, 100 * share);
    fflush(stderr);
}

static enum gradc_outcome check(struct check_run *run) {
    double shown = clock_seconds();
    bool terminal = isatty(STDERR_FILENO) && !option_given(run->request, OPTION_QUIET);
    run->options.progress = terminal ? show_progress : NULL;
    run->options.context = &shown;
    enum gradc_outcome outcome = gradc_check(run->evaluator, &run->options, &run->check);
    if (terminal) fputs("\r\033[K", stderr);
    return outcome;
}

static enum exit_status check_model(struct check_run *run) {
    size_t told = gradc_diagnostic_count(run->model);
    if (!has_something(run) || !read_options(run)) return EXIT_WRONG;
    struct gradc_evaluator_options options = {.evaluations = run->options.points + 1};
    if (!read_arithmetic(run->request, &options)) return EXIT_WRONG;
    run->evaluator = gradc_evaluator_new(run->model, &options);
    if (!run->evaluator) return EXIT_MACHINE;
    enum gradc_outcome outcome = check(run);
    if (outcome == GRADC_DONE)
        (option_given(run->request, OPTION_JSON) ? check_print_json : check_print_text)(run);
    print_diagnostics(run->model, told);
    return exit_of(run, outcome);
}

enum exit_status check_command(struct request *request) {
    struct check_run run = {.request = request};
    enum exit_status status;
    run.model = load_model(request, &status);
    if (!run.model) return status;
    status = check_model(&run);
    print_phases(request, run.model, NULL, 0);
    gradc_check_free(&run.check);
    gradc_evaluator_free(run.evaluator);
    gradc_free(run.model);
    return status;
}
