/* Linear least squares in few unknowns, by singular values: minimise |A*y + b|.
 *
 * A tall matrix is first made square by Householder's QR, then decomposed (Golub and Van Loan, Matrix
 * Computations, 4th ed., sections 5.3 and 5.5); the normal equations, which lose half of the digits, are
 * never formed. */
#ifndef GRADC_SPARSE_LEAST_SQUARES_H
#define GRADC_SPARSE_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

/* A = U*diag(singular)*V', as far as solutions need it. */
struct least_squares {
    size_t columns, count; /* count: singular values, min(rows, columns) */
    double *singular;      /* descending */
    double *right;         /* V': count rows of `columns` */
    double *image;         /* U'*b */
};

/* The matrix and b behind it as one array by columns, rows*(columns + 1), which is overwritten. False where
 * an element is not finite, LAPACK is not there or does not come to an end, or memory is exhausted; release
 * it all the same. */
bool least_squares_decompose(struct least_squares *s, double *augmented, size_t rows, size_t columns);
void least_squares_release(struct least_squares *s);
/* How many singular values count beside the largest. */
size_t least_squares_rank(const struct least_squares *s, double rows);
/* The y that minimises |A*y + b|^2 + damping*|y|^2, within the first `rank` singular values. Returns its
 * norm. */
double least_squares_solve(const struct least_squares *s, size_t rank, double damping, double *y);
/* The damping at which the solution's norm is the radius, within a tenth; 0 where the undamped solution is
 * no longer (More, The Levenberg-Marquardt algorithm, Lecture Notes in Mathematics 630, 1978, section 5). */
double least_squares_damping(const struct least_squares *s, size_t rank, double radius);

#endif
