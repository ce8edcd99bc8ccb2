#include "lower/inline.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "lower/access.h"
#include "lower/rewrite.h"

enum { MOST_NODES = 12, MOST_ROUNDS = 6, MOST_DIMENSIONS = 8 };

/* How an array is set and read. */
struct use {
    item_id update, opening;
    uint32_t updates, openings;
    bool tested;                       /* a comparison depends on it */
    bool beside;                       /* read elsewhere than at the index of a loop */
    bool may;                          /* go away */
    bool chosen;                       /* goes away in this round */
    index_id indices[MOST_DIMENSIONS]; /* of the loops that set it, by dimension */
};

struct inliner {
    struct tree *t;
    struct access_walk walk;
    struct access_list list;
    struct use *uses; /* by array */
    size_t array_count;
    struct rewrite outer, value;
};

static item_id nest_of(const struct tree *t, item_id update) {
    item_id i = update;
    for (; tree_item(t, i)->parent != ROOT; i = tree_item(t, i)->parent) {
        const struct item *around = tree_item(t, tree_item(t, i)->parent);
        if (around->step.kind != STEP_LOOP || around->step.order != ORDER_FREE ||
            around->first != around->last)
            return 0;
        if (!node_is_int(t->graph, around->step.by, 1)) return 0;
    }
    return i;
}

static void note(struct inliner *in, const struct access *a) {
    struct use *use = &in->uses[a->array];
    const struct graph *g = in->t->graph;
    const node_id *subscripts = access_subscripts(&in->list, a);
    uint32_t rank = a->whole ? 0 : in->t->p.arrays.at[a->array].rank;
    use->tested |= a->in_test || a->whole;
    if (a->kind == ACCESS_READ) {
        for (uint32_t k = 0; k < rank; k++) use->beside |= node_op(g, subscripts[k]) != OP_INDEX;
    } else if (!a->whole && tree_is_pure_opening(in->t, a->item)) {
        use->opening = a->item;
        use->openings++;
    } else {
        use->update = a->item;
        use->updates++;
    }
}

static void find_uses(struct inliner *in) {
    struct tree *t = in->t;
    memset(in->uses, 0, in->array_count * sizeof *in->uses);
    in->list.all.count = in->list.subscripts.count = 0;
    access_begin(&in->walk);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT)) access_add(&in->walk, &in->list, i);
    for (size_t k = 0; k < in->list.all.count; k++) note(in, &in->list.all.at[k]);
}

/* Whether the nest's loops run over the subscripts, each over one; all of the array where `whole`. */
static bool runs_over_subscripts(struct inliner *in, array_id a, item_id nest, bool whole) {
    struct tree *t = in->t;
    struct use *use = &in->uses[a];
    const struct array *array = &t->p.arrays.at[a];
    uint32_t loops = 0, seen = 0;
    for (item_id i = nest; i != use->update; i = tree_item(t, i)->first, loops++) {
        const struct step *s = tree_step(t, i);
        for (uint32_t k = 0; k < array->rank; k++) {
            node_id subscript = tree_subscripts(t, use->update)[k];
            if (node_op(t->graph, subscript) != OP_INDEX || node_payload(t->graph, subscript) != s->index)
                continue;
            if (whole && (s->lower != array->dims[k].lower || s->upper != array->dims[k].upper)) return false;
            use->indices[k] = s->index;
            seen++;
        }
    }
    return loops == array->rank && seen == array->rank;
}

/* Whether a value is computed in a few cheap operations. */
static bool is_cheap(const struct inliner *in, node_id root) {
    const struct graph *g = in->t->graph;
    node_id found[MOST_NODES];
    size_t count = 1;
    found[0] = root;
    for (size_t k = 0; k < count; k++) {
        node_id n = found[k];
        if (node_op(g, n) == OP_DIV || op_is_dear(node_op(g, n))) return false;
        if (node_op(g, n) == OP_READ) {
            if (in->t->p.arrays.at[node_payload(g, n)].owner) return false;
            continue;
        }
        for (uint32_t i = 0; i < node_count(g, n); i++) {
            node_id operand = node_operand(g, n, i);
            bool again = node_type(g, operand) == TYPE_INT || node_op(g, operand) == OP_CONST;
            for (size_t j = 0; j < count && !again; j++) again = found[j] == operand;
            if (again) continue;
            if (count == MOST_NODES) return false;
            found[count++] = operand;
        }
    }
    return true;
}

static bool may_inline(struct inliner *in, array_id a) {
    struct tree *t = in->t;
    struct use *use = &in->uses[a];
    const struct array *array = &t->p.arrays.at[a];
    if (array->owner || array->rank == 0 || array->rank > MOST_DIMENSIONS || array->type != TYPE_REAL)
        return false;
    if (role_is_input(array->role) || role_is_output(array->role) || use->tested || !use->beside)
        return false;
    if (use->updates != 1 || use->openings > 1) return false;
    const struct step *s = tree_step(t, use->update);
    bool sum = s->op == UPDATE_ADD && t->neutral.at[a] && use->openings == 1;
    item_id nest = nest_of(t, use->update);
    if (!nest || nest == use->update || (!sum && s->op != UPDATE_SET)) return false;
    if (sum && !nest_of(t, use->opening)) return false;
    return runs_over_subscripts(in, a, nest, sum) && is_cheap(in, s->value);
}

static node_id replace_read(void *context, node_id read, const node_id *subscripts) {
    struct inliner *in = context;
    array_id a = node_payload(in->t->graph, read);
    if (a >= in->array_count || !in->uses[a].chosen) return 0;
    const struct use *use = &in->uses[a];
    rewrite_begin(&in->value);
    for (uint32_t k = 0; k < in->t->p.arrays.at[a].rank; k++)
        rewrite_index(&in->value, use->indices[k], subscripts[k]);
    node_id value = rewrite_node(&in->value, tree_step(in->t, use->update)->value);
    if (in->value.failed) in->t->failed = true;
    return value;
}

static void inline_chosen(struct inliner *in) {
    struct tree *t = in->t;
    rewrite_begin(&in->outer);
    for (item_id i = ROOT; i && !t->failed; i = tree_next(t, i, ROOT))
        if (tree_step(t, i)->kind != STEP_UPDATE || !in->uses[tree_step(t, i)->array].chosen)
            rewrite_item(&in->outer, i);
    for (array_id a = 1; a < in->array_count && !t->failed; a++) {
        if (!in->uses[a].chosen) continue;
        tree_unlink(t, nest_of(t, in->uses[a].update));
        if (in->uses[a].openings) tree_unlink(t, nest_of(t, in->uses[a].opening));
        t->neutral.at[a] = 0;
    }
}

/* What it reads goes away first. */
static bool reads_another(const struct inliner *in, node_id root) {
    const struct graph *g = in->t->graph;
    node_id stack[MOST_NODES * MOST_NODES];
    size_t count = 1, visits = 0;
    stack[0] = root;
    while (count > 0) {
        node_id n = stack[--count];
        if (node_op(g, n) == OP_READ) {
            array_id a = node_payload(g, n);
            if (a < in->array_count && in->uses[a].may) return true;
            continue;
        }
        if (++visits > MOST_NODES * MOST_NODES || count + node_count(g, n) > MOST_NODES * MOST_NODES)
            return true;
        for (uint32_t k = 0; k < node_count(g, n); k++) stack[count++] = node_operand(g, n, k);
    }
    return false;
}

static bool run_round(struct inliner *in) {
    bool any = false;
    find_uses(in);
    if (in->walk.failed) in->t->failed = true;
    for (array_id a = 1; a < in->array_count && !in->t->failed; a++) {
        in->uses[a].may = in->uses[a].updates > 0 && may_inline(in, a);
    }
    for (array_id a = 1; a < in->array_count && !in->t->failed; a++) {
        struct use *use = &in->uses[a];
        use->chosen = use->may && !reads_another(in, tree_step(in->t, use->update)->value);
        any |= use->chosen;
    }
    if (any) inline_chosen(in);
    return any;
}

bool lower_inline(struct tree *t) {
    struct inliner in = {.t = t, .array_count = t->p.arrays.count};
    access_walk_init(&in.walk, t);
    rewrite_init(&in.outer, t);
    rewrite_init(&in.value, t);
    in.outer.read = replace_read;
    in.outer.context = &in;
    in.uses = calloc(in.array_count, sizeof *in.uses);
    if (!in.uses) t->failed = true;
    for (unsigned k = 0; k < MOST_ROUNDS && !t->failed && run_round(&in); k++) continue;
    rewrite_release(&in.outer);
    rewrite_release(&in.value);
    access_walk_release(&in.walk);
    access_list_release(&in.list);
    free(in.uses);
    return !t->failed;
}
