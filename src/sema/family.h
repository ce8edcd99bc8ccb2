/* Families: what a statement with `for` computes, one element for each combination of its indices.
 *
 * Results of a family stand in arrays over its ranges. Where a range has a filter, a step or bounds that
 * move, the array is the smallest that holds all, and elements without a member are 0. */
#ifndef GRADC_SEMA_FAMILY_H
#define GRADC_SEMA_FAMILY_H

#include "sema/checker.h"

struct family {
    struct dimension *dims;
    node_id *subscripts;
    uint32_t rank;
    bool regular;  /* every element has a member */
    uint32_t back; /* the body around its loops */
    size_t locals;
};

/* Opens the loops of a statement's ranges. False, after an error, with all of them closed. */
bool family_open(struct checker *c, struct family *family, const struct ast_statement *s);
/* A result of the family, of role output. */
array_id family_array(struct checker *c, const struct family *family, const char *name, struct span span);
/* Sets the current member's element of such an array. */
void family_set(struct checker *c, const struct family *family, array_id array, node_id value,
                struct span span);
void family_close(struct checker *c, const struct family *family);

#endif
