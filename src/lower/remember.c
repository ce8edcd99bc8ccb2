#include "lower/remember.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/rewrite.h"

enum { MOST_LOOPS = 16, MOST_NODES = 64 /* of a value that is looked at: longer ones are dear */ };

struct memory {
    struct tree *t;
    item_id *first, *last; /* by index: loops over it */
    item_id *next;         /* by item: the next loop over the same index */
    struct rewrite rewrite;
    array_id from, to; /* what is read from memory in the loop at hand */
    node_id subscripts[MOST_LOOPS];
    uint32_t rank;
};

static bool writes(const struct step *s, array_id a) {
    return (s->kind == STEP_UPDATE || s->kind == STEP_CLEAR) && s->array == a;
}

/* ---- What may be kept ---- */

static bool holds_function(const struct graph *g, node_id root) {
    node_id stack[MOST_NODES];
    size_t count = 1, visits = 0;
    stack[0] = root;
    while (count > 0) {
        node_id n = stack[--count];
        if (op_is_dear(node_op(g, n))) return true;
        if (++visits > MOST_NODES || count + node_count(g, n) > MOST_NODES) return true;
        for (uint32_t k = 0; k < node_count(g, n); k++) stack[count++] = node_operand(g, n, k);
    }
    return false;
}

static bool is_dear(const struct tree *t, item_id loop, array_id a) {
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop)) {
        const struct step *s = tree_step(t, i);
        if (!writes(s, a)) continue;
        if (tree_loop_around(t, i) != loop) return true;
        if (s->kind == STEP_UPDATE && holds_function(t->graph, s->value)) return true;
    }
    return false;
}

static bool same_range(const struct graph *g, const struct step *a, const struct step *b) {
    bool by_one = (node_is_int(g, a->by, 1) || node_is_int(g, a->by, -1)) &&
                  (node_is_int(g, b->by, 1) || node_is_int(g, b->by, -1));
    if (!by_one) return false;
    if (a->by == b->by) return a->lower == b->lower && a->upper == b->upper;
    return a->lower == b->upper && a->upper == b->lower;
}

static bool any(const void *context, index_id index) {
    (void)context;
    return index != 0;
}

static bool holds_any_index(const struct graph *g, node_id n) {
    return affine_holds(g, n, any, NULL);
}

/* Whether two loops, and those around them, run over the same rectangle; conditions around the first one hold
 * around the second. */
static bool covers(const struct tree *t, item_id first, item_id second) {
    const struct graph *g = t->graph;
    unsigned loops = 0;
    while (first != ROOT || second != ROOT) {
        if (second != ROOT && tree_step(t, second)->kind == STEP_WHEN) {
            bool same = first != ROOT && tree_step(t, first)->kind == STEP_WHEN &&
                        tree_step(t, first)->condition == tree_step(t, second)->condition;
            if (same) first = tree_item(t, first)->parent;
            second = tree_item(t, second)->parent;
            continue;
        }
        if (first == ROOT || second == ROOT || !tree_is_loop(t, first) || ++loops > MOST_LOOPS) return false;
        const struct step *a = tree_step(t, first), *b = tree_step(t, second);
        if (a->index != b->index || !same_range(g, a, b)) return false;
        if (holds_any_index(g, a->lower) || holds_any_index(g, a->upper)) return false;
        first = tree_item(t, first)->parent;
        second = tree_item(t, second)->parent;
    }
    return true;
}

/* ---- Keeping ---- */

/* The body in which all steps stand that write the array, and the last one in it that does. */
static item_id body_of_writes(const struct tree *t, item_id loop, array_id a, item_id *last) {
    item_id body = 0;
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop)) {
        if (!writes(tree_step(t, i), a)) continue;
        if (!body) body = tree_item(t, i)->parent;
        item_id k = i;
        while (k != ROOT && tree_item(t, k)->parent != body) k = tree_item(t, k)->parent;
        if (k == ROOT) return 0;
        *last = k;
    }
    return body;
}

static bool find_subscripts(struct memory *m, item_id loop, struct dimension *dims) {
    struct tree *t = m->t;
    m->rank = 0;
    for (item_id i = loop; i != ROOT; i = tree_item(t, i)->parent) m->rank += tree_is_loop(t, i);
    if (m->rank > MOST_LOOPS) return false;
    uint32_t k = m->rank;
    for (item_id i = loop; i != ROOT; i = tree_item(t, i)->parent) {
        const struct step *s = tree_step(t, i);
        if (s->kind != STEP_LOOP) continue;
        bool up = node_is_int(t->graph, s->by, 1);
        dims[--k] = tree_range(t, up ? s->lower : s->upper, up ? s->upper : s->lower);
        m->subscripts[k] = mk_index(t->graph, s->index);
    }
    return true;
}

/* Stores the scalar where the loop has formed it: the array; 0: that is not possible. */
static array_id store(struct memory *m, item_id loop, array_id a) {
    struct tree *t = m->t;
    struct dimension dims[MOST_LOOPS];
    item_id last = 0, body = body_of_writes(t, loop, a, &last);
    if (!body || tree_loop_around(t, last) != loop || !find_subscripts(m, loop, dims)) return 0;
    struct array like = t->p.arrays.at[a];
    struct array array = {.name = like.name, .role = ROLE_TEMPORARY, .type = like.type, .dims = dims};
    array.rank = m->rank;
    array.span = like.span;
    array_id kept = tree_array(t, array, 0);
    node_id value = mk_read(t->graph, a, like.type, NULL, 0);
    item_id update = tree_new_update(t, kept, m->subscripts, UPDATE_SET, value, tree_step(t, last)->span);
    if (t->failed || !update) return 0;
    tree_insert_after(t, last, update);
    return kept;
}

static node_id replace_read(void *context, node_id read, const node_id *subscripts) {
    const struct memory *m = context;
    (void)subscripts;
    if (node_payload(m->t->graph, read) != m->from) return 0;
    return mk_read(m->t->graph, m->to, node_type(m->t->graph, read), m->subscripts, m->rank);
}

static void forget(struct memory *m, item_id loop) {
    struct tree *t = m->t;
    for (item_id i = tree_next(t, loop, loop), next; i; i = next) {
        next = tree_next(t, i, loop);
        if (writes(tree_step(t, i), m->from)) tree_unlink(t, i);
    }
    rewrite_begin(&m->rewrite);
    rewrite_items(&m->rewrite, loop);
}

static bool has_writes(const struct tree *t, item_id loop, array_id a) {
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop))
        if (writes(tree_step(t, i), a)) return true;
    return false;
}

/* An array that lives in the loops over an index of which there are several. */
static bool keep(struct memory *m, array_id a) {
    struct tree *t = m->t;
    const struct array *array = &t->p.arrays.at[a];
    item_id first = array->owner ? m->first[array->owner] : 0;
    bool kept = false;
    if (!first || !m->next[first] || array->rank || array->type != TYPE_REAL || !has_writes(t, first, a) ||
        !is_dear(t, first, a))
        return false;
    m->from = a;
    m->to = 0;
    for (item_id loop = m->next[first]; loop && !t->failed; loop = m->next[loop]) {
        if (!has_writes(t, loop, a) || !covers(t, first, loop)) continue;
        if (!m->to && !(m->to = store(m, first, a))) return false;
        forget(m, loop);
        kept = true;
    }
    return kept;
}

/* Whether some share an index. */
static bool find_loops(struct memory *m) {
    struct tree *t = m->t;
    bool any = false;
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) {
        if (!tree_is_loop(t, i)) continue;
        index_id index = tree_step(t, i)->index;
        any |= m->first[index] != 0;
        if (m->first[index])
            m->next[m->last[index]] = i;
        else
            m->first[index] = i;
        m->last[index] = i;
    }
    return any;
}

bool lower_remember(struct tree *t, bool *changed) {
    struct memory m = {.t = t};
    size_t arrays = t->p.arrays.count;
    *changed = false;
    rewrite_init(&m.rewrite, t);
    m.rewrite.read = replace_read;
    m.rewrite.context = &m;
    m.first = calloc(t->p.indices.count, sizeof *m.first);
    m.last = calloc(t->p.indices.count, sizeof *m.last);
    m.next = calloc(t->items.count, sizeof *m.next);
    if (!m.first || !m.last || !m.next) t->failed = true;
    bool any = !t->failed && find_loops(&m);
    for (array_id a = 1; a < arrays && any && !t->failed; a++) *changed |= keep(&m, a);
    t->failed |= m.rewrite.failed;
    rewrite_release(&m.rewrite);
    free(m.first);
    free(m.last);
    free(m.next);
    return !t->failed;
}
