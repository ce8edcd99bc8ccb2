#include "support/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/number.h"
#include "support/vec.h"

void text_add_bytes(struct text *text, const char *bytes, size_t length) {
    if (text->failed) return;
    if (!vec_reserve((void **)&text->at, &text->capacity, text->length + length + 1, 1)) {
        text->failed = true;
        return;
    }
    if (length) memcpy(text->at + text->length, bytes, length);
    text->length += length;
    text->at[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_add_bytes(text, string, strlen(string));
}

void text_addf(struct text *text, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length >= 0 && !text->failed &&
        vec_reserve((void **)&text->at, &text->capacity, text->length + (size_t)length + 1, 1)) {
        vsnprintf(text->at + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    } else {
        text->failed = true;
    }
    va_end(again);
}

void text_add_double(struct text *text, double value) {
    char digits[NUMBER_CHARS];
    number_format(value, digits);
    text_add(text, digits);
}

void text_add_json_double(struct text *text, double value) {
    if (!isfinite(value)) text_add(text, "\"");
    text_add_double(text, value);
    if (!isfinite(value)) text_add(text, "\"");
}

void text_add_json(struct text *text, const char *string) {
    text_add(text, "\"");
    for (const unsigned char *c = (const unsigned char *)string; *c; c++) {
        if (*c == '"' || *c == '\\') {
            text_addf(text, "\\%c", *c);
        } else if (*c == '\n') {
            text_add(text, "\\n");
        } else if (*c < 0x20) {
            text_addf(text, "\\u%04x", *c);
        } else {
            text_add_bytes(text, (const char *)c, 1);
        }
    }
    text_add(text, "\"");
}

void text_free(struct text *text) {
    free(text->at);
    *text = (struct text){0};
}

const char *text_string(const struct text *text) {
    return text->at ? text->at : "";
}
