#include "ir/accuracy.h"

#include <math.h>

#include "special/special.h"

double scale_one(const double *operands, uint32_t which) {
    (void)which;
    (void)operands;
    return 1;
}

double scale_pow_partial(const double *operands, uint32_t which) {
    double x = fabs(operands[0]), y = fabs(operands[1]);
    return which == 0 && (y >= 0x1p53 || (y < 1 && x < 1e-300)) ? HUGE_VAL : 0;
}

double scale_lambertw_partial(const double *operands, uint32_t which) {
    (void)which;
    double w = gradc_lambertw(operands[0]);
    return w < -0.5 ? exp(-w) / ((1 + w) * (1 + w)) : 0;
}

double scale_lbeta_partial(const double *operands, uint32_t which) {
    return 1 + fabs(gradc_digamma(operands[which])) + fabs(gradc_digamma(operands[0] + operands[1]));
}

double scale_beta_partial(const double *operands, uint32_t which) {
    return gradc_beta(operands[0], operands[1]) * scale_lbeta_partial(operands, which);
}

double scale_bessel(const double *operands, uint32_t which) {
    (void)which;
    double size = fabs(operands[1]);
    return size > fabs(operands[0]) ? sqrt(0.636619772367581343 / size) : 0;
}

double scale_bessel_partial(const double *operands, uint32_t which) {
    (void)which;
    double order = fabs(operands[0]), size = fabs(operands[1]);
    return size > order - 2 * cbrt(order) ? sqrt(0.636619772367581343 / size) : 0;
}

double scale_gamma_pdf(const double *operands, uint32_t which) {
    (void)which;
    return operands[0] < 0 && operands[0] > -1e-300 ? HUGE_VAL : 0;
}

double scale_gamma_pdf_partial(const double *operands, uint32_t which) {
    if (operands[0] <= 0 || operands[0] >= 0x1p52) return HUGE_VAL;
    double density = gradc_gamma_pdf(operands[0], operands[1]);
    return which ? density : density * (1 + fabs(log(operands[1])));
}

double scale_digamma(const double *operands, uint32_t which) {
    (void)which;
    return operands[0] < 0 ? 1 + log1p(-operands[0]) : 0;
}

/* Between two poles the even orders go through zero: their two nearest terms in the middle. */
static double between_poles(double n, double x) {
    return x < 0 && fmod(n, 2) == 0 ? tgamma(n + 1) * pow(2, n + 2) : 0;
}

double scale_trigamma_partial(const double *operands, uint32_t which) {
    (void)which;
    return between_poles(2, operands[0]);
}

double scale_polygamma(const double *operands, uint32_t which) {
    return operands[0] == 0 ? scale_digamma(operands + 1, which) : between_poles(operands[0], operands[1]);
}

double scale_polygamma_partial(const double *operands, uint32_t which) {
    (void)which;
    return between_poles(operands[0] + 1, operands[1]);
}

double scale_gamma_partial(const double *operands, uint32_t which) {
    return fabs(tgamma(operands[0])) * scale_digamma(operands, which);
}
