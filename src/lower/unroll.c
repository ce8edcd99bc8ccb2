#include "lower/unroll.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/rewrite.h"
#include "lower/separate.h"

enum {
    MOST_TRIPS = 4,
    MOST_ITEMS = 128,   /* that one loop becomes */
    MOST_ADDED = 4096,  /* in all */
    MOST_ELEMENTS = 64, /* of an array that becomes scalars */
    MOST_DIMENSIONS = 4
};

/* ---- Loops ---- */

static bool constant_range(const struct tree *t, item_id loop, int64_t *first, int64_t *trips) {
    const struct graph *g = t->graph;
    const struct step *s = tree_step(t, loop);
    if (s->order != ORDER_FREE || node_op(g, s->lower) != OP_INT || node_op(g, s->upper) != OP_INT)
        return false;
    if (!node_is_int(g, s->by, 1) && !node_is_int(g, s->by, -1)) return false;
    int64_t by = node_integer(g, s->by), distance;
    *first = node_integer(g, s->lower);
    if (__builtin_sub_overflow(node_integer(g, s->upper), *first, &distance)) return false;
    if (distance > MOST_TRIPS || distance < -MOST_TRIPS) return false;
    *trips = distance * by + 1;
    return *trips >= 1 && *trips <= MOST_TRIPS;
}

static size_t count_items(const struct tree *t, item_id top) {
    size_t count = 0;
    for (item_id i = top; i; i = tree_next(t, i, top)) count++;
    return count;
}

/* Step by step, each for all iterations: what reads an array still comes after all that sets it. */
static void interleave(struct tree *t, const item_id *copies, int64_t trips) {
    for (item_id child; (child = tree_item(t, copies[0])->first) != 0;) {
        for (int64_t k = 0; k < trips; k++) {
            child = tree_item(t, copies[k])->first;
            tree_unlink(t, child);
            tree_insert_before(t, copies[0], child);
        }
    }
    for (int64_t k = 0; k < trips; k++) tree_unlink(t, copies[k]);
}

static void unroll(struct separation *s, item_id loop, int64_t first, int64_t trips) {
    struct tree *t = s->tree;
    int64_t by = node_integer(t->graph, tree_step(t, loop)->by);
    index_id owner = tree_step(t, tree_loop_around(t, loop))->index;
    item_id copies[MOST_TRIPS];
    for (int64_t k = 0; k < trips; k++) {
        copies[k] = k + 1 < trips ? separate_copy(s, loop) : loop;
        if (!copies[k] || t->failed) return;
        if (copies[k] != loop) tree_insert_before(t, loop, copies[k]);
    }
    for (int64_t k = 0; k < trips && !t->failed; k++)
        separate_once(s, copies[k], mk_int(t->graph, first + k * by), owner);
    if (!t->failed) interleave(t, copies, trips);
}

static void unroll_all(struct tree *t) {
    struct separation s;
    VEC(item_id) loops = {0};
    size_t added = 0;
    separation_init(&s, t);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i) && tree_loop_around(t, i) != ROOT) VEC_PUSH(&loops, i);
    t->failed |= loops.failed;
    /* Inner loops first. */
    for (size_t k = loops.count; k-- > 0 && !t->failed;) {
        int64_t first, trips;
        if (!constant_range(t, loops.at[k], &first, &trips)) continue;
        size_t items = count_items(t, loops.at[k]) * (size_t)trips;
        if (items > MOST_ITEMS || added + items > MOST_ADDED) continue;
        added += items;
        unroll(&s, loops.at[k], first, trips);
    }
    separation_release(&s);
    VEC_FREE(&loops);
}

/* ---- Arrays ---- */

struct element {
    node_id subscripts[MOST_DIMENSIONS];
    array_id scalar;
    uint32_t next; /* of the same array, plus 1 */
};

struct scalarizer {
    struct tree *t;
    struct access_walk walk;
    struct access_list list;
    bool *varies;    /* by array: it has to stay */
    uint32_t *first; /* by array: its first element, plus 1 */
    uint32_t *count;
    size_t array_count;
    VEC(struct element) elements;
};

static bool may_fall_apart(const struct tree *t, array_id a) {
    const struct array *array = &t->p.arrays.at[a];
    return array->owner && array->rank > 0 && array->rank <= MOST_DIMENSIONS && !role_is_output(array->role);
}

static uint32_t find(const struct scalarizer *s, array_id a, const node_id *subscripts) {
    size_t size = s->t->p.arrays.at[a].rank * sizeof *subscripts;
    uint32_t at = s->first[a];
    while (at && memcmp(s->elements.at[at - 1].subscripts, subscripts, size) != 0)
        at = s->elements.at[at - 1].next;
    return at;
}

static void note(struct scalarizer *s, const struct access *a) {
    const struct tree *t = s->t;
    const node_id *subscripts = access_subscripts(&s->list, a);
    uint32_t rank = t->p.arrays.at[a->array].rank;
    s->varies[a->array] |= !may_fall_apart(t, a->array) || a->whole;
    for (uint32_t k = 0; k < rank && !s->varies[a->array]; k++)
        s->varies[a->array] = node_op(t->graph, subscripts[k]) != OP_INT;
    if (s->varies[a->array] || find(s, a->array, subscripts)) return;
    if (++s->count[a->array] > MOST_ELEMENTS) {
        s->varies[a->array] = true;
        return;
    }
    struct element e = {.next = s->first[a->array]};
    memcpy(e.subscripts, subscripts, rank * sizeof *subscripts);
    if (!VEC_PUSH(&s->elements, e)) s->t->failed = true;
    s->first[a->array] = (uint32_t)s->elements.count;
}

static void make_scalar(struct scalarizer *s, array_id a, struct element *e) {
    struct tree *t = s->t;
    struct array like = t->p.arrays.at[a];
    like.rank = 0;
    like.dims = NULL;
    e->scalar = tree_array(t, like, t->neutral.at[a]);
}

static node_id replace_read(void *context, node_id read, const node_id *subscripts) {
    const struct scalarizer *s = context;
    array_id a = node_payload(s->t->graph, read);
    if (a >= s->array_count || s->varies[a] || !s->first[a]) return 0;
    uint32_t at = find(s, a, subscripts);
    return at ? mk_read(s->t->graph, s->elements.at[at - 1].scalar, node_type(s->t->graph, read), NULL, 0)
              : 0;
}

/* What was cleared with its array is opened at the head of the body. */
static void open(struct tree *t, item_id loop, const struct element *e, node_id neutral) {
    struct span span = tree_step(t, loop)->span;
    item_id update = tree_new_update(t, e->scalar, NULL, UPDATE_ADD, neutral, span);
    if (!update) return;
    tree_item(t, update)->opens = true;
    tree_insert_before(t, tree_item(t, loop)->first, update);
}

static void open_all(struct scalarizer *s) {
    struct tree *t = s->t;
    item_id *loop_of = calloc(t->p.indices.count, sizeof *loop_of);
    if (!loop_of) t->failed = true;
    for (item_id i = ROOT; i && !t->failed; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i)) loop_of[tree_step(t, i)->index] = i;
    for (array_id a = 1; a < s->array_count && !t->failed; a++) {
        if (s->varies[a] || !t->neutral.at[a]) continue;
        item_id loop = loop_of[t->p.arrays.at[a].owner];
        for (uint32_t at = loop ? s->first[a] : 0; at && !t->failed; at = s->elements.at[at - 1].next)
            open(t, loop, &s->elements.at[at - 1], t->neutral.at[a]);
    }
    free(loop_of);
}

static void replace(struct scalarizer *s) {
    struct tree *t = s->t;
    for (array_id a = 1; a < s->array_count && !t->failed; a++)
        for (uint32_t at = s->varies[a] ? 0 : s->first[a]; at && !t->failed; at = s->elements.at[at - 1].next)
            make_scalar(s, a, &s->elements.at[at - 1]);
    rewrite_reads(t, replace_read, s);
    for (item_id i = ROOT; i && !t->failed; i = tree_next(t, i, ROOT)) {
        struct step *step = tree_step(t, i);
        if (step->kind != STEP_UPDATE || step->array >= s->array_count || s->varies[step->array]) continue;
        uint32_t at = find(s, step->array, tree_subscripts(t, i));
        if (at) step->array = s->elements.at[at - 1].scalar;
    }
}

static void make_scalars(struct scalarizer *s) {
    struct tree *t = s->t;
    bool any = false;
    access_begin(&s->walk);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) access_add(&s->walk, &s->list, i);
    t->failed |= s->walk.failed;
    for (size_t k = 0; k < s->list.all.count && !t->failed; k++) note(s, &s->list.all.at[k]);
    for (array_id a = 1; a < s->array_count; a++) any |= s->first[a] && !s->varies[a];
    if (!any || t->failed) return;
    replace(s);
    open_all(s);
    for (array_id a = 1; a < s->array_count; a++)
        if (s->first[a] && !s->varies[a]) t->neutral.at[a] = 0;
}

bool lower_unroll(struct tree *t) {
    unroll_all(t);
    struct scalarizer s = {.t = t, .array_count = t->p.arrays.count};
    access_walk_init(&s.walk, t);
    s.varies = calloc(s.array_count, sizeof *s.varies);
    s.first = calloc(s.array_count, sizeof *s.first);
    s.count = calloc(s.array_count, sizeof *s.count);
    if (!s.varies || !s.first || !s.count) t->failed = true;
    if (!t->failed) make_scalars(&s);
    access_walk_release(&s.walk);
    access_list_release(&s.list);
    VEC_FREE(&s.elements);
    free(s.varies);
    free(s.first);
    free(s.count);
    return !t->failed;
}
