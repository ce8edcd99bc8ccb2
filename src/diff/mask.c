#include "diff/mask.h"

#include <stdlib.h>
#include <string.h>

struct finder {
    const struct program *p;
    const struct activity *activity;
    bool *risky;   /* per array: its definition may have partials that are not finite */
    bool *covered; /* per array: read throughout, whatever the point */
    bool *needs;
    uint32_t *marks;
    VEC(node_id) stack;
    VEC(uint32_t) open;
    uint32_t stamp;
};

/* Sums, products and positive powers have finite partials at finite points. */
static bool is_tame(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    if (op == OP_POWI) {
        node_id exponent = node_operand(g, n, 1);
        return node_op(g, exponent) == OP_INT && node_integer(g, exponent) >= 0;
    }
    return op == OP_ADD || op == OP_MUL || op == OP_READ || op == OP_SELECT || op == OP_TO_REAL ||
           op == OP_CONST || op == OP_PI;
}

static bool holds_risk(struct finder *f, node_id root) {
    const struct graph *g = f->p->graph;
    bool risk = false;
    f->stamp++;
    VEC_PUSH(&f->stack, root);
    while (f->stack.count) {
        node_id n = VEC_POP(&f->stack);
        if (f->marks[n] == f->stamp || !node_varies(f->activity, n)) continue;
        f->marks[n] = f->stamp;
        risk = risk || !is_tame(g, n);
        for (uint32_t k = 0; k < node_count(g, n); k++) {
            if (operand_passes(g, n, k)) VEC_PUSH(&f->stack, node_operand(g, n, k));
        }
    }
    return risk;
}

/* Whether subscript k is the index of an open loop that runs over the whole dimension. */
static bool runs_over(const struct finder *f, node_id subscript, const struct dimension *dim) {
    const struct graph *g = f->p->graph;
    if (node_op(g, subscript) != OP_INDEX) return false;
    for (size_t k = 0; k < f->open.count; k++) {
        const struct step *loop = &f->p->steps.at[f->open.at[k]];
        if (loop->kind != STEP_LOOP || loop->index != node_payload(g, subscript)) continue;
        bool up = loop->lower == dim->lower && loop->upper == dim->upper && node_is_int(g, loop->by, 1);
        bool down = loop->lower == dim->upper && loop->upper == dim->lower && node_is_int(g, loop->by, -1);
        return up || down;
    }
    return false;
}

static bool covers(const struct finder *f, node_id read) {
    const struct graph *g = f->p->graph;
    const struct array *array = &f->p->arrays.at[node_payload(g, read)];
    for (uint32_t k = 0; k < array->rank; k++) {
        if (!runs_over(f, node_operand(g, read, k), &array->dims[k])) return false;
        for (uint32_t j = 0; j < k; j++) {
            if (node_operand(g, read, j) == node_operand(g, read, k)) return false;
        }
    }
    return true;
}

/* Marks the arrays that the value reads throughout, on paths that are always taken. */
static void mark_covered(struct finder *f, node_id root) {
    const struct graph *g = f->p->graph;
    f->stamp++;
    VEC_PUSH(&f->stack, root);
    while (f->stack.count) {
        node_id n = VEC_POP(&f->stack);
        if (f->marks[n] == f->stamp || !node_varies(f->activity, n)) continue;
        f->marks[n] = f->stamp;
        if (node_op(g, n) == OP_READ && covers(f, n)) f->covered[node_payload(g, n)] = true;
        if (node_op(g, n) == OP_SELECT) continue;
        for (uint32_t k = 0; k < node_count(g, n); k++) {
            if (operand_passes(g, n, k)) VEC_PUSH(&f->stack, node_operand(g, n, k));
        }
    }
}

/* Reads count only in steps that always run and whose own adjoint is surely wanted. */
static void sweep_steps(struct finder *f) {
    unsigned guards = 0;
    memset(f->covered, 0, f->p->arrays.count * sizeof *f->covered);
    f->open.count = 0;
    for (uint32_t i = 0; i < f->p->steps.count; i++) {
        const struct step *step = &f->p->steps.at[i];
        if (step->kind == STEP_END) {
            guards -= f->p->steps.at[step->partner].kind == STEP_WHEN;
            f->open.count--;
        } else if (step->kind == STEP_WHEN || step->kind == STEP_LOOP) {
            guards += step->kind == STEP_WHEN;
            VEC_PUSH(&f->open, i);
        } else if (step->kind == STEP_UPDATE && f->activity->active[step->array]) {
            bool extremum = step->op == UPDATE_MAX || step->op == UPDATE_MIN;
            if (!guards && !extremum && !f->needs[step->array]) mark_covered(f, step->value);
        }
    }
}

/* Results and unknowns have no definition whose reverse could be skipped. */
static bool is_skippable(const struct finder *f, array_id a) {
    enum array_role role = f->p->arrays.at[a].role;
    return f->activity->active[a] && !role_is_input(role) && !role_is_output(role);
}

/* Finds the arrays whose reverse may need a mask; false where there are none. */
static bool find_risks(struct finder *f) {
    bool any = false;
    for (size_t i = 0; i < f->p->steps.count; i++) {
        const struct step *step = &f->p->steps.at[i];
        if (step->kind != STEP_UPDATE || !is_skippable(f, step->array) || f->risky[step->array]) continue;
        any |= f->risky[step->array] = holds_risk(f, step->value);
    }
    return any;
}

bool masks_find(bool *needs, const struct program *p, const struct activity *activity) {
    struct finder f = {.p = p, .activity = activity, .needs = needs};
    f.risky = calloc(p->arrays.count, sizeof *f.risky);
    f.covered = calloc(p->arrays.count, sizeof *f.covered);
    f.marks = calloc(activity->node_count + 1, sizeof *f.marks);
    bool enough = f.risky && f.covered && f.marks, changed = enough && find_risks(&f);
    while (changed) {
        changed = false;
        sweep_steps(&f);
        for (array_id a = 1; a < p->arrays.count; a++) {
            if (needs[a] || f.covered[a] || !f.risky[a]) continue;
            needs[a] = changed = true;
        }
    }
    enough = enough && !f.stack.failed && !f.open.failed;
    free(f.risky);
    free(f.covered);
    free(f.marks);
    VEC_FREE(&f.stack);
    VEC_FREE(&f.open);
    return enough;
}
