/* Numbers as unevaluated sums of two doubles, some 106 bits (logarithms: 80), for the few places where the
 * rounding of an exponent or of a distance would show in the result. Operands stay below 2^990.
 *
 * Like all of src/special this is C99 that emitted files take over as text (special/text.h): a definition
 * begins and ends in the first column, names are unique in the folder, and nothing but <math.h> is needed. */
#ifndef GRADC_SPECIAL_PAIR_H
#define GRADC_SPECIAL_PAIR_H

struct gradc_pair {
    double high, low;
};

/* Exact. */
struct gradc_pair gradc_pair_of_sum(double a, double b);
struct gradc_pair gradc_pair_of_product(double a, double b);
struct gradc_pair gradc_pair_add(struct gradc_pair a, struct gradc_pair b);
struct gradc_pair gradc_pair_multiply(struct gradc_pair a, struct gradc_pair b);
struct gradc_pair gradc_pair_scale(struct gradc_pair a, double factor);
struct gradc_pair gradc_pair_divide(struct gradc_pair a, struct gradc_pair b);
/* a > 0 */
struct gradc_pair gradc_pair_log(struct gradc_pair a);
/* a - log(1 + a) for |a| <= 1/4, without cancellation. */
struct gradc_pair gradc_pair_log_excess(struct gradc_pair a);
/* Rounded once; exp(a.high) and a correction. */
double gradc_pair_exp(struct gradc_pair a);

#endif
