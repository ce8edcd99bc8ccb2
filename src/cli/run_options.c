#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/assign.h"
#include "cli/print.h"
#include "cli/run.h"

enum { SETTINGS = 40, METHODS = 20 };

static void complain_unknown_setting(struct run *run, size_t k) {
    char names[SETTINGS][32], message[160], hint[160];
    const char *candidates[SETTINGS];
    size_t count = setting_names(names, SETTINGS);
    for (size_t i = 0; i < count; i++) candidates[i] = names[i];
    const char *key = gradc_setting_at(run->model, k).name;
    const char *nearest = gradc_nearest_name(key, candidates, count);
    snprintf(message, sizeof message, "there is no setting `%.60s`", key);
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean `%s`?", nearest);
    else
        snprintf(hint, sizeof hint,
                 "settings are the options of `gradc run`, with _ for -: rate, tolerance, ...");
    gradc_setting_error(run->model, k, "unknown-setting", message, hint);
}

/* Settings of the file stand in for options that were not given. */
static bool apply_settings(struct run *run) {
    bool good = true;
    for (size_t k = 0; k < gradc_setting_count(run->model); k++) {
        struct gradc_setting setting = gradc_setting_at(run->model, k);
        enum option_id id = option_of_setting(setting.name);
        if (id == OPTION_COUNT) {
            complain_unknown_setting(run, k);
            good = false;
        } else if (!option_given(run->request, id) || run->request->setting[id]) {
            option_add(run->request, id, setting.value);
            run->request->setting[id] = k + 1;
        }
    }
    return good;
}

/* An error about a value, at the setting it comes from or as an error of the command. */
__attribute__((format(printf, 4, 5))) static void
complain_about_value(struct run *run, enum option_id id, const char *hint, const char *format, ...) {
    char message[300];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (run->request->setting[id])
        gradc_setting_error(run->model, run->request->setting[id] - 1, "bad-value", message, hint);
    else
        complain("bad-value", hint, "`--%s`: %s",
                 option_name(id == OPTION_METHOD && run->is_compared ? OPTION_COMPARE : id), message);
}

static bool read_number(struct run *run, enum option_id id, double lowest, double *value) {
    const char *text = option_value(run->request, id);
    if (!text) return true;
    if (gradc_number_parse(text, strlen(text), value) && *value >= lowest && isfinite(*value)) return true;
    complain_about_value(run, id, NULL, "expected a number%s, found `%.100s`",
                         lowest >= 1  ? " of at least 1"
                         : lowest > 0 ? " above 0"
                                      : " of at least 0",
                         text);
    return false;
}

/* "auto, gd, bb, ..." */
static void list_methods(char *list, size_t room, const char *names[METHODS + 1]) {
    size_t used = (size_t)snprintf(list, room, "the methods are auto");
    names[0] = "auto";
    for (size_t k = 0; k < gradc_method_count() && k < METHODS; k++) {
        names[k + 1] = gradc_method_at(k).name;
        if (used < room) used += (size_t)snprintf(list + used, room - used, ", %s", names[k + 1]);
    }
}

static void complain_about_method(struct run *run, const char *method) {
    char list[200], hint[300];
    const char *names[METHODS + 1] = {NULL};
    list_methods(list, sizeof list, names);
    const char *nearest = gradc_nearest_name(method, names, gradc_method_count() + 1);
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean `%s`? %s", nearest, list);
    else
        snprintf(hint, sizeof hint, "%s", list);
    complain_about_value(run, OPTION_METHOD, hint, "there is no method `%.100s`", method);
}

static bool read_method(struct run *run) {
    const char *name = option_value(run->request, OPTION_METHOD);
    if (!gradc_method_find(run->model, name, run->options.rate, &run->method)) {
        complain_about_method(run, name);
        return false;
    }
    bool has_rate = run->options.rate > 0;
    if (run->method.needs_residuals && !gradc_is_least_squares(run->model)) {
        complain_about_value(run, OPTION_METHOD,
                             "lm is for files with `fit` or `residual`; use newton, lbfgs or auto",
                             "%s needs a sum of squared residuals", run->method.title);
        return false;
    }
    if (gradc_count(run->model, GRADC_CONSTRAINTS) > 0 && !run->method.knows_constraints) {
        complain_about_value(run, OPTION_METHOD, "use ipopt or auto",
                             "the file has constraints (`subject to`), of which %s knows nothing",
                             run->method.title);
        return false;
    }
    if (run->method.needs_rate && !has_rate) {
        complain_about_value(run, OPTION_METHOD, "add --rate R, or `rate = R` to `solve with`",
                             "`%s` needs a rate", run->method.name);
        return false;
    }
    run->options.method = run->method.name;
    if (!option_given(run->request, OPTION_TOLERANCE)) run->options.tolerance = run->method.tolerance;
    return true;
}

static bool read_below_one(struct run *run, enum option_id id, double *value) {
    if (!read_number(run, id, 5e-324, value)) return false;
    if (*value < 1) return true;
    complain_about_value(run, id, NULL, "expected a number above 0 and below 1, found `%s`",
                         option_value(run->request, id));
    return false;
}

static bool read_numbers(struct run *run) {
    struct gradc_descent_options *o = &run->options;
    double iterations = 100000, memory = 0;
    if (!read_number(run, OPTION_RATE, 5e-324, &o->rate) ||
        !read_number(run, OPTION_TOLERANCE, 0, &o->tolerance) ||
        !read_number(run, OPTION_TIMEOUT, 5e-324, &o->timeout) ||
        !read_number(run, OPTION_MAX_ITERATIONS, 0, &iterations) ||
        !read_number(run, OPTION_EPSILON, 5e-324, &o->epsilon) ||
        !read_below_one(run, OPTION_BETA, &o->beta) || !read_below_one(run, OPTION_BETA2, &o->beta2) ||
        !read_number(run, OPTION_MEMORY, 1, &memory))
        return false;
    if (memory != floor(memory) || memory > 1000) {
        complain_about_value(run, OPTION_MEMORY, NULL, "expected a whole number up to 1000, found `%s`",
                             option_value(run->request, OPTION_MEMORY));
        return false;
    }
    o->memory = (size_t)memory;
    if (iterations != floor(iterations) || iterations > 1e15) {
        complain_about_value(run, OPTION_MAX_ITERATIONS, NULL,
                             "expected a whole number up to 1e15, found `%s`",
                             option_value(run->request, OPTION_MAX_ITERATIONS));
        return false;
    }
    o->max_iterations = (size_t)iterations;
    return true;
}

/* Reads all values of --start or --fix and writes them into a point. */
static bool assign_option(struct run *run, enum option_id id, double *point, bool *marks) {
    struct assignments list = {0};
    const struct option_values *values = &run->request->values[id];
    const char *name = id == OPTION_START ? "--start" : "--fix";
    bool good = true;
    for (size_t k = 0; k < values->count && good; k++)
        good = assignments_read(&list, values->at[k], name, id == OPTION_FIX);
    good = good && assign_point(run->model, &list, name, point, marks);
    assignments_free(&list);
    return good;
}

/* Moves starts into their bounds; notes which of them lay outside, in the file or where an option gave them.
 */
static void move_starts(struct run *run, const bool *given) {
    const bool *outside = gradc_start_outside(run->model);
    for (size_t k = 0; k < gradc_dimension(run->model); k++) {
        double inside = fmin(fmax(run->start[k], run->lower[k]), run->upper[k]);
        run->outside[k] = inside != run->start[k] || (outside[k] && !given[k]);
        run->start[k] = inside;
    }
}

static bool read_points(struct run *run) {
    size_t n = gradc_dimension(run->model);
    run->start = copy_point(run->model, gradc_start(run->model));
    run->lower = copy_point(run->model, gradc_lower(run->model));
    run->upper = copy_point(run->model, gradc_upper(run->model));
    run->outside = allocate(n, sizeof *run->outside);
    bool *given = allocate(n, sizeof *given), *fixed = allocate(n, sizeof *fixed);
    bool good = !gradc_has_errors(run->model) && assign_option(run, OPTION_START, run->start, given) &&
                assign_option(run, OPTION_FIX, run->start, fixed);
    for (size_t k = 0; k < n; k++)
        if (fixed[k]) run->lower[k] = run->upper[k] = run->start[k];
    move_starts(run, given);
    free(fixed);
    free(given);
    run->options.start = run->start;
    run->options.outside = run->outside;
    run->options.lower = run->lower;
    run->options.upper = run->upper;
    return good;
}

static bool read_whole(struct run *run, enum option_id id, double lowest, double most, double *value) {
    if (!read_number(run, id, lowest, value)) return false;
    if (*value == floor(*value) && *value <= most) return true;
    complain_about_value(run, id, NULL, "expected a whole number up to %.0f, found `%s`", most,
                         option_value(run->request, id));
    return false;
}

static bool read_search(struct run *run) {
    double starts = 0, seed = 0;
    if (!read_whole(run, OPTION_MULTISTART, 1, 1e7, &starts) || !read_whole(run, OPTION_SEED, 0, 1e15, &seed))
        return false;
    run->search.starts = (size_t)starts;
    run->search.seed = (uint64_t)seed;
    return true;
}

/* Methods that look at values alone have their limits. */
static bool suits_size_and_bounds(struct run *run) {
    size_t n = gradc_dimension(run->model), k = 0;
    if (run->method.most_unknowns > 0 && n > run->method.most_unknowns) {
        complain_about_value(run, OPTION_METHOD, "use lbfgs or auto",
                             "%s is for up to %zu unknowns; these are %zu", run->method.title,
                             run->method.most_unknowns, n);
        return false;
    }
    while (k < n && isfinite(run->lower[k]) && isfinite(run->upper[k])) k++;
    if (!run->method.needs_bounds || k == n) return true;
    char *unbounded = element_name(run->model, k);
    complain_about_value(run, OPTION_METHOD, "give each unknown a range, as in `var x in [-5, 5]`",
                         "%s searches between bounds, and `%s` has none", run->method.title, unbounded);
    free(unbounded);
    return false;
}

bool run_read_options(struct run *run) {
    return apply_settings(run) && read_numbers(run) && read_method(run) && read_search(run) &&
           read_points(run) && suits_size_and_bounds(run);
}
