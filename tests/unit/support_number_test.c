/* Numbers are read to the bits of strtod, whatever they look like. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/number.h"

enum { DECIMALS = 200000, LONGEST = 64 };

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Any digits with a point among them, perhaps with zeros before and an exponent behind. */
static void write_digits(char *out) {
    size_t count = 1 + draw() % 24, point = draw() % 26, length = 0;
    if (draw() % 2) out[length++] = draw() % 4 ? '-' : '+';
    for (size_t k = draw() % 4; k > 1; k--) out[length++] = '0';
    for (size_t k = 0; k < count; k++) {
        if (k == point) out[length++] = '.';
        out[length++] = (char)('0' + draw() % 10);
    }
    out[length] = 0;
    if (draw() % 2) snprintf(out + length, LONGEST - length, "e%d", (int)(draw() % 64) - 32);
}

/* Whole numbers in the middle between two doubles, or beside it, moved by a power of ten. */
static void write_middle(char *out) {
    uint64_t middle = ((uint64_t)1 << 53 | draw() >> 11) << (draw() % 9) | 1;
    middle = (middle >> 1 << 1) | (draw() % 4 != 0);
    snprintf(out, LONGEST, "%llue%d", (unsigned long long)middle, draw() % 2 ? 0 : (int)(draw() % 8) - 4);
}

/* The shortest digits of a double, or 17 of them. */
static void write_double(char *out) {
    double value = ldexp((double)draw(), (int)(draw() % 160) - 130);
    if (draw() % 2)
        number_format(value, out);
    else
        snprintf(out, LONGEST, "%.17g", value);
}

static void write_decimal(char *out) {
    void (*const kinds[])(char *) = {write_digits, write_middle, write_double};
    kinds[draw() % 3](out);
}

Test(support_number, reads_the_bits_of_strtod) {
    for (size_t k = 0; k < DECIMALS; k++) {
        char text[LONGEST + NUMBER_CHARS];
        double found = 0;
        write_decimal(text);
        double wanted = strtod(text, NULL);
        size_t length = strlen(text);
        memset(text + length, '7', sizeof text - length); /* the length says where it ends */
        cr_assert(number_parse(text, length, &found), "%.*s", (int)length, text);
        cr_assert_eq(memcmp(&found, &wanted, sizeof found), 0, "%.*s: %.17g, not %.17g", (int)length, text,
                     found, wanted);
    }
}

static void check(const char *text, bool good, double value) {
    double found = 0;
    cr_expect_eq(number_parse(text, strlen(text), &found), good, "%s", text);
    if (good) cr_expect_eq(memcmp(&found, &value, sizeof value), 0, "%s: %.17g", text, found);
}

Test(support_number, unusual_numbers) {
    check("1.", true, 1);
    check(".5", true, 0.5);
    check("-0", true, -0.0);
    check("-0e999", true, -0.0);
    check("1e-400", true, 0);
    check("4.9e-324", true, 0x1p-1074);
    check("2.2250738585072011e-308", true, 2.2250738585072011e-308);
    check("+0000000000000000000000000000001.50", true, 1.5);
    check("9223372036854775808e-19", true, 0.9223372036854775808);
    check("9999999999999999999e27", true, 9999999999999999999e27);
    check("1e400", true, HUGE_VAL);
    check("inf", true, HUGE_VAL);
    check("-inf", true, -HUGE_VAL);
    check("", false, 0);
    check(".", false, 0);
    check("1e", false, 0);
    check("1e+", false, 0);
    check("+", false, 0);
    check("1.5x", false, 0);
    check("0x10", false, 0);
    check("1 2", false, 0);
    check(" 1", false, 0);
    double found = 0;
    cr_expect(number_parse("nan", 3, &found) && isnan(found));
}

/* The first precision that reads back, without the zeros and the sign that number_format leaves out. */
static void write_shortest(char *out, double value) {
    for (int precision = 1; precision <= 17; precision++) {
        sprintf(out, "%.*g", precision, value);
        if (strtod(out, NULL) == value) break;
    }
    char *exponent = strchr(out, 'e'), digits[8];
    if (!exponent) return;
    snprintf(digits, sizeof digits, "%d", atoi(exponent + 1));
    strcpy(exponent + 1, digits);
}

Test(support_number, writes_the_shortest_decimal) {
    for (size_t k = 0; k < DECIMALS / 4; k++) {
        char wanted[LONGEST], found[NUMBER_CHARS], text[LONGEST + NUMBER_CHARS];
        uint64_t bits = draw();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (k % 4) {
            write_decimal(text);
            value = strtod(text, NULL);
        }
        if (k % 16 == 0) value = ldexp(1, (int)(draw() % 2098) - 1074);
        if (k % 16 == 1) value = ldexp((double)(draw() >> 11), -(int)(draw() % 64));
        if (!isfinite(value) || (value == floor(value) && fabs(value) < 1e15)) continue;
        write_shortest(wanted, value);
        number_format(value, found);
        cr_assert_str_eq(found, wanted);
    }
}

Test(support_number, infinite_numbers_and_nan_are_found_anywhere) {
    double values[9];
    for (int place = 0; place < 9; place++) {
        for (int k = 0; k < 9; k++) values[k] = k % 2 ? -1.7976931348623157e308 : 5e-324;
        cr_expect(numbers_are_finite(values, 9));
        const double bad[] = {HUGE_VAL, -HUGE_VAL, NAN, -NAN};
        for (int b = 0; b < 4; b++) {
            values[place] = bad[b];
            cr_expect_not(numbers_are_finite(values, 9));
        }
    }
    cr_expect(numbers_are_finite(values, 0));
}

Test(support_number, whole_numbers_have_no_exponent) {
    const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},       {-0.0, "-0"},    {7, "7"}, {-120, "-120"}, {999999999999999, "999999999999999"},
        {1e15, "1e15"}, {-1e22, "-1e22"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char found[NUMBER_CHARS];
        number_format(cases[k].value, found);
        cr_expect_str_eq(found, cases[k].text);
    }
}

Test(support_number, counts_what_is_at_most_a_limit) {
    const double values[] = {3, -1, NAN, 2, 2.5, -HUGE_VAL, 7, 2, 0, HUGE_VAL, 1.5};
    cr_expect_eq(numbers_at_most(values, 11, 1, 2), 6);
    cr_expect_eq(numbers_at_most(values, 11, -1, -2.5), 4);
    cr_expect_eq(numbers_at_most(values, 0, 1, 2), 0);
}
