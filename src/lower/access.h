/* What a part of the tree reads and writes. Inputs are left out: nothing can depend on their order. */
#ifndef GRADC_LOWER_ACCESS_H
#define GRADC_LOWER_ACCESS_H

#include "lower/tree.h"

enum access_kind { ACCESS_READ, ACCESS_SET, ACCESS_ADD, ACCESS_MAX, ACCESS_MIN };

struct access {
    array_id array;
    enum access_kind kind;
    uint32_t subscripts; /* place in the list's own */
    item_id item;
    bool whole;   /* all elements: there are no subscripts */
    bool in_test; /* read by a comparison of real numbers, or by a maximum or minimum */
};

struct access_list {
    VEC(struct access) all;
    VEC(node_id) subscripts;
};

/* Visits every node once between two beginnings. */
struct access_walk {
    const struct tree *tree;
    VEC(uint32_t) stamp; /* by node; the odd ones: also seen within a test */
    uint32_t now;
    VEC(node_id) stack;
    bool compares; /* a comparison of real numbers that are computed there has been seen */
    bool failed;
};

void access_walk_init(struct access_walk *w, const struct tree *t);
void access_walk_release(struct access_walk *w);
void access_begin(struct access_walk *w);
/* Adds the accesses of an item, or of it and all items inside. */
void access_add(struct access_walk *w, struct access_list *list, item_id i);
void access_add_all(struct access_walk *w, struct access_list *list, item_id top);

void access_list_release(struct access_list *list);
static inline const node_id *access_subscripts(const struct access_list *list, const struct access *a) {
    return list->subscripts.at + a->subscripts;
}
/* Whether the order of two accesses of one element matters. */
bool access_kinds_clash(enum access_kind a, enum access_kind b);

#endif
