/* The Lagrangian of a program with constraints, program to program.
 *
 * Result: a program over the same arrays (same ids) and further ones that computes one number,
 * factor*objective + the sum over all constrained expressions of weight times expression. Factor and weights
 * are inputs of role ROLE_SEED, so that one program, and one program of its derivatives, serves all of them.
 * Each term is added where the expression is set, or something is added to it, in the loops of the
 * constraint: sums stay sums of terms, and what stood only for the constraints' values falls away. */
#ifndef GRADC_DIFF_LAGRANGIAN_H
#define GRADC_DIFF_LAGRANGIAN_H

#include "ir/program.h"

struct lagrangian_request {
    array_id objective;          /* 0: none */
    const array_id *constraints; /* arrays of the constrained expressions */
    size_t constraint_count;
};

struct lagrangian {
    struct program program;
    array_id value, factor;
    array_id *weights; /* by constraint */
};

/* False where memory is exhausted; release it all the same. */
bool lagrangian_make(struct lagrangian *l, const struct program *function,
                     const struct lagrangian_request *request);
void lagrangian_release(struct lagrangian *l);

#endif
