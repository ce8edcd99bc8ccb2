/* A sum that tells whether arrays are finite, formed where their elements are set: it is finite only if all
 * of them are, and is not finite without need hardly ever. Another pass over a long array would read it once
 * more.
 *
 * Input: a lowered program. Output: the program with a further output, a number. */
#ifndef GRADC_LOWER_CHECKSUM_H
#define GRADC_LOWER_CHECKSUM_H

#include "ir/program.h"

/* *sum becomes the array of the sum over all elements of `count` arrays; 0 where they are not set but formed
 * by additions, and the program stays as it is. False where memory is exhausted. */
bool program_add_checksum(struct program *out, const struct program *p, const array_id *arrays, size_t count,
                          array_id *sum);

#endif
