/* Expressions with other indices or other reads in them.
 *
 * Real operations keep the order of their operands, so that what was compared before and after has the same
 * bits; integer expressions are simplified again. */
#ifndef GRADC_LOWER_REWRITE_H
#define GRADC_LOWER_REWRITE_H

#include "lower/tree.h"

struct rewrite {
    struct tree *tree;
    /* What a read becomes whose subscripts have been rewritten; 0: a read of the same array there. */
    node_id (*read)(void *context, node_id read, const node_id *subscripts);
    void *context;
    bool simplifies;       /* real operations too */
    VEC(node_id) of_index; /* by index: what it becomes; 0: it stays */
    VEC(index_id) changed; /* indices that become something else */
    VEC(node_id) image;    /* by node, where stamped */
    VEC(uint32_t) stamp;
    uint32_t now;
    VEC(node_id) stack, operands;
    bool failed;
};

void rewrite_init(struct rewrite *r, struct tree *tree);
void rewrite_release(struct rewrite *r);
/* Forgets what was rewritten, and the indices. */
void rewrite_begin(struct rewrite *r);
/* Forgets what was rewritten: reads may become something else. */
void rewrite_forget(struct rewrite *r);
void rewrite_index(struct rewrite *r, index_id index, node_id becomes);
/* A node that becomes another one, wherever it stands. */
void rewrite_replace(struct rewrite *r, node_id n, node_id becomes);
node_id rewrite_node(struct rewrite *r, node_id n);
/* All expressions of an item, or of it and all items inside. */
void rewrite_item(struct rewrite *r, item_id i);
void rewrite_items(struct rewrite *r, item_id top);
/* All reads in the tree become what `read` says (as in struct rewrite). */
void rewrite_reads(struct tree *t, node_id (*read)(void *context, node_id read, const node_id *subscripts),
                   void *context);

#endif
