/* Hessians and Jacobians by their elements, without products and colours.
 *
 * Where rows are sums of terms that read unknowns directly, `r[s(i)] += v(x[a(i)], x[b(i)], ..)` over loops,
 * each partial of v is an entry of the matrix: at row s(i), column a(i). The result is a program that
 * computes the entries of each kind into an array of its own, over the loop indices that its place depends
 * on, and another that computes their places. Of a Hessian, whose rows are a gradient, entries above the
 * diagonal are left out where the subscripts tell. Both programs have the loops of the rows: their size does
 * not depend on n. */
#ifndef GRADC_DIFF_ELEMENTS_H
#define GRADC_DIFF_ELEMENTS_H

#include "ir/program.h"
#include "support/diag.h"
#include "support/vec.h"

/* One kind of entries: `value` in the program of values, `row` and `column` in that of places. */
struct element_kind {
    array_id value;
    array_id row, column;       /* integers: places of elements in their arrays, from 0; -1: no entry */
    array_id row_of, column_of; /* of a Hessian both unknowns; of a Jacobian an output and an unknown */
};

struct element_matrix {
    struct program values, places;
    VEC(struct element_kind) kinds;
    bool suits; /* whether the rows have that form; otherwise there are no programs */
};

/* The Hessian of the function with a gradient. `wrt`: the unknowns in the order of the point. False after an
 * error or where memory is exhausted. */
bool elements_of_hessian(struct element_matrix *h, const struct program *gradient, const array_id *wrt,
                         size_t wrt_count, struct diag_list *diags);
/* The Jacobian of outputs of a function, after program_inline (diff/inline.h). */
bool elements_of_jacobian(struct element_matrix *h, const struct program *function, const array_id *outputs,
                          size_t output_count, const array_id *wrt, size_t wrt_count,
                          struct diag_list *diags);
void elements_release(struct element_matrix *h);

#endif
