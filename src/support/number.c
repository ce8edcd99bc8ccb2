#include "support/number.h"

#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* printf and strtod obey the locale's decimal point; it is replaced rather than the locale changed. */
static char decimal_point(void) {
    const struct lconv *conventions = localeconv();
    return conventions && conventions->decimal_point[0] ? conventions->decimal_point[0] : '.';
}

static void tidy(const char *raw, char *digits) {
    char point = decimal_point();
    size_t n = 0;
    for (const char *c = raw; *c && n + 1 < NUMBER_CHARS; c++) digits[n++] = *c == point ? '.' : *c;
    digits[n] = '\0';
    char *exponent = strchr(digits, 'e');
    if (!exponent) return;
    char *from = exponent + 1, *to = exponent + 1;
    if (*from == '+')
        from++;
    else if (*from == '-')
        *to++ = *from++;
    while (*from == '0' && from[1]) from++;
    memmove(to, from, strlen(from) + 1);
}

/* Whole numbers of moderate size read better without an exponent. */
static bool format_whole(double value, char *digits) {
    if (value != floor(value) || fabs(value) >= 1e15) return false;
    snprintf(digits, NUMBER_CHARS, "%s%.0f", value == 0 && signbit(value) ? "-" : "",
             fabs(value) == 0 ? 0.0 : value);
    return true;
}

void number_format(double value, char digits[NUMBER_CHARS]) {
    if (isnan(value)) {
        strcpy(digits, "nan");
        return;
    }
    if (isinf(value)) {
        strcpy(digits, value > 0 ? "inf" : "-inf");
        return;
    }
    if (format_whole(value, digits)) return;
    char raw[64];
    /* Different decimals of 15 digits are different doubles, so of these %g leaves out but zeros. It does not
     * hold for numbers that have lost bits to underflow. */
    bool full = fabs(value) >= DBL_MIN;
    for (int precision = full ? 15 : 1; precision <= 17; precision++) {
        snprintf(raw, sizeof raw, "%.*g", precision, value);
        if (strtod(raw, NULL) == value) break;
    }
    tidy(raw, digits);
}

/* ---- Short decimals ---- */

__extension__ typedef unsigned __int128 wide;

enum { MOST_DIGITS = 19 /* below 2^64 */, LARGEST_POWER = 27 /* of 5, below 2^63 */ };

/* v * 2^exponent, rounded to nearest, ties to even; `more` says that v is a little too small. */
static double round_wide(wide v, bool more, int exponent) {
    uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
    int bits = high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0, extra = bits - 53;
    if (extra <= 0) return ldexp((double)low, exponent);
    wide kept = v >> extra, rest = v - (kept << extra), half = (wide)1 << (extra - 1);
    bool up = rest > half || (rest == half && (more || (kept & 1)));
    return ldexp((double)(uint64_t)(kept + up), exponent + extra);
}

/* digits * 10^power by whole numbers, of which no bit is lost before the only rounding. */
static double scale(uint64_t digits, int power) {
    uint64_t five = 1;
    for (int k = 0; k < abs(power); k++) five *= 5;
    if (power >= 0 || digits == 0) return round_wide((wide)digits * five, false, power);
    int shift = 63 + __builtin_clzll(digits); /* the quotient has 64 bits or more */
    wide shifted = (wide)digits << shift, quotient = shifted / five;
    return round_wide(quotient, quotient * five != shifted, power - shift);
}

/* A decimal on the way. */
struct decimal {
    const char *at, *end;
    uint64_t digits;
    size_t count, significant; /* digits seen, and those from the first that is not 0 */
};

static void read_digits(struct decimal *d) {
    for (; d->at < d->end && *d->at >= '0' && *d->at <= '9'; d->at++, d->count++) {
        d->significant += d->significant || *d->at != '0';
        d->digits = 10 * d->digits + (uint64_t)(*d->at - '0');
    }
}

/* Reads a decimal of few digits and a moderate exponent, to the bits of strtod in a tenth of its time; false
 * where it is no such decimal. */
static bool read_short(const char *text, size_t length, double *value) {
    struct decimal d = {.at = text, .end = text + length}, e;
    bool negative = length && *text == '-', small = false;
    d.at += length && (*text == '-' || *text == '+');
    read_digits(&d);
    size_t whole = d.count;
    if (d.at < d.end && *d.at == '.') d.at++;
    read_digits(&d);
    if (d.count == 0 || d.significant > MOST_DIGITS) return false;
    e = (struct decimal){.at = d.at, .end = d.end};
    if (e.at < e.end && (*e.at == 'e' || *e.at == 'E')) {
        e.at++;
        small = e.at < e.end && *e.at == '-';
        e.at += e.at < e.end && (*e.at == '-' || *e.at == '+');
        read_digits(&e);
        if (e.count == 0 || e.significant > 3) return false;
    }
    long power = (small ? -(long)e.digits : (long)e.digits) - (long)(d.count - whole);
    if (e.at < e.end || labs(power) > LARGEST_POWER) return false;
    *value = negative ? -scale(d.digits, (int)power) : scale(d.digits, (int)power);
    return true;
}

/* ---- All numbers ---- */

static bool looks_like_number(const char *text, size_t length) {
    size_t i = 0, digits = 0;
    if (i < length && (text[i] == '+' || text[i] == '-')) i++;
    for (; i < length && isdigit((unsigned char)text[i]); i++) digits++;
    if (i < length && text[i] == '.') i++;
    for (; i < length && isdigit((unsigned char)text[i]); i++) digits++;
    if (digits == 0) return false;
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < length && (text[i] == '+' || text[i] == '-')) i++;
        if (i == length) return false;
        while (i < length && isdigit((unsigned char)text[i])) i++;
    }
    return i == length;
}

static bool parse_special(const char *text, size_t length, double *value) {
    double sign = 1;
    if (length && (*text == '-' || *text == '+')) {
        sign = *text == '-' ? -1 : 1;
        text++, length--;
    }
    if (length == 3 && strncmp(text, "inf", 3) == 0)
        *value = sign * (double)INFINITY;
    else if (length == 3 && strncmp(text, "nan", 3) == 0)
        *value = (double)NAN;
    else
        return false;
    return true;
}

bool number_parse(const char *text, size_t length, double *value) {
    if (read_short(text, length, value)) return true;
    if (!looks_like_number(text, length)) return parse_special(text, length, value);
    char buffer[128], *copy = length < sizeof buffer ? buffer : malloc(length + 1);
    if (!copy) return false;
    char point = decimal_point();
    for (size_t i = 0; i < length; i++) copy[i] = text[i] == '.' ? point : text[i];
    copy[length] = '\0';
    *value = strtod(copy, NULL);
    if (copy != buffer) free(copy);
    return true;
}

/* By the bits, many at a time: one more than the largest exponent carries into the sign. */
bool numbers_are_finite(const double *values, size_t count) {
    static const uint64_t exponent = (uint64_t)0x7FF << 52, one = (uint64_t)1 << 52;
    uint64_t wrong = 0;
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, values + k, sizeof bits);
        wrong |= (bits & exponent) + one;
    }
    return !(wrong >> 63);
}
