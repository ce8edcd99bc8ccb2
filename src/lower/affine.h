/* Questions asked of subscripts and bounds: which loop indices they hold, and how they depend on one. */
#ifndef GRADC_LOWER_AFFINE_H
#define GRADC_LOWER_AFFINE_H

#include "ir/program.h"

/* Whether an index for which `is_one` holds may occur in n. Long expressions count as if it did. */
bool affine_holds(const struct graph *g, node_id n, bool (*is_one)(const void *context, index_id index),
                  const void *context);
bool affine_holds_index(const struct graph *g, node_id n, index_id index);
/* Whether n is coefficient*index + rest, the rest free of the index. The coefficient may be 0. */
bool affine_in(struct graph *g, node_id n, index_id index, int64_t *coefficient, node_id *rest);
/* Whether a - b is a constant. */
bool affine_difference(struct graph *g, node_id a, node_id b, int64_t *difference);

#endif
