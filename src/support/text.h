/* A growing string, used by every printer. It is always NUL-terminated once something was added; a failed
 * allocation sets `failed` and later additions do nothing. */
#ifndef GRADC_SUPPORT_TEXT_H
#define GRADC_SUPPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *at;
    size_t length, capacity;
    bool failed;
};

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The shortest decimal that reads back to the same double (NaN and infinities as nan, inf, -inf). */
void text_add_double(struct text *text, double value);
/* The string as JSON, quotes included. */
void text_add_json(struct text *text, const char *string);
/* The number as JSON; NaN and infinities become the strings "nan", "inf", "-inf". */
void text_add_json_double(struct text *text, double value);
void text_free(struct text *text);
/* The content; "" where nothing was added. Borrowed until the next addition. */
const char *text_string(const struct text *text);

#endif
