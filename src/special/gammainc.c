#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* ---- The exponential integral E1 ---- */

double gradc_expint1(double x) {
    const double euler = 0x1.2788cfc6fb619p-1, euler_low = -0x1.6cb90701fbfabp-58;
    if (!(x > 0)) return x == 0 ? HUGE_VAL : NAN;
    if (x > 750) return 0;
    if (x <= 1) {        /* DLMF 6.6.2 */
        double rest = 1; /* what the first terms leave of the series, in relation to the second */
        for (int k = 18; k >= 2; k--) rest = 1 - x * k / ((k + 1) * (k + 1)) * rest;
        return (((x - euler) - euler_low) - log(x)) - 0.25 * x * x * rest;
    }
    /* The even part of the continued fraction DLMF 6.9.1, from the tail; how many terms were tried out. */
    double fraction = 0;
    for (int k = (int)(6 + 108 / x); k >= 1; k--) fraction = k * k / (x + (2 * k + 1) - fraction);
    return exp(-x) / (x + 1 - fraction);
}

/* ---- The lower incomplete gamma function, regularised ---- */

/* a*(m - log(1 + m)) for m = x/a - 1: the exponent of the density about its peak. */
static struct gradc_pair gamma_exponent(double a, double x) {
    const struct gradc_pair shape = {a, 0}, argument = {x, 0};
    struct gradc_pair distance = gradc_pair_of_sum(x, -a);
    if (fabs(distance.high) <= 0.25 * a)
        return gradc_pair_scale(gradc_pair_log_excess(gradc_pair_divide(distance, shape)), a);
    struct gradc_pair log_x = gradc_pair_log(argument);
    const struct gradc_pair minus_log_x = {-log_x.high, -log_x.low};
    struct gradc_pair difference = gradc_pair_add(gradc_pair_log(shape), minus_log_x);
    return gradc_pair_add(distance, gradc_pair_scale(difference, a));
}

/* x^a*exp(-x)/gamma(a + 1); for large a by Stirling's series (DLMF 5.11.1). */
static double gamma_term(double a, double x) {
    if (a < 1) return pow(x, a) * exp(-x) / tgamma(1 + a);
    if (a < 20) return pow(x, a) * exp(-x) / (a * tgamma(a));
    struct gradc_pair exponent = gamma_exponent(a, x);
    const struct gradc_pair negative = {-exponent.high, -exponent.low};
    return gradc_pair_exp(negative) * exp(-gradc_stirling_rest(a)) / sqrt(6.28318530717958648 * a);
}

/* The sum over k >= 0 of x^k/((a + 1)..(a + k)) (DLMF 8.11.4). */
static double gamma_series(double a, double x) {
    struct gradc_pair sum = {1, 0};
    double term = 1, lost = 0;
    for (int k = 1; term > 1e-17 * sum.high; k++) {
        term *= x / (a + k);
        sum = gradc_pair_of_sum(sum.high, term);
        lost += sum.low;
    }
    return sum.high + lost;
}

/* The even part of the continued fraction of the upper function (DLMF 8.9.2), by Lentz's method. */
static double gamma_fraction(double a, double x) {
    double b = x + 1 - a, c = 1e300, d = 1 / b, value = d, change = 0;
    for (int k = 1; k < 5000 && fabs(change - 1) > 1e-16; k++) {
        double numerator = -k * (k - a);
        b += 2;
        d = 1 / (numerator * d + b);
        c = b + numerator / c;
        change = c * d;
        value *= change;
    }
    return value;
}

/* The sum over k of c_k(eta)/a^k of Temme's uniform expansion (DLMF 8.12.7, 8.12.11) for |eta| < 0.12. */
static double gamma_uniform(double a, double eta) {
    static const double c[4][11] = {
        {-0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073,
         0.0003527336860670194, -0.0001787551440329218, 3.919263178522438e-05, -2.185448510679992e-06,
         -1.85406221071516e-06, 8.296711340953087e-07, -1.7665952736826078e-07},
        {-0.001851851851851852, -0.003472222222222222, 0.0026455026455026454, -0.0009902263374485596,
         0.00020576131687242798, -4.018775720164609e-07, -1.8098550334489977e-05, 7.64916091608111e-06},
        {0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06,
         -0.0001073665322636516},
        {0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557},
    };
    double sum = 0;
    for (int k = 3; k >= 0; k--) {
        double inner = 0;
        for (int j = 10; j >= 0; j--) inner = c[k][j] + eta * inner;
        sum = inner + sum / a;
    }
    return sum;
}

/* The smaller of the lower and the upper function near x = a for large a (DLMF 8.12.3, 8.12.4). */
static double gamma_near_peak(double a, double x) {
    struct gradc_pair exponent = gamma_exponent(a, x);
    double root = sqrt(exponent.high), side = x < a ? -1 : 1;
    struct gradc_pair square = gradc_pair_of_product(root, root);
    double rest = (exponent.high - square.high) + (exponent.low - square.low);
    const struct gradc_pair negative = {-exponent.high, -exponent.low};
    double eta = side * sqrt(2 * exponent.high / a);
    double part = gradc_pair_exp(negative) * gamma_uniform(a, eta) / sqrt(6.28318530717958648 * a);
    return 0.5 * erfc(root) * (1 - rest) + side * part;
}

double gradc_gammainc_p(double a, double x) {
    if (!(a > 0) || !(x >= 0) || isinf(a)) return NAN;
    if (x == 0) return 0;
    /* The step at x = a is narrower than the distance of neighbouring numbers. */
    if (a > 1e36) return x < a ? 0 : x > a ? 1 : 0.5;
    if (x > 1000 && x > 100 * a) return 1;
    if (a > 1e3 && fabs(x - a) < 0.1 * a) {
        double smaller = gamma_near_peak(a, x);
        return x < a ? smaller : 1 - smaller;
    }
    if (x < a + 1) return gamma_term(a, x) * gamma_series(a, x);
    return 1 - gamma_term(a, x) * a * gamma_fraction(a, x);
}

/* ---- x^(a - 1)*exp(-x)/gamma(a), for any real a, x >= 0 ---- */

static double reciprocal_gamma(double a) {
    if (a <= 0 && a == floor(a)) return 0;
    return fabs(a) < 1e-300 ? a : 1 / tgamma(a);
}

static double gamma_pdf_at_zero(double a) {
    if (a == 1) return 1;
    return a > 1 ? 0 : reciprocal_gamma(a) * HUGE_VAL;
}

double gradc_gamma_pdf(double a, double x) {
    if (!(x >= 0) || !(a > -170) || isinf(a)) return NAN;
    if ((a <= 0 && a == floor(a)) || isinf(x)) return 0;
    if (x == 0) return gamma_pdf_at_zero(a);
    if (a > 1e36) return x < a || x > a ? 0 : 0.398942280401432678 / sqrt(a);
    if (a >= 0x1p53) return x < 0.5 * a ? 0 : gamma_term(a, x) * (a / x);
    if (a >= 21) return gamma_term(a - 1, x);
    if (x > 1000) return 0;
    /* The exponential in two halves, neither of which is subnormal; a - 1 is exact from 1/2 on. */
    double half = exp(-0.5 * x), scale = reciprocal_gamma(a);
    return a < 0.5 ? pow(x, a) * half * scale * half / x : pow(x, a - 1) * half * scale * half;
}
