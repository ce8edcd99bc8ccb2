/* Lowering: from a derived program, in which each step stands alone, to one that a careful engineer would
 * write.
 *
 * Input: a program that passes program_verify. Output: a program with the same results but for rounding (sums
 * are formed in other orders), over the same arrays and further ones: loops over the same range are fused,
 * scatters are gathers, sums that fill an array set it, and what lives within one iteration is local to it.
 * It holds for all values of params and all lengths of tables; its size does not depend on them. A program
 * without loops stays as it is. */
#ifndef GRADC_LOWER_LOWER_H
#define GRADC_LOWER_LOWER_H

#include "ir/program.h"

/* Whether there is something to lower: a loop, and none that ends early. */
bool lower_applies(const struct program *p);
/* False where memory is exhausted. */
bool lower_program(struct program *out, const struct program *p);
/* The same, with the bits of the program: dear values are computed once, all else is done in its order. */
bool lower_exactly(struct program *out, const struct program *p);
/* The same for a compiler of C, which has no lanes: the ends of short recurrences stand apart, and where
 * `fuse` is set, loops over one range become one. */
bool lower_exactly_for_c(struct program *out, const struct program *p, bool fuse);

/* The first so many passes, for tests; each leaves a program that passes program_verify. */
unsigned lower_pass_count(void);
const char *lower_pass_name(unsigned pass);
bool lower_program_until(struct program *out, const struct program *p, unsigned passes);

#endif
