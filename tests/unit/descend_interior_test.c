#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "descend/descend.h"

/* x^2 + y^2, or log(x) + x^2 + y^2, under a*x + y and x*y between bounds. */
struct problem {
    double slope;
    bool has_logarithm, is_broken;
    double jacobian[4], hessian[3];
    size_t refused;
};

static bool evaluate(void *context, const double *x, double *value, double *gradient) {
    struct problem *p = context;
    *value = x[0] * x[0] + x[1] * x[1] + (p->has_logarithm ? log(x[0]) : 0);
    gradient[0] = 2 * x[0] + (p->has_logarithm ? 1 / x[0] : 0);
    gradient[1] = 2 * x[1];
    p->refused += isnan(*value) != 0;
    return true;
}

static bool constraints(void *context, const double *x, double *values) {
    const struct problem *p = context;
    values[0] = p->slope * x[0] + x[1];
    values[1] = x[0] * x[1];
    return !p->is_broken;
}

static bool jacobian(void *context, const double *x, struct descent_matrix *to) {
    static const size_t starts[] = {0, 2, 4};
    static const uint32_t column[] = {0, 1, 0, 1};
    struct problem *p = context;
    p->jacobian[0] = p->slope;
    p->jacobian[1] = 1;
    p->jacobian[2] = x[1];
    p->jacobian[3] = x[0];
    *to = (struct descent_matrix){2, 2, starts, column, p->jacobian};
    return true;
}

static bool lagrangian(void *context, const double *x, double factor, const double *multipliers,
                       struct descent_matrix *to) {
    static const size_t starts[] = {0, 1, 3};
    static const uint32_t column[] = {0, 0, 1};
    struct problem *p = context;
    p->hessian[0] = factor * (2 - (p->has_logarithm ? 1 / (x[0] * x[0]) : 0));
    p->hessian[1] = multipliers[1];
    p->hessian[2] = 2 * factor;
    *to = (struct descent_matrix){2, 2, starts, column, p->hessian};
    return true;
}

static void name_constraint(void *context, size_t constraint, struct text *name) {
    (void)context;
    text_add(name, constraint == 0 ? "line" : "curve");
}

static struct objective objective_of(struct problem *p, const double *lower, const double *upper) {
    return (struct objective){.context = p,
                              .dimension = 2,
                              .evaluate = evaluate,
                              .constraint_count = 2,
                              .constraint_lower = lower,
                              .constraint_upper = upper,
                              .constraints = constraints,
                              .constraint_jacobian = jacobian,
                              .lagrangian = lagrangian,
                              .name_constraint = name_constraint};
}

static struct descent_result descend(const struct objective *o, double x, double y) {
    struct descent_options options = {.stop = {.tolerance = 1e-8, .max_iterations = 1000}};
    struct descent_result r;
    double start[2] = {x, y};
    descend_interior(o, start, &options, &r);
    return r;
}

static bool is(double value, double expected) {
    return fabs(value - expected) <= 1e-14 * fmax(1, fabs(expected));
}

Test(interior, active_constraints_are_met_to_the_last_digits) {
    struct problem p = {.slope = 1};
    double lower[] = {2, -INFINITY}, upper[] = {INFINITY, 10};
    struct objective o = objective_of(&p, lower, upper);
    struct descent_result r = descend(&o, 5, 7);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(is(r.x[0], 1) && is(r.x[1], 1), "%g %g", r.x[0], r.x[1]);
    cr_expect(is(r.multipliers[0], 2) && is(r.multipliers[1], 0), "%g %g", r.multipliers[0],
              r.multipliers[1]);
    cr_expect(r.violation <= 1e-15 && r.gradient_norm <= 1e-14);
    descent_result_free(&r);
}

Test(interior, bounds_hold_and_are_touched) {
    struct problem p = {.slope = 1};
    double lower[] = {2, -INFINITY}, upper[] = {2, INFINITY}, least[] = {1.5, -1}, most[] = {5, 5};
    struct objective o = objective_of(&p, lower, upper);
    o.lower = least;
    o.upper = most;
    struct descent_result r = descend(&o, 0, 0);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.x[0] == 1.5 && is(r.x[1], 0.5), "%.17g %.17g", r.x[0], r.x[1]);
    descent_result_free(&r);
}

Test(interior, multipliers_have_one_meaning_for_both_senses) {
    struct problem p = {.slope = 1};
    double lower[] = {-INFINITY, 0}, upper[] = {2, INFINITY};
    struct objective o = objective_of(&p, lower, upper);
    double least[] = {0, 0}, most[] = {1, 5};
    o.maximize = true;
    o.lower = least;
    o.upper = most;
    struct descent_result r = descend(&o, 0.1, 1);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(is(r.x[0], 0) && is(r.x[1], 2), "%.17g %.17g", r.x[0], r.x[1]);
    /* One more of the line's bound gives 2*2 more of the objective. */
    cr_expect(is(r.multipliers[0], 4), "%g", r.multipliers[0]);
    descent_result_free(&r);
}

Test(interior, what_cannot_be_met_is_named) {
    struct problem p = {.slope = 1};
    double lower[] = {4, -INFINITY}, upper[] = {INFINITY, INFINITY}, least[] = {0, 0}, most[] = {1, 1};
    struct objective o = objective_of(&p, lower, upper);
    o.lower = least;
    o.upper = most;
    struct descent_result r = descend(&o, 0.5, 0.5);
    cr_expect_eq(r.status, DESCENT_INFEASIBLE, "%s", text_string(&r.reason));
    cr_expect(strstr(text_string(&r.reason), "`line`"), "%s", text_string(&r.reason));
    cr_expect_eq(r.worst_constraint, 0);
    cr_expect(fabs(r.violation - 2) < 1e-6, "%g", r.violation);
    descent_result_free(&r);
}

Test(interior, crossed_bounds_are_told_at_once) {
    struct problem p = {.slope = 1};
    double lower[] = {1, 5}, upper[] = {2, 4};
    struct objective o = objective_of(&p, lower, upper);
    struct descent_result r = descend(&o, 1, 1);
    cr_expect_eq(r.status, DESCENT_INFEASIBLE);
    cr_expect(strstr(text_string(&r.reason), "`curve` cross"), "%s", text_string(&r.reason));
    descent_result_free(&r);
}

Test(interior, more_equalities_than_unknowns_may_still_be_met) {
    struct problem p = {.slope = 1};
    double lower[] = {3, 2}, upper[] = {3, 2}, least[] = {1, -10}, most[] = {1, 10};
    struct objective o = objective_of(&p, lower, upper);
    o.lower = least;
    o.upper = most;
    struct descent_result r = descend(&o, 1, 5);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.x[0] == 1 && is(r.x[1], 2), "%.17g", r.x[1]);
    descent_result_free(&r);
}

Test(interior, steps_out_of_the_domain_are_taken_back) {
    struct problem p = {.slope = -1, .has_logarithm = true};
    double lower[] = {-INFINITY, 0.01}, upper[] = {20, INFINITY};
    struct objective o = objective_of(&p, lower, upper);
    struct descent_result r = descend(&o, 9, 9);
    cr_expect_eq(r.status, DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.x[0] > 0 && r.violation <= 1e-15);
    descent_result_free(&r);
    r = descend(&o, -1, 9);
    cr_expect_eq(r.status, DESCENT_DOMAIN_ERROR, "%s", text_string(&r.reason));
    cr_expect(r.failed_at && r.failed_at[0] == -1);
    descent_result_free(&r);
}

Test(interior, a_callback_that_fails_ends_it) {
    struct problem p = {.slope = 1, .is_broken = true};
    double lower[] = {1, 1}, upper[] = {2, 2};
    struct objective o = objective_of(&p, lower, upper);
    struct descent_result r = descend(&o, 1, 1);
    cr_expect_eq(r.status, DESCENT_FAILED);
    descent_result_free(&r);
}

static bool stop_at_two(void *context, const struct descent_iteration *seen) {
    size_t *calls = context;
    ++*calls;
    return seen->iteration < 2;
}

Test(interior, an_observer_sees_every_iteration_and_may_end_it) {
    struct problem p = {.slope = 1};
    double lower[] = {2, 0.5}, upper[] = {INFINITY, 0.5}, start[] = {5, 7};
    size_t calls = 0;
    struct objective o = objective_of(&p, lower, upper);
    struct descent_options options = {
        .stop = {.tolerance = 1e-8, .max_iterations = 1000, .observe = stop_at_two, .observer = &calls}};
    struct descent_result r;
    descend_interior(&o, start, &options, &r);
    cr_expect_eq(r.status, DESCENT_INTERRUPTED);
    cr_expect(calls == 3 && r.iterations == 2 && r.x && r.multipliers);
    descent_result_free(&r);
    options.stop = (struct stop_criteria){.tolerance = 1e-8, .max_iterations = 3};
    descend_interior(&o, start, &options, &r);
    cr_expect_eq(r.status, DESCENT_MAX_ITERATIONS);
    cr_expect_eq(r.iterations, 3);
    descent_result_free(&r);
}
