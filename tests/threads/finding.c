#include "finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void find(struct finding *f, const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    char *longer = realloc(f->text, f->length + (size_t)length + 1);
    if (!longer || length >= (int)sizeof line) exit(1);
    memcpy(longer + f->length, line, (size_t)length + 1);
    f->text = longer;
    f->length += (size_t)length;
}

void find_text(struct finding *f, const char *what, const char *text) {
    unsigned sum = 0;
    for (const char *c = text; c && *c; c++) sum = 31 * sum + (unsigned char)*c;
    find(f, "%s: %zu bytes, %u\n", what, text ? strlen(text) : 0, sum);
}

void find_numbers(struct finding *f, const char *what, const double *numbers, size_t count) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += (double)(k + 1) * numbers[k];
    find(f, "%s: %.17g\n", what, sum);
}

void take_text(struct finding *f, const char *what, char *text) {
    find_text(f, what, text);
    free(text);
}
