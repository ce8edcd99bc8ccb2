#include "lower/reuse.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/rewrite.h"

enum {
    MOST_LOOPS = 4,
    MOST_NODES = 512, /* of a value that is looked into */
    MOST_FORMED = 64, /* functions of a body that may be stored */
    MOST_CONDITIONS = 16,
    MOST_MATCHES = 16 /* in one value */
};

/* A function that a loop of the body forms. */
struct formed {
    node_id key;   /* the function with canonical indices */
    node_id guard; /* the canonical condition under which it is formed; 0: always */
    node_id value; /* what is to be stored: the function, or the branch that it is one side of */
    item_id update, child;
    uint32_t depth;
    item_id chain[MOST_LOOPS]; /* loops inside the body, outermost first */
    array_id array;            /* which stores it; 0: none yet */
};

struct reuser {
    struct tree *t;
    struct rewrite canonical, rewrite;
    index_id index[MOST_LOOPS];
    item_id body, child; /* the loop at hand, and the item in it */
    item_id chain[MOST_LOOPS];
    uint32_t depth;
    node_id conditions[MOST_CONDITIONS]; /* around the value at hand */
    uint32_t condition_count;
    VEC(struct formed) formed;
    VEC(uint32_t) stamp; /* by node */
    uint32_t now;
    node_id nodes[MOST_NODES]; /* of the value at hand */
    bool certain[MOST_NODES];  /* formed always */
    uint32_t count;
};

/* ---- Where a step stands ---- */

/* Bounds inside the body are the same for all iterations. */
static bool is_rectangular(const struct reuser *r) {
    for (uint32_t k = 0; k < r->depth; k++) {
        const struct step *s = tree_step(r->t, r->chain[k]);
        if (!node_is_int(r->t->graph, s->by, 1)) return false;
        for (uint32_t j = 0; j < k; j++) {
            index_id around = tree_step(r->t, r->chain[j])->index;
            if (affine_holds_index(r->t->graph, s->lower, around) ||
                affine_holds_index(r->t->graph, s->upper, around))
                return false;
        }
    }
    return true;
}

/* The loops between the body and a step. */
static bool find_chain(struct reuser *r, item_id i) {
    item_id found[MOST_LOOPS];
    r->depth = r->condition_count = 0;
    for (item_id k = tree_item(r->t, i)->parent; k != r->body; k = tree_item(r->t, k)->parent) {
        if (r->depth == MOST_LOOPS || r->condition_count + 1 == MOST_CONDITIONS) return false;
        if (tree_is_loop(r->t, k))
            found[r->depth++] = k;
        else
            r->conditions[r->condition_count++] = tree_step(r->t, k)->condition;
    }
    for (uint32_t k = 0; k < r->depth; k++) r->chain[k] = found[r->depth - 1 - k];
    return r->depth > 0 && is_rectangular(r);
}

static void name_indices(struct reuser *r) {
    rewrite_begin(&r->canonical);
    for (uint32_t k = 0; k < r->depth; k++) {
        node_id name = mk_index(r->t->graph, r->index[k]);
        rewrite_index(&r->canonical, tree_step(r->t, r->chain[k])->index, name);
    }
}

static bool same_loops(const struct reuser *r, const struct formed *f) {
    bool same = f->depth == r->depth;
    for (uint32_t k = 0; same && k < r->depth; k++) {
        const struct step *a = tree_step(r->t, f->chain[k]), *b = tree_step(r->t, r->chain[k]);
        same = a->lower == b->lower && a->upper == b->upper;
    }
    return same;
}

/* ---- Values ---- */

static bool is_dear(const struct graph *g, node_id n) {
    return op_is_dear(node_op(g, n));
}

static bool visit(struct reuser *r, node_id n, bool certain) {
    size_t count = graph_count(r->t->graph);
    if (r->stamp.count < count && VEC_RESERVE(&r->stamp, count))
        while (r->stamp.count < count) r->stamp.at[r->stamp.count++] = 0;
    if (r->stamp.count < count) r->t->failed = true;
    if (r->t->failed || r->stamp.at[n] == r->now) return !r->t->failed;
    if (r->count == MOST_NODES) return false;
    r->stamp.at[n] = r->now;
    r->certain[r->count] = certain;
    r->nodes[r->count++] = n;
    return true;
}

/* Lists the nodes of a value, first those that are always formed, then those on one side of a branch. False
 * where they are too many. */
static bool list_nodes(struct reuser *r, node_id root) {
    const struct graph *g = r->t->graph;
    r->count = 0;
    r->now++;
    if (!visit(r, root, true)) return false;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < r->count; i++) {
            node_id n = r->nodes[i];
            bool all = node_op(g, n) != OP_SELECT;
            for (uint32_t k = 0; k < node_count(g, n); k++)
                if ((all || k == 0 || pass == 1) &&
                    !visit(r, node_operand(g, n, k), r->certain[i] && (all || k == 0)))
                    return false;
        }
    }
    return true;
}

/* Whether a value is made of an array that lives in the body, as far as that is seen, with a dimension for
 * each loop: what is stored is no larger. */
static bool is_made_here(struct reuser *r, node_id root) {
    const struct graph *g = r->t->graph;
    index_id owner = tree_step(r->t, r->body)->index;
    node_id stack[MOST_CONDITIONS];
    uint32_t count = 1, visits = 0;
    stack[0] = root;
    while (count > 0) {
        node_id n = stack[--count];
        if (node_op(g, n) == OP_READ) {
            const struct array *array = &r->t->p.arrays.at[node_payload(g, n)];
            if (array->owner == owner && array->rank >= r->depth) return true;
            continue;
        }
        for (uint32_t k = 0; k < node_count(g, n) && count < MOST_CONDITIONS; k++)
            stack[count++] = node_operand(g, n, k);
        if (++visits == MOST_NODES) return false;
    }
    return false;
}

/* ---- What is formed ---- */

static void note(struct reuser *r, item_id update, node_id function, node_id guard, node_id value) {
    if (r->formed.count == MOST_FORMED || !is_dear(r->t->graph, function) || !is_made_here(r, function))
        return;
    struct formed f = {.update = update, .child = r->child, .depth = r->depth, .value = value};
    for (uint32_t k = 0; k < r->depth; k++) f.chain[k] = r->chain[k];
    f.key = rewrite_node(&r->canonical, function);
    f.guard = guard ? rewrite_node(&r->canonical, guard) : 0;
    if (!VEC_PUSH(&r->formed, f)) r->t->failed = true;
}

/* A branch one side of which is a function, the other one a constant. */
static void note_branch(struct reuser *r, item_id update, node_id n) {
    struct graph *g = r->t->graph;
    node_id condition = node_operand(g, n, 0), then = node_operand(g, n, 1),
            otherwise = node_operand(g, n, 2);
    if (node_op(g, otherwise) == OP_CONST) note(r, update, then, condition, n);
    if (node_op(g, then) == OP_CONST) note(r, update, otherwise, mk_not(g, condition), n);
}

static void note_all(struct reuser *r, item_id update) {
    const struct graph *g = r->t->graph;
    if (r->condition_count > 0 || !list_nodes(r, tree_step(r->t, update)->value)) return;
    for (uint32_t i = 0; i < r->count && !r->t->failed; i++) {
        if (!r->certain[i] || node_type(g, r->nodes[i]) != TYPE_REAL) continue;
        if (node_op(g, r->nodes[i]) == OP_SELECT)
            note_branch(r, update, r->nodes[i]);
        else
            note(r, update, r->nodes[i], 0, r->nodes[i]);
    }
}

/* ---- What is formed again ---- */

/* Whether a canonical condition is the other one, or holds with it. */
static bool implies(const struct graph *g, node_id condition, node_id wanted) {
    node_id stack[MOST_CONDITIONS];
    uint32_t count = 1;
    stack[0] = condition;
    while (count > 0) {
        node_id n = stack[--count];
        if (n == wanted) return true;
        if (node_op(g, n) != OP_AND || count + node_count(g, n) > MOST_CONDITIONS) continue;
        for (uint32_t k = 0; k < node_count(g, n); k++) stack[count++] = node_operand(g, n, k);
    }
    return false;
}

/* Whether a canonical condition holds where the value at hand is formed. */
static bool holds(struct reuser *r, node_id wanted) {
    for (uint32_t k = 0; k < r->condition_count; k++)
        if (implies(r->t->graph, rewrite_node(&r->canonical, r->conditions[k]), wanted)) return true;
    return false;
}

/* An earlier loop's function. */
static struct formed *find(struct reuser *r, node_id function) {
    if (!is_dear(r->t->graph, function)) return NULL;
    node_id key = rewrite_node(&r->canonical, function);
    for (size_t k = 0; k < r->formed.count; k++) {
        struct formed *f = &r->formed.at[k];
        if (f->key != key || f->child == r->child || !same_loops(r, f)) continue;
        if (!f->guard || holds(r, f->guard)) return f;
    }
    return NULL;
}

static node_id read_kept(struct reuser *r, const struct formed *f, const item_id *chain) {
    node_id subscripts[MOST_LOOPS];
    for (uint32_t k = 0; k < f->depth; k++)
        subscripts[k] = mk_index(r->t->graph, tree_step(r->t, chain[k])->index);
    return mk_read(r->t->graph, f->array, TYPE_REAL, subscripts, f->depth);
}

static void store(struct reuser *r, struct formed *f) {
    struct tree *t = r->t;
    struct dimension dims[MOST_LOOPS];
    node_id subscripts[MOST_LOOPS];
    struct span span = tree_step(t, f->update)->span;
    for (uint32_t k = 0; k < f->depth; k++) {
        const struct step *s = tree_step(t, f->chain[k]);
        dims[k] = tree_range(t, s->lower, s->upper);
        subscripts[k] = mk_index(t->graph, s->index);
    }
    struct array array = {
        .name = "kept", .role = ROLE_TEMPORARY, .type = TYPE_REAL, .dims = dims, .span = span};
    array.rank = f->depth;
    array.owner = tree_step(t, r->body)->index;
    f->array = tree_array(t, array, 0);
    item_id update = tree_new_update(t, f->array, subscripts, UPDATE_SET, f->value, span);
    if (update) tree_insert_before(t, f->update, update);
}

/* Puts what is stored in the place of a function within a part of a value. */
static node_id replaced(struct reuser *r, struct formed *f, node_id part, node_id function) {
    if (!f->array) store(r, f);
    if (r->t->failed) return part;
    rewrite_begin(&r->rewrite);
    rewrite_replace(&r->rewrite, function, read_kept(r, f, r->chain));
    return rewrite_node(&r->rewrite, part);
}

/* The first function in a part of a value that has been formed before. */
static node_id find_in(struct reuser *r, node_id part, struct formed **f) {
    if (!list_nodes(r, part)) return 0;
    for (uint32_t i = 0; i < r->count && !r->t->failed; i++)
        if ((*f = find(r, r->nodes[i])) != NULL) return r->nodes[i];
    return 0;
}

static node_id with_side(struct reuser *r, node_id value, node_id n, uint32_t side, node_id becomes) {
    struct graph *g = r->t->graph;
    node_id operands[3] = {node_operand(g, n, 0), node_operand(g, n, 1), node_operand(g, n, 2)};
    operands[side] = becomes;
    node_id made = graph_intern(g, OP_SELECT, TYPE_REAL, operands, 3, 0);
    rewrite_begin(&r->rewrite);
    rewrite_replace(&r->rewrite, n, made);
    return rewrite_node(&r->rewrite, value);
}

static node_id replace_in_branch(struct reuser *r, node_id value, node_id n) {
    struct graph *g = r->t->graph;
    for (uint32_t side = 1; side <= 2; side++) {
        struct formed *f = NULL;
        node_id condition = node_operand(g, n, 0), part = node_operand(g, n, side);
        r->conditions[r->condition_count++] = side == 1 ? condition : mk_not(g, condition);
        node_id function = find_in(r, part, &f);
        r->condition_count--;
        if (function) return with_side(r, value, n, side, replaced(r, f, part, function));
    }
    return value;
}

/* The value with one function less; the same where there is none. */
static node_id replace_one(struct reuser *r, node_id value) {
    const struct graph *g = r->t->graph;
    node_id branches[MOST_CONDITIONS];
    uint32_t branch_count = 0;
    struct formed *f = NULL;
    node_id function = find_in(r, value, &f);
    if (function) return replaced(r, f, value, function);
    for (uint32_t i = 0; i < r->count && branch_count < MOST_CONDITIONS; i++)
        if (node_op(g, r->nodes[i]) == OP_SELECT) branches[branch_count++] = r->nodes[i];
    for (uint32_t k = 0; k < branch_count; k++) {
        node_id becomes = replace_in_branch(r, value, branches[k]);
        if (becomes != value) return becomes;
    }
    return value;
}

static void replace_all(struct reuser *r, item_id update) {
    for (uint32_t k = 0; k < MOST_MATCHES && !r->t->failed; k++) {
        node_id value = tree_step(r->t, update)->value, becomes = replace_one(r, value);
        if (becomes == value) return;
        tree_step(r->t, update)->value = becomes;
    }
}

/* ---- All bodies ---- */

static void look_at(struct reuser *r, item_id update) {
    if (!find_chain(r, update)) return;
    name_indices(r);
    if (r->formed.count > 0) replace_all(r, update);
    if (!r->t->failed) note_all(r, update);
}

static bool has_several_loops(const struct tree *t, item_id body) {
    uint32_t count = 0;
    for (item_id i = tree_item(t, body)->first; i; i = tree_item(t, i)->next)
        count += tree_item(t, i)->first != 0;
    return count > 1;
}

static void reuse_in(struct reuser *r, item_id body) {
    struct tree *t = r->t;
    r->body = body;
    r->formed.count = 0;
    for (item_id child = tree_item(t, body)->first; child; child = tree_item(t, child)->next) {
        r->child = child;
        for (item_id i = child; i && !t->failed; i = tree_next(t, i, child))
            if (tree_step(t, i)->kind == STEP_UPDATE) look_at(r, i);
    }
}

bool lower_reuse(struct tree *t) {
    struct reuser r = {.t = t};
    struct span nowhere = {0};
    VEC(item_id) bodies = {0};
    rewrite_init(&r.canonical, t);
    rewrite_init(&r.rewrite, t);
    for (uint32_t k = 0; k < MOST_LOOPS; k++) r.index[k] = program_index(&t->p, "k", nowhere);
    for (item_id i = tree_next(t, ROOT, ROOT); i; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i) && has_several_loops(t, i)) VEC_PUSH(&bodies, i);
    t->failed |= bodies.failed;
    for (size_t k = 0; k < bodies.count && !t->failed; k++) reuse_in(&r, bodies.at[k]);
    t->failed |= r.canonical.failed || r.rewrite.failed;
    rewrite_release(&r.canonical);
    rewrite_release(&r.rewrite);
    VEC_FREE(&bodies);
    VEC_FREE(&r.formed);
    VEC_FREE(&r.stamp);
    return !t->failed;
}
