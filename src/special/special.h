/* Elementary functions that the mathematical library of C lacks, in doubles.
 *
 * Each is within a few units in the last place (docs/functions.md says how many) of the exact value, NaN
 * outside its domain, and calls nothing but <math.h> and its neighbours. None keeps state. */
#ifndef GRADC_SPECIAL_SPECIAL_H
#define GRADC_SPECIAL_SPECIAL_H

/* The cube root, and x - y*floor(x/y): within one rounding, which the obvious ways are not. */
double gradc_cbrt(double x);
double gradc_mod(double x, double y);
double gradc_digamma(double x);
double gradc_trigamma(double x);
/* The derivative of order n >= 0 of digamma; n is a whole number. */
double gradc_polygamma(double n, double x);
/* The inverse of erf. */
double gradc_erfinv(double x);
/* Its derivative, sqrt(pi)/2*exp(erfinv(x)^2). */
double gradc_erfinv_slope(double x);
/* The principal branch: w*exp(w) = x with w >= -1. */
double gradc_lambertw(double x);
/* The integral of exp(-t)/t from x to infinity, x > 0. */
double gradc_expint1(double x);
/* The integral of t^(a - 1)*exp(-t)/gamma(a) from 0 to x; a > 0, x >= 0. */
double gradc_gammainc_p(double a, double x);
/* Its derivative by x, x^(a - 1)*exp(-x)/gamma(a), for a <= 0 too. */
double gradc_gamma_pdf(double a, double x);
/* gamma(a)*gamma(b)/gamma(a + b) for a, b > 0, and its logarithm. */
double gradc_beta(double a, double b);
double gradc_lbeta(double a, double b);
/* Density and distribution function of the standard normal distribution. */
double gradc_normal_pdf(double x);
double gradc_normal_cdf(double x);
/* Bessel functions and modified ones of whole order n, |n| <= 100000; x > 0 for Y and K. */
double gradc_besselj(double n, double x);
double gradc_bessely(double n, double x);
double gradc_besseli(double n, double x);
double gradc_besselk(double n, double x);

/* ---- Parts that several of them use ---- */

/* B2, B4, .. B24 */
extern const double gradc_bernoulli[12];
double gradc_stirling_rest(double x);

#endif
