/* Arrays of which each iteration of a loop uses its own part become arrays of the loop's body, with one
 * dimension less for each such loop: scalars, where none is left. */
#ifndef GRADC_LOWER_CONTRACT_H
#define GRADC_LOWER_CONTRACT_H

#include "lower/tree.h"

bool lower_contract(struct tree *t);

#endif
