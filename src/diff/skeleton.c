#include "diff/skeleton.h"

#include <stdlib.h>

#include "diff/active.h"
#include "ir/build.h"

/* What a condition allows: integer conditions under which it may hold, and may fail. */
struct possible {
    node_id holds, fails; /* 0: not made yet */
};

struct maker {
    const struct program *p;
    struct program *out;
    struct activity activity;
    size_t node_count;
    node_id *sums;             /* by node: the elements it depends on, added up; 0: not made yet */
    struct possible *possible; /* by node */
    VEC(node_id) stack;
};

static struct graph *graph_of(const struct maker *m) {
    return m->p->graph;
}

/* ---- Conditions ---- */

static struct possible possible_of(const struct maker *m, node_id n) {
    struct graph *g = graph_of(m);
    enum op op = node_op(g, n);
    if (node_compares_reals(g, n)) return (struct possible){mk_bool(g, true), mk_bool(g, true)};
    if (op != OP_AND && op != OP_OR && op != OP_NOT) return (struct possible){n, mk_not(g, n)};
    struct possible a = m->possible[node_operand(g, n, 0)];
    if (op == OP_NOT) return (struct possible){a.fails, a.holds};
    struct possible b = m->possible[node_operand(g, n, 1)];
    if (op == OP_AND) return (struct possible){mk_and(g, a.holds, b.holds), mk_or(g, a.fails, b.fails)};
    return (struct possible){mk_or(g, a.holds, b.holds), mk_and(g, a.fails, b.fails)};
}

/* Operands first, without recursion. */
static struct possible condition(struct maker *m, node_id root) {
    const struct graph *g = graph_of(m);
    size_t bottom = m->stack.count;
    VEC_PUSH(&m->stack, root);
    while (m->stack.count > bottom && !m->stack.failed) {
        node_id n = VEC_LAST(&m->stack);
        bool logic = node_op(g, n) == OP_AND || node_op(g, n) == OP_OR || node_op(g, n) == OP_NOT;
        bool waiting = false;
        for (uint32_t k = 0; logic && k < node_count(g, n); k++) {
            if (m->possible[node_operand(g, n, k)].holds) continue;
            VEC_PUSH(&m->stack, node_operand(g, n, k));
            waiting = true;
        }
        if (waiting) continue;
        m->possible[n] = possible_of(m, n);
        m->stack.count--;
    }
    return m->stack.failed ? (struct possible){mk_bool(graph_of(m), true), mk_bool(graph_of(m), true)}
                           : m->possible[root];
}

/* ---- Values ---- */

static node_id where(struct graph *g, node_id condition, node_id sum) {
    return mk_select(g, condition, sum, mk_zero(g));
}

static node_id sum_of(struct maker *m, node_id n) {
    struct graph *g = graph_of(m);
    if (node_op(g, n) == OP_READ) return n;
    if (node_op(g, n) == OP_SELECT) {
        struct possible c = condition(m, node_operand(g, n, 0));
        node_id yes = m->sums[node_operand(g, n, 1)], no = m->sums[node_operand(g, n, 2)];
        return mk_add(g, where(g, c.holds, yes), where(g, c.fails, no));
    }
    node_id sum = mk_zero(g);
    for (uint32_t k = 0; k < node_count(g, n); k++)
        if (operand_passes(g, n, k)) sum = mk_add(g, sum, m->sums[node_operand(g, n, k)]);
    return sum;
}

static bool is_made(struct maker *m, node_id n) {
    if (n < m->node_count && !m->sums[n] && !node_varies(&m->activity, n)) m->sums[n] = mk_zero(graph_of(m));
    return m->sums[n] != 0;
}

static node_id value(struct maker *m, node_id root) {
    const struct graph *g = graph_of(m);
    size_t bottom = m->stack.count;
    if (is_made(m, root)) return m->sums[root];
    VEC_PUSH(&m->stack, root);
    while (m->stack.count > bottom && !m->stack.failed) {
        node_id n = VEC_LAST(&m->stack);
        bool waiting = false;
        for (uint32_t k = 0; k < node_count(g, n); k++) {
            if (!operand_passes(g, n, k) || is_made(m, node_operand(g, n, k))) continue;
            VEC_PUSH(&m->stack, node_operand(g, n, k));
            waiting = true;
        }
        if (waiting) continue;
        m->sums[n] = sum_of(m, n);
        m->stack.count--;
    }
    return m->stack.failed ? mk_zero(graph_of(m)) : m->sums[root];
}

/* ---- Steps ---- */

static void copy_update(struct maker *m, const struct step *step) {
    bool integer = m->p->arrays.at[step->array].type == TYPE_INT;
    enum update_op op = integer || step->op == UPDATE_SET ? step->op : UPDATE_ADD;
    program_update(m->out, step->array, step_subscripts(m->p, step), op,
                   integer ? step->value : value(m, step->value), step->span);
}

static void copy(struct maker *m, const struct step *step) {
    bool write = step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
    bool integer = write && m->p->arrays.at[step->array].type == TYPE_INT;
    if (write && !integer && !m->activity.active[step->array]) return;
    if (step->kind == STEP_UPDATE)
        copy_update(m, step);
    else if (step->kind == STEP_CLEAR && !integer)
        program_clear(m->out, step->array, mk_zero(graph_of(m)), step->span);
    else if (step->kind == STEP_WHEN)
        program_when(m->out, condition(m, step->condition).holds, step->span);
    else
        program_copy_step(m->out, m->p, step);
}

bool skeleton_make(struct program *skeleton, const struct program *p, const array_id *outputs,
                   size_t output_count, const array_id *wrt, size_t wrt_count) {
    struct maker m = {.p = p, .out = skeleton, .node_count = graph_count(p->graph)};
    program_like(skeleton, p);
    m.sums = calloc(m.node_count, sizeof *m.sums);
    m.possible = calloc(m.node_count, sizeof *m.possible);
    bool good = activity_find(&m.activity, p, outputs, output_count, wrt, wrt_count) && m.sums && m.possible;
    for (size_t k = 0; good && k < p->steps.count; k++) copy(&m, &p->steps.at[k]);
    good = good && !skeleton->failed && !p->graph->failed && !m.stack.failed;
    activity_release(&m.activity);
    free(m.sums);
    free(m.possible);
    VEC_FREE(&m.stack);
    return good;
}

node_id skeleton_condition(struct program *p, node_id root) {
    struct maker m = {.p = p, .node_count = graph_count(p->graph)};
    m.possible = calloc(m.node_count, sizeof *m.possible);
    node_id holds = m.possible ? condition(&m, root).holds : 0;
    if (m.stack.failed) holds = 0;
    free(m.possible);
    VEC_FREE(&m.stack);
    return holds;
}
