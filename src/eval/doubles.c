#include "eval/doubles.h"

#include <math.h>

#include "eval/constant.h"
#include "eval/power.h"
#include "ir/expand.h"

bool doubles_constant(void *context, node_id n) {
    struct doubles *d = context;
    return d->constant[n] && constant_value(d->walk.graph, n, &d->values[n]);
}

static double power(const struct doubles *d, node_id n, const node_id *operands) {
    int exponent;
    double x = d->values[operands[0]];
    if (power_is_multiplied(d->walk.graph, n, &exponent)) return power_multiplied(x, exponent);
    return pow(x, (double)d->walk.integers[operands[1]]);
}

static double function(const struct doubles *d, node_id n, const node_id *operands) {
    const struct op_info *info = op_info(node_op(d->walk.graph, n));
    int halves;
    if (info->libm1) return info->libm1(d->values[operands[0]]);
    if (power_is_halves(d->walk.graph, n, &halves)) return power_halves(d->values[operands[0]], halves);
    return info->libm2 ? info->libm2(d->values[operands[0]], d->values[operands[1]]) : NAN;
}

bool doubles_operation(void *context, node_id n) {
    struct doubles *d = context;
    const struct node *node = &d->walk.graph->nodes.at[n];
    const node_id *operands = d->walk.graph->operands.at + node->first;
    const double *values = d->values;
    double result;
    switch (node->op) {
    case OP_ADD:
        result = values[operands[0]];
        for (uint32_t k = 1; k < node->count; k++) result += values[operands[k]];
        break;
    case OP_MUL:
        result = values[operands[0]];
        for (uint32_t k = 1; k < node->count; k++) result *= values[operands[k]];
        break;
    case OP_DIV: result = values[operands[0]] / values[operands[1]]; break;
    case OP_POWI: result = power(d, n, operands); break;
    case OP_TO_REAL: result = (double)d->walk.integers[operands[0]]; break;
    case OP_INFINITY: result = HUGE_VAL; break;
    default: result = function(d, n, operands); break;
    }
    d->values[n] = result;
    return true;
}

bool doubles_compare(void *context, node_id n) {
    const struct doubles *d = context;
    double a = d->values[node_operand(d->walk.graph, n, 0)];
    double b = d->values[node_operand(d->walk.graph, n, 1)];
    switch ((int)node_op(d->walk.graph, n)) {
    case OP_LT: return a < b;
    case OP_LE: return a <= b;
    case OP_EQ: return a == b;
    default: return a != b;
    }
}

void doubles_read(void *context, node_id n, array_id array, size_t element) {
    struct doubles *d = context;
    d->values[n] = d->walk.binding->arrays[array].at.real[element];
}

void doubles_select(void *context, node_id n, node_id taken) {
    struct doubles *d = context;
    d->values[n] = d->values[taken];
}

void doubles_update(void *context, const struct step *step, size_t element) {
    struct doubles *d = context;
    double *target = &d->walk.binding->arrays[step->array].at.real[element];
    double old = *target, value = d->values[step->value];
    switch (step->op) {
    case UPDATE_SET: *target = value; break;
    case UPDATE_ADD: *target = old + value; break;
    case UPDATE_MAX: *target = old > value || old != old ? old : value; break;
    case UPDATE_MIN: *target = old < value || old != old ? old : value; break;
    }
}

void doubles_clear(void *context, const struct step *step) {
    struct doubles *d = context;
    struct bound_array *bound = &d->walk.binding->arrays[step->array];
    double value = d->values[step->value];
    for (size_t i = 0; i < bound->count; i++) bound->at.real[i] = value;
}

static const struct walk_reals reals = {
    .constant = doubles_constant,
    .operation = doubles_operation,
    .read = doubles_read,
    .select = doubles_select,
    .compare = doubles_compare,
    .update = doubles_update,
    .clear = doubles_clear,
};

bool doubles_init(struct doubles *d, const struct program *p, struct binding *b, struct diag_list *diags) {
    *d = (struct doubles){.values = NULL};
    bool enough = program_expand(&d->expanded, p) && walk_init(&d->walk, &d->expanded, b, &reals, d, diags);
    if (enough) {
        d->values = malloc(graph_count(p->graph) * sizeof *d->values);
        d->constant = constant_nodes(p->graph);
    }
    if (enough && d->values && d->constant) return true;
    doubles_release(d);
    return false;
}

void doubles_release(struct doubles *d) {
    walk_release(&d->walk);
    program_release(&d->expanded);
    free(d->values);
    free(d->constant);
    d->values = NULL;
    d->constant = NULL;
}

enum evaluation doubles_evaluate(struct doubles *d) {
    return execute(&d->walk);
}

enum evaluation doubles_run(const struct program *p, struct binding *b, struct diag_list *diags) {
    struct doubles d;
    if (!doubles_init(&d, p, b, diags)) return EVALUATION_MEMORY;
    enum evaluation result = doubles_evaluate(&d);
    doubles_release(&d);
    return result;
}
