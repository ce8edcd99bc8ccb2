/* Values under conditions, joined to one expression: `if l == k then a else if l == k + 1 then b else 0`. */
#ifndef GRADC_FORMULA_ALTERNATIVES_H
#define GRADC_FORMULA_ALTERNATIVES_H

#include "formula/condition.h"
#include "ir/node_map.h"

struct alternative {
    node_id condition; /* perhaps with `and` */
    node_id value;     /* 0: it has been joined to another */
};

struct alternatives {
    struct known *known; /* with the ranges of the indices in conditions */
    VEC(struct alternative) all;
    struct node_map place_of; /* by condition: its place, plus 1 */
};

/* Adds a value; those under the same condition are one sum. False where memory is exhausted. */
bool alternatives_add(struct alternatives *a, node_id condition, node_id value);
/* The sum of all. */
node_id alternatives_sum(struct alternatives *a);
void alternatives_release(struct alternatives *a);

#endif
