#include "cli/bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/arithmetic.h"
#include "cli/compiled.h"
#include "cli/count.h"

static bool read_options(struct bench_run *run) {
    double points = 5, seed = 0;
    if (!read_count(run->request, OPTION_POINTS, 1000, &points) ||
        !read_count(run->request, OPTION_SEED, 0x1p53, &seed))
        return false;
    run->options.points = (size_t)points;
    run->options.seed = (uint64_t)seed;
    run->options.no_sweep = !option_given(run->request, OPTION_OUTPUT) &&
                            !option_given(run->request, OPTION_PLOT) &&
                            !option_given(run->request, OPTION_JSON);
    run->options.no_descents = option_given(run->request, OPTION_NO_DESCENTS);
    run->options.no_times = option_given(run->request, OPTION_NO_TIMES);
    return true;
}

static bool has_something(const struct bench_run *run) {
    const char *what = run->request->file ? run->request->file : "the expression";
    if (!gradc_has_objective(run->model)) {
        complain("nothing-to-bench", "add `minimize`, `maximize`, `fit` or `residual`",
                 "%s has no objective, and so no gradient", what);
        return false;
    }
    if (gradc_dimension(run->model) > 0) return true;
    complain("nothing-to-bench", "declare one with `var`", "%s has no unknowns, and so no gradient", what);
    return false;
}

/* On a terminal, in place. */
static void show_progress(void *context, const char *what, double share) {
    double *shown = context, now = clock_seconds();
    if (now - *shown < 0.1) return;
    *shown = now;
    fprintf(stderr, "\r\033[Kmeasuring: %s", what);
    if (share > 0) fprintf(stderr, ", %.0f %%", 100 * share);
    fflush(stderr);
}

static enum gradc_outcome measure(struct bench_run *run) {
    double shown = clock_seconds();
    bool terminal = isatty(STDERR_FILENO) && !option_given(run->request, OPTION_QUIET);
    run->options.progress = terminal ? show_progress : NULL;
    run->options.context = &shown;
    enum gradc_outcome outcome = gradc_bench(run->evaluator, &run->options, &run->bench);
    if (terminal) fputs("\r\033[K", stderr);
    return outcome;
}

static enum exit_status exit_of(enum gradc_outcome outcome) {
    if (outcome == GRADC_UNDEFINED)
        complain("undefined", "give a start where it is, with `var x = ..`",
                 "the function is not defined at the start, nor at any point drawn at random");
    if (outcome == GRADC_UNDEFINED) return EXIT_DOMAIN;
    if (outcome == GRADC_DONE) return EXIT_FINE;
    if (outcome == GRADC_REFUSED) return EXIT_WRONG;
    complain("out-of-memory", NULL, "memory is exhausted");
    return EXIT_MACHINE;
}

/* A table of steps on standard output stands there alone. */
static enum exit_status report(const struct bench_run *run) {
    const char *table = option_value(run->request, OPTION_OUTPUT);
    const char *picture = option_value(run->request, OPTION_PLOT);
    enum exit_status status = EXIT_FINE;
    if (!table || strcmp(table, "-") != 0)
        (option_given(run->request, OPTION_JSON) ? bench_print_json : bench_print_text)(run);
    if ((table || picture) && run->bench.step_count == 0) {
        complain("no-steps", NULL,
                 "there is no error to show against the step: no partial at the start differs "
                 "from 0, or the reference takes too long");
        return EXIT_WRONG;
    }
    if (table && !bench_write_steps(run, table)) status = EXIT_MACHINE;
    if (picture && status == EXIT_FINE) status = bench_draw_steps(run, picture);
    return status;
}

static enum exit_status bench_model(struct bench_run *run) {
    size_t told = gradc_diagnostic_count(run->model);
    if (!has_something(run) || !read_options(run)) return EXIT_WRONG;
    struct gradc_evaluator_options options = {.native = true};
    if (!read_arithmetic(run->request, &options)) return EXIT_WRONG;
    if (!option_given(run->request, OPTION_THREADS)) options.threads = 1; /* processor time is measured */
    run->evaluator = gradc_evaluator_new(run->model, &options);
    if (!run->evaluator) return EXIT_MACHINE;
    struct compiled compiled;
    compiled_open(&compiled, run->model);
    struct gradc_bench_other c = {.name = "exact, emitted C",
                                  .gradient = compiled.obstacle ? NULL : compiled_gradient,
                                  .context = &compiled,
                                  .obstacle = compiled.obstacle};
    run->options.others = &c;
    run->options.other_count = 1;
    enum gradc_outcome outcome = measure(run);
    compiled_close(&compiled);
    if (outcome == GRADC_UNDEFINED) gradc_explain(run->evaluator, gradc_start(run->model));
    enum exit_status status = exit_of(outcome);
    if (outcome == GRADC_DONE) status = report(run);
    print_diagnostics(run->model, told);
    return status;
}

enum exit_status bench_command(struct request *request) {
    struct bench_run run = {.request = request};
    enum exit_status status;
    run.model = load_model(request, &status);
    if (!run.model) return status;
    status = bench_model(&run);
    print_phases(request, run.model, NULL, 0);
    gradc_bench_free(&run.bench);
    gradc_evaluator_free(run.evaluator);
    gradc_free(run.model);
    return status;
}
