#include "ir/build.h"

/* Integer sums are linear combinations: terms sorted by atom, then the constant. Longer ones stay as they
 * come. */
enum { MOST_TERMS = 16 };

struct linear {
    struct {
        node_id atom;
        int64_t coefficient;
    } terms[MOST_TERMS];
    unsigned count;
    int64_t constant;
};

node_id mk_int(struct graph *g, int64_t value) {
    return graph_integer(g, value);
}

node_id mk_index(struct graph *g, uint32_t index) {
    return graph_intern(g, OP_INDEX, TYPE_INT, NULL, 0, index);
}

static bool add_term(struct linear *sum, node_id atom, int64_t coefficient) {
    unsigned i = 0;
    while (i < sum->count && sum->terms[i].atom < atom) i++;
    if (i < sum->count && sum->terms[i].atom == atom) {
        return !__builtin_add_overflow(sum->terms[i].coefficient, coefficient, &sum->terms[i].coefficient);
    }
    if (sum->count == MOST_TERMS) return false;
    for (unsigned k = sum->count; k > i; k--) sum->terms[k] = sum->terms[k - 1];
    sum->terms[i].atom = atom;
    sum->terms[i].coefficient = coefficient;
    sum->count++;
    return true;
}

/* Adds factor*term, a term being a constant, an atom, or a constant times an atom. */
static bool add_scaled(const struct graph *g, struct linear *sum, node_id term, int64_t factor) {
    int64_t value = 0;
    if (node_op(g, term) == OP_INT) {
        return !__builtin_mul_overflow(node_integer(g, term), factor, &value) &&
               !__builtin_add_overflow(sum->constant, value, &sum->constant);
    }
    if (node_op(g, term) == OP_IMUL && node_op(g, node_operand(g, term, 0)) == OP_INT) {
        return !__builtin_mul_overflow(node_integer(g, node_operand(g, term, 0)), factor, &value) &&
               add_term(sum, node_operand(g, term, 1), value);
    }
    return add_term(sum, term, factor);
}

/* Adds factor*n, where a sum leans to the left: ((t1 + t2) + t3) + constant. */
static bool gather(const struct graph *g, struct linear *sum, node_id n, int64_t factor) {
    for (unsigned steps = 0; node_op(g, n) == OP_IADD; steps++) {
        if (steps > MOST_TERMS || !add_scaled(g, sum, node_operand(g, n, 1), factor)) return false;
        n = node_operand(g, n, 0);
    }
    return add_scaled(g, sum, n, factor);
}

static node_id raw(struct graph *g, enum op op, node_id a, node_id b) {
    node_id operands[2] = {a, b};
    return graph_intern(g, op, TYPE_INT, operands, 2, 0);
}

static node_id from_linear(struct graph *g, const struct linear *sum) {
    node_id n = 0;
    for (unsigned i = 0; i < sum->count; i++) {
        int64_t coefficient = sum->terms[i].coefficient;
        if (coefficient == 0) continue;
        node_id term = sum->terms[i].atom;
        if (coefficient != 1) term = raw(g, OP_IMUL, mk_int(g, coefficient), term);
        n = n ? raw(g, OP_IADD, n, term) : term;
    }
    if (!n) return mk_int(g, sum->constant);
    return sum->constant ? raw(g, OP_IADD, n, mk_int(g, sum->constant)) : n;
}

static node_id combine(struct graph *g, node_id a, node_id b, int64_t factor) {
    struct linear sum = {.count = 0};
    if (gather(g, &sum, a, 1) && gather(g, &sum, b, factor)) return from_linear(g, &sum);
    return raw(g, OP_IADD, a, factor == 1 ? b : raw(g, OP_IMUL, mk_int(g, factor), b));
}

node_id mk_iadd(struct graph *g, node_id a, node_id b) {
    return combine(g, a, b, 1);
}

node_id mk_isub(struct graph *g, node_id a, node_id b) {
    return combine(g, a, b, -1);
}

node_id mk_imul(struct graph *g, node_id a, node_id b) {
    if (node_op(g, b) == OP_INT) {
        node_id swap = a;
        a = b, b = swap;
    }
    if (node_op(g, a) == OP_INT) {
        struct linear sum = {.count = 0};
        if (node_integer(g, a) == 0) return a;
        if (gather(g, &sum, b, node_integer(g, a))) return from_linear(g, &sum);
        return raw(g, OP_IMUL, a, b);
    }
    return a < b ? raw(g, OP_IMUL, a, b) : raw(g, OP_IMUL, b, a);
}

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* Both constant, and the quotient exists. */
static bool divisible_constants(const struct graph *g, node_id a, node_id b) {
    return node_op(g, a) == OP_INT && node_op(g, b) == OP_INT && node_integer(g, b) != 0 &&
           !(node_integer(g, a) == INT64_MIN && node_integer(g, b) == -1);
}

node_id mk_idiv(struct graph *g, node_id a, node_id b) {
    if (node_is_int(g, b, 1)) return a;
    if (divisible_constants(g, a, b) && node_integer(g, a) % node_integer(g, b) == 0)
        return mk_int(g, node_integer(g, a) / node_integer(g, b));
    return raw(g, OP_IDIV, a, b);
}

node_id mk_ifloor(struct graph *g, node_id a, node_id b) {
    if (node_is_int(g, b, -1)) return mk_imul(g, mk_int(g, -1), a);
    if (node_is_int(g, b, 1)) return a;
    if (divisible_constants(g, a, b)) return mk_int(g, floor_div(node_integer(g, a), node_integer(g, b)));
    return raw(g, OP_IFLOOR, a, b);
}

node_id mk_imod(struct graph *g, node_id a, node_id b) {
    if (divisible_constants(g, a, b)) {
        int64_t x = node_integer(g, a), y = node_integer(g, b);
        return mk_int(g, x - y * floor_div(x, y));
    }
    return raw(g, OP_IMOD, a, b);
}

node_id mk_imin(struct graph *g, node_id a, node_id b) {
    if (a == b) return a;
    if (node_op(g, a) == OP_INT && node_op(g, b) == OP_INT)
        return node_integer(g, a) < node_integer(g, b) ? a : b;
    return a < b ? raw(g, OP_IMIN, a, b) : raw(g, OP_IMIN, b, a);
}

node_id mk_imax(struct graph *g, node_id a, node_id b) {
    if (a == b) return a;
    if (node_op(g, a) == OP_INT && node_op(g, b) == OP_INT)
        return node_integer(g, a) > node_integer(g, b) ? a : b;
    return a < b ? raw(g, OP_IMAX, a, b) : raw(g, OP_IMAX, b, a);
}

node_id mk_iabs(struct graph *g, node_id a) {
    if (node_op(g, a) == OP_INT && node_integer(g, a) != INT64_MIN)
        return mk_int(g, node_integer(g, a) < 0 ? -node_integer(g, a) : node_integer(g, a));
    return graph_intern(g, OP_IABS, TYPE_INT, &a, 1, 0);
}
