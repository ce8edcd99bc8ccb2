#include "eval/special.h"

int ref_lgamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    int sign;
    return mpfr_lgamma(result, &sign, x, rounding);
}

/* The derivative of digamma by a central difference with a third of the digits of a longer calculation: the
 * truncation h^2 and the cancellation both stay below the result's last bit. */
int ref_trigamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    mpfr_prec_t precision = mpfr_get_prec(result);
    mpfr_t step, above, below;
    mpfr_inits2(3 * precision + 128, step, above, below, (mpfr_ptr)0);
    mpfr_abs(step, x, MPFR_RNDN);
    if (mpfr_cmp_ui(step, 1) > 0) mpfr_set_ui(step, 1, MPFR_RNDN);
    mpfr_div_2ui(step, step, (unsigned long)precision / 2 + 32, MPFR_RNDN);
    mpfr_add(above, x, step, MPFR_RNDN);
    mpfr_sub(below, x, step, MPFR_RNDN);
    mpfr_digamma(above, above, MPFR_RNDN);
    mpfr_digamma(below, below, MPFR_RNDN);
    mpfr_sub(above, above, below, MPFR_RNDN);
    mpfr_mul_2ui(step, step, 1, MPFR_RNDN);
    int inexact = mpfr_div(result, above, step, rounding);
    mpfr_clears(step, above, below, (mpfr_ptr)0);
    return inexact;
}

int ref_floor(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    (void)rounding;
    return mpfr_floor(result, x);
}

int ref_ceil(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    (void)rounding;
    return mpfr_ceil(result, x);
}

int ref_round(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    (void)rounding;
    return mpfr_round(result, x);
}

int ref_trunc(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    (void)rounding;
    return mpfr_trunc(result, x);
}

static int extremum(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count, int direction) {
    mpfr_srcptr best = operands[0];
    for (uint32_t i = 1; i < count && !mpfr_nan_p(best); i++) {
        if (mpfr_nan_p(operands[i]) || mpfr_cmp(operands[i], best) * direction > 0) best = operands[i];
    }
    return mpfr_set(result, best, MPFR_RNDN);
}

int ref_min(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count) {
    return extremum(result, operands, count, -1);
}

int ref_max(mpfr_ptr result, const mpfr_srcptr *operands, uint32_t count) {
    return extremum(result, operands, count, 1);
}
