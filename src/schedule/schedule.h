/* Scheduling: every expression of a program gets its place.
 *
 * Input: a program without composite functions (see ir/expand.h). Output: code (schedule/code.h) with the
 * same effects in the same order. A value is computed once in each body where it is needed: outside of loops
 * it does not depend on, inside a branch where only that branch uses it. What may be out of range (elements,
 * integer quotients) is computed only where the program would, or behind a check of its own. */
#ifndef GRADC_SCHEDULE_SCHEDULE_H
#define GRADC_SCHEDULE_SCHEDULE_H

#include "schedule/code.h"
#include "support/diag.h"

/* False, with an error "too-large", where memory is exhausted. New integer nodes go into the program's graph.
 * The program outlives the code. */
bool schedule_program(struct code *code, const struct program *p, struct diag_list *diags);

#endif
