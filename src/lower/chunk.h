/* Long loops that can be shared by threads are cut into chunks of iterations.
 *
 *     loop i in a..b: s += e(i)     becomes     loop c in 0..C-1 apart:
 *                                                 clear t = 0
 *                                                 loop i in a + c*S..min(a + c*S + S - 1, b): t += e(i)
 *                                                 part[c] = t
 *                                               loop c in 0..C-1 up: s += part[c]
 *
 * C depends on the sizes alone, so the order of each sum is the same whoever runs the chunks. What is set, or
 * added to an element that no other iteration touches, stays as it is. */
#ifndef GRADC_LOWER_CHUNK_H
#define GRADC_LOWER_CHUNK_H

#include "eval/binding.h"

/* Input: a program whose sums may be formed in any order, and the inputs of its runs, by whose sizes it is
 * decided which loops are worth it. Output: a program with the same results but for rounding, over the same
 * arrays and further ones; it holds for other inputs too. `changed`: whether a loop was cut; there is no
 * output if not. `chunks`: 0, or how many there shall be of every loop that can be cut, for tests. False
 * where memory is exhausted. */
bool lower_chunk(struct program *out, const struct program *p, const struct binding *inputs, unsigned chunks,
                 bool *changed);

#endif
