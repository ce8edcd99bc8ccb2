#include "lower/gather.h"

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/rewrite.h"

struct gatherer {
    struct tree *t;
    struct rewrite rewrite;
    item_id top; /* the outermost loop of the nest */
};

static bool is_in_nest(const void *context, index_id index) {
    const struct gatherer *ga = context;
    for (item_id i = ga->top; i; i = tree_item(ga->t, i)->first)
        if (tree_is_loop(ga->t, i) && tree_step(ga->t, i)->index == index) return true;
    return false;
}

/* The update at the end of a chain of loops and conditions; 0: there are others. */
static item_id only_update(const struct tree *t, item_id i) {
    for (; i && tree_item(t, i)->first == tree_item(t, i)->last; i = tree_item(t, i)->first)
        if (tree_step(t, i)->kind == STEP_UPDATE) return i;
    return 0;
}

/* i becomes coefficient*(i - rest). */
static void substitute(struct gatherer *ga, item_id loop, int64_t coefficient, node_id rest) {
    struct tree *t = ga->t;
    struct graph *g = t->graph;
    struct step *s = tree_step(t, loop);
    node_id index = mk_index(g, s->index), lower = s->lower, upper = s->upper;
    rewrite_begin(&ga->rewrite);
    rewrite_index(&ga->rewrite, s->index, mk_imul(g, mk_int(g, coefficient), mk_isub(g, index, rest)));
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop)) rewrite_item(&ga->rewrite, i);
    s->lower = coefficient > 0 ? mk_iadd(g, lower, rest) : mk_isub(g, rest, upper);
    s->upper = coefficient > 0 ? mk_iadd(g, upper, rest) : mk_isub(g, rest, lower);
}

static void gather_loop(struct gatherer *ga, item_id loop, item_id update) {
    struct tree *t = ga->t;
    const struct step *s = tree_step(t, loop);
    uint32_t rank = t->p.arrays.at[tree_step(t, update)->array].rank;
    if (s->order != ORDER_FREE || !node_is_int(t->graph, s->by, 1)) return;
    for (uint32_t k = 0; k < rank; k++) {
        int64_t coefficient;
        node_id rest;
        if (!affine_in(t->graph, tree_subscripts(t, update)[k], s->index, &coefficient, &rest)) continue;
        if ((coefficient != 1 && coefficient != -1) || affine_holds(t->graph, rest, is_in_nest, ga)) continue;
        if (coefficient != 1 || !node_is_int(t->graph, rest, 0)) substitute(ga, loop, coefficient, rest);
        return;
    }
}

bool lower_gather(struct tree *t) {
    struct gatherer ga = {.t = t};
    rewrite_init(&ga.rewrite, t);
    for (item_id i = tree_next(t, ROOT, ROOT), next; i && !t->failed; i = next) {
        item_id update = tree_is_loop(t, i) ? only_update(t, i) : 0;
        ga.top = i;
        for (item_id k = i; update && k != update; k = tree_item(t, k)->first)
            if (tree_is_loop(t, k)) gather_loop(&ga, k, update);
        next = update ? tree_after(t, i, ROOT) : tree_next(t, i, ROOT);
    }
    t->failed |= ga.rewrite.failed;
    rewrite_release(&ga.rewrite);
    return !t->failed;
}
