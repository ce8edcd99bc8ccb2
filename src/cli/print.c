#include "cli/print.h"

#include <math.h>

#include "cli/message.h"

void print_number(FILE *out, double value) {
    char digits[GRADC_NUMBER_CHARS];
    gradc_number_format(value, digits);
    fputs(digits, out);
}

void print_json_number(FILE *out, double value) {
    if (!isfinite(value)) fputc('"', out);
    print_number(out, value);
    if (!isfinite(value)) fputc('"', out);
}

void print_json_text(FILE *out, const char *text) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", out);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

/* How many dimensions begin, or end, at an element. */
static size_t edges(const struct gradc_array *array, size_t element) {
    size_t count = 0, block = 1;
    for (size_t k = array->rank; k-- > 0;) {
        block *= (size_t)array->extent[k];
        if (element % block != 0) break;
        count++;
    }
    return count;
}

static void repeat(FILE *out, char c, size_t count) {
    while (count-- > 0) fputc(c, out);
}

void print_json_array(FILE *out, const struct gradc_array *array, const double *values) {
    if (array->count == 0) {
        fputs("[]", out);
        return;
    }
    for (size_t k = 0; k < array->count; k++) {
        if (k) fputs(", ", out);
        repeat(out, '[', edges(array, k));
        print_json_number(out, values[k]);
        repeat(out, ']', edges(array, k + 1));
    }
}

void print_json_list(FILE *out, const double *values, size_t count) {
    fputc('[', out);
    for (size_t k = 0; k < count; k++) {
        if (k) fputs(", ", out);
        print_json_number(out, values[k]);
    }
    fputc(']', out);
}

void print_json_point(FILE *out, const struct gradc_model *model, const double *point) {
    fputc('{', out);
    for (size_t k = 0; k < gradc_count(model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(model, GRADC_UNKNOWNS, k);
        if (k) fputs(", ", out);
        print_json_text(out, unknown.name);
        fputs(": ", out);
        print_json_array(out, &unknown, point + unknown.offset);
    }
    fputc('}', out);
}

void print_seconds(FILE *out, double seconds) {
    if (seconds < 1)
        fprintf(out, "%.3g ms", 1e3 * seconds);
    else
        fprintf(out, "%.3g s", seconds);
}

size_t display_width(const char *text) {
    size_t width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0u) != 0x80u;
    return width;
}

void print_padded(FILE *out, const char *text, size_t width) {
    fputs(text, out);
    for (size_t k = display_width(text); k < width; k++) fputc(' ', out);
}

char *element_name(const struct gradc_model *model, size_t at) {
    for (size_t k = 0; k < gradc_count(model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(model, GRADC_UNKNOWNS, k);
        if (at - unknown.offset < unknown.count)
            return require_text(gradc_element_name(&unknown, at - unknown.offset));
    }
    return require_text(NULL);
}

void print_key(const char *key) {
    printf(", \"%s\": ", key);
}

void print_json_text_or_null(const char *text) {
    if (text)
        print_json_text(stdout, text);
    else
        fputs("null", stdout);
}
