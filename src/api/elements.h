/* A Hessian or Jacobian from its elements (diff/elements.h): the places of all entries are found once, then a
 * run of the values and an addition for each gives the matrix. */
#ifndef GRADC_API_ELEMENTS_H
#define GRADC_API_ELEMENTS_H

#include "api/products.h"
#include "diff/elements.h"
#include "sparse/pattern.h"
#include "sparse/scatter.h"

struct elements {
    struct element_matrix matrix;
    struct runner runner;
    struct pattern pattern; /* of a Hessian the lower triangle */
    struct scatter scatter; /* where the entries of each kind stand in it */
    struct scatter_cursor *cursors;
    double *values;       /* NULL where the program puts entries where they belong: */
    array_id entries;     /* there; 0: it does not */
    const double *result; /* of the last run */
    /* The program computes so many rows of elements at a time, from its input `begin`; 0: all. */
    array_id begin;
    size_t window, row_count;
    size_t *row_sizes; /* by kind: elements in a row */
    bool tried, tried_inlined, ready;
};

/* Whether the Hessian of the function with that gradient comes from elements is told by `ready`. */
enum gradc_outcome elements_prepare(struct elements *h, struct gradc_evaluator *e,
                                    const struct program *gradient);
/* Where it does not, once more of the model's objective with its let arrays written out. */
enum gradc_outcome elements_prepare_inlined(struct elements *h, struct gradc_evaluator *e);
/* The same of the Jacobian of outputs of the model, which stand one below the other. */
enum gradc_outcome elements_prepare_jacobian(struct elements *h, struct gradc_evaluator *e,
                                             const struct product_rows *rows, size_t row_count, size_t total);
enum gradc_outcome elements_run(struct elements *h, struct gradc_evaluator *e, const double *point);
/* The same code and pattern with values of its own, for another thread. False where memory is exhausted. */
bool elements_share(struct elements *h, const struct elements *from, double *point);
void elements_release_shared(struct elements *h);
void elements_free(struct elements *h);

#endif
