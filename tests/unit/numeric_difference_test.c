#include "numeric/difference.h"

#include <criterion/criterion.h>
#include <math.h>

#include "numeric/ridders.h"

static double power(void *context, double x) {
    return pow(x, *(const int *)context);
}
static double exponential(void *context, double x) {
    ++*(size_t *)context;
    return exp(x);
}
static double root(void *context, double x) {
    ++*(size_t *)context;
    return sqrt(x);
}
static double undefined(void *context, double x) {
    (void)context;
    return x - x == 0 ? NAN : 0;
}

static double of_power(enum difference_id id, int exponent, double x, double h) {
    struct line line = {power, &exponent, x, pow(x, exponent)};
    return difference_derivative(difference_at(id), &line, h);
}

/* A formula of order p is exact for polynomials of degree p, and for the next power it is off by what it
 * says. */
Test(difference, is_exact_up_to_its_order) {
    for (int id = 0; id < DIFFERENCES; id++) {
        const struct difference *d = difference_at((enum difference_id)id);
        int p = (int)d->order;
        double x = 3, h = 0.25, factorial = 1;
        for (int k = 1; k <= p; k++)
            cr_expect_float_eq(of_power((enum difference_id)id, k, x, h), k * pow(x, k - 1), 1e-11, "%s x^%d",
                               d->name, k);
        for (int k = 2; k <= p + 1; k++) factorial *= k;
        double error = fabs(of_power((enum difference_id)id, p + 1, x, h) - (p + 1) * pow(x, p));
        cr_expect_float_eq(error, difference_truncation(d, h, factorial), 1e-11, "%s", d->name);
    }
}

Test(difference, counts_the_noise_of_all_values) {
    for (int id = 0; id < DIFFERENCES; id++) {
        const struct difference *d = difference_at((enum difference_id)id);
        double sum = 0;
        for (size_t k = 0; k < d->count; k++) sum += fabs(d->weights[k]);
        cr_expect_float_eq(d->noise, sum, 1e-15);
        cr_expect_float_eq(difference_rounding(d, 0.5, 3), 6 * sum, 1e-14);
    }
}

Test(difference, takes_a_step_by_which_x_changes_exactly) {
    double h = difference_step(3, 1e-8);
    cr_expect_eq((3 + h) - 3, h);
    cr_expect_neq(h, 1e-8);
    cr_expect_eq(difference_step(3, 1e-17), 0);
    cr_expect_eq(of_power(DIFFERENCE_CENTRAL, 2, 3, 1e-17), 0);
}

Test(difference, usual_steps_follow_the_unknown) {
    const struct difference *forward = difference_at(DIFFERENCE_FORWARD);
    const struct difference *central = difference_at(DIFFERENCE_CENTRAL);
    cr_expect_float_eq(difference_usual_step(forward, 0.01), sqrt(0x1p-53), 1e-20);
    cr_expect_float_eq(difference_usual_step(forward, -100), 100 * sqrt(0x1p-53), 1e-18);
    cr_expect_float_eq(difference_usual_step(central, 0), cbrt(0x1p-53), 1e-18);
}

/* No step has a smaller sum of both errors than the best one. */
Test(difference, best_steps_balance_the_errors) {
    for (int id = 0; id < DIFFERENCES; id++) {
        const struct difference *d = difference_at((enum difference_id)id);
        double noise = 1e-15, higher = 7, best = difference_best_step(d, 1, noise, higher), factor;
        double least = difference_truncation(d, best, higher) + difference_rounding(d, best, noise);
        for (int k = -4; k <= 4; k++) {
            factor = pow(1.5, k);
            double sum = difference_truncation(d, best * factor, higher) +
                         difference_rounding(d, best * factor, noise);
            cr_expect_geq(sum, least * (1 - 1e-12), "%s, step times %g", d->name, factor);
        }
        cr_expect_eq(difference_best_step(d, 16, noise, 0), 2, "no error of its own: as wide as allowed");
    }
}

Test(ridders, comes_near_the_derivative) {
    size_t calls = 0;
    struct line line = {exponential, &calls, 1, exp(1)};
    double error, found = ridders_derivative(&line, ridders_first_step(1), &error);
    cr_expect_float_eq(found, exp(1), 1e-12);
    cr_expect_lt(fabs(found - exp(1)), 100 * error + 1e-14);
    cr_expect_lt(error, 1e-11);
    cr_expect_leq(calls, 20);
}

Test(ridders, comes_back_into_the_domain) {
    size_t calls = 0;
    struct line line = {root, &calls, 0.05, sqrt(0.05)};
    double error, found = ridders_derivative(&line, 0.1, &error);
    cr_expect_float_eq(found, 0.5 / sqrt(0.05), 1e-6);
}

Test(ridders, gives_nan_where_nothing_is_a_number) {
    struct line line = {undefined, NULL, 1, NAN};
    double error, found = ridders_derivative(&line, 0.1, &error);
    cr_expect(isnan(found));
    cr_expect(isinf(error));
}
