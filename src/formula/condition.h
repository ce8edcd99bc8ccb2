/* Conditions on whole numbers, made simpler by what is known of the numbers in them.
 *
 * Known are the ranges of indices, and that no array of the file has a negative size. Comparisons become
 * `0 <= d`, `d == 0` or `d != 0` with a linear d, so that equal ones are one node. */
#ifndef GRADC_FORMULA_CONDITION_H
#define GRADC_FORMULA_CONDITION_H

#include "ir/program.h"

struct known_range {
    index_id index;
    node_id lower, upper; /* may use the indices before it */
};

struct known {
    struct program *p;
    VEC(node_id) facts; /* numbers that are not negative */
    VEC(struct known_range) ranges;
};

/* Takes the sizes of the program's arrays. */
void known_init(struct known *known, struct program *p);
void known_release(struct known *known);
bool known_add(struct known *known, index_id index, node_id lower, node_id upper);
/* Whether a whole number is certainly not negative. */
bool known_not_negative(struct known *known, node_id number);
/* One condition without `and`: simpler, perhaps true or false. */
node_id known_simplify(struct known *known, node_id condition);
/* The coefficient of an index in a sum of whole numbers; 0 where it does not stand alone. */
int64_t coefficient_of(const struct graph *g, node_id sum, index_id index);
/* sum - coefficient*index */
node_id without_index(struct graph *g, node_id sum, index_id index, int64_t coefficient);
/* Whether a comparison of whole numbers, perhaps under `not`: then its operation (OP_ILE, OP_IEQ, OP_INE) and
 * the d that is compared with 0. */
bool is_whole_comparison(struct graph *g, node_id condition, enum op *op, node_id *d);

#endif
