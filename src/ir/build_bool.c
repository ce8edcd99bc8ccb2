#include "ir/build.h"

node_id mk_bool(struct graph *g, bool value) {
    node_id *known = &g->truths[value];
    if (!*known) {
        node_id n = graph_intern(g, OP_BOOL, TYPE_BOOL, NULL, 0, value);
        if (g->failed) return n;
        *known = n;
    }
    return *known;
}

static bool is_bool(const struct graph *g, node_id n, bool value) {
    return node_op(g, n) == OP_BOOL && node_payload(g, n) == (uint32_t)value;
}

static node_id compare(struct graph *g, enum op op, node_id a, node_id b) {
    node_id operands[2] = {a, b};
    return graph_intern(g, op, TYPE_BOOL, operands, 2, 0);
}

static bool both(const struct graph *g, enum op op, node_id a, node_id b) {
    return node_op(g, a) == op && node_op(g, b) == op;
}

static int order(const struct graph *g, node_id a, node_id b) {
    return mpq_cmp(node_rational(g, a), node_rational(g, b));
}

node_id mk_lt(struct graph *g, node_id a, node_id b) {
    return both(g, OP_CONST, a, b) ? mk_bool(g, order(g, a, b) < 0) : compare(g, OP_LT, a, b);
}

node_id mk_le(struct graph *g, node_id a, node_id b) {
    return both(g, OP_CONST, a, b) ? mk_bool(g, order(g, a, b) <= 0) : compare(g, OP_LE, a, b);
}

node_id mk_eq(struct graph *g, node_id a, node_id b) {
    if (both(g, OP_CONST, a, b)) return mk_bool(g, order(g, a, b) == 0);
    return a < b ? compare(g, OP_EQ, a, b) : compare(g, OP_EQ, b, a);
}

node_id mk_ne(struct graph *g, node_id a, node_id b) {
    if (both(g, OP_CONST, a, b)) return mk_bool(g, order(g, a, b) != 0);
    return a < b ? compare(g, OP_NE, a, b) : compare(g, OP_NE, b, a);
}

/* Whether b - a is a known number. */
static bool difference(struct graph *g, node_id a, node_id b, int64_t *value) {
    node_id d = mk_isub(g, b, a);
    if (node_op(g, d) != OP_INT) return false;
    *value = node_integer(g, d);
    return true;
}

node_id mk_ilt(struct graph *g, node_id a, node_id b) {
    int64_t d;
    return difference(g, a, b, &d) ? mk_bool(g, d > 0) : compare(g, OP_ILT, a, b);
}

node_id mk_ile(struct graph *g, node_id a, node_id b) {
    int64_t d;
    return difference(g, a, b, &d) ? mk_bool(g, d >= 0) : compare(g, OP_ILE, a, b);
}

node_id mk_ieq(struct graph *g, node_id a, node_id b) {
    int64_t d;
    if (difference(g, a, b, &d)) return mk_bool(g, d == 0);
    return a < b ? compare(g, OP_IEQ, a, b) : compare(g, OP_IEQ, b, a);
}

node_id mk_ine(struct graph *g, node_id a, node_id b) {
    int64_t d;
    if (difference(g, a, b, &d)) return mk_bool(g, d != 0);
    return a < b ? compare(g, OP_INE, a, b) : compare(g, OP_INE, b, a);
}

/* The operands keep their order: the right one may be defined only where the left one holds. */
node_id mk_and(struct graph *g, node_id a, node_id b) {
    if (a == b || is_bool(g, b, true) || is_bool(g, a, false)) return a;
    if (is_bool(g, a, true)) return b;
    if (is_bool(g, b, false)) return b;
    return compare(g, OP_AND, a, b);
}

node_id mk_or(struct graph *g, node_id a, node_id b) {
    if (a == b || is_bool(g, b, false) || is_bool(g, a, true)) return a;
    if (is_bool(g, a, false)) return b;
    if (is_bool(g, b, true)) return b;
    return compare(g, OP_OR, a, b);
}

node_id mk_not(struct graph *g, node_id a) {
    if (node_op(g, a) == OP_BOOL) return mk_bool(g, node_payload(g, a) == 0);
    if (node_op(g, a) == OP_NOT) return node_operand(g, a, 0);
    return graph_intern(g, OP_NOT, TYPE_BOOL, &a, 1, 0);
}

node_id mk_select(struct graph *g, node_id condition, node_id a, node_id b) {
    if (is_bool(g, condition, true) || a == b) return a;
    if (is_bool(g, condition, false)) return b;
    if (node_op(g, condition) == OP_NOT) return mk_select(g, node_operand(g, condition, 0), b, a);
    node_id operands[3] = {condition, a, b};
    enum op op = node_type(g, a) == TYPE_INT ? OP_ISELECT : OP_SELECT;
    return graph_intern(g, op, node_type(g, a), operands, 3, 0);
}

typedef node_id (*builder2)(struct graph *, node_id, node_id);

/* Builders of the two-operand node kinds. */
static const builder2 builders2[OP_COUNT] = {
    [OP_ADD] = mk_add,   [OP_MUL] = mk_mul,   [OP_DIV] = mk_div,   [OP_POWI] = mk_powi,
    [OP_IADD] = mk_iadd, [OP_IMUL] = mk_imul, [OP_IDIV] = mk_idiv, [OP_IFLOOR] = mk_ifloor,
    [OP_IMOD] = mk_imod, [OP_IMIN] = mk_imin, [OP_IMAX] = mk_imax, [OP_LT] = mk_lt,
    [OP_LE] = mk_le,     [OP_EQ] = mk_eq,     [OP_NE] = mk_ne,     [OP_ILT] = mk_ilt,
    [OP_ILE] = mk_ile,   [OP_IEQ] = mk_ieq,   [OP_INE] = mk_ine,   [OP_AND] = mk_and,
    [OP_OR] = mk_or,
};

node_id mk_again(struct graph *g, node_id like, const node_id *operands) {
    enum op op = node_op(g, like);
    if (builders2[op]) return builders2[op](g, operands[0], operands[1]);
    if (op_info(op)->is_function) return mk_call(g, op, operands, node_count(g, like));
    if (op == OP_SELECT || op == OP_ISELECT) return mk_select(g, operands[0], operands[1], operands[2]);
    if (op == OP_NOT) return mk_not(g, operands[0]);
    if (op == OP_IABS) return mk_iabs(g, operands[0]);
    if (op == OP_TO_REAL) return mk_to_real(g, operands[0]);
    if (node_count(g, like) == 0) return like;
    return graph_intern(g, op, node_type(g, like), operands, node_count(g, like), node_payload(g, like));
}
