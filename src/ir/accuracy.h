/* Scales of errors, for the accuracy column of the table of operations: near a zero of an oscillating
 * function the error is small beside its swings, not beside its value. 0 where the value itself is the
 * measure. */
#ifndef GRADC_IR_ACCURACY_H
#define GRADC_IR_ACCURACY_H

#include <stdint.h>

double scale_one(const double *operands, uint32_t which);
/* Infinite: not measured. */
double scale_pow_partial(const double *operands, uint32_t which);       /* x, y */
double scale_lambertw_partial(const double *operands, uint32_t which);  /* x */
double scale_beta_partial(const double *operands, uint32_t which);      /* x, y */
double scale_lbeta_partial(const double *operands, uint32_t which);     /* x, y */
double scale_bessel(const double *operands, uint32_t which);            /* n, x */
double scale_bessel_partial(const double *operands, uint32_t which);    /* n, x */
double scale_gamma_pdf(const double *operands, uint32_t which);         /* a, x */
double scale_gamma_pdf_partial(const double *operands, uint32_t which); /* a, x */
double scale_digamma(const double *operands, uint32_t which);           /* x */
double scale_trigamma_partial(const double *operands, uint32_t which);  /* x */
double scale_polygamma(const double *operands, uint32_t which);         /* n, x */
double scale_polygamma_partial(const double *operands, uint32_t which); /* n, x */
double scale_gamma_partial(const double *operands, uint32_t which);     /* x */

#endif
