/* Rows of numbers as columns, and back. Columns stand anywhere, rows behind each other. */
#ifndef GRADC_SUPPORT_TRANSPOSE_H
#define GRADC_SUPPORT_TRANSPOSE_H

#include <stddef.h>

/* `count` rows of `width` numbers; what is written overlaps nothing that is read. */
void transpose_rows(double *const *columns, const double *rows, size_t width, size_t count);
void transpose_columns(double *rows, double *const *columns, size_t width, size_t count);

#endif
