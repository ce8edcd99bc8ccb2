#include "lower/merge.h"

#include <string.h>

#include "ir/build.h"

enum { FARTHEST = 32 /* updates of an array that are looked at */ };

struct merger {
    struct tree *t;
    VEC(item_id) latest; /* by array: its last update in the body at hand */
    VEC(item_id) before; /* by item: the update of the same array before it */
    VEC(item_id) body;   /* by array: where latest stands */
};

static bool same_element(const struct tree *t, item_id a, item_id b) {
    uint32_t rank = t->p.arrays.at[tree_step(t, a)->array].rank;
    return rank == 0 || memcmp(tree_subscripts(t, a), tree_subscripts(t, b), rank * sizeof(node_id)) == 0;
}

static item_id latest_in(const struct merger *m, array_id a, item_id body) {
    return a < m->latest.count && m->body.at[a] == body ? m->latest.at[a] : 0;
}

/* An earlier update of the element in the body; 0: none. An opening stays before updates in bodies inside. */
static item_id find(const struct merger *m, item_id update, item_id body) {
    bool passes_inner = false;
    item_id i = latest_in(m, tree_step(m->t, update)->array, body);
    for (unsigned k = 0; i && k < FARTHEST; k++, i = m->before.at[i]) {
        item_id parent = tree_item(m->t, i)->parent;
        passes_inner |= parent && parent != body;
        if (parent == body && same_element(m->t, i, update))
            return passes_inner && tree_item(m->t, i)->opens ? 0 : i;
    }
    return 0;
}

static void note(struct merger *m, item_id update, item_id body) {
    array_id a = tree_step(m->t, update)->array;
    while (m->latest.count <= a && VEC_PUSH(&m->latest, 0) && VEC_PUSH(&m->body, 0)) continue;
    while (m->before.count <= update && VEC_PUSH(&m->before, 0)) continue;
    if (m->latest.failed || m->body.failed || m->before.failed) {
        m->t->failed = true;
        return;
    }
    m->before.at[update] = latest_in(m, a, body);
    m->latest.at[a] = update;
    m->body.at[a] = body;
}

static bool can_merge(const struct tree *t, item_id earlier, item_id later) {
    const struct step *s = tree_step(t, earlier), *r = tree_step(t, later);
    if (r->op == UPDATE_SET || tree_item(t, later)->opens) return false;
    if (tree_is_pure_opening(t, earlier)) return true;
    return s->op == UPDATE_ADD && r->op == UPDATE_ADD && t->p.arrays.at[s->array].type == TYPE_REAL;
}

/* Nothing reads the element between its updates, and what the earlier one reads does not change. */
static void merge(struct tree *t, item_id earlier, item_id later) {
    struct step *s = tree_step(t, earlier), *r = tree_step(t, later);
    if (!tree_is_pure_opening(t, earlier)) r->value = mk_add(t->graph, s->value, r->value);
    tree_item(t, later)->opens = tree_item(t, earlier)->opens;
    tree_unlink(t, earlier);
}

static void note_inner(struct merger *m, item_id top, item_id body) {
    for (item_id i = top; i; i = tree_next(m->t, i, top))
        if (tree_step(m->t, i)->kind == STEP_UPDATE) note(m, i, body);
}

static bool is_updated_beside(const struct tree *t, item_id when, item_id update) {
    for (item_id i = when; i; i = tree_next(t, i, when))
        if (i != update && tree_step(t, i)->kind == STEP_UPDATE &&
            tree_step(t, i)->array == tree_step(t, update)->array)
            return true;
    return false;
}

/* Takes an update out of a condition: it adds nothing where that does not hold. */
static bool take_out(struct merger *m, item_id when, item_id update, bool is_first) {
    struct tree *t = m->t;
    item_id body = tree_item(t, when)->parent;
    struct step *s = tree_step(t, update);
    if (s->kind != STEP_UPDATE || s->op != UPDATE_ADD || tree_item(t, update)->opens) return false;
    if (t->p.arrays.at[s->array].type != TYPE_REAL) return false;
    item_id earlier = find(m, update, body);
    if (!earlier || !tree_item(t, earlier)->opens) return false;
    if (!is_first && is_updated_beside(t, when, update)) return false;
    s->value = mk_select(t->graph, tree_step(t, when)->condition, s->value, mk_zero(t->graph));
    tree_unlink(t, update);
    if (is_first)
        tree_insert_before(t, when, update);
    else
        tree_insert_after(t, when, update);
    if (tree_is_pure_opening(t, earlier) || tree_step(t, earlier)->op == UPDATE_ADD)
        merge(t, earlier, update);
    note(m, update, body);
    return true;
}

/* A condition that only holds another one. */
static void join_conditions(struct tree *t, item_id when) {
    item_id only = tree_item(t, when)->first;
    while (only && only == tree_item(t, when)->last && tree_step(t, only)->kind == STEP_WHEN) {
        tree_step(t, when)->condition =
            mk_and(t->graph, tree_step(t, when)->condition, tree_step(t, only)->condition);
        tree_dissolve(t, only);
        only = tree_item(t, when)->first;
    }
}

static void merge_condition(struct merger *m, item_id when) {
    struct tree *t = m->t;
    join_conditions(t, when);
    while (tree_item(t, when)->first && take_out(m, when, tree_item(t, when)->first, true)) continue;
    while (tree_item(t, when)->last && take_out(m, when, tree_item(t, when)->last, false)) continue;
    if (!tree_item(t, when)->first) tree_unlink(t, when);
}

static void merge_body(struct merger *m, item_id body) {
    struct tree *t = m->t;
    for (item_id i = tree_item(t, body)->first, next; i && !t->failed; i = next) {
        next = tree_item(t, i)->next;
        if (tree_step(t, i)->kind == STEP_WHEN) merge_condition(m, i);
        if (tree_item(t, i)->first) note_inner(m, i, body);
        if (tree_step(t, i)->kind != STEP_UPDATE || !tree_item(t, i)->parent) continue;
        item_id earlier = find(m, i, body);
        if (earlier && can_merge(t, earlier, i)) merge(t, earlier, i);
        note(m, i, body);
    }
}

bool lower_merge(struct tree *t) {
    struct merger m = {.t = t};
    merge_body(&m, ROOT);
    for (item_id i = tree_next(t, ROOT, ROOT); i && !t->failed; i = tree_next(t, i, ROOT))
        if (tree_item(t, i)->first) merge_body(&m, i);
    VEC_FREE(&m.latest);
    VEC_FREE(&m.before);
    VEC_FREE(&m.body);
    t->failed |= t->graph->failed;
    return !t->failed;
}
