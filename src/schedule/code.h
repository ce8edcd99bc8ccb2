/* Linear structured code: what every code generator reads.
 *
 * A program's steps with all expressions placed: one flat list of instructions in which loops and branches
 * bracket their bodies. An instruction's place in the list is the register that holds its result. A register
 * is set once where it stands, and used only after that, inside the body (of the loop or of the branch) that
 * sets it; only CODE_CHOICE takes results out of a branch. So a generator needs no analysis: it translates
 * one instruction after the other.
 *
 *     CODE_REAL, CODE_INTEGER, CODE_TRUTH        a constant
 *     CODE_VALUE op a b c                        an operation of ops.def on registers (see below)
 *     CODE_LOAD array a                          element number a (counted from 0, row by row) of the array
 *     CODE_STORE array a b                       element number a becomes b, or is updated by `update` with b
 *     CODE_CLEAR array a b                       elements 0 .. a-1 become b
 *     CODE_LOOP a b c .. CODE_LOOP_END a         the register is the index: from a to b inclusive by c; empty
 *                                                where the range runs against the step c. The a of its end,
 *                                                if any, is a condition under which it ends there
 *     CODE_IF a .. [CODE_ELSE ..] CODE_IF_END    a is a condition
 *     CODE_CHOICE a b                            only directly after CODE_IF_END or another CODE_CHOICE: a,
 *                                                where the condition held, else b; a and b are registers of
 *                                                the branches or set before the IF
 *
 * Operations of CODE_VALUE: ADD, MUL, DIV with two operands; SELECT and ISELECT with three registers that
 * have all been computed (the type of the result is that of the instruction, conditions included); TO_REAL;
 * integer operations and comparisons; AND, OR, NOT on computed conditions; functions of one or two operands
 * with a libm symbol or an LLVM intrinsic. There is no POWI: powers are multiplications or POW with a real
 * exponent. a - b is ADD(a, MUL(-1, b)). Real constants are the rounded values of constant expressions.
 *
 * Scalars (rank 0) have element 0 only. Those for which code_is_local holds need no storage outside: nothing
 * but the code sees them, and a generator keeps them in variables. */
#ifndef GRADC_SCHEDULE_CODE_H
#define GRADC_SCHEDULE_CODE_H

#include "ir/program.h"

typedef uint32_t code_register; /* place of an instruction in the list; 0: none */

enum code_kind {
    CODE_NONE, /* only the first */
    CODE_REAL,
    CODE_INTEGER,
    CODE_TRUTH,
    CODE_VALUE,
    CODE_LOAD,
    CODE_STORE,
    CODE_CLEAR,
    CODE_LOOP,
    CODE_LOOP_END,
    CODE_IF,
    CODE_ELSE,
    CODE_IF_END,
    CODE_CHOICE
};

struct instruction {
    uint8_t kind;   /* enum code_kind */
    uint8_t type;   /* enum value_type of the result; STORE and CLEAR: of the array */
    uint8_t op;     /* VALUE: enum op */
    uint8_t update; /* STORE: enum update_op */
    uint8_t order;  /* LOOP: enum loop_order */
    uint8_t count;  /* VALUE: operands */
    code_register a, b, c;
    uint32_t
        partner; /* LOOP, LOOP_END: each other; IF: its ELSE or IF_END; ELSE: its IF_END; IF_END: its IF */
    uint32_t source; /* LOAD, STORE, CLEAR: the array_id; LOOP: the index_id */
    node_id node;    /* where the value comes from (span, name); 0: a step */
    union {
        double real;
        int64_t integer; /* INTEGER, TRUTH (0 or 1) */
    } constant;
};

struct code {
    const struct program *program;        /* borrowed: arrays and index names */
    VEC(struct instruction) instructions; /* [0] is CODE_NONE */
};

/* Whether the array is a scalar that no one sees but the code itself. */
bool code_is_local(const struct program *p, array_id a);

void code_release(struct code *code);

#endif
