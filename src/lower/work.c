#include "lower/work.h"

#include <stdlib.h>

/* In additions. */
static const double division = 4, call = 20;

bool work_init(struct work *w, const struct program *p, const struct binding *inputs) {
    *w = (struct work){.p = p, .inputs = inputs, .nodes = graph_count(p->graph)};
    w->indices = calloc(p->indices.count + 1, sizeof *w->indices);
    w->seen = calloc(w->nodes + 1, sizeof *w->seen);
    return w->indices && w->seen;
}

void work_release(struct work *w) {
    free(w->indices);
    free(w->seen);
    VEC_FREE(&w->reads);
    VEC_FREE(&w->stack);
    VEC_FREE(&w->around);
}

static double weight_of(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    if (node_type(g, n) == TYPE_INT || (node_count(g, n) == 0 && op != OP_READ)) return 0;
    if (op == OP_DIV) return division;
    if (op_info(op)->is_function && !op_info(op)->intrinsic) return call;
    return 1;
}

static void see(struct work *w, node_id n) {
    if (!n || n >= w->nodes || w->seen[n] == w->loop) return;
    w->seen[n] = w->loop;
    VEC_PUSH(&w->stack, n);
}

/* The weight of a value, without what was seen before in the same loop. */
static double value_weight(struct work *w, node_id n) {
    const struct graph *g = w->p->graph;
    double weight = 0;
    see(w, n);
    while (w->stack.count) {
        node_id at = VEC_POP(&w->stack);
        weight += weight_of(g, at);
        if (node_op(g, at) == OP_READ) VEC_PUSH(&w->reads, at);
        for (uint32_t k = 0; k < node_count(g, at); k++) see(w, node_operand(g, at, k));
    }
    return weight;
}

static bool enter(struct work *w, const struct step *s, double *weight, double *trips) {
    struct interval range;
    const struct graph *g = w->p->graph;
    if (!interval_of_loop(w->inputs, w->indices, s, &range)) return false;
    int64_t by = node_op(g, s->by) == OP_INT ? node_integer(g, s->by) : 1, middle = range.low;
    *trips = range.low > range.high
                 ? 0
                 : ((double)range.high - (double)range.low) / (by < 0 ? -(double)by : (double)by) + 1;
    if (*trips > 0) middle = range.low / 2 + range.high / 2;
    w->indices[s->index] = (struct interval){middle, middle};
    VEC_PUSH(&w->around, *weight);
    *weight *= *trips;
    return true;
}

bool work_of(struct work *w, uint32_t loop, double *weight, double *trips) {
    const struct program *p = w->p;
    double now = 1, inner;
    *weight = 0;
    w->loop++;
    w->reads.count = w->around.count = 0;
    for (uint32_t i = loop; i < p->steps.at[loop].partner && !w->around.failed; i++) {
        const struct step *s = &p->steps.at[i];
        *weight += now * value_weight(w, s->lower) + now * value_weight(w, s->upper);
        if (s->kind == STEP_LOOP && !enter(w, s, &now, i == loop ? trips : &inner)) return false;
        if (s->kind == STEP_END && p->steps.at[s->partner].kind == STEP_LOOP) now = VEC_POP(&w->around);
        if (s->kind == STEP_WHEN) *weight += now * value_weight(w, s->condition);
        if (s->kind != STEP_UPDATE) continue;
        *weight += now * (1 + value_weight(w, s->value));
        for (uint32_t k = 0; k < p->arrays.at[s->array].rank; k++)
            *weight += now * value_weight(w, step_subscripts(p, s)[k]);
    }
    return !w->reads.failed && !w->stack.failed && !w->around.failed;
}
