/* What is checked: the unknowns of a model, its params and data, and a point. */
#ifndef GRADC_CHECK_SUBJECT_H
#define GRADC_CHECK_SUBJECT_H

#include "eval/binding.h"

/* An array with the place of its first element among the unknowns, or among the rows of a matrix. */
struct check_block {
    array_id array;
    /* In a program derived from the function. Of unknowns: the direction, or the derivative by them; of rows:
     * the derivative along the directions. 0: there is none, the derivative is 0. */
    array_id derivative;
    size_t offset, count;
};

struct subject {
    const struct check_block *unknowns;
    size_t unknown_blocks, dimension;
    const struct binding *inputs; /* params and data */
    double *point;                /* of that dimension: where bindings are made for */
    struct diag_list *diags;
};

/* Binds a program to the subject, its unknowns to the point, which may change later. False where memory is
 * exhausted or after an error; release the binding in either case. */
bool subject_bind(const struct subject *s, struct binding *b, const struct program *p);
/* The block that holds an element; NULL: none. */
const struct check_block *block_of(const struct check_block *blocks, size_t count, size_t at);

#endif
