/* Tables in NumPy's `.npy` files: one- and two-dimensional arrays, and arrays of records. */
#ifndef GRADC_SEMA_NPY_H
#define GRADC_SEMA_NPY_H

#include "sema/table.h"

/* Whether a file begins as such a file does. */
bool npy_recognise(const char *text, size_t length);
/* Finds the columns in the file that the table has opened. False, after an error at `span`: "damaged-npy",
 * "unsupported-npy". */
bool npy_read(struct table *t, struct intern *strings, struct diag_list *diags, struct span span);

#endif
