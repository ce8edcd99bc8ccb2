/* Elementary functions that the mathematical library of C lacks, in doubles.
 *
 * Each is within a few units in the last place (docs/functions.md says how many) of the exact value, NaN
 * outside its domain, and calls nothing but <math.h> and its neighbours. None keeps state. */
#ifndef GRADC_SPECIAL_SPECIAL_H
#define GRADC_SPECIAL_SPECIAL_H

double gradc_digamma(double x);
double gradc_trigamma(double x);
/* The derivative of order n >= 0 of digamma; n is a whole number. */
double gradc_polygamma(double n, double x);

/* ---- Parts that several of them use ---- */

/* B2, B4, .. B24 */
extern const double gradc_bernoulli[12];
double gradc_stirling_rest(double x);

#endif
