/* The order of lines: each behind those that it names. */
#ifndef GRADC_FORMULA_ORDER_H
#define GRADC_FORMULA_ORDER_H

#include "formula/sheet.h"

/* Sorts lines in place, keeping their order where nothing speaks against it. Lines that name each other stand
 * together; recurrences get their direction from what they read. */
void order_lines(struct sheet_line *lines, size_t count);

#endif
