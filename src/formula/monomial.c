#include <stdlib.h>

#include "formula/algebra.h"
#include "ir/build.h"

enum { FEW = 16, MOST_POWER = 1 << 20, FOLDED_BITS = 512 };

void monomial_init(struct monomial *m) {
    *m = (struct monomial){.powers = {0}};
    mpq_init(m->coefficient);
    mpq_set_ui(m->coefficient, 1, 1);
}

void monomial_release(struct monomial *m) {
    mpq_clear(m->coefficient);
    VEC_FREE(&m->powers);
    node_map_release(&m->place_of);
}

void monomial_copy(struct simplifier *s, struct monomial *copy, const struct monomial *m) {
    monomial_init(copy);
    mpq_set(copy->coefficient, m->coefficient);
    for (size_t k = 0; k < m->powers.count; k++) {
        const struct power *p = &m->powers.at[k];
        VEC_PUSH(&copy->powers, *p);
        if (!p->symbol) node_map_set(&copy->place_of, p->base, (uint32_t)k + 1);
    }
    s->failed |= copy->powers.failed || copy->place_of.failed;
}

bool is_product_like(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    return op == OP_MUL || op == OP_DIV || op == OP_POWI || op == OP_CONST;
}

/* ---- Powers ---- */

static struct power *find(struct monomial *m, node_id base, node_id symbol) {
    if (m->powers.count >= FEW && !symbol) {
        uint32_t place = node_map_get(&m->place_of, base);
        return place ? &m->powers.at[place - 1] : NULL;
    }
    for (size_t k = 0; k < m->powers.count; k++)
        if (m->powers.at[k].base == base && m->powers.at[k].symbol == symbol) return &m->powers.at[k];
    return NULL;
}

struct power *monomial_find(struct monomial *m, node_id base) {
    return find(m, base, 0);
}

static void add_power(struct simplifier *s, struct monomial *m, node_id base, node_id symbol,
                      int64_t exponent) {
    struct power *power = find(m, base, symbol);
    if (!power) {
        if (!VEC_PUSH(&m->powers, ((struct power){.base = base, .symbol = symbol}))) {
            s->failed = true;
            return;
        }
        power = &VEC_LAST(&m->powers);
        if (!symbol) node_map_set(&m->place_of, base, (uint32_t)m->powers.count);
    }
    if (exponent > 0) power->up += exponent;
    if (exponent < 0) power->down -= exponent;
}

/* ---- Taking apart ---- */

struct part {
    node_id node;
    int64_t exponent;
};

struct parts {
    VEC(struct part) open;
};

static bool take_constant(struct simplifier *s, struct monomial *m, struct part at) {
    mpq_srcptr value = node_rational(s->program->graph, at.node);
    uint64_t e = at.exponent < 0 ? (uint64_t)-at.exponent : (uint64_t)at.exponent;
    size_t bits = mpz_sizeinbase(mpq_numref(value), 2) + mpz_sizeinbase(mpq_denref(value), 2);
    if (e > FOLDED_BITS || bits * e > FOLDED_BITS * 8 || (mpq_sgn(value) == 0 && at.exponent < 0))
        return false;
    mpq_t power;
    mpq_init(power);
    mpz_pow_ui(mpq_numref(power), mpq_numref(value), (unsigned long)e);
    mpz_pow_ui(mpq_denref(power), mpq_denref(value), (unsigned long)e);
    if (at.exponent < 0) mpq_inv(power, power);
    mpq_mul(m->coefficient, m->coefficient, power);
    mpq_clear(power);
    return true;
}

static bool take_power(struct simplifier *s, struct monomial *m, struct parts *parts, struct part at) {
    const struct graph *g = s->program->graph;
    node_id base = node_operand(g, at.node, 0), exponent = node_operand(g, at.node, 1);
    if (node_op(g, exponent) != OP_INT) {
        add_power(s, m, base, exponent, at.exponent);
        return true;
    }
    int64_t product;
    if (__builtin_mul_overflow(node_integer(g, exponent), at.exponent, &product)) return false;
    if (product > MOST_POWER || product < -MOST_POWER) return false;
    return VEC_PUSH(&parts->open, ((struct part){base, product}));
}

node_id monomial_guarded_by(struct simplifier *s, const struct power *p) {
    const struct graph *g = s->program->graph;
    enum op op = node_op(g, p->base);
    bool undefined = op == OP_LOG || ((op == OP_SQRT || op == OP_CBRT) && p->down > 0 && p->up == 0);
    return undefined && !p->symbol ? primitive_of(s, node_operand(g, p->base, 0)) : 0;
}

/* Whether another factor is undefined where the base is 0. */
static bool is_guarded(struct simplifier *s, const struct monomial *m, node_id base) {
    for (size_t k = 0; k < s->nonzero.count; k++)
        if (s->nonzero.at[k] == base) return true;
    for (size_t k = 0; k < m->powers.count; k++) {
        const struct power *p = &m->powers.at[k];
        if (monomial_guarded_by(s, p) == base) return true;
    }
    return false;
}

/* x^3/x^2 is x^2/x: below the line x stays, so that it is undefined where it was. */
static void cancel(struct simplifier *s, const struct monomial *m, struct power *p) {
    if (!p->up || !p->down) return;
    int64_t net = p->up - p->down;
    if (net < 0 || is_never_zero(s, p->base) || is_guarded(s, m, p->base)) {
        p->up = net > 0 ? net : 0;
        p->down = net < 0 ? -net : 0;
    } else {
        p->up = net + 1;
        p->down = 1;
    }
}

/* u^(k/2) in roots, u^-q below the line. False where it is another power. */
static bool take_real_power(struct simplifier *s, struct monomial *m, struct parts *parts, struct part at) {
    struct graph *g = s->program->graph;
    node_id base = node_operand(g, at.node, 0), exponent = node_operand(g, at.node, 1);
    if (node_op(g, exponent) != OP_CONST || at.exponent > 1 || at.exponent < -1) return false;
    mpq_srcptr q = node_rational(g, exponent);
    bool half = mpz_cmp_ui(mpq_denref(q), 2) == 0 && mpz_fits_sint_p(mpq_numref(q));
    if (half) {
        int64_t halves = mpz_get_si(mpq_numref(q)) * at.exponent;
        add_power(s, m, mk_call1(g, OP_SQRT, base), 0, halves > 0 ? 1 : -1);
        return VEC_PUSH(&parts->open, ((struct part){base, halves / 2}));
    }
    if (mpq_sgn(q) > 0) return false;
    node_id positive = mk_pow(g, base, mk_neg(g, exponent));
    add_power(s, m, positive, 0, -at.exponent);
    return true;
}

/* abs(u)^2 is u^2. */
static bool take_size(struct simplifier *s, struct parts *parts, struct part at) {
    if (at.exponent % 2) return false;
    return VEC_PUSH(&parts->open, ((struct part){node_operand(s->program->graph, at.node, 0), at.exponent}));
}

/* sqrt(u)^3 is u*sqrt(u), which is defined where it is; sqrt(u)^2 is u where u is never negative. */
static void join_root(struct simplifier *s, struct monomial *m, struct power *p) {
    const struct graph *g = s->program->graph;
    node_id base = p->base, inner = node_operand(g, base, 0);
    bool size = node_op(g, base) == OP_ABS, free = size || is_never_negative(s, inner);
    for (size_t k = 0; k < s->positive.count; k++) free |= s->positive.at[k] == inner;
    int64_t up = free || p->up % 2 ? p->up / 2 : 0, down = free || p->down % 2 ? p->down / 2 : 0;
    p->up -= 2 * up;
    p->down -= 2 * down;
    if (up) monomial_multiply(s, m, inner, size ? 2 * up : up);
    if (down) monomial_multiply(s, m, inner, size ? -2 * down : -down);
}

static void join_roots(struct simplifier *s, struct monomial *m) {
    for (size_t k = 0; k < m->powers.count; k++) {
        struct power *p = &m->powers.at[k];
        enum op op = node_op(s->program->graph, p->base);
        if (p->symbol || (op != OP_SQRT && op != OP_ABS) || (p->up < 2 && p->down < 2)) continue;
        if (p->up && p->down) cancel(s, m, p);
        join_root(s, m, p);
    }
}

void monomial_multiply(struct simplifier *s, struct monomial *m, node_id n, int64_t exponent) {
    const struct graph *g = s->program->graph;
    struct parts parts = {.open = {0}};
    VEC_PUSH(&parts.open, ((struct part){n, exponent}));
    while (parts.open.count > 0) {
        struct part at = VEC_POP(&parts.open);
        if (at.exponent == 0) continue;
        enum op op = node_op(g, at.node);
        bool taken = false;
        if (s->whole.count && node_map_get(&s->whole, at.node)) {
            /* One factor. */
        } else if (op == OP_MUL || op == OP_DIV) {
            int64_t second = op == OP_DIV ? -at.exponent : at.exponent;
            VEC_PUSH(&parts.open, ((struct part){node_operand(g, at.node, 1), second}));
            VEC_PUSH(&parts.open, ((struct part){node_operand(g, at.node, 0), at.exponent}));
            taken = true;
        } else if (op == OP_CONST) {
            taken = take_constant(s, m, at);
        } else if (op == OP_POWI) {
            taken = take_power(s, m, &parts, at);
        } else if (op == OP_ABS) {
            taken = take_size(s, &parts, at);
        } else if (op == OP_POW) {
            taken = take_real_power(s, m, &parts, at);
        }
        if (!taken) add_power(s, m, at.node, 0, at.exponent);
    }
    s->failed |= parts.open.failed;
    VEC_FREE(&parts.open);
}

/* ---- Nodes ---- */

node_id monomial_logistic_argument(const struct graph *g, node_id n) {
    if (node_op(g, n) != OP_ADD) return 0;
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    if (node_is_number(g, b, 1)) a = b, b = node_operand(g, n, 0);
    return node_is_number(g, a, 1) && node_op(g, b) == OP_EXP ? node_operand(g, b, 0) : 0;
}

/* exp(z)/(1 + exp(z)) is sigmoid(z), 1/(1 + exp(z)) is sigmoid(-z). */
static void join_logistic(struct simplifier *s, struct monomial *m) {
    struct graph *g = s->program->graph;
    for (size_t k = 0; k < m->powers.count; k++) {
        node_id z = m->powers.at[k].symbol || m->powers.at[k].up
                        ? 0
                        : monomial_logistic_argument(g, m->powers.at[k].base);
        int64_t down = m->powers.at[k].down;
        if (!z || !down) continue;
        struct power *exponential = monomial_find(m, mk_call1(g, OP_EXP, z));
        int64_t both = !exponential || exponential->down ? 0
                       : exponential->up < down          ? exponential->up
                                                         : down;
        if (both) exponential->up -= both;
        m->powers.at[k].down = 0;
        if (both) add_power(s, m, mk_call1(g, OP_SIGMOID, z), 0, both);
        if (down > both) add_power(s, m, mk_call1(g, OP_SIGMOID, mk_neg(g, z)), 0, down - both);
    }
}

/* x*x^(y - 1) is x^y where x is not 0. */
static void join_real_powers(struct simplifier *s, struct monomial *m) {
    struct graph *g = s->program->graph;
    for (size_t k = 0; k < m->powers.count; k++) {
        const struct power real = m->powers.at[k];
        if (node_op(g, real.base) != OP_POW || real.symbol || real.up != 1 || real.down) continue;
        node_id base = node_operand(g, real.base, 0), exponent = node_operand(g, real.base, 1);
        struct power *whole = monomial_find(m, base);
        int64_t net = whole ? whole->up - whole->down : 0;
        bool nonzero = is_never_zero(s, base) || is_guarded(s, m, base);
        if (!net || !nonzero || node_op(g, exponent) == OP_CONST || net > MOST_POWER || net < -MOST_POWER)
            continue;
        whole->up = whole->down = 0;
        m->powers.at[k].up = 0;
        node_id sum = simplify_sum_of(s, exponent, net);
        add_power(s, m, mk_pow(g, base, sum), 0, 1);
    }
}

static int by_base(const void *a, const void *b) {
    const struct power *x = a, *y = b;
    if (x->base != y->base) return x->base < y->base ? -1 : 1;
    return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static node_id power_node(struct graph *g, const struct power *p, int64_t exponent) {
    node_id e = mk_int(g, exponent);
    if (p->symbol) e = mk_imul(g, e, p->symbol);
    return mk_powi(g, p->base, e);
}

node_id monomial_rest(struct simplifier *s, struct monomial *m) {
    struct graph *g = s->program->graph;
    node_id above = mk_one(g), below = mk_one(g);
    join_roots(s, m);
    join_logistic(s, m);
    join_real_powers(s, m);
    for (size_t k = 0; k < m->powers.count; k++) cancel(s, m, &m->powers.at[k]);
    if (m->powers.count > 1) {
        qsort(m->powers.at, m->powers.count, sizeof *m->powers.at, by_base);
        node_map_clear(&m->place_of);
        for (uint32_t k = 0; k < m->powers.count; k++)
            if (!m->powers.at[k].symbol) node_map_set(&m->place_of, m->powers.at[k].base, k + 1);
    }
    for (size_t k = 0; k < m->powers.count; k++) {
        const struct power *p = &m->powers.at[k];
        if (p->up) above = mk_mul(g, above, power_node(g, p, p->up));
        if (p->down) below = mk_mul(g, below, power_node(g, p, p->down));
    }
    return mk_div(g, above, below);
}

node_id monomial_node(struct simplifier *s, struct monomial *m) {
    struct graph *g = s->program->graph;
    node_id rest = monomial_rest(s, m);
    return mk_mul(g, graph_rational(g, m->coefficient), rest);
}
