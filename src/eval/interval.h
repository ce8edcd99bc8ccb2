/* Intervals of integer expressions: which values one may take while loop indices run over intervals of their
 * own. Ends saturate at the ends of 64 bits; an interval whose low end is above its high end is empty. */
#ifndef GRADC_EVAL_INTERVAL_H
#define GRADC_EVAL_INTERVAL_H

#include "eval/binding.h"

struct interval {
    int64_t low, high;
};

/* An operation on integers (the second is ignored by operations of one): an interval that holds all its
 * values. */
struct interval interval_operation(enum op op, struct interval a, struct interval b);

/* The intervals of many nodes, each computed once; start with binding and indices (by index_id) set and all
 * else zero. An index has its interval before a node that uses it is asked for, and keeps it. */
struct intervals {
    const struct binding *binding;
    const struct interval *indices;
    struct interval *values; /* by node */
    bool *known;
    size_t capacity;
    struct interval *elements; /* by array */
    bool *scanned;
    VEC(node_id) stack;
};

/* An interval that holds all values of an integer node. False where memory is exhausted. */
bool intervals_get(struct intervals *v, node_id n, struct interval *result);
void intervals_release(struct intervals *v);

/* An interval that holds all values of an integer node; indices by index_id. A read of an integer array
 * stands for the element, where its subscripts are known, or else for the interval of all bound elements.
 * False where memory is exhausted. */
bool interval_of(const struct binding *b, const struct interval *indices, node_id n, struct interval *result);
/* The values that a loop's index takes. */
bool interval_of_loop(const struct binding *b, const struct interval *indices, const struct step *loop,
                      struct interval *result);
/* Whether bounds of the array depend on loop indices: then its elements are counted from the lower bounds of
 * the current iteration. */
bool array_is_moving(const struct program *p, array_id array);

#endif
