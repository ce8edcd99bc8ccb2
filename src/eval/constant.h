/* Constant expressions: one correctly rounded double for each, so that no later stage has anything left to
 * fold. Constant is what has no leaf but exact numbers, pi and infinity. */
#ifndef GRADC_EVAL_CONSTANT_H
#define GRADC_EVAL_CONSTANT_H

#include "ir/graph.h"

/* The double nearest to a constant node's value (also of an integer node). False where the node is not
 * constant, an integer operation in it fails, or memory is exhausted. A value whose rounding is undecided at
 * 1000 bits is rounded from them; one that only shrinks as the precision grows is 0. */
bool constant_value(const struct graph *g, node_id n, double *value);

/* Whether each node is constant, by node id; free() it. NULL where memory is exhausted. */
bool *constant_nodes(const struct graph *g);

/* The double nearest to a rational. */
double constant_rational(mpq_srcptr value);

#endif
