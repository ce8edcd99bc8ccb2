#include "lower/dependence.h"

#include "lower/affine.h"

void body_scope_init(struct body_scope *s, struct tree *t) {
    *s = (struct body_scope){.tree = t};
}

void body_scope_release(struct body_scope *s) {
    VEC_FREE(&s->outer);
}

void body_scope_enter(struct body_scope *s, item_id body) {
    struct tree *t = s->tree;
    s->now++;
    while (s->outer.count < t->p.indices.count && VEC_PUSH(&s->outer, 0)) continue;
    if (s->outer.failed) {
        t->failed = true;
        return;
    }
    for (item_id i = body; i != ROOT; i = tree_item(t, i)->parent)
        if (tree_is_loop(t, i)) s->outer.at[tree_step(t, i)->index] = s->now;
}

bool body_scope_is_inner(const struct body_scope *s, index_id index) {
    return index >= s->outer.count || s->outer.at[index] != s->now;
}

static bool is_inner(const void *context, index_id index) {
    return body_scope_is_inner(context, index);
}

static uint32_t common_rank(const struct body_scope *s, const struct access *x, const struct access *y) {
    return x->whole || y->whole ? 0 : s->tree->p.arrays.at[x->array].rank;
}

bool may_meet(const struct body_scope *s, const struct access_list *xs, const struct access *x,
              const struct access_list *ys, const struct access *y) {
    struct graph *g = s->tree->graph;
    uint32_t rank = common_rank(s, x, y);
    for (uint32_t k = 0; k < rank; k++) {
        node_id i = access_subscripts(xs, x)[k], j = access_subscripts(ys, y)[k];
        int64_t difference;
        if (affine_difference(g, i, j, &difference) && difference != 0 && !affine_holds(g, i, is_inner, s) &&
            !affine_holds(g, j, is_inner, s))
            return false;
    }
    return true;
}

bool meet_in_iteration(const struct body_scope *s, const struct two_loops *loops,
                       const struct access_list *xs, const struct access *x, const struct access_list *ys,
                       const struct access *y) {
    struct graph *g = s->tree->graph;
    uint32_t rank = common_rank(s, x, y);
    for (uint32_t k = 0; k < rank; k++) {
        int64_t c, d;
        node_id p, q;
        if (!affine_in(g, access_subscripts(xs, x)[k], loops->x, &c, &p) || c == 0) continue;
        if (!affine_in(g, access_subscripts(ys, y)[k], loops->y, &d, &q) || d != c || p != q) continue;
        if (!affine_holds(g, p, is_inner, s)) return true;
    }
    return false;
}
