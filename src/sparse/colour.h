/* Colourings: which columns of a sparse matrix can be computed together, as its product with one vector.
 *
 * Greedy colourings of Gebremedhin, Manne and Pothen, What color is your Jacobian?, SIAM Review 47 (2005). */
#ifndef GRADC_SPARSE_COLOUR_H
#define GRADC_SPARSE_COLOUR_H

#include "sparse/pattern.h"

struct colouring {
    uint32_t *colour; /* by column */
    uint32_t count;
};

void colouring_release(struct colouring *c);
/* Columns of one colour share no row (distance 2 in the bipartite graph; algorithm 3.2). False where memory
 * is exhausted. */
bool colour_columns(struct colouring *c, const struct pattern *p);
/* Of a symmetric pattern: neighbours differ, and every path of four has three colours at least (a star
 * colouring, algorithm 4.1), so that each entry or its mirror image stands alone in some product. Dense
 * columns have colours of their own. */
bool colour_symmetric(struct colouring *c, const struct pattern *p);
/* From which product each entry of a coloured symmetric matrix is read: by entry, true: the row of the
 * product with its column's colour; false: the column's place in the product with its row's colour. The
 * caller frees it; NULL where memory is exhausted. */
bool *colour_readings(const struct colouring *c, const struct pattern *p);

#endif
