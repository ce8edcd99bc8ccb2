/* How many elements the arrays of a program have, as a program. */
#ifndef GRADC_EMIT_SIZES_H
#define GRADC_EMIT_SIZES_H

#include "ir/program.h"

/* Adds to `out`, a program like p, the steps that set a new single whole number to how many elements an array
 * of p has; where its bounds move with a loop, to the most. Gives the number; 0 where memory is exhausted. */
array_id sizes_add(struct program *out, const struct program *p, array_id array);

#endif
