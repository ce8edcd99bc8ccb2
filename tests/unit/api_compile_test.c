/* Compiled functions with workspaces: the bits of an evaluator, on models whose matrices come by elements and
 * by products, from several workspaces, and with other values of params. */
#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <stdlib.h>
#include <string.h>

static const char *const models[] = {
    /* Matrices by elements, lanes, lowering. */
    "param a = 100\nvar x[i in 1..40] = 0.1*i\n"
    "minimize sum(a*(x[i] - x[i - 1]^2)^2 + (1 - x[i - 1])^2 for i in 2..40)\n"
    "output g[i in 1..39] = x[i]*x[i + 1]\n"
    "subject to c: x[i] + x[i + 1]^2 <= 4 for i in 1..39\n",
    /* By elements that stand at no common distances. */
    "param a = 3\nvar x[20] = 0.5\n"
    "minimize sum(a*x[i]^4*x[1 + i*i % 20] for i in 1..20) + sum(x[i]*x[i + 1] for i in 1..19)\n"
    "output g[i in 1..20] = x[i]^2*x[1 + i*i % 20]\n",
    /* By products; special functions; a recurrence. */
    "param a = 2\nvar x[4] = [0.5, 1, 1.5, 2]\n"
    "let s[t in 0..6] = if t == 0 then x[1] else 0.5*s[t - 1] + sin(x[2]*t) + a*x[3]/x[4]\n"
    "minimize s[6]^2 + besselj(1, x[1]) + exp(sum(x)/10)\n"
    "output g = s[3]*x[2]\n",
};
enum { MODELS = sizeof models / sizeof *models, MOST = 64 };

static const struct gradc_compile_options all = {
    .value = true, .gradient = true, .hessian = true, .hessian_times = true, .jacobian = true};

struct subject {
    struct gradc_model *model;
    struct gradc_compiled *compiled;
    struct gradc_evaluator *evaluator;
    size_t n;
    double x[MOST];
};

static void begin(struct subject *s, const char *text, const struct gradc_compile_options *options) {
    s->model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert_not(gradc_has_errors(s->model));
    s->compiled = gradc_compile(s->model, options);
    cr_assert_not_null(s->compiled);
    s->evaluator = gradc_evaluator_new(s->model, &(struct gradc_evaluator_options){.native = true});
    s->n = gradc_dimension(s->model);
    memcpy(s->x, gradc_start(s->model), s->n * sizeof *s->x);
}

static void end(struct subject *s) {
    gradc_evaluator_free(s->evaluator);
    gradc_compiled_free(s->compiled);
    gradc_free(s->model);
}

static void same_numbers(const double *a, const double *b, size_t count, const char *what) {
    cr_assert_eq(memcmp(a, b, count * sizeof *a), 0, "%s differs", what);
}

static void same_matrices(const struct gradc_matrix *a, const struct gradc_matrix *b, const char *what) {
    cr_assert_eq(a->count, b->count, "%s", what);
    cr_assert_gt(a->count, 0);
    same_numbers(a->values, b->values, a->count, what);
}

static void compare(const struct subject *s, struct gradc_workspace *w) {
    double value, known, gradient[MOST], expected[MOST], direction[MOST];
    struct gradc_matrix matrix, other;
    gradc_evaluate(s->evaluator, s->x, &known, expected);
    cr_assert_eq(gradc_call(w, s->x, &value, gradient), GRADC_DONE);
    same_numbers(&value, &known, 1, "the value beside the gradient");
    same_numbers(gradient, expected, s->n, "the gradient");
    gradc_evaluate(s->evaluator, s->x, &known, NULL);
    cr_assert_eq(gradc_call(w, s->x, &value, NULL), GRADC_DONE);
    same_numbers(&value, &known, 1, "the value");
    gradc_hessian(s->evaluator, s->x, &other);
    cr_assert_eq(gradc_call_hessian(w, s->x, &matrix), GRADC_DONE);
    same_matrices(&matrix, &other, "the Hessian");
    for (size_t k = 0; k < s->n; k++) direction[k] = 1.0 / (double)(k + 1);
    gradc_hessian_times(s->evaluator, s->x, direction, expected);
    cr_assert_eq(gradc_call_hessian_times(w, s->x, direction, gradient), GRADC_DONE);
    same_numbers(gradient, expected, s->n, "the product");
    gradc_evaluate_arrays(s->evaluator, GRADC_OUTPUTS, s->x);
    cr_assert_eq(gradc_call_arrays(w, GRADC_OUTPUTS, s->x, gradient), GRADC_DONE);
    same_numbers(gradient, gradc_values(s->evaluator, GRADC_OUTPUTS, 0),
                 gradc_array_at(s->model, GRADC_OUTPUTS, 0).count, "the outputs");
    gradc_jacobian(s->evaluator, GRADC_OUTPUTS, s->x, &other);
    cr_assert_eq(gradc_call_jacobian(w, GRADC_OUTPUTS, s->x, &matrix), GRADC_DONE);
    same_matrices(&matrix, &other, "the Jacobian");
}

Test(compile, has_the_bits_of_an_evaluator) {
    for (size_t m = 0; m < MODELS; m++) {
        struct subject s;
        begin(&s, models[m], &all);
        struct gradc_workspace *first = gradc_workspace_new(s.compiled),
                               *second = gradc_workspace_new(s.compiled);
        compare(&s, first);
        s.x[0] += 0.125;
        compare(&s, second);
        compare(&s, first);
        gradc_workspace_free(first);
        gradc_workspace_free(second);
        end(&s);
    }
}

Test(compile, keeps_what_one_workspace_has_from_another) {
    struct subject s;
    struct gradc_matrix kept, other;
    double before[400];
    begin(&s, models[0], &all);
    struct gradc_workspace *first = gradc_workspace_new(s.compiled),
                           *second = gradc_workspace_new(s.compiled);
    gradc_call_hessian(first, s.x, &kept);
    cr_assert_leq(kept.count, 400);
    memcpy(before, kept.values, kept.count * sizeof *before);
    s.x[3] = 7;
    gradc_call_hessian(second, s.x, &other);
    same_numbers(before, kept.values, kept.count, "the Hessian of the first workspace");
    cr_assert_neq(memcmp(before, other.values, kept.count * sizeof *before), 0);
    gradc_workspace_free(first);
    gradc_workspace_free(second);
    end(&s);
}

Test(compile, refuses_what_was_not_compiled) {
    struct subject s;
    struct gradc_matrix matrix;
    double value, gradient[MOST];
    begin(&s, models[0], NULL);
    struct gradc_workspace *w = gradc_workspace_new(s.compiled);
    cr_assert_eq(gradc_call(w, s.x, &value, gradient), GRADC_DONE);
    cr_assert_eq(gradc_call_hessian(w, s.x, &matrix), GRADC_REFUSED);
    cr_assert_eq(gradc_call_hessian_times(w, s.x, s.x, gradient), GRADC_REFUSED);
    cr_assert_eq(gradc_call_arrays(w, GRADC_OUTPUTS, s.x, gradient), GRADC_REFUSED);
    cr_assert_eq(gradc_call_jacobian(w, GRADC_OUTPUTS, s.x, &matrix), GRADC_REFUSED);
    gradc_workspace_free(w);
    end(&s);
}

Test(compile, needs_an_objective) {
    const char *text = "var x = 1\noutput g = x^2\n";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert_null(gradc_compile(model, NULL));
    cr_assert_str_eq(gradc_diagnostic_at(model, 0).code, "no-objective");
    gradc_free(model);
}

/* ---- Params ---- */

Test(params, follow_in_evaluators_and_compiled_functions) {
    const char *text = "param a = 2, b = 3*a, c[3] = [1, 2, 3]\nvar x in [0, a] = b - 5\n"
                       "minimize a*x^2 + b*x + sum(c)\n";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    struct gradc_compiled *compiled = gradc_compile(model, NULL);
    struct gradc_workspace *w = gradc_workspace_new(compiled);
    double x = 2, a = 4, c[3] = {5, 6, 7}, b, value, called;
    gradc_evaluate(e, &x, &value, NULL);
    cr_assert_eq(value, 2 * 4 + 6 * 2 + 6);
    cr_assert(gradc_set_param(model, "a", &a, 1));
    cr_assert(gradc_param_values(model, gradc_find(model, GRADC_PARAMS, "b"), &b));
    cr_assert_eq(b, 12);
    cr_assert_eq(*gradc_start(model), 4); /* 12 - 5, moved to the bound a */
    cr_assert_eq(*gradc_upper(model), 4);
    cr_assert(gradc_set_param(model, "c", c, 3));
    gradc_evaluate(e, &x, &value, NULL);
    gradc_call(w, &x, &called, NULL);
    cr_assert_eq(value, 4 * 4 + 12 * 2 + 18);
    cr_assert_eq(called, value);
    gradc_workspace_free(w);
    gradc_compiled_free(compiled);
    gradc_evaluator_free(e);
    gradc_free(model);
}

static void refuse(const char *name, const double *values, size_t count, const char *code) {
    const char *text =
        "param n = 2, a = 1, h = 1\nvar x[n] in [a, 10] = 3\nminimize sum(x[i]^a for i in 1..n)/h\n";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    double a, h = 2;
    cr_assert_not(gradc_set_param(model, name, values, count));
    cr_assert_str_eq(gradc_diagnostic_at(model, gradc_diagnostic_count(model) - 1).code, code);
    cr_assert(gradc_set_param(model, "h", &h, 1)); /* nothing is left of what was refused */
    gradc_param_values(model, 1, &a);
    cr_assert_eq(a, 1);
    cr_assert_eq(gradc_lower(model)[1], 1);
    gradc_free(model);
}

Test(params, refuses_what_would_not_load) {
    refuse("n", (double[]){3}, 1, "whole-param");
    refuse("b", (double[]){3}, 1, "unknown-param");
    refuse("a", (double[]){3, 4}, 2, "shape-mismatch");
    refuse("a", (double[]){11}, 1, "crossed-bounds");
}

Test(params, are_told_as_they_are) {
    const char *text = "param n = 2, w[n] = [0.5, 0.25]\nvar x\nminimize x^2*sum(w[i] for i in 1..n)\n";
    struct gradc_load_options options = {.params = &(struct gradc_param_value){"n", (double[]){2}, 1},
                                         .param_count = 1};
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), &options);
    double n, w[2];
    cr_assert(gradc_param_values(model, 0, &n));
    cr_assert(gradc_param_values(model, 1, w));
    cr_assert(n == 2 && w[0] == 0.5 && w[1] == 0.25);
    gradc_free(model);
}

/* ---- Tables in memory ---- */

Test(tables, may_stand_in_memory) {
    const char *text = "data obs from \"nowhere.csv\"\nvar a = 1\nfit y ~ a*t over obs\n";
    const double cells[] = {1, 2, 2, 4, 3, 6};
    const char *const names[] = {"t", "y"};
    struct gradc_table_values numbers = {"obs", 3, 2, names, cells};
    struct gradc_load_options options = {.numbers = &numbers, .number_count = 1};
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), &options);
    cr_assert_not(gradc_has_errors(model));
    struct gradc_table table = gradc_table_at(model, 0);
    cr_assert_eq(gradc_table_count(model), 1);
    cr_assert(table.rows == 3 && table.columns == 2 && !table.path);
    cr_assert_str_eq(table.name, "obs");
    cr_assert_str_eq(table.column_names[1], "y");
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    double a = 1, value;
    gradc_evaluate(e, &a, &value, NULL);
    cr_assert_eq(value, 1 + 4 + 9);
    gradc_evaluator_free(e);
    gradc_free(model);
}

Test(tables, in_memory_are_checked) {
    const char *text = "data obs from \"nowhere.csv\" columns (t, y)\nvar a = 1\nfit y ~ a*t over obs\n";
    const double cells[] = {1, 2, 2, 0.0 / 0.0};
    struct gradc_table_values numbers = {"obs", 2, 2, NULL, cells}, narrow = {"obs", 4, 1, NULL, cells},
                              other = {"obj", 2, 2, NULL, cells};
    const struct gradc_table_values *wrong[] = {&numbers, &narrow, &other};
    const char *const codes[] = {"cell-not-a-number", "column-count", "unknown-table"};
    for (size_t k = 0; k < 3; k++) {
        struct gradc_load_options options = {.numbers = wrong[k], .number_count = 1};
        struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), &options);
        bool told = false;
        for (size_t d = 0; d < gradc_diagnostic_count(model); d++)
            told |= strcmp(gradc_diagnostic_at(model, d).code, codes[k]) == 0;
        cr_assert(told, "%s", codes[k]);
        gradc_free(model);
    }
}
