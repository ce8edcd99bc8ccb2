#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* ---- The inverse of erf ---- */

/* The solution of erf(y) = x by Halley's method from Winitzki's approximation (A handy approximation for the
 * error function and its inverse, 2008), with 0 < x < 1. From 1/2 on with 1 - x, which is exact there. */
static double erfinv_positive(double x) {
    const double a = 0.147, two_over_pi = 0.636619772367581343, half_root_pi = 0.886226925452758014;
    double logarithm = log1p(-x) + log1p(x), t = two_over_pi / a + 0.5 * logarithm;
    double y = sqrt(sqrt(t * t - logarithm / a) - t);
    for (int k = 0; k < 3; k++) {
        double excess = x < 0.5 ? erf(y) - x : (1 - x) - erfc(y);
        double step = excess * half_root_pi * exp(y * y);
        y -= step / (1 + y * step);
    }
    return y;
}

double gradc_erfinv(double x) {
    const double half_root_pi = 0.886226925452758014, pi_over_12 = 0.261799387799149436;
    double size = fabs(x);
    if (size < 1e-5) return half_root_pi * (x + x * (pi_over_12 * (x * x)));
    if (size < 1) return copysign(erfinv_positive(size), x);
    return size > 1 ? NAN : x * HUGE_VAL;
}

/* The rounding of y = erfinv(x) and of its square would be amplified near 1: what erfc(y) lacks to 1 - x,
 * which is exact there, says by how much y is wrong. */
double gradc_erfinv_slope(double x) {
    const double half_root_pi = 0.886226925452758014;
    double size = fabs(x);
    if (!(size < 1)) return size > 1 ? NAN : size * HUGE_VAL;
    double y = gradc_erfinv(size);
    struct gradc_pair square = gradc_pair_of_product(y, y);
    double slope = half_root_pi * exp(square.high);
    double missing = size < 0.5 ? 0 : (erfc(y) - (1 - size)) * slope;
    return slope + slope * (square.low + 2 * y * missing);
}

/* ---- The principal branch of Lambert's W ---- */

/* v = W + 1 from q = e*x + 1 near the branch point: 1 + (v - 1)*exp(v) = q as a series with positive terms
 * (k - 1)/k! v^k, by Newton's method; v is sqrt(2q) at first order (DLMF 4.13.6). */
static double lambertw_above_branch(double q) {
    double p = sqrt(2 * q), v = p - p * p / 3 + 11.0 / 72 * (p * p * p);
    for (int step = 0; step < 5 && v > 0; step++) {
        double sum = 0;
        for (int k = 22; k >= 3; k--) sum = v * (k - 1) / ((k - 2) * k) * (1 + sum);
        /* sum is what follows the first term, in relation to it */
        v -= (0.5 * v * v * (1 + sum) - q) / (v * exp(v));
    }
    return v;
}

/* Iacono and Boyd, New approximations to the principal real-valued branch of the Lambert W-function (2017):
 * Newton's method for W + log W = log x. */
static double lambertw_iterated(double x) {
    double w = x / (1 + x);
    if (x > 2) {
        double logarithm = log(x);
        w = logarithm - log(logarithm);
    }
    for (int k = 0; k < 6; k++) {
        double next = w / (1 + w) * (1 + log(x / w));
        if (next == w) break;
        w = next;
    }
    return w;
}

double gradc_lambertw(double x) {
    const struct gradc_pair e = {0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53}, one = {1, 0};
    if (x == 0 || x > 1.7976931348623157e308 || isnan(x)) return x;
    if (x > -0.25) return lambertw_iterated(x);
    if (x < -0.5) return NAN;
    struct gradc_pair q = gradc_pair_add(gradc_pair_scale(e, x), one);
    return q.high < 0 ? NAN : lambertw_above_branch(q.high) - 1;
}
