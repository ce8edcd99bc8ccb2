#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* ---- What the Bessel functions have in common ---- */

/* Recurrences take a time in proportion to the order. */
static int is_bessel_order(double n) {
    return fabs(n) <= 100000 && n == floor(n);
}

/* log(x/2); the half of the smallest x is 0. */
static double log_of_half(double x) {
    return x > 1e-300 ? log(0.5 * x) : log(x) - 0.693147180559945309;
}

/* The logarithm of (x/2)^n*sqrt(2*pi*n)/n! but for Stirling's rest (DLMF 5.11.1). */
static struct gradc_pair log_of_power(double n, double x) {
    const struct gradc_pair argument = {x, 0}, order = {2 * n, 0}, one = {1, 0};
    struct gradc_pair log_n = gradc_pair_log(order);
    const struct gradc_pair minus_log_n = {-log_n.high, -log_n.low};
    struct gradc_pair exponent = gradc_pair_add(gradc_pair_add(gradc_pair_log(argument), minus_log_n), one);
    return gradc_pair_scale(exponent, n);
}

static double stirling_root(double n) {
    return sqrt(6.28318530717958648 * n) * exp(gradc_stirling_rest(n));
}

/* (x/2)^n/n! for x > 0; by Stirling's series where n! is not exact. */
static double power_over_factorial(double n, double x) {
    if (n > 22) return gradc_pair_exp(log_of_power(n, x)) / stirling_root(n);
    double factorial = 1;
    for (int k = 2; k <= n; k++) factorial *= k;
    return pow(0.5 * x, n) / factorial;
}

/* (n - 1)!/(x/2)^n for n > 0 and tiny x > 0, likewise. */
static double factorial_over_power_of_half(double n, double x) {
    double factorial = 1;
    for (int k = 2; k < n && n <= 22; k++) factorial *= k;
    if (n <= 22) return factorial * pow(0.5 * x, -n);
    struct gradc_pair exponent = log_of_power(n, x);
    const struct gradc_pair negative = {-exponent.high, -exponent.low};
    return gradc_pair_exp(negative) * stirling_root(n) / n;
}

/* The power series (DLMF 10.2.2, 10.25.2): sign is -1 for J and 1 for I. */
static double bessel_series(double n, double x, int sign) {
    struct gradc_pair sum = {1, 0};
    double square = sign * (0.25 * x * x), term = 1, lost = 0;
    for (int k = 1; fabs(term) > 1e-18 * fabs(sum.high); k++) {
        term *= square / (k * (n + k));
        sum = gradc_pair_of_sum(sum.high, term);
        lost += sum.low;
    }
    return power_over_factorial(n, x) * (sum.high + lost);
}

/* 2/x, whose multiples the recurrences take; in pairs, so that errors do not grow with the order. */
static struct gradc_pair two_over(double x) {
    const struct gradc_pair two = {2, 0}, divisor = {x, 0}, rounded = {2 / x, 0};
    return x > 1e290 ? rounded : gradc_pair_divide(two, divisor);
}

/* multiple*at + other; not as exact as pairs may be, but fast. */
static struct gradc_pair bessel_step(struct gradc_pair multiple, struct gradc_pair at,
                                     struct gradc_pair other) {
    struct gradc_pair product = gradc_pair_of_product(multiple.high, at.high);
    struct gradc_pair sum = gradc_pair_of_sum(product.high, other.high);
    double low = product.low + (multiple.high * at.low + multiple.low * at.high) + (sum.low + other.low);
    struct gradc_pair result = {sum.high + low, 0};
    result.low = low - (result.high - sum.high);
    return result;
}

static struct gradc_pair negated(struct gradc_pair a) {
    const struct gradc_pair negative = {-a.high, -a.low};
    return negative;
}

/* Divided by 2^500. */
static struct gradc_pair brought_down(struct gradc_pair a) {
    const struct gradc_pair smaller = {a.high * 0x1p-500, a.low * 0x1p-500};
    return smaller;
}

/* The value of order n >= 1 from those of the orders 0 and 1, upwards: sign is -1 for J and Y, 1 for K. Gives
 * by how many times 2^500 it is larger. */
static int bessel_upwards(int n, double x, double zero, double one, int sign, double *value) {
    struct gradc_pair before = {zero, 0}, at = {one, 0}, factor = two_over(x);
    int steps = 0;
    for (int k = 1; k < n; k++) {
        struct gradc_pair next =
            bessel_step(gradc_pair_scale(factor, k), at, sign < 0 ? negated(before) : before);
        before = at;
        at = next;
        if (fabs(at.high) > 0x1p500) {
            before = brought_down(before);
            at = brought_down(at);
            steps++;
        }
    }
    *value = at.high;
    return steps;
}

/* value*2^(500*steps)*exp(x), where the product is a number though its factors may not be. */
static double scaled_by_exp(double value, double x, int steps) {
    const struct gradc_pair log2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}, argument = {x, 0};
    struct gradc_pair exponent = gradc_pair_add(argument, gradc_pair_scale(log2, 500 * steps));
    const struct gradc_pair half = {0.5 * exponent.high, 0.5 * exponent.low};
    double root = gradc_pair_exp(half);
    return value * root * root;
}

/* ---- J and Y of the orders 0 and 1 ---- */

struct bessel_start {
    double j0, j1, y0, y1;
};

/* P and Q of Hankel's expansion (DLMF 10.17.3) for an order of 0 or 1 and x >= 25. */
static struct gradc_pair hankel_sums(int order, double x) {
    struct gradc_pair sums = {1, 0};
    double term = 1;
    for (int k = 1; k < 40 && fabs(term) > 1e-18; k++) {
        term *= (4.0 * order - (2.0 * k - 1) * (2.0 * k - 1)) / (8.0 * k * x);
        /* by turns to Q and P, with signs +, -, -, + */
        double signed_term = k % 4 == 2 || k % 4 == 3 ? -term : term;
        if (k % 2)
            sums.low += signed_term;
        else
            sums.high += signed_term;
    }
    return sums;
}

static struct bessel_start bessel_start_of_large(double x) {
    double sine = sin(x), cosine = cos(x), sum = cosine + sine, difference = sine - cosine;
    double scale = 0.564189583547756287 / sqrt(x);
    struct gradc_pair zero = hankel_sums(0, x), one = hankel_sums(1, x);
    struct bessel_start start;
    start.j0 = scale * (zero.high * sum - zero.low * difference);
    start.y0 = scale * (zero.high * difference + zero.low * sum);
    start.j1 = scale * (one.high * difference + one.low * sum);
    start.y1 = scale * (one.low * difference - one.high * sum);
    return start;
}

/* For x < 25: Miller's backward recurrence, normalised by 1 = J0 + 2*J2 + 2*J4 + .. (DLMF 10.12.4), and
 * Neumann's series of Y0 and Y1 (Abramowitz and Stegun 9.1.88) on the way. */
static struct bessel_start bessel_start_of_small(double x) {
    const double two_over_pi = 0.636619772367581343, euler = 0.577215664901532861;
    struct gradc_pair above = {0, 0}, at = {1, 0}, sum = {0, 0}, factor = two_over(x);
    double even = 0, odd = 0;
    int first = 0;
    for (double size = 1; size > 1e-20 && first < 200; size *= 0.5 * x / first) first++;
    for (int k = first + first % 2 + 2; k > 0; k--) {
        double sign = k / 2 % 2 ? -4 : 4;
        if (k % 2 == 0) {
            sum = gradc_pair_add(sum, at);
            even += sign * at.high / k;
        } else if (k > 1) {
            odd += sign * k * at.high / ((k - 1) * (k + 1.0));
        }
        struct gradc_pair below = bessel_step(gradc_pair_scale(factor, k), at, negated(above));
        above = at;
        at = below;
    }
    struct bessel_start start;
    sum = gradc_pair_add(gradc_pair_scale(sum, 2), at);
    double scale = 1 / sum.high, logarithm = log_of_half(x) + euler;
    start.j0 = at.high * scale;
    start.j1 = above.high * scale;
    start.y0 = two_over_pi * (logarithm * start.j0 - even * scale);
    start.y1 = two_over_pi * ((logarithm - 1) * start.j1 - odd * scale - start.j0 / x);
    return start;
}

static struct bessel_start bessel_start_of(double x) {
    if (x >= 25) return bessel_start_of_large(x);
    if (x > 1e-4) return bessel_start_of_small(x);
    /* The first two terms of the same series. */
    const double two_over_pi = 0.636619772367581343, euler = 0.577215664901532861;
    double logarithm = log_of_half(x) + euler;
    struct bessel_start start = {1 - 0.25 * x * x, 0.5 * x * (1 - 0.125 * x * x), 0, 0};
    start.y0 = two_over_pi * (logarithm * start.j0 + 0.25 * x * x);
    start.y1 = two_over_pi * ((logarithm - 1) * start.j1 - start.j0 / x);
    return start;
}

/* ---- J ---- */

/* For n > x: backwards from far above, in relation to the larger of J0 and J1 (DLMF 3.6). */
static double besselj_backward(int n, double x) {
    struct bessel_start start = bessel_start_of(x);
    struct gradc_pair above = {0, 0}, at = {1, 0}, factor = two_over(x);
    double found = 0;
    int steps = 0;
    for (int k = n + 20 + (int)(12 * cbrt(n)); k > 0; k--) {
        struct gradc_pair below = bessel_step(gradc_pair_scale(factor, k), at, negated(above));
        above = at;
        at = below;
        if (fabs(at.high) > 0x1p500) {
            above = brought_down(above);
            at = brought_down(at);
            steps--;
        }
        if (k - 1 == n) {
            found = at.high;
            steps = 0;
        }
    }
    double quotient = fabs(start.j0) > fabs(start.j1) ? start.j0 / at.high : start.j1 / above.high;
    return ldexp(found * quotient, 500 * steps);
}

static double besselj_of(int n, double x) {
    if (0.25 * x * x <= n + 1) return x > 0 ? bessel_series(n, x, -1) : n == 0;
    if (isinf(x)) return 0;
    if (n > x) return besselj_backward(n, x);
    struct bessel_start start = bessel_start_of(x);
    double value = start.j0;
    if (n > 0) bessel_upwards(n, x, start.j0, start.j1, -1, &value);
    return value;
}

double gradc_besselj(double n, double x) {
    if (!is_bessel_order(n) || isnan(x)) return NAN;
    double value = besselj_of((int)fabs(n), fabs(x));
    int turned = (n < 0) != (x < 0) && fmod(n, 2) != 0;
    return turned ? -value : value;
}

/* ---- Y ---- */

static double bessely_of(int n, double x) {
    struct bessel_start start = bessel_start_of(x);
    double value = start.y0;
    if (n > 1 && x < 1e-9)
        return -0.318309886183790672 * factorial_over_power_of_half(n, x); /* DLMF 10.8.1 */
    if (n <= 1 || start.y1 == -HUGE_VAL) return n == 0 ? start.y0 : start.y1;
    int steps = bessel_upwards(n, x, start.y0, start.y1, -1, &value);
    return steps > 2 ? -HUGE_VAL : ldexp(value, 500 * steps);
}

double gradc_bessely(double n, double x) {
    if (!is_bessel_order(n) || !(x >= 0)) return NAN;
    double value = x == 0 ? -HUGE_VAL : isinf(x) ? 0 : bessely_of((int)fabs(n), x);
    return n < 0 && fmod(n, 2) != 0 ? -value : value;
}

/* ---- I ---- */

/* exp(x)/sqrt(2*pi*x)*(1 - (4n^2 - 1)/(8x) + ..) for x >= 30 and n^2 (DLMF 10.40.1). */
static double besseli_asymptotic(int n, double x) {
    double term = 1, sum = 1;
    for (int k = 1; k < 60 && fabs(term) > 1e-18 * sum; k++) {
        term *= -(4.0 * n * n - (2.0 * k - 1) * (2.0 * k - 1)) / (8.0 * k * x);
        sum += term;
    }
    return scaled_by_exp(sum / sqrt(6.28318530717958648 * x), x, 0);
}

/* Backwards from far above, normalised by exp(x) = I0 + 2*I1 + 2*I2 + .. (DLMF 3.6, 10.35.5). */
static double besseli_backward(int n, double x) {
    struct gradc_pair above = {0, 0}, at = {1, 0}, sum = {0, 0}, factor = two_over(x);
    double found = 0;
    int steps = 0;
    for (int k = (int)sqrt((double)n * n + 90 * x) + 20; k > 0; k--) {
        struct gradc_pair below = bessel_step(gradc_pair_scale(factor, k), at, above);
        sum = gradc_pair_add(sum, at);
        above = at;
        at = below;
        if (at.high > 0x1p500) {
            above = brought_down(above);
            at = brought_down(at);
            sum = brought_down(sum);
            steps--;
        }
        if (k - 1 == n) {
            found = at.high;
            steps = 0;
        }
    }
    return scaled_by_exp(found / (2 * sum.high + at.high), x, steps);
}

static double besseli_of(int n, double x) {
    if (x <= 30 || 0.25 * x * x <= 10.0 * (n + 1)) return x > 0 ? bessel_series(n, x, 1) : n == 0;
    if (x > 1e9 || isinf(x)) return HUGE_VAL;
    return x >= (double)n * n ? besseli_asymptotic(n, x) : besseli_backward(n, x);
}

double gradc_besseli(double n, double x) {
    if (!is_bessel_order(n) || isnan(x)) return NAN;
    double value = besseli_of((int)fabs(n), fabs(x));
    return x < 0 && fmod(n, 2) != 0 ? -value : value;
}

/* ---- K ---- */

/* exp(x)*K of order 0 or 1 for x > 1: the trapezoidal rule on the integral of exp(-x*(cosh(t) - 1))*cosh(n*t)
 * over t >= 0 (DLMF 10.32.9), which converges exponentially in the step. */
static double besselk_integral(int order, double x) {
    double step = 0.6 / (2 + sqrt(x)), sum = 0.5, term = 1;
    for (int k = 1; term > 1e-18 * sum; k++) {
        double half = sinh(0.5 * step * k), excess = 2 * half * half;
        term = exp(-x * excess);
        if (order) term *= 1 + excess;
        sum += term;
    }
    return step * sum;
}

/* x <= 1 (DLMF 10.31.2), and the Wronskian for K1 (DLMF 10.28.2). */
static struct gradc_pair besselk_start_of_small(double x) {
    const double euler = 0.577215664901532861;
    double square = 0.25 * x * x, term = 1, harmonic = 0, i0 = 1, sum = 0;
    for (int k = 1; term > 1e-18; k++) {
        term *= square / ((double)k * k);
        harmonic += 1.0 / k;
        i0 += term;
        sum += harmonic * term;
    }
    struct gradc_pair start = {sum - (log_of_half(x) + euler) * i0, 0};
    start.low = (1 / x - bessel_series(1, x, 1) * start.high) / i0;
    return start;
}

static double besselk_of(int n, double x) {
    struct gradc_pair start = {0, 0};                                       /* K0 and K1 */
    if (n > 1 && x < 1e-9) return 0.5 * factorial_over_power_of_half(n, x); /* DLMF 10.31.1 */
    if (x > 1) {
        start.high = besselk_integral(0, x);
        start.low = besselk_integral(1, x);
    } else {
        start = besselk_start_of_small(x);
    }
    double value = n == 0 ? start.high : start.low;
    int steps = n > 1 && value < HUGE_VAL ? bessel_upwards(n, x, start.high, start.low, 1, &value) : 0;
    if (x > 1) return scaled_by_exp(value, -x, steps);
    return steps > 2 ? HUGE_VAL : ldexp(value, 500 * steps);
}

double gradc_besselk(double n, double x) {
    if (!is_bessel_order(n) || !(x >= 0)) return NAN;
    if (x == 0) return HUGE_VAL;
    return x > 1e10 ? 0 : besselk_of((int)fabs(n), x);
}
