/* Reference values of functions that MPFR has not, or not with this signature; named in the table of
 * operations. */
#ifndef GRADC_EVAL_SPECIAL_H
#define GRADC_EVAL_SPECIAL_H

#include <mpfr.h>
#include <stdbool.h>
#include <stdint.h>

int ref_lgamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
/* NaN below 0 where a pole is met. */
int ref_trigamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_polygamma(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_erfinv(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_erfinv_slope(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_lambertw(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_expint1(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_gammainc_p(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_gamma_pdf(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_beta(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding);
int ref_lbeta(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding);
int ref_normal_pdf(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_normal_cdf(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_besselj(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_bessely(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_besseli(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_besselk(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding);
/* x - y*floor(x/y) */
int ref_mod(mpfr_ptr result, mpfr_srcptr x, mpfr_srcptr y, mpfr_rnd_t rounding);
int ref_floor(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_ceil(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_round(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_trunc(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
/* NaN where any operand is. */
int ref_min(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count);
int ref_max(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count);

#endif
