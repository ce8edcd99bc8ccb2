#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "descend/descend.h"

static bool quartic(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    double a = x[0], cube = (a * a) * a;
    *value = (a * a) * (a * a) + -1 * (3 * cube) + 2;
    gradient[0] = 4 * cube + -1 * (9 * (a * a));
    return true;
}

static bool negated_quartic(void *context, const double *x, double *value, double *gradient) {
    quartic(context, x, value, gradient);
    *value = -*value;
    gradient[0] = -gradient[0];
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

static bool quadratic(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = (x[0] - 3) * (x[0] - 3) + (x[1] + 1) * (x[1] + 1);
    gradient[0] = 2 * (x[0] - 3);
    gradient[1] = 2 * (x[1] + 1);
    return true;
}

/* x - log(x): defined for x > 0, minimum at 1. */
static bool barrier(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = x[0] - log(x[0]);
    gradient[0] = x[0] > 0 ? 1 - 1 / x[0] : NAN;
    return true;
}

static bool falling(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = -x[0] * x[0] * x[0];
    gradient[0] = -3 * x[0] * x[0];
    return true;
}

static struct stop_criteria stop_at(double tolerance) {
    return (struct stop_criteria){.tolerance = tolerance, .max_iterations = 100000};
}

Test(fixed_rate, takes_the_steps_of_plain_gradient_descent) {
    static const struct {
        double start, rate, tolerance, x;
        size_t iterations;
    } rows[] = {{5, 0.001, 1e-6, 2.250048101595436, 468}, {6, 0.01, 1e-5, 2.2499646074278457, 70}};
    struct objective objective = {.dimension = 1, .evaluate = quartic};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct stop_criteria stop = stop_at(rows[k].tolerance);
        struct descent_result r;
        descend_fixed_rate(&objective, &rows[k].start, rows[k].rate, &stop, &r);
        cr_expect(r.status == DESCENT_CONVERGED, "row %zu: %s", k, text_string(&r.reason));
        cr_expect(r.iterations == rows[k].iterations, "row %zu: %zu iterations", k, r.iterations);
        cr_expect(r.evaluations.gradient == r.iterations + 1, "row %zu: %zu evaluations", k,
                  r.evaluations.gradient);
        cr_expect(r.x[0] == rows[k].x, "row %zu: x = %.17g", k, r.x[0]);
        cr_expect(r.step <= rows[k].tolerance && r.step > 0, "row %zu: step %g", k, r.step);
        descent_result_free(&r);
    }
}

Test(fixed_rate, maximizes_with_the_same_bits) {
    struct objective objective = {.dimension = 1, .evaluate = negated_quartic, .maximize = true};
    struct stop_criteria stop = stop_at(1e-6);
    struct descent_result r;
    descend_fixed_rate(&objective, (double[]){5}, 0.001, &stop, &r);
    cr_expect(r.iterations == 468 && r.x[0] == 2.250048101595436);
    cr_expect(r.value > 6.5 && r.value < 6.6, "value %g", r.value);
    descent_result_free(&r);
}

Test(fixed_rate, says_that_it_diverges_and_what_to_try) {
    struct objective objective = {.dimension = 1, .evaluate = quartic};
    struct stop_criteria stop = stop_at(1e-6);
    struct descent_result r;
    descend_fixed_rate(&objective, (double[]){10}, 0.01, &stop, &r);
    cr_expect(r.status == DESCENT_DIVERGED);
    cr_expect(strstr(text_string(&r.reason), "iteration 5") != NULL, "%s", text_string(&r.reason));
    cr_expect(strstr(text_string(&r.reason), "smaller rate than 0.01") != NULL);
    cr_expect(isfinite(r.value) && r.x[0] == 10, "the best point is reported: %g", r.x[0]);
    descent_result_free(&r);
}

Test(fixed_rate, stays_in_the_bounds) {
    double lower[] = {-INFINITY, 0}, upper[] = {2, INFINITY};
    struct objective objective = {.dimension = 2, .evaluate = quadratic, .lower = lower, .upper = upper};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    descend_fixed_rate(&objective, (double[]){-7, 4}, 0.1, &stop, &r);
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.x[0] == 2 && r.x[1] == 0, "%g %g", r.x[0], r.x[1]);
    cr_expect(r.gradient[0] == -2 && r.gradient[1] == 2 && r.gradient_norm == 0);
    descent_result_free(&r);
}

Test(fixed_rate, reports_where_it_left_the_domain) {
    struct objective objective = {.dimension = 1, .evaluate = barrier};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    descend_fixed_rate(&objective, (double[]){4}, 8, &stop, &r);
    cr_expect(r.status == DESCENT_DOMAIN_ERROR, "%s", text_string(&r.reason));
    cr_assert(r.failed_at != NULL);
    cr_expect(r.failed_at[0] == -2 && r.x[0] == 4, "%g %g", r.failed_at[0], r.x[0]);
    descent_result_free(&r);
}

Test(fixed_rate, stalls_where_the_point_no_longer_changes) {
    struct objective objective = {.dimension = 1, .evaluate = quartic};
    struct stop_criteria stop = stop_at(0);
    struct descent_result r;
    descend_fixed_rate(&objective, (double[]){5}, 1e-20, &stop, &r);
    cr_expect(r.status == DESCENT_STALLED, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

Test(both, stop_at_the_start_where_it_is_not_defined) {
    struct objective objective = {.dimension = 1, .evaluate = barrier};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    for (int method = 0; method < 2; method++) {
        if (method)
            descend_line_search(&objective, (double[]){-1}, &stop, &r);
        else
            descend_fixed_rate(&objective, (double[]){-1}, 0.1, &stop, &r);
        cr_expect(r.status == DESCENT_DOMAIN_ERROR && r.iterations == 0, "%s", text_string(&r.reason));
        cr_expect(r.failed_at && r.failed_at[0] == -1);
        descent_result_free(&r);
    }
}

static bool stop_at_third(void *context, const struct descent_iteration *iteration) {
    size_t *calls = context;
    cr_expect(iteration->iteration == *calls, "call %zu: %zu", *calls, iteration->iteration);
    return ++*calls <= 3;
}

Test(both, stop_on_request_with_the_best_point) {
    struct objective objective = {.dimension = 2, .evaluate = rosenbrock};
    for (int method = 0; method < 2; method++) {
        size_t calls = 0;
        struct stop_criteria stop = stop_at(1e-9);
        stop.observe = stop_at_third;
        stop.observer = &calls;
        struct descent_result r;
        if (method)
            descend_line_search(&objective, (double[]){-1.2, 1}, &stop, &r);
        else
            descend_fixed_rate(&objective, (double[]){-1.2, 1}, 0.001, &stop, &r);
        cr_expect(r.status == DESCENT_INTERRUPTED && r.iterations == 3, "%s", text_string(&r.reason));
        cr_expect(r.value < 24.2);
        descent_result_free(&r);
    }
}

Test(both, obey_the_limits) {
    struct objective objective = {.dimension = 2, .evaluate = rosenbrock};
    struct stop_criteria stop = {.tolerance = 0, .max_iterations = 7};
    struct descent_result r;
    descend_fixed_rate(&objective, (double[]){-1.2, 1}, 0.001, &stop, &r);
    cr_expect(r.status == DESCENT_MAX_ITERATIONS && r.iterations == 7);
    descent_result_free(&r);
    stop.max_iterations = (size_t)-1;
    stop.timeout = 1e-9;
    descend_fixed_rate(&objective, (double[]){-1.2, 1}, 0.001, &stop, &r);
    cr_expect(r.status == DESCENT_TIMEOUT);
    descent_result_free(&r);
}

Test(line_search, finds_the_minimum_of_rosenbrock) {
    struct objective objective = {.dimension = 2, .evaluate = rosenbrock};
    struct stop_criteria stop = stop_at(1e-8);
    struct descent_result r;
    descend_line_search(&objective, (double[]){-1.2, 1}, &stop, &r);
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(fabs(r.x[0] - 1) < 1e-6 && fabs(r.x[1] - 1) < 1e-6, "%g %g", r.x[0], r.x[1]);
    cr_expect(r.iterations < 1000, "%zu iterations", r.iterations);
    descent_result_free(&r);
}

static const double magnitudes[] = {1e5, 1, 1e-5, 30, 1e-3};
enum { MAGNITUDES = sizeof magnitudes / sizeof magnitudes[0] };

/* The sum of weight*(cosh(u) - 1) of unknowns of different magnitudes; u is 0 at the magnitude. */
static bool uneven(void *context, const double *x, double *value, double *gradient) {
    (void)context;
    *value = 0;
    for (int k = 0; k < MAGNITUDES; k++) {
        double u = x[k] / magnitudes[k] - 1;
        *value += (k + 1) * (cosh(u) - 1);
        gradient[k] = (k + 1) * sinh(u) / magnitudes[k];
    }
    return true;
}

Test(line_search, gets_along_with_unknowns_of_different_magnitudes) {
    struct objective objective = {.dimension = MAGNITUDES, .evaluate = uneven};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    descend_line_search(&objective, (double[]){5e4, 2, 4e-5, 10, 5e-4}, &stop, &r);
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(r.iterations < 100, "%zu iterations", r.iterations);
    for (int k = 0; k < MAGNITUDES; k++)
        cr_expect(fabs(r.x[k] / magnitudes[k] - 1) < 1e-7, "%d: %g", k, r.x[k]);
    descent_result_free(&r);
}

Test(line_search, finds_a_minimum_on_the_bounds) {
    double lower[] = {-INFINITY, 0}, upper[] = {2, INFINITY};
    struct objective objective = {.dimension = 2, .evaluate = quadratic, .lower = lower, .upper = upper};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    descend_line_search(&objective, (double[]){-7, 4}, &stop, &r);
    cr_expect(r.status == DESCENT_CONVERGED && r.x[0] == 2 && r.x[1] == 0, "%s", text_string(&r.reason));
    descent_result_free(&r);
}

Test(line_search, shortens_steps_that_leave_the_domain) {
    struct objective objective = {.dimension = 1, .evaluate = barrier};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    descend_line_search(&objective, (double[]){100}, &stop, &r);
    cr_expect(r.status == DESCENT_CONVERGED, "%s", text_string(&r.reason));
    cr_expect(fabs(r.x[0] - 1) < 1e-6, "%g", r.x[0]);
    descent_result_free(&r);
}

Test(line_search, says_that_there_is_no_minimum) {
    struct objective objective = {.dimension = 1, .evaluate = falling};
    struct stop_criteria stop = stop_at(1e-9);
    struct descent_result r;
    descend_line_search(&objective, (double[]){1}, &stop, &r);
    cr_expect(r.status == DESCENT_DIVERGED, "%s", text_string(&r.reason));
    descent_result_free(&r);
}
