#include "sema/literal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_EXPONENT = 9999 };

/* The digits without point as a whole number, and how many stand behind the point. */
static bool read_digits(const char *text, mpz_t value, long *fraction, const char **end) {
    char *digits = malloc(strlen(text) + 2);
    if (!digits) return false;
    size_t count = 0;
    bool point = false;
    *fraction = 0;
    const char *at = text;
    for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        digits[count++] = *at;
        *fraction += point;
    }
    if (count == 0) digits[count++] = '0';
    digits[count] = 0;
    mpz_set_str(value, digits, 10);
    free(digits);
    *end = at;
    return true;
}

static bool read_exponent(const char *text, long *exponent) {
    *exponent = 0;
    if (*text != 'e' && *text != 'E') return true;
    text++;
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') text++;
    for (; *text >= '0' && *text <= '9'; text++) {
        *exponent = 10 * *exponent + (*text - '0');
        if (*exponent > LARGEST_EXPONENT) return false;
    }
    if (negative) *exponent = -*exponent;
    return true;
}

static bool read_rational(const char *text, mpq_t value) {
    long fraction, exponent;
    const char *end;
    if (!read_digits(text, mpq_numref(value), &fraction, &end) || !read_exponent(end, &exponent))
        return false;
    mpz_set_ui(mpq_denref(value), 1);
    long shift = exponent - fraction;
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long)labs(shift));
    if (shift < 0)
        mpz_set(mpq_denref(value), power);
    else
        mpz_mul(mpq_numref(value), mpq_numref(value), power);
    mpz_clear(power);
    mpq_canonicalize(value);
    return true;
}

node_id literal_real(struct graph *g, const char *text) {
    mpq_t value;
    mpq_init(value);
    node_id node = read_rational(text, value) ? graph_rational(g, value) : 0;
    mpq_clear(value);
    return node;
}

bool literal_integer(const char *text, int64_t *value) {
    mpq_t exact;
    mpq_init(exact);
    bool whole = read_rational(text, exact) && mpz_cmp_ui(mpq_denref(exact), 1) == 0 &&
                 mpz_fits_slong_p(mpq_numref(exact));
    if (whole) *value = mpz_get_si(mpq_numref(exact));
    mpq_clear(exact);
    return whole;
}

bool number_is_whole(double value) {
    return value == nearbyint(value) && fabs(value) < 0x1p53;
}
