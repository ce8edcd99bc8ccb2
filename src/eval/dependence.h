/* Which unknowns each element of a result depends on: runs a skeleton (see diff/skeleton.h) on sets instead
 * of numbers. The time is that of an interpreted run; the memory, that of the sets which differ. */
#ifndef GRADC_EVAL_DEPENDENCE_H
#define GRADC_EVAL_DEPENDENCE_H

#include "eval/execute.h"
#include "sparse/pattern.h"

/* An array with the place of its first element among all unknowns, or among the rows of the result. */
struct dependence_part {
    array_id array;
    size_t offset;
};

struct dependence_request {
    const struct dependence_part *unknowns, *outputs;
    size_t unknown_count, output_count;
    size_t rows, columns; /* elements of all outputs, of all unknowns */
    size_t most;          /* entries; more are an error */
};

/* The binding has been allocated for the skeleton; real values in it are not read. Rows without dependence
 * are empty. Errors: those of execute, and "too-dense" where there are more entries than `most`. */
enum evaluation dependence_find(struct pattern *pattern, const struct program *skeleton, struct binding *b,
                                const struct dependence_request *request, struct diag_list *diags);

#endif
