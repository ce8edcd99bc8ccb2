/* Rewriting of expressions from their operands up, without recursion. */
#ifndef GRADC_IR_REWRITE_H
#define GRADC_IR_REWRITE_H

#include "ir/node_map.h"
#include "ir/program.h"

/* What has been rewritten stays known until the rewriting is released. */
struct rewriting {
    struct program *p;
    /* The image of a node, given those of its operands; `same`: they are the operands themselves. */
    node_id (*image)(struct rewriting *w, node_id n, const node_id *operands, bool same);
    void *context;
    struct node_map images;
    VEC(node_id) stack, operands;
};

/* The image of a node that stays what it is, on the images of its operands: values keep their bits. */
node_id rewrite_same(struct rewriting *w, node_id n, const node_id *operands, bool same);
/* Root 0 stays 0. */
node_id rewrite(struct rewriting *w, node_id root);
void rewriting_release(struct rewriting *w);

/* The node with indices replaced (replacement by index_id, 0: none); 0 stays 0. */
node_id replace_indices(struct program *p, node_id root, const node_id *replacements, size_t count);
/* The root with one node replaced. */
node_id exchange_node(struct program *p, node_id root, node_id node, node_id replacement);
/* Whether an index occurs in a node. */
bool uses_index(const struct graph *g, node_id root, index_id index);
/* Whether elements of arrays are read in a node: they may exist only under conditions. */
bool reads_elements(const struct graph *g, node_id root);

#endif
