#include "sema/reduction.h"

#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"

enum reduction_kind reduction_named(const char *name) {
    static const char *const names[] = {
        [REDUCE_SUM] = "sum",     [REDUCE_SQUARES] = "",    [REDUCE_PRODUCT] = "prod",
        [REDUCE_MINIMUM] = "min", [REDUCE_MAXIMUM] = "max", [REDUCE_LOGSUMEXP] = "logsumexp",
        [REDUCE_NORM] = "norm",   [REDUCE_DOT] = "dot",
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(name, names[k]) == 0) return (enum reduction_kind)k;
    return REDUCE_NONE;
}

static bool finds_extremum(const struct reduction *r) {
    return r->kind == REDUCE_MINIMUM || r->kind == REDUCE_MAXIMUM ||
           ((r->kind == REDUCE_LOGSUMEXP || r->kind == REDUCE_NORM) && r->pass == 0);
}

static node_id neutral(struct graph *g, const struct reduction *r) {
    if (!finds_extremum(r) || r->kind == REDUCE_NORM) return mk_zero(g);
    return r->kind == REDUCE_MINIMUM ? mk_infinity(g) : mk_neg(g, mk_infinity(g));
}

void reduction_begin_pass(struct checker *c, struct reduction *r) {
    static const char *const names[] = {
        [REDUCE_SUM] = "sum",     [REDUCE_SQUARES] = "sum", [REDUCE_PRODUCT] = "product",
        [REDUCE_MINIMUM] = "min", [REDUCE_MAXIMUM] = "max", [REDUCE_LOGSUMEXP] = "sum",
        [REDUCE_NORM] = "sum",    [REDUCE_DOT] = "sum",
    };
    r->range = 0;
    r->locals = (uint32_t)c->scope.locals.count;
    if (r->kind == REDUCE_PRODUCT) return;
    bool shift = r->pass == 0 && (r->kind == REDUCE_LOGSUMEXP || r->kind == REDUCE_NORM);
    r->accumulator = new_scalar(c, shift ? "shift" : names[r->kind], ROLE_TEMPORARY);
    c->program->arrays.at[r->accumulator].constant_in_derivatives = shift;
    bodies_clear(&c->bodies, r->accumulator, neutral(c->graph, r), r->ast->span);
}

/* ---- Loops ---- */

/* The array of a loop's prefix products, from position `first`, which holds 1, to `last`. */
static void open_scan(struct checker *c, struct reduction *r, struct scan *scan, node_id first,
                      node_id last) {
    struct graph *g = c->graph;
    struct dimension dim = {first, mk_imax(g, first, last)};
    struct array array = {.name = "prefix",
                          .role = ROLE_SCAN,
                          .type = TYPE_REAL,
                          .dims = &dim,
                          .rank = 1,
                          .owner = bodies_current(&c->bodies)->owner,
                          .span = r->ast->span};
    *scan = (struct scan){.array = program_array(c->program, array), .first = first, .last = dim.upper};
    bodies_update(&c->bodies, scan->array, &scan->first, 1, UPDATE_SET, mk_one(g), r->ast->span);
}

static node_id open_loop(struct checker *c, struct reduction *r, const char *name, struct span span,
                         enum loop_order order) {
    index_id index = program_index(c->program, name, span);
    if (r->range == 0) r->outermost = index;
    struct step loop = {
        .index = index, .lower = r->from, .upper = r->to, .by = r->by, .order = order, .span = r->ast->span};
    bodies_open_loop(&c->bodies, loop);
    return mk_index(c->graph, index);
}

/* A loop of a product runs over positions: over the range itself where its step is 1. */
static node_id open_product(struct checker *c, struct reduction *r, const char *name, struct span span) {
    struct graph *g = c->graph;
    struct scan *scan = &r->scans[r->range];
    node_id one = mk_int(g, 1), from = r->from, by = r->by;
    if (node_is_int(g, by, 1)) {
        open_scan(c, r, scan, mk_isub(g, from, one), r->to);
        scan->position = open_loop(c, r, name, span, ORDER_UP);
        return scan->position;
    }
    node_id count = mk_iadd(g, mk_ifloor(g, mk_isub(g, r->to, from), by), one);
    open_scan(c, r, scan, mk_int(g, 0), count);
    r->from = one;
    r->to = count;
    r->by = one;
    scan->position = open_loop(c, r, name, span, ORDER_UP);
    return mk_iadd(g, from, mk_imul(g, mk_isub(g, scan->position, one), by));
}

node_id reduction_open(struct checker *c, struct reduction *r, const char *name, struct span span) {
    node_id index =
        r->kind == REDUCE_PRODUCT ? open_product(c, r, name, span) : open_loop(c, r, name, span, ORDER_FREE);
    r->range++;
    return index;
}

/* ---- Values ---- */

static void fold_product(struct checker *c, struct reduction *r, node_id value) {
    struct graph *g = c->graph;
    for (uint32_t k = r->range; k > 0; k--) {
        struct scan *scan = &r->scans[k - 1];
        if (scan->filter) {
            bodies_close(&c->bodies, bodies_current(&c->bodies)->around);
            value = mk_select(g, scan->filter, value, mk_one(g));
        }
        node_id before = mk_isub(g, scan->position, mk_int(g, 1));
        node_id prefix = mk_read(g, scan->array, TYPE_REAL, &before, 1);
        bodies_update(&c->bodies, scan->array, &scan->position, 1, UPDATE_SET, mk_mul(g, prefix, value),
                      r->ast->span);
        bodies_close(&c->bodies, bodies_current(&c->bodies)->around);
        value = mk_read(g, scan->array, TYPE_REAL, &scan->last, 1);
    }
    LARGE_PUSH(&c->lowering.values, value);
}

static node_id minus_infinity(struct graph *g) {
    return mk_neg(g, mk_infinity(g));
}

/* exp(value - shift), without a derivative where the value is -inf. */
static node_id shifted_exp(struct graph *g, node_id value, node_id shift) {
    node_id exp = mk_call1(g, OP_EXP, mk_sub(g, value, shift));
    return mk_select(g, mk_eq(g, value, minus_infinity(g)), mk_zero(g), exp);
}

static node_id folded_value(struct graph *g, const struct reduction *r, node_id value) {
    if (r->kind == REDUCE_SQUARES) return mk_square(g, value);
    if (r->kind == REDUCE_NORM)
        return r->pass == 0 ? mk_call1(g, OP_ABS, value) : mk_square(g, mk_div(g, value, r->shift));
    if (r->kind == REDUCE_LOGSUMEXP && r->pass == 1) return shifted_exp(g, value, r->shift);
    return value;
}

void reduction_fold(struct checker *c, struct reduction *r, node_id value) {
    if (r->kind == REDUCE_PRODUCT) {
        fold_product(c, r, value);
        return;
    }
    c->graph->here = r->ast->span;
    enum update_op op = !finds_extremum(r) ? UPDATE_ADD : r->kind == REDUCE_MINIMUM ? UPDATE_MIN : UPDATE_MAX;
    bodies_update(&c->bodies, r->accumulator, NULL, 0, op, folded_value(c->graph, r, value), r->ast->span);
}

/* ---- Ends ---- */

static node_id is_infinite(struct graph *g, node_id n) {
    return mk_eq(g, mk_call1(g, OP_ABS, n), mk_infinity(g));
}

/* What the second pass subtracts or divides by: the extremum, where that is an ordinary number. */
static node_id shift_of(struct graph *g, const struct reduction *r, node_id extremum) {
    if (r->kind == REDUCE_LOGSUMEXP) return mk_select(g, is_infinite(g, extremum), mk_zero(g), extremum);
    node_id useless = mk_or(g, mk_eq(g, extremum, mk_zero(g)), is_infinite(g, extremum));
    return mk_select(g, useless, mk_one(g), extremum);
}

static node_id result_of(struct graph *g, const struct reduction *r, node_id total) {
    node_id nothing = mk_eq(g, total, mk_zero(g));
    if (r->kind == REDUCE_LOGSUMEXP)
        return mk_select(g, nothing, minus_infinity(g), mk_add(g, r->shift, mk_call1(g, OP_LOG, total)));
    if (r->kind == REDUCE_NORM)
        return mk_select(g, nothing, mk_zero(g), mk_mul(g, r->shift, mk_call1(g, OP_SQRT, total)));
    return total;
}

bool reduction_end_pass(struct checker *c, struct reduction *r, node_id *result) {
    struct graph *g = c->graph;
    g->here = r->ast->span;
    c->scope.locals.count = r->locals;
    if (r->kind == REDUCE_PRODUCT) {
        *result = VEC_POP(&c->lowering.values);
        return false;
    }
    while (c->bodies.current != r->home) bodies_close(&c->bodies, bodies_current(&c->bodies)->around);
    if (r->kind == REDUCE_MINIMUM || r->kind == REDUCE_MAXIMUM)
        VEC_PUSH(&c->never_empty, ((struct never_empty){r->ast, r->outermost}));
    node_id total = mk_read(g, r->accumulator, TYPE_REAL, NULL, 0);
    bool two_passes = r->kind == REDUCE_LOGSUMEXP || r->kind == REDUCE_NORM;
    if (two_passes && r->pass == 0) {
        r->shift = shift_of(g, r, total);
        r->pass = 1;
        return true;
    }
    *result = result_of(g, r, total);
    return false;
}
