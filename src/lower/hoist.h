/* Dear values move out of loops they do not depend on, also where they depend on loops inside: they are then
 * computed for all iterations of those, into an array, before the outermost loop that they do not need. What
 * is left for the scheduler depends on none of the loops inside. */
#ifndef GRADC_LOWER_HOIST_H
#define GRADC_LOWER_HOIST_H

#include "lower/tree.h"

bool lower_hoist(struct tree *t);

#endif
