#include "ir/build.h"

#include <string.h>

#include "ir/stable.h"

enum { FOLD_BITS = 4096 }; /* exact folding stops here and the operation stays */

node_id mk_number(struct graph *g, long value) {
    bool small = value >= GRAPH_LEAST_NUMBER && value < GRAPH_LEAST_NUMBER + GRAPH_NUMBERS;
    if (small && g->numbers[value - GRAPH_LEAST_NUMBER]) return g->numbers[value - GRAPH_LEAST_NUMBER];
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, value, 1);
    node_id n = graph_rational(g, q);
    mpq_clear(q);
    return n;
}

node_id mk_zero(struct graph *g) {
    return mk_number(g, 0);
}

node_id mk_one(struct graph *g) {
    return mk_number(g, 1);
}

node_id mk_ratio(struct graph *g, long numerator, unsigned long denominator) {
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, numerator, denominator);
    mpq_canonicalize(q);
    node_id n = graph_rational(g, q);
    mpq_clear(q);
    return n;
}

node_id mk_pi(struct graph *g) {
    return graph_intern(g, OP_PI, TYPE_REAL, NULL, 0, 0);
}

node_id mk_infinity(struct graph *g) {
    return graph_intern(g, OP_INFINITY, TYPE_REAL, NULL, 0, 0);
}

static bool is_const(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_CONST;
}

static bool small_enough(const mpq_t q) {
    return mpz_sizeinbase(mpq_numref(q), 2) <= FOLD_BITS && mpz_sizeinbase(mpq_denref(q), 2) <= FOLD_BITS;
}

/* Folds two constants; 0 where the result grows too long. */
static node_id fold(struct graph *g, void (*operation)(mpq_t, const mpq_t, const mpq_t), node_id a,
                    node_id b) {
    mpq_t q;
    mpq_init(q);
    operation(q, node_rational(g, a), node_rational(g, b));
    node_id n = small_enough(q) ? graph_rational(g, q) : 0;
    mpq_clear(q);
    return n;
}

/* The product of two constants; 0 where it grows too long. */
static node_id fold_product(struct graph *g, node_id a, node_id b) {
    node_id one = mk_one(g);
    if (a == one) return b;
    return b == one ? a : fold(g, mpq_mul, a, b);
}

/* Operands in canonical order: a constant first, else by id. */
static node_id make_pair(struct graph *g, enum op op, node_id a, node_id b) {
    bool swap = is_const(g, b) ? !is_const(g, a) : (!is_const(g, a) && a > b);
    node_id operands[2] = {swap ? b : a, swap ? a : b};
    return graph_intern(g, op, TYPE_REAL, operands, 2, 0);
}

/* n as coefficient times rest: a product's constant comes first. */
static node_id split_coefficient(struct graph *g, node_id n, node_id *rest) {
    *rest = n;
    if (node_op(g, n) != OP_MUL || !node_begins_with_constant(g, n)) return mk_one(g);
    *rest = node_operand(g, n, 1);
    return node_operand(g, n, 0);
}

/* a + constant, gathering with a constant that a already ends with. */
static node_id add_constant(struct graph *g, node_id constant, node_id a) {
    if (node_is_number(g, constant, 0)) return a;
    if (node_op(g, a) == OP_ADD && node_begins_with_constant(g, a)) {
        node_id sum = fold(g, mpq_add, constant, node_operand(g, a, 0));
        if (sum) return add_constant(g, sum, node_operand(g, a, 1));
    }
    node_id stable = stable_sum(g, constant, a);
    return stable ? stable : make_pair(g, OP_ADD, constant, a);
}

node_id mk_add(struct graph *g, node_id a, node_id b) {
    if (is_const(g, a) && is_const(g, b)) {
        node_id sum = fold(g, mpq_add, a, b);
        return sum ? sum : make_pair(g, OP_ADD, a, b);
    }
    if (is_const(g, a)) return add_constant(g, a, b);
    if (is_const(g, b)) return add_constant(g, b, a);
    node_id rest_a, rest_b;
    node_id ca = split_coefficient(g, a, &rest_a), cb = split_coefficient(g, b, &rest_b);
    if (rest_a == rest_b) {
        node_id sum = fold(g, mpq_add, ca, cb);
        if (sum) return mk_mul(g, sum, rest_a);
    }
    return make_pair(g, OP_ADD, a, b);
}

node_id mk_neg(struct graph *g, node_id a) {
    return mk_mul(g, mk_number(g, -1), a);
}

node_id mk_sub(struct graph *g, node_id a, node_id b) {
    return mk_add(g, a, mk_neg(g, b));
}

/* n as a power with a positive constant exponent. */
static node_id split_power(struct graph *g, node_id n, int64_t *exponent) {
    *exponent = 1;
    if (node_op(g, n) != OP_POWI || node_op(g, node_operand(g, n, 1)) != OP_INT) return n;
    int64_t e = node_integer(g, node_operand(g, n, 1));
    if (e <= 0 || e > INT32_MAX) return n;
    *exponent = e;
    return node_operand(g, n, 0);
}

/* A constant over something. */
static bool over_constant(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_DIV && node_begins_with_constant(g, n);
}

/* a * (c/b) is c * (a/b). */
static node_id multiply_quotient(struct graph *g, node_id a, node_id quotient) {
    node_id constant = node_operand(g, quotient, 0), divisor = node_operand(g, quotient, 1);
    return mk_mul(g, constant, mk_div(g, a, divisor));
}

/* The product of two factors without numeric coefficients. */
static node_id multiply_rests(struct graph *g, node_id a, node_id b) {
    int64_t ea, eb;
    node_id base_a = split_power(g, a, &ea), base_b = split_power(g, b, &eb);
    if (base_a == base_b) return mk_powi(g, base_a, mk_int(g, ea + eb));
    if (over_constant(g, b)) return multiply_quotient(g, a, b);
    if (over_constant(g, a)) return multiply_quotient(g, b, a);
    return make_pair(g, OP_MUL, a, b);
}

/* constant * a, where a has no coefficient of its own. */
static node_id scale(struct graph *g, node_id constant, node_id a) {
    if (node_is_number(g, constant, 0)) return mk_zero(g);
    if (node_is_number(g, constant, 1)) return a;
    if (is_const(g, a)) {
        node_id product = fold_product(g, constant, a);
        if (product) return product;
    }
    /* c * (d/b) is (c*d)/b for an exact c*d. */
    if (over_constant(g, a)) {
        node_id divisor = node_operand(g, a, 1), product = fold(g, mpq_mul, constant, node_operand(g, a, 0));
        if (product) return mk_div(g, product, divisor);
    }
    return make_pair(g, OP_MUL, constant, a);
}

node_id mk_mul(struct graph *g, node_id a, node_id b) {
    if (is_const(g, a)) {
        node_id rest;
        node_id coefficient = split_coefficient(g, b, &rest);
        node_id product = fold_product(g, a, coefficient);
        return product ? scale(g, product, rest) : make_pair(g, OP_MUL, a, b);
    }
    if (is_const(g, b)) return mk_mul(g, b, a);
    node_id rest_a, rest_b;
    node_id ca = split_coefficient(g, a, &rest_a), cb = split_coefficient(g, b, &rest_b);
    node_id coefficient = fold_product(g, ca, cb);
    if (!coefficient) return make_pair(g, OP_MUL, a, b);
    return scale(g, coefficient, multiply_rests(g, rest_a, rest_b));
}

node_id mk_div(struct graph *g, node_id a, node_id b) {
    if (node_is_number(g, b, 1)) return a;
    if (is_const(g, a) && is_const(g, b) && mpq_sgn(node_rational(g, b)) != 0) {
        node_id quotient = fold(g, mpq_div, a, b);
        if (quotient) return quotient;
    }
    if (node_is_number(g, b, -1)) return mk_neg(g, a);
    if (node_is_number(g, a, 0) && is_const(g, b) && !node_is_number(g, b, 0)) return a;
    node_id rest_a, rest_b;
    node_id ca = split_coefficient(g, a, &rest_a);
    /* A coefficient over a constant divisor is one exact number: 2*x/3 is 2/3*x. */
    if (!is_const(g, a) && is_const(g, b) && !node_is_number(g, ca, 1) && !node_is_number(g, b, 0)) {
        node_id ratio = fold(g, mpq_div, ca, b);
        if (ratio && !node_is_number(g, ca, -1)) return scale(g, ratio, rest_a);
    }
    /* Signs go outwards. */
    node_id cb = split_coefficient(g, b, &rest_b);
    if (node_is_number(g, ca, -1) && !is_const(g, rest_a)) return mk_neg(g, mk_div(g, rest_a, b));
    if (node_is_number(g, cb, -1)) return mk_neg(g, mk_div(g, a, rest_b));
    node_id stable = stable_quotient(g, a, b);
    if (stable) return stable;
    node_id operands[2] = {a, b};
    return graph_intern(g, OP_DIV, TYPE_REAL, operands, 2, 0);
}

static node_id fold_power(struct graph *g, node_id a, int64_t exponent) {
    uint64_t e = exponent < 0 ? (uint64_t)-exponent : (uint64_t)exponent;
    size_t bits = mpz_sizeinbase(mpq_numref(node_rational(g, a)), 2);
    size_t other = mpz_sizeinbase(mpq_denref(node_rational(g, a)), 2);
    if (other > bits) bits = other;
    if (e > FOLD_BITS || bits * e > FOLD_BITS || (exponent < 0 && node_is_number(g, a, 0))) return 0;
    mpq_t q;
    mpq_init(q);
    mpz_pow_ui(mpq_numref(q), mpq_numref(node_rational(g, a)), (unsigned long)e);
    mpz_pow_ui(mpq_denref(q), mpq_denref(node_rational(g, a)), (unsigned long)e);
    if (exponent < 0) mpq_inv(q, q);
    node_id n = graph_rational(g, q);
    mpq_clear(q);
    return n;
}

node_id mk_powi(struct graph *g, node_id a, node_id exponent) {
    if (node_op(g, exponent) == OP_INT) {
        int64_t e = node_integer(g, exponent);
        if (e == 0) return mk_one(g);
        if (e == 1) return a;
        if (is_const(g, a)) {
            node_id power = fold_power(g, a, e);
            if (power) return power;
        }
        /* (x^m)^n with positive m, n is x^(m*n). */
        int64_t inner;
        node_id base = split_power(g, a, &inner);
        if (inner > 1 && e > 0 && e <= INT32_MAX / inner) return mk_powi(g, base, mk_int(g, inner * e));
    }
    if (node_is_number(g, a, 1)) return a;
    node_id operands[2] = {a, exponent};
    return graph_intern(g, OP_POWI, TYPE_REAL, operands, 2, 0);
}

node_id mk_square(struct graph *g, node_id a) {
    return mk_powi(g, a, mk_int(g, 2));
}

node_id mk_pow(struct graph *g, node_id a, node_id b) {
    if (node_op(g, b) == OP_TO_REAL) return mk_powi(g, a, node_operand(g, b, 0));
    if (is_const(g, b) && mpz_cmp_ui(mpq_denref(node_rational(g, b)), 1) == 0 &&
        mpz_fits_slong_p(mpq_numref(node_rational(g, b))))
        return mk_powi(g, a, mk_int(g, mpz_get_si(mpq_numref(node_rational(g, b)))));
    node_id operands[2] = {a, b};
    return graph_intern(g, OP_POW, TYPE_REAL, operands, 2, 0);
}

/* Values that are exact whatever the precision. */
static node_id fold_call(struct graph *g, enum op op, const node_id *operands) {
    node_id a = operands[0];
    if (op == OP_ABS && is_const(g, a) && mpq_sgn(node_rational(g, a)) < 0) return mk_neg(g, a);
    if (op == OP_ABS && is_const(g, a)) return a;
    if ((op == OP_EXP || op == OP_COS || op == OP_COSH) && node_is_number(g, a, 0)) return mk_one(g);
    if ((op == OP_SIN || op == OP_TAN || op == OP_SINH || op == OP_TANH || op == OP_ATAN || op == OP_ASIN ||
         op == OP_EXPM1 || op == OP_LOG1P || op == OP_ERFINV || op == OP_LAMBERTW || op == OP_SQRT ||
         op == OP_ERF || op == OP_CBRT) &&
        node_is_number(g, a, 0))
        return a;
    if (op == OP_LOG && node_is_number(g, a, 1)) return mk_zero(g);
    if (op == OP_SQRT && node_is_number(g, a, 1)) return a;
    return 0;
}

node_id mk_call(struct graph *g, enum op op, const node_id *operands, uint32_t count) {
    if (op == OP_POW) return mk_pow(g, operands[0], operands[1]);
    if ((op == OP_MIN || op == OP_MAX) && count == 1) return operands[0];
    node_id folded = fold_call(g, op, operands);
    if (!folded) folded = stable_call(g, op, operands[0]);
    return folded ? folded : graph_intern(g, op, TYPE_REAL, operands, count, 0);
}

node_id mk_call1(struct graph *g, enum op op, node_id a) {
    node_id operands[2] = {a, 0}; /* two, as gcc looks for the second one of a power */
    return mk_call(g, op, operands, 1);
}

node_id mk_call2(struct graph *g, enum op op, node_id a, node_id b) {
    node_id operands[2] = {a, b};
    return mk_call(g, op, operands, 2);
}

node_id mk_call3(struct graph *g, enum op op, node_id a, node_id b, node_id c) {
    node_id operands[3] = {a, b, c};
    return mk_call(g, op, operands, 3);
}

node_id mk_read(struct graph *g, uint32_t array, enum value_type type, const node_id *subscripts,
                uint32_t rank) {
    return graph_intern(g, OP_READ, type, subscripts, rank, array);
}

node_id mk_to_real(struct graph *g, node_id integer) {
    if (node_op(g, integer) == OP_INT) return mk_number(g, (long)node_integer(g, integer));
    return graph_intern(g, OP_TO_REAL, TYPE_REAL, &integer, 1, 0);
}

node_id mk_powi_partial(struct graph *g, node_id a, node_id n) {
    node_id partial = mk_mul(g, mk_to_real(g, n), mk_powi(g, a, mk_isub(g, n, mk_int(g, 1))));
    return mk_select(g, mk_ieq(g, n, mk_int(g, 0)), mk_zero(g), partial);
}
