#include "lower/open.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/affine.h"

/* More numbers in a record would make more code than the clearing costs. */
enum { MOST_FIELDS = 16 };

struct opener {
    struct tree *t;
    struct access_walk walk;
    struct access_list touches;
    item_id *first_touch; /* by array */
    bool *hopeless;       /* by array */
    bool *no_record;      /* by array: an update has a last subscript that is no constant */
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

/* How many numbers the last dimension of a result holds, where each may be opened by itself; 0: there are
 * more. Other arrays become scalars later on where they are short. */
static int64_t fields_of(const struct opener *o, array_id a) {
    const struct array *array = &o->t->p.arrays.at[a];
    const struct graph *g = o->t->graph;
    if (array->rank < 2 || !role_is_output(array->role) || o->no_record[a]) return 0;
    const struct dimension last = array->dims[array->rank - 1];
    if (node_op(g, last.lower) != OP_INT || node_op(g, last.upper) != OP_INT) return 0;
    int64_t lower = node_integer(g, last.lower), upper = node_integer(g, last.upper);
    return lower <= upper && upper - lower < MOST_FIELDS ? upper - lower + 1 : 0;
}

/* Over how many of the subscripts loops run. */
static uint32_t loops_over(const struct opener *o, array_id a) {
    return o->t->p.arrays.at[a].rank - (fields_of(o, a) ? 1 : 0);
}

static bool may_open(struct opener *o, item_id update) {
    struct tree *t = o->t;
    array_id a = tree_step(t, update)->array;
    uint32_t rank = loops_over(o, a), depth = 0;
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

static void look_at_fields(struct opener *o, item_id i) {
    const struct tree *t = o->t;
    const struct step *s = tree_step(t, i);
    if (s->kind != STEP_UPDATE) return;
    uint32_t rank = t->p.arrays.at[s->array].rank;
    if (rank && node_op(t->graph, tree_subscripts(t, i)[rank - 1]) != OP_INT) o->no_record[s->array] = true;
}

/* Sets all elements, before the item `place`; of records only the field whose number is the last subscript.
 */
static void add_opening(struct tree *t, array_id a, uint32_t loops, node_id field, item_id place) {
    struct array array = t->p.arrays.at[a];
    node_id *subscripts = ARENA_ARRAY(t->p.arena, node_id, array.rank + 1);
    item_id outer = 0;
    if (!subscripts) t->failed = true;
    if (subscripts && field) subscripts[loops] = field;
    for (uint32_t k = 0; k < loops && !t->failed; k++) {
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

static void open_array(struct opener *o, array_id a, item_id place) {
    struct tree *t = o->t;
    int64_t fields = fields_of(o, a);
    if (!fields) {
        add_opening(t, a, loops_over(o, a), 0, place);
        return;
    }
    int64_t first = node_integer(t->graph, t->p.arrays.at[a].dims[loops_over(o, a)].lower);
    for (int64_t k = first; k < first + fields && !t->failed; k++)
        add_opening(t, a, loops_over(o, a), mk_int(t->graph, k), place);
}

static void add_openings(struct opener *o) {
    struct tree *t = o->t;
    size_t arrays = t->p.arrays.count;
    for (array_id a = 1; a < arrays && !t->failed; a++) {
        if (!t->neutral.at[a] || !o->first_touch[a] || o->hopeless[a]) continue;
        item_id place = o->first_touch[a], home = home_of(t, a, place);
        while (tree_item(t, place)->parent != home) place = tree_item(t, place)->parent;
        open_array(o, a, place);
    }
}

bool lower_open(struct tree *t) {
    struct opener o = {.t = t};
    access_walk_init(&o.walk, t);
    take_clears(t);
    o.first_touch = calloc(t->p.arrays.count, sizeof *o.first_touch);
    o.hopeless = calloc(t->p.arrays.count, sizeof *o.hopeless);
    o.no_record = calloc(t->p.arrays.count, sizeof *o.no_record);
    bool enough = o.first_touch && o.hopeless && o.no_record;
    if (enough) {
        for (item_id i = tree_next(t, ROOT, ROOT); i; i = tree_next(t, i, ROOT)) look_at_fields(&o, i);
        for (item_id i = tree_next(t, ROOT, ROOT); i; i = tree_next(t, i, ROOT)) look_at(&o, i);
        if (!o.walk.failed) add_openings(&o);
    }
    enough = enough && !o.walk.failed && !t->failed;
    access_walk_release(&o.walk);
    access_list_release(&o.touches);
    free(o.first_touch);
    free(o.hopeless);
    free(o.no_record);
    t->failed |= !enough;
    return enough;
}
