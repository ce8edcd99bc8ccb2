/* Sums are formed in a scalar of the body that opens them, and stored once: where an element is opened in a
 * body and accumulated in loops or conditions inside of it. Done for an array only where that leaves no
 * update that does not open. */
#ifndef GRADC_LOWER_SETTLE_H
#define GRADC_LOWER_SETTLE_H

#include "lower/tree.h"

bool lower_settle(struct tree *t);

#endif
