#include <stdlib.h>

#include "formula/algebra.h"
#include "ir/rewrite.h"
#include "ir/build.h"

static struct graph *graph_of(const struct simplifier *s) {
    return s->program->graph;
}

static bool is_choice(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_SELECT;
}

/* ---- Sums ---- */

/* What is added under one condition. */
struct branch {
    node_id condition, then, otherwise;
    uint32_t count;
};

struct branches {
    VEC(struct branch) all;
    struct node_map place_of; /* by condition, plus 1 */
};

static void add_branch(struct simplifier *s, struct branches *b, const struct summand *term) {
    struct graph *g = graph_of(s);
    node_id condition = node_operand(g, term->rest, 0), factor = graph_rational(g, term->coefficient);
    node_id then = mk_mul(g, factor, node_operand(g, term->rest, 1));
    node_id otherwise = mk_mul(g, factor, node_operand(g, term->rest, 2));
    uint32_t place = node_map_get(&b->place_of, condition);
    if (!place) {
        VEC_PUSH(&b->all, ((struct branch){condition, then, otherwise, 1}));
        node_map_set(&b->place_of, condition, (uint32_t)b->all.count);
        return;
    }
    struct branch *same = &b->all.at[place - 1];
    same->then = mk_add(g, same->then, then);
    same->otherwise = mk_add(g, same->otherwise, otherwise);
    same->count++;
}

node_id join_choices(struct simplifier *s, struct sum *sum) {
    struct graph *g = graph_of(s);
    struct branches b = {.all = {0}};
    node_id result = 0;
    bool joined = false;
    for (size_t k = 0; k < sum->terms.count; k++)
        if (is_choice(g, sum->terms.at[k].rest)) add_branch(s, &b, &sum->terms.at[k]);
    for (size_t k = 0; k < b.all.count; k++) joined |= b.all.at[k].count > 1;
    if (joined) {
        result = mk_zero(g);
        for (size_t k = 0; k < sum->terms.count; k++)
            if (!is_choice(g, sum->terms.at[k].rest))
                result = mk_add(g, result, summand_node(s, &sum->terms.at[k]));
        for (size_t k = 0; k < b.all.count; k++)
            result = mk_add(g, result,
                            mk_select(g, b.all.at[k].condition, b.all.at[k].then, b.all.at[k].otherwise));
    }
    s->failed |= b.all.failed || b.place_of.failed;
    VEC_FREE(&b.all);
    node_map_release(&b.place_of);
    return result;
}

/* ---- Products ---- */

/* The next choice among the factors from place `at` on; powers.count: there is none. */
static size_t choice_from(const struct graph *g, const struct monomial *m, size_t at) {
    while (at < m->powers.count) {
        const struct power *p = &m->powers.at[at];
        if (is_choice(g, p->base) && p->up > 0 && !p->down && !p->symbol) return at;
        at++;
    }
    return at;
}

/* The product with two choices under the same condition as one; 0: there are none. */
static node_id join_factors(struct simplifier *s, struct monomial *m) {
    struct graph *g = graph_of(s);
    size_t count = m->powers.count;
    for (size_t i = choice_from(g, m, 0); i < count; i = choice_from(g, m, i + 1)) {
        for (size_t j = choice_from(g, m, i + 1); j < count; j = choice_from(g, m, j + 1)) {
            node_id a = m->powers.at[i].base, b = m->powers.at[j].base;
            if (node_operand(g, a, 0) != node_operand(g, b, 0)) continue;
            node_id then = mk_mul(g, node_operand(g, a, 1), node_operand(g, b, 1));
            node_id otherwise = mk_mul(g, node_operand(g, a, 2), node_operand(g, b, 2));
            m->powers.at[i].up--;
            m->powers.at[j].up--;
            return mk_mul(g, monomial_node(s, m), mk_select(g, node_operand(g, a, 0), then, otherwise));
        }
    }
    return 0;
}

static bool has_zero(const struct graph *g, node_id choice) {
    return node_is_number(g, node_operand(g, choice, 1), 0) ||
           node_is_number(g, node_operand(g, choice, 2), 0);
}

node_id move_into_choice(struct simplifier *s, struct monomial *m) {
    struct graph *g = graph_of(s);
    size_t at = choice_from(g, m, 0);
    if (at == m->powers.count) return 0;
    node_id joined = join_factors(s, m);
    if (joined) return joined;
    node_id choice = m->powers.at[at].base, current = monomial_node(s, m);
    at = choice_from(g, m, 0);
    while (at < m->powers.count && m->powers.at[at].base != choice) at = choice_from(g, m, at + 1);
    if (at == m->powers.count || current == choice) return 0;
    int64_t up = m->powers.at[at].up;
    m->powers.at[at].up = 0;
    mpq_t coefficient;
    mpq_init(coefficient);
    mpq_set_ui(coefficient, 1, 1);
    bool apart = s->mode == SIMPLIFY_TO_SHARE && m->powers.count > 1;
    if (apart) mpq_swap(coefficient, m->coefficient);
    node_id rest = monomial_node(s, m), exponent = mk_int(g, up), scale = graph_rational(g, coefficient);
    mpq_clear(coefficient);
    m->powers.at[at].up = up;
    node_id then = mk_mul(g, rest, mk_powi(g, node_operand(g, choice, 1), exponent));
    node_id otherwise = mk_mul(g, rest, mk_powi(g, node_operand(g, choice, 2), exponent));
    node_id moved = mk_mul(g, scale, mk_select(g, node_operand(g, choice, 0), then, otherwise));
    /* A number in front is a coefficient; for show it moves where that is no longer. */
    if (node_op(g, rest) == OP_CONST && s->mode == SIMPLIFY_TO_SHARE) return 0;
    if (node_is_number(g, rest, -1))
        return weight_of(&s->weights, moved) <= weight_of(&s->weights, choice) ? moved : 0;
    bool lighter = weight_of(&s->weights, moved) < weight_of(&s->weights, current);
    return lighter || has_zero(g, choice) ? moved : 0;
}

node_id move_product_into_choice(struct simplifier *s, struct monomial *m, node_id current) {
    (void)current;
    return move_into_choice(s, m);
}

/* ---- Choices ---- */

/* The operand of a two-operand extremum that is not `one`; 0: it is none. */
static node_id other_operand(const struct graph *g, node_id extremum, node_id one) {
    enum op op = node_op(g, extremum);
    if ((op != OP_MAX && op != OP_MIN) || node_count(g, extremum) != 2) return 0;
    node_id a = node_operand(g, extremum, 0), b = node_operand(g, extremum, 1);
    return a == b ? 0 : one == a ? b : one == b ? a : 0;
}

/* Whether a node counts how many of two operands are equal to their extremum. */
static bool counts_ties(const struct graph *g, node_id n, node_id extremum) {
    if (node_op(g, n) != OP_ADD) return false;
    for (uint32_t k = 0; k < 2; k++) {
        node_id one = node_operand(g, n, k);
        if (!is_choice(g, one) || node_op(g, node_operand(g, one, 0)) != OP_EQ) return false;
        if (!node_is_number(g, node_operand(g, one, 1), 1) || !node_is_number(g, node_operand(g, one, 2), 0))
            return false;
        node_id equal = node_operand(g, one, 0);
        if (node_operand(g, equal, 0) != extremum && node_operand(g, equal, 1) != extremum) return false;
    }
    return true;
}

/* `if max(x, y) == x then 1/(how many are equal to it) else 0` is `if x > y then 1 else if x == y then 1/2
 * else 0`. 0: it is something else. */
static node_id share_of_extremum(struct simplifier *s, node_id condition, node_id then, node_id otherwise) {
    struct graph *g = graph_of(s);
    if (node_op(g, condition) != OP_EQ || !node_is_number(g, otherwise, 0) || node_op(g, then) != OP_DIV)
        return 0;
    node_id a = node_operand(g, condition, 0), b = node_operand(g, condition, 1);
    node_id other = other_operand(g, a, b), extremum = a, one = b;
    if (!other) {
        other = other_operand(g, b, a);
        extremum = b;
        one = a;
    }
    if (!other || !node_is_number(g, node_operand(g, then, 0), 1) ||
        !counts_ties(g, node_operand(g, then, 1), extremum))
        return 0;
    bool largest = node_op(g, extremum) == OP_MAX;
    node_id wins = largest ? mk_lt(g, other, one) : mk_lt(g, one, other);
    node_id half = mk_select(g, mk_eq(g, one, other), mk_ratio(g, 1, 2), mk_zero(g));
    return mk_select(g, wins, mk_one(g), half);
}

/* Whether a condition is asked again within a few operations. */
static bool is_asked_in(const struct graph *g, node_id root, node_id condition) {
    enum { MOST_SEEN = 100 };
    node_id open[MOST_SEEN + 8];
    size_t count = 0, seen = 0;
    open[count++] = root;
    while (count > 0 && seen++ < MOST_SEEN) {
        node_id n = open[--count];
        if (n == condition) return true;
        for (uint32_t k = 0; k < node_count(g, n) && count < MOST_SEEN; k++)
            open[count++] = node_operand(g, n, k);
    }
    return false;
}

/* What a branch is where the condition is known to hold, or not to. */
static node_id given(struct simplifier *s, node_id branch, node_id condition, bool holds, bool *changed) {
    struct graph *g = graph_of(s);
    if (!is_asked_in(g, branch, condition)) return branch;
    *changed = true;
    return exchange_node(s->program, branch, condition, mk_bool(g, holds));
}

/* Adds a sum, perhaps with its content in front. */
static void add_scaled(struct simplifier *s, struct sum *sum, node_id n, mpq_t scale) {
    const struct graph *g = graph_of(s);
    node_id first = node_op(g, n) == OP_MUL ? node_operand(g, n, 0) : 0;
    bool scaled = first && node_op(g, first) == OP_CONST && node_op(g, node_operand(g, n, 1)) == OP_ADD;
    mpq_set_ui(scale, 1, 1);
    if (scaled) mpq_set(scale, node_rational(g, first));
    sum_add(s, sum, scaled ? node_operand(g, n, 1) : n, scale, true);
}

/* What both branches add stands in front: `if c then u + a else u + b` is u + (if c then a else b). 0:
 * nothing. */
static node_id common_terms(struct simplifier *s, node_id condition, node_id then, node_id otherwise) {
    enum { MOST = 32 };
    struct graph *g = graph_of(s);
    struct sum a = {.terms = {0}}, b = {.terms = {0}}, common = {.terms = {0}};
    node_id result = 0;
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    add_scaled(s, &a, then, one);
    add_scaled(s, &b, otherwise, one);
    for (size_t k = 0; k < a.terms.count && a.terms.count <= MOST && b.terms.count <= MOST; k++) {
        struct summand *x = &a.terms.at[k];
        uint32_t place = node_map_get(&b.place_of, x->rest);
        struct summand *y = place ? &b.terms.at[place - 1] : NULL;
        if (!y || !mpq_equal(x->coefficient, y->coefficient) || mpq_sgn(x->coefficient) == 0) continue;
        sum_add_term(s, &common, x->rest, x->coefficient);
        mpq_set_ui(x->coefficient, 0, 1);
        mpq_set_ui(y->coefficient, 0, 1);
    }
    if (common.terms.count > 0) {
        sum_tidy(&a);
        sum_tidy(&b);
        result = mk_add(g, sum_node(s, &common), mk_select(g, condition, sum_node(s, &a), sum_node(s, &b)));
    }
    mpq_clear(one);
    sum_release(&a);
    sum_release(&b);
    sum_release(&common);
    return result;
}

/* u of u == 0; 0: it is something else. */
static node_id zero_test(const struct graph *g, node_id condition) {
    if (node_op(g, condition) != OP_EQ) return 0;
    node_id a = node_operand(g, condition, 0), b = node_operand(g, condition, 1);
    return node_is_number(g, a, 0) ? b : node_is_number(g, b, 0) ? a : 0;
}

/* The first comparison of real numbers in a condition that joins several; 0: it joins none, or many. */
static node_id first_comparison(const struct graph *g, node_id condition) {
    enum { MOST = 64 };
    enum op op = node_op(g, condition);
    if (op != OP_AND && op != OP_OR) return 0;
    for (int k = 0; k < MOST && (op == OP_AND || op == OP_OR || op == OP_NOT); k++) {
        condition = node_operand(g, condition, 0);
        op = node_op(g, condition);
    }
    return op_compares_reals(op) ? condition : 0;
}

/* A choice by its first comparison, where what is left behind that is lighter: `if a or not a and b then (if
 * a then x else 0) + y` is `if a then x + y else if b then y`. 0: it stays. */
static node_id decide_first(struct simplifier *s, node_id choice) {
    enum { HEAVY = 4000 };
    struct graph *g = graph_of(s);
    node_id first = is_choice(g, choice) ? first_comparison(g, node_operand(g, choice, 0)) : 0;
    uint32_t weight = first ? weight_of(&s->weights, choice) : 0;
    if (!first || weight > HEAVY) return 0;
    node_id holds = exchange_node(s->program, choice, first, mk_bool(g, true));
    node_id fails = exchange_node(s->program, choice, first, mk_bool(g, false));
    node_id decided = mk_select(g, first, holds, fails);
    return weight_of(&s->weights, decided) < weight ? decided : 0;
}

node_id simplify_choice(struct simplifier *s, node_id condition, node_id then, node_id otherwise,
                        bool *again) {
    struct graph *g = graph_of(s);
    node_id share = share_of_extremum(s, condition, then, otherwise);
    *again = share != 0;
    if (share) return share;
    node_id decided = decide_first(s, mk_select(g, condition, then, otherwise));
    *again = decided != 0;
    if (decided) return decided;
    then = given(s, then, condition, true, again);
    otherwise = given(s, otherwise, condition, false, again);
    if (*again) return mk_select(g, condition, then, otherwise);
    node_id nonzero = zero_test(g, condition);
    if (nonzero && is_never_zero(s, nonzero)) return otherwise;
    if (nonzero) {
        node_id simpler = with_nonzero(s, otherwise, nonzero);
        *again = simpler != otherwise;
        if (*again) return mk_select(g, condition, then, simpler);
    }
    node_id hoisted = then != otherwise ? common_terms(s, condition, then, otherwise) : 0;
    *again = hoisted != 0;
    if (hoisted) return hoisted;
    if (is_choice(g, then) && node_operand(g, then, 2) == otherwise && node_op(g, condition) != OP_BOOL) {
        *again = true;
        return mk_select(g, mk_and(g, condition, node_operand(g, then, 0)), node_operand(g, then, 1),
                         otherwise);
    }
    if (is_choice(g, otherwise) && node_operand(g, otherwise, 1) == then &&
        node_op(g, condition) != OP_BOOL) {
        *again = true;
        return mk_select(g, mk_or(g, condition, node_operand(g, otherwise, 0)), then,
                         node_operand(g, otherwise, 2));
    }
    return mk_select(g, condition, then, otherwise);
}

/* ---- Conditions ---- */

/* What stands beside 0 without its numeric factor; `negative`: that was negative. 0: there is none. */
static node_id beside_zero(const struct graph *g, node_id n, bool *negative) {
    if (node_op(g, n) != OP_MUL || node_op(g, node_operand(g, n, 0)) != OP_CONST) return 0;
    *negative = mpq_sgn(node_rational(g, node_operand(g, n, 0))) < 0;
    return node_operand(g, n, 1);
}

static node_id compare(struct graph *g, enum op op, node_id a, node_id b) {
    return op == OP_LT   ? mk_lt(g, a, b)
           : op == OP_LE ? mk_le(g, a, b)
           : op == OP_EQ ? mk_eq(g, a, b)
                         : mk_ne(g, a, b);
}

/* The b of a - b, negative; 0: n is no such difference of two terms. */
static node_id negative_term(const struct graph *g, node_id n) {
    for (uint32_t k = 0; k < 2; k++) {
        node_id term = node_operand(g, n, k), other = node_operand(g, n, 1 - k);
        bool minus = node_op(g, term) == OP_MUL && node_is_number(g, node_operand(g, term, 0), -1);
        if (minus && node_op(g, other) != OP_ADD && node_op(g, other) != OP_CONST) return term;
    }
    return 0;
}

/* A comparison with 0; 0: it stays. */
static node_id with_zero(struct simplifier *s, enum op op, node_id a, node_id b) {
    struct graph *g = graph_of(s);
    bool left = node_is_number(g, a, 0), negative = false, equality = op == OP_EQ || op == OP_NE;
    node_id beside = left ? b : a, zero = left ? a : b;
    if (!left && !node_is_number(g, b, 0)) return 0;
    if (equality && node_op(g, beside) == OP_ABS) return compare(g, op, node_operand(g, beside, 0), zero);
    node_id moved = node_op(g, beside) == OP_ADD ? negative_term(g, beside) : 0;
    if (moved) {
        node_id other = node_operand(g, beside, node_operand(g, beside, 0) == moved ? 1 : 0);
        moved = mk_neg(g, moved);
        return left ? compare(g, op, moved, other) : compare(g, op, other, moved);
    }
    if (node_op(g, beside) == OP_ADD && node_op(g, node_operand(g, beside, 0)) == OP_CONST) {
        node_id number = mk_neg(g, node_operand(g, beside, 0)), other = node_operand(g, beside, 1);
        return left ? compare(g, op, number, other) : compare(g, op, other, number);
    }
    node_id rest = beside_zero(g, beside, &negative);
    if (!rest) return 0;
    return left != negative ? compare(g, op, zero, rest) : compare(g, op, rest, zero);
}

/* Whether a condition is among the last of those that are joined. */
static bool is_joined(const struct graph *g, enum op op, node_id all, node_id condition) {
    enum { MOST_COMPARED = 32 };
    for (int k = 0; k < MOST_COMPARED && node_op(g, all) == op; k++) {
        if (node_operand(g, all, 1) == condition) return true;
        all = node_operand(g, all, 0);
    }
    return all == condition;
}

/* a and (b and a) is a and b; `op` is AND or OR. */
static node_id join_conditions(struct simplifier *s, enum op op, node_id a, node_id b) {
    struct graph *g = graph_of(s);
    VEC(node_id) open = {0};
    node_id all = a;
    VEC_PUSH(&open, b);
    while (open.count > 0) {
        node_id n = VEC_POP(&open);
        if (node_op(g, n) == op) {
            VEC_PUSH(&open, node_operand(g, n, 1));
            VEC_PUSH(&open, node_operand(g, n, 0));
        } else if (!is_joined(g, op, all, n)) {
            all = op == OP_AND ? mk_and(g, all, n) : mk_or(g, all, n);
        }
    }
    s->failed |= open.failed;
    VEC_FREE(&open);
    return all;
}

static bool is_negative(const struct graph *g, node_id n) {
    if (node_op(g, n) == OP_MUL) n = node_operand(g, n, 0);
    return node_op(g, n) == OP_CONST && mpq_sgn(node_rational(g, n)) < 0;
}

/* -x < -1 is x > 1; 0: it stays. */
static node_id without_signs(struct simplifier *s, enum op op, node_id a, node_id b) {
    struct graph *g = graph_of(s);
    bool product = node_op(g, a) == OP_MUL || node_op(g, b) == OP_MUL;
    if (!product || !is_negative(g, a) || !is_negative(g, b)) return 0;
    return compare(g, op, mk_neg(g, b), mk_neg(g, a));
}

node_id simplify_condition(struct simplifier *s, node_id n, const node_id *operands, bool *again) {
    struct graph *g = graph_of(s);
    enum op op = node_op(g, n);
    if (op == OP_AND || op == OP_OR) return join_conditions(s, op, operands[0], operands[1]);
    if (op == OP_NOT && (node_op(g, operands[0]) == OP_AND || node_op(g, operands[0]) == OP_OR)) {
        node_id a = mk_not(g, node_operand(g, operands[0], 0)),
                b = mk_not(g, node_operand(g, operands[0], 1));
        *again = true;
        return node_op(g, operands[0]) == OP_AND ? mk_or(g, a, b) : mk_and(g, a, b);
    }
    if (op == OP_IEQ || op == OP_INE) {
        s->known->ranges.count = 0;
        return known_simplify(s->known, n);
    }
    bool real = op_compares_reals(op);
    node_id simpler = real ? with_zero(s, op, operands[0], operands[1]) : 0;
    if (real && !simpler) simpler = without_signs(s, op, operands[0], operands[1]);
    *again = simpler != 0;
    return simpler ? simpler : mk_again(g, n, operands);
}
