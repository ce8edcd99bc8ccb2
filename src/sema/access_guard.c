#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "sema/access.h"

/* ---- Conditions on whole numbers ---- */

static size_t place(node_id n, bool holds) {
    return 2 * (size_t)n + holds;
}

static bool make_room(struct access *a, node_id n) {
    size_t wanted = 2 * (size_t)n + 2, old = a->projected.count;
    if (wanted <= old) return true;
    if (!VEC_RESERVE(&a->projected, wanted)) {
        a->failed = true;
        return false;
    }
    memset(a->projected.at + old, 0, (wanted - old) * sizeof *a->projected.at);
    a->projected.count = wanted;
    return true;
}

static bool is_logic(enum op op) {
    return op == OP_AND || op == OP_OR || op == OP_NOT;
}

static node_id combine(struct access *a, node_id n, bool holds) {
    struct graph *g = a->graph;
    enum op op = node_op(g, n);
    if (op == OP_NOT) return a->projected.at[place(node_operand(g, n, 0), !holds)];
    if (op == OP_AND || op == OP_OR) {
        node_id left = a->projected.at[place(node_operand(g, n, 0), holds)];
        node_id right = a->projected.at[place(node_operand(g, n, 1), holds)];
        return (op == OP_AND) == holds ? mk_and(g, left, right) : mk_or(g, left, right);
    }
    if (op_compares_reals(op)) return mk_bool(g, true);
    return holds ? n : mk_not(g, n);
}

node_id access_project(struct access *a, node_id condition, bool holds) {
    VEC(size_t) stack = {0};
    if (!make_room(a, condition)) return mk_bool(a->graph, true);
    VEC_PUSH(&stack, place(condition, holds));
    while (stack.count > 0 && !stack.failed) {
        size_t at = VEC_LAST(&stack);
        node_id n = (node_id)(at / 2);
        bool polarity = at % 2;
        bool waiting = false;
        for (uint32_t k = 0; is_logic(node_op(a->graph, n)) && k < node_count(a->graph, n); k++) {
            bool wanted = node_op(a->graph, n) == OP_NOT ? !polarity : polarity;
            size_t operand = place(node_operand(a->graph, n, k), wanted);
            if (a->projected.at[operand]) continue;
            VEC_PUSH(&stack, operand);
            waiting = true;
        }
        if (waiting) continue;
        node_id result = combine(a, n, polarity);
        a->projected.at[at] = result;
        stack.count--;
    }
    a->failed |= stack.failed;
    VEC_FREE(&stack);
    return a->failed ? mk_bool(a->graph, true) : a->projected.at[place(condition, holds)];
}

/* ---- Intervals under conditions ---- */

struct refinement {
    struct access *a;
    struct interval *indices;
    VEC(node_id) conjuncts;
};

/* `difference` is at least 0: narrows the interval of an index that it holds with coefficient 1 or -1. */
static void narrow_index(struct refinement *r, node_id difference, node_id index, int64_t coefficient) {
    struct graph *g = r->a->graph;
    struct interval rest, *interval = &r->indices[node_payload(g, index)];
    node_id others = mk_isub(g, difference, mk_imul(g, mk_int(g, coefficient), index));
    if (!interval_of(r->a->binding, r->indices, others, &rest) || rest.low > rest.high) return;
    if (rest.high == INT64_MAX || rest.high == INT64_MIN) return;
    if (coefficient == 1 && -rest.high > interval->low) interval->low = -rest.high;
    if (coefficient == -1 && rest.high < interval->high) interval->high = rest.high;
}

static void narrow(struct refinement *r, node_id difference) {
    struct graph *g = r->a->graph;
    for (node_id n = difference; n;) {
        bool sum = node_op(g, n) == OP_IADD;
        node_id term = sum ? node_operand(g, n, 1) : n;
        if (node_op(g, term) == OP_INDEX) narrow_index(r, difference, term, 1);
        if (node_op(g, term) == OP_IMUL && node_is_int(g, node_operand(g, term, 0), -1) &&
            node_op(g, node_operand(g, term, 1)) == OP_INDEX)
            narrow_index(r, difference, node_operand(g, term, 1), -1);
        n = sum ? node_operand(g, n, 0) : 0;
    }
}

/* An index that differs from a number at the end of its interval. */
static void exclude(struct refinement *r, node_id index, node_id number) {
    struct graph *g = r->a->graph;
    struct interval value, *interval;
    if (node_op(g, index) != OP_INDEX || !interval_of(r->a->binding, r->indices, number, &value)) return;
    interval = &r->indices[node_payload(g, index)];
    if (value.low != value.high) return;
    if (interval->low == value.low && interval->low < INT64_MAX) interval->low++;
    if (interval->high == value.low && interval->high > INT64_MIN) interval->high--;
}

static void differ(struct refinement *r, node_id x, node_id y) {
    struct graph *g = r->a->graph;
    exclude(r, x, y);
    exclude(r, y, x);
    /* t - 1 == 0 and the like: the index alone on one side. */
    node_id difference = mk_isub(g, x, y);
    for (node_id n = difference; n;) {
        bool sum = node_op(g, n) == OP_IADD;
        node_id term = sum ? node_operand(g, n, 1) : n;
        if (node_op(g, term) == OP_INDEX) exclude(r, term, mk_isub(g, term, difference));
        n = sum ? node_operand(g, n, 0) : 0;
    }
}

static void apply(struct refinement *r, node_id n) {
    struct graph *g = r->a->graph;
    bool holds = node_op(g, n) != OP_NOT;
    if (!holds) n = node_operand(g, n, 0);
    if (node_count(g, n) != 2) return;
    node_id x = node_operand(g, n, 0), y = node_operand(g, n, 1), one = mk_int(g, 1);
    enum op op = node_op(g, n);
    if (op == OP_ILT) {
        narrow(r, holds ? mk_isub(g, mk_isub(g, y, x), one) : mk_isub(g, x, y));
    } else if (op == OP_ILE) {
        narrow(r, holds ? mk_isub(g, y, x) : mk_isub(g, mk_isub(g, x, y), one));
    } else if (op == OP_IEQ || op == OP_INE) {
        if ((op == OP_IEQ) != holds) {
            differ(r, x, y);
            return;
        }
        narrow(r, mk_isub(g, y, x));
        narrow(r, mk_isub(g, x, y));
    }
}

static void add_conjuncts(struct refinement *r, node_id condition) {
    size_t first = r->conjuncts.count;
    VEC_PUSH(&r->conjuncts, condition);
    for (size_t k = first; k < r->conjuncts.count; k++) {
        node_id n = r->conjuncts.at[k];
        if (node_op(r->a->graph, n) != OP_AND) continue;
        r->conjuncts.at[k] = node_operand(r->a->graph, n, 0);
        VEC_PUSH(&r->conjuncts, node_operand(r->a->graph, n, 1));
        k--;
    }
}

struct interval *access_refine(struct access *a, node_id guard) {
    size_t count = a->program->indices.count;
    struct refinement r = {.a = a, .indices = malloc((count + 1) * sizeof *r.indices)};
    if (!r.indices) {
        a->failed = true;
        return NULL;
    }
    memcpy(r.indices, a->indices, count * sizeof *r.indices);
    for (size_t k = 0; k < a->open.count; k++) {
        const struct step *s = &a->program->steps.at[a->open.at[k]];
        if (s->kind == STEP_WHEN) add_conjuncts(&r, access_project(a, s->condition, true));
    }
    add_conjuncts(&r, guard);
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < r.conjuncts.count; k++) apply(&r, r.conjuncts.at[k]);
    a->failed |= r.conjuncts.failed;
    VEC_FREE(&r.conjuncts);
    return r.indices;
}
