/* Numbers as they are written: exact values. */
#ifndef GRADC_SEMA_LITERAL_H
#define GRADC_SEMA_LITERAL_H

#include "ir/graph.h"

/* The exact value of a literal as a constant node: 0.1 is 1/10. 0 where the exponent is beyond 9999 or memory
 * is exhausted. */
node_id literal_real(struct graph *g, const char *text);
/* Its value where that is whole and fits 64 bits: 1e6 is. */
bool literal_integer(const char *text, int64_t *value);
/* Whether a double is a whole number that no other number has been rounded to: below 2^53. */
bool number_is_whole(double value);

#endif
