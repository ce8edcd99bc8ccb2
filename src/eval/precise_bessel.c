#include "eval/special.h"

/* Bessel functions: J and Y are MPFR's, I and K are series. */

enum { GUARD_BITS = 64, MOST_ORDER = 100000 };

static int set_nan(mpfr_ptr result) {
    mpfr_set_nan(result);
    return 0;
}

static bool is_order(long n) {
    return n >= -MOST_ORDER && n <= MOST_ORDER;
}

static mpfr_prec_t working_precision(mpfr_srcptr result, mpfr_srcptr x) {
    mpfr_prec_t wanted = mpfr_get_prec(result), given = mpfr_get_prec(x);
    return (wanted > given ? wanted : given) + GUARD_BITS;
}

int ref_besselj(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    return is_order(n) ? mpfr_jn(result, n, x, rounding) : set_nan(result);
}

int ref_bessely(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (!is_order(n) || mpfr_nan_p(x) || (mpfr_sgn(x) < 0 && !mpfr_zero_p(x))) return set_nan(result);
    if (!mpfr_zero_p(x)) return mpfr_yn(result, n, x, rounding);
    mpfr_set_inf(result, n < 0 && n % 2 ? 1 : -1);
    return 0;
}

/* Hankel's sum of (+-1)^k a_k(n)/x^k (DLMF 10.40.1, 10.40.2); sign is -1 for I and 1 for K. */
static void hankel_sum(mpfr_ptr sum, long n, mpfr_srcptr x, int sign) {
    mpfr_t term;
    mpfr_init2(term, mpfr_get_prec(sum));
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_ui(sum, 1, MPFR_RNDN);
    for (long k = 1; mpfr_regular_p(term) && mpfr_get_exp(term) > -mpfr_get_prec(sum); k++) {
        mpfr_mul_si(term, term, sign * (4 * n * n - (2 * k - 1) * (2 * k - 1)), MPFR_RNDN);
        mpfr_div_si(term, term, 8 * k, MPFR_RNDN);
        mpfr_div(term, term, x, MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    mpfr_clear(term);
}

/* ---- I ---- */

/* (x/2)^n/n! times the sum of (x^2/4)^k/(k!(n + 1)..(n + k)) (DLMF 10.25.2), for x > 0. */
static void besseli_series(mpfr_ptr result, long n, mpfr_srcptr x) {
    mpfr_t square, term;
    mpfr_inits2(mpfr_get_prec(result), square, term, (mpfr_ptr)0);
    mpfr_div_2ui(square, x, 1, MPFR_RNDN);
    mpfr_pow_ui(term, square, (unsigned long)n, MPFR_RNDN);
    mpfr_fac_ui(result, (unsigned long)n, MPFR_RNDN);
    mpfr_div(term, term, result, MPFR_RNDN);
    mpfr_sqr(square, square, MPFR_RNDN);
    mpfr_set(result, term, MPFR_RNDN);
    for (long k = 1; mpfr_get_exp(term) > mpfr_get_exp(result) - mpfr_get_prec(result); k++) {
        mpfr_mul(term, term, square, MPFR_RNDN);
        mpfr_div_si(term, term, k * (n + k), MPFR_RNDN);
        mpfr_add(result, result, term, MPFR_RNDN);
    }
    mpfr_clears(square, term, (mpfr_ptr)0);
}

/* exp(x)/sqrt(2*pi*x) times Hankel's sum, for large x. */
static void besseli_large(mpfr_ptr result, long n, mpfr_srcptr x) {
    mpfr_t part;
    mpfr_init2(part, mpfr_get_prec(result));
    hankel_sum(result, n, x, -1);
    mpfr_exp(part, x, MPFR_RNDN);
    mpfr_mul(result, result, part, MPFR_RNDN);
    mpfr_const_pi(part, MPFR_RNDN);
    mpfr_mul(part, part, x, MPFR_RNDN);
    mpfr_mul_2ui(part, part, 1, MPFR_RNDN);
    mpfr_sqrt(part, part, MPFR_RNDN);
    mpfr_div(result, result, part, MPFR_RNDN);
    mpfr_clear(part);
}

static bool is_large(mpfr_srcptr x, mpfr_prec_t precision, long n) {
    return mpfr_cmp_si(x, precision + n * n) > 0;
}

int ref_besseli(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (!is_order(n) || mpfr_nan_p(x)) return set_nan(result);
    if (n < 0) n = -n;
    bool negative = mpfr_sgn(x) < 0 && n % 2;
    if (mpfr_zero_p(x)) return mpfr_set_ui(result, n == 0, rounding);
    if (mpfr_inf_p(x)) {
        mpfr_set_inf(result, negative ? -1 : 1);
        return 0;
    }
    mpfr_prec_t precision = working_precision(result, x);
    mpfr_t size, value;
    mpfr_inits2(precision, size, value, (mpfr_ptr)0);
    mpfr_abs(size, x, MPFR_RNDN);
    if (is_large(size, precision, n))
        besseli_large(value, n, size);
    else
        besseli_series(value, n, size);
    int inexact = mpfr_setsign(result, value, negative, rounding);
    mpfr_clears(size, value, (mpfr_ptr)0);
    return inexact;
}

/* ---- K ---- */

/* K of order n by Hankel's sum, for large x. */
static void besselk_large(mpfr_ptr result, long n, mpfr_srcptr x) {
    mpfr_t part;
    mpfr_init2(part, mpfr_get_prec(result));
    hankel_sum(result, n, x, 1);
    mpfr_neg(part, x, MPFR_RNDN);
    mpfr_exp(part, part, MPFR_RNDN);
    mpfr_mul(result, result, part, MPFR_RNDN);
    mpfr_const_pi(part, MPFR_RNDN);
    mpfr_div(part, part, x, MPFR_RNDN);
    mpfr_div_2ui(part, part, 1, MPFR_RNDN);
    mpfr_sqrt(part, part, MPFR_RNDN);
    mpfr_mul(result, result, part, MPFR_RNDN);
    mpfr_clear(part);
}

/* K0 = -(log(x/2) + Euler's constant)*I0 + the sum of (x^2/4)^k/k!^2*(1 + 1/2 + .. + 1/k) (DLMF 10.31.2). */
static void besselk_zero(mpfr_ptr result, mpfr_srcptr i0, mpfr_srcptr x) {
    mpfr_t square, term, harmonic, part;
    mpfr_inits2(mpfr_get_prec(result), square, term, harmonic, part, (mpfr_ptr)0);
    mpfr_div_2ui(square, x, 1, MPFR_RNDN);
    mpfr_log(result, square, MPFR_RNDN);
    mpfr_const_euler(part, MPFR_RNDN);
    mpfr_add(result, result, part, MPFR_RNDN);
    mpfr_mul(result, result, i0, MPFR_RNDN);
    mpfr_neg(result, result, MPFR_RNDN);
    mpfr_sqr(square, square, MPFR_RNDN);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_zero(harmonic, 1);
    for (long k = 1; mpfr_get_exp(term) > -mpfr_get_prec(result); k++) {
        mpfr_mul(term, term, square, MPFR_RNDN);
        mpfr_div_si(term, term, k * k, MPFR_RNDN);
        mpfr_set_ui(part, 1, MPFR_RNDN);
        mpfr_div_si(part, part, k, MPFR_RNDN);
        mpfr_add(harmonic, harmonic, part, MPFR_RNDN);
        mpfr_mul(part, harmonic, term, MPFR_RNDN);
        mpfr_add(result, result, part, MPFR_RNDN);
    }
    mpfr_clears(square, term, harmonic, part, (mpfr_ptr)0);
}

/* K0 and K1, this by the Wronskian I0*K1 + I1*K0 = 1/x (DLMF 10.28.2); what cancels is exp(2x). */
static void besselk_start(mpfr_ptr zero, mpfr_ptr one, mpfr_srcptr x) {
    mpfr_t i0, i1, k0;
    mpfr_inits2(mpfr_get_prec(zero) + 3 * mpfr_get_si(x, MPFR_RNDU) + GUARD_BITS, i0, i1, k0, (mpfr_ptr)0);
    besseli_series(i0, 0, x);
    besseli_series(i1, 1, x);
    besselk_zero(k0, i0, x);
    mpfr_set(zero, k0, MPFR_RNDN);
    mpfr_mul(i1, i1, k0, MPFR_RNDN);
    mpfr_ui_div(k0, 1, x, MPFR_RNDN);
    mpfr_sub(k0, k0, i1, MPFR_RNDN);
    mpfr_div(one, k0, i0, MPFR_RNDN);
    mpfr_clears(i0, i1, k0, (mpfr_ptr)0);
}

/* From K0 and K1 upwards (DLMF 10.29.1); all terms are positive. */
static void besselk_upwards(mpfr_ptr at, mpfr_ptr before, long n, mpfr_srcptr x) {
    mpfr_t next;
    mpfr_init2(next, mpfr_get_prec(at));
    for (long k = 1; k < n; k++) {
        mpfr_mul_si(next, at, 2 * k, MPFR_RNDN);
        mpfr_div(next, next, x, MPFR_RNDN);
        mpfr_add(next, next, before, MPFR_RNDN);
        mpfr_swap(before, at);
        mpfr_swap(at, next);
    }
    mpfr_clear(next);
}

int ref_besselk(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (!is_order(n) || mpfr_nan_p(x) || (mpfr_sgn(x) < 0 && !mpfr_zero_p(x))) return set_nan(result);
    if (mpfr_zero_p(x)) mpfr_set_inf(result, 1);
    if (mpfr_inf_p(x)) mpfr_set_zero(result, 1);
    if (mpfr_zero_p(x) || mpfr_inf_p(x)) return 0;
    if (n < 0) n = -n;
    mpfr_prec_t precision = working_precision(result, x);
    mpfr_t zero, one;
    mpfr_inits2(precision, zero, one, (mpfr_ptr)0);
    if (is_large(x, precision, 1)) {
        besselk_large(zero, 0, x);
        besselk_large(one, 1, x);
    } else {
        besselk_start(zero, one, x);
    }
    besselk_upwards(one, zero, n, x);
    int inexact = mpfr_set(result, n == 0 ? zero : one, rounding);
    mpfr_clears(zero, one, (mpfr_ptr)0);
    return inexact;
}
