/* Scatter becomes gather: in a nest of free loops around one update, a subscript v + c or c - v, where c does
 * not depend on the nest, becomes the loop's index itself. What was `for i in a..b: g[i - 1] += e(i)` is
 * `for i in a-1..b-1: g[i] += e(i + 1)`. */
#ifndef GRADC_LOWER_GATHER_H
#define GRADC_LOWER_GATHER_H

#include "lower/tree.h"

bool lower_gather(struct tree *t);

#endif
