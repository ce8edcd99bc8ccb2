#include "lower/keep.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/rewrite.h"

enum { MOST_LOOPS = 6, MOST_STEPS = 64, MOST_KEPT = 8 };

/* What is known of a node in the body at hand. */
struct sharing {
    uint32_t body;    /* stamp */
    uint8_t group;    /* of the steps that use it */
    bool used, mixed; /* by any step; by steps of several groups */
    bool certain;     /* computed whatever is decided */
    bool dear, local; /* itself, or what it is made of */
};

struct keeper {
    struct tree *t;
    struct rewrite rewrite;
    VEC(struct sharing) sharings; /* by node */
    VEC(node_id) nodes;           /* of the body */
    VEC(node_id) chosen;
    uint32_t body;
    item_id chain[MOST_LOOPS]; /* outermost first */
    uint32_t depth;
    item_id steps[MOST_STEPS];
    node_id shift[MOST_STEPS + 1][MOST_LOOPS]; /* of the targets from the indices */
    uint32_t count;
};

/* ---- The body ---- */

static bool any(const void *context, index_id index) {
    (void)context;
    return index != 0;
}

static bool find_chain(struct keeper *k, item_id body) {
    const struct tree *t = k->t;
    k->depth = 0;
    for (item_id i = body; i != ROOT; i = tree_item(t, i)->parent) {
        const struct step *s = tree_step(t, i);
        if (s->kind != STEP_LOOP || s->order != ORDER_FREE || k->depth == MOST_LOOPS) return false;
        if (!node_is_int(t->graph, s->by, 1)) return false;
        if (affine_holds(t->graph, s->lower, any, NULL) || affine_holds(t->graph, s->upper, any, NULL))
            return false;
        memmove(k->chain + 1, k->chain, k->depth++ * sizeof *k->chain);
        k->chain[0] = i;
    }
    return k->depth > 0;
}

/* How far the target of a step is from the index of each loop. */
static void find_shift(struct keeper *k, uint32_t step) {
    struct tree *t = k->t;
    const struct step *s = tree_step(t, k->steps[step]);
    uint32_t rank = t->p.arrays.at[s->array].rank;
    for (uint32_t l = 0; l < k->depth; l++) {
        k->shift[step][l] = mk_int(t->graph, 0);
        for (uint32_t d = 0; d < rank; d++) {
            int64_t coefficient;
            node_id rest;
            index_id index = tree_step(t, k->chain[l])->index;
            if (!affine_in(t->graph, tree_subscripts(t, k->steps[step])[d], index, &coefficient, &rest))
                continue;
            if (coefficient == 1) k->shift[step][l] = rest;
        }
    }
}

/* The first step whose target is at the same distance; MOST_STEPS: none, which is at the index itself. */
static uint8_t group_of(const struct keeper *k, uint32_t step) {
    if (memcmp(k->shift[step], k->shift[MOST_STEPS], k->depth * sizeof(node_id)) == 0) return MOST_STEPS;
    uint32_t first = 0;
    while (memcmp(k->shift[first], k->shift[step], k->depth * sizeof(node_id)) != 0) first++;
    return (uint8_t)first;
}

/* Whether there are steps that part. */
static bool find_steps(struct keeper *k, item_id body) {
    struct tree *t = k->t;
    bool part = false;
    k->count = 0;
    for (uint32_t l = 0; l < k->depth; l++) k->shift[MOST_STEPS][l] = mk_int(t->graph, 0);
    for (item_id i = tree_item(t, body)->first; i; i = tree_item(t, i)->next) {
        if (tree_step(t, i)->kind != STEP_UPDATE || k->count == MOST_STEPS) return false;
        k->steps[k->count] = i;
        find_shift(k, k->count);
        part |= group_of(k, k->count++) != group_of(k, 0);
    }
    return part;
}

/* ---- Values ---- */

static void reach(struct keeper *k, node_id n) {
    size_t count = graph_count(k->t->graph);
    if (n >= k->sharings.count && VEC_RESERVE(&k->sharings, count))
        for (; k->sharings.count < count; k->sharings.count++)
            k->sharings.at[k->sharings.count] = (struct sharing){0};
    if (n >= k->sharings.count) {
        k->t->failed = true;
        return;
    }
    if (k->sharings.at[n].body == k->body) return;
    k->sharings.at[n] = (struct sharing){.body = k->body};
    if (!VEC_PUSH(&k->nodes, n)) k->t->failed = true;
}

static int by_number(const void *a, const void *b) {
    node_id m = *(const node_id *)a, n = *(const node_id *)b;
    return (m > n) - (m < n);
}

/* All nodes below the values of the steps, operands before their users. */
static void list_nodes(struct keeper *k) {
    const struct graph *g = k->t->graph;
    k->nodes.count = 0;
    k->body++;
    for (uint32_t i = 0; i < k->count; i++) reach(k, tree_step(k->t, k->steps[i])->value);
    for (size_t i = 0; i < k->nodes.count && !k->t->failed; i++)
        for (uint32_t j = 0; j < node_count(g, k->nodes.at[i]); j++)
            reach(k, node_operand(g, k->nodes.at[i], j));
    if (k->nodes.count) qsort(k->nodes.at, k->nodes.count, sizeof *k->nodes.at, by_number);
}

static void judge(struct keeper *k, node_id n) {
    const struct graph *g = k->t->graph;
    struct sharing *s = &k->sharings.at[n];
    s->dear = node_op(g, n) == OP_DIV || op_is_dear(node_op(g, n));
    s->local = node_op(g, n) == OP_READ && k->t->p.arrays.at[node_payload(g, n)].owner != 0;
    for (uint32_t i = 0; i < node_count(g, n); i++) s->local |= k->sharings.at[node_operand(g, n, i)].local;
}

static void use(struct keeper *k, node_id n, uint8_t group, bool mixed, bool certain) {
    struct sharing *s = &k->sharings.at[n];
    s->mixed |= mixed || (s->used && s->group != group);
    s->group = group;
    s->certain |= certain;
    s->used = true;
}

/* From users to operands: what is stored is used by others at one distance only. */
static void choose(struct keeper *k) {
    const struct graph *g = k->t->graph;
    k->chosen.count = 0;
    for (size_t i = 0; i < k->nodes.count; i++) judge(k, k->nodes.at[i]);
    for (uint32_t i = 0; i < k->count; i++)
        use(k, tree_step(k->t, k->steps[i])->value, group_of(k, i), false, true);
    for (size_t i = k->nodes.count; i-- > 0;) {
        node_id n = k->nodes.at[i];
        struct sharing s = k->sharings.at[n];
        bool keep = s.mixed && s.certain && s.dear && !s.local && node_type(g, n) == TYPE_REAL;
        keep = keep && k->chosen.count < MOST_KEPT;
        if (keep) VEC_PUSH(&k->chosen, n);
        for (uint32_t j = 0; j < node_count(g, n); j++) {
            bool certain = s.certain && (node_op(g, n) != OP_SELECT || j == 0);
            use(k, node_operand(g, n, j), keep ? MOST_STEPS : s.group, !keep && s.mixed, certain);
        }
    }
    if (k->chosen.failed) k->t->failed = true;
}

/* ---- Storing ---- */

/* Stores a value before the steps of the body: the read that takes its place. */
static node_id store(struct keeper *k, item_id body, node_id n) {
    struct tree *t = k->t;
    struct dimension dims[MOST_LOOPS];
    node_id subscripts[MOST_LOOPS];
    for (uint32_t l = 0; l < k->depth; l++) {
        const struct step *s = tree_step(t, k->chain[l]);
        dims[l] = tree_range(t, s->lower, s->upper);
        subscripts[l] = mk_index(t->graph, s->index);
    }
    struct span span = tree_step(t, body)->span;
    struct array array = {
        .name = "kept", .role = ROLE_TEMPORARY, .type = TYPE_REAL, .dims = dims, .span = span};
    array.rank = k->depth;
    array_id kept = tree_array(t, array, 0);
    item_id update = tree_new_update(t, kept, subscripts, UPDATE_SET, n, span);
    if (t->failed || !update) return n;
    tree_insert_before(t, k->steps[0], update);
    return mk_read(t->graph, kept, TYPE_REAL, subscripts, k->depth);
}

static void keep_in(struct keeper *k, item_id body) {
    struct tree *t = k->t;
    if (!find_chain(k, body) || !find_steps(k, body)) return;
    list_nodes(k);
    if (!t->failed) choose(k);
    if (t->failed || !k->chosen.count) return;
    rewrite_begin(&k->rewrite);
    /* Operands first: what is stored may be made of what is stored. */
    for (size_t i = k->chosen.count; i-- > 0 && !t->failed;) {
        node_id n = k->chosen.at[i], value = rewrite_node(&k->rewrite, n);
        rewrite_replace(&k->rewrite, n, store(k, body, value));
    }
    for (uint32_t i = 0; i < k->count && !t->failed; i++) {
        struct step *s = tree_step(t, k->steps[i]);
        s->value = rewrite_node(&k->rewrite, s->value);
    }
}

bool lower_keep(struct tree *t) {
    struct keeper k = {.t = t};
    VEC(item_id) bodies = {0};
    rewrite_init(&k.rewrite, t);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i)) VEC_PUSH(&bodies, i);
    t->failed |= bodies.failed;
    for (size_t i = 0; i < bodies.count && !t->failed; i++) keep_in(&k, bodies.at[i]);
    t->failed |= k.rewrite.failed;
    rewrite_release(&k.rewrite);
    VEC_FREE(&bodies);
    VEC_FREE(&k.sharings);
    VEC_FREE(&k.nodes);
    VEC_FREE(&k.chosen);
    return !t->failed;
}
