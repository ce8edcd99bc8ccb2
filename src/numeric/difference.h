/* Derivatives of a function of one variable of which only values are known.
 *
 * A difference formula gives f'(x) as the sum of weight*f(x + node*h), divided by h. Its error has two parts:
 * the formula's own, truncation*h^order*f^(order + 1)(x), which shrinks with h, and what rounding has left in
 * the values: at most noise*e/h where each of them is off by e.
 *
 * The formulas: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3. The usual steps, powers of
 * the unit of rounding in relation to max(|x|, 1): Dennis and Schnabel, Numerical Methods for Unconstrained
 * Optimization, 5.4; Press et al., Numerical Recipes, 5.7. Those that balance both parts of the error: Gill,
 * Murray, Saunders and Wright, SIAM J. Sci. Stat. Comput. 4 (1983), 310. */
#ifndef GRADC_NUMERIC_DIFFERENCE_H
#define GRADC_NUMERIC_DIFFERENCE_H

#include <stddef.h>

enum { DIFFERENCE_POINTS = 4 };

struct difference {
    const char *name;
    unsigned order;
    size_t count; /* of nodes */
    double nodes[DIFFERENCE_POINTS], weights[DIFFERENCE_POINTS];
    double truncation, noise;
};

enum difference_id { DIFFERENCE_FORWARD, DIFFERENCE_CENTRAL, DIFFERENCE_FIVE_POINT, DIFFERENCES };
const struct difference *difference_at(enum difference_id id);

/* A function of one variable; it gives NaN where it is not defined. */
struct line {
    double (*value)(void *context, double x);
    void *context;
    double at, centre; /* where the derivative is wanted, and the value there */
};

/* The step that is taken where h is meant: one by which x changes exactly, 0 where x does not change. */
double difference_step(double x, double h);
/* The derivative; 0 where the step is too small to change x. */
double difference_derivative(const struct difference *d, const struct line *f, double h);
/* 2^-53 to the power 1/(order + 1), times max(|x|, 1). */
double difference_usual_step(const struct difference *d, double x);
/* The step for which the sum of both parts of the error is least, at most max(|x|, 1)/8, where values are off
 * by `noise` and the derivative of order + 1 is `higher`. */
double difference_best_step(const struct difference *d, double x, double noise, double higher);
/* The two parts of the error. */
double difference_truncation(const struct difference *d, double h, double higher);
double difference_rounding(const struct difference *d, double h, double noise);

#endif
