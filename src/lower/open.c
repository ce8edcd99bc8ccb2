#include "lower/open.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/affine.h"

/* More numbers in a record would make more code than the clearing costs. */
enum { MOST_FIELDS = 64, DIMENSIONS_NOTED = 32 };

struct opener {
    struct tree *t;
    struct access_walk walk;
    struct access_list touches;
    item_id *first_touch; /* by array */
    bool *hopeless;       /* by array */
    uint32_t *varying; /* by array: the dimensions in which an update has a subscript that is no constant */
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

/* ---- Fields ---- */

/* Whether all updates say by constants where in a dimension of a result they write. */
static bool is_constant(const struct opener *o, array_id a, uint32_t k, int64_t *lower, int64_t *extent) {
    const struct dimension d = o->t->p.arrays.at[a].dims[k];
    const struct graph *g = o->t->graph;
    if (k >= DIMENSIONS_NOTED || o->varying[a] >> k & 1) return false;
    if (node_op(g, d.lower) != OP_INT || node_op(g, d.upper) != OP_INT) return false;
    int64_t upper = node_integer(g, d.upper);
    *lower = node_integer(g, d.lower);
    if (upper < *lower || (uint64_t)upper - (uint64_t)*lower >= MOST_FIELDS) return false;
    *extent = upper - *lower + 1;
    return true;
}

/* How many numbers of a record are opened each by itself: in all dimensions of that kind of a result. 1:
 * there are none, or more than that. Other arrays become scalars later on where they are short. */
static int64_t fields_of(const struct opener *o, array_id a) {
    const struct array *array = &o->t->p.arrays.at[a];
    int64_t fields = 1, lower, extent;
    uint32_t loops = array->rank;
    for (uint32_t k = 0; role_is_output(array->role) && k < array->rank && fields <= MOST_FIELDS; k++) {
        if (!is_constant(o, a, k, &lower, &extent)) continue;
        fields *= extent;
        loops--;
    }
    return fields <= MOST_FIELDS && loops > 0 ? fields : 1;
}

/* Whether loops run over a dimension. */
static bool is_looped(const struct opener *o, array_id a, uint32_t k) {
    int64_t lower, extent;
    return fields_of(o, a) == 1 || !is_constant(o, a, k, &lower, &extent);
}

static uint32_t loops_over(const struct opener *o, array_id a) {
    uint32_t loops = 0;
    for (uint32_t k = 0; k < o->t->p.arrays.at[a].rank; k++) loops += is_looped(o, a, k);
    return loops;
}

/* The dimension that the loop at a depth runs over. */
static uint32_t dimension_at(const struct opener *o, array_id a, uint32_t depth) {
    uint32_t k = 0;
    while (!is_looped(o, a, k) || depth-- > 0) k++;
    return k;
}

/* ---- Arrays that may be opened ---- */

static bool may_open(struct opener *o, item_id update) {
    struct tree *t = o->t;
    array_id a = tree_step(t, update)->array;
    uint32_t rank = loops_over(o, a), depth = 0;
    item_id home = home_of(t, a, update);
    for (item_id i = tree_loop_around(t, update); i != home && i != ROOT; i = tree_loop_around(t, i)) depth++;
    if (depth < rank) return false;
    for (item_id i = tree_loop_around(t, update); i != home && i != ROOT; i = tree_loop_around(t, i)) {
        if (--depth >= rank) continue;
        if (tree_step(t, i)->order != ORDER_FREE ||
            !runs_over(t, i, tree_subscripts(t, update)[dimension_at(o, a, depth)]))
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

static void look_at_subscripts(struct opener *o, item_id i) {
    const struct tree *t = o->t;
    const struct step *s = tree_step(t, i);
    if (s->kind != STEP_UPDATE) return;
    uint32_t rank = t->p.arrays.at[s->array].rank;
    for (uint32_t k = 0; k < rank && k < DIMENSIONS_NOTED; k++)
        if (node_op(t->graph, tree_subscripts(t, i)[k]) != OP_INT) o->varying[s->array] |= 1u << k;
}

/* ---- Openings ---- */

/* A nest of loops over the subscripts that are 0, before the item `place`; returns the innermost one. */
static item_id add_loops(struct tree *t, const struct array *array, node_id *subscripts, item_id place) {
    item_id outer = 0;
    for (uint32_t k = 0; k < array->rank; k++) {
        if (subscripts[k]) continue;
        item_id loop = tree_new_loop(t, "k", array->dims[k].lower, array->dims[k].upper, array->span);
        if (!loop) return 0;
        subscripts[k] = mk_index(t->graph, tree_step(t, loop)->index);
        if (outer)
            tree_append(t, outer, loop);
        else
            tree_insert_before(t, place, loop);
        outer = loop;
    }
    return outer;
}

/* Sets all elements, before the item `place`; of records those of one field, counted from 0. */
static void add_opening(struct opener *o, array_id a, int64_t field, item_id place) {
    struct tree *t = o->t;
    struct array array = t->p.arrays.at[a];
    node_id *subscripts = ARENA_ARRAY(t->p.arena, node_id, array.rank + 1);
    int64_t lower, extent;
    if (!subscripts) t->failed = true;
    for (uint32_t k = array.rank; subscripts && k-- > 0;) {
        subscripts[k] = 0;
        if (is_looped(o, a, k) || !is_constant(o, a, k, &lower, &extent)) continue;
        subscripts[k] = mk_int(t->graph, lower + field % extent);
        field /= extent;
    }
    item_id inner = t->failed ? 0 : add_loops(t, &array, subscripts, place);
    if (t->failed) return;
    item_id update = tree_new_update(t, a, subscripts, UPDATE_ADD, t->neutral.at[a], array.span);
    if (!update) return;
    tree_item(t, update)->opens = true;
    if (inner)
        tree_append(t, inner, update);
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
        for (int64_t k = 0, fields = fields_of(o, a); k < fields; k++) add_opening(o, a, k, place);
    }
}

bool lower_open(struct tree *t) {
    struct opener o = {.t = t};
    access_walk_init(&o.walk, t);
    take_clears(t);
    o.first_touch = calloc(t->p.arrays.count, sizeof *o.first_touch);
    o.hopeless = calloc(t->p.arrays.count, sizeof *o.hopeless);
    o.varying = calloc(t->p.arrays.count, sizeof *o.varying);
    bool enough = o.first_touch && o.hopeless && o.varying;
    if (enough) {
        for (item_id i = tree_next(t, ROOT, ROOT); i; i = tree_next(t, i, ROOT)) look_at_subscripts(&o, i);
        for (item_id i = tree_next(t, ROOT, ROOT); i; i = tree_next(t, i, ROOT)) look_at(&o, i);
        if (!o.walk.failed) add_openings(&o);
    }
    enough = enough && !o.walk.failed && !t->failed;
    access_walk_release(&o.walk);
    access_list_release(&o.touches);
    free(o.first_touch);
    free(o.hopeless);
    free(o.varying);
    t->failed |= !enough;
    return enough;
}
