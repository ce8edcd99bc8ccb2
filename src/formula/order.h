/* The order of lines: each behind those that it names. */
#ifndef GRADC_FORMULA_ORDER_H
#define GRADC_FORMULA_ORDER_H

#include "formula/sheet.h"

/* Sorts lines in place, keeping their order where nothing speaks against it. Lines that
 * name each other stand together. */
void order_lines(struct sheet_line *lines, size_t count);

/* Whether a formula has a name in it, as a whole word and not as a function. */
bool order_names(const char *formula, const char *name);

#endif
