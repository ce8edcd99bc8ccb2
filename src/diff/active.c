#include "diff/active.h"

#include <stdlib.h>

#include "ir/node_queue.h"

/* Operands come before users: one upward sweep settles all nodes for the arrays as known so far. */
static void sweep_nodes(struct activity *activity, const struct program *p) {
    const struct graph *g = p->graph;
    for (node_id n = 1; n < activity->node_count; n++) {
        bool varies = false;
        if (node_op(g, n) == OP_READ && node_type(g, n) == TYPE_REAL &&
            node_payload(g, n) < p->arrays.count) {
            array_id a = node_payload(g, n);
            activity->read[a] = true;
            varies = activity->varies[a] && !p->arrays.at[a].constant_in_derivatives;
        }
        for (uint32_t k = 0; k < node_count(g, n) && !varies; k++)
            varies = operand_passes(g, n, k) && activity->node_varies[node_operand(g, n, k)];
        activity->node_varies[n] = varies;
    }
}

/* Whether arrays that are read have been found to vary. */
static bool spread_forward(struct activity *activity, const struct program *p) {
    bool changed = false;
    for (size_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        if (step->kind != STEP_UPDATE || activity->varies[step->array]) continue;
        if (!node_varies(activity, step->value)) continue;
        activity->varies[step->array] = true;
        changed |= activity->read[step->array];
    }
    return changed;
}

struct backward {
    struct activity *activity;
    const struct program *p;
    bool *marks; /* by node: the arrays below it are active */
    struct node_queue queue;
    bool changed;
};

/* Makes the arrays active that the value reads along varying operands. */
static void activate_reads(struct backward *b, node_id root) {
    const struct graph *g = b->p->graph;
    node_queue_add(&b->queue, root);
    for (node_id n; (n = node_queue_take(&b->queue)) != 0;) {
        if (b->marks[n] || !node_varies(b->activity, n)) continue;
        b->marks[n] = true;
        if (node_op(g, n) == OP_READ && !b->activity->active[node_payload(g, n)])
            b->activity->active[node_payload(g, n)] = b->changed = true;
        for (uint32_t k = 0; k < node_count(g, n); k++) {
            if (operand_passes(g, n, k)) node_queue_add(&b->queue, node_operand(g, n, k));
        }
    }
}

static bool spread_backward(struct activity *activity, const struct program *p) {
    struct backward b = {.activity = activity, .p = p};
    b.marks = calloc(graph_count(p->graph) + 1, sizeof *b.marks);
    b.changed = b.marks != NULL;
    while (b.changed) {
        b.changed = false;
        for (size_t i = p->steps.count; i-- > 0;) {
            const struct step *step = &p->steps.at[i];
            if (step->kind == STEP_UPDATE && activity->active[step->array]) activate_reads(&b, step->value);
        }
    }
    bool enough = b.marks && !b.queue.failed;
    free(b.marks);
    node_queue_release(&b.queue);
    return enough;
}

bool activity_find(struct activity *activity, const struct program *p, const array_id *outputs,
                   size_t output_count, const array_id *wrt, size_t wrt_count) {
    *activity = (struct activity){.node_count = graph_count(p->graph)};
    activity->varies = calloc(p->arrays.count, sizeof *activity->varies);
    activity->active = calloc(p->arrays.count, sizeof *activity->active);
    activity->read = calloc(p->arrays.count, sizeof *activity->read);
    activity->node_varies = calloc(activity->node_count, sizeof *activity->node_varies);
    if (!activity->varies || !activity->active || !activity->read || !activity->node_varies) return false;
    for (size_t i = 0; i < wrt_count; i++) activity->varies[wrt[i]] = true;
    do sweep_nodes(activity, p);
    while (spread_forward(activity, p));
    for (size_t i = 0; i < output_count; i++) activity->active[outputs[i]] = activity->varies[outputs[i]];
    return spread_backward(activity, p);
}

void activity_release(struct activity *activity) {
    free(activity->varies);
    free(activity->active);
    free(activity->read);
    free(activity->node_varies);
    *activity = (struct activity){0};
}
