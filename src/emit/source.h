/* A C file and its header from the programs of a model.
 *
 * What is generated documents itself: a structure with the params and tables, and functions for the length of
 * the point, the workspace, and what was asked for. docs/emit.md describes all of it. */
#ifndef GRADC_EMIT_SOURCE_H
#define GRADC_EMIT_SOURCE_H

#include "emit/routine.h"
#include "emit/self_test.h"

/* A matrix from its elements: kinds of entries are arrays of two programs. Places are counted from the begin
 * of the point, and of the rows; -1: none. */
struct source_element {
    array_id value, row, column;
};
struct source_matrix {
    const struct program *values, *places; /* NULL: the matrix comes from products, dense */
    const struct source_element *elements;
    size_t count;
};

/* Outputs, residuals or constraints with their derivatives along a direction. */
struct source_rows {
    const char *name, *title; /* "residuals", "the residuals, times the roots of their weights" */
    const struct program *function, *tangent;
    const struct routine_part *values, *product; /* product: of the program `tangent` */
    const struct routine_part *direction;
    size_t count;
    struct source_matrix jacobian;
};

/* The Hessian of factor*objective + the sum of multipliers times constrained expressions. */
struct source_lagrangian {
    struct source_matrix matrix;
    const struct program *product; /* it times a direction: needed where it is dense, and for a self-test */
    struct routine_part factor;    /* array 0: there is no objective */
    const struct routine_part *multipliers; /* by constraint */
    size_t multiplier_count;
    const struct routine_part *direction, *curvature; /* of the product */
};

struct source_request {
    const char *prefix;      /* of all public names: a C identifier */
    const char *origin;      /* what it was made from, for the head of the file */
    const char *version;     /* of gradc */
    const char *header_name; /* NULL: the header is part of the source */
    bool single, frozen;
    bool always_workspace; /* it is an argument whether it is needed or not */
    const struct program *model;
    const struct binding *binding; /* values of the inputs of that program */
    const struct source_set *sources;
    array_id objective;
    struct span objective_span;
    bool maximize;
    size_t unknown_count;
    const struct routine_part *point;
    /* NULL: not wanted */
    const struct program *value, *gradient, *product; /* product: the Hessian times a direction */
    const struct routine_part *derivatives, *direction, *curvature; /* of the gradient and the product */
    bool wants_product, wants_hessian;
    struct source_matrix hessian;
    const struct source_lagrangian *lagrangian; /* NULL: not wanted */
    struct source_rows rows[3];
    size_t rows_count;
    const struct self_test *test; /* NULL: none */
    /* NULL, or how much workspace the functions take that the header is for, in the place of those of the
     * source; all have that argument then. */
    const size_t *workspace;
};

/* False, with an error, where memory is exhausted or code cannot be made. `data`, which may be NULL, becomes
 * the definition of PREFIX_here, the inputs as they are bound; nothing where there are none. */
bool emit_source(const struct source_request *request, struct diag_list *diags, struct text *source,
                 struct text *header, struct text *data);

#endif
