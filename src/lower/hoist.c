#include "lower/hoist.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/rewrite.h"

enum { MOST_LOOPS = 16, MOST_HOISTED = 64, LONG_BODY = 512 };

/* What a value depends on. */
struct need {
    uint32_t loops; /* bit k: loop k of the chain */
    bool dear;      /* holds a function that is not exact and cheap */
    bool fixed;     /* reads inputs only */
};

/* An array of values that were moved out. */
struct hoisted {
    item_id body;
    node_id key; /* the value with canonical indices */
    node_id condition;
    node_id lower[MOST_LOOPS], upper[MOST_LOOPS];
    const char *names[MOST_LOOPS];
    uint32_t rank;
    array_id array;
};

struct hoister {
    struct tree *t;
    struct rewrite rewrite;
    item_id chain[MOST_LOOPS]; /* loops around the body at hand, outermost first, inside of one condition */
    uint32_t depth;
    VEC(struct need) needs; /* by node, where stamped */
    VEC(uint32_t) stamp, visited;
    uint32_t now;
    VEC(node_id) stack, found;
    VEC(struct hoisted) all;
    index_id canonical[MOST_LOOPS];
};

static bool find_chain(struct hoister *h, item_id body) {
    const struct tree *t = h->t;
    uint32_t depth = 0;
    for (item_id i = body; i != ROOT && tree_is_loop(t, i); i = tree_item(t, i)->parent) depth++;
    h->depth = depth;
    if (depth < 2 || depth > MOST_LOOPS) return false;
    for (item_id i = body; depth > 0; i = tree_item(t, i)->parent) h->chain[--depth] = i;
    return true;
}

/* ---- What values need ---- */

static bool known(const struct hoister *h, node_id n) {
    return n < h->stamp.count && h->stamp.at[n] == h->now;
}

static bool make_room(struct hoister *h) {
    size_t count = graph_count(h->t->graph);
    if (!VEC_RESERVE(&h->stamp, count) || !VEC_RESERVE(&h->visited, count) || !VEC_RESERVE(&h->needs, count))
        return false;
    for (; h->stamp.count < count; h->stamp.count++) h->stamp.at[h->stamp.count] = 0;
    for (; h->visited.count < count; h->visited.count++) h->visited.at[h->visited.count] = 0;
    h->needs.count = count;
    return true;
}

static struct need need_of(const struct hoister *h, node_id n) {
    const struct graph *g = h->t->graph;
    enum op op = node_op(g, n);
    struct need need = {.fixed = true, .dear = op_is_dear(op)};
    if (op == OP_READ) need.fixed = role_is_input(h->t->p.arrays.at[node_payload(g, n)].role);
    for (uint32_t k = 0; op == OP_INDEX && k < h->depth; k++)
        if (tree_step(h->t, h->chain[k])->index == node_payload(g, n)) need.loops = (uint32_t)1 << k;
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        const struct need *operand = &h->needs.at[node_operand(g, n, k)];
        need.loops |= operand->loops;
        need.dear |= operand->dear;
        need.fixed &= operand->fixed;
    }
    return need;
}

static void find_needs(struct hoister *h, node_id root) {
    const struct graph *g = h->t->graph;
    h->stack.count = 0;
    VEC_PUSH(&h->stack, root);
    while (h->stack.count && !h->stack.failed) {
        node_id n = VEC_LAST(&h->stack);
        bool waiting = false;
        for (uint32_t k = 0; !known(h, n) && k < node_count(g, n); k++) {
            if (known(h, node_operand(g, n, k))) continue;
            waiting = true;
            VEC_PUSH(&h->stack, node_operand(g, n, k));
        }
        if (waiting) continue;
        if (!known(h, n)) h->needs.at[n] = need_of(h, n);
        h->stamp.at[n] = h->now;
        h->stack.count--;
    }
    h->t->failed |= h->stack.failed;
}

/* The outermost loop of the chain that a value does not need, while it needs one inside; depth: there is
 * none. */
static uint32_t place_of(const struct hoister *h, uint32_t loops) {
    for (uint32_t k = 0; k + 1 < h->depth; k++)
        if (!(loops >> k & 1)) return loops >> k ? k : h->depth;
    return h->depth;
}

/* Whether bounds are the same in all iterations of the loops from `place` on. */
static bool is_rectangular(const struct hoister *h, uint32_t place) {
    for (uint32_t k = place; k < h->depth; k++) {
        const struct step *s = tree_step(h->t, h->chain[k]);
        if (!node_is_int(h->t->graph, s->by, 1)) return false;
        for (uint32_t j = place; j < k; j++) {
            index_id index = tree_step(h->t, h->chain[j])->index;
            if (affine_holds_index(h->t->graph, s->lower, index) ||
                affine_holds_index(h->t->graph, s->upper, index))
                return false;
        }
    }
    return true;
}

/* How many operands of a node are always computed. */
static uint32_t certain_operands(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    return op == OP_SELECT || op == OP_AND || op == OP_OR ? 1 : node_count(g, n);
}

/* The largest dear values that can move out; of those that are always computed, or of all. */
static void find_values(struct hoister *h, node_id root, bool certain) {
    const struct graph *g = h->t->graph;
    h->stack.count = 0;
    VEC_PUSH(&h->stack, root);
    while (h->stack.count && !h->stack.failed) {
        node_id n = VEC_POP(&h->stack);
        const struct need *need = &h->needs.at[n];
        if (h->visited.at[n] == h->now || !need->dear) continue;
        h->visited.at[n] = h->now;
        bool moves = need->fixed && node_type(g, n) == TYPE_REAL;
        uint32_t place = moves ? place_of(h, need->loops) : h->depth;
        if (place < h->depth && is_rectangular(h, place)) {
            VEC_PUSH(&h->found, n);
            continue;
        }
        uint32_t count = certain ? certain_operands(g, n) : node_count(g, n);
        for (uint32_t k = 0; k < count; k++) VEC_PUSH(&h->stack, node_operand(g, n, k));
    }
    h->t->failed |= h->stack.failed || h->found.failed;
}

/* ---- Moving them ---- */

/* The array's bounds, and the condition that the loops that are left out have iterations. */
static struct hoisted describe(struct hoister *h, node_id n) {
    struct graph *g = h->t->graph;
    uint32_t loops = h->needs.at[n].loops, place = place_of(h, loops);
    struct hoisted made = {.body = tree_item(h->t, h->chain[place])->parent, .condition = mk_bool(g, true)};
    rewrite_begin(&h->rewrite);
    for (uint32_t k = place; k < h->depth; k++) {
        const struct step *s = tree_step(h->t, h->chain[k]);
        if (loops >> k & 1) {
            made.lower[made.rank] = s->lower;
            made.upper[made.rank] = s->upper;
            made.names[made.rank] = h->t->p.indices.at[s->index].name;
            rewrite_index(&h->rewrite, s->index, mk_index(g, h->canonical[made.rank++]));
        } else {
            made.condition = mk_and(g, made.condition, mk_ile(g, s->lower, s->upper));
        }
    }
    made.key = rewrite_node(&h->rewrite, n);
    return made;
}

static bool is_same(const struct hoisted *a, const struct hoisted *b) {
    bool same = a->body == b->body && a->key == b->key && a->condition == b->condition && a->rank == b->rank;
    for (uint32_t k = 0; same && k < a->rank; k++)
        same = a->lower[k] == b->lower[k] && a->upper[k] == b->upper[k];
    return same;
}

/* Computes the values, before the loop `place`. */
static void write_nest(struct hoister *h, struct hoisted *made, item_id place) {
    struct tree *t = h->t;
    struct span span = tree_step(t, place)->span;
    struct dimension dims[MOST_LOOPS];
    node_id subscripts[MOST_LOOPS];
    struct step when = {.kind = STEP_WHEN, .span = span, .condition = made->condition};
    for (uint32_t k = 0; k < made->rank; k++) dims[k] = tree_range(t, made->lower[k], made->upper[k]);
    struct array array = {.name = "kept", .role = ROLE_TEMPORARY, .type = TYPE_REAL, .dims = dims};
    array.rank = made->rank;
    array.span = span;
    array.owner = tree_step(t, tree_loop_around(t, place))->index;
    made->array = tree_array(t, array, 0);
    item_id body = tree_new(t, when);
    if (t->failed || t->p.failed || !body) return;
    tree_insert_before(t, place, body);
    rewrite_begin(&h->rewrite);
    for (uint32_t k = 0; k < made->rank && !t->failed; k++) {
        item_id loop = tree_new_loop(t, made->names[k], made->lower[k], made->upper[k], span);
        if (!loop) return;
        tree_append(t, body, loop);
        subscripts[k] = mk_index(t->graph, tree_step(t, loop)->index);
        rewrite_index(&h->rewrite, h->canonical[k], subscripts[k]);
        body = loop;
    }
    node_id value = rewrite_node(&h->rewrite, made->key);
    item_id update = tree_new_update(t, made->array, subscripts, UPDATE_SET, value, span);
    if (update) tree_append(t, body, update);
}

static node_id read_of(struct hoister *h, node_id n, const struct hoisted *made) {
    uint32_t loops = h->needs.at[n].loops, rank = 0;
    node_id subscripts[MOST_LOOPS];
    for (uint32_t k = place_of(h, loops); k < h->depth; k++)
        if (loops >> k & 1) subscripts[rank++] = mk_index(h->t->graph, tree_step(h->t, h->chain[k])->index);
    return mk_read(h->t->graph, made->array, TYPE_REAL, subscripts, rank);
}

/* The read of an array that holds the value; 0: it stays. What is not certain is not computed for it. */
static node_id move_out(struct hoister *h, node_id n, bool certain) {
    struct hoisted made = describe(h, n);
    for (size_t k = 0; k < h->all.count; k++)
        if (is_same(&h->all.at[k], &made)) return read_of(h, n, &h->all.at[k]);
    if (h->all.count == MOST_HOISTED || !certain) return 0;
    write_nest(h, &made, h->chain[place_of(h, h->needs.at[n].loops)]);
    if (!VEC_PUSH(&h->all, made)) h->t->failed = true;
    return h->t->failed ? 0 : read_of(h, n, &made);
}

/* The value of an update or the condition of a `when`; null: a loop has none. */
static node_id *value_of(const struct tree *t, item_id i) {
    struct step *s = tree_step(t, i);
    return s->kind == STEP_UPDATE ? &s->value : s->kind == STEP_WHEN ? &s->condition : NULL;
}

/* The next item with a value in the body of a loop; under conditions too, where it need not be certain. */
static item_id next_value(const struct tree *t, item_id i, item_id body, bool certain) {
    do {
        bool inside = !certain && tree_step(t, i)->kind == STEP_WHEN;
        i = i == body ? tree_item(t, i)->first : inside ? tree_next(t, i, body) : tree_after(t, i, body);
    } while (i && !value_of(t, i));
    return i;
}

static void replace(struct hoister *h, item_id body, const node_id *reads, bool certain) {
    struct tree *t = h->t;
    rewrite_begin(&h->rewrite);
    for (size_t k = 0; k < h->found.count; k++)
        if (reads[k]) rewrite_replace(&h->rewrite, h->found.at[k], reads[k]);
    for (item_id i = next_value(t, body, body, certain); i; i = next_value(t, i, body, certain))
        *value_of(t, i) = rewrite_node(&h->rewrite, *value_of(t, i));
}

static void hoist_values(struct hoister *h, item_id body, bool certain) {
    struct tree *t = h->t;
    h->now++;
    h->found.count = 0;
    if (!make_room(h)) t->failed = true;
    for (item_id i = next_value(t, body, body, certain); i && !t->failed;
         i = next_value(t, i, body, certain)) {
        find_needs(h, *value_of(t, i));
        if (!t->failed) find_values(h, *value_of(t, i), certain);
    }
    node_id *reads = h->found.count ? calloc(h->found.count, sizeof *reads) : NULL;
    if (h->found.count && !reads) t->failed = true;
    for (size_t k = 0; k < h->found.count && !t->failed; k++) reads[k] = move_out(h, h->found.at[k], certain);
    if (reads && !t->failed) replace(h, body, reads, certain);
    free(reads);
}

/* What is always computed first; then what is computed now and then, where its value is there already. */
static void hoist_from(struct hoister *h, item_id body) {
    struct tree *t = h->t;
    uint32_t length = 0;
    for (item_id i = tree_item(t, body)->first; i && length <= LONG_BODY; i = tree_item(t, i)->next) length++;
    if (length > LONG_BODY || !find_chain(h, body)) return;
    hoist_values(h, body, true);
    if (h->all.count > 0 && !t->failed) hoist_values(h, body, false);
}

bool lower_hoist(struct tree *t) {
    struct hoister h = {.t = t};
    struct span nowhere = {0};
    VEC(item_id) bodies = {0};
    rewrite_init(&h.rewrite, t);
    for (uint32_t k = 0; k < MOST_LOOPS; k++) h.canonical[k] = program_index(&t->p, "k", nowhere);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i)) VEC_PUSH(&bodies, i);
    t->failed |= bodies.failed;
    for (size_t k = 0; k < bodies.count && !t->failed; k++) hoist_from(&h, bodies.at[k]);
    t->failed |= h.rewrite.failed;
    rewrite_release(&h.rewrite);
    VEC_FREE(&bodies);
    VEC_FREE(&h.needs);
    VEC_FREE(&h.stamp);
    VEC_FREE(&h.visited);
    VEC_FREE(&h.stack);
    VEC_FREE(&h.found);
    VEC_FREE(&h.all);
    return !t->failed;
}
