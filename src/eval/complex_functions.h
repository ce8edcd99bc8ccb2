/* Complex functions that C99 lacks, for the complex step: with an imaginary part so small that its square is
 * nothing. What is not analytic is continued from the real part: |z| is z or -z, and whole numbers stay
 * whole. */
#ifndef GRADC_EVAL_COMPLEX_FUNCTIONS_H
#define GRADC_EVAL_COMPLEX_FUNCTIONS_H

#include <complex.h>

/* re + i*im, without arithmetic. */
double complex complex_of(double re, double im);

double complex complex_abs(double complex z);
double complex complex_cbrt(double complex z);
double complex complex_exp2(double complex z);
double complex complex_expm1(double complex z);
double complex complex_log2(double complex z);
double complex complex_log10(double complex z);
double complex complex_log1p(double complex z);
double complex complex_floor(double complex z);
double complex complex_ceil(double complex z);
double complex complex_round(double complex z);
double complex complex_trunc(double complex z);
double complex complex_hypot(double complex a, double complex b);

#endif
