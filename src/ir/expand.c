#include "ir/expand.h"

#include "ir/build.h"
#include "ir/stable.h"

struct expander {
    struct graph *g;
    bool (*composite)(enum op op);
    bool *reached;
    node_id *image; /* by node: what it became */
    VEC(node_id) operands;
    bool for_doubles; /* rounding matters */
    bool again;       /* an expansion was made, which may hold others */
};

static bool has_expansion(enum op op) {
    return op_info(op)->expand != NULL;
}

/* Operands have smaller ids than their users. */
static void mark_reached(struct expander *ex, const node_id *roots, size_t count, size_t nodes) {
    for (size_t i = 0; i < count; i++) ex->reached[roots[i]] = true;
    for (size_t n = nodes; n-- > 1;) {
        for (uint32_t k = 0; ex->reached[n] && k < node_count(ex->g, (node_id)n); k++)
            ex->reached[node_operand(ex->g, (node_id)n, k)] = true;
    }
}

static node_id rebuild(struct expander *ex, node_id n) {
    enum op op = node_op(ex->g, n);
    uint32_t count = node_count(ex->g, n);
    bool changed = false;
    ex->operands.count = 0;
    if (!VEC_RESERVE(&ex->operands, (size_t)count + 1)) return n;
    for (uint32_t k = 0; k < count; k++) {
        ex->operands.at[k] = ex->image[node_operand(ex->g, n, k)];
        changed |= ex->operands.at[k] != node_operand(ex->g, n, k);
    }
    ex->g->here = node_span(ex->g, n);
    node_id stable = ex->for_doubles ? stable_value(ex->g, op, ex->operands.at) : 0;
    if (stable) return stable;
    if (ex->composite(op)) {
        ex->again = true;
        return op_info(op)->expand(ex->g, ex->operands.at, count);
    }
    return changed ? mk_again(ex->g, n, ex->operands.at) : n;
}

/* Asks for the memory of a later node's operands, which may be anywhere. */
static void ask_ahead(const struct expander *ex, size_t n, size_t nodes) {
    enum { AHEAD = 12 };
    if (n + AHEAD >= nodes) return;
    for (uint32_t k = 0; k < node_count(ex->g, (node_id)(n + AHEAD)); k++) {
        node_id operand = node_operand(ex->g, (node_id)(n + AHEAD), k);
        __builtin_prefetch(&ex->g->nodes.at[operand]);
        __builtin_prefetch(&ex->image[operand]);
    }
}

/* One level: what an expansion is made of is looked at in the next round. */
static bool expand_round(struct expander *ex, node_id *roots, size_t count) {
    size_t nodes = graph_count(ex->g);
    ex->again = false;
    ex->reached = calloc(nodes, sizeof *ex->reached);
    ex->image = malloc(nodes * sizeof *ex->image);
    bool enough = ex->reached && ex->image;
    if (enough) {
        mark_reached(ex, roots, count, nodes);
        ex->image[0] = 0;
        for (size_t n = 1; n < nodes; n++) {
            ask_ahead(ex, n, nodes);
            if (ex->reached[n]) ex->image[n] = rebuild(ex, (node_id)n);
        }
        for (size_t i = 0; i < count; i++) roots[i] = ex->image[roots[i]];
    }
    free(ex->reached);
    free(ex->image);
    return enough && !ex->operands.failed && !ex->g->failed;
}

bool expand_nodes(struct graph *g, node_id *roots, size_t count, bool (*composite)(enum op op)) {
    struct expander ex = {.g = g,
                          .composite = composite ? composite : has_expansion,
                          .for_doubles = !composite && !g->plain,
                          .again = true};
    struct span here = g->here;
    bool enough = true, plain = g->plain;
    g->plain = true; /* expansions are stable, and must stay as they are */
    while (enough && ex.again) enough = expand_round(&ex, roots, count);
    g->plain = plain;
    g->here = here;
    VEC_FREE(&ex.operands);
    return enough;
}

static void expand_steps(struct program *out, const struct program *p) {
    enum { PARTS = 5 };
    VEC(node_id) roots = {0};
    for (size_t i = 0; i < p->steps.count; i++) {
        const struct step *s = &p->steps.at[i];
        const node_id parts[PARTS] = {s->value, s->lower, s->upper, s->by, s->condition};
        for (size_t k = 0; k < PARTS; k++) VEC_PUSH(&roots, parts[k]);
    }
    for (size_t i = 0; i < p->subscripts.count; i++) VEC_PUSH(&roots, p->subscripts.at[i]);
    out->failed = roots.failed || !expand_nodes(p->graph, roots.at, roots.count, NULL);
    for (size_t i = 0; i < p->steps.count && !out->failed; i++) {
        struct step s = p->steps.at[i];
        const node_id *parts = roots.at + i * PARTS;
        s.value = parts[0], s.lower = parts[1], s.upper = parts[2], s.by = parts[3], s.condition = parts[4];
        VEC_PUSH(&out->steps, s);
    }
    for (size_t i = 0; i < p->subscripts.count && !out->failed; i++)
        VEC_PUSH(&out->subscripts, roots.at[p->steps.count * PARTS + i]);
    out->failed = out->failed || out->steps.failed || out->subscripts.failed;
    VEC_FREE(&roots);
}

bool program_expand(struct program *out, const struct program *p) {
    program_like(out, p);
    if (!out->failed) expand_steps(out, p);
    return !out->failed;
}
