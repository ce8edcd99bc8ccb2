#include <criterion/criterion.h>
#include <math.h>

#include "cli/plot_stationary.h"

static bool himmelblau(void *context, const double at[2], double slope[2]) {
    (void)context;
    double x = at[0], y = at[1], u = x * x + y - 11, v = x + y * y - 7;
    slope[0] = 4 * x * u + 2 * v;
    slope[1] = 2 * u + 4 * y * v;
    return true;
}
static bool himmelblau_curved(void *context, const double at[2], double m[3]) {
    (void)context;
    double x = at[0], y = at[1];
    m[0] = 12 * x * x + 4 * y - 42;
    m[1] = 4 * x + 4 * y;
    m[2] = 12 * y * y + 4 * x - 26;
    return true;
}

/* (x^2 + (y/1000)^2)^2, of which nothing is known for x < -0.5 */
static bool bowl(void *context, const double at[2], double slope[2]) {
    (void)context;
    double x = at[0], y = at[1] / 1000, square = x * x + y * y;
    slope[0] = x < -0.5 ? NAN : 4 * x * square;
    slope[1] = 4 * y / 1000 * square;
    return true;
}
static bool bowl_curved(void *context, const double at[2], double m[3]) {
    (void)context;
    double x = at[0], y = at[1] / 1000;
    m[0] = 12 * x * x + 4 * y * y;
    m[1] = 8 * x * y / 1000;
    m[2] = (4 * x * x + 12 * y * y) / 1e6;
    return true;
}

static bool plane(void *context, const double at[2], double slope[2]) {
    (void)at;
    slope[0] = slope[1] = *(double *)context;
    return true;
}
static bool plane_curved(void *context, const double at[2], double m[3]) {
    (void)context;
    (void)at;
    m[0] = m[1] = m[2] = 0;
    return true;
}

static bool end(void *context, const double at[2], double slope[2]) {
    int *left = context;
    return (*left)-- > 0 && himmelblau(NULL, at, slope);
}

enum { NODES = 61, ROOM = 20 };

Test(stationary_points, of_himmelblau_are_nine) {
    static const double published[9][2] = {{3, 2},
                                           {-2.805118, 3.131313},
                                           {-3.779310, -3.283186},
                                           {3.584428, -1.848127},
                                           {-0.270845, -0.923039},
                                           {-3.073026, -0.081353},
                                           {-0.127961, -1.953715},
                                           {0.086678, 2.884255},
                                           {3.385154, 0.073852}};
    struct surface surface = {himmelblau, himmelblau_curved, NULL};
    struct stationary found[ROOM];
    bool good;
    cr_assert_eq(find_stationary(&surface, (struct extent){-5, 5}, (struct extent){-5.2, 5}, NODES, found,
                                 ROOM, &good),
                 9);
    cr_assert(good);
    for (size_t k = 0; k < 9; k++) {
        size_t i = 0;
        while (i < 9 && hypot(found[i].at[0] - published[k][0], found[i].at[1] - published[k][1]) > 2e-6) i++;
        cr_assert_lt(i, 9, "(%g, %g) is missing", published[k][0], published[k][1]);
        cr_expect_eq(found[i].kind, k < 4 ? GRADC_MINIMUM : k == 4 ? GRADC_MAXIMUM : GRADC_SADDLE, "%zu", k);
    }
    cr_expect_eq(
        find_stationary(&surface, (struct extent){-5, 5}, (struct extent){-5, 5}, NODES, found, 3, &good), 3);
    cr_expect_eq(
        find_stationary(&surface, (struct extent){4, 5}, (struct extent){4, 5}, NODES, found, ROOM, &good),
        0);
}

Test(stationary_points, may_be_degenerate_and_next_to_nothing) {
    struct surface surface = {bowl, bowl_curved, NULL};
    struct stationary found[ROOM];
    bool good;
    cr_assert_eq(find_stationary(&surface, (struct extent){-1, 2}, (struct extent){-700, 900}, NODES, found,
                                 ROOM, &good),
                 1);
    cr_expect_eq(found[0].kind, GRADC_DEGENERATE);
    cr_expect(fabs(found[0].at[0]) < 1e-2 && fabs(found[0].at[1]) < 10);
}

Test(stationary_points, are_none_of_a_plane) {
    double slopes[] = {0, 1};
    struct stationary found[ROOM];
    bool good;
    for (size_t k = 0; k < 2; k++) {
        struct surface surface = {plane, plane_curved, &slopes[k]};
        cr_expect_eq(find_stationary(&surface, (struct extent){0, 1}, (struct extent){0, 1}, NODES, found,
                                     ROOM, &good),
                     0);
        cr_expect(good);
    }
}

Test(stationary_points, end_with_the_function) {
    static const int calls[] = {5, 3721, 3725};
    for (size_t k = 0; k < sizeof calls / sizeof calls[0]; k++) {
        int left = calls[k];
        struct surface surface = {end, himmelblau_curved, &left};
        struct stationary found[ROOM];
        bool good;
        find_stationary(&surface, (struct extent){-5, 5}, (struct extent){-5, 5}, NODES, found, ROOM, &good);
        cr_expect(!good, "%d", calls[k]);
    }
}
