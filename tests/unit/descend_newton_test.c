#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "descend/descend.h"

enum { LARGE = 400 };

/* A function of n unknowns with a dense Hessian, row by row (the lower triangle is read). */
struct function {
    size_t n;
    double (*fill)(const double *x, double *gradient, double *hessian);
    size_t starts[8];
    uint32_t column[32];
    double numbers[32];
};

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct function *f = context;
    double hessian[32];
    *value = f->fill(x, gradient, hessian);
    return true;
}

static bool find_hessian(void *context, const double *x, struct descent_matrix *lower) {
    struct function *f = context;
    double gradient[8], hessian[32];
    size_t count = 0;
    f->fill(x, gradient, hessian);
    for (size_t i = 0; i < f->n; i++) {
        f->starts[i] = count;
        for (size_t j = 0; j <= i; j++) {
            f->column[count] = (uint32_t)j;
            f->numbers[count++] = hessian[i * f->n + j];
        }
    }
    f->starts[f->n] = count;
    *lower = (struct descent_matrix){f->n, f->n, f->starts, f->column, f->numbers};
    return true;
}

static bool multiply(void *context, const double *x, const double *direction, double *result) {
    struct function *f = context;
    double gradient[8], hessian[32];
    f->fill(x, gradient, hessian);
    for (size_t i = 0; i < f->n; i++) {
        result[i] = 0;
        for (size_t j = 0; j < f->n; j++)
            result[i] += hessian[i > j ? i * f->n + j : j * f->n + i] * direction[j];
    }
    return true;
}

static struct objective objective_of(struct function *f, bool dense) {
    return (struct objective){.context = f,
                              .dimension = f->n,
                              .evaluate = evaluate,
                              .hessian = dense ? find_hessian : NULL,
                              .hessian_times = multiply};
}

static struct descent_result descend(const struct objective *objective, const double *start) {
    struct descent_options options = {.stop = {.tolerance = 1e-8, .max_iterations = 10000}};
    struct descent_result r;
    descend_newton(objective, start, &options, &r);
    return r;
}

static double rosenbrock(const double *x, double *g, double *h) {
    double u = x[1] - x[0] * x[0], v = 1 - x[0];
    g[0] = -400 * x[0] * u - 2 * v;
    g[1] = 200 * u;
    h[0] = 1200 * x[0] * x[0] - 400 * x[1] + 2;
    h[2] = -400 * x[0];
    h[3] = 200;
    return 100 * u * u + v * v;
}

static double quadratic(const double *x, double *g, double *h) {
    double a = x[0] - 3, b = x[1] + 1;
    g[0] = 2 * a + b;
    g[1] = 4 * b + a;
    h[0] = 2;
    h[2] = 1;
    h[3] = 4;
    return a * a + 2 * b * b + a * b;
}

Test(newton, needs_one_step_for_a_quadratic) {
    struct function f = {.n = 2, .fill = quadratic};
    struct objective objective = objective_of(&f, true);
    struct descent_result r = descend(&objective, (double[]){2, -2});
    cr_expect(r.status == DESCENT_CONVERGED && r.iterations == 1, "%s after %zu", text_string(&r.reason),
              r.iterations);
    cr_expect(fabs(r.x[0] - 3) < 1e-14 && fabs(r.x[1] + 1) < 1e-14, "%g %g", r.x[0], r.x[1]);
    cr_expect(r.evaluations.hessian == 2 && r.evaluations.gradient == 2);
    descent_result_free(&r);
}

Test(newton, finds_the_minimum_of_rosenbrock_both_ways) {
    struct function f = {.n = 2, .fill = rosenbrock};
    for (int dense = 0; dense < 2; dense++) {
        struct objective objective = objective_of(&f, dense);
        struct descent_result r = descend(&objective, (double[]){-1.2, 1});
        cr_expect(r.status == DESCENT_CONVERGED && r.iterations < 50, "%s after %zu", text_string(&r.reason),
                  r.iterations);
        cr_expect(fabs(r.x[0] - 1) < 1e-9 && fabs(r.x[1] - 1) < 1e-9, "%g %g", r.x[0], r.x[1]);
        cr_expect((r.evaluations.hessian > 0) == dense && (r.evaluations.product > 0) == !dense);
        descent_result_free(&r);
    }
}

/* With x[1] >= 0 the minimum over x[0] is at 2.5. */
Test(newton, finds_a_minimum_on_a_bound) {
    struct function f = {.n = 2, .fill = quadratic};
    double lower[] = {-INFINITY, 0}, upper[] = {INFINITY, INFINITY};
    for (int dense = 0; dense < 2; dense++) {
        struct objective objective = objective_of(&f, dense);
        objective.lower = lower;
        objective.upper = upper;
        struct descent_result r = descend(&objective, (double[]){-7, 4});
        cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
        cr_expect(fabs(r.x[0] - 2.5) < 1e-12 && r.x[1] == 0, "%g %g", r.x[0], r.x[1]);
        descent_result_free(&r);
    }
}

/* Two minima at x[0] = +-1 and a saddle at 0. */
static double double_well(const double *x, double *g, double *h) {
    double s = x[0] * x[0] - 1;
    g[0] = 4 * x[0] * s;
    g[1] = 2 * x[1];
    h[0] = 12 * x[0] * x[0] - 4;
    h[2] = 0;
    h[3] = 2;
    return s * s + x[1] * x[1];
}

Test(newton, leaves_a_saddle_along_negative_curvature) {
    struct function f = {.n = 2, .fill = double_well};
    struct objective objective = objective_of(&f, true);
    struct descent_result r = descend(&objective, (double[]){0, 0});
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(fabs(fabs(r.x[0]) - 1) < 1e-9 && fabs(r.x[1]) < 1e-9, "%g %g", r.x[0], r.x[1]);
    descent_result_free(&r);
}

Test(newton, descends_from_an_indefinite_start_both_ways) {
    struct function f = {.n = 2, .fill = double_well};
    for (int dense = 0; dense < 2; dense++) {
        struct objective objective = objective_of(&f, dense);
        struct descent_result r = descend(&objective, (double[]){0.01, 3});
        cr_expect(r.status == DESCENT_CONVERGED && r.iterations < 20, "%s", text_string(&r.reason));
        cr_expect(fabs(r.x[0] - 1) < 1e-8 && fabs(r.x[1]) < 1e-8, "%g %g", r.x[0], r.x[1]);
        descent_result_free(&r);
    }
}

static double well_upside_down(const double *x, double *g, double *h) {
    double value = double_well(x, g, h);
    for (int k = 0; k < 2; k++) g[k] = -g[k];
    for (int k = 0; k < 4; k++) h[k] = -h[k];
    return -value;
}

Test(newton, maximizes_the_negated_function_with_the_same_steps) {
    struct function up = {.n = 2, .fill = double_well}, down = {.n = 2, .fill = well_upside_down};
    for (int dense = 0; dense < 2; dense++) {
        struct objective one = objective_of(&up, dense), other = objective_of(&down, dense);
        other.maximize = true;
        struct descent_result a = descend(&one, (double[]){0.3, 3}), b = descend(&other, (double[]){0.3, 3});
        cr_expect(a.iterations == b.iterations && a.x[0] == b.x[0] && a.value == -b.value);
        descent_result_free(&a);
        descent_result_free(&b);
    }
}

/* x - log(x): a full step from 3 goes to -3. */
static double barrier(const double *x, double *g, double *h) {
    g[0] = x[0] > 0 ? 1 - 1 / x[0] : NAN;
    h[0] = 1 / (x[0] * x[0]);
    return x[0] - log(x[0]);
}

Test(newton, takes_back_steps_out_of_the_domain) {
    struct function f = {.n = 1, .fill = barrier};
    struct objective objective = objective_of(&f, true);
    struct descent_result r = descend(&objective, (double[]){3});
    cr_expect(r.status == DESCENT_CONVERGED && fabs(r.x[0] - 1) < 1e-8, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

static double plateau(const double *x, double *g, double *h) {
    (void)x;
    g[0] = h[0] = 0;
    return 3;
}

Test(newton, converges_at_once_on_a_plateau) {
    struct function f = {.n = 1, .fill = plateau};
    struct objective objective = objective_of(&f, true);
    struct descent_result r = descend(&objective, (double[]){7});
    cr_expect(r.status == DESCENT_CONVERGED && r.iterations == 0 && r.x[0] == 7, "%s",
              text_string(&r.reason));
    descent_result_free(&r);
}

static double falling(const double *x, double *g, double *h) {
    g[0] = -3 * x[0] * x[0];
    h[0] = -6 * x[0];
    return -x[0] * x[0] * x[0];
}

Test(newton, says_that_there_is_no_minimum) {
    struct function f = {.n = 1, .fill = falling};
    struct objective objective = objective_of(&f, true);
    struct descent_result r = descend(&objective, (double[]){1});
    cr_expect(r.status == DESCENT_DIVERGED, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

/* abs(x)^1.5: at 0 the second derivative is infinite. */
static double cusp(const double *x, double *g, double *h) {
    double root = sqrt(fabs(x[0]));
    g[0] = copysign(1.5 * root, x[0]);
    h[0] = 0.75 / root;
    return root * root * root;
}

Test(newton, works_without_a_finite_hessian) {
    struct function f = {.n = 1, .fill = cusp};
    struct objective objective = objective_of(&f, true);
    struct descent_result r = descend(&objective, (double[]){0});
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(strstr(text_string(&r.reason), "not finite") != NULL, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

/* The sum of 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 over n unknowns. */
static bool long_valley(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = 0;
    memset(gradient, 0, LARGE * sizeof *gradient);
    for (size_t i = 0; i + 1 < LARGE; i++) {
        double u = x[i + 1] - x[i] * x[i], v = 1 - x[i];
        *value += 100 * u * u + v * v;
        gradient[i] -= 400 * x[i] * u + 2 * v;
        gradient[i + 1] += 200 * u;
    }
    return true;
}

static bool valley_times(void *context, const double *x, const double *d, double *result) {
    (void)context;
    memset(result, 0, LARGE * sizeof *result);
    for (size_t i = 0; i + 1 < LARGE; i++) {
        double across = -400 * x[i];
        result[i] += (1200 * x[i] * x[i] - 400 * x[i + 1] + 2) * d[i] + across * d[i + 1];
        result[i + 1] += across * d[i] + 200 * d[i + 1];
    }
    return true;
}

Test(newton, follows_a_long_valley_by_products) {
    static double start[LARGE];
    struct objective objective = {.dimension = LARGE, .evaluate = long_valley, .hessian_times = valley_times};
    for (size_t i = 0; i < LARGE; i++) start[i] = 0.5;
    struct descent_result r = descend(&objective, start);
    cr_expect(r.status == DESCENT_CONVERGED && r.iterations < 100, "%s after %zu", text_string(&r.reason),
              r.iterations);
    cr_expect(r.value < 1e-12, "%g", r.value);
    descent_result_free(&r);
}

/* ---- Sparse ---- */

/* A chain of double wells: sum (x_i^2 - 1)^2 + sum (x_i - x_{i-1})^2. */
struct chain {
    size_t starts[LARGE + 1];
    uint32_t column[2 * LARGE];
    double values[2 * LARGE];
};

static bool evaluate_chain(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = 0;
    for (size_t i = 0; i < LARGE; i++) {
        double well = x[i] * x[i] - 1;
        *value += well * well;
        gradient[i] = 4 * x[i] * well;
    }
    for (size_t i = 1; i < LARGE; i++) {
        double stretch = x[i] - x[i - 1];
        *value += stretch * stretch;
        gradient[i] += 2 * stretch;
        gradient[i - 1] -= 2 * stretch;
    }
    return true;
}

static bool chain_hessian(void *context, const double *x, struct descent_matrix *lower) {
    struct chain *c = context;
    size_t count = 0;
    for (size_t i = 0; i < LARGE; i++) {
        c->starts[i] = count;
        if (i > 0) {
            c->column[count] = (uint32_t)(i - 1);
            c->values[count++] = -2;
        }
        c->column[count] = (uint32_t)i;
        c->values[count++] = 12 * x[i] * x[i] - 4 + (i > 0 && i + 1 < LARGE ? 4 : 2);
    }
    c->starts[LARGE] = count;
    *lower = (struct descent_matrix){LARGE, LARGE, c->starts, c->column, c->values};
    return true;
}

static bool it_is_sparse(void *context) {
    (void)context;
    return true;
}

static struct objective chain_objective(struct chain *c) {
    return (struct objective){.context = c,
                              .dimension = LARGE,
                              .evaluate = evaluate_chain,
                              .hessian = chain_hessian,
                              .hessian_is_sparse = it_is_sparse};
}

Test(newton, sparse_hessians_are_factored) {
    struct chain c;
    struct objective o = chain_objective(&c);
    double start[LARGE];
    for (size_t i = 0; i < LARGE; i++) start[i] = 2 + sin((double)i);
    struct descent_result r = descend(&o, start);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.evaluations.product == 0 && r.iterations < 20, "%zu", r.iterations);
    for (size_t i = 0; i < LARGE; i++) cr_expect(fabs(r.x[i] - 1) < 1e-8);
    descent_result_free(&r);
}

/* The gradient is 0 there, but the Hessian has negative eigenvalues. */
Test(newton, saddles_of_sparse_hessians_are_left) {
    struct chain c;
    struct objective o = chain_objective(&c);
    double start[LARGE] = {0};
    struct descent_result r = descend(&o, start);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.value < 10, "%g", r.value);
    descent_result_free(&r);
}

Test(newton, sparse_steps_keep_to_bounds) {
    struct chain c;
    struct objective o = chain_objective(&c);
    double start[LARGE], lower[LARGE], upper[LARGE];
    for (size_t i = 0; i < LARGE; i++) {
        start[i] = 0.3;
        lower[i] = i == 7 ? 0.25 : -INFINITY;
        upper[i] = i == 7 ? 0.25 : i % 2 ? 0.5 : INFINITY;
    }
    o.lower = lower;
    o.upper = upper;
    struct descent_result r = descend(&o, start);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    for (size_t i = 1; i < LARGE; i += 2)
        cr_expect(i == 7 ? r.x[i] == 0.25 : r.x[i] == 0.5, "%zu: %g", i, r.x[i]);
    descent_result_free(&r);
}
