#include "lower/open.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/affine.h"

struct opener {
    struct tree *t;
    struct access_walk walk;
    struct access_list touches;
    item_id *first_touch; /* by array */
    bool *hopeless;       /* by array */
};

/* The body in which the array lives, as seen from an item in it. */
static item_id home_of(const struct tree *t, array_id a, item_id i) {
    index_id owner = t->p.arrays.at[a].owner;
    do i = tree_item(t, i)->parent;
    while (i != ROOT && !(owner && tree_is_loop(t, i) && tree_step(t, i)->index == owner));
    return i;
}

static void take_clears(struct tree *t) {
    for (item_id i = tree_next(t, ROOT, ROOT), next; i; i = next) {
        const struct step *s = tree_step(t, i);
        next = tree_next(t, i, ROOT);
        if (s->kind != STEP_CLEAR || tree_item(t, i)->parent != home_of(t, s->array, i)) continue;
        if ((home_of(t, s->array, i) == ROOT) != (t->p.arrays.at[s->array].owner == 0)) continue;
        t->neutral.at[s->array] = s->value;
        tree_unlink(t, i);
    }
}

/* Whether the loop at the head of the path from `home` to an update runs over the array's subscript. */
static bool runs_over(struct tree *t, item_id loop, node_id subscript) {
    int64_t coefficient;
    node_id rest;
    return affine_in(t->graph, subscript, tree_step(t, loop)->index, &coefficient, &rest) &&
           (coefficient == 1 || coefficient == -1);
}

static bool may_open(struct opener *o, item_id update) {
    struct tree *t = o->t;
    array_id a = tree_step(t, update)->array;
    uint32_t rank = t->p.arrays.at[a].rank, depth = 0;
    item_id home = home_of(t, a, update);
    for (item_id i = tree_loop_around(t, update); i != home && i != ROOT; i = tree_loop_around(t, i)) depth++;
    if (depth < rank) return false;
    for (item_id i = tree_loop_around(t, update); i != home && i != ROOT; i = tree_loop_around(t, i)) {
        if (--depth >= rank) continue;
        if (tree_step(t, i)->order != ORDER_FREE || !runs_over(t, i, tree_subscripts(t, update)[depth]))
            return false;
    }
    return true;
}

static void look_at(struct opener *o, item_id i) {
    o->touches.all.count = o->touches.subscripts.count = 0;
    access_add(&o->walk, &o->touches, i);
    for (size_t k = 0; k < o->touches.all.count; k++) {
        const struct access *a = &o->touches.all.at[k];
        if (!o->first_touch[a->array]) o->first_touch[a->array] = i;
    }
    const struct step *s = tree_step(o->t, i);
    if (s->kind == STEP_CLEAR) o->hopeless[s->array] = true;
    if (s->kind == STEP_UPDATE && !may_open(o, i)) o->hopeless[s->array] = true;
}

/* Sets all elements, before the item `place`. */
static void add_opening(struct tree *t, array_id a, item_id place) {
    struct array array = t->p.arrays.at[a];
    node_id *subscripts = ARENA_ARRAY(t->p.arena, node_id, array.rank + 1);
    item_id outer = 0;
    if (!subscripts) t->failed = true;
    for (uint32_t k = 0; k < array.rank && !t->failed; k++) {
        item_id loop = tree_new_loop(t, "k", array.dims[k].lower, array.dims[k].upper, array.span);
        if (!loop) return;
        subscripts[k] = mk_index(t->graph, tree_step(t, loop)->index);
        if (outer)
            tree_append(t, outer, loop);
        else
            tree_insert_before(t, place, loop);
        outer = loop;
    }
    if (t->failed) return;
    item_id update = tree_new_update(t, a, subscripts, UPDATE_ADD, t->neutral.at[a], array.span);
    if (!update) return;
    tree_item(t, update)->opens = true;
    if (outer)
        tree_append(t, outer, update);
    else
        tree_insert_before(t, place, update);
}

static void add_openings(struct opener *o) {
    struct tree *t = o->t;
    size_t arrays = t->p.arrays.count;
    for (array_id a = 1; a < arrays && !t->failed; a++) {
        if (!t->neutral.at[a] || !o->first_touch[a] || o->hopeless[a]) continue;
        item_id place = o->first_touch[a], home = home_of(t, a, place);
        while (tree_item(t, place)->parent != home) place = tree_item(t, place)->parent;
        add_opening(t, a, place);
    }
}

bool lower_open(struct tree *t) {
    struct opener o = {.t = t};
    access_walk_init(&o.walk, t);
    take_clears(t);
    o.first_touch = calloc(t->p.arrays.count, sizeof *o.first_touch);
    o.hopeless = calloc(t->p.arrays.count, sizeof *o.hopeless);
    bool enough = o.first_touch && o.hopeless;
    if (enough) {
        for (item_id i = tree_next(t, ROOT, ROOT); i; i = tree_next(t, i, ROOT)) look_at(&o, i);
        if (!o.walk.failed) add_openings(&o);
    }
    enough = enough && !o.walk.failed && !t->failed;
    access_walk_release(&o.walk);
    access_list_release(&o.touches);
    free(o.first_touch);
    free(o.hopeless);
    t->failed |= !enough;
    return enough;
}
