/* A C file from the programs of a model: kernels, the sizes of what they need, and functions to call them by
 * names.
 *
 * What is generated documents itself: a structure with the params and tables, and functions for the length of
 * the point, the workspace, the value, and the value with the gradient. */
#ifndef GRADC_EMIT_SOURCE_H
#define GRADC_EMIT_SOURCE_H

#include "ir/program.h"
#include "support/diag.h"
#include "support/text.h"

struct source_request {
    const char *prefix;                     /* of all public names: a C identifier */
    const char *origin;                     /* what it was made from, for the head of the file */
    const char *version;                    /* of gradc */
    const struct program *value, *gradient; /* NULL: not wanted */
    array_id objective;
    const array_id *unknowns; /* in the order of the point */
    size_t unknown_count;
    const struct binding *binding; /* values of the inputs, for comments; of a program with the same inputs */
};

/* False, with an error, where memory is exhausted or code cannot be made. */
bool emit_source(const struct source_request *request, struct diag_list *diags, struct text *out);

#endif
