/* Reductions: sums, products, extrema, logsumexp and norms over ranges or whole arrays.
 *
 * A reduction makes one or two passes over its range. Each pass opens the loops, takes a value and folds it
 * into an accumulator that stands before the loops. Products keep all prefixes, for their derivative is made
 * of them: without division, exact where factors are zero. */
#ifndef GRADC_SEMA_REDUCTION_H
#define GRADC_SEMA_REDUCTION_H

#include "sema/lower.h"

enum reduction_kind {
    REDUCE_SUM,
    REDUCE_SQUARES,
    REDUCE_PRODUCT,
    REDUCE_MINIMUM,
    REDUCE_MAXIMUM,
    REDUCE_LOGSUMEXP,
    REDUCE_NORM,
    REDUCE_DOT,
    REDUCE_NONE
};

/* One loop of a product: its prefix products. */
struct scan {
    array_id array;
    node_id first, position, last; /* subscripts: of the 1, of the current prefix, of the product */
    node_id filter;                /* 0: none */
};

struct reduction {
    enum reduction_kind kind;
    const struct ast *ast;
    uint32_t range, pass;
    uint32_t home;        /* the body of the accumulators */
    uint32_t locals;      /* to forget when a pass ends */
    array_id accumulator; /* of the current pass */
    node_id shift;        /* of the second pass of logsumexp; the scale of norm */
    node_id from, to, by; /* of the range that is being opened */
    struct scan *scans;   /* per range */
    index_id outermost;
};

enum reduction_kind reduction_named(const char *name);
/* A reduction, in the outermost body where it can be computed, which becomes the current one. NULL where
 * memory is exhausted. */
struct reduction *new_reduction(struct checker *c, const struct frame *f, enum reduction_kind kind,
                                uint32_t ranges);
/* The accumulator of a pass, cleared; it stands in the current body. */
void reduction_begin_pass(struct checker *c, struct reduction *r);
/* Opens the loop of range number r->range over from..to by; returns the index as an integer node. */
node_id reduction_open(struct checker *c, struct reduction *r, const char *name, struct span span);
/* Folds a value into the accumulators, in the innermost loop. */
void reduction_fold(struct checker *c, struct reduction *r, node_id value);
/* Closes the loops of a pass. True where there is another one; else *result is the value. */
bool reduction_end_pass(struct checker *c, struct reduction *r, node_id *result);

#endif
