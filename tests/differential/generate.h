/* Random expression files: nested sums and other reductions with filters and steps, lets, recurrences,
 * conditions on indices and on values, every function of the table of operations over its sample range. The
 * same seed gives the same text. */
#ifndef GRADC_TESTS_GENERATE_H
#define GRADC_TESTS_GENERATE_H

#include <stdint.h>

#include "support/text.h"

/* A small generator of random numbers (splitmix64), whose state is the seed. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned limit);
/* Uniform in low..high. */
double random_between(uint64_t *state, double low, double high);

/* Appends a file; the starts of its unknowns are random too. */
void generate_program(uint64_t seed, struct text *out);
/* The same file with outputs behind it: an array and a number. */
void generate_program_with_outputs(uint64_t seed, struct text *out);

#endif
