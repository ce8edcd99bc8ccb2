#include "eval/special.h"

/* Bessel functions by their power series, with digits for what cancels there, by Hankel's expansions where
 * the argument is large, and upwards from the orders 0 and 1 where that is stable. */

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

/* (x/2)^n/n! times the sum of (sign*x^2/4)^k/(k!(n + 1)..(n + k)) (DLMF 10.2.2, 10.25.2), for x > 0; sign is
 * -1 for J and 1 for I. */
static void power_series(mpfr_ptr result, long n, mpfr_srcptr x, int sign) {
    mpfr_t square, term;
    mpfr_inits2(mpfr_get_prec(result), square, term, (mpfr_ptr)0);
    mpfr_div_2ui(square, x, 1, MPFR_RNDN);
    mpfr_pow_ui(term, square, (unsigned long)n, MPFR_RNDN);
    mpfr_fac_ui(result, (unsigned long)n, MPFR_RNDN);
    mpfr_div(term, term, result, MPFR_RNDN);
    mpfr_sqr(square, square, MPFR_RNDN);
    if (sign < 0) mpfr_neg(square, square, MPFR_RNDN);
    mpfr_exp_t least = mpfr_get_exp(term) - mpfr_get_prec(result);
    mpfr_set(result, term, MPFR_RNDN);
    for (long k = 1; mpfr_regular_p(term) && mpfr_get_exp(term) > least; k++) {
        mpfr_mul(term, term, square, MPFR_RNDN);
        mpfr_div_si(term, term, k * (n + k), MPFR_RNDN);
        mpfr_add(result, result, term, MPFR_RNDN);
    }
    mpfr_clears(square, term, (mpfr_ptr)0);
}

/* (log(x/2) + Euler's constant)*f0 - the sum of (sign*x^2/4)^k/k!^2*(1 + 1/2 + .. + 1/k)
 * (DLMF 10.8.2, 10.31.2): pi/2 times Y0 for sign -1 and f0 = J0, minus K0 for sign 1 and f0 = I0. */
static void logarithmic_series(mpfr_ptr result, mpfr_srcptr f0, mpfr_srcptr x, int sign) {
    mpfr_t square, term, harmonic, part;
    mpfr_inits2(mpfr_get_prec(result), square, term, harmonic, part, (mpfr_ptr)0);
    mpfr_div_2ui(square, x, 1, MPFR_RNDN);
    mpfr_log(result, square, MPFR_RNDN);
    mpfr_const_euler(part, MPFR_RNDN);
    mpfr_add(result, result, part, MPFR_RNDN);
    mpfr_mul(result, result, f0, MPFR_RNDN);
    mpfr_sqr(square, square, MPFR_RNDN);
    if (sign < 0) mpfr_neg(square, square, MPFR_RNDN);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_zero(harmonic, 1);
    for (long k = 1; mpfr_regular_p(term) && mpfr_get_exp(term) > -mpfr_get_prec(result); k++) {
        mpfr_mul(term, term, square, MPFR_RNDN);
        mpfr_div_si(term, term, k * k, MPFR_RNDN);
        mpfr_set_ui(part, 1, MPFR_RNDN);
        mpfr_div_si(part, part, k, MPFR_RNDN);
        mpfr_add(harmonic, harmonic, part, MPFR_RNDN);
        mpfr_mul(part, harmonic, term, MPFR_RNDN);
        mpfr_sub(result, result, part, MPFR_RNDN);
    }
    mpfr_clears(square, term, harmonic, part, (mpfr_ptr)0);
}

/* Digits that the series lose at x: what cancels is exp(2x) at most. */
static mpfr_prec_t lost_bits(mpfr_srcptr x) {
    return 3 * mpfr_get_si(x, MPFR_RNDU) + GUARD_BITS;
}

/* The value of order n from those of the orders 0 and 1 (DLMF 10.6.1, 10.29.1): sign is -1 for J and Y, 1 for
 * K. */
static void upwards(mpfr_ptr result, mpfr_ptr before, mpfr_ptr at, long n, mpfr_srcptr x, int sign) {
    mpfr_t next;
    mpfr_init2(next, mpfr_get_prec(at));
    for (long k = 1; k < n; k++) {
        mpfr_mul_si(next, at, 2 * k, MPFR_RNDN);
        mpfr_div(next, next, x, MPFR_RNDN);
        if (sign > 0)
            mpfr_add(next, next, before, MPFR_RNDN);
        else
            mpfr_sub(next, next, before, MPFR_RNDN);
        mpfr_swap(before, at);
        mpfr_swap(at, next);
    }
    mpfr_set(result, n == 0 ? before : at, MPFR_RNDN);
    mpfr_clear(next);
}

static bool is_large(mpfr_srcptr x, mpfr_prec_t precision, long n) {
    return mpfr_cmp_si(x, precision + n * n) > 0;
}

/* ---- J and Y ---- */

/* P and Q of Hankel's expansion (DLMF 10.17.3). */
static void hankel_pair(mpfr_ptr p, mpfr_ptr q, long n, mpfr_srcptr x) {
    mpfr_t term;
    mpfr_init2(term, mpfr_get_prec(p));
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_ui(p, 1, MPFR_RNDN);
    mpfr_set_zero(q, 1);
    for (long k = 1; mpfr_regular_p(term) && mpfr_get_exp(term) > -mpfr_get_prec(p); k++) {
        mpfr_ptr sum = k % 2 ? q : p;
        mpfr_mul_si(term, term, 4 * n * n - (2 * k - 1) * (2 * k - 1), MPFR_RNDN);
        mpfr_div_si(term, term, 8 * k, MPFR_RNDN);
        mpfr_div(term, term, x, MPFR_RNDN);
        if (k % 4 == 2 || k % 4 == 3)
            mpfr_sub(sum, sum, term, MPFR_RNDN);
        else
            mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    mpfr_clear(term);
}

/* Sine and cosine of x - (n/2 + 1/4)*pi, times sqrt(2/(pi*x)). */
static void hankel_waves(mpfr_ptr sine, mpfr_ptr cosine, long n, mpfr_srcptr x) {
    mpfr_t phase, scale;
    mpfr_init2(phase, mpfr_get_prec(sine) + mpfr_get_exp(x));
    mpfr_init2(scale, mpfr_get_prec(sine));
    mpfr_const_pi(phase, MPFR_RNDN);
    mpfr_mul_si(phase, phase, 2 * n + 1, MPFR_RNDN);
    mpfr_div_2ui(phase, phase, 2, MPFR_RNDN);
    mpfr_sub(phase, x, phase, MPFR_RNDN);
    mpfr_sin_cos(sine, cosine, phase, MPFR_RNDN);
    mpfr_const_pi(scale, MPFR_RNDN);
    mpfr_mul(scale, scale, x, MPFR_RNDN);
    mpfr_div_2ui(scale, scale, 1, MPFR_RNDN);
    mpfr_rec_sqrt(scale, scale, MPFR_RNDN);
    mpfr_mul(sine, sine, scale, MPFR_RNDN);
    mpfr_mul(cosine, cosine, scale, MPFR_RNDN);
    mpfr_clears(phase, scale, (mpfr_ptr)0);
}

/* J and Y of an order for large x. */
static void hankel_values(mpfr_ptr j, mpfr_ptr y, long n, mpfr_srcptr x) {
    mpfr_t p, q, sine, cosine;
    mpfr_inits2(mpfr_get_prec(j), p, q, sine, cosine, (mpfr_ptr)0);
    hankel_pair(p, q, n, x);
    hankel_waves(sine, cosine, n, x);
    mpfr_fmms(j, p, cosine, q, sine, MPFR_RNDN);
    mpfr_fmma(y, p, sine, q, cosine, MPFR_RNDN);
    mpfr_clears(p, q, sine, cosine, (mpfr_ptr)0);
}

/* Y0 and Y1, this by the Wronskian J1*Y0 - J0*Y1 = 2/(pi*x) (DLMF 10.5.2). */
static void bessely_start(mpfr_ptr zero, mpfr_ptr one, mpfr_srcptr x) {
    mpfr_t j0, j1, y0, part;
    mpfr_inits2(mpfr_get_prec(zero) + lost_bits(x), j0, j1, y0, part, (mpfr_ptr)0);
    power_series(j0, 0, x, -1);
    power_series(j1, 1, x, -1);
    logarithmic_series(y0, j0, x, -1);
    mpfr_const_pi(part, MPFR_RNDN);
    mpfr_div_2ui(part, part, 1, MPFR_RNDN);
    mpfr_div(y0, y0, part, MPFR_RNDN);
    mpfr_mul(part, part, x, MPFR_RNDN);
    mpfr_ui_div(part, 1, part, MPFR_RNDN);
    mpfr_mul(j1, j1, y0, MPFR_RNDN);
    mpfr_sub(j1, j1, part, MPFR_RNDN);
    mpfr_div(one, j1, j0, MPFR_RNDN);
    mpfr_set(zero, y0, MPFR_RNDN);
    mpfr_clears(j0, j1, y0, part, (mpfr_ptr)0);
}

/* Of order n >= 0 for x > 0. */
static void besselj_positive(mpfr_ptr result, long n, mpfr_srcptr x) {
    mpfr_prec_t precision = mpfr_get_prec(result);
    mpfr_t zero, one, other;
    if (!is_large(x, precision, 0) || mpfr_cmp_si(x, n) < 0) {
        mpfr_init2(zero, precision + lost_bits(x));
        power_series(zero, n, x, -1);
        mpfr_set(result, zero, MPFR_RNDN);
        mpfr_clear(zero);
        return;
    }
    mpfr_inits2(precision, zero, one, other, (mpfr_ptr)0);
    hankel_values(zero, other, 0, x);
    hankel_values(one, other, 1, x);
    upwards(result, zero, one, n, x, -1);
    mpfr_clears(zero, one, other, (mpfr_ptr)0);
}

static void bessely_positive(mpfr_ptr result, long n, mpfr_srcptr x) {
    mpfr_t zero, one, other;
    mpfr_inits2(mpfr_get_prec(result), zero, one, other, (mpfr_ptr)0);
    if (is_large(x, mpfr_get_prec(result), 0)) {
        hankel_values(other, zero, 0, x);
        hankel_values(other, one, 1, x);
    } else {
        bessely_start(zero, one, x);
    }
    upwards(result, zero, one, n, x, -1);
    mpfr_clears(zero, one, other, (mpfr_ptr)0);
}

int ref_besselj(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (!is_order(n) || mpfr_nan_p(x)) return set_nan(result);
    bool negative = n % 2 && (n < 0) != (mpfr_sgn(x) < 0);
    if (n < 0) n = -n;
    if (!mpfr_regular_p(x)) return mpfr_set_ui(result, mpfr_zero_p(x) && n == 0, rounding);
    mpfr_t size, value;
    mpfr_inits2(working_precision(result, x), size, value, (mpfr_ptr)0);
    mpfr_abs(size, x, MPFR_RNDN);
    besselj_positive(value, n, size);
    if (negative) mpfr_neg(value, value, MPFR_RNDN);
    int inexact = mpfr_set(result, value, rounding);
    mpfr_clears(size, value, (mpfr_ptr)0);
    return inexact;
}

int ref_bessely(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (!is_order(n) || mpfr_nan_p(x) || (mpfr_sgn(x) < 0 && !mpfr_zero_p(x))) return set_nan(result);
    bool negative = n < 0 && n % 2;
    if (n < 0) n = -n;
    if (mpfr_inf_p(x)) return mpfr_set_ui(result, 0, rounding);
    mpfr_t value;
    mpfr_init2(value, working_precision(result, x));
    if (mpfr_zero_p(x))
        mpfr_set_inf(value, -1);
    else
        bessely_positive(value, n, x);
    if (negative) mpfr_neg(value, value, MPFR_RNDN);
    int inexact = mpfr_set(result, value, rounding);
    mpfr_clear(value);
    return inexact;
}

/* ---- I ---- */

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
        power_series(value, n, size, 1);
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

/* K0 and K1, this by the Wronskian I0*K1 + I1*K0 = 1/x (DLMF 10.28.2); what cancels is exp(2x). */
static void besselk_start(mpfr_ptr zero, mpfr_ptr one, mpfr_srcptr x) {
    mpfr_t i0, i1, k0;
    mpfr_inits2(mpfr_get_prec(zero) + lost_bits(x), i0, i1, k0, (mpfr_ptr)0);
    power_series(i0, 0, x, 1);
    power_series(i1, 1, x, 1);
    logarithmic_series(k0, i0, x, 1);
    mpfr_neg(k0, k0, MPFR_RNDN);
    mpfr_set(zero, k0, MPFR_RNDN);
    mpfr_mul(i1, i1, k0, MPFR_RNDN);
    mpfr_ui_div(k0, 1, x, MPFR_RNDN);
    mpfr_sub(k0, k0, i1, MPFR_RNDN);
    mpfr_div(one, k0, i0, MPFR_RNDN);
    mpfr_clears(i0, i1, k0, (mpfr_ptr)0);
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
    if (is_large(x, precision, 0)) {
        besselk_large(zero, 0, x);
        besselk_large(one, 1, x);
    } else {
        besselk_start(zero, one, x);
    }
    mpfr_t value;
    mpfr_init2(value, precision);
    upwards(value, zero, one, n, x, 1);
    int inexact = mpfr_set(result, value, rounding);
    mpfr_clears(zero, one, value, (mpfr_ptr)0);
    return inexact;
}
