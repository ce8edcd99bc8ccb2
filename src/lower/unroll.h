/* Free loops inside of others that are known to run a few times are written out, and local arrays of which
 * then each access names one element become scalars. */
#ifndef GRADC_LOWER_UNROLL_H
#define GRADC_LOWER_UNROLL_H

#include "lower/tree.h"

bool lower_unroll(struct tree *t);

#endif
