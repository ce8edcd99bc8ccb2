/* The minimum of a quadratic model g'y + y'Hy/2 within a ball, H given by its eigenvalues (More and Sorensen,
 * Computing a trust region step, SIAM J. Sci. Stat. Comput. 4, 1983). H may be indefinite. */
#ifndef GRADC_SPARSE_BALL_H
#define GRADC_SPARSE_BALL_H

#include <stdbool.h>
#include <stddef.h>

struct ball_model {
    size_t n;
    double *values;  /* eigenvalues, ascending */
    double *vectors; /* one a row */
    double *slopes;  /* vectors*g */
};

/* Decomposes the matrix, of which the lower triangle is read; it becomes the vectors. Both arrays are the
 * model's then. False where LAPACK fails, something is not finite, or memory is exhausted; release it all the
 * same. */
bool ball_open(struct ball_model *b, double *matrix, const double *gradient, size_t n);
void ball_release(struct ball_model *b);
/* By how much the model falls below 0 at best; infinite where an eigenvalue is negative beyond rounding.
 * One that is rounding counts as the largest that could be. */
double ball_promise(const struct ball_model *b);
/* The y of the least value within the radius, met within a tenth; returns the damping added to H: 0 where y
 * is the minimum of the model itself. */
double ball_minimise(const struct ball_model *b, double radius, double *y);

#endif
