#include "sparse/null_space.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += a[k] * b[k];
    return sum;
}

/* That the vectors are orthonormal, and that the matrix takes each to 0. */
static void expect_null(const double *matrix, size_t rows, size_t columns, size_t rank) {
    double copy[64], *basis;
    size_t count;
    memcpy(copy, matrix, rows * columns * sizeof *copy);
    cr_assert(null_space(copy, rows, columns, &basis, &count));
    cr_assert_eq(count, columns - rank, "%zu vectors", count);
    for (size_t k = 0; k < count; k++) {
        for (size_t l = 0; l < count; l++)
            cr_expect(fabs(dot(basis + k * columns, basis + l * columns, columns) - (k == l)) < 1e-14);
        for (size_t i = 0; i < rows; i++)
            cr_expect(fabs(dot(basis + k * columns, matrix + i * columns, columns)) < 1e-12);
    }
    free(basis);
}

Test(null_space, of_matrices_of_every_rank) {
    static const double matrix[] = {1, 2, 3, 4, 0, 1, -1, 2, 1, 3, 2, 6, 5, 5, 5, 5};
    expect_null(matrix, 1, 4, 1);
    expect_null(matrix, 2, 4, 2);
    expect_null(matrix, 3, 4, 2); /* the third row is the sum of the first two */
    expect_null(matrix, 4, 4, 3);
    expect_null(matrix, 0, 4, 0);
    expect_null((const double[4]){0}, 1, 4, 0);
    expect_null((const double[]){1, 2, 3, 4, 5, 6}, 3, 2, 2);
    expect_null((const double[]){1e-200, 1e-200, 0, 1e-200}, 2, 2, 2);
}

Test(null_space, needs_finite_elements) {
    double matrix[2] = {1, NAN}, *basis = NULL;
    size_t count;
    cr_expect(!null_space(matrix, 1, 2, &basis, &count));
}
