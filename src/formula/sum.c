#include <stdlib.h>
#include <string.h>

#include "formula/algebra.h"
#include "formula/decimal.h"
#include "ir/build.h"

enum { LONG_SUM = 20 }; /* from here on what is shared keeps together: it may get a name */

void sum_release(struct sum *sum) {
    for (size_t k = 0; k < sum->terms.count; k++) mpq_clear(sum->terms.at[k].coefficient);
    VEC_FREE(&sum->terms);
    node_map_release(&sum->place_of);
}

void sum_add_term(struct simplifier *s, struct sum *sum, node_id rest, mpq_srcptr coefficient) {
    uint32_t place = node_map_get(&sum->place_of, rest);
    if (place) {
        struct summand *same = &sum->terms.at[place - 1];
        mpq_add(same->coefficient, same->coefficient, coefficient);
        return;
    }
    if (!VEC_RESERVE(&sum->terms, sum->terms.count + 1)) {
        s->failed = true;
        return;
    }
    struct summand *term = &sum->terms.at[sum->terms.count++];
    term->rest = rest;
    mpq_init(term->coefficient);
    mpq_set(term->coefficient, coefficient);
    s->failed |= !node_map_set(&sum->place_of, rest, (uint32_t)sum->terms.count);
}

/* ---- Taking apart ---- */

/* Whether a number stands among the factors, or is divided by. */
static bool has_number(struct simplifier *s, node_id n) {
    const struct graph *g = s->program->graph;
    VEC(node_id) open = {0};
    bool found = false;
    VEC_PUSH(&open, n);
    while (open.count > 0 && !found) {
        node_id at = VEC_POP(&open);
        enum op op = node_op(g, at);
        found = op == OP_CONST;
        if ((op != OP_MUL && op != OP_DIV) || (s->whole.count && node_map_get(&s->whole, at))) continue;
        for (uint32_t k = 0; k < 2; k++) VEC_PUSH(&open, node_operand(g, at, k));
    }
    s->failed |= open.failed;
    VEC_FREE(&open);
    return found;
}

/* Takes out numbers wherever they stand. */
static node_id split_product(struct simplifier *s, node_id n, mpq_t coefficient) {
    struct monomial m;
    monomial_init(&m);
    monomial_multiply(s, &m, n, 1);
    node_id rest = monomial_rest(s, &m);
    mpq_mul(coefficient, coefficient, m.coefficient);
    monomial_release(&m);
    return rest;
}

/* n as coefficient times rest. */
static node_id split(struct simplifier *s, node_id n, mpq_t coefficient) {
    struct graph *g = s->program->graph;
    enum op op = node_op(g, n);
    node_id first = op == OP_MUL || op == OP_DIV ? node_operand(g, n, 0) : 0;
    mpq_set_ui(coefficient, 1, 1);
    if (op == OP_CONST) {
        mpq_set(coefficient, node_rational(g, n));
        return mk_one(g);
    }
    if (first && node_op(g, first) == OP_CONST) {
        mpq_set(coefficient, node_rational(g, first));
        n = op == OP_MUL ? node_operand(g, n, 1) : mk_div(g, mk_one(g), node_operand(g, n, 1));
    }
    return has_number(s, n) ? split_product(s, n, coefficient) : n;
}

/* A node still to be added, or subtracted. */
struct addend {
    node_id node;
    bool negative;
};

struct addends {
    VEC(struct addend) open;
};

static void add_leaf(struct simplifier *s, struct sum *sum, struct addend at, mpq_srcptr scale) {
    mpq_t coefficient;
    mpq_init(coefficient);
    node_id rest = split(s, at.node, coefficient);
    mpq_mul(coefficient, coefficient, scale);
    if (at.negative) mpq_neg(coefficient, coefficient);
    sum_add_term(s, sum, rest, coefficient);
    mpq_clear(coefficient);
}

void sum_add(struct simplifier *s, struct sum *sum, node_id n, mpq_srcptr scale, bool deep) {
    const struct graph *g = s->program->graph;
    struct addends addends = {.open = {0}};
    VEC_PUSH(&addends.open, ((struct addend){n, false}));
    while (addends.open.count > 0) {
        struct addend at = VEC_POP(&addends.open);
        bool minus = node_op(g, at.node) == OP_MUL && node_is_number(g, node_operand(g, at.node, 0), -1);
        node_id inner = minus ? node_operand(g, at.node, 1) : at.node;
        bool inside = node_op(g, inner) == OP_ADD && (deep || weight_of(&s->weights, inner) < LONG_SUM);
        if (!inside) {
            add_leaf(s, sum, at, scale);
            continue;
        }
        for (uint32_t k = 2; k > 0; k--)
            VEC_PUSH(&addends.open, ((struct addend){node_operand(g, inner, k - 1), at.negative != minus}));
    }
    s->failed |= addends.open.failed;
    VEC_FREE(&addends.open);
}

void sum_tidy(struct sum *sum) {
    size_t kept = 0;
    node_map_clear(&sum->place_of);
    for (size_t k = 0; k < sum->terms.count; k++) {
        struct summand *term = &sum->terms.at[k];
        if (mpq_sgn(term->coefficient) == 0) {
            mpq_clear(term->coefficient);
            continue;
        }
        sum->terms.at[kept++] = *term;
        node_map_set(&sum->place_of, term->rest, (uint32_t)kept);
    }
    sum->terms.count = kept;
}

/* ---- Nodes ---- */

node_id summand_node(struct simplifier *s, const struct summand *term) {
    struct graph *g = s->program->graph;
    return mk_mul(g, graph_rational(g, term->coefficient), term->rest);
}

static int by_rest(const void *a, const void *b) {
    const struct summand *x = *(const struct summand *const *)a, *y = *(const struct summand *const *)b;
    return x->rest < y->rest ? -1 : x->rest > y->rest;
}

/* Terms in the order of their nodes, the number last: equal sums are one node. */
node_id sum_node(struct simplifier *s, const struct sum *sum) {
    struct graph *g = s->program->graph;
    const struct summand **terms = malloc((sum->terms.count + 1) * sizeof *terms);
    node_id total = mk_zero(g), number = mk_zero(g), one = mk_one(g);
    if (!terms) {
        s->failed = true;
        return total;
    }
    for (size_t k = 0; k < sum->terms.count; k++) terms[k] = &sum->terms.at[k];
    if (sum->terms.count) qsort(terms, sum->terms.count, sizeof *terms, by_rest);
    for (size_t k = 0; k < sum->terms.count; k++) {
        if (terms[k]->rest == one)
            number = graph_rational(g, terms[k]->coefficient);
        else
            total = mk_add(g, total, summand_node(s, terms[k]));
    }
    free(terms);
    return mk_add(g, total, number);
}

/* The largest number that divides all coefficients, with the sign of the term that leads; 1 where it would be
 * a fraction with many digits. */
static void find_content(struct simplifier *s, const struct sum *sum, mpq_t content) {
    enum { MOST_BITS = 60 };
    const struct summand *lead = &sum->terms.at[0];
    bool is_long = false;
    mpq_set(content, lead->coefficient);
    for (size_t k = 1; k < sum->terms.count; k++) {
        const struct summand *term = &sum->terms.at[k];
        if (stands_before(s, term->rest, lead->rest)) lead = term;
        if (is_long) continue;
        mpz_gcd(mpq_numref(content), mpq_numref(content), mpq_numref(term->coefficient));
        mpz_lcm(mpq_denref(content), mpq_denref(content), mpq_denref(term->coefficient));
        is_long = mpz_sizeinbase(mpq_denref(content), 2) > MOST_BITS;
    }
    if (is_long) mpq_set_ui(content, 1, 1);
    mpz_abs(mpq_numref(content), mpq_numref(content));
    if (mpq_sgn(lead->coefficient) < 0) mpq_neg(content, content);
}

static size_t significant(const char *decimal) {
    size_t zeros = strspn(decimal, "0.");
    return strlen(decimal + zeros) - (strchr(decimal + zeros, '.') != NULL);
}

/* How many digits the coefficients have, each divided by a number. */
static size_t digits_of_coefficients(const struct sum *sum, mpq_srcptr divisor) {
    enum { NEVER = 1000 };
    size_t length = 0;
    mpq_t coefficient;
    mpq_init(coefficient);
    for (size_t k = 0; k < sum->terms.count; k++) {
        char text[DECIMAL_ROOM];
        mpq_div(coefficient, sum->terms.at[k].coefficient, divisor);
        mpz_srcptr below = mpq_denref(coefficient);
        if (mpz_cmp_ui(below, 1) == 0)
            length +=
                mpz_cmpabs_ui(mpq_numref(coefficient), 1) ? mpz_sizeinbase(mpq_numref(coefficient), 10) : 0;
        else
            length += decimal_text(coefficient, text) ? significant(text) : NEVER;
    }
    mpq_clear(coefficient);
    return length;
}

/* Decimals were written as such: 2.5*x + 1.0001 rather than (25000*x + 10001)/10000. Makes the content larger
 * where that leaves shorter coefficients. */
static void prefer_decimals(const struct sum *sum, mpq_t content) {
    enum { MOST_PLACES = 6, MOST_TERMS = 64, LARGE = 100 };
    static const unsigned long steps[] = {5, 2, 1};
    bool large = false, decimal = false;
    mpq_t divisor, best;
    for (size_t k = 0; k < sum->terms.count; k++) {
        mpq_srcptr c = sum->terms.at[k].coefficient;
        large |= mpz_cmpabs_ui(mpq_numref(c), LARGE) >= 0 || mpz_cmp_ui(mpq_denref(c), LARGE) >= 0;
        decimal |= mpz_divisible_ui_p(mpq_denref(c), 5) != 0;
    }
    if (!large || !decimal || sum->terms.count > MOST_TERMS) return;
    mpq_inits(divisor, best, NULL);
    mpq_set(best, content);
    size_t least = digits_of_coefficients(sum, content);
    for (unsigned long power = 10, place = 1; place <= MOST_PLACES; power *= 10, place++) {
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            mpq_set_ui(divisor, power, steps[k]);
            mpq_canonicalize(divisor);
            mpq_mul(divisor, divisor, content);
            size_t length = digits_of_coefficients(sum, divisor);
            if (length >= least) continue;
            least = length;
            mpq_set(best, divisor);
        }
    }
    mpq_set(content, best);
    mpq_clears(divisor, best, NULL);
}

node_id simplify_sum_of(struct simplifier *s, node_id n, int64_t number) {
    struct graph *g = s->program->graph;
    struct sum sum = {.terms = {0}};
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    sum_add(s, &sum, n, one, true);
    mpq_set_si(one, (long)number, 1);
    sum_add_term(s, &sum, mk_one(g), one);
    mpq_clear(one);
    sum_tidy(&sum);
    node_id result = sum_node(s, &sum);
    sum_release(&sum);
    return result;
}

node_id primitive_of(struct simplifier *s, node_id n) {
    struct graph *g = s->program->graph;
    struct sum sum = {.terms = {0}};
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    sum_add(s, &sum, n, one, true);
    mpq_clear(one);
    sum_tidy(&sum);
    node_id result = sum.terms.count > 1 ? with_content(s, &sum) : n;
    sum_release(&sum);
    bool scaled = node_op(g, result) == OP_MUL && node_op(g, node_operand(g, result, 0)) == OP_CONST;
    return scaled ? node_operand(g, result, 1) : result;
}

node_id with_content(struct simplifier *s, struct sum *sum) {
    struct graph *g = s->program->graph;
    mpq_t content;
    mpq_init(content);
    find_content(s, sum, content);
    prefer_decimals(sum, content);
    node_id factor = graph_rational(g, content);
    for (size_t k = 0; k < sum->terms.count; k++)
        mpq_div(sum->terms.at[k].coefficient, sum->terms.at[k].coefficient, content);
    mpq_clear(content);
    node_id primitive = sum_node(s, sum);
    if (node_op(g, primitive) == OP_ADD) s->failed |= !node_map_set(&s->images, primitive, primitive);
    return mk_mul(g, factor, primitive);
}
