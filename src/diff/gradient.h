/* Reverse differentiation, program to program.
 *
 * Input: a program that passes program_verify, and the output to differentiate: a scalar, or an array
 * together with a seed. Result: a program over the same arrays (same ids) and further ones that computes the
 * output and, per unknown asked for, an array of role ROLE_GRADIENT with `of` the unknown: the gradient, or
 * for a seeded output the sum over its elements of seed times derivative (ROLE_SEED, `of` the output, is then
 * an input).
 *
 * The reverse of a list of steps is the reverses of its steps in opposite order; sequential loops turn round,
 * free ones stay. Nothing is taped: arrays of the file are stored anyway, local ones are formed again at the
 * head of the reversed body. A loop that only adds to the output is differentiated where it stands, in one
 * pass over the data. The size of the result does not depend on trip counts. */
#ifndef GRADC_DIFF_GRADIENT_H
#define GRADC_DIFF_GRADIENT_H

#include "ir/program.h"
#include "support/diag.h"

struct gradient_request {
    array_id output;
    const array_id *wrt; /* unknowns, or real params */
    size_t wrt_count;
    bool seeded;
};

/* False after an error ("no-derivative") or where memory is exhausted ("out-of-memory"). */
bool differentiate(struct program *gradient, const struct program *function,
                   const struct gradient_request *request, struct diag_list *diags);
/* The derivative array of an unknown in a gradient program; 0: none. */
array_id gradient_array(const struct program *gradient, array_id unknown);
/* The seed of an output in a gradient program; 0: none. */
array_id gradient_seed(const struct program *gradient, array_id output);

#endif
