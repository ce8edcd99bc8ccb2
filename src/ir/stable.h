/* Forms that keep digits, for the spellings that lose them.
 *
 * Recognised when nodes are made, so that derivatives take the better form too:
 *     log(1 + exp(z)) is softplus(z); log(1 + w) is log1p(w)
 *     c/(1 + exp(z)) is c*sigmoid(-z), exp(z)/(1 + exp(z)) is sigmoid(z)
 *     exp(z) - 1 is expm1(z)
 * (and log(sum(exp(..))), by sema/lower_call.c). Only in values, once derivatives are made, for their
 * derivatives would lose digits: a^2 - b^2 is (a - b)*(a + b); 1 - cos(x) is 2*sin(x/2)^2 None makes a NaN of
 * a finite value. The error before and after stands in tests/unit/ir_stable_test.c; see also Higham, Accuracy
 * and Stability of Numerical Algorithms, 2nd ed., sections 1.7 and 1.8. Nothing is recognised in a graph that
 * is `plain`. */
#ifndef GRADC_IR_STABLE_H
#define GRADC_IR_STABLE_H

#include "ir/graph.h"

/* Each returns the better form, or 0 where there is none. */
node_id stable_call(struct graph *g, enum op op, node_id a);
node_id stable_quotient(struct graph *g, node_id a, node_id b);
node_id stable_sum(struct graph *g, node_id constant, node_id a);
/* Of an operation on operands that have been expanded. Most have none, which is seen at once. */
bool stable_may_be(const struct graph *g, enum op op, const node_id *operands);
node_id stable_value(struct graph *g, enum op op, const node_id *operands);

#endif
