/* Hessians and Jacobians whose elements are computed some rows at a time: against the same matrices in the
 * order of the program, at two points, and from workspaces. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/elements.h"
#include "api/handle.h"

/* Grids with edges, conditions, loops of different lengths, places that come from params, and a start that
 * is no multiple of any window. */
static const char *const models[] = {
    "param n = 110; var z[i in 0..n, j in 0..n] = ((i*(n + 1) + j + 1)*7919 % 65537)/65537\n"
    "minimize sum(sqrt(1 + ((n*(z[i, j] - z[i - 1, j - 1]))^2 + (n*(z[i - 1, j] - z[i, j - 1]))^2)/2)\n"
    "             for i in 1..n, j in 1..n)/n^2",
    "param n = 150, m = 97; var z[i in 1..n, j in 1..m] = sin(i + 2*j)\n"
    "minimize sum(if z[i, j] > 0 then exp(z[i, j]*z[i + 1, j]) else z[i + 1, j]^4 for i in 1..n - 1, j in "
    "1..m)\n"
    "    + sum(cos(z[1, j]*z[n, j]) + z[n, j]^3 for j in 1..m) + sum((z[i, 1] - z[i, 2])^4 for i in 3..n - "
    "5)\n"
    "    + sum(z[i, j]^2*z[i, j + 1]^2 for i in 1..n, j in 1..m - 1 if (i + j) % 3 == 0)",
    "param n = 20011; param k[i in 1..n] = 1 + i*4099 % n; var x[i in 1..n] = i/n\n"
    "minimize sum((x[i] - x[k[i]]^2)^2 + x[i]*x[1 + i % n]^3 for i in 1..n)\n"
    "output g[i in 1..n - 1] = x[i]*x[k[i]] + exp(x[i + 1])*x[1 + i % 7]",
};
enum { MODELS = sizeof models / sizeof *models };

static struct gradc_model *load(const char *text) {
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert_not(gradc_has_errors(model));
    return model;
}

static void expect_close(const struct gradc_matrix *a, const struct gradc_matrix *b, const char *model) {
    double scale = 0;
    cr_assert_eq(a->count, b->count);
    cr_assert_gt(a->count, 0);
    for (size_t k = 0; k < a->count; k++) scale = fmax(scale, fabs(b->values[k]));
    for (size_t k = 0; k < a->count; k++)
        cr_assert_leq(fabs(a->values[k] - b->values[k]), 1e-13 * (scale + fabs(b->values[k])),
                      "%s: entry %zu is %.17g, not %.17g", model, k, a->values[k], b->values[k]);
}

static void compare(struct gradc_evaluator *some, struct gradc_evaluator *whole, const double *x,
                    const char *text) {
    struct gradc_matrix a, b;
    cr_assert_eq(gradc_hessian(some, x, &a), GRADC_DONE);
    cr_assert_eq(gradc_hessian(whole, x, &b), GRADC_DONE);
    cr_expect_gt(some->elements->window, 0, "%s: all at once", text);
    cr_expect_eq(whole->elements->window, 0);
    expect_close(&a, &b, text);
    if (gradc_count(some->owner, GRADC_OUTPUTS) == 0) return;
    cr_assert_eq(gradc_jacobian(some, GRADC_OUTPUTS, x, &a), GRADC_DONE);
    cr_assert_eq(gradc_jacobian(whole, GRADC_OUTPUTS, x, &b), GRADC_DONE);
    cr_expect_gt(some->jacobian_elements[GRADC_OUTPUTS].window, 0);
    expect_close(&a, &b, text);
}

Test(window, matrices_are_those_of_all_elements_at_once) {
    for (size_t m = 0; m < MODELS; m++) {
        struct gradc_model *model = load(models[m]);
        struct gradc_evaluator_options options = {.native = true}, strict = options;
        strict.arithmetic = GRADC_STRICT;
        struct gradc_evaluator *some = gradc_evaluator_new(model, &options),
                               *whole = gradc_evaluator_new(model, &strict);
        size_t n = gradc_dimension(model);
        double *x = malloc(n * sizeof *x);
        memcpy(x, gradc_start(model), n * sizeof *x);
        for (int times = 0; times < 2; times++) {
            compare(some, whole, x, models[m]);
            for (size_t i = 0; i < n; i++) x[i] = 0.75 * x[i] - 0.125;
        }
        free(x);
        gradc_evaluator_free(some);
        gradc_evaluator_free(whole);
        gradc_free(model);
    }
}

/* Outputs over one range fill blocks of rows: of equal sizes, of others, with rows between that others fill,
 * and of two dimensions. */
static const char *const outputs[] = {
    "param n = 1200; var x[i in 1..n + 1] = 1 + sin(i)\n"
    "output g[i in 1..n] = x[i]*x[i + 1]; output h[i in 1..n] = exp(x[i])/x[i + 1]^2; output k[i in 1..n] = "
    "x[i] - "
    "cos(x[i + 1])",
    "param n = 1200; var x[i in 1..n + 1] = 1 + sin(i)\n"
    "output g[i in 1..n] = x[i]*x[i + 1]; output h[i in 2..n - 1] = x[i - 1]*x[i]^2",
    "param n = 1200; var x[i in 1..n + 1] = 1 + sin(i)\n"
    "output g[i in 1..n] = x[i]*x[i + 1]; output h[i in 1..2*n] = if i <= n then x[i]^2*x[i + 1] else x[i - "
    "n]",
    "param n = 90; var x[i in 1..n, j in 1..n] = 1 + sin(i*j)\n"
    "output g[i in 1..n - 1, j in 1..n] = x[i, j]*x[i + 1, j]; output h[i in 1..n - 1, j in 1..n] = "
    "sqrt(x[i, j] + x[i + 1, j]^2)",
    "var x = 2, y = 3; output g = x*y; output h = x^2*y",
};

static void multiply(const struct gradc_matrix *m, const double *vector, double *result) {
    for (size_t row = 0; row < m->rows; row++) {
        result[row] = 0;
        for (size_t k = m->starts[row]; k < m->starts[row + 1]; k++)
            result[row] += m->values[k] * vector[m->column[k]];
    }
}

Test(window, outputs_in_blocks_have_the_products_of_their_jacobian) {
    for (size_t m = 0; m < sizeof outputs / sizeof *outputs; m++) {
        struct gradc_model *model = load(outputs[m]);
        struct gradc_evaluator *e =
            gradc_evaluator_new(model, &(struct gradc_evaluator_options){.native = true});
        struct gradc_matrix j;
        cr_assert_eq(gradc_jacobian(e, GRADC_OUTPUTS, gradc_start(model), &j), GRADC_DONE);
        double *direction = calloc(j.columns + 1, sizeof *direction),
               *found = calloc(j.rows + 1, sizeof *found), *expected = calloc(j.rows + 1, sizeof *expected);
        for (size_t i = 0; i < j.columns; i++) direction[i] = cos((double)(7 * i));
        multiply(&j, direction, found);
        cr_assert_eq(gradc_jacobian_times(e, GRADC_OUTPUTS, gradc_start(model), direction, expected),
                     GRADC_DONE);
        for (size_t i = 0; i < j.rows; i++)
            cr_assert_leq(fabs(found[i] - expected[i]), 1e-12 * (1 + fabs(expected[i])), "%s: row %zu",
                          outputs[m], i);
        free(direction);
        free(found);
        free(expected);
        gradc_evaluator_free(e);
        gradc_free(model);
    }
}

Test(window, workspaces_have_windows_of_their_own) {
    struct gradc_model *model = load(models[0]);
    struct gradc_compiled *compiled = gradc_compile(model, &(struct gradc_compile_options){.hessian = true});
    struct gradc_workspace *first = gradc_workspace_new(compiled), *second = gradc_workspace_new(compiled);
    struct gradc_evaluator *e = gradc_evaluator_new(model, &(struct gradc_evaluator_options){.native = true});
    struct gradc_matrix a, b, c;
    const double *x = gradc_start(model);
    cr_assert_eq(gradc_hessian(e, x, &a), GRADC_DONE);
    cr_assert_eq(gradc_call_hessian(first, x, &b), GRADC_DONE);
    cr_assert_eq(gradc_call_hessian(second, x, &c), GRADC_DONE);
    cr_expect_eq(memcmp(a.values, b.values, a.count * sizeof *a.values), 0);
    cr_expect_eq(memcmp(a.values, c.values, a.count * sizeof *a.values), 0);
    gradc_workspace_free(first);
    gradc_workspace_free(second);
    gradc_compiled_free(compiled);
    gradc_evaluator_free(e);
    gradc_free(model);
}

/* Not finite where one unknown is not; finite where every other one is `size`. */
static void expect_undefined(const char *text, double size) {
    struct gradc_model *model = load(text);
    struct gradc_evaluator *e = gradc_evaluator_new(model, &(struct gradc_evaluator_options){.native = true});
    size_t n = gradc_dimension(model);
    double *x = malloc(n * sizeof *x);
    struct gradc_matrix h;
    memcpy(x, gradc_start(model), n * sizeof *x);
    x[n / 2] = NAN;
    cr_expect_eq(gradc_hessian(e, x, &h), GRADC_UNDEFINED, "%s", text);
    x[n / 2] = 0.5;
    cr_expect_eq(gradc_hessian(e, x, &h), GRADC_DONE, "%s", text);
    for (size_t i = 0; i < n; i++) x[i] = size * (double)(i % 2);
    cr_expect_eq(gradc_hessian(e, x, &h), GRADC_DONE, "%s: large, but finite", text);
    free(x);
    gradc_evaluator_free(e);
    gradc_free(model);
}

Test(window, what_is_undefined_is_told) {
    expect_undefined(models[0], 1e140);
    /* Where the entries stand at equal distances their sum is formed with them, and may overflow. */
    expect_undefined("param n = 3001; var x[i in 1..n] = i/n\n"
                     "minimize sum(100*(x[i + 1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1..n - 1)",
                     1e152);
}
