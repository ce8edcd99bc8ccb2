#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "cli/plot_contour.h"
#include "cli/plot_levels.h"

/* A grid over [-1, 1]^2 of a function. */
static struct grid sample(double (*f)(double x, double y), size_t columns, size_t rows) {
    struct grid g = grid_make(columns, rows);
    for (size_t k = 0; k < columns; k++) g.x[k] = -1 + 2.0 * (double)k / (double)(columns - 1);
    for (size_t k = 0; k < rows; k++) g.y[k] = -1 + 2.0 * (double)k / (double)(rows - 1);
    for (size_t k = 0; k < columns * rows; k++) g.values[k] = f(g.x[k % columns], g.y[k / columns]);
    return g;
}

static double cone(double x, double y) {
    return hypot(x, y);
}
static double plane(double x, double y) {
    return x + 2 * y;
}
static double saddle(double x, double y) {
    return x * y;
}
static double half(double x, double y) {
    return x > 0.31 ? NAN : hypot(x, y);
}
static double ring(double x, double y) {
    return fabs(hypot(x, y) - 0.5) - 0.2;
}

static bool is_closed(const struct contours *c, size_t k) {
    struct contour_point a = c->points[contours_begin(c, k)], b = c->points[c->ends[k] - 1];
    return a.x == b.x && a.y == b.y;
}

Test(contours, of_a_cone_are_circles) {
    struct grid g = sample(cone, 101, 81);
    struct contours c = {0};
    contours_trace(&c, &g, 0.7);
    cr_assert_eq(c.line_count, 1);
    cr_expect(is_closed(&c, 0));
    cr_expect_gt(c.count, 200);
    for (size_t k = 0; k < c.count; k++)
        cr_assert_float_eq(hypot(c.points[k].x, c.points[k].y), 0.7, 1e-3, "point %zu", k);
    contours_free(&c);
    grid_free(&g);
}

Test(contours, of_a_plane_are_one_line_from_edge_to_edge) {
    struct grid g = sample(plane, 7, 12);
    struct contours c = {0};
    contours_trace(&c, &g, 0.25);
    cr_assert_eq(c.line_count, 1);
    cr_expect(!is_closed(&c, 0));
    for (size_t k = 0; k < c.count; k++) cr_expect_float_eq(plane(c.points[k].x, c.points[k].y), 0.25, 1e-14);
    cr_expect_eq(fabs(c.points[0].x), 1);
    cr_expect_eq(fabs(c.points[c.count - 1].x), 1);
    contours_trace(&c, &g, 4);
    cr_expect_eq(c.line_count, 1, "a level that is not reached has no line");
    contours_free(&c);
    grid_free(&g);
}

Test(contours, do_not_cross_at_a_saddle) {
    static const double levels[] = {-0.001, 0.001};
    struct grid g = sample(saddle, 10, 10); /* its middle lies within a cell */
    for (size_t i = 0; i < 2; i++) {
        struct contours c = {0};
        contours_trace(&c, &g, levels[i]);
        cr_assert_eq(c.line_count, 2);
        for (size_t k = 0; k < 2; k++) {
            struct contour_point first = c.points[contours_begin(&c, k)];
            for (size_t p = contours_begin(&c, k); p < c.ends[k]; p++)
                cr_expect(first.x * c.points[p].x >= 0 && first.y * c.points[p].y >= 0, "line %zu of %g", k,
                          levels[i]);
        }
        contours_free(&c);
    }
    grid_free(&g);
}

Test(contours, end_where_there_are_no_values) {
    struct grid g = sample(half, 41, 41);
    struct contours c = {0};
    contours_trace(&c, &g, 0.7);
    cr_assert_eq(c.line_count, 1);
    cr_expect(!is_closed(&c, 0));
    for (size_t k = 0; k < c.count; k++) cr_expect(c.points[k].x <= 0.31);
    contours_free(&c);
    grid_free(&g);
}

Test(contours, of_a_surrounded_grid_are_closed_and_nested) {
    struct grid g = sample(ring, 61, 61), closed;
    struct contours c = {0};
    closed = grid_surround(&g, -1);
    cr_expect(closed.columns == 63 && closed.x[0] == -1 && closed.x[62] == 1 && closed.values[0] == -1);
    contours_trace(&c, &closed, 0); /* above: the corners, and the disc in the middle */
    cr_assert_eq(c.line_count, 3);
    size_t depths[3] = {0};
    for (size_t k = 0; k < c.line_count; k++) {
        cr_expect(is_closed(&c, k));
        depths[contours_depth(&c, k)]++;
    }
    cr_expect(depths[0] == 1 && depths[1] == 1 && depths[2] == 1);
    contours_free(&c);
    grid_free(&closed);
    grid_free(&g);
}

static double bumps(double x, double y) {
    return fmax(0.3 - hypot(x - 0.5, y), 0.2 - hypot(x + 0.5, y - 0.05));
}

Test(contours, beside_each_other_surround_none) {
    struct grid g = sample(bumps, 81, 81), closed = grid_surround(&g, -1);
    struct contours c = {0};
    contours_trace(&c, &closed, 0);
    cr_assert_eq(c.line_count, 2);
    cr_expect(contours_depth(&c, 0) == 0 && contours_depth(&c, 1) == 0);
    contours_free(&c);
    grid_free(&closed);
    grid_free(&g);
}

/* ---- Levels ---- */

Test(levels, steps_are_1_2_5_times_a_power) {
    static const double given[] = {1, 1.01, 2.5, 5.1, 0.0099, 7e8}, expected[] = {1, 2, 5, 10, 0.01, 1e9};
    for (size_t k = 0; k < sizeof given / sizeof given[0]; k++)
        cr_expect_float_eq(nice_step(given[k]) / expected[k], 1, 1e-12, "%g", given[k]);
}

enum { VALUES = 1001 };

static struct levels levels_of(double (*f)(double), double least, bool is_valley) {
    double values[VALUES];
    for (int k = 0; k < VALUES; k++) values[k] = f((double)k / (VALUES - 1));
    values[17] = NAN;
    struct levels levels = choose_levels(values, VALUES, least, is_valley);
    cr_assert_leq(levels.count, MOST_LEVELS);
    for (size_t k = 1; k < levels.count; k++) cr_expect_lt(levels.at[k - 1], levels.at[k]);
    return levels;
}

static double straight(double t) {
    return 20 * t - 7;
}
static double decades(double t) {
    return 3e-5 * pow(10, 7 * t);
}
static double few(double t) {
    return 5 + pow(10, 3 * t);
}
static double many(double t) {
    return pow(10, 250 * t - 100);
}
static double constant(double t) {
    return 0 * t + 4;
}

Test(levels, are_even_where_values_are) {
    struct levels levels = levels_of(straight, INFINITY, false);
    cr_expect(!levels.logarithmic && levels.count == 10);
    cr_expect_eq(levels.at[0], -6);
    cr_expect_eq(levels.at[9], 12);
    cr_expect(levels_of(straight, INFINITY, true).logarithmic, "around a minimum they are denser");
}

Test(levels, are_logarithmic_over_decades) {
    struct levels levels = levels_of(decades, INFINITY, false);
    cr_expect(levels.logarithmic && levels.digits == 2 && levels.base == 0);
    cr_expect_float_eq(levels.at[0], 1e-4, 1e-15);
    cr_expect_float_eq(levels.at[1], 3e-4, 1e-15);
    cr_expect_gt(levels.count, 10);
}

Test(levels, count_from_the_least_value) {
    struct levels levels = levels_of(few, 5.5, true);
    cr_expect(levels.logarithmic && levels.digits == 3 && levels.base == 5.5, "%g", levels.base);
    levels = levels_of(few, INFINITY, true);
    cr_expect_eq(levels.base, 6);
}

Test(levels, leave_out_decades_where_there_are_many) {
    struct levels levels = levels_of(many, INFINITY, false);
    cr_expect(levels.logarithmic && levels.digits == 1 && levels.count > 7 && levels.count <= 15, "%zu",
              levels.count);
    cr_expect_gt(levels.at[levels.count - 1], 1e120);
}

Test(levels, are_none_of_a_constant_or_of_nothing) {
    double none[] = {NAN, INFINITY};
    cr_expect_eq(levels_of(constant, INFINITY, true).count, 0);
    cr_expect_eq(choose_levels(none, 2, INFINITY, true).count, 0);
    cr_expect_eq(choose_levels(none, 0, 3, true).count, 0);
}
