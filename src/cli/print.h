/* Numbers, arrays and JSON on a stream. */
#ifndef GRADC_CLI_PRINT_H
#define GRADC_CLI_PRINT_H

#include <gradc/gradc.h>
#include <stdio.h>

/* The shortest form that reads back. */
void print_number(FILE *out, double value);
/* The same as JSON: NaN and infinities are strings. */
void print_json_number(FILE *out, double value);
void print_json_text(FILE *out, const char *text);
/* The elements of an array, nested by its dimensions; a single number stands alone. */
void print_json_array(FILE *out, const struct gradc_array *array, const double *values);
/* A flat list of numbers. */
void print_json_list(FILE *out, const double *values, size_t count);
/* {"x": .., "b": [..]}: the elements of a point by unknown. */
void print_json_point(FILE *out, const struct gradc_model *model, const double *point);
/* Seconds with a sensible number of digits. */
void print_seconds(FILE *out, double seconds);
/* The name of an element of the point; the caller frees it. */
char *element_name(const struct gradc_model *model, size_t at);
/* Pads a name with blanks to a width in code points. */
void print_padded(FILE *out, const char *text, size_t width);
size_t display_width(const char *text);
/* , "key": on standard output */
void print_key(const char *key);
/* The text, or null, on standard output. */
void print_json_text_or_null(const char *text);

#endif
