#include "lower/rewrite.h"

#include "ir/build.h"

void rewrite_init(struct rewrite *r, struct tree *tree) {
    *r = (struct rewrite){.tree = tree};
    rewrite_begin(r);
}

void rewrite_release(struct rewrite *r) {
    VEC_FREE(&r->of_index);
    VEC_FREE(&r->changed);
    VEC_FREE(&r->image);
    VEC_FREE(&r->stamp);
    VEC_FREE(&r->stack);
    VEC_FREE(&r->operands);
}

void rewrite_forget(struct rewrite *r) {
    r->now++;
}

void rewrite_begin(struct rewrite *r) {
    rewrite_forget(r);
    for (size_t i = 0; i < r->changed.count; i++) r->of_index.at[r->changed.at[i]] = 0;
    r->changed.count = 0;
}

void rewrite_index(struct rewrite *r, index_id index, node_id becomes) {
    while (r->of_index.count <= index && VEC_PUSH(&r->of_index, (node_id){0})) continue;
    r->failed |= r->of_index.failed || !VEC_PUSH(&r->changed, index);
    if (!r->failed) r->of_index.at[index] = becomes;
}

static bool known(struct rewrite *r, node_id n) {
    return n < r->stamp.count && r->stamp.at[n] == r->now;
}

static void set(struct rewrite *r, node_id n, node_id image) {
    size_t wanted = graph_count(r->tree->graph);
    if (n >= r->stamp.count) {
        if (!VEC_RESERVE(&r->stamp, wanted) || !VEC_RESERVE(&r->image, wanted)) {
            r->failed = true;
            return;
        }
        while (r->stamp.count < wanted) r->stamp.at[r->stamp.count++] = 0;
    }
    r->stamp.at[n] = r->now;
    r->image.at[n] = image;
}

void rewrite_replace(struct rewrite *r, node_id n, node_id becomes) {
    set(r, n, becomes);
}

static node_id rebuild_read(struct rewrite *r, node_id n, bool changed) {
    struct graph *g = r->tree->graph;
    node_id replaced = r->read ? r->read(r->context, n, r->operands.at) : 0;
    if (replaced || !changed) return replaced ? replaced : n;
    return mk_read(g, node_payload(g, n), node_type(g, n), r->operands.at, node_count(g, n));
}

/* Conditions and selects on integers may be decided now. */
static bool is_simplified(const struct graph *g, node_id n) {
    if (node_type(g, n) != TYPE_REAL) return true;
    return node_op(g, n) == OP_SELECT || node_op(g, n) == OP_TO_REAL || node_op(g, n) == OP_POWI;
}

static node_id rebuild(struct rewrite *r, node_id n) {
    struct graph *g = r->tree->graph;
    uint32_t count = node_count(g, n);
    bool changed = false;
    if (node_op(g, n) == OP_INDEX) {
        uint32_t index = node_payload(g, n);
        node_id becomes = index < r->of_index.count ? r->of_index.at[index] : 0;
        return becomes ? becomes : n;
    }
    r->operands.count = 0;
    if (!VEC_RESERVE(&r->operands, (size_t)count + 1)) return n;
    for (uint32_t k = 0; k < count; k++) {
        r->operands.at[k] = r->image.at[node_operand(g, n, k)];
        changed |= r->operands.at[k] != node_operand(g, n, k);
    }
    g->here = node_span(g, n);
    if (node_op(g, n) == OP_READ) return rebuild_read(r, n, changed);
    if (!changed) return n;
    if (r->simplifies || is_simplified(g, n)) return mk_again(g, n, r->operands.at);
    return graph_intern(g, node_op(g, n), node_type(g, n), r->operands.at, count, node_payload(g, n));
}

node_id rewrite_node(struct rewrite *r, node_id root) {
    struct graph *g = r->tree->graph;
    struct span here = g->here;
    if (!root) return 0;
    r->stack.count = 0;
    if (!known(r, root)) VEC_PUSH(&r->stack, root);
    while (r->stack.count && !r->failed) {
        node_id n = VEC_LAST(&r->stack);
        bool waiting = false;
        for (uint32_t k = 0; !known(r, n) && k < node_count(g, n); k++) {
            node_id operand = node_operand(g, n, k);
            if (known(r, operand)) continue;
            waiting = true;
            VEC_PUSH(&r->stack, operand);
        }
        r->failed |= r->stack.failed;
        if (waiting) continue;
        if (!known(r, n)) set(r, n, rebuild(r, n));
        r->stack.count--;
    }
    g->here = here;
    r->failed |= r->operands.failed || g->failed;
    return r->failed ? root : r->image.at[root];
}

void rewrite_item(struct rewrite *r, item_id i) {
    struct step *s = tree_step(r->tree, i);
    node_id *const parts[] = {&s->value, &s->lower, &s->upper, &s->by, &s->condition};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) *parts[k] = rewrite_node(r, *parts[k]);
    uint32_t rank = s->kind == STEP_UPDATE ? r->tree->p.arrays.at[s->array].rank : 0;
    for (uint32_t k = 0; k < rank; k++) {
        node_id *subscript = &tree_subscripts(r->tree, i)[k];
        *subscript = rewrite_node(r, *subscript);
    }
    r->tree->failed |= r->failed;
}

void rewrite_items(struct rewrite *r, item_id top) {
    for (item_id i = top; i; i = tree_next(r->tree, i, top)) rewrite_item(r, i);
}

void rewrite_reads(struct tree *t, node_id (*read)(void *context, node_id read, const node_id *subscripts),
                   void *context) {
    struct rewrite r;
    rewrite_init(&r, t);
    r.read = read;
    r.context = context;
    rewrite_items(&r, ROOT);
    rewrite_release(&r);
}
