#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* B2, B4, .. B24 */
const double gradc_bernoulli[12] = {1.0 / 6,       -1.0 / 30,       1.0 / 42,       -1.0 / 30,
                                    5.0 / 66,      -691.0 / 2730,   7.0 / 6,        -3617.0 / 510,
                                    43867.0 / 798, -174611.0 / 330, 854513.0 / 138, -236364091.0 / 2730};

/* log(gamma(x)) - ((x - 1/2)*log(x) - x + log(2*pi)/2) for x >= 10 (DLMF 5.11.1). */
double gradc_stirling_rest(double x) {
    double w = 1 / (x * x), sum = 0;
    for (int k = 9; k >= 1; k--) sum = gradc_bernoulli[k - 1] / (2 * k * (2 * k - 1)) + w * sum;
    return sum / x;
}

/* ---- digamma ---- */

/* x >= 10 (DLMF 5.11.2) */
static double digamma_asymptotic(double x) {
    double w = 1 / (x * x), sum = 0;
    for (int k = 9; k >= 1; k--) sum = w * (gradc_bernoulli[k - 1] / (2 * k) + sum);
    return (log(x) - 0.5 / x) - sum;
}

/* digamma(x) - digamma(zero) for 1 <= x <= 4: both series, subtracted term by term, so that what is small
 * near the zero is a factor (DLMF 5.7.6, 5.11.2). */
static double digamma_near_zero(double x) {
    const double zero = 0x1.762d86356be3fp+0, zero_low = 0x1.b86a722197829p-54;
    double distance = (x - zero) - zero_low, sum = 0;
    double z = x + 10, z0 = zero + 10, u = 1 / (z * z), u0 = 1 / (z0 * z0);
    for (int k = 9; k >= 0; k--) sum += 1 / ((x + k) * (zero + k));
    double power = 0, difference = 0; /* Horner's scheme at u, and its divided difference with u0 */
    for (int k = 9; k >= 1; k--) {
        difference = power + u0 * difference;
        power = gradc_bernoulli[k - 1] / (2 * k) + u * power;
    }
    difference = power + u0 * difference;
    double slope = 1 / (2 * z * z0) + difference * (z + z0) * u * u0;
    return distance * (sum + slope) + log1p(distance / z0);
}

static double digamma_positive(double x) {
    double shifted = 0;
    if (x < 1) return digamma_near_zero(x + 1) - 1 / x;
    if (x < 4) return digamma_near_zero(x);
    while (x < 10) {
        shifted += 1 / x;
        x += 1;
    }
    return digamma_asymptotic(x) - shifted;
}

double gradc_digamma(double x) {
    const double pi = 3.14159265358979324;
    if (x > 0) return isinf(x) ? x : digamma_positive(x);
    if (x == 0) return -1 / x;
    double rest = x - round(x);
    if (rest == 0) return NAN;
    /* DLMF 5.5.4 */
    return digamma_positive(1 - x) - pi / tan(pi * rest);
}

/* ---- polygamma: (-1)^(n+1) n! zeta(n + 1, x) with Hurwitz's zeta function (DLMF 25.11.12) ---- */

/* n!/x^n for x > 0; by Stirling's series (DLMF 5.11.1) where n! is not exact. */
static double factorial_over_power(double n, double x) {
    if (n <= 22) {
        double factorial = 1;
        for (int k = 2; k <= n; k++) factorial *= k;
        double power = pow(x, -n), half = floor(n / 2);
        /* A power that loses digits to underflow, though the product does not. */
        return power < 1e-290 ? factorial * pow(x, -half) * pow(x, half - n) : factorial * power;
    }
    const struct gradc_pair order = {n, 0}, argument = {x, 0}, minus_one = {-1, 0};
    struct gradc_pair log_x = gradc_pair_log(argument);
    struct gradc_pair log_n = gradc_pair_log(order);
    const struct gradc_pair minus_log_x = {-log_x.high, -log_x.low};
    struct gradc_pair exponent = gradc_pair_add(gradc_pair_add(log_n, minus_log_x), minus_one);
    double root = sqrt(6.28318530717958648 * n) * exp(gradc_stirling_rest(n));
    return gradc_pair_exp(gradc_pair_scale(exponent, n)) * root;
}

/* x^n*zeta(n + 1, x) for x > 0: terms up to z = x + k beyond 10 and n, then the series of Euler and Maclaurin
 * (DLMF 25.11.5). A power of x/(x + k) goes by log1p: its base would round. */
static double scaled_zeta(double n, double x) {
    double s = n + 1, sum = 0, weight = 1, k = 0;
    for (; x + k < s + 10; k++) {
        sum += weight;
        weight = exp(-s * log1p((k + 1) / x));
        if (weight < 1e-18 * sum) return sum / x;
    }
    double z = x + k, w = 1 / (z * z), factor = 0.5 * s / z, rest = 0;
    for (int j = 1; j <= 12; j++) {
        double term = gradc_bernoulli[j - 1] * factor;
        rest += term;
        if (fabs(term) < 1e-18) break;
        factor *= w * (s + 2 * j - 1) * (s + 2 * j) / ((2 * j + 1) * (2 * j + 2));
    }
    /* weight*z/n alone is the integral; the sum is small beside it where x is large. */
    return sum / x + weight * ((z / x) / n + (0.5 + rest) / x);
}

static double zeta_with_factorial(double n, double x) {
    return factorial_over_power(n, x) * scaled_zeta(n, x);
}

/* At a + b, whose rounding would count n times. */
static double zeta_of_sum(double n, double a, double b) {
    struct gradc_pair x = gradc_pair_of_sum(a, b);
    double value = zeta_with_factorial(n, x.high);
    return x.low == 0 ? value : value - x.low * zeta_with_factorial(n + 1, x.high);
}

/* The sum over all whole k of 1/(rest + k)^s, less that over the k beyond the argument 1 - x. */
static double polygamma_reflected(double n, double x, double rest, int odd) {
    double nearest = factorial_over_power(n, fabs(rest)) / fabs(rest);
    double above = zeta_of_sum(n, 1, rest), below = zeta_of_sum(n, 1, -rest);
    double beyond = zeta_of_sum(n, 1, -x);
    if (odd) return nearest + (above + (below - beyond));
    return (beyond - below) + above + (rest < 0 ? -nearest : nearest);
}

double gradc_polygamma(double n, double x) {
    if (n == 0) return gradc_digamma(x);
    if (!(n > 0) || n > 9007199254740991.0 || n != floor(n) || isnan(x)) return NAN;
    int odd = fmod(n, 2) > 0;
    if (x > 0) {
        if (isinf(x)) return odd ? 0 : -0.0;
        return odd ? zeta_with_factorial(n, x) : -zeta_with_factorial(n, x);
    }
    if (x == 0) return odd ? HUGE_VAL : -1 / x;
    double rest = x - round(x);
    if (rest == 0) return odd ? HUGE_VAL : NAN;
    double sum = polygamma_reflected(n, x, rest, odd);
    return odd ? sum : -sum;
}

double gradc_trigamma(double x) {
    return gradc_polygamma(1, x);
}
