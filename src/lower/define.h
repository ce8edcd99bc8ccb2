/* Sums of one term are no sums. Where an array is cleared and has each of its elements added to once, those
 * updates set the elements, and nothing is cleared: the only update of a loop nest over all of it, or one of
 * the last element and one of a loop over those before it, or the other way round, as the adjoints of
 * recurrences have them. Loops may run in any order; nests that have none are left to lower_open, which knows
 * more. */
#ifndef GRADC_LOWER_DEFINE_H
#define GRADC_LOWER_DEFINE_H

#include "ir/program.h"

/* False where memory is exhausted. */
bool program_define(struct program *out, const struct program *p);

#endif
