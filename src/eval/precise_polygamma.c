#include <stdlib.h>

#include "eval/special.h"

/* Digits beyond those asked for: sums of a few hundred terms, and what is lost near a zero. */
enum { GUARD_BITS = 96 };

/* Numbers 1..count of the tangent (Brent and Harvey, Fast computation of Bernoulli, tangent and secant
 * numbers (2013), figure 2): B2j is (-1)^(j+1)*2j*t[j]/(4^j*(4^j - 1)). t has count + 1 places; 0 is not
 * used. */
static void tangent_numbers(mpz_t *t, unsigned long count) {
    for (unsigned long j = 0; j <= count; j++) mpz_init_set_ui(t[j], 1);
    for (unsigned long j = 2; j <= count; j++) mpz_mul_ui(t[j], t[j - 1], j - 1);
    for (unsigned long k = 2; k <= count; k++) {
        for (unsigned long j = k; j <= count; j++) {
            mpz_mul_ui(t[j], t[j], j - k + 2);
            mpz_addmul_ui(t[j], t[j - 1], j - k);
        }
    }
}

/* Adds the sum of B2j/(2j)! (s)(s+1)..(s+2j-2)/z^(2j-1) over j = 1..count. */
static void add_correction(mpfr_ptr tail, unsigned long s, mpfr_srcptr z, mpz_t *t, unsigned long count) {
    mpfr_t factor, term, square;
    mpfr_inits2(mpfr_get_prec(tail), factor, term, square, (mpfr_ptr)0);
    mpfr_sqr(square, z, MPFR_RNDN);
    mpfr_set_ui(factor, s, MPFR_RNDN);
    mpfr_div(factor, factor, z, MPFR_RNDN);
    for (unsigned long j = 1; j <= count; j++) {
        /* t[j]/((2j-1)!*4^j*(4^j-1)) times (s)..(s+2j-2)/z^(2j-1) */
        mpfr_mul_z(term, factor, t[j], MPFR_RNDN);
        mpfr_div_2ui(term, term, 2 * j, MPFR_RNDN);
        mpz_set_ui(t[0], 1);
        mpz_mul_2exp(t[0], t[0], 2 * j);
        mpz_sub_ui(t[0], t[0], 1);
        mpfr_div_z(term, term, t[0], MPFR_RNDN);
        if (!mpfr_regular_p(term)) break;
        if (mpfr_regular_p(tail) && mpfr_get_exp(term) < mpfr_get_exp(tail) - mpfr_get_prec(tail)) break;
        if (j % 2 == 0) mpfr_neg(term, term, MPFR_RNDN);
        mpfr_add(tail, tail, term, MPFR_RNDN);
        mpfr_mul_ui(factor, factor, s + 2 * j - 1, MPFR_RNDN);
        mpfr_mul_ui(factor, factor, s + 2 * j, MPFR_RNDN);
        mpfr_div_ui(factor, factor, 2 * j * (2 * j + 1), MPFR_RNDN);
        mpfr_div(factor, factor, square, MPFR_RNDN);
    }
    mpfr_clears(factor, term, square, (mpfr_ptr)0);
}

/* The series of Euler and Maclaurin behind the terms that were summed, without the power z^-s: z/(s - 1) +
 * 1/2 + the correction (DLMF 25.11.5). */
static void make_tail(mpfr_ptr tail, unsigned long s, mpfr_srcptr z) {
    unsigned long count = (unsigned long)mpfr_get_prec(tail) / 10 + 4;
    mpz_t *tangent = malloc((count + 1) * sizeof *tangent);
    mpfr_div_ui(tail, z, s - 1, MPFR_RNDN);
    mpfr_add_d(tail, tail, 0.5, MPFR_RNDN);
    if (!tangent) {
        mpfr_set_nan(tail);
        return;
    }
    tangent_numbers(tangent, count);
    add_correction(tail, s, z, tangent, count);
    for (unsigned long j = 0; j <= count; j++) mpz_clear(tangent[j]);
    free(tangent);
}

/* Hurwitz's zeta(s, x) for x > 0: terms until the tail converges fast. */
static void hurwitz(mpfr_ptr result, unsigned long s, mpfr_srcptr x, mpfr_prec_t precision) {
    mpfr_t z, power, tail;
    mpfr_inits2(precision, z, power, tail, (mpfr_ptr)0);
    mpfr_set(z, x, MPFR_RNDN);
    mpfr_set_zero(result, 1);
    while (mpfr_cmp_ui(z, (unsigned long)precision / 2 + s) < 0) {
        mpfr_pow_si(power, z, -(long)s, MPFR_RNDN);
        mpfr_add(result, result, power, MPFR_RNDN);
        if (mpfr_get_exp(power) < mpfr_get_exp(result) - 2 * precision) break;
        mpfr_add_ui(z, z, 1, MPFR_RNDN);
    }
    make_tail(tail, s, z);
    mpfr_pow_si(power, z, -(long)s, MPFR_RNDN);
    mpfr_mul(tail, tail, power, MPFR_RNDN);
    mpfr_add(result, result, tail, MPFR_RNDN);
    mpfr_clears(z, power, tail, (mpfr_ptr)0);
}

/* The sum of 1/(x + k)^s over k >= 0, and for x < 0: over all whole k, less that over k < 0. */
static void sum_of_powers(mpfr_ptr result, unsigned long s, mpfr_srcptr x, mpfr_prec_t precision) {
    if (mpfr_sgn(x) > 0) {
        hurwitz(result, s, x, precision);
        return;
    }
    mpfr_t rest, other, part;
    mpfr_inits2(precision, rest, other, part, (mpfr_ptr)0);
    mpfr_rint(rest, x, MPFR_RNDN);
    mpfr_sub(rest, x, rest, MPFR_RNDN);
    mpfr_ui_sub(other, 1, rest, MPFR_RNDN);
    hurwitz(result, s, other, precision);
    mpfr_ui_sub(other, 1, x, MPFR_RNDN);
    hurwitz(part, s, other, precision);
    mpfr_sub(result, result, part, MPFR_RNDN);
    if (s % 2) mpfr_neg(result, result, MPFR_RNDN);
    mpfr_add_ui(other, rest, 1, MPFR_RNDN);
    hurwitz(part, s, other, precision);
    mpfr_add(result, result, part, MPFR_RNDN);
    mpfr_pow_si(part, rest, -(long)s, MPFR_RNDN);
    mpfr_add(result, result, part, MPFR_RNDN);
    mpfr_clears(rest, other, part, (mpfr_ptr)0);
}

int ref_polygamma(mpfr_ptr result, long n, mpfr_srcptr x, mpfr_rnd_t rounding) {
    if (n == 0) return mpfr_digamma(result, x, rounding);
    bool pole = mpfr_sgn(x) <= 0 && mpfr_integer_p(x);
    if (n < 0 || mpfr_nan_p(x) || (mpfr_inf_p(x) && mpfr_sgn(x) < 0) ||
        (pole && n % 2 == 0 && !mpfr_zero_p(x))) {
        mpfr_set_nan(result);
        return 0;
    }
    if (pole) mpfr_set_inf(result, n % 2 || mpfr_signbit(x) ? 1 : -1);
    if (mpfr_inf_p(x)) mpfr_set_zero(result, n % 2 ? 1 : -1);
    if (pole || mpfr_inf_p(x)) return 0;
    mpfr_prec_t precision =
        mpfr_get_prec(result) > mpfr_get_prec(x) ? mpfr_get_prec(result) : mpfr_get_prec(x);
    mpfr_t sum, factorial;
    precision += GUARD_BITS;
    mpfr_inits2(precision, sum, factorial, (mpfr_ptr)0);
    sum_of_powers(sum, (unsigned long)n + 1, x, precision);
    mpfr_set_si(factorial, n, MPFR_RNDN);
    mpfr_add_ui(factorial, factorial, 1, MPFR_RNDN);
    mpfr_gamma(factorial, factorial, MPFR_RNDN);
    int inexact = mpfr_mul(result, sum, factorial, rounding);
    if (n % 2 == 0) mpfr_neg(result, result, MPFR_RNDN);
    mpfr_clears(sum, factorial, (mpfr_ptr)0);
    return inexact;
}

int ref_trigamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
    return ref_polygamma(result, 1, x, rounding);
}
