/* Products and quotients taken apart. */
#ifndef GRADC_FORMULA_PRODUCT_H
#define GRADC_FORMULA_PRODUCT_H

#include "formula/render.h"

struct factor {
    node_id base;
    node_id exponent; /* an integer node; 0: 1 */
};

struct product {
    mpq_t coefficient;
    VEC(struct factor) above, below;
};

void product_init(struct product *p);
void product_release(struct product *p);
/* Takes a node apart; nodes with a name of their own stay whole. */
void product_take(struct renderer *r, struct product *p, node_id n);
/* The parts of a sum that are no sums, in order. */
void sum_take(struct renderer *r, node_id n, node_id **parts, size_t *count);

#endif
