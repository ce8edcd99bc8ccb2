/* Sums over rows of data. */
#include <math.h>
#include <string.h>

#include "hand/limits.h"

double hand_fit_value(size_t m, const double *restrict t, const double *restrict y, double b1, double b2) {
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        double residual = y[i] - b1 * (1 - exp(-b2 * t[i]));
        sum += residual * residual;
    }
    return sum;
}

double hand_fit_with_gradient(size_t m, const double *restrict t, const double *restrict y, double b1,
                              double b2, double *restrict g) {
    double sum = 0, by_scale = 0, by_rate = 0;
    for (size_t i = 0; i < m; i++) {
        double decay = exp(-b2 * t[i]), rise = 1 - decay, residual = y[i] - b1 * rise;
        sum += residual * residual;
        by_scale += residual * rise;
        by_rate += residual * decay * t[i];
    }
    g[0] = -2 * by_scale;
    g[1] = -2 * b1 * by_rate;
    return sum;
}

enum { BLOCK = 64 };

/* Blocks of rows: their products first, then all exponentials, then what each row gives. */
double hand_logistic(size_t m, const double *restrict x, const double *restrict y, const double *restrict w,
                     double *restrict g) {
    double sum = 0, z[BLOCK], by[BLOCK], all[HAND_COLUMNS] = {0};
    for (size_t begin = 0; begin < m; begin += BLOCK) {
        size_t count = m - begin < BLOCK ? m - begin : BLOCK;
        const double *rows = x + begin * HAND_COLUMNS, *sides = y + begin;
        for (size_t i = 0; i < count; i++) {
            double product = 0;
            for (size_t j = 0; j < HAND_COLUMNS; j++) product += rows[i * HAND_COLUMNS + j] * w[j];
            z[i] = -sides[i] * product;
        }
        for (size_t i = 0; i < count; i++) {
            double e = exp(-fabs(z[i])), inverse = 1 / (1 + e);
            sum += (z[i] > 0 ? z[i] : 0) + log1p(e);
            by[i] = -sides[i] * (z[i] >= 0 ? inverse : e * inverse);
        }
        for (size_t i = 0; g && i < count; i++)
            for (size_t j = 0; j < HAND_COLUMNS; j++) all[j] += by[i] * rows[i * HAND_COLUMNS + j];
    }
    if (g) memcpy(g, all, sizeof all);
    return sum;
}
