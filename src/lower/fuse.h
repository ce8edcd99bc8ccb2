/* Neighbouring loops become one.
 *
 * In each body a free loop joins the first earlier one, among those not far back, that runs over the same
 * indices and that it depends on at most within an iteration: for every pair of accesses whose order matters
 * there is a subscript in which both have the loop's index alike, and nothing from loops inside. What stands
 * between the two is not in the way where it can change places with the earlier loop.
 *
 * Loops by 1 whose ranges differ by small constants join too. The loop then runs over the hull, each of its
 * members under a condition, and is peeled (lower/peel.h): the interior has no conditions. */
#ifndef GRADC_LOWER_FUSE_H
#define GRADC_LOWER_FUSE_H

#include "lower/tree.h"

bool lower_fuse(struct tree *t);
/* The same for loops over one range, where no element gets its parts in another order. */
bool lower_fuse_exactly(struct tree *t);

#endif
