#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Constraints with labels and without, families with filters, steps and moving bounds, arrays of lets
 * between, objectives that are sums, extrema, least squares. */
static const char *const files[] = {
    "var x = 0.3, y = -0.7\nminimize x^2*y + exp(x)\nsubject to a: x*y <= 1\nsubject to sin(x + y) == 0\n",
    "param n = 6\nvar x[i in 1..n] = i/n\nminimize sum(x[i]^4 for i in 1..n)\n"
    "subject to c: x[i]*x[i - 1]^2 >= 0.1 for i in 2..n\nsubject to d: exp(x[i]) <= 2 for i in 1..n if i % 2 "
    "== 0\n"
    "subject to 0 <= sum(x[i]*x[i + 1] for i in 1..n - 1) <= 3\n",
    "param n = 4\nvar x[i in 1..n] = i/n, y = 2\nlet s[i in 1..n] = x[i]^2*y\nmaximize min(y^2*s[1], 50 - "
    "y)\n"
    "subject to c: s[i]*s[j] <= 1 for i in 1..n, j in 1..i\n",
    "var a = 0.5, b = 2\nresidual a*b - 1\nresidual exp(a) - b\nsubject to l: log(a)*b^3 <= 4\n",
    "var x = 0.4, y = 0.2\nminimize max(x^2*y, y^3)\nsubject to x*y^2 == 1\n",
    "param n = 5\nvar u[i in 1..n] = 0.1*i\nlet s[t in 0..n] = if t == 0 then 1 else s[t - 1] + 0.1*sin(s[t "
    "- 1]*u[t])\n"
    "minimize sum(u[t]^2 for t in 1..n)\nsubject to end: s[n] >= 1.2\nsubject to path: s[t]^2 <= 3 for t in "
    "1..n\n",
};

struct trial {
    struct gradc_model *model;
    struct gradc_evaluator *e;
    size_t n, m;
    double *multipliers, *gradient, *sum;
    double factor;
};

static bool open_trial(struct trial *t, const char *text, bool native) {
    struct gradc_evaluator_options options = {
        .native = native, .interpret = !native, .arithmetic = GRADC_STRICT};
    t->model = gradc_load_text("text", ".", text, strlen(text), NULL);
    if (!t->model || gradc_has_errors(t->model)) return false;
    t->e = gradc_evaluator_new(t->model, &options);
    t->n = gradc_dimension(t->model);
    t->m = gradc_constraint_count(t->model);
    t->factor = 0.75;
    t->multipliers = calloc(t->m + 2 * t->n, sizeof(double));
    t->gradient = t->multipliers + t->m;
    t->sum = t->gradient + t->n;
    for (size_t k = 0; k < t->m; k++) t->multipliers[k] = 1.25 - 0.5 * (double)(k % 5);
    return true;
}

static void close_trial(struct trial *t) {
    free(t->multipliers);
    gradc_evaluator_free(t->e);
    gradc_free(t->model);
}

/* sum = factor*gradient + multipliers*Jacobian at a point. */
static void add_up(struct trial *t, const double *point) {
    double value;
    cr_assert_eq(gradc_evaluate(t->e, point, &value, t->gradient), GRADC_DONE);
    cr_assert_eq(gradc_times_jacobian(t->e, GRADC_CONSTRAINTS, point, t->multipliers, t->sum), GRADC_DONE);
    for (size_t j = 0; j < t->n; j++) t->sum[j] += t->factor * t->gradient[j];
}

static double entry(const struct gradc_matrix *h, size_t i, size_t j) {
    size_t row = i > j ? i : j, column = i > j ? j : i;
    for (size_t k = h->starts[row]; k < h->starts[row + 1]; k++)
        if (h->column[k] == column) return h->values[k];
    return 0;
}

static void compare(struct trial *t, const char *text) {
    static const double h = 1e-5;
    struct gradc_matrix lower;
    double point[32], before[32], difference;
    memcpy(point, gradc_start(t->model), t->n * sizeof *point);
    cr_assert_eq(gradc_lagrangian(t->e, point, t->factor, t->multipliers, &lower), GRADC_DONE);
    for (size_t j = 0; j < t->n; j++) {
        double x = point[j];
        point[j] = x - h;
        add_up(t, point);
        memcpy(before, t->sum, t->n * sizeof *before);
        point[j] = x + h;
        add_up(t, point);
        point[j] = x;
        for (size_t i = 0; i < t->n; i++) {
            difference = (t->sum[i] - before[i]) / (2 * h);
            cr_expect(fabs(difference - entry(&lower, i, j)) <= 1e-6 * fmax(1, fabs(difference)),
                      "row %zu, column %zu: %g instead of %g in\n%s", i, j, entry(&lower, i, j), difference,
                      text);
        }
    }
}

Test(lagrangian, its_hessian_is_that_of_all_its_parts) {
    for (size_t k = 0; k < sizeof files / sizeof *files; k++)
        for (int native = 0; native < 2; native++) {
            struct trial t;
            cr_assert(open_trial(&t, files[k], native), "%s", files[k]);
            compare(&t, files[k]);
            close_trial(&t);
        }
}

Test(lagrangian, one_program_serves_all_factors_and_multipliers) {
    struct trial t;
    struct gradc_matrix h;
    cr_assert(open_trial(&t, "var x = 2\nminimize x^3\nsubject to a: x^2 <= 5\nsubject to x^4 <= 9\n", true));
    const double *x = gradc_start(t.model), multipliers[][2] = {{0, 0}, {1, 0}, {0, -1}};
    const double expected[] = {12, 2, -48};
    for (size_t k = 0; k < 3; k++) {
        cr_assert_eq(gradc_lagrangian(t.e, x, k == 0 ? 1 : 0, multipliers[k], &h), GRADC_DONE);
        cr_expect(h.count == 1 && h.values[0] == expected[k]);
    }
    close_trial(&t);
}

Test(lagrangian, bounds_and_names_go_by_rows) {
    struct trial t;
    cr_assert(open_trial(&t,
                         "param n = 2\nvar x[n]\nminimize sum(x)\nsubject to a: x[i] <= i for i in 1..n\n"
                         "subject to x[1] == x[2]\nsubject to 1 <= x[1] + x[2] <= 4\n",
                         false));
    static const char *const names[] = {"a[1]", "a[2]", "constraint 2", "constraint 3"};
    static const double least[] = {-INFINITY, -INFINITY, 0, 1}, most[] = {1, 2, 0, 4};
    double lower[4], upper[4];
    cr_assert_eq(t.m, 4);
    cr_assert_eq(gradc_constraint_bounds(t.e, lower, upper), GRADC_DONE);
    for (size_t row = 0; row < 4; row++) {
        char *name = gradc_constraint_name(t.model, row);
        cr_expect_str_eq(name, names[row]);
        cr_expect(lower[row] <= least[row] && lower[row] >= least[row], "%s: %g", name, lower[row]);
        cr_expect(upper[row] <= most[row] && upper[row] >= most[row], "%s: %g", name, upper[row]);
        free(name);
    }
    cr_expect_null(gradc_constraint_name(t.model, 4));
    close_trial(&t);
}

/* At a saddle of the Lagrangian's Hessian the constraint decides. */
Test(lagrangian, the_kind_of_a_point_is_told_along_the_constraints) {
    static const struct {
        const char *text;
        double point[2], multiplier;
        enum gradc_critical_kind kind;
    } cases[] = {
        {"var x, y\nminimize x*y\nsubject to x - y == 0\n", {0, 0}, 0, GRADC_MINIMUM},
        {"var x, y\nminimize x*y\nsubject to x + y == 0\n", {0, 0}, 0, GRADC_MAXIMUM},
        {"var x, y\nminimize x^2 - y^2\nsubject to y <= 1\n", {0, 1}, -2, GRADC_MINIMUM},
        {"var x, y\nminimize x + y\nsubject to x^2 + y^2 <= 2\n", {-1, -1}, -0.5, GRADC_MINIMUM},
        {"var x, y\nmaximize x + y\nsubject to x^2 + y^2 <= 2\n", {1, 1}, 0.5, GRADC_MAXIMUM},
        {"var x, y\nminimize x + y\nsubject to x^2 + y^2 == 2\n", {1, 1}, 0.5, GRADC_MAXIMUM},
        {"var x, y\nminimize x^2 - y^2\nsubject to y <= 5\n", {0, 0}, 0, GRADC_SADDLE},
        {"var x, y\nminimize x + y\nsubject to x^2 + y^2 == 2\n", {1, 1}, 0.25, GRADC_NOT_CRITICAL},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct trial t;
        struct gradc_critical_point found;
        cr_assert(open_trial(&t, cases[k].text, false));
        cr_assert_eq(gradc_examine(t.e, cases[k].point, NULL, NULL, &cases[k].multiplier, &found),
                     GRADC_DONE);
        cr_expect_eq(found.kind, cases[k].kind, "%s: %s, %s", cases[k].text, gradc_critical_name(found.kind),
                     found.detail);
        gradc_critical_point_free(&found);
        close_trial(&t);
    }
}
