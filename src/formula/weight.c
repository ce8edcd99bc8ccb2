#include "formula/weight.h"

#include <string.h>

#include "formula/decimal.h"

static const struct graph *graph_of(const struct weights *w) {
    return w->program->graph;
}

static uint32_t known(const struct weights *w, node_id n) {
    return node_map_get(&w->of_node, n);
}

static uint32_t bounded(uint64_t weight) {
    return weight < WEIGHT_MOST ? (uint32_t)weight : WEIGHT_MOST;
}

static uint32_t digits(mpz_srcptr number) {
    return (uint32_t)mpz_sizeinbase(number, 10);
}

/* ---- Brackets ---- */

static bool is_loose(enum op op) {
    return op == OP_ADD || op == OP_SELECT || op == OP_IADD;
}

static uint32_t as_factor(const struct weights *w, node_id n) {
    return known(w, n) + (is_loose(node_op(graph_of(w), n)) ? 2 : 0);
}

static uint32_t as_divisor(const struct weights *w, node_id n) {
    enum op op = node_op(graph_of(w), n);
    return known(w, n) + (is_loose(op) || op == OP_MUL || op == OP_DIV ? 2 : 0);
}

static uint32_t as_base(const struct weights *w, node_id n) {
    const struct graph *g = graph_of(w);
    enum op op = node_op(g, n);
    bool atom = op == OP_READ || op == OP_INT || op == OP_INDEX || op_info(op)->is_function || op == OP_PI;
    if (op == OP_CONST) atom = mpz_cmp_ui(mpq_denref(node_rational(g, n)), 1) == 0;
    return known(w, n) + (atom ? 0 : 2);
}

/* ---- Operations ---- */

/* The length of a fraction as a decimal, where that is no longer than it would be else. */
static uint32_t or_decimal(mpq_srcptr value, uint32_t fraction) {
    char text[DECIMAL_ROOM];
    if (!decimal_text(value, text)) return fraction;
    size_t length = strlen(text);
    return decimal_is_better(value, length, fraction) ? (uint32_t)length : fraction;
}

static uint32_t of_constant(mpq_srcptr value) {
    uint32_t weight = digits(mpq_numref(value)), sign = mpq_sgn(value) < 0;
    if (mpz_cmp_ui(mpq_denref(value), 1) == 0) return weight + sign;
    return or_decimal(value, weight + 1 + digits(mpq_denref(value))) + sign;
}

/* c*x is -x, 2*x, x/2 or 2*x/3. */
static uint64_t of_scaled(const struct weights *w, mpq_srcptr c, node_id rest) {
    uint64_t weight = as_factor(w, rest) + (uint64_t)(mpq_sgn(c) < 0);
    bool over_something = node_op(graph_of(w), rest) == OP_DIV &&
                          node_op(graph_of(w), node_operand(graph_of(w), rest, 1)) != OP_MUL;
    bool whole = mpz_cmp_ui(mpq_denref(c), 1) == 0;
    uint32_t number = mpz_cmpabs_ui(mpq_numref(c), 1) != 0 ? digits(mpq_numref(c)) + 1u : 0;
    if (!whole) number += digits(mpq_denref(c)) + 1u + 2u * over_something;
    return weight + (whole ? number : or_decimal(c, number - 1) + 1);
}

static uint64_t of_product(const struct weights *w, node_id a, node_id b) {
    const struct graph *g = graph_of(w);
    if (node_op(g, a) == OP_CONST) return of_scaled(w, node_rational(g, a), b);
    return (uint64_t)as_factor(w, a) + as_factor(w, b) + 1;
}

/* (1/2)/x is 1/(2*x). */
static uint64_t of_quotient(const struct weights *w, node_id a, node_id b) {
    const struct graph *g = graph_of(w);
    bool fraction = node_op(g, a) == OP_CONST && mpz_cmp_ui(mpq_denref(node_rational(g, a)), 1) != 0;
    if (!fraction) return (uint64_t)as_factor(w, a) + as_divisor(w, b) + 1;
    bool product = node_op(g, b) == OP_MUL;
    return (uint64_t)known(w, a) + as_divisor(w, b) + (product ? 1 : 3);
}

static bool has_minus(const struct graph *g, node_id n) {
    if (node_op(g, n) == OP_MUL) n = node_operand(g, n, 0);
    return node_op(g, n) == OP_CONST && mpq_sgn(node_rational(g, n)) < 0;
}

static uint64_t of_sum(const struct weights *w, node_id a, node_id b) {
    const struct graph *g = graph_of(w);
    uint64_t weight = (uint64_t)known(w, a) + known(w, b) + 3;
    /* One of the terms leads; a minus before another is the sign between them. */
    bool minus_a = has_minus(g, a), minus_b = has_minus(g, b);
    if (node_op(g, a) == OP_SELECT) weight += 2;
    if (node_op(g, b) == OP_SELECT) weight += 2;
    return weight - (minus_a || minus_b);
}

static uint64_t of_read(const struct weights *w, node_id n) {
    const struct graph *g = graph_of(w);
    array_id array = node_payload(g, n);
    const struct reduction *r = w->reductions ? reduction_of(w->reductions, array) : NULL;
    uint64_t weight = 0;
    if (r) {
        weight = known(w, r->value) + strlen("sum( for )");
        for (uint32_t k = 0; k < r->count; k++) {
            weight += (uint64_t)known(w, r->ranges[k].lower) + known(w, r->ranges[k].upper) + 8;
            if (node_op(g, r->ranges[k].filter) != OP_BOOL) weight += known(w, r->ranges[k].filter) + 4u;
        }
        return weight;
    }
    for (uint32_t k = 0; k < node_count(g, n); k++) weight += known(w, node_operand(g, n, k)) + 2u;
    bool short_name = array >= w->first_temporary || w->program->arrays.at[array].role == ROLE_TEMPORARY;
    return weight + (short_name ? 2 : strlen(w->program->arrays.at[array].name));
}

static uint64_t of_call(const struct weights *w, node_id n, size_t around, size_t between) {
    uint64_t weight = around;
    for (uint32_t k = 0; k < node_count(graph_of(w), n); k++)
        weight += known(w, node_operand(graph_of(w), n, k)) + (k ? between : 0);
    return weight;
}

static uint64_t of_power(const struct weights *w, node_id base, node_id exponent) {
    return (uint64_t)as_base(w, base) + as_base(w, exponent) + 1;
}

static uint64_t of_node(const struct weights *w, node_id n) {
    const struct graph *g = graph_of(w);
    enum op op = node_op(g, n);
    node_id a = node_count(g, n) > 0 ? node_operand(g, n, 0) : 0,
            b = node_count(g, n) > 1 ? node_operand(g, n, 1) : 0;
    switch ((int)op) {
    case OP_CONST: return of_constant(node_rational(g, n));
    case OP_PI: return 2;
    case OP_INFINITY: return 3;
    case OP_READ: return of_read(w, n);
    case OP_TO_REAL: return known(w, a);
    case OP_ADD: return of_sum(w, a, b);
    case OP_MUL: return of_product(w, a, b);
    case OP_DIV: return of_quotient(w, a, b);
    case OP_POWI:
    case OP_POW: return of_power(w, a, b);
    case OP_SELECT:
    case OP_ISELECT: return of_call(w, n, strlen("if  then  else "), 0);
    case OP_INT: {
        int64_t value = node_integer(g, n);
        uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value, length = 1 + (value < 0);
        while (size >= 10) size /= 10, length++;
        return length;
    }
    case OP_INDEX: return strlen(w->indices->names.at[node_payload(g, n)]);
    case OP_NOT: return of_call(w, n, 1, 0);
    default:
        return op_info(op)->is_function ? of_call(w, n, strlen(op_info(op)->name) + 2, 2)
                                        : of_call(w, n, 0, 4);
    }
}

/* ---- From operands up ---- */

static void want(struct weights *w, node_id n) {
    if (!known(w, n)) VEC_PUSH(&w->stack, n);
}

static void want_parts(struct weights *w, node_id n) {
    const struct graph *g = graph_of(w);
    const struct reduction *r =
        node_op(g, n) == OP_READ && w->reductions ? reduction_of(w->reductions, node_payload(g, n)) : NULL;
    if (r) {
        want(w, r->value);
        for (uint32_t k = 0; k < r->count; k++) {
            want(w, r->ranges[k].lower);
            want(w, r->ranges[k].upper);
            want(w, r->ranges[k].filter);
        }
        return;
    }
    for (uint32_t k = 0; k < node_count(g, n); k++) want(w, node_operand(g, n, k));
}

uint32_t weight_of(struct weights *w, node_id root) {
    size_t floor = w->stack.count;
    want(w, root);
    while (w->stack.count > floor && !w->stack.failed && !w->of_node.failed) {
        node_id n = VEC_LAST(&w->stack);
        size_t top = w->stack.count;
        if (!known(w, n)) want_parts(w, n);
        if (w->stack.count > top) continue;
        if (!known(w, n)) node_map_set(&w->of_node, n, bounded(of_node(w, n)) + (of_node(w, n) == 0));
        w->stack.count--;
    }
    return known(w, root);
}

bool weight_set(struct weights *w, node_id n, uint32_t weight) {
    return node_map_set(&w->of_node, n, weight);
}

void weights_release(struct weights *w) {
    node_map_release(&w->of_node);
    VEC_FREE(&w->stack);
}
