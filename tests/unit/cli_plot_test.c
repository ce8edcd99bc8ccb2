#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "cli/plot_critical.h"
#include "cli/plot_extent.h"
#include "cli/plot_fit.h"
#include "cli/plot_path.h"

/* ---- Extents ---- */

Test(extents, grow_by_finite_values_only) {
    struct extent e = extent_empty();
    cr_expect(e.high < e.low);
    extent_include(&e, 3);
    extent_include(&e, NAN);
    extent_include(&e, INFINITY);
    extent_include(&e, -1);
    cr_expect(e.low == -1 && e.high == 3);
    cr_expect(extent_holds(e, 3) && !extent_holds(e, 3.5) && !extent_holds(e, NAN));
    struct extent wide = extent_widen(e, 0.25), met = extent_meet(wide, (struct extent){0, INFINITY});
    cr_expect(wide.low == -2 && wide.high == 4 && met.low == 0 && met.high == 4);
}

Test(extents, get_a_width_where_they_have_none) {
    static const struct extent given[] = {{INFINITY, -INFINITY}, {0, 0}, {5, 5}, {-0.25, -0.25}, {1e6, 1e6}};
    static const struct extent expected[] = {{-1, 1}, {-1, 1}, {0, 10}, {-1.25, 0.75}, {0, 2e6}};
    for (size_t k = 0; k < sizeof given / sizeof given[0]; k++) {
        struct extent opened = extent_open(given[k]);
        cr_expect(opened.low == expected[k].low && opened.high == expected[k].high, "%zu: %g %g", k,
                  opened.low, opened.high);
    }
    struct extent narrow = {1, 1.000001};
    cr_expect(extent_open(narrow).high == narrow.high, "narrow ones show what happens there");
}

Test(extents, quantiles_leave_out_what_is_not_finite) {
    double values[] = {INFINITY, 5, NAN, 1, -INFINITY, 3, 2, 4};
    cr_expect_eq(quantile(values, 8, 0), 1);
    cr_expect_eq(quantile(values, 8, 0.5), 3);
    cr_expect_eq(quantile(values, 8, 1), 5);
    double none[] = {NAN, INFINITY};
    cr_expect(isnan(quantile(none, 2, 0.5)) && isnan(quantile(none, 0, 0.5)));
}

enum { VALUES = 201 };

Test(extents, a_pole_does_not_flatten_the_rest) {
    double values[VALUES];
    for (int k = 0; k < VALUES; k++) values[k] = 1 / fabs((k - 100) / 100.0); /* infinite in the middle */
    struct extent heights = choose_heights((struct extent){1, 3}, values, VALUES);
    cr_expect(heights.low == 1 && heights.high == 4, "%g %g", heights.low, heights.high);
    heights = choose_heights(extent_empty(), values, VALUES);
    cr_expect(heights.low == 1 && heights.high < 20, "%g %g", heights.low, heights.high);
}

Test(extents, heights_of_a_constant_and_of_nothing_are_open) {
    double values[] = {2, 2, 2, NAN}, none[] = {NAN, NAN};
    struct extent heights = choose_heights((struct extent){2, 2}, values, 4);
    cr_expect(heights.low < 2 && heights.high > 2);
    heights = choose_heights(extent_empty(), none, 2);
    cr_expect(heights.low == -1 && heights.high == 1);
}

Test(extents, logarithms_are_for_decades_of_positive_values) {
    double powers[VALUES], parabola[VALUES], mixed[VALUES];
    for (int k = 0; k < VALUES; k++) {
        double x = (k - 100) / 20.0;
        powers[k] = exp(2 * x);
        parabola[k] = x * x + 1e-9;
        mixed[k] = sinh(4 * x);
    }
    cr_expect(spans_decades(powers, VALUES));
    cr_expect(!spans_decades(parabola, VALUES), "one deep point is no decade");
    cr_expect(!spans_decades(mixed, VALUES));
}

/* ---- Critical points ---- */

static bool quartic(void *context, double x, double *value, double *slope) {
    (void)context;
    *value = x * x * x * x - 3 * x * x * x + 2;
    *slope = 4 * x * x * x - 9 * x * x;
    return true;
}
static bool size_of(void *context, double x, double *value, double *slope) {
    (void)context;
    *value = fabs(x - 0.3);
    *slope = x < 0.3 ? -1 : 1;
    return true;
}
static bool poles(void *context, double x, double *value, double *slope) {
    (void)context;
    *value = 1 / (x * x) - 1 / ((x - 2) * (x - 2)); /* -infinite at 2 */
    *slope = -2 / (x * x * x) + 2 / ((x - 2) * (x - 2) * (x - 2));
    return true;
}
static bool wave(void *context, double x, double *value, double *slope) {
    (void)context;
    *value = sin(x);
    *slope = cos(x);
    return true;
}
static bool stairs(void *context, double x, double *value, double *slope) {
    (void)context;
    *value = floor(x) + x * x / 5; /* lower just before 0, where the slope changes its sign */
    *slope = 2 * x / 5;
    return true;
}
static bool ends(void *context, double x, double *value, double *slope) {
    int *left = context;
    return (*left)-- > 0 && quartic(NULL, x, value, slope);
}

enum { SAMPLES = 300, ROOM = 8 };

static size_t search(bool (*f)(void *, double, double *, double *), double low, double high,
                     struct critical found[ROOM]) {
    struct sample samples[SAMPLES];
    struct curve curve = {f, NULL};
    bool good;
    cr_assert(curve_sample(&curve, low, high, samples, SAMPLES));
    size_t count = find_critical(&curve, samples, SAMPLES, found, ROOM, &good);
    cr_assert(good);
    return count;
}

Test(critical_points, of_a_quartic_are_a_minimum_and_a_level_inflection) {
    struct critical found[ROOM];
    cr_assert_eq(search(quartic, -1.05, 5, found), 2);
    cr_expect(fabs(found[0].at) < 1e-7 && found[0].kind == GRADC_SADDLE, "%g", found[0].at);
    cr_expect(fabs(found[1].at - 2.25) < 1e-15 && found[1].kind == GRADC_MINIMUM, "%.17g", found[1].at);
    cr_expect_float_eq(found[1].value, -6.54296875, 1e-13);
}

Test(critical_points, that_are_samples_are_found_too) {
    struct critical found[ROOM];
    cr_assert_eq(search(quartic, -149, 150, found), 2); /* 0 is a sample, 2.25 is none */
    cr_expect(found[0].at == 0 && found[0].kind == GRADC_SADDLE);
    cr_expect(found[1].kind == GRADC_MINIMUM);
}

Test(critical_points, are_kinks_but_no_poles) {
    struct critical found[ROOM];
    cr_assert_eq(search(size_of, -1, 1, found), 1);
    cr_expect(fabs(found[0].at - 0.3) < 1e-12 && found[0].kind == GRADC_MINIMUM);
    cr_expect_eq(search(poles, -1, 3, found), 0);
}

Test(critical_points, are_no_jumps) {
    struct critical found[ROOM];
    cr_expect_eq(search(stairs, -4, 4, found), 0);
    cr_expect_eq(search(stairs, -149, 150, found), 0); /* 0 is a sample */
}

Test(critical_points, alternate_and_end_where_there_is_no_room) {
    struct critical found[ROOM];
    cr_assert_eq(search(wave, 0, 12, found), 4);
    for (size_t k = 0; k < 4; k++) cr_expect_eq(found[k].kind, k % 2 == 0 ? GRADC_MAXIMUM : GRADC_MINIMUM);
    cr_expect_eq(search(wave, 0, 100, found), ROOM);
}

Test(critical_points, end_with_the_function) {
    struct sample samples[SAMPLES];
    struct critical found[ROOM];
    int left = SAMPLES + 3;
    struct curve curve = {ends, &left};
    bool good;
    cr_assert(curve_sample(&curve, 1, 5, samples, SAMPLES));
    find_critical(&curve, samples, SAMPLES, found, ROOM, &good);
    cr_expect(!good);
    cr_expect(!curve_sample(&curve, 1, 5, samples, SAMPLES));
}

/* ---- Paths ---- */

static void walk(struct plot_path *path, size_t iterations) {
    for (size_t k = 0; k <= iterations; k++) {
        double point[] = {0, (double)k, 7};
        path_add(path, &(struct gradc_iteration){k, (double)k, 1, 0, point});
    }
}

Test(paths, keep_the_start_the_end_and_what_is_evenly_between) {
    static const size_t lengths[] = {0, 1, PATH_LIMIT - 1, PATH_LIMIT, PATH_LIMIT + 1, 100001, 1 << 17};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct plot_path path = {.axes = {1}, .axis_count = 1};
        walk(&path, lengths[i]);
        cr_assert_leq(path.count, PATH_LIMIT);
        cr_expect(lengths[i] < PATH_LIMIT ? path.count == lengths[i] + 1 : path.count > PATH_LIMIT / 2);
        cr_expect_eq(path.steps[0].iteration, 0);
        cr_expect_eq(path.steps[path.count - 1].iteration, lengths[i]);
        for (size_t k = 0; k + 1 < path.count; k++)
            cr_assert_eq(path.steps[k].iteration, k * path.stride, "%zu of %zu", k, lengths[i]);
        cr_expect_eq(path.steps[path.count - 1].at[0], (double)lengths[i]);
        path_free(&path);
    }
}

Test(paths, pass_over_steps_that_cannot_be_told_apart) {
    struct plot_path path = {.axes = {1}, .axis_count = 1};
    walk(&path, 1000);
    size_t drawn = 0, last = 0;
    struct extent ends_at = {0, 1000};
    for (size_t k = path_next(&path, SIZE_MAX, ends_at, ends_at); k < path.count;
         k = path_next(&path, k, ends_at, ends_at), drawn++)
        last = k;
    cr_expect_eq(last, 1000);
    cr_expect(drawn > 200 && drawn < 400, "%zu", drawn);
    path_free(&path);
}

/* ---- Confidence bands ---- */

/* A line through x = 0, 1, 2, 4: the band of linear regression is t*s*sqrt(1/n + (x - mean)^2/Sxx). */
Test(bands, are_those_of_linear_regression) {
    static const double x[] = {0, 1, 2, 4}, s = 0.25, t = 4.3, mean = 1.75, sxx = 8.75;
    double a = s * sqrt(0.25 + mean * mean / sxx), b = s / sqrt(sxx), both = -mean * s * s / sxx / (a * b);
    double errors[] = {a, b}, correlation[] = {1, both, both, 1};
    struct gradc_fit fit = {.t95 = t, .standard_errors = errors, .correlation = correlation};
    size_t starts[] = {0, 1, 3, 5, 7, 9};
    uint32_t column[] = {0, 0, 1, 0, 1, 0, 1, 0, 1};
    double observed[] = {1, 2, 3, 4}, fitted[] = {2, 2.5, 3, 3.5}, residuals[4], values[9] = {-7}, reach[4];
    for (size_t i = 0; i < 4; i++) { /* the second row has weight 9 */
        double root = i == 1 ? 3 : 1;
        residuals[i] = root * (observed[i] - fitted[i]);
        values[1 + 2 * i] = -root;
        values[2 + 2 * i] = -root * x[i];
    }
    struct gradc_matrix jacobian = {
        .rows = 5, .columns = 2, .starts = starts, .column = column, .values = values};
    fit_reach(&fit, 2, &jacobian, 1, 4, residuals, observed, fitted, reach);
    for (size_t i = 0; i < 4; i++)
        cr_expect_float_eq(reach[i], t * s * sqrt(0.25 + (x[i] - mean) * (x[i] - mean) / sxx), 1e-14,
                           "%zu: %g", i, reach[i]);
    fit.standard_errors = NULL;
    fit_reach(&fit, 2, &jacobian, 1, 4, residuals, observed, fitted, reach);
    cr_expect(isnan(reach[0]) && isnan(reach[3]));
}
