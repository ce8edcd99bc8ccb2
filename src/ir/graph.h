/* The expression graph: immutable, hash-consed nodes with 32-bit ids.
 *
 * Equal nodes are one node. Operands are made before the node that uses them, so ids are a topological order:
 * a pass that walks ids upwards sees operands first, downwards users first. Real constants are exact
 * rationals. The graph belongs to one compilation; nodes are made by the builders of ir/build.h. Where memory
 * is exhausted the builders return node 1 (an ordinary constant) and set `failed`, which is checked at the
 * end of a pass. */
#ifndef GRADC_IR_GRAPH_H
#define GRADC_IR_GRAPH_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "ir/ops.h"
#include "support/source.h"
#include "support/large.h"
#include "support/vec.h"

/* An equal node is looked for among the users of its latest operand: those are few, and near in memory. Where
 * they are many, those behind the first GRAPH_MOST_CHAINED are in a table, with nodes that have no operands.
 */
enum { GRAPH_MOST_CHAINED = 7 };

struct node {
    uint8_t op;
    uint8_t type : 2, chained : 3; /* chained: how many users are in the list */
    bool constant_first : 1;       /* the first operand is a CONST */
    bool may_be_stable : 1;        /* ir/stable.h may have a better form of its value */
    uint16_t filter;  /* a bit for the hash of each user in the list: most new nodes are seen to be new */
    uint32_t count;   /* operands */
    uint32_t first;   /* of them in the operand pool */
    uint32_t payload; /* READ: array; INDEX: loop index; CONST, INT: place in its pool; BOOL: 0 or 1 */
    node_id user,
        next; /* the first node in the list of those whose latest operand this is; the next beside it */
};
_Static_assert(OP_COUNT <= UINT8_MAX, "operations have numbers of one byte");

struct graph_slot {
    uint32_t hash;
    node_id node; /* 0: free */
};

/* Whole numbers that derivatives are full of: they are found without looking. */
enum { GRAPH_LEAST_NUMBER = -2, GRAPH_NUMBERS = 8 };

struct graph {
    LARGE(struct node) nodes; /* [0] is unused */
    LARGE(node_id) operands;
    LARGE(struct span) spans; /* where each node was first written; parallel to nodes */
    VEC(int64_t) integers;
    mpq_t *rationals;
    size_t rational_count, rational_capacity;
    node_id numbers[GRAPH_NUMBERS]; /* constants from GRAPH_LEAST_NUMBER on; 0: not made yet */
    node_id truths[2];              /* false and true; 0: not made yet */
    struct graph_slot *slots;       /* hash table of what is in no list, in the order of the hashes */
    size_t slot_count, slots_taken;
    struct span here; /* given to new nodes */
    bool plain;       /* nodes are made as they are asked for: ir/stable.h recognises nothing */
    bool failed;
};

void graph_init(struct graph *g);
void graph_release(struct graph *g);

/* The node with these parts, made where it is new. Operands are copied. Only builders call it. */
node_id graph_intern(struct graph *g, enum op op, enum value_type type, const node_id *operands,
                     uint32_t count, uint32_t payload);
/* Constants; the rational is copied and need not be canonical. */
node_id graph_rational(struct graph *g, const mpq_t value);
node_id graph_integer(struct graph *g, int64_t value);

static inline size_t graph_count(const struct graph *g) {
    return g->nodes.count;
}
static inline enum op node_op(const struct graph *g, node_id n) {
    return (enum op)g->nodes.at[n].op;
}
static inline bool node_compares_reals(const struct graph *g, node_id n) {
    return op_compares_reals(node_op(g, n));
}
static inline enum value_type node_type(const struct graph *g, node_id n) {
    return (enum value_type)g->nodes.at[n].type;
}
static inline uint32_t node_count(const struct graph *g, node_id n) {
    return g->nodes.at[n].count;
}
static inline uint32_t node_payload(const struct graph *g, node_id n) {
    return g->nodes.at[n].payload;
}
/* Whether the first operand is a real constant; it need not be looked at for that. */
static inline bool node_begins_with_constant(const struct graph *g, node_id n) {
    return g->nodes.at[n].constant_first;
}
/* Borrowed until the next node is made. */
static inline const node_id *node_operands(const struct graph *g, node_id n) {
    return g->operands.at + g->nodes.at[n].first;
}
static inline node_id node_operand(const struct graph *g, node_id n, uint32_t k) {
    return g->operands.at[g->nodes.at[n].first + k];
}
static inline struct span node_span(const struct graph *g, node_id n) {
    return g->spans.at[n];
}
/* Whether ir/stable.h may have a better form of its value; operands need not be looked at for that. */
static inline bool node_may_be_stable(const struct graph *g, node_id n) {
    return g->nodes.at[n].may_be_stable;
}
/* Asks for the memory of what an array of elements of that size has for a node's operands, which may be
 * anywhere; nothing where there is no such node. */
static inline void graph_ask_beside(const struct graph *g, size_t n, const void *array, size_t size) {
    for (uint32_t k = 0; n < g->nodes.count && k < node_count(g, (node_id)n); k++)
        __builtin_prefetch((const char *)array + node_operand(g, (node_id)n, k) * size);
}
/* The exact value of a CONST. Borrowed until the next constant is made. */
static inline mpq_srcptr node_rational(const struct graph *g, node_id n) {
    return g->rationals[g->nodes.at[n].payload];
}
static inline int64_t node_integer(const struct graph *g, node_id n) {
    return g->integers.at[g->nodes.at[n].payload];
}
static inline bool node_is_int(const struct graph *g, node_id n, int64_t value) {
    return node_op(g, n) == OP_INT && node_integer(g, n) == value;
}
bool graph_compare_number(const struct graph *g, node_id n, long value);
/* Whether n is the real constant of that whole value. */
static inline bool node_is_number(const struct graph *g, node_id n, long value) {
    if (value < GRAPH_LEAST_NUMBER || value >= GRAPH_LEAST_NUMBER + GRAPH_NUMBERS)
        return graph_compare_number(g, n, value);
    return n && n == g->numbers[value - GRAPH_LEAST_NUMBER];
}

#endif
