/* Products and quotients taken apart. */
#ifndef GRADC_FORMULA_PRODUCT_H
#define GRADC_FORMULA_PRODUCT_H

#include <gmp.h>

#include "ir/program.h"

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
/* Multiplies a node's factors in. False where memory is exhausted. */
bool product_take(struct graph *g, struct product *p, node_id n);

#endif
