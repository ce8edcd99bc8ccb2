/* Random files of the kind that lowering is for: arrays of formulas over neighbours, backwards, over
 * triangles, with sums inside and recurrences, of lengths from 0 on. */
#ifndef GRADC_TESTS_STENCILS_H
#define GRADC_TESTS_STENCILS_H

#include <stdint.h>

#include "support/text.h"

void generate_stencils(uint64_t seed, struct text *out);

#endif
