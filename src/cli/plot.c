#include "cli/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arithmetic.h"
#include "cli/assign.h"
#include "cli/plot_options.h"
#include "cli/plot_region.h"
#include "cli/print.h"

enum { WIDTH = 720, HEIGHT = 480 };

/* ---- Descents ---- */

struct watch {
    struct plot_path *path;
    struct progress progress;
};

static bool observe(void *context, const struct gradc_iteration *seen) {
    struct watch *watch = context;
    path_add(watch->path, seen);
    progress_of_descent(&watch->progress, seen);
    return true;
}

static bool go_on(void *context) {
    (void)context;
    return true;
}

static enum exit_status descend(struct plot *plot, struct plot_run *r,
                                const struct gradc_evaluator_options *options) {
    struct watch watch = {.path = &r->path, .progress = progress_begin(plot->request)};
    memcpy(r->path.axes, plot->axes, sizeof r->path.axes);
    r->path.axis_count = plot->axis_count;
    r->run.evaluator = plot->evaluator;
    if (!run_search(&r->run, options, go_on)) return EXIT_MACHINE;
    r->run.options.observe = observe;
    r->run.options.context = &watch;
    gradc_descend(plot->evaluator, &r->run.options, &r->run.result);
    progress_end(&watch.progress);
    if (r->run.result.status != GRADC_FAILED) return EXIT_FINE;
    if (gradc_has_errors(plot->model)) return EXIT_WRONG;
    complain("failed", NULL, "%s", r->run.result.reason);
    return EXIT_MACHINE;
}

/* Prepares the descent with a method; NULL: the one that `run` would take. */
static bool prepare(struct plot *plot, struct plot_run *r, const char *method) {
    r->run.request = plot->request;
    r->run.model = plot->model;
    r->run.is_compared = method != NULL;
    if (method) {
        option_add(plot->request, OPTION_METHOD, method);
        plot->request->setting[OPTION_METHOD] = 0;
    }
    return run_read_options(&r->run);
}

static bool prepare_all(struct plot *plot) {
    size_t count = 0;
    const char *list = option_value(plot->request, OPTION_COMPARE);
    if (list && option_given(plot->request, OPTION_METHOD)) {
        complain("exclusive-options", NULL, "`--compare` and `--method` exclude each other");
        return false;
    }
    plot->methods = split_list(list, &count);
    plot->method_count = count;
    plot->run_count = count ? count : 1;
    plot->runs = allocate(plot->run_count, sizeof *plot->runs);
    for (size_t k = 0; k < plot->run_count; k++)
        if (!prepare(plot, &plot->runs[k], count ? plot->methods[k] : NULL)) return false;
    return true;
}

/* ---- The picture ---- */

/* Cuts go through the end of the first descent. */
static void choose_base(struct plot *plot) {
    const struct run *run = &plot->runs[0].run;
    plot->point = copy_point(plot->model, run->result.point ? run->result.point : run->start);
    plot->gradient = copy_point(plot->model, plot->point);
}

/* ---- What was drawn ---- */

static void print_runs(const struct plot *plot) {
    for (size_t k = 0; k < plot->run_count; k++) {
        const struct run *run = &plot->runs[k].run;
        printf("%s: ", run->method.title);
        for (const char *c = gradc_status_name(run->result.status); *c; c++) putchar(*c == '_' ? ' ' : *c);
        printf(", %zu iteration%s, objective ", run->result.iterations,
               run->result.iterations == 1 ? "" : "s");
        print_number(stdout, run->result.objective);
        putchar('\n');
    }
}

static void print_json(const struct plot *plot, const char *path) {
    printf("{\"gradc\": \"%s\", \"picture\": ", gradc_version());
    print_json_text(stdout, path);
    printf(", \"kind\": \"%s\", \"runs\": [", plot_kind_name(plot->kind));
    for (size_t k = 0; k < plot->run_count; k++) {
        const struct run *run = &plot->runs[k].run;
        printf(
            "%s{\"method\": \"%s\", \"status\": \"%s\", \"iterations\": %zu, \"objective\": ", k ? ", " : "",
            run->method.name, gradc_status_name(run->result.status), run->result.iterations);
        print_json_number(stdout, run->result.objective);
        putchar('}');
    }
    puts("]}");
}

/* Nothing where the picture itself goes to standard output. */
static void print_what_was_drawn(const struct plot *plot) {
    const char *path = option_value(plot->request, OPTION_OUTPUT);
    if (!path || strcmp(path, "-") == 0) return;
    if (option_given(plot->request, OPTION_JSON))
        print_json(plot, path);
    else if (!option_given(plot->request, OPTION_QUIET))
        print_runs(plot);
}

/* ---- The command ---- */

static bool write_picture(struct plot *plot, struct picture *picture) {
    switch (plot->kind) {
    case PLOT_CURVE: return plot_curve(plot, picture);
    case PLOT_CONTOURS: return plot_contours(plot, picture);
    case PLOT_CONVERGENCE: return plot_convergence(plot, picture);
    case PLOT_FIT: return plot_fit(plot, picture);
    case PLOT_AUTO:
    case PLOT_KINDS: break;
    }
    return false; /* the options have chosen a kind */
}

static enum exit_status descend_all(struct plot *plot, const struct gradc_evaluator_options *options) {
    enum exit_status status = EXIT_FINE;
    for (size_t k = 0; k < plot->run_count && status == EXIT_FINE; k++)
        status = descend(plot, &plot->runs[k], options);
    return status;
}

static enum exit_status draw(struct plot *plot, const struct gradc_evaluator_options *options) {
    struct picture picture;
    if (!picture_begin(&picture, option_value(plot->request, OPTION_OUTPUT), WIDTH, HEIGHT))
        return EXIT_WRONG;
    enum exit_status status = descend_all(plot, options);
    if (status == EXIT_FINE) {
        choose_base(plot);
        if (!plot_open_region(plot) || !write_picture(plot, &picture))
            status = gradc_has_errors(plot->model) ? EXIT_WRONG : EXIT_MACHINE;
    }
    if (status != EXIT_FINE) {
        picture_abandon(&picture);
        return status;
    }
    status = picture_end(&picture);
    if (status == EXIT_FINE) print_what_was_drawn(plot);
    bool defined = plot->runs[0].run.result.status != GRADC_DOMAIN_ERROR;
    return status == EXIT_FINE && !defined ? EXIT_DOMAIN : status;
}

static enum exit_status plot_model(struct plot *plot) {
    struct gradc_evaluator_options options = {.evaluations = 30000};
    if (!run_has_objective(&(struct run){.request = plot->request, .model = plot->model}) ||
        !prepare_all(plot) || !plot_read_options(plot) || !read_arithmetic(plot->request, &options))
        return EXIT_WRONG;
    plot->evaluator = gradc_evaluator_new(plot->model, &options);
    if (!plot->evaluator) return EXIT_MACHINE;
    return draw(plot, &options);
}

static void release(struct plot *plot) {
    for (size_t k = 0; k < plot->run_count; k++) {
        run_release(&plot->runs[k].run);
        path_free(&plot->runs[k].path);
    }
    free(plot->runs);
    free_list(plot->methods, plot->method_count);
    for (size_t k = 0; k < PATH_AXES; k++) free(plot->names[k]);
    free(plot->constraint_lower);
    free(plot->constraint_upper);
    free(plot->point);
    free(plot->gradient);
    gradc_evaluator_free(plot->evaluator);
    gradc_free(plot->model);
}

enum exit_status plot_command(struct request *request) {
    struct plot plot = {.request = request};
    enum exit_status status;
    plot.model = load_model(request, &status);
    if (!plot.model) return status;
    size_t told = gradc_diagnostic_count(plot.model);
    status = plot_model(&plot);
    print_diagnostics(plot.model, told);
    print_phases(request, plot.model, NULL, 0);
    release(&plot);
    return status;
}
