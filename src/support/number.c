#include "support/number.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
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
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(raw, sizeof raw, "%.*g", precision, value);
        if (strtod(raw, NULL) == value) break;
    }
    tidy(raw, digits);
}

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
