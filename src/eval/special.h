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
int ref_floor(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_ceil(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_round(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
int ref_trunc(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
/* NaN where any operand is. */
int ref_min(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count);
int ref_max(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count);

#endif
