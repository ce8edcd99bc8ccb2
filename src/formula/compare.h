/* How a comparison of whole numbers is written: an index on the left where there is one, `k < n` rather than
 * `k + 1 <= n`. */
#ifndef GRADC_FORMULA_COMPARE_H
#define GRADC_FORMULA_COMPARE_H

#include "ir/program.h"

struct comparison {
    node_id left;
    const char *sign; /* " < " */
    node_id right;
};

/* Of `0 <= d`, `d == 0` or `d != 0` (OP_ILE, OP_IEQ, OP_INE). Indices from `first_element` on are those of
 * elements, the others those of loops. */
struct comparison compare_whole(struct graph *g, enum op op, node_id d, index_id first_element);

#endif
