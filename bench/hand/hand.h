/* What a careful engineer would write: values and gradients of the benchmark models in plain C.
 *
 * Compiled apart with -O3 and nothing else, to be measured against what gradc generates. Each gradient
 * function returns the value too. */
#ifndef GRADC_BENCH_HAND_H
#define GRADC_BENCH_HAND_H

#include <stddef.h>

/* The rows of a curve fit. */
struct hand_rows {
    size_t count;
    const double *t, *y;
};

double hand_quartic(const double *x, size_t n, const struct hand_rows *rows);
double hand_quartic_gradient(const double *x, double *g, size_t n, const struct hand_rows *rows);

/* sum over i of 100*(x[i] - x[i-1]^2)^2 + (1 - x[i-1])^2 */
double hand_rosenbrock(const double *x, size_t n, const struct hand_rows *rows);
double hand_rosenbrock_gradient(const double *x, double *g, size_t n, const struct hand_rows *rows);

/* sum over rows of (y - b1*(1 - exp(-b2*t)))^2 */
double hand_fit(const double *b, size_t n, const struct hand_rows *rows);
double hand_fit_gradient(const double *b, double *g, size_t n, const struct hand_rows *rows);

double hand_product(const double *x, size_t n, const struct hand_rows *rows);
double hand_product_gradient(const double *x, double *g, size_t n, const struct hand_rows *rows);

#endif
