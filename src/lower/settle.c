#include "lower/settle.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"

/* What is known of an array. */
struct state {
    item_id openings;      /* a chain of them */
    item_id accumulations; /* likewise */
    bool hopeless;
};

struct settler {
    struct tree *t;
    struct state *states; /* by array */
    item_id *chain;       /* by item: the next in its chain */
    item_id *opening;     /* by item: of an accumulation, the one it belongs to */
    array_id *scalar;     /* by item: of an opening */
};

/* The opening of the same element in a body around the update. */
static item_id opening_of(const struct settler *s, item_id update) {
    const struct tree *t = s->t;
    array_id a = tree_step(t, update)->array;
    size_t size = t->p.arrays.at[a].rank * sizeof(node_id);
    unsigned tries = 0;
    for (item_id o = s->states[a].openings; o && tries < 64; o = s->chain[o], tries++) {
        if (size && memcmp(tree_subscripts(t, o), tree_subscripts(t, update), size) != 0) continue;
        for (item_id i = tree_item(t, update)->parent; i != ROOT; i = tree_item(t, i)->parent)
            if (tree_item(t, o)->parent == i) return o;
    }
    return 0;
}

static void sort_updates(struct settler *s) {
    struct tree *t = s->t;
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) {
        const struct step *step = tree_step(t, i);
        if (step->kind == STEP_CLEAR) s->states[step->array].hopeless = true;
        if (step->kind != STEP_UPDATE) continue;
        struct state *state = &s->states[step->array];
        item_id *head = tree_item(t, i)->opens ? &state->openings : &state->accumulations;
        s->chain[i] = *head;
        *head = i;
    }
}

/* A scalar beside an array that is one already gains nothing. */
static bool is_local_scalar(const struct tree *t, array_id a) {
    const struct array *array = &t->p.arrays.at[a];
    return array->rank == 0 && !role_is_output(array->role);
}

static bool find_openings(struct settler *s, array_id a) {
    struct state *state = &s->states[a];
    if (state->hopeless || !state->openings || !state->accumulations || is_local_scalar(s->t, a))
        return false;
    for (item_id i = state->accumulations; i; i = s->chain[i]) {
        s->opening[i] = opening_of(s, i);
        if (!s->opening[i]) return false;
    }
    return true;
}

static void make_scalar(struct settler *s, item_id opening) {
    struct tree *t = s->t;
    struct step *step = tree_step(t, opening);
    struct array like = t->p.arrays.at[step->array];
    struct array array = {.name = like.name, .role = ROLE_TEMPORARY, .type = like.type, .span = like.span};
    array.owner = tree_step(t, tree_loop_around(t, opening))->index;
    s->scalar[opening] = tree_array(t, array, t->neutral.at[step->array]);
}

/* After the last step of the body that holds an accumulation. */
static void store(struct settler *s, item_id opening, item_id place) {
    struct tree *t = s->t;
    struct step step = *tree_step(t, opening);
    uint32_t rank = t->p.arrays.at[step.array].rank;
    node_id *subscripts = ARENA_ARRAY(t->p.arena, node_id, rank + 1);
    if (!subscripts) {
        t->failed = true;
        return;
    }
    if (rank) memcpy(subscripts, tree_subscripts(t, opening), rank * sizeof *subscripts);
    node_id value = mk_read(t->graph, s->scalar[opening], t->p.arrays.at[step.array].type, NULL, 0);
    item_id update = tree_new_update(t, step.array, subscripts, step.op, value, step.span);
    if (!update) return;
    tree_item(t, update)->opens = true;
    tree_insert_after(t, place, update);
}

static item_id child_with(const struct tree *t, item_id body, item_id i) {
    while (tree_item(t, i)->parent != body) i = tree_item(t, i)->parent;
    return i;
}

/* Whether a comes after b among the steps of a body. */
static bool comes_after(const struct tree *t, item_id a, item_id b) {
    for (; b; b = tree_item(t, b)->next)
        if (b == a) return true;
    return false;
}

static void settle_array(struct settler *s, array_id a) {
    struct tree *t = s->t;
    for (item_id i = s->states[a].accumulations, next; i && !t->failed; i = next) {
        item_id opening = s->opening[i], body = tree_item(t, opening)->parent;
        next = s->chain[i];
        if (!s->scalar[opening]) {
            item_id last = child_with(t, body, i);
            for (item_id k = next; k; k = s->chain[k])
                if (s->opening[k] == opening && comes_after(t, child_with(t, body, k), last))
                    last = child_with(t, body, k);
            make_scalar(s, opening);
            if (t->failed) return;
            store(s, opening, last);
        }
        tree_step(t, i)->array = s->scalar[opening];
    }
    for (item_id o = s->states[a].openings; o; o = s->chain[o])
        if (s->scalar[o]) tree_step(t, o)->array = s->scalar[o];
}

bool lower_settle(struct tree *t) {
    struct settler s = {.t = t};
    size_t arrays = t->p.arrays.count, items = t->items.count;
    s.states = calloc(arrays, sizeof *s.states);
    s.chain = calloc(items, sizeof *s.chain);
    s.opening = calloc(items, sizeof *s.opening);
    s.scalar = calloc(items, sizeof *s.scalar);
    if (s.states && s.chain && s.opening && s.scalar) {
        sort_updates(&s);
        for (array_id a = 1; a < arrays && !t->failed; a++)
            if (find_openings(&s, a)) settle_array(&s, a);
    } else {
        t->failed = true;
    }
    free(s.states);
    free(s.chain);
    free(s.opening);
    free(s.scalar);
    return !t->failed;
}
