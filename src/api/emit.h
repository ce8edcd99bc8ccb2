/* What an emitted file is made of: the programs of a model and their arrays. */
#ifndef GRADC_API_EMIT_H
#define GRADC_API_EMIT_H

#include <gradc/gradc.h>

#include "diff/elements.h"
#include "diff/lagrangian.h"
#include "emit/source.h"
#include "sema/model.h"

struct making_c {
    struct model *model;
    array_id *unknowns;
    struct program value, gradient, product, functions[3], tangents[3];
    struct element_matrix elements, jacobians[3];
    struct program places,
        jacobian_places[3]; /* of elements, counted from the begin of the point and of the rows */
    struct lagrangian lagrangian;
    struct program lagrangian_gradient, lagrangian_product, lagrangian_places;
    struct element_matrix lagrangian_elements;
    struct source_lagrangian of_lagrangian;
    bool needs_product;
    struct source_request request;
    const struct routine_part *curvature; /* of the product, where that has been made */
    struct self_test test;
};

/* Makes the programs that the options ask for, and the request. False after an error; ended in either case.
 */
bool making_c_begin(struct making_c *m, struct gradc_model *owner, const struct gradc_emit_options *options);
void making_c_end(struct making_c *m);
/* A matrix for the emitter from its elements, whose rows are `rows`; none where it has no elements. */
bool making_c_elements(struct making_c *m, const struct element_matrix *e, const array_id *rows,
                       struct program *places, struct source_matrix *matrix);
/* The Lagrangian of the constraints with its Hessian, for the request (api/emit_lagrangian.c); with the
 * product of that with a direction where it is wanted, whatever the Hessian comes from. */
bool making_c_lagrangian(struct making_c *m, bool with_product);
void making_c_lagrangian_release(struct making_c *m);
/* Makes the figures of a self-test of what the request asks for (api/self_test.c). False after an error. */
bool making_c_test(struct making_c *m);

#endif
