/* The entries of a matrix computed a few rows of elements at a time.
 *
 * Input: the program of values of an element_matrix (diff/elements.h), whose outermost loops run over the
 * first subscript of their entries. Output: the same program for the iterations begin, .., begin + rows - 1
 * of each such loop, counted from 0, with arrays for so many: they stay in the caches until their entries are
 * added up. */
#ifndef GRADC_DIFF_WINDOW_H
#define GRADC_DIFF_WINDOW_H

#include "diff/elements.h"

struct window {
    struct program program;
    array_id begin; /* an input, 0 at first */
};

/* Whether the program has that form: nothing stands beside the loops, and all entries depend on them. */
bool window_suits(const struct element_matrix *matrix);
/* False where memory is exhausted. */
bool window_make(struct window *w, const struct element_matrix *matrix, int64_t rows);

#endif
