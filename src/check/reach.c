#include "check/reach.h"

#include <stdlib.h>

#include "diff/active.h"

struct marking {
    struct reach *reach;
    const struct graph *graph;
    VEC(node_id) stack;
};

static void mark(struct marking *m, node_id root) {
    if (root) VEC_PUSH(&m->stack, root);
    while (m->stack.count) {
        node_id n = VEC_POP(&m->stack);
        if (n >= m->reach->node_count || m->reach->used[n]) continue;
        m->reach->used[n] = true;
        for (uint32_t k = 0; k < node_count(m->graph, n); k++)
            VEC_PUSH(&m->stack, node_operand(m->graph, n, k));
    }
}

static bool mark_program(struct reach *reach, const struct program *p) {
    struct marking m = {.reach = reach, .graph = p->graph};
    for (size_t k = 0; k < p->steps.count; k++) {
        const struct step *s = &p->steps.at[k];
        bool writes = s->kind == STEP_UPDATE || s->kind == STEP_CLEAR;
        if (writes) mark(&m, s->value);
        for (uint32_t i = 0; s->kind == STEP_UPDATE && i < p->arrays.at[s->array].rank; i++)
            mark(&m, step_subscripts(p, s)[i]);
        if (s->kind == STEP_WHEN) mark(&m, s->condition);
        if (s->kind == STEP_LOOP) mark(&m, s->lower), mark(&m, s->upper), mark(&m, s->by);
    }
    bool enough = !m.stack.failed;
    VEC_FREE(&m.stack);
    return enough;
}

bool reach_find(struct reach *reach, const struct program *p, const array_id *outputs, size_t output_count,
                const array_id *unknowns, size_t unknown_count) {
    struct activity activity = {0};
    *reach = (struct reach){.node_count = graph_count(p->graph)};
    reach->used = calloc(reach->node_count, sizeof *reach->used);
    reach->varies = calloc(reach->node_count, sizeof *reach->varies);
    bool good = reach->used && reach->varies && mark_program(reach, p) &&
                activity_find(&activity, p, outputs, output_count, unknowns, unknown_count);
    for (node_id n = 1; good && n < reach->node_count; n++)
        reach->varies[n] = reach->used[n] && node_varies(&activity, n);
    activity_release(&activity);
    return good;
}

void reach_release(struct reach *reach) {
    free(reach->used);
    free(reach->varies);
    *reach = (struct reach){0};
}

bool reach_operand_varies(const struct reach *reach, const struct graph *g, node_id n) {
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        node_id operand = node_operand(g, n, k);
        if (operand < reach->node_count && reach->varies[operand]) return true;
    }
    return false;
}
