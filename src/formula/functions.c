#include <stdlib.h>

#include "formula/algebra.h"
#include "ir/build.h"

static struct graph *graph_of(const struct simplifier *s) {
    return s->program->graph;
}

/* ---- Signs of arguments ---- */

static bool is_odd(enum op op) {
    switch ((int)op) {
    case OP_SIN:
    case OP_TAN:
    case OP_ASIN:
    case OP_ATAN:
    case OP_SINH:
    case OP_TANH:
    case OP_ASINH:
    case OP_ATANH:
    case OP_SINPI:
    case OP_CBRT:
    case OP_SIGN:
    case OP_ERF:
    case OP_ERFINV: return true;
    default: return false;
    }
}

static bool is_even(enum op op) {
    return op == OP_COS || op == OP_COSH || op == OP_COSPI || op == OP_ABS || op == OP_NORMAL_PDF ||
           op == OP_NORMAL_LOGPDF || op == OP_ERFINV_SLOPE;
}

static bool has_minus(const struct graph *g, node_id n) {
    if (node_op(g, n) == OP_MUL) n = node_operand(g, n, 0);
    return node_op(g, n) == OP_CONST && mpq_sgn(node_rational(g, n)) < 0;
}

/* ---- Roots and logarithms ---- */

/* The root of a square rational number; 0: it is none. */
static node_id exact_root(struct graph *g, node_id n) {
    mpq_srcptr value = node_rational(g, n);
    if (mpq_sgn(value) < 0 || !mpz_perfect_square_p(mpq_numref(value)) ||
        !mpz_perfect_square_p(mpq_denref(value)))
        return 0;
    mpq_t root;
    mpq_init(root);
    mpz_sqrt(mpq_numref(root), mpq_numref(value));
    mpz_sqrt(mpq_denref(root), mpq_denref(value));
    node_id result = graph_rational(g, root);
    mpq_clear(root);
    return result;
}

/* sqrt(4*x) is 2*sqrt(x), sqrt(x^4) is x^2, sqrt(x^2) is abs(x). */
static node_id root(struct graph *g, node_id a) {
    node_id first = node_op(g, a) == OP_MUL ? node_operand(g, a, 0) : a;
    node_id number = node_op(g, first) == OP_CONST ? exact_root(g, first) : 0;
    if (number && first == a) return number;
    if (number && !node_is_number(g, number, 1))
        return mk_mul(g, number, mk_call1(g, OP_SQRT, node_operand(g, a, 1)));
    if (node_op(g, a) != OP_POWI || node_op(g, node_operand(g, a, 1)) != OP_INT) return 0;
    int64_t exponent = node_integer(g, node_operand(g, a, 1));
    if (exponent <= 0 || exponent % 2) return 0;
    node_id base = node_operand(g, a, 0), half = mk_int(g, exponent / 2);
    return mk_powi(g, exponent % 4 ? mk_call1(g, OP_ABS, base) : base, half);
}

/* abs(-2*x) is 2*abs(x). */
static node_id size(struct simplifier *s, node_id a) {
    struct graph *g = graph_of(s);
    if (is_never_negative(s, a)) return a;
    if (node_op(g, a) != OP_MUL || node_op(g, node_operand(g, a, 0)) != OP_CONST) return 0;
    node_id factor = mk_call1(g, OP_ABS, node_operand(g, a, 0));
    return mk_mul(g, factor, mk_call1(g, OP_ABS, node_operand(g, a, 1)));
}

/* As a mathematician knows it: 1/(4*cosh(u)^2) at 2*u, else sigmoid(a)*sigmoid(-a). */
static node_id logistic_density(struct graph *g, node_id a) {
    bool twice = node_op(g, a) == OP_MUL && node_op(g, node_operand(g, a, 0)) == OP_CONST;
    mpq_srcptr factor = twice ? node_rational(g, node_operand(g, a, 0)) : NULL;
    if (!factor || mpz_cmp_ui(mpq_denref(factor), 1) != 0 || mpz_odd_p(mpq_numref(factor)))
        return mk_mul(g, mk_call1(g, OP_SIGMOID, a), mk_call1(g, OP_SIGMOID, mk_neg(g, a)));
    node_id half = mk_mul(g, mk_ratio(g, 1, 2), a);
    return mk_div(g, mk_ratio(g, 1, 4), mk_square(g, mk_call1(g, OP_COSH, half)));
}

/* As a mathematician knows it: sqrt(pi)/2*exp(erfinv(a)^2). */
static node_id erfinv_slope(struct graph *g, node_id a) {
    node_id factor = mk_mul(g, mk_ratio(g, 1, 2), mk_call1(g, OP_SQRT, mk_pi(g)));
    return mk_mul(g, factor, mk_call1(g, OP_EXP, mk_square(g, mk_call1(g, OP_ERFINV, a))));
}

static node_id special_case(struct simplifier *s, enum op op, node_id a) {
    struct graph *g = graph_of(s);
    if (op == OP_SQRT) return root(g, a);
    if (op == OP_ABS) return size(s, a);
    if (op == OP_LOGISTIC_PDF) return logistic_density(g, a);
    if (op == OP_ONE_MINUS_SQUARE) return mk_add(g, mk_one(g), mk_neg(g, mk_square(g, a)));
    if (op == OP_GAUSSIAN) return mk_call1(g, OP_EXP, mk_neg(g, mk_square(g, a)));
    if (op == OP_ERFINV_SLOPE) return erfinv_slope(g, a);
    if (op == OP_LOG && node_op(g, a) == OP_EXP) return node_operand(g, a, 0);
    if (op == OP_LOG1P) return mk_call1(g, OP_LOG, mk_add(g, a, mk_one(g)));
    if (op == OP_EXPM1) return mk_add(g, mk_call1(g, OP_EXP, a), mk_number(g, -1));
    node_id z = op == OP_LOG ? monomial_logistic_argument(g, a) : 0;
    if (z) return mk_call1(g, OP_SOFTPLUS, z);
    bool inverse = op == OP_EXP && node_op(g, a) == OP_LOG;
    return inverse && is_never_zero(s, node_operand(g, a, 0)) ? node_operand(g, a, 0) : 0;
}

node_id simplify_call(struct simplifier *s, node_id n, const node_id *operands, uint32_t count, bool *again) {
    struct graph *g = graph_of(s);
    enum op op = node_op(g, n);
    if (count == 1) {
        node_id special = special_case(s, op, operands[0]);
        *again = special != 0;
        if (special) return special;
        if (has_minus(g, operands[0]) && (is_odd(op) || is_even(op))) {
            node_id positive = mk_call1(g, op, mk_neg(g, operands[0]));
            *again = true;
            return is_odd(op) ? mk_neg(g, positive) : positive;
        }
    }
    return mk_again(g, n, operands);
}

/* ---- sin(x)^2 + cos(x)^2 ---- */

static enum op partner_of(enum op op) {
    return op == OP_SIN ? OP_COS : op == OP_COSH ? OP_SINH : OP_NONE;
}

/* The square of a function among the factors of a term, from place `at` on. */
static size_t square_from(const struct graph *g, const struct monomial *m, size_t at) {
    while (at < m->powers.count) {
        const struct power *p = &m->powers.at[at];
        if (partner_of(node_op(g, p->base)) && p->up >= 2 && !p->down && !p->symbol) return at;
        at++;
    }
    return at;
}

/* Joins a term with the one that has the partner's square in place of its own; false where there is none. */
static bool join_square(struct simplifier *s, struct sum *sum, size_t term, struct monomial *m, size_t at) {
    struct graph *g = graph_of(s);
    node_id base = m->powers.at[at].base;
    enum op op = node_op(g, base), partner = partner_of(op);
    m->powers.at[at].up -= 2;
    node_id rest = monomial_rest(s, m), other = mk_call1(g, partner, node_operand(g, base, 0));
    struct monomial with_partner;
    monomial_init(&with_partner);
    monomial_multiply(s, &with_partner, rest, 1);
    monomial_multiply(s, &with_partner, other, 2);
    uint32_t place = node_map_get(&sum->place_of, monomial_rest(s, &with_partner));
    monomial_release(&with_partner);
    if (!place) return false;
    struct summand *first = &sum->terms.at[term], *second = &sum->terms.at[place - 1];
    mpq_t expected;
    mpq_init(expected);
    mpq_set(expected, first->coefficient);
    if (op == OP_COSH) mpq_neg(expected, expected);
    bool match = mpq_equal(expected, second->coefficient);
    if (match) {
        mpq_set(expected, first->coefficient);
        mpq_set_ui(first->coefficient, 0, 1);
        mpq_set_ui(second->coefficient, 0, 1);
        sum_add_term(s, sum, rest, expected);
    }
    mpq_clear(expected);
    return match;
}

node_id join_squares(struct simplifier *s, struct sum *sum) {
    enum { MOST = 64 };
    const struct graph *g = graph_of(s);
    size_t count = sum->terms.count;
    bool joined = false;
    for (size_t k = 0; count <= MOST && k < count && !joined; k++) {
        struct monomial m;
        monomial_init(&m);
        monomial_multiply(s, &m, sum->terms.at[k].rest, 1);
        size_t at = square_from(g, &m, 0);
        if (at < m.powers.count) joined = join_square(s, sum, k, &m, at);
        monomial_release(&m);
    }
    if (!joined) return 0;
    sum_tidy(sum);
    return sum_node(s, sum);
}

/* ---- x/x where log(x) or 1/x stands beside it ---- */

struct guards {
    struct node_map term_of; /* by base: the term that is undefined where it is 0, plus 1 */
    struct node_map several; /* by base: there are more of them */
};

static void guard(struct guards *guards, node_id base, uint32_t term) {
    uint32_t other = node_map_get(&guards->term_of, base);
    if (other && other != term) node_map_mark(&guards->several, base);
    if (!other) node_map_set(&guards->term_of, base, term);
}

static void find_guards(struct simplifier *s, const struct sum *sum, struct guards *guards) {
    for (uint32_t k = 0; k < sum->terms.count; k++) {
        struct monomial m;
        monomial_init(&m);
        monomial_multiply(s, &m, sum->terms.at[k].rest, 1);
        for (size_t i = 0; i < m.powers.count; i++) {
            const struct power *p = &m.powers.at[i];
            node_id guarded = monomial_guarded_by(s, p);
            if (guarded) guard(guards, guarded, k + 1);
            if (p->down && !p->up && !p->symbol) guard(guards, p->base, k + 1);
        }
        monomial_release(&m);
    }
}

/* A term with x/x cancelled where another is undefined at 0; 0: it stays. */
static node_id cancelled(struct simplifier *s, const struct guards *guards, const struct summand *term,
                         uint32_t number) {
    struct monomial m;
    bool changed = false;
    monomial_init(&m);
    monomial_multiply(s, &m, term->rest, 1);
    for (size_t k = 0; k < m.powers.count; k++) {
        struct power *p = &m.powers.at[k];
        uint32_t by = node_map_get(&guards->term_of, p->base);
        if (!p->up || !p->down || !by || (by == number && !node_map_get(&guards->several, p->base))) continue;
        int64_t both = p->up < p->down ? p->up : p->down;
        p->up -= both;
        p->down -= both;
        changed = true;
    }
    node_id result = changed ? monomial_rest(s, &m) : 0;
    monomial_release(&m);
    return result;
}

node_id cancel_guarded(struct simplifier *s, struct sum *sum) {
    const struct graph *g = graph_of(s);
    struct guards guards = {.term_of = {0}};
    struct sum result = {.terms = {0}};
    bool changed = false, quotient = false;
    node_id node = 0;
    for (size_t k = 0; k < sum->terms.count; k++) quotient |= node_op(g, sum->terms.at[k].rest) == OP_DIV;
    if (!quotient) return 0;
    find_guards(s, sum, &guards);
    for (uint32_t k = 0; k < sum->terms.count; k++) {
        const struct summand *term = &sum->terms.at[k];
        node_id rest = node_op(g, term->rest) == OP_DIV ? cancelled(s, &guards, term, k + 1) : 0;
        changed |= rest != 0;
        sum_add_term(s, &result, rest ? rest : term->rest, term->coefficient);
    }
    if (changed) {
        sum_tidy(&result);
        node = sum_node(s, &result);
    }
    sum_release(&result);
    node_map_release(&guards.term_of);
    node_map_release(&guards.several);
    return node;
}

/* ---- sqrt(x)^2 and x/x in sums beside 1/sqrt(x) ---- */

static node_id with_guards(struct simplifier *s, node_id sum) {
    const struct graph *g = graph_of(s);
    struct sum result = {.terms = {0}};
    VEC(node_id) open = {0};
    VEC_PUSH(&open, sum);
    while (open.count > 0) {
        node_id n = VEC_POP(&open);
        if (node_op(g, n) == OP_ADD) {
            VEC_PUSH(&open, node_operand(g, n, 0));
            VEC_PUSH(&open, node_operand(g, n, 1));
            continue;
        }
        struct monomial m;
        monomial_init(&m);
        monomial_multiply(s, &m, n, 1);
        node_id rest = monomial_rest(s, &m);
        sum_add_term(s, &result, rest, m.coefficient);
        monomial_release(&m);
    }
    s->failed |= open.failed;
    VEC_FREE(&open);
    sum_tidy(&result);
    node_id node = sum_node(s, &result);
    sum_release(&result);
    return node;
}

node_id with_nonzero(struct simplifier *s, node_id n, node_id nonzero) {
    VEC_PUSH(&s->nonzero, primitive_of(s, nonzero));
    node_id result = with_guards(s, n);
    s->nonzero.count = 0;
    return result;
}

node_id use_guards(struct simplifier *s, struct monomial *m, node_id current) {
    const struct graph *g = graph_of(s);
    (void)current;
    bool changed = false;
    for (size_t k = 0; k < m->powers.count; k++) {
        node_id guarded = monomial_guarded_by(s, &m->powers.at[k]);
        if (guarded) VEC_PUSH(&s->positive, guarded);
        if (guarded) VEC_PUSH(&s->nonzero, guarded);
    }
    for (size_t k = 0; k < m->powers.count && s->positive.count > 0; k++) {
        struct power *p = &m->powers.at[k];
        if (node_op(g, p->base) != OP_ADD || p->symbol) continue;
        node_id base = with_guards(s, p->base);
        changed |= base != p->base;
        p->base = base;
    }
    s->failed |= s->positive.failed || s->nonzero.failed;
    s->positive.count = s->nonzero.count = 0;
    return changed ? monomial_node(s, m) : 0;
}
