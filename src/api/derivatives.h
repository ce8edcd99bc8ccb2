/* Derivatives of any order, as arrays of one program.
 *
 * A derivative by variables a <= b <= c (in the order asked for) is the gradient by c, differentiated along a
 * direction of a, then along one of b: each unordered choice of variables is computed once. A single
 * expression with choices is differentiated along each variable from the start: so its derivatives are
 * choices of the same form. */
#ifndef GRADC_API_DERIVATIVES_H
#define GRADC_API_DERIVATIVES_H

#include "ir/program.h"
#include "support/diag.h"

/* The derivatives whose variables begin alike: all but the last are the same. */
struct derivative_group {
    const uint32_t *variables;  /* numbers of those, one less than the order */
    const array_id *directions; /* theirs */
    const array_id *arrays;     /* by the number of the last variable; 0: zero, or told elsewhere */
    uint32_t first;             /* the least last variable */
};

struct derivatives {
    struct program program;
    array_id seed;        /* that chooses the element of the output; 0: there is but one */
    const array_id *last; /* by variable: its direction as the last one; NULL: gradients need none */
    VEC(struct derivative_group) groups;
    uint32_t order;
};

struct derivative_request {
    array_id output;
    bool seeded; /* the output is an array */
    const array_id *wrt;
    size_t wrt_count;
    uint32_t order; /* at least 1 */
};

/* False after an error. Released by derivatives_release in either case. */
bool derivatives_make(struct derivatives *d, const struct program *function,
                      const struct derivative_request *request, struct diag_list *diags);
void derivatives_release(struct derivatives *d);

#endif
