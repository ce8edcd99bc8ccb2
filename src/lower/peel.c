#include "lower/peel.h"

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/separate.h"

enum { MOST_NODES = 64 /* of a bound that is looked at */ };

/* How far the ranges of the members lie apart. */
struct spread {
    node_id first, last;   /* of the whole loop */
    node_id lower, upper;  /* where all members run */
    int64_t before, after; /* iterations outside of that, where there are so many */
};

static struct spread find_spread(struct tree *t, item_id loop) {
    struct step *s = tree_step(t, loop);
    struct spread spread = {.first = s->lower, .last = s->upper, .lower = s->lower, .upper = s->upper};
    for (item_id i = tree_item(t, loop)->first; i; i = tree_item(t, i)->next) {
        int64_t distance = 0;
        if (affine_difference(t->graph, tree_step(t, i)->lower, spread.first, &distance) &&
            distance > spread.before) {
            spread.before = distance;
            spread.lower = tree_step(t, i)->lower;
        }
        if (affine_difference(t->graph, spread.last, tree_step(t, i)->upper, &distance) &&
            distance > spread.after) {
            spread.after = distance;
            spread.upper = tree_step(t, i)->upper;
        }
    }
    return spread;
}

static bool reads_element(const struct graph *g, node_id root) {
    node_id stack[MOST_NODES];
    size_t count = 1, visits = 0;
    stack[0] = root;
    while (count > 0) {
        node_id n = stack[--count];
        if (node_op(g, n) == OP_READ && node_count(g, n) > 0) return true;
        if (++visits > MOST_NODES || count + node_count(g, n) > MOST_NODES) return true;
        for (uint32_t k = 0; k < node_count(g, n); k++) stack[count++] = node_operand(g, n, k);
    }
    return false;
}

/* Whether the member's loops may run where it does not, with nothing to do. */
static bool may_sink(const struct tree *t, item_id member) {
    for (item_id i = tree_next(t, member, member); i; i = tree_next(t, i, member)) {
        const struct step *s = tree_step(t, i);
        if (s->kind == STEP_WHEN || s->kind == STEP_CLEAR) return false;
        if (s->kind == STEP_LOOP && (reads_element(t->graph, s->lower) || reads_element(t->graph, s->upper)))
            return false;
    }
    return true;
}

/* The condition goes into the loops, to the single updates: there they may become choices. */
static void sink(struct tree *t, item_id member) {
    struct step when = {.kind = STEP_WHEN, .condition = tree_step(t, member)->condition};
    bool any_loop = false;
    for (item_id i = tree_item(t, member)->first; i; i = tree_item(t, i)->next)
        any_loop |= tree_is_loop(t, i);
    if (!any_loop || !may_sink(t, member)) return;
    for (item_id i = tree_next(t, member, member), next; i && !t->failed; i = next) {
        next = tree_next(t, i, member);
        if (tree_step(t, i)->kind != STEP_UPDATE) continue;
        when.span = tree_step(t, i)->span;
        item_id around = tree_new(t, when);
        if (!around) return;
        tree_insert_before(t, i, around);
        tree_unlink(t, i);
        tree_append(t, around, i);
    }
    tree_dissolve(t, member);
}

/* The member runs on that condition; without one where that always holds. */
static void settle(struct tree *t, item_id member, node_id condition) {
    tree_item(t, member)->is_member = false;
    tree_step(t, member)->condition = condition;
    tree_step(t, member)->lower = tree_step(t, member)->upper = 0;
    enum op op = node_op(t->graph, condition);
    if (op == OP_BOOL && node_payload(t->graph, condition))
        tree_dissolve(t, member);
    else if (op == OP_BOOL)
        tree_unlink(t, member);
    else
        sink(t, member);
}

/* The members of an end. The one before the interior may also lie beyond the end of some of them. */
static void settle_end(struct tree *t, item_id loop, const struct spread *spread, bool is_before) {
    struct graph *g = t->graph;
    node_id index = mk_index(g, tree_step(t, loop)->index), yes = mk_bool(g, true);
    for (item_id i = tree_item(t, loop)->first, next; i; i = next) {
        int64_t late = 0, early = 0;
        struct step *s = tree_step(t, i);
        next = tree_item(t, i)->next;
        affine_difference(g, s->lower, spread->first, &late);
        affine_difference(g, spread->last, s->upper, &early);
        node_id begun = yes, lasts = early > 0 ? mk_ile(g, index, s->upper) : yes;
        if (is_before && late > 0)
            begun = spread->before > 1 ? mk_ile(g, s->lower, index) : mk_bool(g, false);
        if (!is_before && early > 0 && spread->after == 1) lasts = mk_bool(g, false);
        settle(t, i, mk_and(g, begun, lasts));
    }
}

static void peel_loop(struct separation *s, item_id loop) {
    struct tree *t = s->tree;
    struct graph *g = t->graph;
    struct spread spread = find_spread(t, loop);
    item_id before = spread.before > 0 ? separate_copy(s, loop) : 0;
    item_id after = spread.after > 0 ? separate_copy(s, loop) : 0;
    node_id one = mk_int(g, 1);
    if (t->failed) return;
    if (before) {
        tree_insert_before(t, loop, before);
        tree_step(t, before)->upper = mk_imin(g, mk_isub(g, spread.lower, one), spread.last);
        settle_end(t, before, &spread, true);
    }
    if (after) {
        tree_insert_after(t, loop, after);
        tree_step(t, after)->lower = mk_imax(g, mk_iadd(g, spread.upper, one), spread.lower);
        settle_end(t, after, &spread, false);
    }
    tree_step(t, loop)->lower = spread.lower;
    tree_step(t, loop)->upper = spread.upper;
    for (item_id i = tree_item(t, loop)->first, next; i; i = next) {
        next = tree_item(t, i)->next;
        settle(t, i, mk_bool(g, true));
    }
    const item_id pieces[] = {before, loop, after};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++)
        if (pieces[k] && !VEC_PUSH(&t->to_fuse, pieces[k])) t->failed = true;
}

bool lower_peel(struct tree *t) {
    struct separation s;
    separation_init(&s, t);
    while (t->to_peel.count && !t->failed) peel_loop(&s, VEC_POP(&t->to_peel));
    separation_release(&s);
    return !t->failed;
}
