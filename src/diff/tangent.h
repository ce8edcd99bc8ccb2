/* Forward differentiation, program to program.
 *
 * Input: a program that passes program_verify, the arrays that change, and the outputs whose change is asked
 * for. Result: a program over the same arrays (same ids) and further ones that computes, per array asked for,
 * an array of role ROLE_DIRECTION with `of` the array, an input, and per output an array of role ROLE_TANGENT
 * with `of` the output: its derivative along the directions, that is the Jacobian times them. The program of
 * a gradient gives the Hessian times a direction so, at a small multiple of the gradient's cost.
 *
 * Each step is followed by its tangent, in the same loops and conditions, so that what is not taken is not
 * evaluated and the size of the result does not depend on trip counts. Linear in steps and nodes. (Griewank
 * and Walther, Evaluating Derivatives, 2nd ed., chapter 3.1.) */
#ifndef GRADC_DIFF_TANGENT_H
#define GRADC_DIFF_TANGENT_H

#include "ir/program.h"
#include "support/diag.h"

struct tangent_request {
    const array_id *outputs;
    size_t output_count;
    const array_id *wrt; /* unknowns, or real params */
    size_t wrt_count;
    bool keep_outputs; /* the result computes the outputs too */
};

/* False after an error ("no-derivative") or where memory is exhausted ("out-of-memory"). */
bool differentiate_along(struct program *tangent, const struct program *function,
                         const struct tangent_request *request, struct diag_list *diags);
/* The same, and the result computes these arrays of the function too. */
bool differentiate_further(struct program *tangent, const struct program *function,
                           const struct tangent_request *request, const array_id *kept, size_t kept_count,
                           struct diag_list *diags);
/* The derivative of an output along the directions; 0: it is 0 everywhere. */
array_id tangent_array(const struct program *tangent, array_id output);
/* How an unknown changes; 0: nothing that was asked for depends on it. */
array_id tangent_direction(const struct program *tangent, array_id unknown);

#endif
