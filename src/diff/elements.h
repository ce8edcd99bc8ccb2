/* The Hessian by its elements, without products and colours.
 *
 * Where a gradient is a sum of terms that read unknowns directly, `g[s(i)] += v(x[a(i)], x[b(i)], ..)` over
 * loops, each partial of v is an entry of the Hessian: at row s(i), column a(i). The result is a program that
 * computes the entries of each kind into an array of its own, over the loop indices that its place depends
 * on, and another that computes their places. Entries above the diagonal are left out where the subscripts
 * tell. Both programs have the gradient's loops: their size does not depend on n. */
#ifndef GRADC_DIFF_ELEMENTS_H
#define GRADC_DIFF_ELEMENTS_H

#include "ir/program.h"
#include "support/diag.h"
#include "support/vec.h"

/* One kind of entries: `value` in the program of values, `row` and `column` in that of places. */
struct element_kind {
    array_id value;
    array_id row, column; /* integers: places of elements in their arrays, from 0; -1: no entry */
    array_id row_unknown, column_unknown;
};

struct element_hessian {
    struct program values, places;
    VEC(struct element_kind) kinds;
    bool suits; /* whether the gradient has that form; otherwise there are no programs */
};

/* `wrt`: the unknowns in the order of the point. False after an error or where memory is exhausted. */
bool elements_make(struct element_hessian *h, const struct program *gradient, const array_id *wrt,
                   size_t wrt_count, struct diag_list *diags);
void elements_release(struct element_hessian *h);

#endif
