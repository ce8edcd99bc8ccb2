#include "api/student.h"

#include <float.h>
#include <math.h>

#include "special/special.h"

/* The regularised incomplete beta function where its continued fraction converges fast: x < (a + 1)/(a + b +
 * 2). Evaluated by Lentz's method. */
static double beta_fraction(double a, double b, double x) {
    double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), value = d;
    for (double m = 1; m < 10000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        value *= c * d;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        value *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON) break;
    }
    return value * exp(a * log(x) + b * log1p(-x) - gradc_lbeta(a, b)) / a;
}

static double incomplete_beta(double a, double b, double x, double rest) {
    if (!(x > 0)) return 0;
    if (!(rest > 0)) return 1;
    return x < (a + 1) / (a + b + 2) ? beta_fraction(a, b, x) : 1 - beta_fraction(b, a, rest);
}

/* How probable it is to be beyond t on either side. */
static double exceeded(double freedom, double t) {
    double sum = freedom + t * t;
    return incomplete_beta(0.5 * freedom, 0.5, freedom / sum, t * t / sum);
}

double student_quantile(double freedom, double probability) {
    double low = 0, high = 1;
    if (!(freedom > 0)) return NAN;
    while (exceeded(freedom, high) > probability && high < 1e300) high *= 2;
    for (int k = 0; k < 200 && high - low > DBL_EPSILON * high; k++) {
        double middle = 0.5 * (low + high);
        if (exceeded(freedom, middle) > probability)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}
