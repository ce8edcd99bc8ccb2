/* The limits: the benchmark models in C, as fast as we can write it by hand.
 *
 * Compiled with gcc -O3 -march=native -ffast-math, whose vector functions (libmvec) it may use. Each function
 * with a gradient returns the value too. */
#ifndef GRADC_BENCH_LIMITS_H
#define GRADC_BENCH_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

/* Plain descent on x^4 - 3x^3 + 2 until a step is at most the tolerance; where it ends. */
double hand_quartic_descent(double x, double rate, double tolerance, long most);

double hand_rosenbrock_value(size_t n, const double *restrict x);
double hand_rosenbrock_with_gradient(size_t n, const double *restrict x, double *restrict g);
/* The lower triangle by rows: 2n - 1 entries. */
void hand_rosenbrock_hessian(size_t n, const double *restrict x, double *restrict h);

double hand_product_value(size_t n, const double *restrict x);
double hand_product_with_gradient(size_t n, const double *restrict x, double *restrict g);

/* A mixture of K Gaussians in d dimensions at N points, which lie in blocks of HAND_LANES side by side; the
 * point p holds weights, means, logarithms of diagonals, lower triangles by columns. g may be NULL. */
enum { HAND_LANES = 8 };
bool hand_mixture_knows(size_t d, size_t K);
size_t hand_mixture_workspace(size_t d, size_t K);
double hand_mixture(size_t d, size_t K, size_t N, const double *p, const double *points, double *workspace,
                    double *g);

/* Bundle adjustment: a camera has rotation, centre, focal length, origin and radial distortion (11 numbers).
 */
struct hand_bundle {
    size_t m;
    const int *camera, *place; /* of each observation */
    const double *u, *v, *weight, *cameras, *points;
};
enum { HAND_BUNDLE_ROW = 14 };
/* m horizontal errors, then m vertical ones. */
void hand_bundle_residuals(const struct hand_bundle *s, double *restrict e);
/* And the entries of their Jacobian in the same order: rotation, centre, focal length, origin, radial
 * distortion, point, weight. */
void hand_bundle_jacobian(const struct hand_bundle *s, double *restrict e, double *restrict j);

double hand_fit_value(size_t m, const double *restrict t, const double *restrict y, double b1, double b2);
double hand_fit_with_gradient(size_t m, const double *restrict t, const double *restrict y, double b1,
                              double b2, double *restrict g);

double hand_nested_value(double x);
double hand_nested_with_gradient(double x, double *g);

/* The scaled forward recurrence; p: start, move by rows, show by rows. g may be NULL; the workspace holds
 * T*(2*HAND_STATES + 1) numbers. */
enum { HAND_STATES = 16, HAND_SYMBOLS = 8 };
double hand_markov(size_t T, const int *restrict symbol, const double *restrict p, double *restrict workspace,
                   double *restrict g);

/* m rows of 20 columns; g may be NULL. */
enum { HAND_COLUMNS = 20 };
double hand_logistic(size_t m, const double *restrict x, const double *restrict y, const double *restrict w,
                     double *restrict g);

#endif
