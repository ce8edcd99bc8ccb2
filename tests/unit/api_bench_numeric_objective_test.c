#include "api/bench_numeric_objective.h"

#include <criterion/criterion.h>
#include <math.h>

/* Residuals x^2*y, exp(x), 3*y; the objective is x^2*y + exp(x). */
static size_t calls;

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    cr_expect_null(gradient, "only values are asked for");
    calls++;
    *value = x[0] * x[0] * x[1] + exp(x[0]);
    return true;
}

static bool residuals(void *context, const double *x, double *values) {
    (void)context;
    calls++;
    values[0] = x[0] * x[0] * x[1];
    values[1] = exp(x[0]);
    values[2] = 3 * x[1];
    return true;
}

static bool times(void *context, const double *x, const double *direction, double *result) {
    (void)context, (void)x, (void)direction, (void)result;
    return true;
}

static struct objective wrap(struct numeric_objective *n, enum difference_id formula) {
    struct objective objective = {.dimension = 2,
                                  .evaluate = evaluate,
                                  .hessian_times = times,
                                  .residual_count = 3,
                                  .residuals = residuals};
    *n = (struct numeric_objective){.formula = difference_at(formula)};
    numeric_objective_apply(n, &objective);
    calls = 0;
    return objective;
}

static const double at[2] = {0.5, 3};
static const double tolerances[DIFFERENCES] = {2e-7, 2e-9, 1e-11};
static const size_t values_needed[DIFFERENCES] = {3, 5, 9}; /* of a gradient, with the value at the point */

Test(numeric_objective, gives_gradients) {
    for (int id = 0; id < DIFFERENCES; id++) {
        struct numeric_objective n;
        struct objective objective = wrap(&n, (enum difference_id)id);
        double value, gradient[2];
        cr_assert(objective.evaluate(objective.context, at, &value, gradient));
        cr_expect_eq(value, 0.75 + exp(0.5));
        cr_expect_float_eq(gradient[0], 3 + exp(0.5), 10 * tolerances[id]);
        cr_expect_float_eq(gradient[1], 0.25, 10 * tolerances[id]);
        cr_expect_eq(calls, values_needed[id]);
        cr_expect_eq(n.evaluations, (double)calls);
        numeric_objective_release(&n);
    }
}

Test(numeric_objective, gives_jacobians) {
    for (int id = 0; id < DIFFERENCES; id++) {
        const double expected[3][2] = {{3, 0.25}, {exp(0.5), 0}, {0, 3}};
        struct numeric_objective n;
        struct descent_matrix jacobian;
        struct objective objective = wrap(&n, (enum difference_id)id);
        cr_assert(objective.jacobian(objective.context, at, &jacobian));
        cr_assert_eq(jacobian.rows, 3);
        cr_assert_eq(jacobian.columns, 2);
        for (size_t i = 0; i < 3; i++) {
            cr_expect_eq(jacobian.starts[i + 1], 2 * (i + 1));
            for (size_t k = 0; k < 2; k++) {
                cr_expect_eq(jacobian.column[2 * i + k], k);
                cr_expect_float_eq(jacobian.values[2 * i + k], expected[i][k], 10 * tolerances[id],
                                   "formula %d, [%zu,%zu]", id, i, k);
            }
        }
        cr_expect_eq(calls, values_needed[id] - (id != DIFFERENCE_FORWARD));
        cr_expect_eq(n.evaluations, (double)calls);
        numeric_objective_release(&n);
    }
}

Test(numeric_objective, offers_nothing_exact) {
    struct numeric_objective n;
    struct objective objective = wrap(&n, DIFFERENCE_CENTRAL);
    cr_expect(!objective.hessian && !objective.hessian_times && !objective.steps_ahead &&
              !objective.lagrangian);
    numeric_objective_release(&n);
}
