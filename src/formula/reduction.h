/* Sums, maxima and minima over loops, as expressions.
 *
 * Each is an array of its own among those of the program: reading it, with the indices that it depends on as
 * subscripts, is the reduction. So formulas are expressions throughout, and a reduction takes part in algebra
 * like any other factor. */
#ifndef GRADC_FORMULA_REDUCTION_H
#define GRADC_FORMULA_REDUCTION_H

#include "ir/node_map.h"
#include "ir/program.h"

struct reduction_range {
    index_id index;
    node_id lower, upper, by, filter; /* the filter is a condition, perhaps true */
};

struct reduction {
    enum update_op op; /* ADD, MAX or MIN */
    node_id value;
    struct reduction_range *ranges;
    uint32_t count;
    index_id *indices; /* that it depends on: its subscripts stand for them */
    uint32_t rank;
};

/* All indices, by index_id: those of loops and of elements. */
struct index_table {
    VEC(const char *) names;
    VEC(struct dimension) ranges;
};

struct reductions {
    struct program *program;
    struct index_table *indices;
    array_id first;              /* arrays from here on are reductions, or names of other expressions */
    VEC(struct reduction) all;   /* by array, from the first; count 0: none */
    VEC(struct reduction) moved; /* to the subscripts of a read */
    struct node_map moved_of;    /* by read: its place there, plus 1 */
};

/* Reads a reduction at its own indices. 0 where memory is exhausted. */
node_id reduction_read(struct reductions *r, struct reduction reduction);
/* The reduction behind a read; NULL: it reads something else. */
struct reduction *reduction_of(const struct reductions *r, array_id array);
/* The reduction that a read means, in terms of the subscripts, with indices of its own that do not hide
 * those. It is known until reductions are changed, which reductions_changed tells. False where memory is
 * exhausted. */
bool reduction_move(struct reductions *r, node_id read, struct reduction *moved);
void reductions_changed(struct reductions *r);
/* An array that is no reduction: where other expressions get names. */
array_id reductions_add_array(struct reductions *r, const char *name, uint32_t rank);
void reductions_release(struct reductions *r);
/* Another index of the program. */
index_id index_table_add(struct index_table *table, struct program *p, const char *name,
                         struct dimension range);

#endif
