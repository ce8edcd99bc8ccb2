#include <stdlib.h>

#include "formula/algebra.h"
#include "ir/build.h"

enum { MOST_EXPANDED = 128, MOST_FACTORS = 512, MOST_TERMS = 8, MOST_DIVISORS = 4, SLACK = 4 };

static struct graph *graph_of(const struct simplifier *s) {
    return s->program->graph;
}

/* ---- Sums in parts ---- */

/* The terms of a sum that are no sums. */
struct terms {
    VEC(node_id) all, open;
};

static void take_terms(const struct graph *g, node_id n, struct terms *t) {
    t->all.count = 0;
    VEC_PUSH(&t->open, n);
    while (t->open.count > 0) {
        node_id at = VEC_POP(&t->open);
        if (node_op(g, at) != OP_ADD) {
            VEC_PUSH(&t->all, at);
            continue;
        }
        for (uint32_t k = 2; k > 0; k--) VEC_PUSH(&t->open, node_operand(g, at, k - 1));
    }
}

static void terms_release(struct simplifier *s, struct terms *t) {
    s->failed |= t->all.failed || t->open.failed;
    VEC_FREE(&t->all);
    VEC_FREE(&t->open);
}

/* ---- Expanding ---- */

/* Products that may have sums among their factors. */
struct expansion {
    struct simplifier *s;
    struct sum result;
    VEC(struct summand) open;
    unsigned made;
    size_t spent; /* factors looked at */
    bool any;     /* something was expanded */
};

static bool push(struct expansion *e, node_id n, mpq_srcptr scale) {
    struct graph *g = graph_of(e->s);
    struct summand term = {.rest = n};
    if (!VEC_RESERVE(&e->open, e->open.count + 1)) return false;
    mpq_init(term.coefficient);
    mpq_set(term.coefficient, scale);
    if (node_op(g, n) == OP_MUL && node_op(g, node_operand(g, n, 0)) == OP_CONST) {
        mpq_mul(term.coefficient, term.coefficient, node_rational(g, node_operand(g, n, 0)));
        term.rest = node_operand(g, n, 1);
    } else if (node_op(g, n) == OP_CONST) {
        mpq_mul(term.coefficient, term.coefficient, node_rational(g, n));
        term.rest = mk_one(g);
    }
    e->open.at[e->open.count++] = term;
    return true;
}

/* The sum among the factors that is multiplied out next: a + b, or the a^2 + b^2 of hypot(a, b)^2. */
static struct power *sum_among(const struct graph *g, struct monomial *m) {
    for (size_t k = 0; k < m->powers.count; k++) {
        struct power *p = &m->powers.at[k];
        int64_t least = node_op(g, p->base) == OP_ADD ? 1 : node_op(g, p->base) == OP_HYPOT ? 2 : INT64_MAX;
        if (!p->symbol && !p->down && p->up >= least && p->up <= 3) return p;
    }
    return NULL;
}

static node_id take_sum(struct graph *g, struct power *p) {
    if (node_op(g, p->base) == OP_ADD) {
        p->up--;
        return p->base;
    }
    p->up -= 2;
    return mk_add(g, mk_square(g, node_operand(g, p->base, 0)), mk_square(g, node_operand(g, p->base, 1)));
}

/* Whether so many factors may still be looked at. */
static bool spend(struct expansion *e, const struct monomial *m) {
    e->spent += m->powers.count;
    return simplify_may_try(e->s, m->powers.count) && e->spent <= MOST_FACTORS && ++e->made <= MOST_EXPANDED;
}

/* The product with one of the sum's terms in the place of the sum. */
static bool add_part(struct expansion *e, const struct monomial *m, node_id term) {
    struct monomial part;
    monomial_copy(e->s, &part, m);
    monomial_multiply(e->s, &part, term, 1);
    node_id rest = monomial_rest(e->s, &part);
    bool good = spend(e, &part);
    if (good && sum_among(graph_of(e->s), &part))
        good = push(e, rest, part.coefficient);
    else if (good)
        sum_add_term(e->s, &e->result, rest, part.coefficient);
    monomial_release(&part);
    return good;
}

static bool expand_one(struct expansion *e, struct summand *term) {
    struct graph *g = graph_of(e->s);
    struct monomial m;
    monomial_init(&m);
    monomial_multiply(e->s, &m, term->rest, 1);
    mpq_mul(m.coefficient, m.coefficient, term->coefficient);
    struct power *p = sum_among(g, &m);
    bool good = spend(e, &m);
    if (good && !p) {
        sum_add_term(e->s, &e->result, monomial_rest(e->s, &m), m.coefficient);
    } else if (good) {
        struct terms t = {.all = {0}};
        take_terms(g, take_sum(g, p), &t);
        e->any = true;
        for (size_t k = 0; good && k < t.all.count; k++) good = add_part(e, &m, t.all.at[k]);
        terms_release(e->s, &t);
    }
    monomial_release(&m);
    return good;
}

/* False where the result would be long. */
static bool expand(struct expansion *e) {
    bool good = true;
    while (good && e->open.count > 0) {
        struct summand term = VEC_POP(&e->open);
        good = expand_one(e, &term);
        mpq_clear(term.coefficient);
    }
    sum_tidy(&e->result);
    return good;
}

static void expansion_release(struct expansion *e) {
    for (size_t k = 0; k < e->open.count; k++) mpq_clear(e->open.at[k].coefficient);
    VEC_FREE(&e->open);
    sum_release(&e->result);
}

static bool is_lighter(struct simplifier *s, node_id candidate, node_id current) {
    return weight_of(&s->weights, candidate) < weight_of(&s->weights, current);
}

node_id expand_products(struct simplifier *s, struct sum *sum, node_id current) {
    struct expansion e = {.s = s};
    node_id result = 0;
    bool good = true;
    for (size_t k = 0; good && k < sum->terms.count; k++)
        good = push(&e, sum->terms.at[k].rest, sum->terms.at[k].coefficient);
    if (good && expand(&e) && e.any) {
        node_id candidate = sum_node(s, &e.result);
        if (is_lighter(s, candidate, current)) result = candidate;
    }
    expansion_release(&e);
    return result;
}

/* ---- A product with a sum ---- */

/* The only sum among the factors, which stands above the line alone; powers.count: there is none. */
static size_t only_sum(const struct graph *g, const struct monomial *m) {
    size_t at = m->powers.count, sums = 0;
    for (size_t k = 0; k < m->powers.count; k++) {
        const struct power *p = &m->powers.at[k];
        enum op op = node_op(g, p->base);
        if (p->down) return m->powers.count; /* one fraction bar is better than several */
        if (op == OP_ADD) {
            sums++;
            if (!p->symbol && p->up == 1) at = k;
        } else if (op != OP_READ && op != OP_TO_REAL) {
            return m->powers.count; /* a function stands in front of the brackets */
        }
    }
    return sums == 1 ? at : m->powers.count;
}

static bool is_polynomial(const struct graph *g, const struct terms *t) {
    VEC(node_id) open = {0};
    bool good = true;
    for (size_t k = 0; k < t->all.count; k++) VEC_PUSH(&open, t->all.at[k]);
    while (good && open.count > 0) {
        node_id n = VEC_POP(&open);
        enum op op = node_op(g, n);
        bool power = op == OP_POWI, leaf = op == OP_READ || op == OP_CONST || op == OP_TO_REAL;
        good = op == OP_MUL || power || leaf;
        if (good && !leaf) VEC_PUSH(&open, node_operand(g, n, 0));
        if (op == OP_MUL) VEC_PUSH(&open, node_operand(g, n, 1));
    }
    good &= !open.failed;
    VEC_FREE(&open);
    return good;
}

node_id distribute(struct simplifier *s, struct monomial *m, node_id current) {
    struct graph *g = graph_of(s);
    struct terms t = {.all = {0}};
    size_t at = only_sum(g, m);
    node_id result = 0;
    if (at == m->powers.count || node_op(g, current) == OP_ADD) return 0;
    take_terms(g, m->powers.at[at].base, &t);
    m->powers.at[at].up = 0;
    node_id rest = monomial_node(s, m), sum = mk_zero(g);
    for (size_t k = 0; k < t.all.count && (m->powers.count == 1 || t.all.count <= MOST_TERMS); k++) {
        struct monomial part;
        monomial_init(&part);
        monomial_multiply(s, &part, rest, 1);
        monomial_multiply(s, &part, t.all.at[k], 1);
        node_id inside = move_into_choice(s, &part);
        sum = mk_add(g, sum, inside ? inside : monomial_node(s, &part));
        monomial_release(&part);
    }
    bool tie = mpz_cmp_ui(mpq_denref(m->coefficient), 1) == 0 && is_polynomial(g, &t);
    uint32_t before = weight_of(&s->weights, current), after = weight_of(&s->weights, sum);
    if (node_op(g, sum) == OP_ADD && after < before + tie) result = sum;
    terms_release(s, &t);
    return result;
}

/* ---- Quotients ---- */

/* The common divisor of all terms. */
static bool find_divisor(struct simplifier *s, const struct sum *sum, struct monomial *divisor) {
    for (size_t k = 0; k < sum->terms.count; k++) {
        struct monomial term;
        monomial_init(&term);
        monomial_multiply(s, &term, sum->terms.at[k].rest, 1);
        for (size_t i = 0; i < term.powers.count; i++) {
            const struct power *p = &term.powers.at[i];
            if (!p->down || p->symbol) continue;
            struct power *d = monomial_find(divisor, p->base);
            if (d) {
                if (p->down > d->up) d->up = p->down;
            } else {
                monomial_multiply(s, divisor, p->base, 1);
                d = monomial_find(divisor, p->base);
                if (d) d->up = p->down;
            }
        }
        monomial_release(&term);
    }
    return divisor->powers.count > 0 && divisor->powers.count <= MOST_DIVISORS;
}

/* term*divisor, where what the term is divided by cancels: the quotient stays undefined where it was. */
static node_id cleared(struct simplifier *s, node_id rest, const struct monomial *divisor) {
    struct graph *g = graph_of(s);
    struct monomial term;
    monomial_init(&term);
    monomial_multiply(s, &term, rest, 1);
    for (size_t k = 0; k < divisor->powers.count; k++) {
        const struct power *d = &divisor->powers.at[k];
        struct power *p = monomial_find(&term, d->base);
        int64_t cancelled = p ? (p->down < d->up ? p->down : d->up) : 0;
        if (p) p->down -= cancelled;
        for (int64_t i = cancelled; i < d->up; i++) monomial_multiply(s, &term, d->base, 1);
    }
    node_id result = mk_mul(g, graph_rational(g, term.coefficient), monomial_rest(s, &term));
    monomial_release(&term);
    return result;
}

static size_t quotients(const struct graph *g, const struct sum *sum) {
    size_t count = 0;
    for (size_t k = 0; k < sum->terms.count; k++) count += node_op(g, sum->terms.at[k].rest) == OP_DIV;
    return count;
}

/* What stands above the common line: as it comes, or multiplied out where that is lighter. */
static node_id numerator(struct simplifier *s, struct sum *sum, const struct monomial *divisor) {
    struct expansion e = {.s = s};
    struct sum plain = {.terms = {0}};
    bool good = true;
    for (size_t k = 0; good && k < sum->terms.count; k++) {
        node_id term = cleared(s, sum->terms.at[k].rest, divisor);
        sum_add(s, &plain, term, sum->terms.at[k].coefficient, true);
        good = push(&e, term, sum->terms.at[k].coefficient);
    }
    sum_tidy(&plain);
    node_id result = sum_node(s, &plain);
    if (good && expand(&e)) {
        node_id expanded = sum_node(s, &e.result);
        if (is_lighter(s, expanded, result)) result = expanded;
    }
    sum_release(&plain);
    expansion_release(&e);
    return result;
}

/* The sum as one quotient; 0: it has none. */
static node_id as_quotient(struct simplifier *s, struct sum *sum) {
    struct graph *g = graph_of(s);
    struct monomial divisor;
    node_id result = 0;
    monomial_init(&divisor);
    if (quotients(g, sum) > 0 && find_divisor(s, sum, &divisor)) {
        node_id below =
            monomial_rest(s, &divisor); /* first: it joins roots, and all terms are to have the same */
        result = mk_div(g, numerator(s, sum, &divisor), below);
    }
    monomial_release(&divisor);
    return result;
}

node_id put_together(struct simplifier *s, struct sum *sum, node_id current) {
    node_id candidate = as_quotient(s, sum);
    if (!candidate) return 0;
    /* One fraction bar may cost a little. */
    uint32_t slack = quotients(graph_of(s), sum) > 1 ? SLACK : 0;
    return weight_of(&s->weights, candidate) < weight_of(&s->weights, current) + slack ? candidate : 0;
}

static bool has_divisor(const struct monomial *m) {
    for (size_t k = 0; k < m->powers.count; k++)
        if (m->powers.at[k].down) return true;
    return false;
}

/* A factor as a quotient, where it is a sum of quotients; 0: it is none. */
static node_id factor_as_quotient(struct simplifier *s, const struct power *p) {
    struct sum sum = {.terms = {0}};
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    sum_add(s, &sum, p->base, one, true);
    mpq_clear(one);
    node_id quotient = sum.terms.count <= MOST_EXPANDED ? as_quotient(s, &sum) : 0;
    sum_release(&sum);
    return quotient;
}

/* The product with another node in the place of a factor. */
static node_id with_factor(struct simplifier *s, struct monomial *m, struct power *p, node_id other) {
    struct monomial whole;
    int64_t exponent = p->up ? p->up : -p->down;
    p->up = p->down = 0;
    node_id rest = monomial_node(s, m);
    monomial_init(&whole);
    monomial_multiply(s, &whole, rest, 1);
    monomial_multiply(s, &whole, other, exponent);
    node_id result = monomial_node(s, &whole);
    monomial_release(&whole);
    return result;
}

node_id put_factor_together(struct simplifier *s, struct monomial *m, node_id current) {
    const struct graph *g = graph_of(s);
    if (!has_divisor(m)) return 0;
    for (size_t k = 0; k < m->powers.count; k++) {
        struct power *p = &m->powers.at[k];
        if (node_op(g, p->base) != OP_ADD || p->symbol || p->up + p->down != 1) continue;
        bool below = p->down > 0;
        node_id quotient = factor_as_quotient(s, p);
        if (!quotient) continue;
        node_id candidate = with_factor(s, m, p, quotient);
        uint32_t slack = below ? 0 : SLACK;
        bool good = weight_of(&s->weights, candidate) < weight_of(&s->weights, current) + slack;
        return good ? candidate : 0;
    }
    return 0;
}

/* ---- Products of sums ---- */

node_id expand_factors(struct simplifier *s, struct monomial *m, node_id current) {
    struct graph *g = graph_of(s);
    node_id product = mk_one(g), result = 0;
    size_t sums = 0;
    for (size_t k = 0; k < m->powers.count; k++) {
        const struct power *p = &m->powers.at[k];
        if (node_op(g, p->base) != OP_ADD || p->symbol || p->up != 1 || p->down) continue;
        product = mk_mul(g, product, p->base);
        sums++;
    }
    if (sums < 2 || sums > 3) return 0;
    struct expansion e = {.s = s};
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    if (push(&e, product, one) && expand(&e)) {
        node_id sum = sum_node(s, &e.result);
        for (size_t k = 0; k < m->powers.count; k++) {
            struct power *p = &m->powers.at[k];
            if (node_op(g, p->base) == OP_ADD && !p->symbol && p->up == 1 && !p->down) p->up = 0;
        }
        monomial_multiply(s, m, sum, 1);
        node_id candidate = monomial_node(s, m);
        if (is_lighter(s, candidate, current)) result = candidate;
    }
    mpq_clear(one);
    expansion_release(&e);
    return result;
}

node_id square_hypotenuse(struct simplifier *s, struct monomial *m, node_id current) {
    struct graph *g = graph_of(s);
    for (size_t k = 0; k < m->powers.count; k++) {
        struct power *p = &m->powers.at[k];
        int64_t exponent = p->up ? p->up : -p->down, half = exponent / 2;
        if (node_op(g, p->base) != OP_HYPOT || p->symbol || half == 0) continue;
        node_id a = node_operand(g, p->base, 0), b = node_operand(g, p->base, 1);
        node_id squares = mk_powi(g, mk_add(g, mk_square(g, a), mk_square(g, b)), mk_int(g, half));
        node_id rest = mk_powi(g, p->base, mk_int(g, exponent - 2 * half));
        p->up = p->down = 0;
        node_id candidate = mk_mul(g, mk_mul(g, monomial_node(s, m), rest), squares);
        bool heavier = weight_of(&s->weights, candidate) > weight_of(&s->weights, current);
        return heavier ? 0 : candidate;
    }
    return 0;
}
