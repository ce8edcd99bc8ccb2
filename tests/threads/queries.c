#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"

/* ---- Models ---- */

static void ask_arrays(struct finding *f, struct gradc_model *model, enum gradc_kind kind) {
    for (size_t k = 0; k < gradc_count(model, kind); k++) {
        struct gradc_array array = gradc_array_at(model, kind, k);
        find(f, "%s: %zu numbers, at %zu\n", array.name ? array.name : "-", array.count,
             array.name ? gradc_find(model, kind, array.name) : 0);
        if (array.name && array.count) take_text(f, "element", gradc_element_name(&array, array.count - 1));
    }
}

static void ask_declarations(struct finding *f, struct gradc_model *model) {
    size_t n = gradc_dimension(model);
    for (int kind = GRADC_UNKNOWNS; kind <= GRADC_CONSTRAINTS; kind++)
        ask_arrays(f, model, (enum gradc_kind)kind);
    find(f, "%zu unknowns, %d %d %d\n", n, gradc_has_objective(model), gradc_maximizes(model),
         gradc_is_least_squares(model));
    find_numbers(f, "start", gradc_start(model), n);
    const bool *outside = gradc_start_outside(model);
    find(f, "first outside %d\n", outside[0]);
    find(f, "bounds %g %g\n", gradc_lower(model)[0], gradc_upper(model)[0]);
    for (size_t k = 0; k < gradc_count(model, GRADC_PARAMS); k++) {
        double values[64];
        size_t count = gradc_array_at(model, GRADC_PARAMS, k).count;
        if (count <= 64 && gradc_param_values(model, k, values)) find_numbers(f, "param", values, count);
    }
    for (size_t k = 0; k < gradc_table_count(model); k++) {
        struct gradc_table table = gradc_table_at(model, k);
        find(f, "table %s: %zu rows\n", table.name, table.rows);
    }
    for (size_t k = 0; k < gradc_constraint_count(model); k++)
        take_text(f, "constraint", gradc_constraint_name(model, k));
}

void ask_model(struct finding *f, struct gradc_model *model) {
    ask_declarations(f, model);
    for (size_t k = 0; k < gradc_setting_count(model); k++) {
        struct gradc_setting setting = gradc_setting_at(model, k);
        find(f, "setting %s = %s\n", setting.name, setting.value);
        gradc_setting_error(model, k, "bad-value", "this one is not meant", "take another");
    }
    for (size_t k = 0; k < gradc_diagnostic_count(model); k++) {
        struct gradc_diagnostic d = gradc_diagnostic_at(model, k);
        find(f, "%s, line %u\n", d.code, d.line);
        for (size_t note = 0; note < d.note_count; note++)
            find_text(f, "note", gradc_note_at(model, k, note).message);
    }
    for (size_t k = 0; k < gradc_phase_count(model); k++) find(f, "%s\n", gradc_phase_at(model, k).name);
    find(f, "%zu numbers to freeze\n", gradc_frozen_count(model));
}

/* ---- Evaluators ---- */

static void ask_rows(struct finding *f, struct gradc_model *model, struct gradc_evaluator *e,
                     enum gradc_kind kind) {
    const double *x = gradc_start(model);
    size_t n = gradc_dimension(model), rows = 0;
    if (gradc_count(model, kind) == 0) return;
    find(f, "outcome %d\n", (int)gradc_evaluate_arrays(e, kind, x));
    for (size_t k = 0; k < gradc_count(model, kind); k++) {
        size_t count = gradc_array_at(model, kind, k).count;
        find_numbers(f, "values", gradc_values(e, kind, k), count);
        rows += count;
    }
    double *along = calloc(rows + n, sizeof *along), *weights = calloc(rows + n, sizeof *weights);
    if (!along || !weights) exit(1);
    for (size_t k = 0; k < rows; k++) weights[k] = 1 + 0.5 * (double)k;
    if (gradc_element_gradient(e, kind, 0, 0, x, along) == GRADC_DONE) find_numbers(f, "element", along, n);
    if (gradc_jacobian_times(e, kind, x, x, along) == GRADC_DONE) find_numbers(f, "along", along, rows);
    if (gradc_times_jacobian(e, kind, x, weights, along) == GRADC_DONE) find_numbers(f, "back", along, n);
    find(f, "%d\n", gradc_explain_arrays(e, kind, x));
    free(along);
    free(weights);
}

static void ask_constraints(struct finding *f, struct gradc_model *model, struct gradc_evaluator *e) {
    size_t rows = gradc_constraint_count(model);
    double lower[64], upper[64], multipliers[64];
    struct gradc_matrix hessian;
    if (rows == 0 || rows > 64) return;
    for (size_t k = 0; k < rows; k++) multipliers[k] = 0.5 + (double)k;
    find(f, "%d\n", (int)gradc_constraint_bounds(e, lower, upper));
    find_numbers(f, "upper", upper, rows);
    if (gradc_lagrangian(e, gradc_start(model), 1, multipliers, &hessian) == GRADC_DONE)
        find_numbers(f, "Lagrangian", hessian.values, hessian.count);
}

static void look_for_kinks(struct finding *f, struct gradc_evaluator *e, const double *x) {
    struct gradc_check kinks;
    gradc_find_kinks(e, x, &kinks);
    find(f, "%zu kinks\n", kinks.kink_count);
    gradc_check_free(&kinks);
}

/* Some points beside the start, at once. */
static void ask_batch(struct finding *f, struct gradc_model *model, struct gradc_evaluator *e) {
    enum { COUNT = 9 };
    size_t n = gradc_dimension(model);
    double values[COUNT], *points = calloc(COUNT * n, sizeof *points),
                          *gradients = calloc(COUNT * n, sizeof *gradients);
    if (!points || !gradients) exit(1);
    for (size_t k = 0; k < COUNT * n; k++) points[k] = gradc_start(model)[k % n] + 0.001 * (double)(k / n);
    if (gradc_evaluate_batch(e, COUNT, points, values, gradients) == GRADC_DONE) {
        find_numbers(f, "values at points", values, COUNT);
        find_numbers(f, "gradients at points", gradients, COUNT * n);
    }
    free(points);
    free(gradients);
}

void ask_evaluator(struct finding *f, struct gradc_model *model) {
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    const double *x = gradc_start(model);
    double value;
    ask_rows(f, model, e, GRADC_OUTPUTS);
    ask_rows(f, model, e, GRADC_RESIDUALS);
    ask_rows(f, model, e, GRADC_CONSTRAINTS);
    ask_constraints(f, model, e);
    ask_batch(f, model, e);
    if (gradc_evaluate(e, x, &value, NULL) == GRADC_DONE) look_for_kinks(f, e, x);
    find(f, "%d %d %d\n", gradc_explain(e, x), gradc_explain_hessian(e, x), gradc_explain_comparisons(e, x));
    gradc_evaluator_free(e);
}

/* ---- Fits ---- */

void ask_fit(struct finding *f, struct gradc_model *model) {
    double others[5] = {1, 3, 5, 7, 9}, value;
    const double *observed, *fitted;
    struct gradc_column columns[4];
    struct gradc_fit fit;
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    if (!gradc_is_fit(model, 0)) exit(1);
    size_t found = gradc_fit_columns(model, 0, GRADC_FITTED, columns, 4);
    if (!found) exit(1);
    find(f, "%zu columns, first %s\n", found, columns[0].name);
    gradc_evaluate_arrays(e, GRADC_RESIDUALS, gradc_start(model));
    if (gradc_fit_values(e, 0, &observed, &fitted)) find_numbers(f, "fitted", fitted, 5);
    if (gradc_fit_statistics(e, gradc_start(model), NULL, &fit) == GRADC_DONE)
        find(f, "%.17g of %g\n", fit.rss, fit.freedom);
    gradc_fit_free(&fit);
    gradc_evaluator_free(e);
    if (!gradc_column_replace(model, columns[0].name, others)) exit(1);
    e = gradc_evaluator_new(model, NULL);
    if (gradc_evaluate(e, gradc_start(model), &value, NULL) == GRADC_DONE)
        find_numbers(f, "elsewhere", &value, 1);
    gradc_evaluator_free(e);
}

/* ---- Measurements ---- */

static void measure(struct finding *f, struct gradc_evaluator *e) {
    struct gradc_bench bench;
    struct gradc_bench_options options = {.points = 1, .seed = 1, .no_times = true};
    find(f, "outcome %d\n", (int)gradc_bench(e, &options, &bench));
    for (size_t k = 0; k < bench.way_count; k++)
        find(f, "%s: %.17g\n", bench.ways[k].name, bench.ways[k].worst_error);
    for (size_t k = 0; k < bench.descent_count; k++)
        find(f, "%s: %s\n", bench.descents[k].name, bench.descents[k].status);
    gradc_bench_free(&bench);
}

void ask_laboratory(struct finding *f, struct gradc_model *model) {
    struct gradc_evaluator *e = gradc_evaluator_new(model, &(struct gradc_evaluator_options){.native = true});
    struct gradc_report report;
    measure(f, e);
    if (gradc_report(e, true, gradc_start(model), &report) == GRADC_DONE)
        find(f, "%s: %zu operations, %.17g bytes\n", gradc_way_name(report.way), report.operations,
             report.bytes);
    gradc_report_free(&report);
    gradc_evaluator_free(e);
}

/* ---- The library ---- */

static void ask_functions(struct finding *f) {
    static const char *const names[] = {"logsumexp", "lambertw"};
    for (size_t k = 0; k < gradc_function_count(); k++) {
        find(f, "%s ", gradc_function_at(k).name);
        take_text(f, "derivatives", gradc_function_derivatives(k));
    }
    find_text(f, "nearest", gradc_nearest_name("lamberw", names, 2));
}

static void ask_methods(struct finding *f) {
    struct gradc_model *model = gradc_load_expression("(x - 1)^2 + y^4", NULL);
    struct gradc_method method;
    for (size_t k = 0; k < gradc_method_count(); k++) find(f, "%s ", gradc_method_at(k).name);
    if (model && gradc_method_find(model, "auto", 0, &method)) find(f, "auto: %s\n", method.name);
    gradc_free(model);
}

void ask_library(struct finding *f) {
    char digits[GRADC_NUMBER_CHARS];
    double number = 0;
    ask_functions(f);
    ask_methods(f);
    gradc_number_format(0.1, digits);
    find(f, "%s %d %d\n", digits, gradc_number_parse("2.5e-3", 6, &number),
         gradc_looks_like_file("minimize x"));
    find_numbers(f, "number", &number, 1);
    find(f, "%s %s %u\n", gradc_version(), gradc_llvm_version(), gradc_processors());
    take_text(f, "processor", gradc_cpu_name());
}

/* ---- Builders ---- */

static struct gradc_term binary(struct gradc_builder *b, const char *name, struct gradc_term x,
                                struct gradc_term y) {
    return gradc_build_call(b, name, (struct gradc_term[]){x, y}, 2);
}

/* minimize sum(i*(x - i)^2 for i in 1..4), to be read only. */
static void build_valley(struct finding *f) {
    const struct gradc_term none = {0};
    struct gradc_builder *b = gradc_builder_new("valley");
    struct gradc_term i = gradc_build_index(b, "i"), two = gradc_build_number(b, 2);
    struct gradc_range range = {.index = i, .to = gradc_build_number(b, 4)};
    struct gradc_term x = gradc_build_unknown(b, "x", NULL, 0, none, none, none);
    struct gradc_term each = binary(b, "*", i, binary(b, "^", binary(b, "-", x, i), two));
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", each, &range, 1));
    take_text(f, "valley", gradc_builder_text(b));
    gradc_builder_free(b);
}

/* A chain x[i] = a[i]*x[i - 1] + u[i], which is to stay near 1 with little u. */
struct gradc_model *build_all(struct finding *f) {
    static const double weights[] = {0.9, 0.8, 0.7, 0.6, 0.5};
    const struct gradc_term none = {0};
    struct gradc_builder *b = gradc_builder_new("built");
    struct gradc_term i = gradc_build_index(b, "i"), one = gradc_build_number(b, 1);
    struct gradc_range steps = {.index = i, .to = gradc_build_number(b, 5)};
    struct gradc_term a = gradc_build_param(b, "a", &steps, 1, weights, 5);
    struct gradc_term u = gradc_build_unknown(b, "u", &steps, 1, one, gradc_build_number(b, -4), none);
    struct gradc_term x = gradc_build_let(b, "x", &steps, 1), before = binary(b, "-", i, one);
    struct gradc_term push = gradc_build_element(b, u, &i, 1), here = gradc_build_element(b, x, &i, 1);
    struct gradc_term next =
        binary(b, "+",
               binary(b, "*", gradc_build_element(b, a, &i, 1), gradc_build_element(b, x, &before, 1)), push);
    struct gradc_term value =
        gradc_build_call(b, "if", (struct gradc_term[]){binary(b, "==", i, one), push, next}, 3);
    gradc_build_define(b, &x, &value, 1);
    gradc_build_residual(b, "away", binary(b, "-", here, one), &steps, 1);
    gradc_build_residual(b, "effort", push, &steps, 1);
    gradc_build_constraint(b, "most", none, here, gradc_build_number(b, 3), &steps, 1);
    gradc_build_output(b, "twice", &steps, 1, binary(b, "*", gradc_build_number(b, 2), here));
    take_text(f, "text", gradc_builder_text(b));
    struct gradc_model *model = gradc_build(b);
    gradc_builder_free(b);
    /* The other sense. */
    b = gradc_builder_new("hill");
    one = gradc_build_number(b, 1);
    struct gradc_term square =
        binary(b, "^", gradc_build_unknown(b, "x", NULL, 0, none, none, none), gradc_build_number(b, 2));
    gradc_build_maximize(b, binary(b, "-", one, square));
    gradc_build_setting(b, "method", "lbfgs");
    take_text(f, "hill", gradc_builder_text(b));
    gradc_builder_free(b);
    build_valley(f);
    return model;
}
