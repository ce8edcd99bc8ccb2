/* Eigenvalues of symmetric matrices: all of small ones (LAPACK), the extreme ones of large ones (Lanczos). */
#ifndef GRADC_SPARSE_EIGEN_H
#define GRADC_SPARSE_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/* A dense matrix, row by row, of which the lower triangle is read: becomes its eigenvectors, one a row, by
 * ascending eigenvalue. False where LAPACK is not there (sparse/lapack_load.h) or does not come to an end, an
 * element is not finite, or memory is exhausted. */
bool eigen_dense(double *matrix, double *values, size_t n);

/* The product of a matrix with a vector; false ends the work. */
typedef bool (*eigen_product)(void *context, const double *vector, double *result);

struct eigen_extremes {
    double smallest, largest; /* Rayleigh quotients, but for rounding: the spectrum reaches at least so far */
    double error;             /* an eigenvalue lies as near to each of the two */
};
/* Lanczos' iteration, at most `steps` of them: as many as it takes to know both to a hundredth, or that they
 * have two signs. Its vectors are made orthogonal to the last two alone: what is lost makes copies of
 * eigenvalues that have been found, and no others (C. C. Paige, Linear Algebra Appl. 34, 1980). So three
 * vectors are kept, for any number of steps. False where a product fails or is not finite, LAPACK is not
 * there, or memory is exhausted. */
bool eigen_extremes(eigen_product product, void *context, size_t n, size_t steps,
                    struct eigen_extremes *found);

#endif
