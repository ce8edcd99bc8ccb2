/* What is known of each operation, read from the table ops.def. */
#ifndef GRADC_IR_OPS_H
#define GRADC_IR_OPS_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t node_id; /* a node of a graph; 0: none */
struct graph;

enum value_type { TYPE_REAL, TYPE_INT, TYPE_BOOL };

enum op {
    OP_NONE,
#define OP_NODE(id, ...) OP_##id,
#define OP_FN1(id, ...) OP_##id,
#define OP_FN2(id, ...) OP_##id,
#define OP_FNI(id, ...) OP_##id,
#define OP_FN3(id, ...) OP_##id,
#define OP_FNV(id, ...) OP_##id,
#include "ir/ops.def"
    OP_COUNT
};

enum { ARITY_VARIADIC = 255 };

/* The largest errors over the whole domain in doubles, in units in the last place, of the value and of the
 * worst partial. Where a scale is given, an error counts in relation to the larger of the result and the
 * scale at these operands. */
struct op_accuracy {
    double value, partial;
    /* which: by which operand the partial is */
    double (*value_scale)(const double *operands, uint32_t which);
    double (*partial_scale)(const double *operands, uint32_t which);
    const char *why; /* they are larger than elsewhere; NULL: they are not */
};

struct op_info {
    const char *name;
    enum value_type type;
    bool is_function;   /* may be called by name in the language */
    uint8_t arity;      /* of functions; ARITY_VARIADIC: one or more */
    bool has_order;     /* the first operand is a whole number (as a real node) */
    uint8_t fixed;      /* bit k: no partial by operand k, which may not depend on unknowns */
    const char *symbol; /* of the C function, "NULL" where there is none: use op_symbol */
    double (*libm1)(double);
    double (*libm2)(double, double);
    const char *intrinsic; /* LLVM's name; NULL: call the symbol */
    /* The partial by operand k, built in the graph; 0 where it is not known. NULL: no function. */
    node_id (*partial)(struct graph *g, const node_id *operands, uint32_t count, node_id f, uint32_t k);
    /* The operation in terms of others; NULL where it is primitive. */
    node_id (*expand)(struct graph *g, const node_id *operands, uint32_t count);
    struct op_accuracy accuracy;
    const char *domain, *latex, *doc;
    double low, high;               /* sample range of the operands */
    double first_order, last_order; /* of the order */
};

/* The row of an operation; never NULL. */
const struct op_info *op_info(enum op op);
/* The C function that computes it: libm's, or one of src/special; NULL where there is none. */
const char *op_symbol(enum op op);
/* Whether that is one of src/special. */
bool op_is_own(enum op op);
/* Comparisons of real numbers. */
static inline bool op_compares_reals(enum op op) {
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE;
}
/* Functions that take many times as long as arithmetic. */
bool op_is_dear(enum op op);
/* Whether it has no partial by operand k, which then may not depend on unknowns. */
bool op_is_fixed(enum op op, uint32_t k);
/* An operand to try it with, for unit in 0..1 without 1. */
double op_sample(enum op op, uint32_t k, double unit);
/* The function of that name; OP_NONE where there is none. */
enum op op_find(const char *name);

#endif
