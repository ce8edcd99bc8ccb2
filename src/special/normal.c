#include <math.h>

#include "special/pair.h"
#include "special/special.h"

/* The rounding of x^2 would grow to hundreds of units in the exponential. */
double gradc_normal_pdf(double x) {
    const double scale = 0.398942280401432678;
    if (fabs(x) > 40) return 0;
    struct gradc_pair square = gradc_pair_of_product(x, x);
    return scale * exp(-0.5 * square.high) * (1 - 0.5 * square.low);
}

/* erfc(z)/2 at z = -x/sqrt(2); what the rounding of z leaves is added by the derivative. */
double gradc_normal_cdf(double x) {
    const struct gradc_pair minus_root_half = {-0x1.6a09e667f3bcdp-1, 0x1.bdd3413b26456p-55};
    const double two_over_root_pi = 1.12837916709551257;
    if (fabs(x) > 40) return x < 0 ? 0 : 1;
    struct gradc_pair z = gradc_pair_scale(minus_root_half, x);
    return 0.5 * (erfc(z.high) - z.low * two_over_root_pi * exp(-z.high * z.high));
}
