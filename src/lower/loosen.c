#include "lower/loosen.h"

#include "ir/build.h"
#include "lower/dependence.h"

enum { MOST_ACCESSES = 1024 };

struct loosener {
    struct tree *t;
    struct access_walk walk;
    struct access_list list;
    struct body_scope scope;
    VEC(uint32_t) head, chain; /* accesses by array: the last, and the one before each, both plus 1 */
};

/* The accesses of the loop's body, without those of arrays that live inside. */
static void collect(struct loosener *l, item_id loop) {
    size_t kept = 0;
    l->list.all.count = l->list.subscripts.count = 0;
    for (item_id i = tree_next(l->t, loop, loop); i; i = tree_next(l->t, i, loop)) {
        access_begin(&l->walk);
        access_add(&l->walk, &l->list, i);
        if (l->list.all.count > MOST_ACCESSES) return;
    }
    for (size_t k = 0; k < l->list.all.count; k++) {
        index_id owner = l->t->p.arrays.at[l->list.all.at[k].array].owner;
        if (!owner || !body_scope_is_inner(&l->scope, owner)) l->list.all.at[kept++] = l->list.all.at[k];
    }
    l->list.all.count = kept;
}

/* Whether access k clashes across iterations with one of the same array up to it, itself included. */
static bool carries(const struct loosener *l, const struct two_loops *loops, size_t k) {
    const struct access *x = &l->list.all.at[k];
    for (uint32_t at = (uint32_t)k + 1; at; at = l->chain.at[at - 1]) {
        const struct access *y = &l->list.all.at[at - 1];
        if (access_kinds_clash(x->kind, y->kind) && may_meet(&l->scope, &l->list, x, &l->list, y) &&
            !meet_in_iteration(&l->scope, loops, &l->list, x, &l->list, y))
            return true;
    }
    return false;
}

static bool needs_order(struct loosener *l, item_id loop) {
    index_id index = tree_step(l->t, loop)->index;
    struct two_loops loops = {index, index};
    bool needed = l->list.all.count > MOST_ACCESSES;
    l->chain.count = 0;
    while (l->head.count < l->t->p.arrays.count && VEC_PUSH(&l->head, 0)) continue;
    for (size_t k = 0; k < l->list.all.count && !needed; k++) {
        array_id a = l->list.all.at[k].array;
        if (l->head.failed || !VEC_PUSH(&l->chain, l->head.at[a])) {
            l->t->failed = true;
            return true;
        }
        l->head.at[a] = (uint32_t)k + 1;
        needed = carries(l, &loops, k);
    }
    for (size_t k = 0; k < l->chain.count; k++) l->head.at[l->list.all.at[k].array] = 0;
    return needed;
}

/* A free loop by -1 runs by 1. */
static void turn(struct tree *t, item_id loop) {
    struct step *s = tree_step(t, loop);
    node_id first = s->lower;
    if (s->order != ORDER_FREE || !node_is_int(t->graph, s->by, -1)) return;
    s->lower = s->upper;
    s->upper = first;
    s->by = mk_int(t->graph, 1);
}

bool lower_loosen(struct tree *t) {
    struct loosener l = {.t = t};
    access_walk_init(&l.walk, t);
    body_scope_init(&l.scope, t);
    for (item_id i = ROOT; i && !t->failed; i = tree_next(t, i, ROOT)) {
        if (tree_is_loop(t, i)) turn(t, i);
        if (!tree_is_loop(t, i) || tree_step(t, i)->order == ORDER_FREE) continue;
        body_scope_enter(&l.scope, tree_item(t, i)->parent);
        collect(&l, i);
        if (needs_order(&l, i)) continue;
        tree_step(t, i)->order = ORDER_FREE;
        turn(t, i);
    }
    t->failed |= l.walk.failed;
    access_walk_release(&l.walk);
    access_list_release(&l.list);
    body_scope_release(&l.scope);
    VEC_FREE(&l.head);
    VEC_FREE(&l.chain);
    return !t->failed;
}
