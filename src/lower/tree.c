#include "lower/tree.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"

/* ---- Links ---- */

void tree_append(struct tree *t, item_id parent, item_id i) {
    struct item *item = tree_item(t, i), *body = tree_item(t, parent);
    item->parent = parent;
    item->previous = body->last;
    item->next = 0;
    if (body->last)
        tree_item(t, body->last)->next = i;
    else
        body->first = i;
    body->last = i;
}

void tree_insert_before(struct tree *t, item_id place, item_id i) {
    struct item *item = tree_item(t, i), *at = tree_item(t, place);
    item->parent = at->parent;
    item->previous = at->previous;
    item->next = place;
    if (at->previous)
        tree_item(t, at->previous)->next = i;
    else
        tree_item(t, at->parent)->first = i;
    at->previous = i;
}

void tree_insert_after(struct tree *t, item_id place, item_id i) {
    item_id next = tree_item(t, place)->next;
    if (next)
        tree_insert_before(t, next, i);
    else
        tree_append(t, tree_item(t, place)->parent, i);
}

void tree_unlink(struct tree *t, item_id i) {
    struct item *item = tree_item(t, i), *body = tree_item(t, item->parent);
    if (item->previous)
        tree_item(t, item->previous)->next = item->next;
    else
        body->first = item->next;
    if (item->next)
        tree_item(t, item->next)->previous = item->previous;
    else
        body->last = item->previous;
    item->next = item->previous = item->parent = 0;
}

void tree_dissolve(struct tree *t, item_id i) {
    for (item_id child; (child = tree_item(t, i)->first) != 0;) {
        tree_unlink(t, child);
        tree_insert_before(t, i, child);
    }
    tree_unlink(t, i);
}

void tree_take_decided(struct tree *t, item_id top) {
    for (item_id i = tree_next(t, top, top), next; i; i = next) {
        const struct step *s = tree_step(t, i);
        bool decided = s->kind == STEP_WHEN && node_op(t->graph, s->condition) == OP_BOOL;
        bool holds = decided && node_payload(t->graph, s->condition);
        next = decided && !holds ? tree_after(t, i, top) : tree_next(t, i, top);
        if (holds)
            tree_dissolve(t, i);
        else if (decided)
            tree_unlink(t, i);
    }
}

void tree_move_children(struct tree *t, item_id from, item_id to) {
    for (item_id child; (child = tree_item(t, from)->first) != 0;) {
        tree_unlink(t, child);
        tree_append(t, to, child);
    }
}

item_id tree_after(const struct tree *t, item_id i, item_id top) {
    while (i != top && !tree_item(t, i)->next) i = tree_item(t, i)->parent;
    return i == top ? 0 : tree_item(t, i)->next;
}

item_id tree_next(const struct tree *t, item_id i, item_id top) {
    item_id first = tree_item(t, i)->first;
    return first ? first : tree_after(t, i, top);
}

item_id tree_loop_around(const struct tree *t, item_id i) {
    do i = tree_item(t, i)->parent;
    while (i != ROOT && !tree_is_loop(t, i));
    return i;
}

/* ---- New items ---- */

item_id tree_new(struct tree *t, struct step step) {
    struct item item = {.step = step};
    if (t->items.count >= UINT32_MAX || !VEC_PUSH(&t->items, item)) {
        t->failed = true;
        return 0;
    }
    return (item_id)(t->items.count - 1);
}

item_id tree_new_update(struct tree *t, array_id array, const node_id *subscripts, enum update_op op,
                        node_id value, struct span span) {
    struct step step = {.kind = STEP_UPDATE, .span = span, .array = array, .op = op, .value = value};
    step.subscripts = (uint32_t)t->subscripts.count;
    for (uint32_t k = 0; k < t->p.arrays.at[array].rank; k++) VEC_PUSH(&t->subscripts, subscripts[k]);
    t->failed |= t->subscripts.failed;
    return tree_new(t, step);
}

item_id tree_new_loop(struct tree *t, const char *name, node_id lower, node_id upper, struct span span) {
    index_id index = program_index(&t->p, name, span);
    return tree_new(t, (struct step){.kind = STEP_LOOP,
                                     .span = span,
                                     .index = index,
                                     .lower = lower,
                                     .upper = upper,
                                     .by = graph_integer(t->graph, 1),
                                     .order = ORDER_FREE});
}

struct dimension tree_range(struct tree *t, node_id lower, node_id upper) {
    node_id none = mk_isub(t->graph, lower, mk_int(t->graph, 1));
    return (struct dimension){lower, mk_imax(t->graph, upper, none)};
}

array_id tree_array(struct tree *t, struct array array, node_id neutral) {
    array_id a = program_array(&t->p, array);
    if (!VEC_PUSH(&t->neutral, neutral)) t->failed = true;
    return a;
}

/* ---- Programs ---- */

static void read_step(struct tree *t, const struct program *p, uint32_t at, item_id *open) {
    const struct step *step = &p->steps.at[at];
    if (step->kind == STEP_END) {
        *open = tree_item(t, *open)->parent;
        return;
    }
    item_id i = tree_new(t, *step);
    if (!i) return;
    if (step->kind == STEP_UPDATE) {
        tree_step(t, i)->subscripts = (uint32_t)t->subscripts.count;
        for (uint32_t k = 0; k < p->arrays.at[step->array].rank; k++)
            VEC_PUSH(&t->subscripts, step_subscripts(p, step)[k]);
    }
    tree_append(t, *open, i);
    if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) *open = i;
}

bool tree_read(struct tree *t, const struct program *p) {
    *t = (struct tree){.graph = p->graph};
    program_like(&t->p, p);
    struct item none = {0};
    VEC_PUSH(&t->items, none);
    item_id open = tree_new(t, (struct step){.kind = STEP_END});
    for (size_t a = 0; a < p->arrays.count; a++) VEC_PUSH(&t->neutral, (node_id){0});
    VEC_PUSH(&t->to_fuse, open);
    t->failed |= t->p.failed || t->items.failed || t->neutral.failed || t->to_fuse.failed;
    for (uint32_t i = 0; i < p->steps.count && !t->failed; i++) read_step(t, p, i, &open);
    t->failed |= t->subscripts.failed;
    return !t->failed;
}

void tree_release(struct tree *t) {
    program_release(&t->p);
    VEC_FREE(&t->items);
    VEC_FREE(&t->subscripts);
    VEC_FREE(&t->neutral);
    VEC_FREE(&t->to_fuse);
    VEC_FREE(&t->to_peel);
}

bool tree_is_pure_opening(const struct tree *t, item_id i) {
    const struct item *item = tree_item(t, i);
    return item->opens && item->step.value == t->neutral.at[item->step.array];
}

/* What is needed to write a tree as a program. */
struct writing {
    struct tree *t;
    struct program *out;
    bool *cleared;   /* by array: it stays cleared */
    bool *effective; /* by item: it leads to a step */
    VEC(array_id) by_owner;
    uint32_t *first_of_owner; /* by index: cleared arrays that live in its loop */
};

static bool is_written(const struct writing *w, item_id i) {
    const struct item *item = tree_item(w->t, i);
    if (item->step.kind == STEP_CLEAR) return true;
    if (item->step.kind != STEP_UPDATE) return false;
    return !tree_is_pure_opening(w->t, i) || !w->cleared[item->step.array];
}

/* An array stays cleared where an update does not open, or none does more than that. */
static void decide(struct writing *w) {
    struct tree *t = w->t;
    bool *accumulates = w->effective; /* by array, for now */
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) {
        const struct item *item = tree_item(t, i);
        if (item->step.kind != STEP_UPDATE || !t->neutral.at[item->step.array]) continue;
        if (!item->opens) w->cleared[item->step.array] = true;
        if (!tree_is_pure_opening(t, i)) accumulates[item->step.array] = true;
    }
    for (size_t a = 1; a < t->p.arrays.count; a++) {
        if (t->neutral.at[a] && !accumulates[a]) w->cleared[a] = true;
        accumulates[a] = false;
    }
}

static void mark_effective(struct writing *w) {
    struct tree *t = w->t;
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) {
        if (!is_written(w, i)) continue;
        for (item_id k = i; k && !w->effective[k]; k = tree_item(t, k)->parent) w->effective[k] = true;
    }
}

static void write_clears(struct writing *w, index_id owner) {
    for (uint32_t k = w->first_of_owner[owner]; k < w->first_of_owner[owner + 1]; k++) {
        array_id a = w->by_owner.at[k];
        program_clear(w->out, a, w->t->neutral.at[a], w->t->p.arrays.at[a].span);
    }
}

static void sort_by_owner(struct writing *w) {
    const struct tree *t = w->t;
    for (index_id owner = 0; owner <= t->p.indices.count; owner++) w->first_of_owner[owner] = 0;
    for (size_t a = 1; a < t->p.arrays.count; a++)
        if (w->cleared[a]) w->first_of_owner[t->p.arrays.at[a].owner + 1]++;
    for (index_id owner = 0; owner < t->p.indices.count; owner++)
        w->first_of_owner[owner + 1] += w->first_of_owner[owner];
    uint32_t count = w->first_of_owner[t->p.indices.count];
    if (!VEC_RESERVE(&w->by_owner, (size_t)count + 1)) return;
    w->by_owner.count = count;
    /* Filled from the back, so that the starts end up in place. */
    for (size_t a = t->p.arrays.count; a-- > 1;)
        if (w->cleared[a]) w->by_owner.at[--w->first_of_owner[t->p.arrays.at[a].owner + 1]] = (array_id)a;
    for (index_id owner = 0; owner < t->p.indices.count; owner++)
        w->first_of_owner[owner] = w->first_of_owner[owner + 1];
    w->first_of_owner[t->p.indices.count] = count;
}

static void write_update(struct writing *w, item_id i) {
    const struct item *item = tree_item(w->t, i);
    const struct step *s = &item->step;
    bool sets = item->opens && !w->cleared[s->array];
    program_update(w->out, s->array, tree_subscripts(w->t, i), sets ? UPDATE_SET : s->op, s->value, s->span);
}

static void write_item(struct writing *w, item_id i) {
    const struct step *s = tree_step(w->t, i);
    switch (s->kind) {
    case STEP_UPDATE: write_update(w, i); break;
    case STEP_CLEAR: program_clear(w->out, s->array, s->value, s->span); break;
    case STEP_LOOP:
        program_loop(w->out, s->index, s->lower, s->upper, s->by, s->order, s->span);
        write_clears(w, s->index);
        break;
    case STEP_WHEN: program_when(w->out, s->condition, s->span); break;
    case STEP_END: break;
    }
}

/* Closes the bodies that end between i and the item after it. */
static void close_bodies(struct writing *w, item_id i, item_id next) {
    item_id around = next ? tree_item(w->t, next)->parent : ROOT;
    for (; i != around; i = tree_item(w->t, i)->parent) {
        enum step_kind kind = tree_step(w->t, i)->kind;
        if (kind == STEP_LOOP || kind == STEP_WHEN) program_end(w->out);
    }
}

static void write_items(struct writing *w) {
    write_clears(w, 0);
    item_id i = tree_next(w->t, ROOT, ROOT);
    while (i && !w->out->failed) {
        bool effective = w->effective[i];
        if (effective) write_item(w, i);
        item_id next = effective ? tree_next(w->t, i, ROOT) : tree_after(w->t, i, ROOT);
        close_bodies(w, effective ? i : tree_item(w->t, i)->parent, next);
        i = next;
    }
}

bool tree_write(struct tree *t, struct program *out) {
    struct writing w = {.t = t, .out = out};
    program_like(out, &t->p);
    size_t count = t->items.count > t->p.arrays.count ? t->items.count : t->p.arrays.count;
    w.cleared = calloc(t->p.arrays.count, sizeof *w.cleared);
    w.effective = calloc(count, sizeof *w.effective);
    w.first_of_owner = calloc(t->p.indices.count + 1, sizeof *w.first_of_owner);
    bool enough = w.cleared && w.effective && w.first_of_owner && !out->failed && !t->failed;
    if (enough) {
        decide(&w);
        sort_by_owner(&w);
        mark_effective(&w);
        enough = !w.by_owner.failed;
    }
    if (enough) write_items(&w);
    free(w.cleared);
    free(w.effective);
    free(w.first_of_owner);
    VEC_FREE(&w.by_owner);
    return enough && !out->failed && !t->p.failed && !t->graph->failed;
}
