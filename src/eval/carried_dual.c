#include <math.h>
#include <stdlib.h>

#include "eval/carried.h"
#include "eval/power.h"
#include "ir/build.h"

/* ---- Partials of functions ---- */

static array_id add_array(struct partial *p, const char *name, enum array_role role) {
    return program_array(&p->program, (struct array){.name = name, .role = role, .type = TYPE_REAL});
}

static node_id read_of(struct partial *p, array_id array) {
    return mk_read(p->graph, array, TYPE_REAL, NULL, 0);
}

/* Writes the program: result = the partial of the function by operand k. */
static bool write_program(struct partial *p, enum op op, uint32_t k) {
    array_id a = add_array(p, "a", ROLE_PARAM), b = add_array(p, "b", ROLE_PARAM);
    array_id f = add_array(p, "f", ROLE_PARAM), result = add_array(p, "result", ROLE_OUTPUT);
    if (p->program.failed) return false;
    node_id operands[2] = {read_of(p, a), read_of(p, b)};
    const struct op_info *info = op_info(op);
    node_id partial = info->partial(p->graph, operands, info->arity, read_of(p, f), k);
    if (!partial) return false;
    program_update(&p->program, result, NULL, UPDATE_SET, partial, (struct span){0});
    p->has_binding = binding_init(&p->binding, &p->program);
    if (!p->has_binding) return false;
    binding_set_real(&p->binding, a, &p->operands[0], 1);
    binding_set_real(&p->binding, b, &p->operands[1], 1);
    binding_set_real(&p->binding, f, &p->value, 1);
    binding_set_real(&p->binding, result, &p->result, 1);
    return binding_allocate(&p->binding, NULL) && !p->graph->failed;
}

static void partial_free(struct partial *p) {
    if (!p) return;
    if (p->has_tape) tape_release(&p->tape);
    if (p->has_binding) binding_release(&p->binding);
    program_release(&p->program);
    if (p->graph) graph_release(p->graph);
    free(p->graph);
    arena_release(&p->arena);
    free(p);
}

static struct partial *partial_new(enum op op, uint32_t k) {
    struct partial *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    arena_init(&p->arena);
    p->graph = calloc(1, sizeof *p->graph);
    if (!p->graph) {
        partial_free(p);
        return NULL;
    }
    graph_init(p->graph);
    program_init(&p->program, p->graph, &p->arena);
    if (write_program(p, op, k)) p->has_tape = tape_make(&p->tape, &p->program, &p->binding) == TAPE_FITS;
    if (p->has_tape) return p;
    partial_free(p);
    return NULL;
}

void carried_release_partials(struct carried *c) {
    for (int op = 0; op < OP_COUNT; op++) {
        partial_free(c->partials[op][0]);
        partial_free(c->partials[op][1]);
    }
}

static bool partial_at(struct carried *c, enum op op, uint32_t k, const struct carry *operands, double value,
                       double *result) {
    struct partial *p = c->partials[op][k];
    if (!p) p = c->partials[op][k] = partial_new(op, k);
    if (!p) return false;
    p->operands[0] = operands[0].value;
    p->operands[1] = operands[1].value;
    p->value = value;
    tape_run(&p->tape, &p->binding);
    *result = p->result;
    return true;
}

/* ---- Operations ---- */

static double value_of(const struct carried *c, node_id n, const struct carry *x) {
    const struct op_info *info = op_info(node_op(c->walk.graph, n));
    int halves;
    if (info->libm1) return info->libm1(x[0].value);
    if (power_is_halves(c->walk.graph, n, &halves)) return power_halves(x[0].value, halves);
    return info->libm2 ? info->libm2(x[0].value, x[1].value) : NAN;
}

static bool function(struct carried *c, node_id n, const struct carry *operands, uint32_t count,
                     struct carry *result) {
    enum op op = node_op(c->walk.graph, n);
    double value = value_of(c, n, operands), part = 0, partial;
    for (uint32_t k = 0; k < count; k++) {
        if (operands[k].part == 0) continue; /* constants too: some partials by them are not defined */
        if (!partial_at(c, op, k, operands, value, &partial)) return false;
        part += partial * operands[k].part;
    }
    *result = (struct carry){value, part};
    return true;
}

static double whole_power(const struct carried *c, node_id n, double x, int64_t exponent) {
    int small;
    if (power_is_multiplied(c->walk.graph, n, &small)) return power_multiplied(x, (int)exponent);
    return pow(x, (double)exponent);
}

static struct carry power(const struct carried *c, node_id n, struct carry x) {
    int64_t exponent = c->walk.integers[node_operand(c->walk.graph, n, 1)];
    double slope = exponent == 0 ? 0 : (double)exponent * whole_power(c, n, x.value, exponent - 1);
    return (struct carry){whole_power(c, n, x.value, exponent), x.part == 0 ? 0 : slope * x.part};
}

bool carried_dual(struct carried *c, node_id n, const struct carry *operands, uint32_t count,
                  struct carry *result) {
    struct carry a = operands[0], b = operands[1];
    double value;
    switch ((int)node_op(c->walk.graph, n)) {
    case OP_MUL:
        *result = (struct carry){a.value * b.value, a.part * b.value + a.value * b.part};
        return true;
    case OP_DIV:
        value = a.value / b.value;
        *result = (struct carry){value, (a.part - value * b.part) / b.value};
        return true;
    case OP_POWI: *result = power(c, n, a); return true;
    default: return function(c, n, operands, count, result);
    }
}
