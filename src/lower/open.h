/* Clears become updates of elements.
 *
 * An array that is cleared where the body that it lives in begins gets a loop nest that sets each of its
 * elements to the neutral value, before the first step that touches it (see struct tree). Fusion puts such an
 * opening next to the first accumulation, and the two merge. It is made only where that may come about: where
 * each update's outermost loops run over the array's own subscripts, in their order. Elements may be records
 * of a few numbers, whose places all updates give as constants: the loops run over the records then. */
#ifndef GRADC_LOWER_OPEN_H
#define GRADC_LOWER_OPEN_H

#include "lower/tree.h"

bool lower_open(struct tree *t);

#endif
