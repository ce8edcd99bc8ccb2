/* Free loops fall apart: one loop for each step of the body, but for those that share an array which lives in
 * it. Legal because no iteration of a free loop reads what another one sets. */
#ifndef GRADC_LOWER_DISTRIBUTE_H
#define GRADC_LOWER_DISTRIBUTE_H

#include "lower/tree.h"

bool lower_distribute(struct tree *t);

#endif
