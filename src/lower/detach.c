#include "lower/detach.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/separate.h"

enum { MOST_STEPS = 16 };

struct detaching {
    struct tree *tree;
    struct separation separation;
    struct rewrite rewrite;
};

/* An end of a loop's range. */
struct end {
    node_id index, value;
    node_id next; /* the iteration beside it */
    bool begins;  /* the loop begins there */
    bool lowest;  /* all other iterations stand above it */
};

static struct end end_of(struct tree *t, item_id loop, bool begins) {
    struct graph *g = t->graph;
    const struct step *s = tree_step(t, loop);
    struct end e = {.index = mk_index(g, s->index), .value = begins ? s->lower : s->upper, .begins = begins};
    e.lowest = node_is_int(g, s->by, 1) == begins;
    e.next = mk_iadd(g, e.value, mk_int(g, e.lowest ? 1 : -1));
    return e;
}

/* ---- Which loops ---- */

static bool suits(const struct tree *t, item_id loop) {
    const struct step *s = tree_step(t, loop);
    unsigned steps = 0;
    if (s->kind != STEP_LOOP || !order_is_sequential(s->order)) return false;
    if (!node_is_int(t->graph, s->by, 1) && !node_is_int(t->graph, s->by, -1)) return false;
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop))
        if (tree_is_loop(t, i) || ++steps > MOST_STEPS) return false;
    return true;
}

/* Conditions that hold at the end alone, or everywhere else, are decided. */
static void decide_conditions(struct rewrite *r, const struct end *e) {
    struct graph *g = r->tree->graph;
    node_id yes = mk_bool(g, true), no = mk_bool(g, false), i = e->index, v = e->value, next = e->next;
    rewrite_begin(r);
    rewrite_replace(r, mk_ieq(g, i, v), no);
    rewrite_replace(r, mk_ine(g, i, v), yes);
    rewrite_replace(r, e->lowest ? mk_ile(g, i, v) : mk_ile(g, v, i), no);
    rewrite_replace(r, e->lowest ? mk_ilt(g, v, i) : mk_ilt(g, i, v), yes);
    rewrite_replace(r, e->lowest ? mk_ilt(g, i, next) : mk_ilt(g, next, i), no);
    rewrite_replace(r, e->lowest ? mk_ile(g, next, i) : mk_ile(g, i, next), yes);
}

static bool changes(struct rewrite *r, node_id n) {
    return n && rewrite_node(r, n) != n;
}

/* Whether the conditions that are decided occur in the body. */
static bool matters(struct rewrite *r, item_id loop) {
    const struct tree *t = r->tree;
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop)) {
        const struct step *s = tree_step(t, i);
        if (changes(r, s->value) || changes(r, s->condition)) return true;
        uint32_t rank = s->kind == STEP_UPDATE ? t->p.arrays.at[s->array].rank : 0;
        for (uint32_t k = 0; k < rank; k++)
            if (changes(r, tree_subscripts(t, i)[k])) return true;
    }
    return false;
}

/* ---- Order ---- */

/* Whether an array that `reader` reads is written by `writer`. */
static bool reads_of(struct tree *t, item_id reader, item_id writer) {
    struct access_walk walk;
    struct access_list reads = {0}, writes = {0};
    bool *written = calloc(t->p.arrays.count, sizeof *written), met = false;
    access_walk_init(&walk, t);
    access_begin(&walk);
    access_add_all(&walk, &reads, reader);
    access_add_all(&walk, &writes, writer);
    t->failed |= walk.failed || reads.all.failed || writes.all.failed || !written;
    for (size_t k = 0; !t->failed && k < writes.all.count; k++)
        written[writes.all.at[k].array] |= writes.all.at[k].kind != ACCESS_READ;
    for (size_t k = 0; !t->failed && k < reads.all.count; k++)
        met |= reads.all.at[k].kind == ACCESS_READ && written[reads.all.at[k].array];
    access_walk_release(&walk);
    access_list_release(&reads);
    access_list_release(&writes);
    free(written);
    return met;
}

/* ---- The end and the rest ---- */

static void rewrite_body(struct rewrite *r, item_id loop) {
    struct tree *t = r->tree;
    for (item_id i = tree_next(t, loop, loop); i; i = tree_next(t, i, loop)) rewrite_item(r, i);
    tree_take_decided(t, loop);
}

/* One iteration, or none where the whole loop has none. */
static void keep_end(struct detaching *d, item_id copy, const struct end *e) {
    struct graph *g = d->tree->graph;
    struct step *s = tree_step(d->tree, copy);
    node_id *near = e->begins ? &s->lower : &s->upper, *far = e->begins ? &s->upper : &s->lower;
    *near = e->value;
    *far = e->lowest ? mk_imin(g, e->value, *far) : mk_imax(g, e->value, *far);
    rewrite_begin(&d->rewrite);
    rewrite_index(&d->rewrite, s->index, e->value);
    rewrite_body(&d->rewrite, copy);
}

static bool detach(struct detaching *d, item_id loop, bool begins) {
    struct tree *t = d->tree;
    struct end e = end_of(t, loop, begins);
    decide_conditions(&d->rewrite, &e);
    if (!matters(&d->rewrite, loop)) return false;
    item_id copy = separate_copy(&d->separation, loop);
    if (!copy || t->failed) return false;
    keep_end(d, copy, &e);
    /* No array is read before the last step that writes it. */
    if (begins ? reads_of(t, copy, loop) : reads_of(t, loop, copy)) return false;
    decide_conditions(&d->rewrite, &e);
    (begins ? tree_insert_before : tree_insert_after)(t, loop, copy);
    rewrite_body(&d->rewrite, loop);
    *(begins ? &tree_step(t, loop)->lower : &tree_step(t, loop)->upper) = e.next;
    return true;
}

bool lower_detach(struct tree *t, bool *changed) {
    struct detaching d = {.tree = t};
    size_t count = t->items.count;
    separation_init(&d.separation, t);
    rewrite_init(&d.rewrite, t);
    *changed = false;
    for (item_id i = ROOT + 1; i < count && !t->failed; i++) {
        if (!suits(t, i)) continue;
        *changed |= detach(&d, i, true);
        *changed |= detach(&d, i, false);
    }
    rewrite_release(&d.rewrite);
    separation_release(&d.separation);
    return !t->failed;
}
