#include "eval/complex_functions.h"

#include <math.h>

static const double ln2 = 0.693147180559945309417, ln10 = 2.30258509299404568402;

double complex complex_of(double re, double im) {
    union {
        double parts[2];
        double complex z;
    } both = {{re, im}};
    return both.z;
}

double complex complex_abs(double complex z) {
    return creal(z) < 0 || (creal(z) == 0 && signbit(creal(z))) ? -z : z;
}

/* The real root, of negative numbers too. */
double complex complex_cbrt(double complex z) {
    double root = cbrt(creal(z));
    return complex_of(root, cimag(z) == 0 ? 0 : cimag(z) / (3 * root * root));
}

double complex complex_exp2(double complex z) {
    double power = exp2(creal(z));
    return complex_of(power * cos(ln2 * cimag(z)), power * sin(ln2 * cimag(z)));
}

double complex complex_expm1(double complex z) {
    double half = sin(cimag(z) / 2), less = expm1(creal(z));
    return complex_of(less - 2 * half * half * (less + 1), (less + 1) * sin(cimag(z)));
}

double complex complex_log2(double complex z) {
    return complex_of(log2(cabs(z)), carg(z) / ln2);
}

double complex complex_log10(double complex z) {
    return complex_of(log10(cabs(z)), carg(z) / ln10);
}

double complex complex_log1p(double complex z) {
    return complex_of(log1p(creal(z)), atan2(cimag(z), 1 + creal(z)));
}

double complex complex_floor(double complex z) {
    return floor(creal(z));
}

double complex complex_ceil(double complex z) {
    return ceil(creal(z));
}

double complex complex_round(double complex z) {
    return round(creal(z));
}

double complex complex_trunc(double complex z) {
    return trunc(creal(z));
}

double complex complex_hypot(double complex a, double complex b) {
    return csqrt(a * a + b * b);
}
