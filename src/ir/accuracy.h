/* Scales of errors, for the accuracy column of the table of operations: near a zero of an oscillating
 * function the error is small beside its swings, not beside its value. 0 where the value itself is the
 * measure. */
#ifndef GRADC_IR_ACCURACY_H
#define GRADC_IR_ACCURACY_H

double scale_one(const double *operands);
double scale_bessel(const double *operands);            /* n, x */
double scale_gamma_pdf(const double *operands);         /* a, x */
double scale_digamma(const double *operands);           /* x */
double scale_trigamma_partial(const double *operands);  /* x */
double scale_polygamma(const double *operands);         /* n, x */
double scale_polygamma_partial(const double *operands); /* n, x */
double scale_gamma_partial(const double *operands);     /* x */

#endif
