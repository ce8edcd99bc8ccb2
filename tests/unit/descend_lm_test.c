#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "descend/descend.h"

/* Residuals in a few unknowns with a dense Jacobian. */
struct problem {
    size_t m, n;
    void (*fill)(const double *x, double *values, double *jacobian); /* row by row */
    size_t starts[32];
    uint32_t column[64];
    double numbers[64];
};

static bool residuals(void *context, const double *x, double *values) {
    struct problem *p = context;
    p->fill(x, values, p->numbers);
    return true;
}

static bool jacobian(void *context, const double *x, struct descent_matrix *matrix) {
    struct problem *p = context;
    double values[32];
    p->fill(x, values, p->numbers);
    for (size_t i = 0; i <= p->m; i++) p->starts[i] = i * p->n;
    for (size_t k = 0; k < p->m * p->n; k++) p->column[k] = (uint32_t)(k % p->n);
    *matrix = (struct descent_matrix){p->m, p->n, p->starts, p->column, p->numbers};
    return true;
}

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct problem *p = context;
    double values[32];
    p->fill(x, values, p->numbers);
    *value = 0;
    for (size_t j = 0; j < p->n; j++) gradient[j] = 0;
    for (size_t i = 0; i < p->m; i++) {
        *value += values[i] * values[i];
        for (size_t j = 0; j < p->n; j++) gradient[j] += 2 * values[i] * p->numbers[i * p->n + j];
    }
    return true;
}

static struct objective objective_of(struct problem *p) {
    return (struct objective){.context = p,
                              .dimension = p->n,
                              .evaluate = evaluate,
                              .residual_count = p->m,
                              .residuals = residuals,
                              .jacobian = jacobian};
}

static struct descent_result descend(const struct objective *objective, const double *start) {
    struct descent_options options = {.stop = {.tolerance = 1e-10, .max_iterations = 10000}};
    struct descent_result r;
    descend_lm(objective, start, &options, &r);
    return r;
}

static void rosenbrock(const double *x, double *values, double *j) {
    values[0] = 10 * (x[1] - x[0] * x[0]);
    values[1] = 1 - x[0];
    j[0] = -20 * x[0];
    j[1] = 10;
    j[2] = -1;
    j[3] = 0;
}

Test(lm, meets_the_residuals_of_rosenbrock) {
    struct problem p = {.m = 2, .n = 2, .fill = rosenbrock};
    struct objective objective = objective_of(&p);
    struct descent_result r = descend(&objective, (double[]){-1.2, 1});
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.x[0] == 1 && r.x[1] == 1 && r.iterations < 30, "%g %g, %zu iterations", r.x[0], r.x[1],
              r.iterations);
    cr_expect(r.evaluations.jacobian == r.iterations + 1 && r.evaluations.residual >= r.iterations + 1);
    descent_result_free(&r);
}

/* A line through (0,1), (1,2), (2,4): a = 5/6, b = 3/2, sum of squares 1/6. */
static void line(const double *x, double *values, double *j) {
    static const double y[] = {1, 2, 4};
    for (size_t i = 0; i < 3; i++) {
        values[i] = x[0] + x[1] * (double)i - y[i];
        j[2 * i] = 1;
        j[2 * i + 1] = (double)i;
    }
}

Test(lm, needs_one_step_for_a_line) {
    struct problem p = {.m = 3, .n = 2, .fill = line};
    struct objective objective = objective_of(&p);
    struct descent_result r = descend(&objective, (double[]){0, 0});
    cr_expect(r.status == DESCENT_CONVERGED && r.iterations == 1, "%s after %zu", text_string(&r.reason),
              r.iterations);
    cr_expect(fabs(r.x[0] - 5.0 / 6) < 1e-14 && fabs(r.x[1] - 1.5) < 1e-14, "%g %g", r.x[0], r.x[1]);
    cr_expect(fabs(r.value - 1.0 / 6) < 1e-15);
    descent_result_free(&r);
}

/* With b <= 1 the best a is the mean of y - t: 4/3. */
Test(lm, keeps_to_a_bound) {
    struct problem p = {.m = 3, .n = 2, .fill = line};
    struct objective objective = objective_of(&p);
    double lower[] = {-INFINITY, -INFINITY}, upper[] = {INFINITY, 1};
    objective.lower = lower;
    objective.upper = upper;
    struct descent_result r = descend(&objective, (double[]){0, 0});
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(fabs(r.x[0] - 4.0 / 3) < 1e-14 && r.x[1] == 1, "%g %g", r.x[0], r.x[1]);
    descent_result_free(&r);
}

/* a*b to meet 2 and 3: only the product is determined. */
static void product(const double *x, double *values, double *j) {
    for (size_t i = 0; i < 2; i++) {
        values[i] = x[0] * x[1] - (double)(2 + i);
        j[2 * i] = x[1];
        j[2 * i + 1] = x[0];
    }
}

Test(lm, ends_where_the_jacobian_is_singular) {
    struct problem p = {.m = 2, .n = 2, .fill = product};
    struct objective objective = objective_of(&p);
    struct descent_result r = descend(&objective, (double[]){1, 5});
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(fabs(r.x[0] * r.x[1] - 2.5) < 1e-8 && fabs(r.value - 0.5) < 1e-12, "%g %g", r.x[0], r.x[1]);
    descent_result_free(&r);
}

/* log(x) - 1: a full step from 20 leaves the domain. */
static void logarithm(const double *x, double *values, double *j) {
    values[0] = log(x[0]) - 1;
    j[0] = 1 / x[0];
}

Test(lm, takes_back_steps_out_of_the_domain) {
    struct problem p = {.m = 1, .n = 1, .fill = logarithm};
    struct objective objective = objective_of(&p);
    struct descent_result r = descend(&objective, (double[]){20});
    cr_expect(r.status == DESCENT_CONVERGED && fabs(r.x[0] - exp(1)) < 1e-9, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

static void plateau(const double *x, double *values, double *j) {
    (void)x;
    values[0] = 2;
    j[0] = 0;
}

Test(lm, says_that_nothing_changes_on_a_plateau) {
    struct problem p = {.m = 1, .n = 1, .fill = plateau};
    struct objective objective = objective_of(&p);
    struct descent_result r = descend(&objective, (double[]){7});
    cr_expect(r.status == DESCENT_CONVERGED && r.iterations == 0 && r.x[0] == 7, "%s",
              text_string(&r.reason));
    cr_expect(strstr(text_string(&r.reason), "cosine 0") != NULL, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

Test(lm, obeys_the_limits) {
    struct problem p = {.m = 2, .n = 2, .fill = rosenbrock};
    struct objective objective = objective_of(&p);
    struct descent_options options = {.stop = {.tolerance = 0, .max_iterations = 3}};
    struct descent_result r;
    descend_lm(&objective, (double[]){-1.2, 1}, &options, &r);
    cr_expect(r.status == DESCENT_MAX_ITERATIONS && r.iterations == 3 && r.value < 24.2);
    descent_result_free(&r);
}
