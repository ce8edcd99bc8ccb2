/* About how long the text of an expression is, without making it. */
#ifndef GRADC_FORMULA_WEIGHT_H
#define GRADC_FORMULA_WEIGHT_H

#include "ir/node_map.h"
#include "formula/reduction.h"

enum { WEIGHT_MOST = 1 << 28 };

struct weights {
    const struct program *program;
    const struct reductions *reductions;
    const struct index_table *indices;
    array_id first_temporary; /* arrays that get short names: those that are no inputs, from here on */
    struct node_map of_node;  /* the weight */
    VEC(node_id) stack;
};

uint32_t weight_of(struct weights *w, node_id n);
/* A node that has a name of that length. */
bool weight_set(struct weights *w, node_id n, uint32_t weight);
void weights_release(struct weights *w);

#endif
