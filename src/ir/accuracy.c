#include "ir/accuracy.h"

#include <math.h>

#include "special/special.h"

double scale_one(const double *operands) {
    (void)operands;
    return 1;
}

double scale_bessel(const double *operands) {
    double size = fabs(operands[1]);
    return size > fabs(operands[0]) ? sqrt(0.636619772367581343 / size) : 0;
}

double scale_gamma_pdf(const double *operands) {
    return gradc_gamma_pdf(operands[0], operands[1]);
}

double scale_digamma(const double *operands) {
    return operands[0] < 0 ? 1 + log1p(-operands[0]) : 0;
}

/* Between two poles the even orders go through zero; twice their terms nearest to the middle. */
static double between_poles(double n, double x) {
    return x < 0 && fmod(n, 2) == 0 ? tgamma(n + 1) * pow(2, n + 1) : 0;
}

double scale_trigamma_partial(const double *operands) {
    return between_poles(2, operands[0]);
}

double scale_polygamma(const double *operands) {
    return operands[0] == 0 ? scale_digamma(operands + 1) : between_poles(operands[0], operands[1]);
}

double scale_polygamma_partial(const double *operands) {
    return between_poles(operands[0] + 1, operands[1]);
}

double scale_gamma_partial(const double *operands) {
    return fabs(tgamma(operands[0])) * scale_digamma(operands);
}
