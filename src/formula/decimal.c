#include "formula/decimal.h"

#include <stdio.h>
#include <string.h>

enum { MOST_PLACES = 12, MOST_DIGITS = 20 };

/* How many places behind the point it takes; more than there may be: it has no end. */
static unsigned places_of(mpq_srcptr value) {
    mpz_t rest, two, five;
    mpz_inits(rest, two, five, NULL);
    mpz_set_ui(two, 2);
    mpz_set_ui(five, 5);
    size_t twos = mpz_remove(rest, mpq_denref(value), two), fives = mpz_remove(rest, rest, five);
    bool ends = mpz_cmp_ui(rest, 1) == 0;
    mpz_clears(rest, two, five, NULL);
    size_t places = twos > fives ? twos : fives;
    return ends && places <= MOST_PLACES ? (unsigned)places : MOST_PLACES + 1;
}

/* The digits without the point. */
static bool digits_of(mpq_srcptr value, unsigned places, char digits[DECIMAL_ROOM]) {
    mpz_t number, power;
    mpz_inits(number, power, NULL);
    mpz_ui_pow_ui(power, 10, places);
    mpz_mul(number, mpq_numref(value), power);
    mpz_divexact(number, number, mpq_denref(value));
    mpz_abs(number, number);
    bool fits = mpz_sizeinbase(number, 10) <= MOST_DIGITS;
    if (fits) mpz_get_str(digits, 10, number);
    mpz_clears(number, power, NULL);
    return fits;
}

bool decimal_text(mpq_srcptr value, char text[DECIMAL_ROOM]) {
    char digits[DECIMAL_ROOM];
    unsigned places = places_of(value);
    if (places == 0 || places > MOST_PLACES || !digits_of(value, places, digits)) return false;
    int count = (int)strlen(digits), zeros = (int)places - count;
    if (zeros < 0)
        snprintf(text, DECIMAL_ROOM, "%.*s.%.*s", -zeros, digits, MOST_DIGITS, digits - zeros);
    else if (zeros > 2)
        snprintf(text, DECIMAL_ROOM, "%.*se-%u", MOST_DIGITS, digits, places);
    else
        snprintf(text, DECIMAL_ROOM, "0.%.*s%.*s", zeros, "00", MOST_DIGITS, digits);
    return true;
}

/* Halves and quarters stay fractions. */
bool decimal_is_better(mpq_srcptr value, size_t decimal_length, size_t fraction_length) {
    return mpz_divisible_ui_p(mpq_denref(value), 5) && decimal_length <= fraction_length;
}
