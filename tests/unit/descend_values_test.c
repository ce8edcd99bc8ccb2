#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "descend/descend.h"

/* Methods that look at values alone, by NLopt. */

static const char *const walkers[] = {"neldermead", "bobyqa"}, *const searchers[] = {"direct", "crs"};

typedef double function(const double *x, double *gradient);

static double quadratic(const double *x, double *gradient) {
    double a = x[0] - 3, b = x[1] + 1;
    gradient[0] = 2 * a + b;
    gradient[1] = 4 * b + a;
    return a * a + 2 * b * b + a * b;
}

static double rosenbrock(const double *x, double *gradient) {
    double u = x[1] - x[0] * x[0], v = 1 - x[0];
    gradient[0] = -400 * x[0] * u - 2 * v;
    gradient[1] = 200 * u;
    return 100 * u * u + v * v;
}

static double edges(const double *x, double *gradient) {
    gradient[0] = x[0] > 1 ? 1 : -1;
    gradient[1] = x[1] > -2 ? 3 : -3;
    return fabs(x[0] - 1) + 3 * fabs(x[1] + 2);
}

/* Not defined for x[0] <= 0. */
static double barrier(const double *x, double *gradient) {
    gradient[0] = x[0] > 0 ? 1 - 1 / x[0] : NAN;
    gradient[1] = 2 * x[1];
    return x[0] - log(x[0]) + x[1] * x[1];
}

static double falling(const double *x, double *gradient) {
    gradient[0] = -3 * x[0] * x[0];
    gradient[1] = 2 * x[1];
    return -x[0] * x[0] * x[0] + x[1] * x[1];
}

/* A wide slope with a narrow valley at (4, -3), where it is -1. */
static double pit(const double *x, double *gradient) {
    double a = x[0] - 4, b = x[1] + 3, depth = exp(-4 * (a * a + b * b));
    gradient[0] = 0.002 * x[0] + 8 * a * depth;
    gradient[1] = 0.002 * x[1] + 8 * b * depth;
    return 0.001 * (x[0] * x[0] + x[1] * x[1]) - depth;
}

struct counted {
    function *f;
    size_t values, gradients;
    bool negated;
};

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct counted *c = context;
    double ignored[2];
    c->values += gradient == NULL;
    c->gradients += gradient != NULL;
    double *slope = gradient ? gradient : ignored;
    *value = c->f(x, slope);
    for (int k = 0; c->negated && k < 2; k++) slope[k] = -slope[k];
    if (c->negated) *value = -*value;
    return true;
}

static struct objective objective_of(struct counted *c) {
    return (struct objective){.context = c, .dimension = 2, .evaluate = evaluate, .maximize = c->negated};
}

static struct descent_result descend(const char *method, const struct objective *objective, double x,
                                     double y, size_t most) {
    struct descent_options options = {.stop = {.tolerance = 1e-8, .max_iterations = most}};
    struct descent_result r;
    descent_method_find(method)->run(objective, (double[]){x, y}, &options, &r);
    return r;
}

static void expect_end(const char *method, struct descent_result *r, double x, double y, double within) {
    cr_expect(r->status == DESCENT_CONVERGED, "%s: %s", method, text_string(&r->reason));
    cr_expect(fabs(r->x[0] - x) <= within && fabs(r->x[1] - y) <= within, "%s: %.17g %.17g", method, r->x[0],
              r->x[1]);
    descent_result_free(r);
}

Test(values, lead_to_minima) {
    static const struct {
        function *f;
        double x, y, at_x, at_y;
    } cases[] = {{quadratic, 2, -2, 3, -1}, {rosenbrock, -1.2, 1, 1, 1}, {barrier, 10, 5, 1, 0}};
    for (size_t m = 0; m < 2; m++)
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
            struct counted c = {.f = cases[k].f};
            struct objective objective = objective_of(&c);
            struct descent_result r = descend(walkers[m], &objective, cases[k].x, cases[k].y, 10000);
            cr_expect(r.evaluations.value == c.values + 1 && r.evaluations.gradient == c.gradients);
            cr_expect(r.gradient_norm < 1e-4, "%s: %g", walkers[m], r.gradient_norm);
            expect_end(walkers[m], &r, cases[k].at_x, cases[k].at_y, 2e-6);
        }
}

/* No method that trusts the gradient gets here. */
Test(values, a_simplex_finds_the_bottom_between_edges) {
    struct counted c = {.f = edges};
    struct objective objective = objective_of(&c);
    struct descent_result r = descend("neldermead", &objective, 5, 4, 10000);
    expect_end("neldermead", &r, 1, -2, 1e-7);
}

Test(values, maximize_with_the_same_steps) {
    for (size_t m = 0; m < 2; m++) {
        struct counted down = {.f = rosenbrock}, up = {.f = rosenbrock, .negated = true};
        struct objective below = objective_of(&down), above = objective_of(&up);
        struct descent_result a = descend(walkers[m], &below, 2, -2, 10000);
        struct descent_result b = descend(walkers[m], &above, 2, -2, 10000);
        cr_expect(a.iterations == b.iterations && a.x[0] == b.x[0] && a.value == -b.value, "%s", walkers[m]);
        descent_result_free(&a);
        descent_result_free(&b);
    }
}

Test(values, keep_to_bounds_and_hold_what_is_fixed) {
    double lower[] = {-INFINITY, 0}, upper[] = {INFINITY, INFINITY};
    double least[] = {-1, 2}, most[] = {1, 2};
    for (size_t m = 0; m < 2; m++) {
        struct counted c = {.f = quadratic};
        struct objective objective = objective_of(&c);
        objective.lower = lower, objective.upper = upper;
        struct descent_result r = descend(walkers[m], &objective, -7, 4, 10000);
        expect_end(walkers[m], &r, 2.5, 0, 1e-7);
        objective.lower = least, objective.upper = most;
        r = descend(walkers[m], &objective, -0.5, 7, 10000);
        expect_end(walkers[m], &r, 1, 2, 1e-12);
    }
}

Test(values, end_where_there_is_no_minimum_and_at_the_limit) {
    for (size_t m = 0; m < 2; m++) {
        struct counted c = {.f = falling};
        struct objective objective = objective_of(&c);
        struct descent_result r = descend(walkers[m], &objective, 1, 1, 100000);
        cr_expect(r.status == DESCENT_DIVERGED, "%s: %s", walkers[m], text_string(&r.reason));
        descent_result_free(&r);
        c = (struct counted){.f = rosenbrock};
        r = descend(walkers[m], &objective, -1.2, 1, 20);
        cr_expect(r.status == DESCENT_MAX_ITERATIONS && c.values == 20, "%s: %zu", walkers[m], c.values);
        cr_expect(strstr(text_string(&r.reason), "20 evaluations"));
        descent_result_free(&r);
        r = descend(walkers[m], &objective, -1.2, 1, 0);
        cr_expect(r.status == DESCENT_MAX_ITERATIONS && r.x[0] == -1.2, "%s", walkers[m]);
        descent_result_free(&r);
    }
}

static bool stop_at_third(void *context, const struct descent_iteration *iteration) {
    size_t *calls = context;
    cr_expect(iteration->iteration == *calls);
    return ++*calls <= 3;
}

Test(values, stop_on_request) {
    for (size_t m = 0; m < 2; m++) {
        struct counted c = {.f = rosenbrock};
        struct objective objective = objective_of(&c);
        size_t calls = 0;
        struct descent_options options = {
            .stop = {
                .tolerance = 1e-8, .max_iterations = 1000, .observe = stop_at_third, .observer = &calls}};
        struct descent_result r;
        descent_method_find(walkers[m])->run(&objective, (double[]){-1.2, 1}, &options, &r);
        cr_expect(r.status == DESCENT_INTERRUPTED && r.iterations == 3 && calls == 4, "%s", walkers[m]);
        descent_result_free(&r);
    }
}

static bool expect_next(void *context, const struct descent_iteration *iteration) {
    size_t *calls = context;
    cr_expect(iteration->iteration == *calls, "%zu after %zu", iteration->iteration, *calls);
    ++*calls;
    return true;
}

Test(values, a_search_finds_the_deepest_valley_in_a_box) {
    double lower[] = {-10, -9}, upper[] = {10, 10};
    for (size_t m = 0; m < 2; m++) {
        struct counted c = {.f = pit};
        struct objective objective = objective_of(&c);
        objective.lower = lower, objective.upper = upper;
        size_t calls = 0;
        struct descent_options options = {
            .stop = {
                .tolerance = 1e-8, .max_iterations = 100000, .observe = expect_next, .observer = &calls}};
        struct descent_result r, again;
        descent_method_find(searchers[m])->run(&objective, (double[]){-5, 5}, &options, &r);
        again = descend(searchers[m], &objective, -5, 5, 100000);
        cr_expect(calls == r.iterations + 1);
        cr_expect(r.value < -0.97 && r.gradient_norm < 1e-7, "%s: %g", searchers[m], r.value);
        cr_expect(strstr(text_string(&r.reason), "evaluations by"), "%s", text_string(&r.reason));
        cr_expect(r.evaluations.value <= 6100 && r.x[0] == again.x[0] && r.x[1] == again.x[1], "%s",
                  searchers[m]);
        expect_end(searchers[m], &r, 4, -3, 0.01);
        descent_result_free(&again);
    }
}
