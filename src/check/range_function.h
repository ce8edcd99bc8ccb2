/* Intervals of the functions of the table of operations, and what they require of their operands. */
#ifndef GRADC_CHECK_RANGE_FUNCTION_H
#define GRADC_CHECK_RANGE_FUNCTION_H

#include "check/range.h"
#include "eval/precise.h"

/* Where values at the ends of intervals are computed. */
struct ranger {
    struct precise precise;
    struct precise_value operands[3], result;
};

void ranger_init(struct ranger *r);
void ranger_release(struct ranger *r);

/* The function of operands within these ranges, as far as they lie in its domain; without a rule: everything.
 */
struct range range_function(struct ranger *r, enum op op, const struct range *operands, uint32_t count);
/* A whole power, 0^0 = 1. */
struct range range_power(struct ranger *r, struct range base, int64_t exponent);
/* A CONST, PI or INFINITY. */
struct range range_constant(const struct graph *g, node_id n);

#endif
