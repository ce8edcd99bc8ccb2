#include "ir/rewrite.h"

#include "ir/build.h"

/* Puts the operands' images behind those of others; false where one is missing, which then comes first. */
static bool take_operands(struct rewriting *w, node_id n, bool *same) {
    const struct graph *g = w->p->graph;
    size_t bottom = w->operands.count;
    *same = true;
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        node_id operand = node_operand(g, n, k), image = node_map_get(&w->images, operand);
        if (!image && VEC_PUSH(&w->stack, operand)) *same = false;
        VEC_PUSH(&w->operands, image);
    }
    for (size_t k = bottom; k < w->operands.count; k++) {
        if (w->operands.at[k]) continue;
        w->operands.count = bottom;
        return false;
    }
    for (uint32_t k = 0; k < node_count(g, n); k++)
        *same &= w->operands.at[bottom + k] == node_operand(g, n, k);
    return true;
}

node_id rewrite(struct rewriting *w, node_id root) {
    if (!root) return 0;
    size_t floor = w->stack.count, bottom = w->operands.count;
    VEC_PUSH(&w->stack, root);
    while (w->stack.count > floor && !w->stack.failed && !w->operands.failed && !w->images.failed) {
        node_id n = VEC_LAST(&w->stack);
        bool same;
        if (!node_map_get(&w->images, n)) {
            if (!take_operands(w, n, &same)) continue;
            node_id image = w->image(w, n, w->operands.at + bottom, same);
            w->operands.count = bottom;
            node_map_set(&w->images, n, image);
        }
        w->stack.count--;
    }
    node_id image = node_map_get(&w->images, root);
    if (!image) w->p->failed = true;
    return image ? image : root;
}

node_id rewrite_same(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct graph *g = w->p->graph;
    return same ? n
                : graph_intern(g, node_op(g, n), node_type(g, n), operands, node_count(g, n),
                               node_payload(g, n));
}

void rewriting_release(struct rewriting *w) {
    node_map_release(&w->images);
    VEC_FREE(&w->stack);
    VEC_FREE(&w->operands);
}

/* ---- Common rewritings ---- */

struct replacements {
    const node_id *by_index;
    size_t count;
};

static node_id image_with_indices(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    const struct replacements *r = w->context;
    struct graph *g = w->p->graph;
    if (node_op(g, n) != OP_INDEX) return same ? n : mk_again(g, n, operands);
    index_id index = node_payload(g, n);
    return index < r->count && r->by_index[index] ? r->by_index[index] : n;
}

node_id replace_indices(struct program *p, node_id root, const node_id *replacements, size_t count) {
    struct replacements r = {replacements, count};
    struct rewriting w = {.p = p, .image = image_with_indices, .context = &r};
    node_id result = rewrite(&w, root);
    rewriting_release(&w);
    return result;
}

static node_id image_of_exchange(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    return same ? n : mk_again(w->p->graph, n, operands);
}

node_id exchange_node(struct program *p, node_id root, node_id node, node_id replacement) {
    struct rewriting w = {.p = p, .image = image_of_exchange};
    node_id result = node_map_set(&w.images, node, replacement) ? rewrite(&w, root) : root;
    rewriting_release(&w);
    return result;
}

/* Whether a node is found below the root. */
static bool find(const struct graph *g, node_id root,
                 bool (*is_wanted)(const struct graph *g, node_id n, index_id i), index_id index) {
    VEC(node_id) stack = {0};
    struct node_map seen = {0};
    bool found = false;
    if (root) VEC_PUSH(&stack, root);
    while (stack.count > 0 && !found) {
        node_id n = VEC_POP(&stack);
        if (!node_map_mark(&seen, n)) continue;
        found = is_wanted(g, n, index);
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&stack, node_operand(g, n, k));
    }
    VEC_FREE(&stack);
    node_map_release(&seen);
    return found;
}

static bool is_index(const struct graph *g, node_id n, index_id index) {
    return node_op(g, n) == OP_INDEX && node_payload(g, n) == index;
}

static bool is_element(const struct graph *g, node_id n, index_id index) {
    (void)index;
    return node_op(g, n) == OP_READ && node_count(g, n) > 0;
}

bool uses_index(const struct graph *g, node_id root, index_id index) {
    return find(g, root, is_index, index);
}

bool reads_elements(const struct graph *g, node_id root) {
    return find(g, root, is_element, 0);
}
