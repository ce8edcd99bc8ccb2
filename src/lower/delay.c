#include "lower/delay.h"

enum { MOST_NODES = 96 /* of a value that is looked at */ };

/* The last nests of the body at hand, by array. */
struct last {
    item_id body, nest, moved; /* moved: the last one that stands behind it by now */
};

struct delayer {
    struct tree *t;
    VEC(struct last) lasts;
};

static item_id update_of(const struct tree *t, item_id nest) {
    item_id i = nest;
    for (; tree_is_loop(t, i); i = tree_item(t, i)->first) {
        if (tree_step(t, i)->order != ORDER_FREE || !tree_item(t, i)->first) return 0;
        if (tree_item(t, i)->first != tree_item(t, i)->last) return 0;
    }
    return i != nest && tree_step(t, i)->kind == STEP_UPDATE ? i : 0;
}

array_id delay_target(const struct tree *t, item_id nest) {
    item_id update = update_of(t, nest);
    if (!update || tree_item(t, update)->opens || tree_step(t, update)->op != UPDATE_ADD) return 0;
    array_id a = tree_step(t, update)->array;
    return t->p.arrays.at[a].rank > 0 ? a : 0;
}

/* Dear values stay where they are shared. */
static bool is_cheap(const struct tree *t, item_id nest) {
    const struct graph *g = t->graph;
    node_id stack[MOST_NODES];
    size_t count = 1, visits = 0;
    stack[0] = tree_step(t, update_of(t, nest))->value;
    while (count > 0) {
        node_id n = stack[--count];
        if (node_op(g, n) == OP_DIV || op_is_dear(node_op(g, n))) return false;
        if (++visits > MOST_NODES || count + node_count(g, n) > MOST_NODES) return false;
        for (uint32_t k = 0; k < node_count(g, n); k++) stack[count++] = node_operand(g, n, k);
    }
    return true;
}

static struct last *last_of(struct delayer *d, array_id a) {
    while (d->lasts.count <= a && VEC_PUSH(&d->lasts, (struct last){0})) continue;
    if (d->lasts.failed) d->t->failed = true;
    return d->t->failed ? NULL : &d->lasts.at[a];
}

static void delay_in(struct delayer *d, item_id body) {
    struct tree *t = d->t;
    for (item_id i = tree_item(t, body)->first; i; i = tree_item(t, i)->next) {
        array_id a = tree_is_loop(t, i) ? delay_target(t, i) : 0;
        struct last *last = a ? last_of(d, a) : NULL;
        if (last) *last = (struct last){body, i, i};
    }
    for (item_id i = tree_item(t, body)->first, next; i && !t->failed; i = next) {
        next = tree_item(t, i)->next;
        array_id a = tree_is_loop(t, i) ? delay_target(t, i) : 0;
        struct last *last = a ? last_of(d, a) : NULL;
        if (!last || last->body != body) continue;
        if (last->nest == i) {
            last->body = 0; /* what follows has been moved */
            continue;
        }
        if (!is_cheap(t, i)) continue;
        tree_unlink(t, i);
        tree_insert_after(t, last->moved, i);
        last->moved = i;
    }
}

bool lower_delay(struct tree *t) {
    struct delayer d = {.t = t};
    delay_in(&d, ROOT);
    for (item_id i = tree_next(t, ROOT, ROOT); i && !t->failed; i = tree_next(t, i, ROOT))
        if (tree_item(t, i)->first) delay_in(&d, i);
    VEC_FREE(&d.lasts);
    return !t->failed;
}
