/* Many points in one call against single ones: the bits in strict arithmetic, the last digits with lanes; and
 * nothing depends on where in a batch a point stands. */
#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/batch.h"
#include "api/handle.h"

enum { POINTS = 150, MOST = 12 };

static const char *const models[] = {
    "var x, y, z\nminimize (x^2 + y - 11)^2 + (x + y^2 - 7)^2 + x*y*z",
    /* Functions. */
    "var x, y\nminimize exp(x*y) + sin(x)*cos(y) + log(2 + x^2) + besselj(1, y) + tanh(x) + x^2.5",
    /* What is not taken has no say: roots and logarithms of negative numbers, a division by 0. */
    "var x, y\nlet t = if y < 0.25 then 1/(y - 0.25) else y\n"
    "minimize (if x > 0 then sqrt(x)*log(x) else x^2/(1 - x)) + max(x, y) + abs(y) + t",
    /* Undefined at some points. */
    "var x, y\nminimize sqrt(x) + y^2",
    /* Unknowns in arrays, sums, whole params, and one that is not used. */
    "param n = 4, k = 3\nvar w[i in 1..n, j in 1..2], spare\n"
    "minimize sum((sum(w[i, j]*j for j in 1..2) - i)^k for i in 1..n) + sum(w[i, 1]*w[i - 1, 2] for i in "
    "2..n)",
    /* Arrays between unknowns and sums. */
    "param n = 6\nvar x[n]\nlet a[i in 1..n] = exp(-x[i]^2)\n"
    "minimize sum(a[i]*a[j]/(i + j) for i in 1..n, j in i..n) + logsumexp(x[i] for i in 1..n)",
    /* Recurrences and products. */
    "param T = 9\nvar a, b\nlet s[t in 0..T] = if t == 0 then a else 0.5*s[t - 1] + b*sin(s[t - 1])\n"
    "minimize s[T]^2 + sum(s[t] for t in 0..T) + prod(a + t*b for t in 1..T)",
    /* Data. */
    "param m = 40\nparam u[i in 1..m] = sin(i), v[i in 1..m] = cos(3*i)\nvar a, b\n"
    "minimize sum((a*exp(b*u[i]) - v[i])^2 for i in 1..m) + max(a*u[i] for i in 1..m)",
    /* An objective that is the same everywhere. */
    "var x\nminimize 3",
};
enum { MODELS = sizeof models / sizeof *models };

struct subject {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    size_t n;
    double points[POINTS * MOST];
};

static void begin(struct subject *s, const char *text, enum gradc_arithmetic arithmetic, unsigned lanes) {
    s->model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert_not(gradc_has_errors(s->model), "%s: %s", text, gradc_diagnostic_at(s->model, 0).message);
    s->evaluator = gradc_evaluator_new(
        s->model,
        &(struct gradc_evaluator_options){.native = true, .arithmetic = arithmetic, .lanes = lanes});
    s->n = gradc_dimension(s->model);
    cr_assert_leq(s->n, MOST);
    for (size_t k = 0; k < POINTS * s->n; k++) s->points[k] = 1.5 * sin((double)(k * k) + 1);
}

static void end(struct subject *s) {
    gradc_evaluator_free(s->evaluator);
    gradc_free(s->model);
}

/* Numbers that are equal, or both NaN, or differ by less than the bound, which may be 0: then bits count. */
static bool are_near(const double *a, const double *b, size_t count, double bound) {
    double scale = 1;
    if (bound == 0) return memcmp(a, b, count * sizeof *a) == 0;
    for (size_t k = 0; k < count; k++) scale = isfinite(b[k]) ? fmax(scale, fabs(b[k])) : scale;
    for (size_t k = 0; k < count; k++) {
        bool same = a[k] == b[k] || (isnan(a[k]) && isnan(b[k]));
        if (!same && !(fabs(a[k] - b[k]) <= bound * scale)) return false;
    }
    return true;
}

static void compare(struct subject *s, size_t count, double bound) {
    double values[POINTS], only_values[POINTS], gradients[POINTS * MOST], value, gradient[MOST];
    enum gradc_outcome worst = GRADC_DONE;
    enum gradc_outcome outcome = gradc_evaluate_batch(s->evaluator, count, s->points, values, gradients);
    gradc_evaluate_batch(s->evaluator, count, s->points, only_values, NULL);
    for (size_t p = 0; p < count; p++) {
        const double *point = s->points + p * s->n;
        enum gradc_outcome one = gradc_evaluate(s->evaluator, point, &value, gradient);
        if (one > worst) worst = one;
        cr_expect(are_near(&values[p], &value, 1, bound), "point %zu: value %a, not %a", p, values[p], value);
        cr_expect(are_near(gradients + p * s->n, gradient, s->n, bound), "point %zu: gradient", p);
        gradc_evaluate(s->evaluator, point, &value, NULL);
        cr_expect(are_near(&only_values[p], &value, 1, bound), "point %zu: value alone", p);
    }
    cr_expect_eq(outcome, worst);
    cr_expect(s->evaluator->batch->gradient.columns && s->evaluator->batch->value.columns, "one by one");
}

Test(batch, has_the_bits_of_single_calls_in_strict_arithmetic, .timeout = 200) {
    for (size_t m = 0; m < MODELS; m++) {
        struct subject s;
        begin(&s, models[m], GRADC_STRICT, 0);
        compare(&s, POINTS, 0);
        compare(&s, 1, 0);
        end(&s);
    }
}

Test(batch, differs_from_single_calls_by_last_digits_only, .timeout = 200) {
    for (size_t m = 0; m < MODELS; m++) {
        for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
            struct subject s;
            begin(&s, models[m], GRADC_LANES, lanes);
            compare(&s, POINTS, 1e-13);
            end(&s);
        }
        struct subject s;
        begin(&s, models[m], GRADC_FAST, 0);
        compare(&s, POINTS, 1e-13);
        end(&s);
    }
}

/* Each part of the batch, of every length, gives the bits of the whole. */
static void check_parts(struct subject *s) {
    double whole[POINTS], slopes[POINTS * MOST], values[POINTS], gradients[POINTS * MOST];
    gradc_evaluate_batch(s->evaluator, POINTS, s->points, whole, slopes);
    for (size_t count = 1; count <= 70; count++) {
        size_t first = (7 * count) % (POINTS - count);
        gradc_evaluate_batch(s->evaluator, count, s->points + first * s->n, values, gradients);
        cr_expect(are_near(values, whole + first, count, 0), "values of %zu points from %zu", count, first);
        cr_expect(are_near(gradients, slopes + first * s->n, count * s->n, 0),
                  "gradients of %zu points from %zu", count, first);
    }
}

Test(batch, does_not_depend_on_the_place_of_a_point, .timeout = 200) {
    for (size_t m = 0; m < MODELS; m++) {
        for (unsigned arithmetic = GRADC_LANES; arithmetic <= GRADC_FAST; arithmetic++) {
            struct subject s;
            begin(&s, models[m], arithmetic, 0);
            check_parts(&s);
            end(&s);
        }
    }
}

Test(batch, writes_gradients_over_points) {
    struct subject s;
    double values[POINTS], gradients[POINTS * MOST];
    begin(&s, models[0], GRADC_LANES, 0);
    gradc_evaluate_batch(s.evaluator, POINTS, s.points, values, gradients);
    gradc_evaluate_batch(s.evaluator, POINTS, s.points, values, s.points);
    cr_expect(are_near(s.points, gradients, POINTS * s.n, 0));
    end(&s);
}

Test(batch, follows_a_param) {
    struct subject s;
    double before[POINTS], values[POINTS], gradients[POINTS * MOST], value, three = 3;
    begin(&s, "param a = 2\nlet b = a^2\nvar x\nminimize b*x^2", GRADC_LANES, 0);
    gradc_evaluate_batch(s.evaluator, POINTS, s.points, before, gradients);
    cr_assert(gradc_set_param(s.model, "a", &three, 1));
    gradc_evaluate_batch(s.evaluator, POINTS, s.points, values, gradients);
    for (size_t p = 0; p < POINTS; p++) {
        gradc_evaluate(s.evaluator, s.points + p, &value, NULL);
        cr_expect_eq(values[p], value);
        cr_expect_neq(values[p], before[p]);
    }
    end(&s);
}

Test(batch, of_no_points_is_done) {
    struct subject s;
    begin(&s, models[0], GRADC_LANES, 0);
    cr_expect_eq(gradc_evaluate_batch(s.evaluator, 0, NULL, NULL, NULL), GRADC_DONE);
    end(&s);
}

static void expect_one_by_one(const char *text, bool interpret) {
    static const double points[] = {1, 2, 3, 4};
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    struct gradc_evaluator *e =
        gradc_evaluator_new(model, &(struct gradc_evaluator_options){.interpret = interpret});
    double values[2], gradients[4], value, gradient[2];
    cr_expect_eq(gradc_evaluate_batch(e, 2, points, values, gradients), GRADC_DONE);
    cr_expect_null(e->batch->gradient.columns);
    for (size_t p = 0; p < 2; p++) {
        gradc_evaluate(e, points + 2 * p, &value, gradient);
        cr_expect(are_near(&values[p], &value, 1, 1e-13));
        cr_expect(are_near(gradients + 2 * p, gradient, 2, 1e-13));
    }
    gradc_evaluator_free(e);
    gradc_free(model);
}

Test(batch, evaluates_one_by_one_what_is_large_or_interpreted, .timeout = 200) {
    enum { TERMS = 700, ROOM = 40 };
    char *text = malloc(TERMS * ROOM), *at = text;
    expect_one_by_one("var x, y\nminimize x*y + x^2", true);
    expect_one_by_one("param n = 9000\nparam u[i in 1..n] = sin(i)\nvar x, y\n"
                      "minimize sum((x*u[i] - y)^2 for i in 1..n)\n",
                      false);
    at += snprintf(at, ROOM, "var x, y\nminimize y");
    for (int k = 1; k < TERMS; k++) at += snprintf(at, ROOM, " + sin(x + %d*y)", k);
    expect_one_by_one(text, false);
    free(text);
}

Test(batch, is_called_from_workspaces) {
    struct subject s;
    double values[POINTS], others[POINTS], gradients[POINTS * MOST], slopes[POINTS * MOST];
    begin(&s, models[1], GRADC_LANES, 0);
    struct gradc_compile_options options = {.value = true, .gradient = true, .batch = true};
    struct gradc_compiled *compiled = gradc_compile(s.model, &options);
    struct gradc_workspace *first = gradc_workspace_new(compiled), *second = gradc_workspace_new(compiled);
    gradc_evaluate_batch(s.evaluator, POINTS, s.points, values, gradients);
    gradc_call_batch(first, POINTS, s.points, others, slopes);
    cr_expect(are_near(others, values, POINTS, 0) && are_near(slopes, gradients, POINTS * s.n, 0));
    gradc_call_batch(second, 5, s.points + 3 * s.n, others, slopes);
    cr_expect(are_near(others, values + 3, 5, 0) && are_near(slopes, gradients + 3 * s.n, 5 * s.n, 0));
    gradc_workspace_free(first);
    gradc_workspace_free(second);
    gradc_compiled_free(compiled);
    options.batch = false;
    compiled = gradc_compile(s.model, &options);
    first = gradc_workspace_new(compiled);
    cr_expect_eq(gradc_call_batch(first, POINTS, s.points, others, slopes), GRADC_REFUSED);
    gradc_workspace_free(first);
    gradc_compiled_free(compiled);
    end(&s);
}
