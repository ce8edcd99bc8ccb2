#include "descend/sobol.h"

#include <criterion/criterion.h>

enum { POINTS = 64, CELLS = 8 };

/* Of the first 2^k points of a net each interval of length 2^-k holds one; a shift changes nothing about it.
 */
Test(sobol, every_dimension_fills_its_interval_evenly) {
    for (size_t dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            int hits[POINTS] = {0};
            for (uint32_t k = 0; k < POINTS; k++) {
                double x = sobol_coordinate(k, dimension, seed);
                cr_assert(x > 0 && x < 1);
                hits[(int)(x * POINTS)]++;
            }
            for (int cell = 0; cell < POINTS; cell++)
                cr_expect_eq(hits[cell], 1, "dimension %zu, cell %d: %d", dimension, cell, hits[cell]);
        }
}

/* The first two dimensions are a net in base 2: 64 points in 8 by 8 cells, and in 2 by 32. */
Test(sobol, the_first_two_dimensions_fill_their_square_evenly) {
    int squares[CELLS][CELLS] = {{0}}, slabs[2][32] = {{0}};
    for (uint32_t k = 0; k < POINTS; k++) {
        double x = sobol_coordinate(k, 0, 7), y = sobol_coordinate(k, 1, 7);
        squares[(int)(x * CELLS)][(int)(y * CELLS)]++;
        slabs[(int)(x * 2)][(int)(y * 32)]++;
    }
    for (int i = 0; i < POINTS; i++) {
        cr_expect_eq(squares[i / CELLS][i % CELLS], 1);
        cr_expect_eq(slabs[i / 32][i % 32], 1);
    }
}

Test(sobol, dimensions_and_seeds_differ) {
    for (size_t a = 0; a < 40; a++)
        for (size_t b = 0; b < a; b++) {
            size_t same = 0;
            for (uint32_t k = 1; k < 20; k++) same += sobol_coordinate(k, a, 0) == sobol_coordinate(k, b, 0);
            cr_expect_eq(same, 0, "dimensions %zu and %zu", a, b);
        }
    cr_expect(sobol_coordinate(1, 0, 0) != sobol_coordinate(1, 0, 1));
    cr_expect(sobol_coordinate(1, 35, 0) != sobol_coordinate(1, 35, 1));
}

Test(sobol, dimensions_beyond_the_table_are_spread_too) {
    for (size_t dimension = SOBOL_DIMENSIONS; dimension < 60; dimension++) {
        double sum = 0;
        for (uint32_t k = 0; k < 1000; k++) sum += sobol_coordinate(k, dimension, 3);
        cr_expect(sum > 450 && sum < 550, "dimension %zu: %g", dimension, sum);
    }
}
