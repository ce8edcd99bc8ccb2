#include "diff/adjoint.h"

#include <stdlib.h>
#include <string.h>

bool adjoint_pass_init(struct adjoint_pass *pass, struct program *out, const struct activity *activity,
                       const array_id *adjoint_of, const array_id *mask_of, struct diag_list *diags) {
    *pass = (struct adjoint_pass){
        .out = out, .activity = activity, .adjoint_of = adjoint_of, .mask_of = mask_of, .diags = diags};
    regions_init(&pass->regions, out->graph);
    if (!LARGE_RESERVE(&pass->arrivals, activity->node_count)) return false;
    pass->arrivals.count = activity->node_count;
    memset(pass->arrivals.at, 0, activity->node_count * sizeof *pass->arrivals.at);
    return true;
}

void adjoint_pass_release(struct adjoint_pass *pass) {
    regions_release(&pass->regions);
    LARGE_FREE(&pass->arrivals);
    LARGE_FREE(&pass->contributions);
    LARGE_FREE(&pass->reached);
    node_queue_release(&pass->queue);
    VEC_FREE(&pass->pending);
}

/* Lists the varying nodes below root that derivatives reach, users before operands, and gives each a place
 * for what will arrive: all ways to a node are known when its turn comes. */
static void reach(struct adjoint_pass *pass, node_id root) {
    const struct graph *g = pass->out->graph;
    size_t room = 1; /* the root's own adjoint comes from outside */
    pass->reached.count = 0;
    node_queue_add(&pass->queue, root);
    for (node_id n; (n = node_queue_take(&pass->queue)) != 0;) {
        if (n >= pass->arrivals.count) continue;
        struct arrivals *at = &pass->arrivals.at[n];
        size_t ways = at->count;
        *at = (struct arrivals){(uint32_t)(n == root ? 0 : room), 0};
        if (!node_varies(pass->activity, n)) continue;
        room += ways;
        LARGE_PUSH(&pass->reached, n);
        for (uint32_t k = 0; k < node_count(g, n); k++) {
            node_id operand = node_operand(g, n, k);
            if (!operand_passes(g, n, k)) continue;
            pass->arrivals.at[operand].count++;
            node_queue_add(&pass->queue, operand);
        }
    }
    if (room > UINT32_MAX || !LARGE_RESERVE(&pass->contributions, room)) pass->failed = true;
}

static void contribute(struct adjoint_pass *pass, node_id to, uint32_t region, node_id value) {
    if (!node_varies(pass->activity, to) || node_is_number(pass->out->graph, value, 0)) return;
    struct arrivals *at = &pass->arrivals.at[to];
    pass->contributions.at[at->first + at->count++] =
        (struct contribution){region, value, mk_bool(pass->out->graph, true)};
}

/* Everything that arrived at a node, as one expression in one region; false where nothing did. */
static bool arrived(struct adjoint_pass *pass, node_id n, uint32_t *region, node_id *adjoint) {
    struct arrivals *at = &pass->arrivals.at[n];
    uint32_t count = at->count;
    at->count = 0;
    if (count == 0) return false;
    struct contribution sum = regions_fold(&pass->regions, pass->contributions.at + at->first, count);
    *region = region_where(&pass->regions, sum.region, sum.guard);
    *adjoint = sum.value;
    return !node_is_number(pass->out->graph, sum.value, 0);
}

static void emit_update(struct adjoint_pass *pass, const struct pending_update *update) {
    struct program *out = pass->out;
    node_id read = update->read;
    if (pass->deliver) {
        pass->deliver(pass->context, read, update->adjoint, update->region != 0);
        return;
    }
    array_id array = node_payload(out->graph, read);
    uint32_t rank = node_count(out->graph, read);
    struct span span = node_span(out->graph, read);
    const node_id *subscripts = node_operands(out->graph, read);
    program_update(out, pass->adjoint_of[array], subscripts, UPDATE_ADD, update->adjoint, span);
    if (!pass->mask_of[array]) return;
    node_id one = mk_one(out->graph);
    subscripts = rank ? node_operands(out->graph, read) : NULL;
    program_update(out, pass->mask_of[array], subscripts, UPDATE_ADD, one, span);
}

/* The regions as a tree, each with its updates in the order they came. */
struct region_tree {
    uint32_t *first_child, *next_sibling, *first_update, *last_update, *next_update;
    bool *wanted; /* the region, or one inside it, has updates */
};

static bool tree_init(struct region_tree *tree, size_t regions, size_t updates) {
    uint32_t *block = calloc(regions * 4 + updates + 1, sizeof *block);
    *tree = (struct region_tree){.first_child = block};
    if (!block) return false;
    tree->next_sibling = block + regions;
    tree->first_update = block + 2 * regions;
    tree->last_update = block + 3 * regions;
    tree->next_update = block + 4 * regions;
    tree->wanted = calloc(regions, sizeof *tree->wanted);
    return tree->wanted != NULL;
}

static void tree_build(struct region_tree *tree, const struct adjoint_pass *pass) {
    for (uint32_t i = 0; i < pass->pending.count; i++) {
        uint32_t region = pass->pending.at[i].region;
        if (tree->first_update[region])
            tree->next_update[tree->last_update[region] - 1] = i + 1;
        else
            tree->first_update[region] = i + 1;
        tree->last_update[region] = i + 1;
        tree->wanted[region] = true;
    }
    /* Inner regions are made after outer ones; going down makes the lists of children ascend. */
    for (uint32_t region = (uint32_t)pass->regions.all.count; region-- > 1;) {
        uint32_t parent = pass->regions.all.at[region].parent;
        if (!tree->wanted[region]) continue;
        tree->wanted[parent] = true;
        tree->next_sibling[region] = tree->first_child[parent];
        tree->first_child[parent] = region;
    }
}

/* Opens the condition of a region and emits its own updates. */
static void enter_region(struct adjoint_pass *pass, const struct region_tree *tree, uint32_t region) {
    uint32_t i = tree->first_update[region];
    if (region) {
        node_id condition = pass->regions.all.at[region].condition;
        program_when(pass->out, condition, node_span(pass->out->graph, condition));
    }
    for (; i; i = tree->next_update[i - 1]) emit_update(pass, &pass->pending.at[i - 1]);
}

/* Appends the updates, region inside region. */
static void emit_pending(struct adjoint_pass *pass) {
    struct region_tree tree;
    if (tree_init(&tree, pass->regions.all.count, pass->pending.count)) {
        tree_build(&tree, pass);
        uint32_t region = 0;
        enter_region(pass, &tree, 0);
        for (;;) {
            if (tree.first_child[region]) {
                uint32_t child = tree.first_child[region];
                tree.first_child[region] = tree.next_sibling[child];
                region = child;
                enter_region(pass, &tree, region);
            } else if (region) {
                program_end(pass->out);
                region = pass->regions.all.at[region].parent;
            } else {
                break;
            }
        }
    } else {
        pass->failed = true;
    }
    free(tree.first_child);
    free(tree.wanted);
}

/* One node on the way: what arrives at it, where, and a node of the same value. */
struct arrival {
    node_id node, adjoint, same;
    uint32_t region;
};

static void through_function(struct adjoint_pass *pass, const struct arrival *at) {
    struct graph *g = pass->out->graph;
    enum op op = node_op(g, at->node);
    uint32_t count = node_count(g, at->node);
    node_id *operands = malloc((count + 1) * sizeof *operands);
    if (!operands) {
        pass->failed = true;
        return;
    }
    for (uint32_t k = 0; k < count; k++) operands[k] = node_operand(g, at->node, k);
    for (uint32_t k = 0; k < count; k++) {
        if (!node_varies(pass->activity, operands[k])) continue;
        node_id partial = op_info(op)->partial(g, operands, count, at->same, k);
        if (partial) {
            contribute(pass, operands[k], at->region, mk_mul(g, at->adjoint, partial));
        } else {
            diag_error(pass->diags, "no-derivative", node_span(g, at->node),
                       "%s has no derivative by its first argument, which may not depend on unknowns",
                       op_info(op)->name);
        }
    }
    free(operands);
}

static void through_sum(struct adjoint_pass *pass, const struct arrival *at) {
    const struct graph *g = pass->out->graph;
    node_id a = node_operand(g, at->node, 0), b = node_operand(g, at->node, 1);
    contribute(pass, a, at->region, at->adjoint);
    contribute(pass, b, at->region, at->adjoint);
}

static void through_product(struct adjoint_pass *pass, const struct arrival *at) {
    struct graph *g = pass->out->graph;
    node_id a = node_operand(g, at->node, 0), b = node_operand(g, at->node, 1);
    if (node_varies(pass->activity, a)) contribute(pass, a, at->region, mk_mul(g, at->adjoint, b));
    if (node_varies(pass->activity, b)) contribute(pass, b, at->region, mk_mul(g, at->adjoint, a));
}

/* d(a/b)/db is -(a/b)/b: one division serves both operands. */
static void through_quotient(struct adjoint_pass *pass, const struct arrival *at) {
    struct graph *g = pass->out->graph;
    node_id a = node_operand(g, at->node, 0), b = node_operand(g, at->node, 1);
    node_id over = mk_div(g, at->adjoint, b);
    contribute(pass, a, at->region, over);
    if (node_varies(pass->activity, b)) contribute(pass, b, at->region, mk_neg(g, mk_mul(g, over, at->same)));
}

static void through_power(struct adjoint_pass *pass, const struct arrival *at) {
    struct graph *g = pass->out->graph;
    node_id a = node_operand(g, at->node, 0), exponent = node_operand(g, at->node, 1);
    contribute(pass, a, at->region, mk_mul(g, at->adjoint, mk_powi_partial(g, a, exponent)));
}

static void through_select(struct adjoint_pass *pass, const struct arrival *at) {
    struct graph *g = pass->out->graph;
    node_id condition = node_operand(g, at->node, 0), yes = node_operand(g, at->node, 1);
    node_id no = node_operand(g, at->node, 2);
    contribute(pass, yes, region_where(&pass->regions, at->region, condition), at->adjoint);
    contribute(pass, no, region_where(&pass->regions, at->region, mk_not(g, condition)), at->adjoint);
}

static void through_read(struct adjoint_pass *pass, const struct arrival *at) {
    struct pending_update update = {at->region, at->node, at->adjoint};
    if (pass->adjoint_of[node_payload(pass->out->graph, at->node)]) VEC_PUSH(&pass->pending, update);
}

/* The structural kinds; functions follow their row of the table. */
static void (*const rules[OP_COUNT])(struct adjoint_pass *, const struct arrival *) = {
    [OP_READ] = through_read,    [OP_ADD] = through_sum,    [OP_MUL] = through_product,
    [OP_DIV] = through_quotient, [OP_POWI] = through_power, [OP_SELECT] = through_select,
};

/* Nodes of a long expression read memory all over the graph: it is asked for some nodes before it is needed,
 * what arrived at a node, its operands, and the place of what will arrive at them. */
static void ask_ahead(const struct adjoint_pass *pass, size_t i) {
    enum { FAR = 12, NEAR = 6 };
    const struct graph *g = pass->out->graph;
    if (i + FAR >= pass->reached.count) return;
    node_id far = pass->reached.at[i + FAR], near = pass->reached.at[i + NEAR];
    for (uint32_t k = 0; k < node_count(g, far); k++) {
        node_id operand = node_operand(g, far, k);
        __builtin_prefetch(&g->nodes.at[operand]);
        if (operand < pass->arrivals.count) __builtin_prefetch(&pass->arrivals.at[operand], 1);
    }
    const struct arrivals *at = &pass->arrivals.at[near];
    for (uint32_t k = 0; k < at->count; k++)
        __builtin_prefetch(&g->nodes.at[pass->contributions.at[at->first + k].value]);
    for (uint32_t k = 0; k < node_count(g, near); k++) {
        node_id operand = node_operand(g, near, k);
        if (operand >= pass->arrivals.count) continue;
        const struct arrivals *to = &pass->arrivals.at[operand];
        __builtin_prefetch(&pass->contributions.at[to->first + to->count], 1);
    }
}

void adjoint_of_value(struct adjoint_pass *pass, node_id value, node_id seed, node_id condition, node_id same,
                      struct span span) {
    struct graph *g = pass->out->graph;
    regions_clear(&pass->regions);
    pass->pending.count = 0;
    reach(pass, value);
    if (pass->reached.count == 0 || pass->failed) return;
    struct span before = g->here;
    contribute(pass, value, region_where(&pass->regions, 0, condition), seed);
    for (size_t i = 0; i < pass->reached.count; i++) {
        node_id n = pass->reached.at[i];
        ask_ahead(pass, i);
        struct arrival at = {.node = n, .same = n == value && same ? same : n};
        g->here = node_span(g, n).source ? node_span(g, n) : span;
        if (!arrived(pass, n, &at.region, &at.adjoint)) continue;
        if (rules[node_op(g, n)])
            rules[node_op(g, n)](pass, &at);
        else
            through_function(pass, &at);
    }
    g->here = before;
    emit_pending(pass);
    if (pass->pending.failed || pass->reached.failed || pass->queue.failed) pass->failed = true;
}
