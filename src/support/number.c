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

/* ---- Short decimals ---- */

__extension__ typedef unsigned __int128 wide;

enum { MOST_DIGITS = 19 /* below 2^64 */, LARGEST_POWER = 27 /* of 5, below 2^63 */ };

/* Exact: what is scaled here stays far from both ends of the doubles. */
static double times_power_of_two(double x, int exponent) {
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return x * power;
}

/* v * 2^exponent, rounded to nearest, ties to even; `more` says that v is a little too small. */
static double round_wide(wide v, bool more, int exponent) {
    uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
    int bits = high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0, extra = bits - 53;
    if (extra <= 0) return times_power_of_two((double)low, exponent);
    wide kept = v >> extra, rest = v - (kept << extra), half = (wide)1 << (extra - 1);
    bool up = rest > half || (rest == half && (more || (kept & 1)));
    return times_power_of_two((double)(uint64_t)(kept + up), exponent + extra);
}

static const uint64_t fives[LARGEST_POWER + 1] = {1u,
                                                  5u,
                                                  25u,
                                                  125u,
                                                  625u,
                                                  3125u,
                                                  15625u,
                                                  78125u,
                                                  390625u,
                                                  1953125u,
                                                  9765625u,
                                                  48828125u,
                                                  244140625u,
                                                  1220703125u,
                                                  6103515625u,
                                                  30517578125u,
                                                  152587890625u,
                                                  762939453125u,
                                                  3814697265625u,
                                                  19073486328125u,
                                                  95367431640625u,
                                                  476837158203125u,
                                                  2384185791015625u,
                                                  11920928955078125u,
                                                  59604644775390625u,
                                                  298023223876953125u,
                                                  1490116119384765625u,
                                                  7450580596923828125u};

/* digits * 10^power by whole numbers, of which no bit is lost before the only rounding. */
static double scale(uint64_t digits, int power) {
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    /* Of two doubles that are exact, the quotient or product is rounded once. */
    if (digits <= (uint64_t)1 << 53 && abs(power) <= 22)
        return power < 0 ? (double)digits / exact[-power] : (double)digits * exact[power];
    uint64_t five = fives[abs(power)];
    if (power >= 0 || digits == 0) return round_wide((wide)digits * five, false, power);
    int shift = 63 + __builtin_clzll(digits); /* the quotient has 64 bits or more */
    wide shifted = (wide)digits << shift, quotient = shifted / five;
    return round_wide(quotient, quotient * five != shifted, power - shift);
}

/* ---- Shortest decimals ---- */

static char *put(char *to, const char *from, int count) {
    memcpy(to, from, (size_t)count);
    return to + count;
}

/* Writes a whole number; how many digits there are. */
static int write_digits(uint64_t digits, char to[MOST_DIGITS + 1]) {
    char reversed[MOST_DIGITS + 1];
    int count = 0;
    do reversed[count++] = (char)('0' + digits % 10);
    while ((digits /= 10) > 0);
    for (int k = 0; k < count; k++) to[k] = reversed[count - 1 - k];
    return count;
}

/* Whole numbers of moderate size read better without an exponent. */
static bool format_whole(double value, char *to) {
    if (value != floor(value) || fabs(value) >= 1e15) return false;
    if (signbit(value)) *to++ = '-';
    to[write_digits((uint64_t)fabs(value), to)] = '\0';
    return true;
}

static uint64_t without_zeros(uint64_t digits) {
    while (digits % 100000000 == 0) digits /= 100000000;
    while (digits % 10 == 0) digits /= 10;
    return digits;
}

/* 0.digits * 10^(exponent + 1) as %g writes it where it has that many digits at most; the exponent has two
 * digits. */
static void write_decimal(bool negative, uint64_t digits, int most, int exponent, char *to) {
    char text[MOST_DIGITS + 1];
    int count = write_digits(without_zeros(digits), text), whole = exponent + 1;
    if (negative) *to++ = '-';
    if (exponent < -4 || exponent >= most) {
        to = put(to, text, 1);
        if (count > 1) to = put(put(to, ".", 1), text + 1, count - 1);
        to = put(to, "e-", exponent < 0 ? 2 : 1);
        to[write_digits((uint64_t)abs(exponent), to)] = '\0';
        return;
    }
    if (exponent < 0) {
        to = put(put(put(to, "0.", 2), "000", -whole), text, count);
    } else if (count > whole) {
        to = put(put(put(to, text, whole), ".", 1), text + whole, count - whole);
    } else {
        to = put(put(to, text, count), "0000000000000000", whole - count);
    }
    *to = '\0';
}

/* size * 10^power, rounded to nearest, ties to even; `off` is the sign of what rounding has added. False
 * where that is not a matter of 128 bits. */
static bool round_scaled(double size, int power, uint64_t *rounded, int *off) {
    int exponent;
    uint64_t bits = (uint64_t)ldexp(frexp(size, &exponent), 53);
    int lost = 53 - exponent - power;
    if (power < 0 || power > LARGEST_POWER || lost < 1 || lost > 126) return false;
    wide exact = (wide)bits * fives[power], half = (wide)1 << (lost - 1), rest = exact & (2 * half - 1);
    *rounded = (uint64_t)(exact >> lost);
    bool up = rest > half || (rest == half && (*rounded & 1));
    *rounded += up;
    *off = up ? 1 : -(rest > 0);
    return true;
}

/* 17 digits, the exponent of the first, and the sign of what rounding has added; false where the exponent is
 * large. */
static bool seventeen_digits(double size, uint64_t *digits, int *exponent, int *off) {
    static const uint64_t least = 10000000000000000u;
    int bits;
    frexp(size, &bits);
    *exponent = (int)floor((bits - 1) * 0.30103); /* or one less than it is */
    if (!round_scaled(size, 16 - *exponent, digits, off)) return false;
    if (*digits < 10 * least) return *digits >= least;
    return round_scaled(size, 16 - ++*exponent, digits, off);
}

/* Digits without the last ones, rounded as what they were rounded from: `off` is the sign of what that has
 * added. */
static uint64_t round_again(uint64_t digits, uint64_t unit, int off) {
    uint64_t kept = digits / unit, rest = digits % unit;
    bool tie_goes_up = off < 0 || (off == 0 && (kept & 1));
    return kept + (rest > unit / 2 || (rest == unit / 2 && tie_goes_up));
}

/* Fewer digits by rounding 17; false where powers are large. */
static bool format_moderate(double value, char *text) {
    uint64_t digits;
    int exponent, off, rounded = 2;
    if (!seventeen_digits(fabs(value), &digits, &exponent, &off) || abs(exponent) > 10) return false;
    for (uint64_t unit = 100; rounded > 0; unit /= 10, rounded--) {
        uint64_t kept = round_again(digits, unit, off);
        if (scale(kept, exponent - 16 + rounded) != fabs(value)) continue;
        digits = kept;
        break;
    }
    /* 9.99.. may have become 10 */
    static const uint64_t beyond[] = {100000000000000000u, 10000000000000000u, 1000000000000000u};
    write_decimal(value < 0, digits, 17 - rounded, exponent + (digits >= beyond[rounded]), text);
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
    if (format_whole(value, digits) || format_moderate(value, digits)) return;
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

/* A decimal on the way. */
struct decimal {
    const char *at, *end;
    uint64_t digits;
    size_t count, significant; /* digits seen, and those from the first that is not 0 */
};

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* Eight digits at once. */
static bool read_eight(struct decimal *d) {
    uint64_t block;
    if (d->end - d->at < 8) return false;
    memcpy(&block, d->at, sizeof block);
    uint64_t high = block & 0xF0F0F0F0F0F0F0F0, carried = (block + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0;
    if (high != 0x3030303030303030 || carried != high) return false;
    block -= 0x3030303030303030;
    block = block * 10 + (block >> 8);
    block = ((block & 0x000000FF000000FF) * 0x000F424000000064 +
             ((block >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >>
            32;
    d->digits = 100000000 * d->digits + (uint32_t)block;
    d->at += 8;
    return true;
}

#else

static bool read_eight(struct decimal *d) {
    (void)d;
    return false;
}

#endif

static void read_digits(struct decimal *d) {
    const char *begin = d->at;
    while (d->significant == 0 && d->at < d->end && *d->at == '0') d->at++;
    const char *first = d->at;
    while (read_eight(d)) continue;
    for (; d->at < d->end && (unsigned char)(*d->at - '0') < 10; d->at++)
        d->digits = 10 * d->digits + (uint64_t)(*d->at - '0');
    d->count += (size_t)(d->at - begin);
    d->significant += (size_t)(d->at - first);
}

/* The exponent behind the digits; false where there is a part of one only, or it is long. */
static bool read_exponent(struct decimal *d, long *exponent) {
    struct decimal e = {.at = d->at, .end = d->end};
    *exponent = 0;
    if (e.at >= e.end || (*e.at != 'e' && *e.at != 'E')) return true;
    e.at++;
    bool small = e.at < e.end && *e.at == '-';
    e.at += e.at < e.end && (*e.at == '-' || *e.at == '+');
    read_digits(&e);
    d->at = e.at;
    *exponent = small ? -(long)e.digits : (long)e.digits;
    return e.count > 0 && e.significant <= 3;
}

const char *number_scan(const char *text, const char *end, double *value) {
    struct decimal d = {.at = text, .end = end};
    bool negative = text < end && *text == '-';
    d.at += text < end && (*text == '-' || *text == '+');
    read_digits(&d);
    size_t whole = d.count;
    if (d.at < d.end && *d.at == '.') d.at++;
    read_digits(&d);
    long exponent;
    if (d.count == 0 || d.significant > MOST_DIGITS || !read_exponent(&d, &exponent)) return NULL;
    long power = exponent - (long)(d.count - whole);
    if (labs(power) > LARGEST_POWER) return NULL;
    *value = negative ? -scale(d.digits, (int)power) : scale(d.digits, (int)power);
    return d.at;
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
    double scanned;
    if (number_scan(text, text + length, &scanned) == text + length) {
        *value = scanned;
        return true;
    }
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

static uint64_t bits_of(const double *value) {
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    return bits;
}

static const uint64_t exponent_bits = (uint64_t)0x7FF << 52;

/* One after the other: vectors across what has just been written would wait for it. */
static bool few_are_finite(const double *values, size_t count) {
    for (size_t k = 0; k < count; k++)
        if ((bits_of(values + k) & exponent_bits) == exponent_bits) return false;
    return true;
}

/* In vectors as wide as the processor has: a long gradient is in the cache, and passes through here each
 * time. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__has_attribute)
#if __has_attribute(target_clones) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#endif
#endif
#ifndef WIDE
#define WIDE
#endif

/* What is not finite is no number less itself; every other difference is 0. */
WIDE static uint64_t bits_of_differences(const double *values, size_t count) {
    uint64_t wrong = 0;
    for (size_t k = 0; k < count; k++) {
        double difference = values[k] - values[k];
        wrong |= bits_of(&difference);
    }
    return wrong;
}

bool numbers_are_finite(const double *values, size_t count) {
    enum { FEW = 16 };
    return count <= FEW ? few_are_finite(values, count) : bits_of_differences(values, count) << 1 == 0;
}

/* Static, as what has clones is shown by a library whatever its visibility. */
WIDE static uint64_t count_at_most(const double *values, size_t count, double sign, double limit) {
    uint64_t found = 0;
    for (size_t k = 0; k < count; k++) found += sign * values[k] <= limit;
    return found;
}

size_t numbers_at_most(const double *values, size_t count, double sign, double limit) {
    return (size_t)count_at_most(values, count, sign, limit);
}

double *numbers_allocate(size_t count) {
    enum { LINE = 64, LARGE = 1 << 17 };
    if (count > LARGE) return calloc(count, sizeof(double)); /* pages are not touched before they are used */
    size_t size = (count * sizeof(double) + LINE) / LINE * LINE;
    double *memory = aligned_alloc(LINE, size);
    if (memory) memset(memory, 0, size);
    return memory;
}
