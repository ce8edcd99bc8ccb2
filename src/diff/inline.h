/* Let arrays written out where they are read, so that outputs read unknowns directly.
 *
 * Input: a function. Output: a program of the same arrays in which the outputs' updates read the definitions
 * of the arrays between, with the subscripts of the read in the place of their indices; sums over a few
 * literal indices are written out too. What is defined otherwise (recurrences, long sums, filters) stays, and
 * is read as before. The size is bounded: where it would grow beyond, the result is the input. Values differ
 * by rounding only. */
#ifndef GRADC_DIFF_INLINE_H
#define GRADC_DIFF_INLINE_H

#include "ir/program.h"

/* Keeps what the outputs need; `wrt`: what does not depend on these stays as it is. False where memory is
 * exhausted. */
bool program_inline(struct program *out, const struct program *p, const array_id *outputs,
                    size_t output_count, const array_id *wrt, size_t wrt_count);

#endif
