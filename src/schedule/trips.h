/* How often a loop runs, as far as that can be told before it does. */
#ifndef GRADC_SCHEDULE_TRIPS_H
#define GRADC_SCHEDULE_TRIPS_H

#include "eval/binding.h"
#include "schedule/code.h"

enum { TRIPS_LARGE = 64 /* loops of so many iterations are no longer short */ };

/* The value of a whole number that is given to the program, or one of its sign nearer to 0 where it is large:
 * what is decided by it holds for all large ones. False where it is not known. */
bool trips_input(const struct program *p, const struct binding *inputs, array_id a, int64_t *value);
/* How much greater register b is than a, where both differ by a constant. */
bool trips_distance(const struct code *code, code_register a, code_register b, int64_t *distance);
/* At most how many iterations a loop with a constant step has; INT64_MAX: that is not known. With a binding,
 * whole numbers that are given to the program count as known. */
int64_t trips_at_most(const struct code *code, uint32_t loop, const struct binding *inputs);

#endif
