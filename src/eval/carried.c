#include "eval/carried.h"

#include <math.h>
#include <stdlib.h>

#include "eval/constant.h"
#include "ir/expand.h"

/* So small that its square is nothing beside 1, and derivatives of all usual sizes still are doubles. */
static const double imaginary_step = 0x1p-200;

static bool constant(void *context, node_id n) {
    struct carried *c = context;
    c->values[n].part = 0;
    return c->constant[n] && constant_value(c->walk.graph, n, &c->values[n].value);
}

static struct carry sum_of(const struct carried *c, const node_id *operands, uint32_t count) {
    struct carry sum = c->values[operands[0]];
    for (uint32_t k = 1; k < count; k++) {
        sum.value += c->values[operands[k]].value;
        sum.part += c->values[operands[k]].part;
    }
    return sum;
}

static bool operation(void *context, node_id n) {
    struct carried *c = context;
    const struct node *node = &c->walk.graph->nodes.at[n];
    const node_id *operands = c->walk.graph->operands.at + node->first;
    struct carry known[2] = {{0, 0}, {0, 0}};
    switch (node->op) {
    case OP_ADD: c->values[n] = sum_of(c, operands, node->count); return true;
    case OP_TO_REAL: c->values[n] = (struct carry){(double)c->walk.integers[operands[0]], 0}; return true;
    case OP_INFINITY: c->values[n] = (struct carry){HUGE_VAL, 0}; return true;
    default: break;
    }
    bool (*apply)(struct carried *, node_id, const struct carry *, uint32_t, struct carry *) =
        c->kind == CARRIED_DUAL ? carried_dual : carried_complex;
    uint32_t count = node->op == OP_POWI ? 1 : node->count;
    if (node->op != OP_MUL) {
        for (uint32_t k = 0; k < count && k < 2; k++) known[k] = c->values[operands[k]];
        return apply(c, n, known, count, &c->values[n]);
    }
    known[0] = c->values[operands[0]];
    for (uint32_t k = 1; k < count; k++) {
        known[1] = c->values[operands[k]];
        if (!apply(c, n, known, 2, &known[0])) return false;
    }
    c->values[n] = known[0];
    return true;
}

static bool compare(void *context, node_id n) {
    const struct carried *c = context;
    double a = c->values[node_operand(c->walk.graph, n, 0)].value;
    double b = c->values[node_operand(c->walk.graph, n, 1)].value;
    switch ((int)node_op(c->walk.graph, n)) {
    case OP_LT: return a < b;
    case OP_LE: return a <= b;
    case OP_EQ: return a == b;
    default: return a != b;
    }
}

static void read(void *context, node_id n, array_id array, size_t element) {
    struct carried *c = context;
    if (c->stored[array]) {
        c->values[n] = c->stored[array][element];
        return;
    }
    c->values[n].value = c->walk.binding->arrays[array].at.real[element];
    c->values[n].part = array == c->moved && element == c->element ? c->step : 0;
}

static void select(void *context, node_id n, node_id taken) {
    struct carried *c = context;
    c->values[n] = c->values[taken];
}

static struct carry *storage(struct carried *c, array_id array) {
    if (!c->stored[array]) {
        size_t count = c->walk.binding->arrays[array].count;
        c->stored[array] = calloc(count ? count : 1, sizeof(struct carry));
        if (!c->stored[array]) c->walk.exhausted = true;
    }
    return c->stored[array];
}

static void update(void *context, const struct step *step, size_t element) {
    struct carried *c = context;
    struct carry *array = storage(c, step->array), value = c->values[step->value];
    if (!array) return;
    struct carry *target = &array[element], old = *target;
    bool nan = isnan(old.value);
    switch (step->op) {
    case UPDATE_SET: *target = value; break;
    case UPDATE_ADD: *target = (struct carry){old.value + value.value, old.part + value.part}; break;
    case UPDATE_MAX: *target = old.value > value.value || nan ? old : value; break;
    case UPDATE_MIN: *target = old.value < value.value || nan ? old : value; break;
    }
}

static void clear(void *context, const struct step *step) {
    struct carried *c = context;
    struct carry *array = storage(c, step->array);
    size_t count = c->walk.binding->arrays[step->array].count;
    for (size_t i = 0; array && i < count; i++) array[i] = c->values[step->value];
}

static const struct walk_reals reals = {
    .constant = constant,
    .operation = operation,
    .read = read,
    .select = select,
    .compare = compare,
    .update = update,
    .clear = clear,
};

bool carried_init(struct carried *c, enum carried_kind kind, const struct program *p, struct binding *b,
                  struct diag_list *diags) {
    *c = (struct carried){.kind = kind, .step = kind == CARRIED_DUAL ? 1 : imaginary_step};
    bool enough = program_expand(&c->expanded, p) && walk_init(&c->walk, &c->expanded, b, &reals, c, diags);
    if (enough) {
        c->values = calloc(graph_count(p->graph), sizeof *c->values);
        c->constant = constant_nodes(p->graph);
        c->stored = calloc(c->expanded.arrays.count + 1, sizeof *c->stored);
    }
    if (enough && c->values && c->constant && c->stored) return true;
    carried_release(c);
    return false;
}

void carried_release(struct carried *c) {
    for (array_id a = 1; c->stored && a < c->expanded.arrays.count; a++) free(c->stored[a]);
    carried_release_partials(c);
    walk_release(&c->walk);
    program_release(&c->expanded);
    free(c->values);
    free(c->constant);
    free(c->stored);
    *c = (struct carried){.kind = CARRIED_DUAL};
}

enum evaluation carried_run(struct carried *c, array_id moved, size_t element) {
    c->moved = moved;
    c->element = element;
    return execute(&c->walk);
}

double carried_derivative(const struct carried *c, array_id result, size_t element) {
    return c->stored[result] ? c->stored[result][element].part / c->step : NAN;
}
