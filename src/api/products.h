/* Sparse derivative matrices from products with vectors: the pattern is found once, its columns are coloured,
 * and each colour costs one run of a program that differentiates along a direction. */
#ifndef GRADC_API_PRODUCTS_H
#define GRADC_API_PRODUCTS_H

#include "api/runner.h"
#include "sparse/pattern.h"

/* An array of the differentiated program with the place of its first element among the rows. */
struct product_rows {
    array_id array, tangent;
    size_t offset, count;
};

struct products {
    struct runner runner;
    struct product_rows *parts;
    size_t part_count;
    array_id *directions;   /* by unknown of the model; 0: none */
    struct pattern pattern; /* of a symmetric matrix the lower triangle */
    double *values;         /* by entry */
    uint32_t *colour;       /* by column */
    uint32_t colour_count;
    size_t *first_of; /* by colour, and one more: where its entries begin in `order` */
    size_t *order;    /* entries by colour */
    size_t *row_of;   /* by entry: which row of the product it is */
    double *product;  /* by row */
    size_t rows;
    bool has_pattern, has_program;
};

struct products_request {
    const struct program *function;
    const struct product_rows *parts; /* arrays and offsets */
    size_t part_count, rows;
    bool symmetric;
};

/* Finds the pattern and its colours; costs about an interpreted run. */
enum gradc_outcome products_find_pattern(struct products *p, struct gradc_evaluator *e,
                                         const struct products_request *request);
/* Makes the program that multiplies with a direction. */
enum gradc_outcome products_make_program(struct products *p, struct gradc_evaluator *e,
                                         const struct products_request *request);
/* Computes all values at the evaluator's point; needs both. */
enum gradc_outcome products_run(struct products *p, const struct gradc_evaluator *e);
/* The same code and pattern with values of its own, for another thread. False where memory is exhausted. */
bool products_share(struct products *p, const struct products *from, double *point);
void products_release_shared(struct products *p);
/* One product with a direction; needs the program only. */
enum gradc_outcome products_along(struct products *p, const struct gradc_evaluator *e,
                                  const double *direction, double *result);
void products_release(struct products *p);

#endif
