#include "eval/special.h"
#include "special/special.h"

/* Functions about the gamma function and the normal distribution. */

enum { GUARD_BITS = 64, MOST_TERMS = 300000 };

static mpfr_prec_t longer(mpfr_srcptr a, mpfr_srcptr b) {
    return mpfr_get_prec(a) > mpfr_get_prec(b) ? mpfr_get_prec(a) : mpfr_get_prec(b);
}

static int set_nan(mpfr_ptr result) {
    mpfr_set_nan(result);
    return 0;
}

int ref_expint1(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (mpfr_nan_p(x) || mpfr_sgn(x) < 0) return set_nan(result);
    mpfr_t negative;
    mpfr_init2(negative, mpfr_get_prec(x));
    mpfr_neg(negative, x, MPFR_RNDN);
    if (mpfr_zero_p(x)) {
        mpfr_set_inf(result, -1);
    } else {
        mpfr_eint(result, negative, rounding);
    }
    int inexact = mpfr_neg(result, result, rounding);
    mpfr_clear(negative);
    return inexact;
}

/* ---- gammainc_p ---- */

/* x^a*exp(-x)/gamma(a + 1), with digits for what its parts lose. */
static void gamma_term(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x) {
    mpfr_t sum, part;
    mpfr_exp_t large = mpfr_get_exp(a) > mpfr_get_exp(x) ? mpfr_get_exp(a) : mpfr_get_exp(x);
    mpfr_inits2(mpfr_get_prec(result) + (large > 0 ? large : 0) + GUARD_BITS, sum, part, (mpfr_ptr)0);
    mpfr_log(sum, x, MPFR_RNDN);
    mpfr_mul(sum, sum, a, MPFR_RNDN);
    mpfr_sub(sum, sum, x, MPFR_RNDN);
    mpfr_add_ui(part, a, 1, MPFR_RNDN);
    mpfr_lngamma(part, part, MPFR_RNDN);
    mpfr_sub(sum, sum, part, MPFR_RNDN);
    mpfr_exp(result, sum, MPFR_RNDN);
    mpfr_clears(sum, part, (mpfr_ptr)0);
}

/* The sum over k of x^k/((a + 1)..(a + k)) (DLMF 8.11.4); false where it takes too many terms. */
static bool gamma_series(mpfr_ptr sum, mpfr_srcptr a, mpfr_srcptr x) {
    mpfr_t term, divisor;
    long k = 0;
    mpfr_inits2(mpfr_get_prec(sum), term, divisor, (mpfr_ptr)0);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_ui(sum, 1, MPFR_RNDN);
    mpfr_set(divisor, a, MPFR_RNDN);
    for (; k < MOST_TERMS && mpfr_get_exp(term) > mpfr_get_exp(sum) - mpfr_get_prec(sum); k++) {
        mpfr_add_ui(divisor, divisor, 1, MPFR_RNDN);
        mpfr_mul(term, term, x, MPFR_RNDN);
        mpfr_div(term, term, divisor, MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    mpfr_clears(term, divisor, (mpfr_ptr)0);
    return k < MOST_TERMS;
}

/* 1/(x + 1 - a - 1*(1 - a)/(x + 3 - a - ..)) (DLMF 8.9.2) by Lentz's method; false where it takes too many
 * terms. */
static bool gamma_fraction(mpfr_ptr value, mpfr_srcptr a, mpfr_srcptr x) {
    mpfr_prec_t precision = mpfr_get_prec(value);
    mpfr_t b, c, d, numerator;
    long k = 1;
    mpfr_inits2(precision, b, c, d, numerator, (mpfr_ptr)0);
    mpfr_sub(b, x, a, MPFR_RNDN);
    mpfr_add_ui(b, b, 1, MPFR_RNDN);
    mpfr_ui_div(d, 1, b, MPFR_RNDN);
    mpfr_set(value, d, MPFR_RNDN);
    mpfr_set_ui_2exp(c, 1, precision * 4, MPFR_RNDN);
    for (bool converged = false; k < MOST_TERMS && !converged; k++) {
        mpfr_si_sub(numerator, k, a, MPFR_RNDN);
        mpfr_mul_si(numerator, numerator, -k, MPFR_RNDN);
        mpfr_add_ui(b, b, 2, MPFR_RNDN);
        mpfr_mul(d, d, numerator, MPFR_RNDN);
        mpfr_add(d, d, b, MPFR_RNDN);
        mpfr_ui_div(d, 1, d, MPFR_RNDN);
        mpfr_div(c, numerator, c, MPFR_RNDN);
        mpfr_add(c, c, b, MPFR_RNDN);
        mpfr_mul(numerator, c, d, MPFR_RNDN);
        mpfr_mul(value, value, numerator, MPFR_RNDN);
        mpfr_sub_ui(numerator, numerator, 1, MPFR_RNDN);
        converged = mpfr_zero_p(numerator) || mpfr_get_exp(numerator) < 8 - precision;
    }
    mpfr_clears(b, c, d, numerator, (mpfr_ptr)0);
    return k < MOST_TERMS;
}

/* For 0 < a, x: the series, or where x is beyond a and large the fraction of 1 - P. */
static bool gammainc(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x) {
    mpfr_prec_t precision = mpfr_get_prec(result);
    mpfr_t term;
    mpfr_init2(term, precision);
    gamma_term(term, a, x);
    bool beyond = mpfr_cmp(x, a) > 0 && mpfr_cmp_ui(x, (unsigned long)precision) > 0, good;
    if (beyond) {
        good = gamma_fraction(result, a, x);
        mpfr_mul(term, term, a, MPFR_RNDN);
        mpfr_mul(result, result, term, MPFR_RNDN);
        mpfr_ui_sub(result, 1, result, MPFR_RNDN);
    } else {
        good = gamma_series(result, a, x);
        mpfr_mul(result, result, term, MPFR_RNDN);
    }
    mpfr_clear(term);
    return good;
}

int ref_gammainc_p(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (mpfr_nan_p(a) || mpfr_nan_p(x) || mpfr_sgn(a) <= 0 || mpfr_sgn(x) < 0 || mpfr_inf_p(a))
        return set_nan(result);
    if (mpfr_zero_p(x)) return mpfr_set(result, x, rounding);
    if (mpfr_inf_p(x)) return mpfr_set_ui(result, 1, rounding);
    mpfr_t value;
    mpfr_init2(value, mpfr_get_prec(result) + GUARD_BITS);
    /* Near the peak of an a beyond 10^8 no more than the digits of doubles are known. */
    if (!gammainc(value, a, x))
        mpfr_set_d(value, gradc_gammainc_p(mpfr_get_d(a, MPFR_RNDN), mpfr_get_d(x, MPFR_RNDN)), MPFR_RNDN);
    int inexact = mpfr_set(result, value, rounding);
    mpfr_clear(value);
    return inexact;
}

/* x^(a - 1)*exp(-x)/gamma(a) for x > 0. */
static void gamma_pdf(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x) {
    mpfr_t part;
    mpfr_init2(part, mpfr_get_prec(result));
    if (mpfr_sgn(a) > 0) {
        gamma_term(result, a, x);
        mpfr_div(part, a, x, MPFR_RNDN);
        mpfr_mul(result, result, part, MPFR_RNDN);
    } else {
        mpfr_sub_ui(part, a, 1, MPFR_RNDN);
        mpfr_pow(result, x, part, MPFR_RNDN);
        mpfr_gamma(part, a, MPFR_RNDN);
        mpfr_div(result, result, part, MPFR_RNDN);
        mpfr_neg(part, x, MPFR_RNDN);
        mpfr_exp(part, part, MPFR_RNDN);
        mpfr_mul(result, result, part, MPFR_RNDN);
    }
    mpfr_clear(part);
}

static int gamma_pdf_at_zero(mpfr_ptr result, mpfr_srcptr a) {
    int beside = mpfr_cmp_ui(a, 1);
    mpfr_set_ui(result, beside == 0, MPFR_RNDN);
    if (beside >= 0) return 0;
    mpfr_gamma(result, a, MPFR_RNDN);
    mpfr_set_inf(result, mpfr_sgn(result));
    return 0;
}

int ref_gamma_pdf(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (mpfr_nan_p(a) || mpfr_nan_p(x) || mpfr_sgn(x) < 0 || mpfr_inf_p(a)) return set_nan(result);
    if (mpfr_cmp_si(a, -170) <= 0) return set_nan(result); /* where doubles end */
    if (mpfr_inf_p(x) || (mpfr_sgn(a) <= 0 && mpfr_integer_p(a))) return mpfr_set_ui(result, 0, rounding);
    if (mpfr_zero_p(x)) return gamma_pdf_at_zero(result, a);
    mpfr_exp_t extra = mpfr_get_exp(x) < 0 ? -mpfr_get_exp(x) : mpfr_get_exp(x);
    mpfr_t value;
    mpfr_init2(value, longer(result, longer(a, x) == mpfr_get_prec(a) ? a : x) + GUARD_BITS +
                          (extra < 2000 ? extra : 2000));
    gamma_pdf(value, a, x);
    int inexact = mpfr_set(result, value, rounding);
    mpfr_clear(value);
    return inexact;
}

/* ---- beta ---- */

int ref_lbeta(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding) {
    if (mpfr_nan_p(a) || mpfr_nan_p(b) || mpfr_sgn(a) < 0 || mpfr_sgn(b) < 0) return set_nan(result);
    if (mpfr_zero_p(a) || mpfr_zero_p(b) || mpfr_inf_p(a) || mpfr_inf_p(b)) {
        bool both = (mpfr_zero_p(a) && mpfr_inf_p(b)) || (mpfr_inf_p(a) && mpfr_zero_p(b));
        if (both) return set_nan(result);
        mpfr_set_inf(result, mpfr_zero_p(a) || mpfr_zero_p(b) ? 1 : -1);
        return 0;
    }
    mpfr_exp_t large = mpfr_get_exp(a) > mpfr_get_exp(b) ? mpfr_get_exp(a) : mpfr_get_exp(b);
    mpfr_prec_t precision = longer(result, longer(a, b) == mpfr_get_prec(a) ? a : b) + GUARD_BITS;
    mpfr_t sum, part;
    mpfr_inits2(precision + (large > 0 ? large : 0), sum, part, (mpfr_ptr)0);
    mpfr_lngamma(sum, a, MPFR_RNDN);
    mpfr_lngamma(part, b, MPFR_RNDN);
    mpfr_add(sum, sum, part, MPFR_RNDN);
    mpfr_add(part, a, b, MPFR_RNDN);
    mpfr_lngamma(part, part, MPFR_RNDN);
    int inexact = mpfr_sub(result, sum, part, rounding);
    mpfr_clears(sum, part, (mpfr_ptr)0);
    return inexact;
}

int ref_beta(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding) {
    mpfr_t logarithm;
    mpfr_init2(logarithm, mpfr_get_prec(result) + 2 * GUARD_BITS);
    ref_lbeta(logarithm, a, b, MPFR_RNDN);
    int inexact = mpfr_exp(result, logarithm, rounding);
    mpfr_clear(logarithm);
    return inexact;
}

/* ---- The normal distribution ---- */

int ref_normal_pdf(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    mpfr_t power, scale;
    mpfr_init2(power, 2 * longer(result, x) + 2 * GUARD_BITS);
    mpfr_init2(scale, mpfr_get_prec(result) + GUARD_BITS);
    mpfr_sqr(power, x, MPFR_RNDN);
    mpfr_div_2si(power, power, 1, MPFR_RNDN);
    mpfr_neg(power, power, MPFR_RNDN);
    mpfr_exp(power, power, MPFR_RNDN);
    mpfr_const_pi(scale, MPFR_RNDN);
    mpfr_mul_2ui(scale, scale, 1, MPFR_RNDN);
    mpfr_sqrt(scale, scale, MPFR_RNDN);
    int inexact = mpfr_div(result, power, scale, rounding);
    mpfr_clears(power, scale, (mpfr_ptr)0);
    return inexact;
}

int ref_normal_cdf(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    mpfr_t z, root;
    mpfr_exp_t large = mpfr_regular_p(x) && mpfr_get_exp(x) > 0 ? 2 * mpfr_get_exp(x) : 0;
    mpfr_inits2(longer(result, x) + GUARD_BITS + (large < 100 ? large : 100), z, root, (mpfr_ptr)0);
    mpfr_sqrt_ui(root, 2, MPFR_RNDN);
    mpfr_div(z, x, root, MPFR_RNDN);
    mpfr_neg(z, z, MPFR_RNDN);
    mpfr_erfc(z, z, MPFR_RNDN);
    int inexact = mpfr_div_2ui(result, z, 1, rounding);
    mpfr_clears(z, root, (mpfr_ptr)0);
    return inexact;
}
