/* The directions that a few linear equations leave: an orthonormal basis of the null space of a small dense
 * matrix, by Householder's reflections with column exchanges (Golub and Van Loan, Matrix Computations, 4th
 * ed., section 5.4). */
#ifndef GRADC_SPARSE_NULL_SPACE_H
#define GRADC_SPARSE_NULL_SPACE_H

#include <stdbool.h>
#include <stddef.h>

/* `matrix` has `rows` rows of `columns`, row by row, and is overwritten. *basis gets the vectors, one a row,
 * *count of them; the caller frees it. False where an element is not finite or memory is exhausted. */
bool null_space(double *matrix, size_t rows, size_t columns, double **basis, size_t *count);

#endif
