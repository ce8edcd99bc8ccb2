#include "eval/special.h"

/* Inverse functions by Newton's method, with a start of a few digits and then twice as many in every step. */

enum { GUARD_BITS = 64, START_BITS = 64, START_STEPS = 100 };

static mpfr_prec_t working_precision(mpfr_srcptr result, mpfr_srcptr x) {
    mpfr_prec_t wanted = mpfr_get_prec(result), given = mpfr_get_prec(x);
    return (wanted > given ? wanted : given) + GUARD_BITS;
}

/* A step sets y to a better solution for x. */
static void newton(mpfr_ptr y, mpfr_srcptr x, mpfr_prec_t precision, void (*step)(mpfr_ptr, mpfr_srcptr)) {
    mpfr_t before;
    mpfr_init2(before, precision);
    for (int k = 0; k < START_STEPS; k++) {
        mpfr_set(before, y, MPFR_RNDN);
        step(y, x);
        mpfr_sub(before, before, y, MPFR_RNDN);
        if (mpfr_zero_p(before) || mpfr_get_exp(before) < mpfr_get_exp(y) - START_BITS / 2) break;
    }
    while (mpfr_get_prec(y) < precision) {
        mpfr_prec_t more = 2 * mpfr_get_prec(y) - 16;
        mpfr_prec_round(y, more < precision ? more : precision, MPFR_RNDN);
        step(y, x);
    }
    step(y, x);
    mpfr_clear(before);
}

/* ---- erfinv ---- */

/* excess of y, over the slope of erf at y: sqrt(pi)/2*exp(y^2) */
static void add_over_slope(mpfr_ptr y, mpfr_ptr excess, mpfr_ptr square) {
    mpfr_sqr(square, y, MPFR_RNDN);
    mpfr_exp(square, square, MPFR_RNDN);
    mpfr_mul(excess, excess, square, MPFR_RNDN);
    mpfr_const_pi(square, MPFR_RNDN);
    mpfr_sqrt(square, square, MPFR_RNDN);
    mpfr_div_2ui(square, square, 1, MPFR_RNDN);
    mpfr_mul(excess, excess, square, MPFR_RNDN);
    mpfr_add(y, y, excess, MPFR_RNDN);
}

/* erf(y) = x */
static void step_erf(mpfr_ptr y, mpfr_srcptr x) {
    mpfr_t excess, part;
    mpfr_inits2(mpfr_get_prec(y), excess, part, (mpfr_ptr)0);
    mpfr_erf(excess, y, MPFR_RNDN);
    mpfr_sub(excess, x, excess, MPFR_RNDN);
    add_over_slope(y, excess, part);
    mpfr_clears(excess, part, (mpfr_ptr)0);
}

/* log(erfc(y)) = log(c), which converges from everywhere above. */
static void step_erfc(mpfr_ptr y, mpfr_srcptr c) {
    mpfr_t excess, part;
    mpfr_inits2(mpfr_get_prec(y), excess, part, (mpfr_ptr)0);
    mpfr_erfc(part, y, MPFR_RNDN);
    mpfr_div(excess, part, c, MPFR_RNDN);
    mpfr_log(excess, excess, MPFR_RNDN);
    mpfr_mul(excess, excess, part, MPFR_RNDN);
    add_over_slope(y, excess, part);
    mpfr_clears(excess, part, (mpfr_ptr)0);
}

int ref_erfinv(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (mpfr_zero_p(x)) return mpfr_set(result, x, rounding);
    if (mpfr_nan_p(x) || mpfr_cmpabs_ui(x, 1) >= 0) {
        mpfr_set_nan(result);
        if (!mpfr_nan_p(x) && mpfr_cmpabs_ui(x, 1) == 0) mpfr_set_inf(result, mpfr_sgn(x));
        return 0;
    }
    mpfr_prec_t precision = working_precision(result, x);
    mpfr_t y, size;
    mpfr_init2(y, START_BITS);
    mpfr_init2(size, precision);
    mpfr_abs(size, x, MPFR_RNDN);
    if (mpfr_cmp_d(size, 0.5) <= 0) {
        mpfr_set(y, size, MPFR_RNDN);
        newton(y, size, precision, step_erf);
    } else {
        mpfr_ui_sub(size, 1, size, MPFR_RNDN);
        mpfr_log(y, size, MPFR_RNDN);
        mpfr_neg(y, y, MPFR_RNDN);
        mpfr_sqrt(y, y, MPFR_RNDN);
        newton(y, size, precision, step_erfc);
    }
    int inexact = mpfr_setsign(result, y, mpfr_signbit(x), rounding);
    mpfr_clears(y, size, (mpfr_ptr)0);
    return inexact;
}

/* sqrt(pi)/2*exp(erfinv(x)^2) */
int ref_erfinv_slope(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    mpfr_t y, root;
    mpfr_init2(y, working_precision(result, x));
    mpfr_init2(root, mpfr_get_prec(y));
    ref_erfinv(y, x, MPFR_RNDN);
    mpfr_sqr(y, y, MPFR_RNDN);
    mpfr_exp(y, y, MPFR_RNDN);
    mpfr_const_pi(root, MPFR_RNDN);
    mpfr_sqrt(root, root, MPFR_RNDN);
    mpfr_mul(y, y, root, MPFR_RNDN);
    int inexact = mpfr_div_2ui(result, y, 1, rounding);
    mpfr_clears(y, root, (mpfr_ptr)0);
    return inexact;
}

/* ---- lambertw ---- */

/* w + log(w/x) = 0 */
static void step_lambertw(mpfr_ptr w, mpfr_srcptr x) {
    mpfr_t factor;
    mpfr_init2(factor, mpfr_get_prec(w));
    mpfr_div(factor, x, w, MPFR_RNDN);
    mpfr_log(factor, factor, MPFR_RNDN);
    mpfr_add_ui(factor, factor, 1, MPFR_RNDN);
    mpfr_mul(factor, factor, w, MPFR_RNDN);
    mpfr_add_ui(w, w, 1, MPFR_RNDN);
    mpfr_div(w, factor, w, MPFR_RNDN);
    mpfr_clear(factor);
}

/* 1 + (v - 1)*exp(v) = q, for small q */
static void step_above_branch(mpfr_ptr v, mpfr_srcptr q) {
    mpfr_exp_t lost = mpfr_get_exp(q) < 0 ? -mpfr_get_exp(q) : 0;
    mpfr_t power, excess;
    mpfr_inits2(mpfr_get_prec(v) + lost, power, excess, (mpfr_ptr)0);
    mpfr_exp(power, v, MPFR_RNDN);
    mpfr_sub_ui(excess, v, 1, MPFR_RNDN);
    mpfr_mul(excess, excess, power, MPFR_RNDN);
    mpfr_add_ui(excess, excess, 1, MPFR_RNDN);
    mpfr_sub(excess, excess, q, MPFR_RNDN);
    mpfr_mul(power, power, v, MPFR_RNDN);
    mpfr_div(excess, excess, power, MPFR_RNDN);
    mpfr_sub(v, v, excess, MPFR_RNDN);
    mpfr_clears(power, excess, (mpfr_ptr)0);
}

static void start_lambertw(mpfr_ptr w, mpfr_srcptr x) {
    if (mpfr_cmp_ui(x, 2) <= 0) {
        mpfr_add_ui(w, x, 1, MPFR_RNDN);
        mpfr_div(w, x, w, MPFR_RNDN);
        return;
    }
    mpfr_t inner;
    mpfr_init2(inner, mpfr_get_prec(w));
    mpfr_log(w, x, MPFR_RNDN);
    mpfr_log(inner, w, MPFR_RNDN);
    mpfr_sub(w, w, inner, MPFR_RNDN);
    mpfr_clear(inner);
}

/* q = e*x + 1 at the branch point and up to x = -1/4. */
static void lambertw_above_branch(mpfr_ptr w, mpfr_srcptr x, mpfr_prec_t precision) {
    mpfr_t q;
    mpfr_init2(q, 2 * precision);
    mpfr_set_ui(q, 1, MPFR_RNDN);
    mpfr_exp(q, q, MPFR_RNDN);
    mpfr_mul(q, q, x, MPFR_RNDN);
    mpfr_add_ui(q, q, 1, MPFR_RNDN);
    if (mpfr_sgn(q) < 0) {
        mpfr_set_nan(w);
    } else {
        mpfr_mul_2ui(w, q, 1, MPFR_RNDN);
        mpfr_sqrt(w, w, MPFR_RNDN);
        if (!mpfr_zero_p(q)) newton(w, q, precision, step_above_branch);
        mpfr_prec_round(w, 2 * precision, MPFR_RNDN);
        mpfr_sub_ui(w, w, 1, MPFR_RNDN);
    }
    mpfr_clear(q);
}

int ref_lambertw(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (mpfr_zero_p(x) || mpfr_nan_p(x) || (mpfr_inf_p(x) && mpfr_sgn(x) > 0))
        return mpfr_set(result, x, rounding);
    if (mpfr_cmp_si(x, -1) < 0) {
        mpfr_set_nan(result);
        return 0;
    }
    mpfr_prec_t precision = working_precision(result, x);
    mpfr_t w;
    mpfr_init2(w, START_BITS);
    if (mpfr_cmp_d(x, -0.25) < 0) {
        lambertw_above_branch(w, x, precision);
    } else {
        start_lambertw(w, x);
        newton(w, x, precision, step_lambertw);
    }
    int inexact = mpfr_set(result, w, rounding);
    mpfr_clear(w);
    return inexact;
}
