#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "descend/descend.h"

/* What every method of the table has to do that needs no more than gradients. */

typedef bool function(void *context, const double *x, double *value, double *gradient);

static bool quadratic(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    double a = x[0] - 3, b = x[1] + 1;
    *value = a * a + 2 * b * b + a * b;
    gradient[0] = 2 * a + b;
    gradient[1] = 4 * b + a;
    return true;
}

static bool negated_quadratic(void *context, const double *x, double *value, double *gradient) {
    quadratic(context, x, value, gradient);
    *value = -*value;
    for (int k = 0; k < 2; k++) gradient[k] = -gradient[k];
    return true;
}

static bool rosenbrock(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    double u = x[1] - x[0] * x[0], v = 1 - x[0];
    *value = 100 * u * u + v * v;
    gradient[0] = -400 * x[0] * u - 2 * v;
    gradient[1] = 200 * u;
    return true;
}

/* Minima at x[0] = +-1, a saddle at 0: the Hessian is indefinite around it. */
static bool double_well(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    double s = x[0] * x[0] - 1;
    *value = s * s + x[1] * x[1];
    gradient[0] = 4 * x[0] * s;
    gradient[1] = 2 * x[1];
    return true;
}

static bool plateau(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    (void)x;
    *value = 3;
    gradient[0] = gradient[1] = 0;
    return true;
}

/* x - log(x) + y^2: not defined for x <= 0, minimum at 1, 0. */
static bool barrier(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = x[0] - log(x[0]) + x[1] * x[1];
    gradient[0] = x[0] > 0 ? 1 - 1 / x[0] : NAN;
    gradient[1] = 2 * x[1];
    return true;
}

/* Beyond x = 2 there is nothing: the slope there does not end. */
static bool cliff(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = x[0] < 2 ? -x[0] + x[1] * x[1] : NAN;
    gradient[0] = -1;
    gradient[1] = 2 * x[1];
    return true;
}

static bool falling(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = -x[0] * x[0] * x[0] + x[1] * x[1];
    gradient[0] = -3 * x[0] * x[0];
    gradient[1] = 2 * x[1];
    return true;
}

/* Those that look at values alone are tried in descend_values_test.c. */
static bool needs_only_gradients(const struct descent_method *m) {
    return !(m->needs & (NEEDS_HESSIAN | NEEDS_RESIDUALS)) && m->most == 0;
}

static bool has_search(const struct descent_method *m) {
    return needs_only_gradients(m) && !(m->needs & NEEDS_RATE);
}

static struct descent_result descend(const struct descent_method *m, const struct objective *objective,
                                     double x, double y, double rate) {
    struct descent_options options = {.stop = {.tolerance = 1e-8, .max_iterations = 100000}, .rate = rate};
    struct descent_result r;
    if (!(m->needs & NEEDS_RATE)) options.rate = 0;
    m->run(objective, (double[]){x, y}, &options, &r);
    return r;
}

static void expect_end(const struct descent_method *m, struct descent_result *r, double x, double y,
                       double within) {
    cr_expect(r->status == DESCENT_CONVERGED, "%s: %s", m->name, text_string(&r->reason));
    cr_expect(fabs(r->x[0] - x) <= within && fabs(r->x[1] - y) <= within, "%s: %.17g %.17g", m->name, r->x[0],
              r->x[1]);
    descent_result_free(r);
}

static struct objective objective_of(function *f) {
    return (struct objective){.dimension = 2, .evaluate = f};
}

#define FOR_EACH_METHOD(m, which)                                                                            \
    for (const struct descent_method *m = descent_method_at(0), *end_ = m + descent_method_count();          \
         m < end_; m++)                                                                                      \
        if (which(m))

Test(methods, are_found_by_name) {
    cr_expect(descent_method_count() == 14);
    cr_expect(descent_method_find("auto") == NULL && descent_method_find("cgx") == NULL);
    for (size_t k = 0; k < descent_method_count(); k++)
        cr_expect(descent_method_find(descent_method_at(k)->name) == descent_method_at(k));
}

Test(methods, auto_takes_what_fits) {
    static const struct {
        struct descent_choice choice;
        const char *method;
    } cases[] = {
        {{true, 0, 3, 20, 0, false}, "lm"},          {{true, 0, 5000, 20000, 0, false}, "lbfgs"},
        {{true, 0, 5000, 20000, 0, true}, "newton"}, {{false, 0, 200, 0, 0, false}, "newton"},
        {{false, 0, 201, 0, 0, false}, "lbfgs"},     {{false, 0, 201, 0, 0, true}, "newton"},
        {{true, 0.1, 3, 20, 0, false}, "gd"},        {{true, 0, 3, 20, 1, false}, "ipopt"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *why = NULL;
        cr_expect_str_eq(descent_method_auto(&cases[k].choice, &why)->name, cases[k].method);
        cr_expect(why && strlen(why) > 10);
    }
}

Test(methods, find_the_minimum_of_a_quadratic) {
    struct objective objective = objective_of(quadratic);
    FOR_EACH_METHOD(m, needs_only_gradients) {
        struct descent_result r = descend(m, &objective, 2, -2, 0.05);
        expect_end(m, &r, 3, -1, 1e-7);
    }
}

Test(methods, maximize_with_the_same_steps) {
    struct objective down = objective_of(quadratic), up = objective_of(negated_quadratic);
    up.maximize = true;
    FOR_EACH_METHOD(m, needs_only_gradients) {
        struct descent_result a = descend(m, &down, 2, -2, 0.05), b = descend(m, &up, 2, -2, 0.05);
        cr_expect(a.iterations == b.iterations && a.x[0] == b.x[0] && a.value == -b.value, "%s", m->name);
        descent_result_free(&a);
        descent_result_free(&b);
    }
}

Test(methods, follow_the_valley_of_rosenbrock) {
    struct objective objective = objective_of(rosenbrock);
    FOR_EACH_METHOD(m, needs_only_gradients) {
        struct descent_result r = descend(m, &objective, -1.2, 1, 1e-3);
        expect_end(m, &r, 1, 1, 1e-6);
    }
}

/* With x[1] >= 0 the minimum over x[0] is at 2.5. */
Test(methods, find_a_minimum_on_a_bound) {
    double lower[] = {-INFINITY, 0}, upper[] = {INFINITY, INFINITY};
    struct objective objective = objective_of(quadratic);
    objective.lower = lower;
    objective.upper = upper;
    FOR_EACH_METHOD(m, needs_only_gradients) {
        struct descent_result r = descend(m, &objective, -7, 4, 0.05);
        cr_expect(r.x[1] == 0, "%s", m->name);
        expect_end(m, &r, 2.5, 0, 1e-7);
    }
}

Test(methods, find_a_corner_and_hold_what_is_fixed) {
    double lower[] = {-1, 2}, upper[] = {1, 2};
    struct objective objective = objective_of(quadratic);
    objective.lower = lower;
    objective.upper = upper;
    FOR_EACH_METHOD(m, has_search) {
        struct descent_result r = descend(m, &objective, -0.5, 7, 0);
        expect_end(m, &r, 1, 2, 1e-12);
    }
}

Test(methods, descend_from_an_indefinite_start) {
    struct objective objective = objective_of(double_well);
    FOR_EACH_METHOD(m, needs_only_gradients) {
        struct descent_result r = descend(m, &objective, 0.01, 3, 0.01);
        cr_expect(r.status == DESCENT_CONVERGED, "%s: %s", m->name, text_string(&r.reason));
        cr_expect(fabs(fabs(r.x[0]) - 1) < 1e-5 && fabs(r.x[1]) < 1e-6, "%s: %g %g", m->name, r.x[0], r.x[1]);
        descent_result_free(&r);
    }
}

Test(methods, stop_at_once_on_a_plateau) {
    struct objective objective = objective_of(plateau);
    FOR_EACH_METHOD(m, needs_only_gradients) {
        struct descent_result r = descend(m, &objective, 7, -2, 0.1);
        cr_expect(r.iterations == 0 && r.evaluations.gradient == 1, "%s: %zu", m->name, r.iterations);
        expect_end(m, &r, 7, -2, 0);
    }
}

Test(methods, take_back_steps_out_of_the_domain) {
    struct objective objective = objective_of(barrier);
    FOR_EACH_METHOD(m, has_search) {
        struct descent_result r = descend(m, &objective, 100, 5, 0);
        expect_end(m, &r, 1, 0, 1e-6);
    }
}

Test(methods, do_not_converge_where_the_function_ends) {
    struct objective objective = objective_of(cliff);
    FOR_EACH_METHOD(m, has_search) {
        struct descent_result r = descend(m, &objective, 0, 1, 0);
        cr_expect(r.status == DESCENT_STALLED && r.x[0] < 2 && isfinite(r.value), "%s: %s", m->name,
                  text_string(&r.reason));
        descent_result_free(&r);
    }
}

/* Walls of a valley that no gradient points along. */
static bool walls(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = fabs(x[0] - 1) + 2 * fabs(x[1] + x[0]);
    gradient[0] = (x[0] > 1 ? 1 : -1) + (x[1] + x[0] > 0 ? 2 : -2);
    gradient[1] = x[1] + x[0] > 0 ? 2 : -2;
    return true;
}

Test(methods, do_not_creep_for_ever) {
    struct objective objective = objective_of(walls);
    FOR_EACH_METHOD(m, has_search) {
        struct descent_result r = descend(m, &objective, 3, -2, 0);
        cr_expect(r.status == DESCENT_STALLED && r.iterations < 5000, "%s: %zu, %s", m->name, r.iterations,
                  text_string(&r.reason));
        descent_result_free(&r);
    }
}

Test(methods, say_where_a_fixed_rate_left_the_domain) {
    struct objective objective = objective_of(cliff);
    FOR_EACH_METHOD(m, needs_only_gradients) {
        if (!(m->needs & NEEDS_RATE)) continue;
        struct descent_result r = descend(m, &objective, 0, 1, 0.1);
        cr_expect(r.status == DESCENT_DOMAIN_ERROR && r.failed_at && r.failed_at[0] >= 2, "%s: %s", m->name,
                  text_string(&r.reason));
        cr_expect(strstr(text_string(&r.reason), "smaller rate than 0.1") != NULL);
        descent_result_free(&r);
    }
}

Test(methods, say_that_there_is_no_minimum) {
    struct objective objective = objective_of(falling);
    FOR_EACH_METHOD(m, has_search) {
        struct descent_result r = descend(m, &objective, 1, 1, 0);
        cr_expect(r.status == DESCENT_DIVERGED, "%s: %s", m->name, text_string(&r.reason));
        descent_result_free(&r);
    }
}

static bool stop_at_third(void *context, const struct descent_iteration *iteration) {
    size_t *calls = context;
    cr_expect(iteration->iteration == *calls);
    return ++*calls <= 3;
}

Test(methods, stop_on_request_and_at_limits) {
    struct objective objective = objective_of(rosenbrock);
    FOR_EACH_METHOD(m, needs_only_gradients) {
        size_t calls = 0;
        struct descent_options options = {.stop = {.tolerance = 0, .max_iterations = 7}, .rate = 1e-3};
        struct descent_result r;
        m->run(&objective, (double[]){-1.2, 1}, &options, &r);
        cr_expect(r.status == DESCENT_MAX_ITERATIONS && r.iterations == 7, "%s", m->name);
        descent_result_free(&r);
        options.stop.observe = stop_at_third;
        options.stop.observer = &calls;
        m->run(&objective, (double[]){-1.2, 1}, &options, &r);
        cr_expect(r.status == DESCENT_INTERRUPTED && r.iterations == 3 && r.value <= 24.2, "%s", m->name);
        descent_result_free(&r);
    }
}

/* ---- Known steps, on x^2/2 from 1 ---- */

static bool parabola(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = 0.5 * x[0] * x[0];
    gradient[0] = x[0];
    return true;
}

static void expect_steps(const char *name, const double expected[3]) {
    struct objective objective = {.dimension = 1, .evaluate = parabola};
    for (size_t steps = 1; steps <= 3; steps++) {
        struct descent_options options = {
            .stop = {.tolerance = 0, .max_iterations = steps}, .rate = 0.25, .beta = 0.5, .beta2 = 0.75};
        struct descent_result r;
        descent_method_find(name)->run(&objective, (double[]){1}, &options, &r);
        cr_expect(fabs(r.x[0] - expected[steps - 1]) < 1e-7, "%s: step %zu leads to %.17g", name, steps,
                  r.x[0]);
        descent_result_free(&r);
    }
}

Test(momentum, takes_the_steps_of_the_heavy_ball) {
    /* v: -1/4, -5/16, -19/64 */
    expect_steps("momentum", (double[]){0.75, 0.4375, 0.171875});
}

Test(nesterov, takes_the_gradient_ahead) {
    /* v: -1/4, then -1/8 - 5/32 = -9/32; x: 1 - 1/8 - 1/4 = 5/8, 5/8 - 9/64 - 5/32 = 21/64 */
    expect_steps("nesterov", (double[]){0.625, 0.328125, 0.328125 + 0.5 * -0.22265625 - 0.25 * 0.328125});
}

Test(adam, takes_a_first_step_of_the_rate) {
    /* The means are 1 and 1 at first; then (1/4 + 3/8)/(3/4) = 5/6 and (3/16 + 9/64)/(7/16) = 3/4. */
    struct objective objective = {.dimension = 1, .evaluate = parabola};
    double second = 0.75 - 0.25 * (5.0 / 6) / sqrt(0.75);
    for (size_t steps = 1; steps <= 2; steps++) {
        struct descent_options options = {
            .stop = {.tolerance = 0, .max_iterations = steps}, .rate = 0.25, .beta = 0.5, .beta2 = 0.75};
        struct descent_result r;
        descend_adam(&objective, (double[]){1}, &options, &r);
        cr_expect(fabs(r.x[0] - (steps == 1 ? 0.75 : second)) < 1e-7, "step %zu: %.17g", steps, r.x[0]);
        descent_result_free(&r);
    }
}

Test(lbfgs, beats_the_gradient_on_rosenbrock) {
    struct objective objective = objective_of(rosenbrock);
    struct descent_result r = descend(descent_method_find("lbfgs"), &objective, -1.2, 1, 0);
    cr_expect(r.iterations < 60 && r.evaluations.gradient < 80, "%zu, %zu", r.iterations,
              r.evaluations.gradient);
    descent_result_free(&r);
}
