/* Updates of one element in one body become one, where the last of them stands. An accumulation under a
 * condition joins the opening of its element as a choice. */
#ifndef GRADC_LOWER_MERGE_H
#define GRADC_LOWER_MERGE_H

#include "lower/tree.h"

bool lower_merge(struct tree *t);

#endif
