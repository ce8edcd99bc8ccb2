/* Sums into one array come together: cheap nests that add to it move behind the last one that does, whose
 * loop they may then join (lower/fuse.h). An array that several loops add to is written once so, and need not
 * be cleared. What is added stays the same, since nothing reads the array before. */
#ifndef GRADC_LOWER_DELAY_H
#define GRADC_LOWER_DELAY_H

#include "lower/tree.h"

bool lower_delay(struct tree *t);
/* The array to which a nest of free loops around one update adds, and nothing else; 0: it is no such nest. */
array_id delay_target(const struct tree *t, item_id nest);

#endif
