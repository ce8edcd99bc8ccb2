#include "ir/stable.h"

#include "ir/build.h"

/* w of 1 + w, where no other constant is gathered; 0: n is no such sum. */
static node_id beside_one(const struct graph *g, node_id n) {
    bool sum = node_op(g, n) == OP_ADD && node_begins_with_constant(g, n) &&
               node_is_number(g, node_operand(g, n, 0), 1);
    return sum ? node_operand(g, n, 1) : 0;
}

/* z of exp(z); 0: n is none. */
static node_id exponent_of(const struct graph *g, node_id n) {
    return n && node_op(g, n) == OP_EXP ? node_operand(g, n, 0) : 0;
}

node_id stable_call(struct graph *g, enum op op, node_id a) {
    node_id beside = op == OP_LOG && !g->plain ? beside_one(g, a) : 0, z = exponent_of(g, beside);
    if (z) return mk_call1(g, OP_SOFTPLUS, z);
    return beside ? mk_call1(g, OP_LOG1P, beside) : 0;
}

node_id stable_quotient(struct graph *g, node_id a, node_id b) {
    node_id z = g->plain ? 0 : exponent_of(g, beside_one(g, b));
    if (!z) return 0;
    if (node_op(g, a) == OP_CONST) return mk_mul(g, a, mk_call1(g, OP_SIGMOID, mk_neg(g, z)));
    return exponent_of(g, a) == z ? mk_call1(g, OP_SIGMOID, z) : 0;
}

node_id stable_sum(struct graph *g, node_id constant, node_id a) {
    if (g->plain) return 0;
    bool negative = node_op(g, a) == OP_MUL && node_is_number(g, node_operand(g, a, 0), -1);
    node_id z = exponent_of(g, negative ? node_operand(g, a, 1) : a);
    if (!z || !node_is_number(g, constant, negative ? 1 : -1)) return 0;
    node_id difference = mk_call1(g, OP_EXPM1, z);
    return negative ? mk_neg(g, difference) : difference;
}

/* b of -b^2; 0: n is no such product. */
static node_id negative_square_of(const struct graph *g, node_id n) {
    if (node_op(g, n) != OP_MUL || !node_begins_with_constant(g, n) ||
        !node_is_number(g, node_operand(g, n, 0), -1))
        return 0;
    node_id power = node_operand(g, n, 1);
    bool square = node_op(g, power) == OP_POWI && node_is_int(g, node_operand(g, power, 1), 2);
    return square ? node_operand(g, power, 0) : 0;
}

static node_id square_of(const struct graph *g, node_id n) {
    bool square = node_op(g, n) == OP_POWI && node_is_int(g, node_operand(g, n, 1), 2);
    return square ? node_operand(g, n, 0) : 0;
}

static node_id difference_of_squares(struct graph *g, node_id square, node_id negative) {
    node_id a = square_of(g, square), b = negative_square_of(g, negative);
    return a && b ? mk_mul(g, mk_sub(g, a, b), mk_add(g, a, b)) : 0;
}

/* 1 - cos(x) is 2*sin(x/2)^2. */
static node_id versine(struct graph *g, node_id constant, node_id n) {
    bool negative = node_op(g, n) == OP_MUL && node_is_number(g, node_operand(g, n, 0), -1);
    node_id cosine = negative ? node_operand(g, n, 1) : n;
    if (node_op(g, cosine) != OP_COS || !node_is_number(g, constant, negative ? 1 : -1)) return 0;
    node_id half = mk_mul(g, mk_ratio(g, 1, 2), node_operand(g, cosine, 0));
    node_id square = mk_square(g, mk_call1(g, OP_SIN, half));
    return mk_mul(g, mk_number(g, negative ? 2 : -2), square);
}

/* The root of a constant that is the square of a rational; 0: it is none. */
static node_id rational_root(struct graph *g, const mpq_t square) {
    mpq_t root;
    if (mpq_sgn(square) <= 0 || !mpz_perfect_square_p(mpq_numref(square)) ||
        !mpz_perfect_square_p(mpq_denref(square)))
        return 0;
    mpq_init(root);
    mpz_sqrt(mpq_numref(root), mpq_numref(square));
    mpz_sqrt(mpq_denref(root), mpq_denref(square));
    node_id n = graph_rational(g, root);
    mpq_clear(root);
    return n;
}

/* x^2 - 9/4 and 1 - x^2. */
static node_id difference_from_constant(struct graph *g, node_id constant, node_id n) {
    node_id x = square_of(g, n), minus_x = negative_square_of(g, n);
    if (node_op(g, constant) != OP_CONST || (!x && !minus_x)) return 0;
    mpq_t square;
    mpq_init(square);
    mpq_set(square, node_rational(g, constant));
    if (x) mpq_neg(square, square);
    node_id root = rational_root(g, square);
    mpq_clear(square);
    if (!root) return 0;
    return x ? mk_mul(g, mk_sub(g, x, root), mk_add(g, x, root))
             : mk_mul(g, mk_sub(g, root, minus_x), mk_add(g, root, minus_x));
}

/* The operation under a factor, if there is one. */
static enum op term_of(const struct graph *g, node_id n) {
    bool scaled = node_op(g, n) == OP_MUL && node_begins_with_constant(g, n);
    return node_op(g, scaled ? node_operand(g, n, 1) : n);
}

bool stable_may_be(const struct graph *g, enum op op, const node_id *operands) {
    if (op != OP_ADD) return false;
    node_id a = operands[0], b = operands[1];
    enum op term = term_of(g, b);
    if (term != OP_COS && term != OP_POWI) return false;
    if (node_op(g, a) == OP_CONST) return true;
    return term == OP_POWI && term_of(g, a) == OP_POWI &&
           (node_op(g, a) == OP_MUL || node_op(g, b) == OP_MUL);
}

node_id stable_value(struct graph *g, enum op op, const node_id *operands) {
    if (!stable_may_be(g, op, operands)) return 0;
    node_id a = operands[0], b = operands[1], result = versine(g, a, b);
    if (!result) result = difference_from_constant(g, a, b);
    if (!result) result = difference_of_squares(g, a, b);
    return result ? result : difference_of_squares(g, b, a);
}
