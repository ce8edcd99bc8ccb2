/* The values of a program: its expressions in the terms of machine code.
 *
 * Made from the graph before anything is placed: constant expressions are numbers, powers are
 * multiplications, sums and products have two operands, elements have an offset into their array. Operands
 * come before their users, equal values are one. */
#ifndef GRADC_SCHEDULE_VALUES_H
#define GRADC_SCHEDULE_VALUES_H

#include "ir/program.h"

typedef uint32_t value_id; /* 0: none */

struct value {
    uint8_t op; /* enum op; CONST, INT and BOOL: constant */
    uint8_t type;
    uint8_t count;        /* of operands; READ: 1, the offset */
    bool lazy;            /* a choice that evaluates only the operand it takes */
    bool may_fail;        /* the operation itself is not defined everywhere: an element, a division */
    bool unsafe;          /* it, or something it is computed from, may fail */
    uint32_t payload;     /* READ: array; INDEX: loop index */
    value_id operands[3]; /* lazy: condition, then, else */
    value_id check;       /* may_fail: the condition under which it does not */
    node_id node;
    union {
        double real;
        int64_t integer;
    } constant;
};

struct values {
    const struct program *p;
    VEC(struct value) all;   /* [0] unused */
    VEC(value_id) image;     /* by node */
    VEC(value_id) slots;     /* hash table over all */
    VEC(node_id) stack;      /* nodes being translated */
    VEC(value_id) of_step;   /* per step: its value or condition, or the lower bound */
    VEC(value_id) at_step;   /* per step: the offset, the number of elements to clear, or the upper bound */
    VEC(value_id) step_size; /* per step: the step of the loop */
    bool *constant;          /* by node, of those that were there at the start */
    size_t constant_count;
    node_id strange; /* a node that has no translation */
    bool failed;     /* memory was exhausted, or strange */
};

/* Translates every expression of the program. False where memory is exhausted or a node has no translation.
 * New integer nodes go into the graph. */
bool values_make(struct values *v, const struct program *p);
void values_release(struct values *v);

static inline const struct value *value_at(const struct values *v, value_id id) {
    return &v->all.at[id];
}
static inline bool value_is_constant(const struct value *value) {
    return value->op == OP_CONST || value->op == OP_INT || value->op == OP_BOOL;
}

#endif
