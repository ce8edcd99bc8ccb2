/* Arrays that are cheap to compute and read beside their own index are computed where they are read: a
 * neighbour's value in memory keeps the loops that set it and that read it apart.
 *
 * Such an array has one update, in free loops over exactly its subscripts, whose value has few operations and
 * no dear ones; a sum of one term over all elements of the array is a definition, too. What is compared
 * stays. Runs after lower_gather, when loops run over what they set. */
#ifndef GRADC_LOWER_INLINE_H
#define GRADC_LOWER_INLINE_H

#include "lower/tree.h"

bool lower_inline(struct tree *t);

#endif
