/* Doubles as text and back, independent of the locale. */
#ifndef GRADC_SUPPORT_NUMBER_H
#define GRADC_SUPPORT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_CHARS = 40 };

/* Writes the shortest decimal that reads back to the same double. */
void number_format(double value, char digits[NUMBER_CHARS]);
/* Reads a decimal number, correctly rounded; the whole of text[0..length) must be one (no blanks, no hex).
 * inf, -inf and nan are accepted. Returns false, leaving *value alone, where it is not a number. */
bool number_parse(const char *text, size_t length, double *value);

/* Reads a decimal of at most 19 digits and a moderate exponent at the beginning of a text, correctly rounded,
 * in a tenth of the time of others. Returns where it ends; NULL where there is none. */
const char *number_scan(const char *text, const char *end, double *value);

/* Whether no number is infinite or NaN. */
bool numbers_are_finite(const double *values, size_t count);
/* How many of the numbers, times a sign, are at most a limit. */
size_t numbers_at_most(const double *values, size_t count, double sign, double limit);
/* Memory for so many numbers, and for one at least, all of them 0; what is not large begins at a line of the
 * cache, so that vectors do not cross them. NULL where memory is exhausted; it is released by free. */
double *numbers_allocate(size_t count);

#endif
