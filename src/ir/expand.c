#include "ir/expand.h"

#include "ir/build.h"
#include "ir/stable.h"
#include "support/bits.h"

struct expander {
    struct graph *g;
    bool composite[OP_COUNT];
    uint64_t *reached; /* bits by node */
    node_id *image;    /* by node: what it became */
    VEC(node_id) operands;
    bool for_doubles; /* rounding matters */
    bool again;       /* an expansion was made, which may hold others */
};

enum { AHEAD = 12 }; /* memory is asked for so many nodes before it is needed */

/* Operands have smaller ids than their users. */
static void mark_reached(struct expander *ex, const node_id *roots, size_t count, size_t nodes) {
    for (size_t i = 0; i < count; i++) bits_set(ex->reached, roots[i]);
    for (size_t n = nodes; n-- > 1;) {
        if (!bits_get(ex->reached, n)) continue;
        for (uint32_t k = 0; k < node_count(ex->g, (node_id)n); k++)
            bits_set(ex->reached, node_operand(ex->g, (node_id)n, k));
    }
}

static bool operands_change(const struct expander *ex, node_id n) {
    for (uint32_t k = 0; k < node_count(ex->g, n); k++)
        if (ex->image[node_operand(ex->g, n, k)] != node_operand(ex->g, n, k)) return true;
    return false;
}

/* Whether the node may become another where its operands stay. */
static bool changes_itself(const struct expander *ex, node_id n) {
    return ex->composite[node_op(ex->g, n)] || (ex->for_doubles && node_may_be_stable(ex->g, n));
}

static node_id rebuild(struct expander *ex, node_id n) {
    enum op op = node_op(ex->g, n);
    uint32_t count = node_count(ex->g, n);
    bool changed = operands_change(ex, n);
    if (!changed && !changes_itself(ex, n)) return n;
    ex->operands.count = 0;
    if (!VEC_RESERVE(&ex->operands, (size_t)count + 1)) return n;
    for (uint32_t k = 0; k < count; k++) ex->operands.at[k] = ex->image[node_operand(ex->g, n, k)];
    ex->g->here = node_span(ex->g, n);
    node_id stable = ex->for_doubles ? stable_value(ex->g, op, ex->operands.at) : 0;
    if (stable) return stable;
    if (ex->composite[op]) {
        ex->again = true;
        return op_info(op)->expand(ex->g, ex->operands.at, count);
    }
    return changed ? mk_again(ex->g, n, ex->operands.at) : n;
}

/* The first node that may change; `nodes` where there is none, as in most programs. */
static size_t first_change(const struct expander *ex, size_t nodes) {
    for (size_t n = 1; n < nodes; n++)
        if (changes_itself(ex, (node_id)n)) return n;
    return nodes;
}

/* One level: what an expansion is made of is looked at in the next round. */
static bool expand_round(struct expander *ex, node_id *roots, size_t count) {
    size_t nodes = graph_count(ex->g);
    ex->again = false;
    size_t first = first_change(ex, nodes);
    if (first == nodes) return true;
    ex->reached = calloc(bits_words(nodes), sizeof *ex->reached);
    ex->image = malloc(nodes * sizeof *ex->image);
    bool enough = ex->reached && ex->image;
    if (enough) {
        mark_reached(ex, roots, count, nodes);
        for (size_t n = 0; n < first; n++) ex->image[n] = (node_id)n;
        for (size_t n = first; n < nodes; n++) {
            graph_ask_beside(ex->g, n + AHEAD < nodes ? n + AHEAD : 0, ex->image, sizeof *ex->image);
            if (bits_get(ex->reached, n)) ex->image[n] = rebuild(ex, (node_id)n);
        }
        for (size_t i = 0; i < count; i++) roots[i] = ex->image[roots[i]];
    }
    free(ex->reached);
    free(ex->image);
    return enough && !ex->operands.failed && !ex->g->failed;
}

bool expand_nodes(struct graph *g, node_id *roots, size_t count, bool (*composite)(enum op op)) {
    struct expander ex = {.g = g, .for_doubles = !composite && !g->plain, .again = true};
    for (enum op op = 0; op < OP_COUNT; op++)
        ex.composite[op] = composite ? composite(op) : op_info(op)->expand != NULL;
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
