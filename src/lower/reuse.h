/* Functions that a loop forms again are stored by the one before.
 *
 *     loop c: s += exp(a[c] - m)          becomes     loop c: kept[c] = exp(a[c] - m)
 *     loop c: g[c] += exp(a[c] - m)/s                         s += exp(a[c] - m)
 *                                                     loop c: g[c] += kept[c]/s
 *
 * where both stand in the body of one loop, run over the same range, and cannot be one loop, for the second
 * needs what the first one sums up. What is formed in one branch only is stored with the branch, and read
 * where the same condition holds. Only what is made of arrays that live in the body is stored: then memory at
 * most doubles. */
#ifndef GRADC_LOWER_REUSE_H
#define GRADC_LOWER_REUSE_H

#include "lower/tree.h"

bool lower_reuse(struct tree *t);

#endif
