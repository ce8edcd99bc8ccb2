/* Functions of one number, chains and products. */
#define _GNU_SOURCE /* sincos */
#include <math.h>

#include "hand/limits.h"

double hand_quartic_descent(double x, double rate, double tolerance, long most) {
    for (long k = 0; k < most; k++) {
        double step = rate * (x * x * (4 * x - 9));
        x -= step;
        if (fabs(step) <= tolerance) break;
    }
    return x;
}

double hand_rosenbrock_value(size_t n, const double *restrict x) {
    double sum = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        double valley = x[i + 1] - x[i] * x[i], slope = 1 - x[i];
        sum += 100 * valley * valley + slope * slope;
    }
    return sum;
}

/* The neighbour's term is computed again, so that nothing is carried from one element to the next. */
double hand_rosenbrock_with_gradient(size_t n, const double *restrict x, double *restrict g) {
    double valley = x[1] - x[0] * x[0], slope = 1 - x[0], sum = 100 * valley * valley + slope * slope;
    g[0] = -400 * valley * x[0] - 2 * slope;
    for (size_t i = 1; i + 1 < n; i++) {
        double before = x[i] - x[i - 1] * x[i - 1], here = x[i + 1] - x[i] * x[i], rest = 1 - x[i];
        sum += 100 * here * here + rest * rest;
        g[i] = 200 * before - 400 * here * x[i] - 2 * rest;
    }
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
    return sum;
}

void hand_rosenbrock_hessian(size_t n, const double *restrict x, double *restrict h) {
    h[0] = 1200 * x[0] * x[0] - 400 * x[1] + 2;
    for (size_t i = 1; i + 1 < n; i++) {
        h[2 * i - 1] = -400 * x[i - 1];
        h[2 * i] = 1200 * x[i] * x[i] - 400 * x[i + 1] + 202;
    }
    h[2 * n - 3] = -400 * x[n - 2];
    h[2 * n - 2] = 200;
}

double hand_product_value(size_t n, const double *restrict x) {
    double product = 1;
    for (size_t i = 0; i < n; i++) product *= x[i];
    return product;
}

static double product_of_few(size_t n, const double *restrict x, double *restrict g) {
    double before = 1, after = 1;
    for (size_t i = 0; i < n; i++) {
        g[i] = before;
        before *= x[i];
    }
    for (size_t i = n; i-- > 0;) {
        g[i] *= after;
        after *= x[i];
    }
    return before;
}

enum { SEGMENTS = 8 };

/* Eight segments side by side; what is left stands behind them. No division: a factor may be 0. */
double hand_product_with_gradient(size_t n, const double *restrict x, double *restrict g) {
    if (n < 8 * SEGMENTS) return product_of_few(n, x, g);
    size_t m = n / SEGMENTS, done = m * SEGMENTS;
    double of[SEGMENTS], around[SEGMENTS], at[SEGMENTS];
    for (int k = 0; k < SEGMENTS; k++) of[k] = 1;
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < SEGMENTS; k++) {
            g[k * m + i] = of[k];
            of[k] *= x[k * m + i];
        }
    }
    double rest = product_of_few(n - done, x + done, g + done), before = 1, after = rest;
    for (int k = 0; k < SEGMENTS; k++) {
        around[k] = before;
        before *= of[k];
    }
    for (int k = SEGMENTS; k-- > 0;) {
        around[k] *= after;
        after *= of[k];
    }
    for (size_t i = done; i < n; i++) g[i] *= before;
    for (int k = 0; k < SEGMENTS; k++) at[k] = around[k];
    for (size_t i = m; i-- > 0;) {
        for (size_t k = 0; k < SEGMENTS; k++) {
            g[k * m + i] *= at[k];
            at[k] *= x[k * m + i];
        }
    }
    return before * rest;
}

double hand_nested_value(double x) {
    for (int i = 0; i < 50; i++) x = i % 3 == 0 ? cos(x) : i % 3 == 1 ? exp(x) : sin(x);
    return x;
}

double hand_nested_with_gradient(double x, double *g) {
    double slope = 1, sine, cosine;
    for (int i = 0; i < 50; i++) {
        if (i % 3 == 1) {
            x = exp(x);
            slope *= x;
            continue;
        }
        sincos(x, &sine, &cosine);
        slope *= i % 3 == 0 ? -sine : cosine;
        x = i % 3 == 0 ? cosine : sine;
    }
    *g = slope;
    return x;
}
