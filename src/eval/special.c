#include "eval/special.h"

int ref_lgamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    int sign;
    return mpfr_lgamma(result, &sign, x, rounding);
}

int ref_mod(mpfr_ptr result, mpfr_srcptr x, mpfr_srcptr y, mpfr_rnd_t rounding) {
    if (mpfr_inf_p(y)) {
        mpfr_set_nan(result);
        return 0;
    }
    int inexact = mpfr_fmod(result, x, y, rounding);
    bool turned = mpfr_regular_p(result) && (mpfr_sgn(result) < 0) != (mpfr_sgn(y) < 0);
    return turned ? mpfr_add(result, result, y, rounding) : inexact;
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
