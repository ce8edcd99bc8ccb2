/* Every loop gets an index of its own, and arrays of its own for those that live in its body. Differentiation
 * writes loops that share them; with one loop to an index, an index says which loop is meant. */
#ifndef GRADC_LOWER_SEPARATE_H
#define GRADC_LOWER_SEPARATE_H

#include "lower/rewrite.h"

struct separation {
    struct tree *tree;
    struct rewrite rewrite;
    VEC(array_id) copy; /* by array; 0: none is made */
    VEC(array_id) copied;
    VEC(index_id) becomes; /* by index; 0: it stays */
    VEC(index_id) renamed;
};

void separation_init(struct separation *s, struct tree *t);
void separation_release(struct separation *s);

/* Gives a loop, and all loops inside, fresh indices and arrays. */
void separate_loop(struct separation *s, item_id loop);
/* The same, but the loop itself gets the index `to`; what lives in its body will live in that loop's. */
void separate_move(struct separation *s, item_id loop, index_id to);
/* A loop that is run once: its index becomes a value, and what lives in its body will live in that of the
 * loop over `owner`. Loops inside get fresh indices and arrays. */
void separate_once(struct separation *s, item_id loop, node_id value, index_id owner);
/* A copy of a loop, not linked, with indices and arrays of its own. */
item_id separate_copy(struct separation *s, item_id loop);
/* All loops of the tree whose index is used before. */
bool lower_separate(struct tree *t);

#endif
