#include "hand/hand.h"

#include <math.h>

double hand_quartic(const double *x, size_t n, const struct hand_rows *rows) {
    (void)n, (void)rows;
    double cube = x[0] * x[0] * x[0];
    return cube * (x[0] - 3) + 2;
}

double hand_quartic_gradient(const double *x, double *g, size_t n, const struct hand_rows *rows) {
    (void)n, (void)rows;
    double square = x[0] * x[0];
    g[0] = square * (4 * x[0] - 9);
    return square * x[0] * (x[0] - 3) + 2;
}

double hand_rosenbrock(const double *x, size_t n, const struct hand_rows *rows) {
    (void)rows;
    double sum = 0;
    for (size_t i = 1; i < n; i++) {
        double valley = x[i] - x[i - 1] * x[i - 1], slope = 1 - x[i - 1];
        sum += 100 * valley * valley + slope * slope;
    }
    return sum;
}

double hand_rosenbrock_gradient(const double *x, double *g, size_t n, const struct hand_rows *rows) {
    (void)rows;
    double sum = 0, carried = 0;
    for (size_t i = 1; i < n; i++) {
        double valley = x[i] - x[i - 1] * x[i - 1], slope = 1 - x[i - 1];
        sum += 100 * valley * valley + slope * slope;
        g[i - 1] = carried - 400 * valley * x[i - 1] - 2 * slope;
        carried = 200 * valley;
    }
    g[n - 1] = carried;
    return sum;
}

double hand_fit(const double *b, size_t n, const struct hand_rows *rows) {
    (void)n;
    double sum = 0;
    for (size_t i = 0; i < rows->count; i++) {
        double residual = rows->y[i] - b[0] * (1 - exp(-b[1] * rows->t[i]));
        sum += residual * residual;
    }
    return sum;
}

double hand_fit_gradient(const double *b, double *g, size_t n, const struct hand_rows *rows) {
    (void)n;
    double sum = 0, by_scale = 0, by_rate = 0;
    for (size_t i = 0; i < rows->count; i++) {
        double decay = exp(-b[1] * rows->t[i]), residual = rows->y[i] - b[0] * (1 - decay);
        sum += residual * residual;
        by_scale += residual * (1 - decay);
        by_rate += residual * rows->t[i] * decay;
    }
    g[0] = -2 * by_scale;
    g[1] = -2 * b[0] * by_rate;
    return sum;
}

double hand_product(const double *x, size_t n, const struct hand_rows *rows) {
    (void)rows;
    double product = 1;
    for (size_t i = 0; i < n; i++) product *= x[i];
    return product;
}

/* Without division, so that a factor may be 0: prefixes on the way up, suffixes on the way down. */
double hand_product_gradient(const double *x, double *g, size_t n, const struct hand_rows *rows) {
    (void)rows;
    double product = 1;
    for (size_t i = 0; i < n; i++) {
        g[i] = product;
        product *= x[i];
    }
    double suffix = 1;
    for (size_t i = n; i-- > 0;) {
        g[i] *= suffix;
        suffix *= x[i];
    }
    return product;
}
