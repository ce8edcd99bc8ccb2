/* Dear values that steps of one body share are stored where these steps will part: where their targets are at
 * different distances from the loop's index, as in g[i] += e(i)*a; g[i + 1] += e(i)*b, gathering would
 * compute them once for each distance. They get an array over all loops around, which must be free and not
 * depend on each other. Steps that stay together need none. */
#ifndef GRADC_LOWER_KEEP_H
#define GRADC_LOWER_KEEP_H

#include "lower/tree.h"

bool lower_keep(struct tree *t);

#endif
