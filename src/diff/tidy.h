/* Small clean-ups of a program that leave its values alone: a scalar that is cleared to 0 and then added to
 * once, outside every loop and condition of its body, is set instead. */
#ifndef GRADC_DIFF_TIDY_H
#define GRADC_DIFF_TIDY_H

#include "ir/program.h"

/* False where memory is exhausted. */
bool program_tidy(struct program *out, const struct program *p);

#endif
