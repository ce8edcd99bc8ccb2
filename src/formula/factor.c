#include <stdlib.h>

#include "formula/algebra.h"
#include "ir/build.h"

enum { MOST_GROUPED = 64, TRIES = 3, GAIN = 3 };

static struct graph *graph_of(const struct simplifier *s) {
    return s->program->graph;
}

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* A product as it is, without cancelling. */
static void take_rest(struct simplifier *s, struct monomial *m, node_id rest) {
    monomial_init(m);
    monomial_multiply(s, m, rest, 1);
}

static struct power *same_power(struct monomial *m, const struct power *like) {
    for (size_t k = 0; k < m->powers.count; k++)
        if (m->powers.at[k].base == like->base && m->powers.at[k].symbol == like->symbol)
            return &m->powers.at[k];
    return NULL;
}

/* ---- What all terms have in common ---- */

static void keep_common(struct monomial *common, struct monomial *term) {
    size_t kept = 0;
    for (size_t k = 0; k < common->powers.count; k++) {
        struct power *c = &common->powers.at[k];
        const struct power *p = same_power(term, c);
        c->up = p ? smaller(c->up, p->up) : 0;
        c->down = p ? smaller(c->down, p->down) : 0;
        if (c->up || c->down) common->powers.at[kept++] = *c;
    }
    common->powers.count = kept;
}

static void find_common(struct simplifier *s, const struct sum *sum, struct monomial *common) {
    take_rest(s, common, sum->terms.at[0].rest);
    for (size_t k = 1; k < sum->terms.count && common->powers.count > 0; k++) {
        struct monomial term;
        take_rest(s, &term, sum->terms.at[k].rest);
        keep_common(common, &term);
        monomial_release(&term);
    }
}

/* Adds a term without a factor. Numbers may come out of its rest that stood within a base. */
static void add_without(struct simplifier *s, struct sum *to, const struct summand *from,
                        const struct monomial *factor) {
    struct monomial term;
    take_rest(s, &term, from->rest);
    for (size_t k = 0; k < factor->powers.count; k++) {
        struct power *p = same_power(&term, &factor->powers.at[k]);
        if (!p) continue;
        p->up -= smaller(p->up, factor->powers.at[k].up);
        p->down -= smaller(p->down, factor->powers.at[k].down);
    }
    node_id rest = monomial_rest(s, &term);
    mpq_mul(term.coefficient, term.coefficient, from->coefficient);
    sum_add_term(s, to, rest, term.coefficient);
    monomial_release(&term);
}

/* factor*inner */
static node_id times(struct simplifier *s, struct monomial *factor, node_id inner) {
    struct monomial product;
    monomial_init(&product);
    for (size_t k = 0; k < factor->powers.count; k++) {
        const struct power *p = &factor->powers.at[k];
        VEC_PUSH(&product.powers, *p);
        if (!p->symbol) node_map_set(&product.place_of, p->base, (uint32_t)product.powers.count);
    }
    s->failed |= product.powers.failed || product.place_of.failed;
    monomial_multiply(s, &product, inner, 1);
    node_id result = monomial_node(s, &product);
    monomial_release(&product);
    return result;
}

node_id factor_out(struct simplifier *s, struct sum *sum) {
    struct monomial common;
    node_id result = 0;
    find_common(s, sum, &common);
    if (common.powers.count > 0) {
        struct sum inner = {.terms = {0}};
        for (size_t k = 0; k < sum->terms.count; k++) add_without(s, &inner, &sum->terms.at[k], &common);
        result = times(s, &common, sum_node(s, &inner));
        sum_release(&inner);
    }
    monomial_release(&common);
    return result;
}

/* ---- What some terms have in common ---- */

/* A factor of several terms. */
struct candidate {
    struct power power; /* with exponent 1, above or below */
    uint32_t count;
    uint64_t gain;
};

struct candidates {
    VEC(struct candidate) all;
};

static void count_power(struct simplifier *s, struct candidates *c, const struct power *p) {
    struct power one = {p->base, p->symbol, p->up > 0, p->up == 0};
    for (size_t k = 0; k < c->all.count; k++) {
        struct candidate *at = &c->all.at[k];
        if (at->power.base != one.base || at->power.symbol != one.symbol || at->power.up != one.up) continue;
        at->count++;
        return;
    }
    if (!VEC_PUSH(&c->all, ((struct candidate){.power = one, .count = 1}))) s->failed = true;
}

static int by_gain(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->gain != y->gain) return x->gain > y->gain ? -1 : 1;
    return x->power.base < y->power.base ? -1 : x->power.base > y->power.base;
}

static void find_candidates(struct simplifier *s, const struct sum *sum, struct candidates *c) {
    for (size_t k = 0; k < sum->terms.count; k++) {
        struct monomial term;
        take_rest(s, &term, sum->terms.at[k].rest);
        for (size_t i = 0; i < term.powers.count; i++) count_power(s, c, &term.powers.at[i]);
        monomial_release(&term);
    }
    for (size_t k = 0; k < c->all.count; k++) {
        struct candidate *at = &c->all.at[k];
        at->gain = (uint64_t)(at->count - 1) * weight_of(&s->weights, at->power.base);
    }
    if (c->all.count) qsort(c->all.at, c->all.count, sizeof *c->all.at, by_gain);
}

/* The sum with one factor in front of the terms that have it. */
static node_id group(struct simplifier *s, const struct sum *sum, const struct power *power) {
    struct graph *g = graph_of(s);
    struct monomial factor;
    struct sum inside = {.terms = {0}}, outside = {.terms = {0}};
    monomial_init(&factor);
    VEC_PUSH(&factor.powers, *power);
    for (size_t k = 0; k < sum->terms.count; k++) {
        const struct summand *term = &sum->terms.at[k];
        struct monomial m;
        take_rest(s, &m, term->rest);
        const struct power *p = same_power(&m, power);
        bool has = p && (power->up ? p->up > 0 : p->down > 0 && p->up == 0);
        if (has)
            add_without(s, &inside, term, &factor);
        else
            sum_add_term(s, &outside, term->rest, term->coefficient);
        monomial_release(&m);
    }
    node_id result = mk_add(g, times(s, &factor, sum_node(s, &inside)), sum_node(s, &outside));
    s->failed |= factor.powers.failed;
    monomial_release(&factor);
    sum_release(&inside);
    sum_release(&outside);
    return result;
}

node_id factor_groups(struct simplifier *s, struct sum *sum, node_id current) {
    struct candidates c = {.all = {0}};
    node_id result = 0;
    if (sum->terms.count < 3 || sum->terms.count > MOST_GROUPED) return 0;
    find_candidates(s, sum, &c);
    uint32_t weight = weight_of(&s->weights, current);
    for (size_t k = 0; k < c.all.count && k < TRIES && !result; k++) {
        if (c.all.at[k].count < 2 || c.all.at[k].count == sum->terms.count) continue;
        node_id candidate = group(s, sum, &c.all.at[k].power);
        if (weight_of(&s->weights, candidate) + GAIN < weight) result = candidate;
    }
    VEC_FREE(&c.all);
    return result;
}
