/* Sums of one term are no sums: where an array is cleared and has each of its elements added to once, by the
 * only update of a loop nest over all of it, that update sets the elements, and nothing is cleared. Loops may
 * run in any order; those that have none are left to lower_open, which knows more. */
#ifndef GRADC_LOWER_DEFINE_H
#define GRADC_LOWER_DEFINE_H

#include "ir/program.h"

/* False where memory is exhausted. */
bool program_define(struct program *out, const struct program *p);

#endif
