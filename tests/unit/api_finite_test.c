/* Gradients in lanes that are not finite are found at every place, and finite ones whose sum is not are none;
 * the caller's memory may change from call to call. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"

enum { N = 50 };

struct subject {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
};

static struct subject subject_of(const char *text) {
    struct gradc_evaluator_options options = {.native = true, .evaluations = 1000000};
    struct subject s;
    s.model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert(s.model && !gradc_has_errors(s.model), "%s", text);
    s.evaluator = gradc_evaluator_new(s.model, &options);
    cr_assert_not_null(s.evaluator);
    return s;
}

static void release(struct subject *s) {
    gradc_evaluator_free(s->evaluator);
    gradc_free(s->model);
}

static void fill(double *x, double value) {
    for (int k = 0; k < N; k++) x[k] = value;
}

Test(api_finite, infinite_derivatives_are_found_at_every_place) {
    struct subject s =
        subject_of("param n = 50\nvar x[i in 1..n] = 1\nminimize sum(sqrt(x[i]) for i in 1..n)");
    double x[N], gradient[N], value;
    for (int place = 0; place < N; place++) {
        fill(x, 4);
        cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_DONE);
        x[place] = 0;
        cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_UNDEFINED, "%d", place);
        cr_expect(value == 2 * (N - 1) && isinf(gradient[place]), "%d", place);
    }
    cr_expect(s.evaluator->gradient.checksum != 0);
    release(&s);
}

Test(api_finite, a_sum_that_overflows_says_nothing) {
    struct subject s =
        subject_of("param n = 50\nvar x[i in 1..n] = 1\nminimize sum(0.5e308*x[i]*x[i] for i in 1..n)");
    double x[N], gradient[N], value;
    fill(x, 1);
    cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_UNDEFINED);
    fill(x, 0);
    x[7] = x[N - 1] = 1.2;
    x[9] = -0.5;
    cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_DONE);
    cr_expect(s.evaluator->gradient.checksum && isinf(gradient[7] + gradient[N - 1]));
    release(&s);
}

Test(api_finite, memory_of_the_caller_may_change) {
    struct subject s = subject_of("param n = 50\nvar x[i in 1..n] = 1\nminimize sum(x[i]^2 for i in 1..n)");
    double points[2][N], gradients[2][N], value;
    fill(points[0], 1);
    fill(points[1], -2);
    for (int round = 0; round < 12; round++) {
        double *x = points[round / 2 % 2], *gradient = gradients[round % 3 == 0];
        if (round == 5) gradient = x; /* copied */
        double wanted = x[0] * x[0] * N, slope = 2 * x[0];
        cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_DONE);
        for (int k = 0; k < N; k++) cr_expect_eq(gradient[k], slope, "%d, %d", round, k);
        cr_expect_eq(value, wanted, "%d", round);
        if (round == 5) fill(x, -3);
        cr_expect_eq(gradc_evaluate(s.evaluator, points[1], &value, NULL), GRADC_DONE);
        cr_expect_eq(value, points[1][0] * points[1][0] * N);
    }
    release(&s);
}

/* Runs on memory that is known already, between others that take it for their own. */
Test(api_finite, memory_of_the_caller_may_come_again) {
    struct subject s = subject_of("param n = 50\nvar x[i in 1..n] = 1\nminimize sum(x[i]^2 for i in 1..n)");
    double x[N], gradient[N], both[N], value;
    for (int round = 1; round < 5; round++) {
        for (int again = 0; again < 3; again++) {
            fill(x, 10 * round + again);
            cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_DONE);
            cr_expect_eq(value, N * x[0] * x[0], "%d, %d", round, again);
            for (int k = 0; k < N; k++) cr_expect_eq(gradient[k], 2 * x[0], "%d, %d", round, again);
        }
        fill(both, 7);
        cr_expect_eq(gradc_evaluate(s.evaluator, both, &value, both), GRADC_DONE);
        cr_expect(value == N * 49 && both[0] == 14);
    }
    cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, NULL), GRADC_DONE);
    cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, NULL), GRADC_DONE);
    x[3] = NAN;
    for (int again = 0; again < 2; again++) {
        cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, gradient), GRADC_UNDEFINED);
        cr_expect_eq(gradc_evaluate(s.evaluator, x, &value, NULL), GRADC_UNDEFINED);
    }
    release(&s);
}

/* What is not finite in one arithmetic is not finite in the other one. */
static void expect_alike(const char *text, const double *x, double a, double b) {
    bool same = isfinite(a) ? fabs(a - b) <= 1e-14 * (1 + fabs(a)) : !isfinite(b);
    cr_expect(same, "%s at %g, %g, %g: %g, %g", text, x[0], x[1], x[2], a, b);
}

static void compare_with_fast(const char *text) {
    static const double special[] = {0, 1, -1, 3, INFINITY, -INFINITY, NAN};
    enum { SPECIAL = sizeof special / sizeof *special };
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    struct gradc_evaluator_options options = {.native = true, .arithmetic = GRADC_STRICT}, fast = options;
    fast.arithmetic = GRADC_FAST;
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options), *f = gradc_evaluator_new(model, &fast);
    for (int k = 0; k < SPECIAL * SPECIAL * SPECIAL; k++) {
        double x[] = {special[k % SPECIAL], special[k / SPECIAL % SPECIAL], special[k / SPECIAL / SPECIAL]};
        double value, other, gradient[3], slopes[3];
        enum gradc_outcome wanted = gradc_evaluate(e, x, &value, gradient);
        cr_expect_eq(gradc_evaluate(f, x, &other, slopes), wanted, "%s at %g, %g, %g", text, x[0], x[1],
                     x[2]);
        expect_alike(text, x, value, other);
        for (int j = 0; j < 3; j++) expect_alike(text, x, gradient[j], slopes[j]);
    }
    gradc_evaluator_free(e);
    gradc_evaluator_free(f);
    gradc_free(model);
}

/* Common factors are taken out of sums: what is infinite, or no number, at the point is not lost by that. */
Test(api_finite, fast_arithmetic_keeps_what_is_undefined) {
    compare_with_fast("var x = 1, y = 1, z = 1\nminimize x*y + x*z\n");
    compare_with_fast("var x = 1, y = 1, z = 1\nminimize 4*x^3 - 9*x^2 + y*z\n");
    compare_with_fast("var x = 1, y = 1, z = 1\nminimize x^2*y*z + 3*x*z - pi*x\n");
}
