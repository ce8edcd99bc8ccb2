/* How powers are computed in doubles; every reader of a program agrees on it to the last bit. */
#ifndef GRADC_EVAL_POWER_H
#define GRADC_EVAL_POWER_H

#include "ir/graph.h"

/* Constant whole exponents up to this size are multiplied out: p(1) = x, p(2k) = p(k)*p(k),
 * p(2k+1) = p(2k)*x, and 1/p for negative ones. Any other goes to pow of libm. */
enum { POWER_MULTIPLIED = 16 };

/* Whether n is a POWI to be multiplied out; gives the exponent. */
bool power_is_multiplied(const struct graph *g, node_id n, int *exponent);
/* Whether n is a POW by an odd number of halves up to 9/2 in size: sqrt(x) times the multiplied power (in
 * that order: p(k)*sqrt(x)), and 1 over it for negative ones. Gives the halves. */
bool power_is_halves(const struct graph *g, node_id n, int *halves);

double power_multiplied(double x, int exponent);
double power_halves(double x, int halves);

#endif
