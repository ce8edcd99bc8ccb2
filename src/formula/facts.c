#include <string.h>

#include "formula/algebra.h"
#include "ir/build.h"

/* ---- Signs ---- */

enum sign { ANY, NOT_NEGATIVE, POSITIVE };

enum { DEEPEST = 8, DATA_LAST = 1 << 30 };

static enum sign sign_of(const struct simplifier *s, node_id n, int depth);

static enum sign least(enum sign a, enum sign b) {
    return a < b ? a : b;
}

static enum sign sign_of_operation(const struct simplifier *s, node_id n, int depth) {
    const struct graph *g = s->program->graph;
    enum sign a = sign_of(s, node_operand(g, n, 0), depth + 1);
    if (node_op(g, n) == OP_POWI) {
        node_id exponent = node_operand(g, n, 1);
        bool even = node_op(g, exponent) == OP_INT && node_integer(g, exponent) % 2 == 0;
        return a == POSITIVE ? POSITIVE : even || a == NOT_NEGATIVE ? NOT_NEGATIVE : ANY;
    }
    if (a == ANY) return ANY;
    enum sign b = sign_of(s, node_operand(g, n, 1), depth + 1);
    if (node_op(g, n) != OP_ADD) return least(a, b);
    return b == ANY ? ANY : a == POSITIVE ? POSITIVE : b;
}

static enum sign sign_of(const struct simplifier *s, node_id n, int depth) {
    const struct graph *g = s->program->graph;
    if (depth > DEEPEST) return ANY;
    switch ((int)node_op(g, n)) {
    case OP_CONST: {
        int sign = mpq_sgn(node_rational(g, n));
        return sign > 0 ? POSITIVE : sign == 0 ? NOT_NEGATIVE : ANY;
    }
    case OP_PI:
    case OP_EXP:
    case OP_EXP2:
    case OP_EXP10:
    case OP_COSH:
    case OP_SIGMOID:
    case OP_SOFTPLUS:
    case OP_NORMAL_PDF: return POSITIVE;
    case OP_ABS:
    case OP_HYPOT:
    case OP_NORMAL_CDF: return NOT_NEGATIVE;
    case OP_SQRT: return sign_of(s, node_operand(g, n, 0), depth + 1) == POSITIVE ? POSITIVE : NOT_NEGATIVE;
    case OP_ADD:
    case OP_MUL:
    case OP_DIV:
    case OP_POWI: return sign_of_operation(s, n, depth);
    default: return ANY;
    }
}

bool is_never_negative(const struct simplifier *s, node_id n) {
    if (node_map_get(&s->domain, n) & DOMAIN_NOT_NEGATIVE) return true;
    return sign_of(s, n, 0) != ANY;
}

bool is_never_zero(const struct simplifier *s, node_id n) {
    const struct graph *g = s->program->graph;
    if (node_map_get(&s->domain, n) & DOMAIN_NONZERO) return true;
    if (node_op(g, n) == OP_CONST) return mpq_sgn(node_rational(g, n)) != 0;
    return sign_of(s, n, 0) == POSITIVE;
}

/* ---- An order that depends on structure alone ---- */

struct structure {
    uint64_t hash;
    array_id first; /* the first array of the program that it reads */
    int degree;
};

static uint64_t mix(uint64_t h, uint64_t value) {
    h ^= value + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
    h *= UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

static uint64_t mix_text(uint64_t h, const char *text) {
    for (; *text; text++) h = mix(h, (unsigned char)*text);
    return h;
}

static const struct structure *known(const struct simplifier *s, node_id n) {
    uint32_t place = node_map_get(&s->hashes, n);
    return place ? &s->structures.at[place - 1] : NULL;
}

static uint64_t hash_of_leaf(const struct simplifier *s, node_id n) {
    const struct graph *g = s->program->graph;
    switch ((int)node_op(g, n)) {
    case OP_CONST:
        return mix(mpz_get_ui(mpq_numref(node_rational(g, n))) + (mpq_sgn(node_rational(g, n)) < 0),
                   mpz_get_ui(mpq_denref(node_rational(g, n))));
    case OP_INT: return (uint64_t)node_integer(g, n);
    case OP_INDEX: return mix_text(7, s->weights.indices->names.at[node_payload(g, n)]);
    case OP_READ: return mix_text(11, s->program->arrays.at[node_payload(g, n)].name);
    default: return node_payload(g, n);
    }
}

static int degree_of(const struct simplifier *s, node_id n) {
    const struct graph *g = s->program->graph;
    uint32_t count = node_count(g, n);
    int a = count > 0 ? known(s, node_operand(g, n, 0))->degree : 0;
    int b = count > 1 ? known(s, node_operand(g, n, 1))->degree : 0;
    enum op op = node_op(g, n);
    if (op == OP_READ) return s->program->arrays.at[node_payload(g, n)].role != ROLE_PARAM || count > 0;
    if (op == OP_MUL) return a + b < 1000 ? a + b : 1000;
    if (op == OP_POWI && node_op(g, node_operand(g, n, 1)) == OP_INT) {
        int64_t e = node_integer(g, node_operand(g, n, 1));
        return e > 0 && e < 1000 ? a * (int)e : a;
    }
    return op == OP_ADD || op == OP_DIV ? (a > b ? a : b)
           : op_info(op)->is_function   ? (a > 0)
           : a > b                      ? a
                                        : b;
}

/* Data stand before what is fitted to them. */
static bool is_data(const struct simplifier *s, node_id read) {
    enum array_role role = s->program->arrays.at[node_payload(s->program->graph, read)].role;
    return (role == ROLE_PARAM || role == ROLE_COLUMN) && node_count(s->program->graph, read) > 0;
}

/* Sums and products are the same in any order. */
static struct structure structure_of(const struct simplifier *s, node_id n) {
    const struct graph *g = s->program->graph;
    enum op op = node_op(g, n);
    bool commutes = op == OP_ADD || op == OP_MUL;
    struct structure t = {.hash = hash_of_leaf(s, n), .first = UINT32_MAX, .degree = degree_of(s, n)};
    if (op == OP_READ && node_type(g, n) == TYPE_REAL && node_payload(g, n) < s->reductions->first)
        t.first = node_payload(g, n) + (is_data(s, n) ? 0 : DATA_LAST);
    uint64_t sum = 0;
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        const struct structure *operand = known(s, node_operand(g, n, k));
        bool same = commutes && node_op(g, node_operand(g, n, k)) == op;
        /* a + (b + c) has the hash of (a + b) + c: the sum of its terms' hashes. */
        sum = commutes ? sum + (same ? operand->hash : mix(operand->hash, (uint64_t)op))
                       : mix(sum, operand->hash);
        if (op != OP_READ && operand->first < t.first) t.first = operand->first;
    }
    t.hash = commutes ? sum : mix(mix(t.hash, (uint64_t)op), sum);
    return t;
}

static const struct structure *structure(struct simplifier *s, node_id root) {
    const struct graph *g = s->program->graph;
    VEC(node_id) open = {0};
    VEC_PUSH(&open, root);
    while (open.count > 0) {
        node_id n = VEC_LAST(&open);
        size_t top = open.count;
        for (uint32_t k = 0; !known(s, n) && k < node_count(g, n); k++)
            if (!known(s, node_operand(g, n, k))) VEC_PUSH(&open, node_operand(g, n, k));
        if (open.count > top) continue;
        open.count--;
        if (known(s, n)) continue;
        struct structure t = structure_of(s, n);
        VEC_PUSH(&s->structures, t);
        node_map_set(&s->hashes, n, (uint32_t)s->structures.count);
    }
    s->failed |= open.failed || s->structures.failed;
    VEC_FREE(&open);
    return known(s, root);
}

bool stands_before(struct simplifier *s, node_id a, node_id b) {
    const struct structure *p = structure(s, a);
    if (!p) return a < b;
    const struct structure x = *p;
    p = structure(s, b);
    if (!p) return a < b;
    if (node_op(s->program->graph, a) == OP_CONST || node_op(s->program->graph, b) == OP_CONST)
        return node_op(s->program->graph, a) != OP_CONST;
    if (x.degree != p->degree) return x.degree < p->degree;
    if (x.first != p->first) return x.first < p->first;
    return x.hash != p->hash ? x.hash < p->hash : a < b;
}
