#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* gamma(a + b): the rounding of the sum counts. */
static double gamma_of_sum(double a, double b) {
    struct gradc_pair sum = gradc_pair_of_sum(a, b);
    double value = tgamma(sum.high);
    return sum.low == 0 ? value : value * (1 + sum.low * gradc_digamma(sum.high));
}

/* log(1 + a/b) for a <= b. */
static struct gradc_pair log_of_ratio(double a, double b) {
    const struct gradc_pair above = {a, 0}, below = {b, 0};
    struct gradc_pair ratio = gradc_pair_divide(above, below);
    if (ratio.high > 0.25) {
        const struct gradc_pair one = {1, 0};
        return gradc_pair_log(gradc_pair_add(one, ratio));
    }
    struct gradc_pair excess = gradc_pair_log_excess(ratio);
    const struct gradc_pair negative = {-excess.high, -excess.low};
    return gradc_pair_add(ratio, negative);
}

/* gamma(large)/gamma(large + small) for large >= 10 > small, by Stirling's series (DLMF 5.11.1). */
static double gamma_quotient(double small, double large) {
    const struct gradc_pair minus_one = {-1, 0};
    struct gradc_pair sum = gradc_pair_of_sum(large, small);
    struct gradc_pair first = gradc_pair_scale(log_of_ratio(small, large), 0.5 - large);
    struct gradc_pair second = gradc_pair_scale(gradc_pair_add(gradc_pair_log(sum), minus_one), -small);
    double rest = gradc_stirling_rest(large) - gradc_stirling_rest(sum.high);
    return gradc_pair_exp(gradc_pair_add(first, second)) * exp(rest);
}

/* Both operands >= 10, likewise. */
static double beta_of_large(double small, double large) {
    const struct gradc_pair argument = {small, 0};
    struct gradc_pair log_small = gradc_pair_log(argument);
    struct gradc_pair log_sum = gradc_pair_log(gradc_pair_of_sum(large, small));
    const struct gradc_pair minus_log_sum = {-log_sum.high, -log_sum.low};
    struct gradc_pair first = gradc_pair_scale(gradc_pair_add(log_small, minus_log_sum), small);
    struct gradc_pair second = gradc_pair_scale(log_of_ratio(small, large), -large);
    double rest =
        gradc_stirling_rest(small) + gradc_stirling_rest(large) - gradc_stirling_rest(small + large);
    double root = sqrt(6.28318530717958648 / small * (1 + small / large));
    return gradc_pair_exp(gradc_pair_add(first, second)) * exp(rest) * root;
}

double gradc_beta(double a, double b) {
    double small = a < b ? a : b, large = a < b ? b : a;
    if (!(small > 0) || isnan(large)) return small == 0 && large >= 0 && !isinf(large) ? HUGE_VAL : NAN;
    if (isinf(large)) return 0;
    if (small < 5.6e-309) return HUGE_VAL;
    if (large < 10) return tgamma(small) / gamma_of_sum(small, large) * tgamma(large);
    if (small > 1100) return 0; /* below 4^-small */
    if (large > 1e40) return small < 10 ? tgamma(small) * pow(large, -small) : 0;
    return small < 10 ? tgamma(small) * gamma_quotient(small, large) : beta_of_large(small, large);
}

double gradc_lbeta(double a, double b) {
    double small = a < b ? a : b, large = a < b ? b : a;
    if (!(small > 0) || isnan(large)) return small == 0 && large >= 0 && !isinf(large) ? HUGE_VAL : NAN;
    if (isinf(large)) return -HUGE_VAL;
    if (large < 10) return small < 1e-300 ? log1p(small / large) - log(small) : log(gradc_beta(small, large));
    double logarithm = log1p(small / large), sum = small + large;
    double rest = gradc_stirling_rest(large) - gradc_stirling_rest(sum);
    if (small < 10) return lgamma(small) - ((large - 0.5) * logarithm + small * (log(sum) - 1) - rest);
    rest += gradc_stirling_rest(small) + 0.5 * log(6.28318530717958648 / small * (1 + small / large));
    return rest - (small * log1p(large / small) + large * logarithm);
}
