/* The sizes of a program's arrays, as a program. */
#ifndef GRADC_EMIT_SIZES_H
#define GRADC_EMIT_SIZES_H

#include "ir/program.h"

/* Whether an array needs storage from the caller of a kernel. */
bool sizes_needs_storage(const struct program *p, array_id array);
/* A program that sets element a of an array of whole numbers to how many elements array a of `p` has, for
 * unknowns and what needs storage; where bounds move with a loop, to the most. Gives the array; 0 where
 * memory is exhausted. */
array_id sizes_program(struct program *out, const struct program *p);

#endif
