/* A program as a tree of steps, in which bodies can be taken apart and put together.
 *
 * Items are the steps of the program (without ENDs), linked to their neighbours and to the body they stand
 * in; item ROOT holds the outermost ones. Arrays and loop indices stand in `p`, whose own list of steps is
 * empty.
 *
 * Clears are taken apart too. An array that is cleared where its body begins has a `neutral` value, and no
 * CLEAR in the tree. An update that `opens` sets its element to the neutral value before it accumulates; such
 * updates are added for all elements (lower/open.h), and merged with those that accumulate. Where in the end
 * every update of an array opens, all of them are sets, and nothing is cleared; else the array is cleared as
 * it was. Either way tree_write gives a program with the discipline of ir/program.h at any time. */
#ifndef GRADC_LOWER_TREE_H
#define GRADC_LOWER_TREE_H

#include "ir/program.h"

typedef uint32_t item_id; /* 0: none */
enum { ROOT = 1 };

struct item {
    struct step step; /* `subscripts` is a place in the tree's own list */
    item_id parent, first, last, next, previous;
    bool opens;
    bool is_member; /* a WHEN made by fusion: runs where the index of the loop around is in lower..upper */
};

struct tree {
    struct program p;
    struct graph *graph;
    VEC(struct item) items; /* [0] unused */
    VEC(node_id) subscripts;
    VEC(node_id) neutral; /* by array: what it is cleared to; 0: it is not */
    VEC(item_id) to_fuse; /* bodies in which loops are to be fused */
    VEC(item_id) to_peel; /* loops that hold members */
    bool failed;
};

/* False where memory is exhausted. */
bool tree_read(struct tree *t, const struct program *p);
bool tree_write(struct tree *t, struct program *out);
void tree_release(struct tree *t);

static inline struct item *tree_item(const struct tree *t, item_id i) {
    return &t->items.at[i];
}
static inline struct step *tree_step(const struct tree *t, item_id i) {
    return &t->items.at[i].step;
}
/* Moved by anything that adds subscripts. */
static inline node_id *tree_subscripts(const struct tree *t, item_id i) {
    return t->subscripts.at + t->items.at[i].step.subscripts;
}
static inline bool tree_is_loop(const struct tree *t, item_id i) {
    return t->items.at[i].step.kind == STEP_LOOP;
}

/* The item after i in program order within the tree under `top`, children before neighbours; 0: none. */
item_id tree_next(const struct tree *t, item_id i, item_id top);
/* The same without the items inside i. */
item_id tree_after(const struct tree *t, item_id i, item_id top);
/* The innermost loop around i, or ROOT. */
item_id tree_loop_around(const struct tree *t, item_id i);

/* A new item with no place yet. */
item_id tree_new(struct tree *t, struct step step);
item_id tree_new_update(struct tree *t, array_id array, const node_id *subscripts, enum update_op op,
                        node_id value, struct span span);
/* A free loop by 1 over an index of its own. */
item_id tree_new_loop(struct tree *t, const char *name, node_id lower, node_id upper, struct span span);
void tree_append(struct tree *t, item_id parent, item_id i);
void tree_insert_before(struct tree *t, item_id place, item_id i);
void tree_insert_after(struct tree *t, item_id place, item_id i);
void tree_unlink(struct tree *t, item_id i);
/* The items inside of i take its place. */
void tree_dissolve(struct tree *t, item_id i);
/* Conditions inside of i that are constants go: what never runs, or the condition around what always does. */
void tree_take_decided(struct tree *t, item_id i);
/* Moves all items inside of `from` to the end of `to`. */
void tree_move_children(struct tree *t, item_id from, item_id to);

/* The dimension of an array over the iterations of a loop upwards, which may have none. */
struct dimension tree_range(struct tree *t, node_id lower, node_id upper);
array_id tree_array(struct tree *t, struct array array, node_id neutral);
/* Whether an update only sets its element to the neutral value. */
bool tree_is_pure_opening(const struct tree *t, item_id i);

#endif
