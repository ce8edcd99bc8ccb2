/* Hessians and Jacobians of whole files: entries against products with unit vectors, and identities that hold
 * whatever the function. */
#include <criterion/criterion.h>
#include <glob.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNKNOWNS = 130 };

struct opened {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    size_t n;
    double *x;
};

static void begin(struct opened *o, struct gradc_model *model, const char *name) {
    struct gradc_evaluator_options options = {.evaluations = 1};
    cr_assert(model && !gradc_has_errors(model), "%s does not load", name);
    o->model = model;
    o->evaluator = gradc_evaluator_new(model, &options);
    cr_assert_not_null(o->evaluator);
    o->n = gradc_dimension(model);
    o->x = calloc(o->n + 1, sizeof *o->x);
    memcpy(o->x, gradc_start(model), o->n * sizeof *o->x);
}

static void open_file(struct opened *o, const char *path) {
    struct gradc_load_options options = {0};
    begin(o, gradc_load_file(path, &options), path);
}

static void open_text(struct opened *o, const char *text) {
    struct gradc_load_options options = {0};
    begin(o, gradc_load_text("text", ".", text, strlen(text), &options), text);
}

static void close_model(struct opened *o) {
    gradc_evaluator_free(o->evaluator);
    gradc_free(o->model);
    free(o->x);
}

static bool is_close(double a, double b, double scale, double tolerance) {
    return fabs(a - b) <= tolerance * (scale + fabs(a) + fabs(b));
}

/* A row of a symmetric matrix of which the lower triangle is given. */
static double entry(const struct gradc_matrix *m, size_t row, size_t column) {
    if (row < column) return entry(m, column, row);
    for (size_t k = m->starts[row]; k < m->starts[row + 1]; k++)
        if (m->column[k] == column) return m->values[k];
    return 0;
}

static double largest(const struct gradc_matrix *m) {
    double most = 0;
    for (size_t k = 0; k < m->count; k++) most = fmax(most, fabs(m->values[k]));
    return most;
}

static void check_order(const struct gradc_matrix *m, const char *name) {
    for (size_t row = 0; row < m->rows; row++)
        for (size_t k = m->starts[row] + 1; k < m->starts[row + 1]; k++)
            cr_assert_lt(m->column[k - 1], m->column[k], "%s: row %zu is not sorted", name, row);
}

static void check_columns(struct opened *o, const char *name) {
    struct gradc_matrix h;
    if (gradc_hessian(o->evaluator, o->x, &h) != GRADC_DONE) return;
    double *unit = calloc(o->n, sizeof *unit), *column = calloc(o->n, sizeof *column), scale = largest(&h);
    check_order(&h, name);
    for (size_t j = 0; j < o->n; j++) {
        unit[j] = 1;
        cr_assert_eq(gradc_hessian_times(o->evaluator, o->x, unit, column), GRADC_DONE, "%s", name);
        unit[j] = 0;
        for (size_t i = 0; i < o->n; i++)
            cr_expect(is_close(entry(&h, i, j), column[i], scale, 1e-12),
                      "%s: (%zu, %zu) is %.17g, by a product %.17g", name, i, j, entry(&h, i, j), column[i]);
    }
    free(unit);
    free(column);
}

static size_t check_files(const char *pattern) {
    glob_t found;
    size_t checked = 0;
    if (glob(pattern, 0, NULL, &found) != 0) return 0;
    for (size_t k = 0; k < found.gl_pathc; k++) {
        struct opened o;
        open_file(&o, found.gl_pathv[k]);
        if (o.n > 0 && o.n <= MOST_UNKNOWNS && gradc_has_objective(o.model)) {
            check_columns(&o, found.gl_pathv[k]);
            checked++;
        }
        close_model(&o);
    }
    globfree(&found);
    return checked;
}

Test(api_hessian, entries_are_those_of_products, .timeout = 250) {
    cr_expect_geq(check_files(GRADC_SOURCE_DIR "/tests/mgh/*.grad"), 40);
    cr_expect_geq(check_files(GRADC_SOURCE_DIR "/tests/models/*.grad"), 9);
    cr_expect_geq(check_files(GRADC_SOURCE_DIR "/tests/nist/*.grad"), 25);
    cr_expect_geq(check_files(GRADC_SOURCE_DIR "/examples/*.grad"), 7);
}

/* ---- Patterns ---- */

static void expect_pattern(const char *text, size_t count, size_t most_products) {
    struct opened o;
    struct gradc_matrix h;
    open_text(&o, text);
    cr_assert_leq(gradc_hessian(o.evaluator, o.x, &h), GRADC_UNDEFINED);
    cr_expect_eq(h.count, count, "%s: %zu entries", text, h.count);
    cr_expect_leq(h.products, most_products, "%s: %zu products", text, h.products);
    close_model(&o);
}

Test(api_hessian, patterns_are_exact) {
    /* An arrow, a band, blocks; each by elements, through let arrays that are written out too, and by
     * products. */
    expect_pattern("param n = 50; var x[n]; minimize sum(x[1]*x[i]^2 + x[i]^4 for i in 1..n)", 99, 0);
    expect_pattern(
        "param n = 50; var x[n]; let y[i in 1..n] = x[i]^2; minimize sum(x[1]*y[i] + y[i]^2 for i in 1..n)",
        99, 0);
    expect_pattern("param n = 50; var x[n]; minimize sum((x[i+1] - x[i]^2)^2 for i in 1..n-1)", 98 + 1, 0);
    expect_pattern(
        "param n = 50; var x[n]; let y[i in 1..n] = x[i]^2; minimize sum((x[i+1] - y[i])^2 for i in 1..n-1)",
        99, 0);
    expect_pattern("param n = 4; var x[n, 3]; let s[i in 1..n] = sum(x[i, j] for j in 1..3); "
                   "minimize sum(exp(s[i]) for i in 1..n)",
                   4 * 6, 0);
    expect_pattern("var x[5, 3]; minimize sum(exp(sum(x[i, j] for j in 1..3)) for i in 1..5)", 5 * 6, 3);
    expect_pattern("var x, y, z; minimize x*y + 3*z", 1, 0);
    expect_pattern("var x, y; minimize x + y", 0, 0);
}

static void expect_jacobian(const char *text, size_t count, size_t most_products) {
    struct opened o;
    struct gradc_matrix j;
    open_text(&o, text);
    cr_assert_eq(gradc_jacobian(o.evaluator, GRADC_OUTPUTS, o.x, &j), GRADC_DONE, "%s", text);
    cr_expect_eq(j.count, count, "%s: %zu entries", text, j.count);
    cr_expect_leq(j.products, most_products, "%s: %zu products", text, j.products);
    check_order(&j, text);
    double *unit = calloc(o.n, sizeof *unit), *column = calloc(j.rows, sizeof *column);
    for (size_t k = 0; k < o.n; k++) {
        unit[k] = 1;
        cr_assert_eq(gradc_jacobian_times(o.evaluator, GRADC_OUTPUTS, o.x, unit, column), GRADC_DONE);
        unit[k] = 0;
        for (size_t row = 0; row < j.rows; row++)
            for (size_t e = j.starts[row]; e < j.starts[row + 1]; e++)
                if (j.column[e] == k)
                    cr_expect(is_close(j.values[e], column[row], 1, 1e-13), "%s: (%zu, %zu)", text, row, k);
    }
    free(unit);
    free(column);
    close_model(&o);
}

Test(api_hessian, jacobians_come_from_their_elements) {
    /* Through let arrays at other places, and short sums of local parts; a recurrence has products. */
    expect_jacobian("param n = 9; var x[i in 1..n] = i/4; let y[i in 1..n] = sin(x[i])\n"
                    "output g[i in 2..n] = y[i]*y[i - 1] + x[1]",
                    8 * 3 - 1, 0);
    expect_jacobian(
        "param n = 5; var x[i in 1..n, j in 1..3] = i - j/2; let d[i in 1..n] = sum(x[i, j]^2 for j in "
        "1..3)\n"
        "output g[i in 1..n] = exp(-d[i]) + sum(x[i, j] for j in 1..2 by 1)*d[n + 1 - i]; output h = d[1]",
        4 * 6 + 3 + 3, 0);
    expect_jacobian("param n = 5; var x[i in 1..n] = i/3; let y[i in 1..n] = if i == 1 then x[1] else "
                    "sin(y[i - 1]) + x[i]\n"
                    "output g[i in 1..n] = y[i]^2",
                    15, 5);
}

/* ---- Identities ---- */

/* Euler: of a function of degree d, x.g = d*f and H*x = (d - 1)*g. */
Test(api_hessian, homogeneous_functions_obey_euler) {
    static const struct {
        const char *text;
        double degree;
    } all[] = {{"param n = 6; var x[i in 1..n] = 0.5 + i/7; minimize sum(x[i]^2*x[i+1] for i in 1..n-1)", 3},
               {"param n = 6; var x[i in 1..n] = 0.5 + i/7; minimize norm(x) + hypot(x[1], x[2])", 1},
               {"param n = 6; var x[i in 1..n] = 0.5 + i/7; minimize prod(x[i] for i in 1..n)", 6},
               {"param n = 6; var x[i in 1..n] = 0.5 + i/7; let s[i in 1..n] = if i == 1 then x[1] else "
                "sqrt(s[i-1]*x[i]); minimize s[n]^4",
                4},
               {"param n = 6; var x[i in 1..n] = 0.5 + i/7; minimize sum(x[i]^2/x[1] for i in 2..n)", 1}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        struct opened o;
        double f, g[6], hx[6], sum = 0;
        open_text(&o, all[k].text);
        cr_assert_eq(gradc_evaluate(o.evaluator, o.x, &f, g), GRADC_DONE);
        cr_assert_eq(gradc_hessian_times(o.evaluator, o.x, o.x, hx), GRADC_DONE);
        for (size_t i = 0; i < 6; i++) sum += o.x[i] * g[i];
        cr_expect(is_close(sum, all[k].degree * f, 0, 1e-14), "%s", all[k].text);
        for (size_t i = 0; i < 6; i++)
            cr_expect(is_close(hx[i], (all[k].degree - 1) * g[i], fabs(g[i]), 1e-12), "%s: %zu", all[k].text,
                      i);
        close_model(&o);
    }
}

/* The rows of the Jacobian times a direction are what the product says; and forward and reverse agree:
 * w.(J*v) is (J'*w).v, for f = w.r has the gradient J'*w. */
Test(api_hessian, forward_and_reverse_products_agree) {
    static const char text[] =
        "param n = 7; var x[i in 1..n] = sin(i); param w[i in 1..n-1] = cos(3*i)\n"
        "let r[i in 1..n-1] = exp(x[i]*x[i+1]) + (if x[i] > 0 then x[i]^2 else sin(x[i+1]))\n"
        "output q[i in 1..n-1] = r[i]\nminimize sum(w[i]*r[i] for i in 1..n-1)";
    struct opened o;
    struct gradc_matrix j;
    double f, g[7], v[7], jv[6], forward = 0, reverse = 0;
    open_text(&o, text);
    for (int i = 0; i < 7; i++) v[i] = 1.0 / (i + 1);
    cr_assert_eq(gradc_evaluate(o.evaluator, o.x, &f, g), GRADC_DONE);
    cr_assert_eq(gradc_jacobian(o.evaluator, GRADC_OUTPUTS, o.x, &j), GRADC_DONE);
    cr_assert_eq(gradc_jacobian_times(o.evaluator, GRADC_OUTPUTS, o.x, v, jv), GRADC_DONE);
    for (size_t i = 0; i < 6; i++) {
        double sum = 0;
        for (size_t k = j.starts[i]; k < j.starts[i + 1]; k++) sum += j.values[k] * v[j.column[k]];
        cr_expect(is_close(sum, jv[i], 0, 1e-14));
        forward += cos(3.0 * (double)(i + 1)) * jv[i];
    }
    double weights[6], wj[7];
    for (size_t i = 0; i < 6; i++) weights[i] = cos(3.0 * (double)(i + 1));
    cr_assert_eq(gradc_times_jacobian(o.evaluator, GRADC_OUTPUTS, o.x, weights, wj), GRADC_DONE);
    for (size_t i = 0; i < 7; i++) cr_expect(is_close(wj[i], g[i], 0, 1e-14), "%zu: %g, %g", i, wj[i], g[i]);
    for (size_t i = 0; i < 7; i++) reverse += g[i] * v[i];
    cr_expect(is_close(forward, reverse, 0, 1e-13));
    close_model(&o);
}

Test(api_hessian, without_an_objective_it_is_refused) {
    struct opened o;
    struct gradc_matrix h;
    double value, gradient[3];
    open_text(&o, "param n = 3; var x[i in 1..n] = i; output g[i in 1..n] = x[i]^2");
    cr_expect_eq(gradc_evaluate(o.evaluator, o.x, &value, NULL), GRADC_REFUSED);
    cr_expect_eq(gradc_evaluate(o.evaluator, o.x, &value, gradient), GRADC_REFUSED);
    cr_expect_eq(gradc_evaluate_batch(o.evaluator, 1, o.x, &value, gradient), GRADC_REFUSED);
    cr_expect_eq(gradc_hessian(o.evaluator, o.x, &h), GRADC_REFUSED);
    cr_expect_eq(gradc_hessian_times(o.evaluator, o.x, o.x, gradient), GRADC_REFUSED);
    cr_expect_not(gradc_has_errors(o.model));
    cr_expect_eq(gradc_jacobian(o.evaluator, GRADC_OUTPUTS, o.x, &h), GRADC_DONE);
    close_model(&o);
}
