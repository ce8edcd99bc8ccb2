#include "formula/algebra.h"
#include "ir/build.h"

/* Where the function is defined. */
struct domain {
    struct simplifier *s;
    struct node_map seen;
    VEC(node_id) open;
};

static struct graph *graph_of(const struct domain *d) {
    return d->s->program->graph;
}

static void mark(struct domain *d, node_id n, uint32_t what) {
    uint32_t marks = node_map_get(&d->s->domain, n);
    d->s->failed |= !node_map_set(&d->s->domain, n, marks | what);
}

/* The factors of what is not 0 are not 0. */
static void mark_factors(struct domain *d, node_id raw, uint32_t what) {
    node_id n = simplify(d->s, raw);
    struct monomial m;
    mark(d, primitive_of(d->s, n), what);
    monomial_init(&m);
    monomial_multiply(d->s, &m, n, 1);
    for (size_t k = 0; k < m.powers.count; k++) {
        const struct power *p = &m.powers.at[k];
        mark(d, p->base, DOMAIN_NONZERO);
        /* A root that is not 0 is of something that is not. */
        bool root = node_op(graph_of(d), p->base) == OP_SQRT || node_op(graph_of(d), p->base) == OP_CBRT;
        if (root) mark(d, primitive_of(d->s, node_operand(graph_of(d), p->base, 0)), DOMAIN_NONZERO);
    }
    monomial_release(&m);
}

static void look(struct domain *d, node_id n) {
    struct graph *g = graph_of(d);
    enum op op = node_op(g, n);
    node_id a = node_count(g, n) > 0 ? node_operand(g, n, 0) : 0;
    bool negative_power = op == OP_POWI && node_op(g, node_operand(g, n, 1)) == OP_INT &&
                          node_integer(g, node_operand(g, n, 1)) < 0;
    if (op == OP_DIV) mark_factors(d, node_operand(g, n, 1), DOMAIN_NONZERO);
    if (negative_power) mark_factors(d, a, DOMAIN_NONZERO);
    if (op == OP_LOG || op == OP_LOG2 || op == OP_LOG10)
        mark_factors(d, a, DOMAIN_NONZERO | DOMAIN_NOT_NEGATIVE);
    if (op == OP_LOG1P) mark_factors(d, mk_add(g, a, mk_one(g)), DOMAIN_NONZERO | DOMAIN_NOT_NEGATIVE);
    if (op == OP_ATAN2)
        mark(d, simplify(d->s, mk_call2(g, OP_HYPOT, a, node_operand(g, n, 1))), DOMAIN_NONZERO);
    if (op == OP_SQRT) mark(d, simplify(d->s, a), DOMAIN_NOT_NEGATIVE);
    uint32_t count = op == OP_SELECT ? 1 : node_count(g, n);
    for (uint32_t k = 0; k < count; k++)
        if (node_type(g, node_operand(g, n, k)) != TYPE_INT) VEC_PUSH(&d->open, node_operand(g, n, k));
}

bool simplify_on_domain(struct simplifier *s, const struct program *function) {
    struct domain d = {.s = s};
    uint32_t depth = 0;
    for (size_t k = 0; k < function->steps.count; k++) {
        const struct step *step = &function->steps.at[k];
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) depth++;
        if (step->kind == STEP_END) depth--;
        if (step->kind == STEP_UPDATE && depth == 0) VEC_PUSH(&d.open, step->value);
        while (d.open.count > 0) {
            node_id n = VEC_POP(&d.open);
            if (node_map_mark(&d.seen, n)) look(&d, n);
        }
    }
    bool good = !s->failed && !d.open.failed && !d.seen.failed;
    VEC_FREE(&d.open);
    node_map_release(&d.seen);
    return good;
}
