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
#define OP_FN3(id, ...) OP_##id,
#define OP_FNV(id, ...) OP_##id,
#include "ir/ops.def"
    OP_COUNT
};

enum { ARITY_VARIADIC = 255 };

struct op_info {
    const char *name;
    enum value_type type;
    bool is_function;   /* may be called by name in the language */
    uint8_t arity;      /* of functions; ARITY_VARIADIC: one or more */
    const char *symbol; /* libm's function, "NULL" where there is none: use op_symbol */
    double (*libm1)(double);
    double (*libm2)(double, double);
    const char *intrinsic; /* LLVM's name; NULL: call the symbol */
    /* The partial by operand k, built in the graph; 0 where it is not known. NULL: no function. */
    node_id (*partial)(struct graph *g, const node_id *operands, uint32_t count, node_id f, uint32_t k);
    /* The operation in terms of others; NULL where it is primitive. */
    node_id (*expand)(struct graph *g, const node_id *operands, uint32_t count);
    const char *domain, *latex, *doc;
    double low, high; /* sample range of the operands */
};

/* The row of an operation; never NULL. */
const struct op_info *op_info(enum op op);
/* The libm symbol that computes it; NULL where it has none. */
const char *op_symbol(enum op op);
/* The function of that name; OP_NONE where there is none. */
enum op op_find(const char *name);

#endif
