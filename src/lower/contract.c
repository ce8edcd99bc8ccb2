#include "lower/contract.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/affine.h"
#include "lower/rewrite.h"

/* How an array is used. */
struct usage {
    item_id common;   /* the innermost body around all accesses; 0: there are none */
    node_id *same;    /* by dimension: the subscript of all accesses; 0: they differ */
    array_id becomes; /* 0: it stays */
    uint64_t dropped; /* bit k: dimension k goes away */
};

enum { MOST_DIMENSIONS = 64 };

struct contraction {
    struct tree *t;
    struct access_walk walk;
    struct access_list list;
    struct usage *usages; /* by array */
    size_t array_count;
    VEC(item_id) chain; /* loops around an array's accesses, innermost first */
};

static bool may_contract(const struct tree *t, array_id a) {
    const struct array *array = &t->p.arrays.at[a];
    return array->rank > 0 && array->rank < MOST_DIMENSIONS && !role_is_input(array->role) &&
           !role_is_output(array->role);
}

static unsigned depth_of(const struct tree *t, item_id i) {
    unsigned depth = 0;
    for (; i != ROOT; i = tree_item(t, i)->parent) depth++;
    return depth;
}

static item_id common_body(const struct tree *t, item_id a, item_id b) {
    unsigned m = depth_of(t, a), n = depth_of(t, b);
    for (; m > n; m--) a = tree_item(t, a)->parent;
    for (; n > m; n--) b = tree_item(t, b)->parent;
    while (a != b) a = tree_item(t, a)->parent, b = tree_item(t, b)->parent;
    return a;
}

static void note(struct contraction *c, const struct access *a, item_id body) {
    struct usage *u = &c->usages[a->array];
    if (!may_contract(c->t, a->array)) return;
    uint32_t rank = c->t->p.arrays.at[a->array].rank;
    const node_id *subscripts = access_subscripts(&c->list, a);
    bool is_first = !u->common;
    if (is_first) {
        u->same = ARENA_ARRAY(c->t->p.arena, node_id, rank);
        if (!u->same) {
            c->t->failed = true;
            return;
        }
    }
    u->common = is_first ? body : common_body(c->t, u->common, body);
    for (uint32_t k = 0; k < rank; k++) {
        node_id subscript = a->whole ? 0 : subscripts[k];
        if (is_first)
            u->same[k] = subscript;
        else if (u->same[k] != subscript)
            u->same[k] = 0;
    }
}

/* The accesses that stand in a body, without those in bodies inside. */
static void note_body(struct contraction *c, item_id body) {
    struct tree *t = c->t;
    c->list.all.count = c->list.subscripts.count = 0;
    access_begin(&c->walk);
    for (item_id i = tree_item(t, body)->first; i; i = tree_item(t, i)->next)
        access_add(&c->walk, &c->list, i);
    for (size_t k = 0; k < c->list.all.count && !t->failed; k++) note(c, &c->list.all.at[k], body);
}

/* The dimension by which iterations of chain loop `at` use different elements; rank: none. */
static uint32_t dimension_of(struct contraction *c, const struct usage *u, uint32_t rank, size_t at) {
    struct tree *t = c->t;
    for (uint32_t k = 0; k < rank; k++) {
        int64_t coefficient;
        node_id rest;
        if (!u->same[k] || u->dropped >> k & 1) continue;
        index_id index = tree_step(t, c->chain.at[at])->index;
        if (!affine_in(t->graph, u->same[k], index, &coefficient, &rest) || coefficient == 0) continue;
        bool clean = true;
        for (size_t inner = 0; clean && inner < at; inner++)
            clean = !affine_holds_index(t->graph, rest, tree_step(t, c->chain.at[inner])->index);
        if (clean) return k;
    }
    return rank;
}

static void make_array(struct contraction *c, array_id a, item_id loop) {
    struct tree *t = c->t;
    struct usage *u = &c->usages[a];
    struct array array = t->p.arrays.at[a];
    struct dimension *dims = ARENA_ARRAY(t->p.arena, struct dimension, array.rank);
    if (!dims) {
        t->failed = true;
        return;
    }
    uint32_t rank = 0;
    for (uint32_t k = 0; k < array.rank; k++)
        if (!(u->dropped >> k & 1)) dims[rank++] = array.dims[k];
    array.dims = dims;
    array.rank = rank;
    array.owner = tree_step(t, loop)->index;
    u->becomes = tree_array(t, array, t->neutral.at[a]);
    t->neutral.at[a] = 0;
}

static void choose(struct contraction *c, array_id a) {
    struct tree *t = c->t;
    struct usage *u = &c->usages[a];
    index_id owner = t->p.arrays.at[a].owner;
    uint32_t rank = t->p.arrays.at[a].rank;
    item_id home = 0;
    c->chain.count = 0;
    for (item_id i = u->common; i != ROOT; i = tree_item(t, i)->parent) {
        if (!tree_is_loop(t, i)) continue;
        if (tree_step(t, i)->index == owner) break;
        if (!VEC_PUSH(&c->chain, i)) t->failed = true;
    }
    for (size_t at = c->chain.count; at-- > 0 && !t->failed;) {
        uint32_t k = dimension_of(c, u, rank, at);
        if (k == rank) break;
        u->dropped |= (uint64_t)1 << k;
        home = c->chain.at[at];
    }
    if (home) make_array(c, a, home);
}

static uint32_t keep_subscripts(const struct usage *u, const node_id *subscripts, uint32_t rank,
                                node_id *kept) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < rank; k++)
        if (!(u->dropped >> k & 1)) kept[count++] = subscripts[k];
    return count;
}

static node_id replace_read(void *context, node_id read, const node_id *subscripts) {
    struct contraction *c = context;
    array_id a = node_payload(c->t->graph, read);
    node_id kept[MOST_DIMENSIONS];
    if (a >= c->array_count || !c->usages[a].becomes) return 0;
    uint32_t count = keep_subscripts(&c->usages[a], subscripts, c->t->p.arrays.at[a].rank, kept);
    return mk_read(c->t->graph, c->usages[a].becomes, node_type(c->t->graph, read), kept, count);
}

static void replace_all(struct contraction *c) {
    struct tree *t = c->t;
    rewrite_reads(t, replace_read, c);
    for (item_id i = ROOT; i && !t->failed; i = tree_next(t, i, ROOT)) {
        struct step *s = tree_step(t, i);
        const struct usage *u =
            s->kind == STEP_UPDATE && s->array < c->array_count ? &c->usages[s->array] : NULL;
        if (!u || !u->becomes) continue;
        node_id *subscripts = tree_subscripts(t, i);
        keep_subscripts(u, subscripts, t->p.arrays.at[s->array].rank, subscripts);
        s->array = u->becomes;
    }
}

bool lower_contract(struct tree *t) {
    struct contraction c = {.t = t, .array_count = t->p.arrays.count};
    bool any = false;
    access_walk_init(&c.walk, t);
    c.usages = calloc(c.array_count, sizeof *c.usages);
    if (!c.usages) t->failed = true;
    if (!t->failed) note_body(&c, ROOT);
    for (item_id i = tree_next(t, ROOT, ROOT); i && !t->failed; i = tree_next(t, i, ROOT))
        if (tree_item(t, i)->first) note_body(&c, i);
    t->failed |= c.walk.failed;
    for (array_id a = 1; a < c.array_count && !t->failed; a++) {
        if (c.usages[a].common) choose(&c, a);
        any |= c.usages[a].becomes != 0;
    }
    if (any && !t->failed) replace_all(&c);
    access_walk_release(&c.walk);
    access_list_release(&c.list);
    VEC_FREE(&c.chain);
    free(c.usages);
    return !t->failed;
}
