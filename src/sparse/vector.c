#include "sparse/vector.h"

#include <math.h>

enum { LANES = 8 };

static double join(const double *sums) {
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

double vector_dot(const double *a, const double *b, size_t n) {
    double sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) sums[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i + k < n; k++) sums[k] += a[i + k] * b[i + k];
    return join(sums);
}

double vector_dot3(const double *a, const double *b, const double *c, size_t n) {
    double sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) sums[k] += a[i + k] * b[i + k] * c[i + k];
    for (size_t k = 0; i + k < n; k++) sums[k] += a[i + k] * b[i + k] * c[i + k];
    return join(sums);
}

void vector_add(double *restrict to, double factor, const double *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] += factor * from[i];
}

/* The same over the largest element, which is 1 then. */
static double scaled_norm(const double *values, size_t n) {
    double largest = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) return NAN;
        if (fabs(values[i]) > largest) largest = fabs(values[i]);
    }
    if (largest == 0 || isinf(largest)) return largest;
    for (size_t i = 0; i < n; i++) sum += (values[i] / largest) * (values[i] / largest);
    return largest * sqrt(sum);
}

double vector_norm(const double *values, size_t n) {
    if (n == 1) return fabs(values[0]);
    double square = vector_dot(values, values, n);
    return square > 1e-200 && square < 1e200 ? sqrt(square) : scaled_norm(values, n);
}
