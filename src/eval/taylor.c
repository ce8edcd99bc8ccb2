#include "eval/taylor.h"

#include <math.h>

/* Nodes are 2^-STEP_BITS of the unknown apart (of 1, where it is 0): small beside what the function changes
 * over, and yet so large that they are doubles. */
enum { STEP_BITS = 20, CENTRE = TAYLOR_NODES / 2 };

static const struct {
    unsigned order;
    int weights[TAYLOR_NODES], divisor;
} formulas[] = {
    {2, {2, -27, 270, -490, 270, -27, 2}, 180},
    {3, {1, -8, 13, 0, -13, 8, -1}, 8},
    {5, {-1, 4, -5, 0, 5, -4, 1}, 2},
};

static double step_for(double x) {
    int exponent = 1;
    if (x != 0 && isfinite(x)) frexp(x, &exponent);
    return ldexp(1, exponent - 1 - STEP_BITS);
}

static void split(mpfr_srcptr value, double *high, double *rest) {
    mpfr_t difference;
    mpfr_init2(difference, mpfr_get_prec(value));
    *high = mpfr_get_d(value, MPFR_RNDN);
    mpfr_sub_d(difference, value, *high, MPFR_RNDN);
    *rest = mpfr_get_d(difference, MPFR_RNDN);
    mpfr_clear(difference);
}

static double derivative(mpfr_t *values, const int *weights, int divisor, unsigned order, double step) {
    mpfr_t sum, part;
    mpfr_inits2(mpfr_get_prec(values[0]), sum, part, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (int k = 0; k < TAYLOR_NODES; k++) {
        mpfr_mul_si(part, values[k], weights[k], MPFR_RNDN);
        mpfr_add(sum, sum, part, MPFR_RNDN);
    }
    mpfr_div_si(sum, sum, divisor, MPFR_RNDN);
    for (unsigned k = 0; k < order; k++) mpfr_div_d(sum, sum, step, MPFR_RNDN);
    double result = mpfr_get_d(sum, MPFR_RNDN);
    mpfr_clears(sum, part, (mpfr_ptr)0);
    return result;
}

static enum evaluation run_at(struct reference *r, array_id unknown, size_t element, mpfr_srcptr x) {
    if (!reference_set(r, unknown, element, x)) return EVALUATION_MEMORY;
    return reference_run(r);
}

enum evaluation taylor_measure(struct reference *r, array_id unknown, size_t element, array_id result,
                               struct taylor *taylor) {
    double at = r->walk.binding->arrays[unknown].at.real[element], step = step_for(at);
    enum evaluation done = EVALUATED;
    mpfr_t x, values[TAYLOR_NODES];
    mpfr_init2(x, r->precise.precision);
    *taylor = (struct taylor){.nodes = {0}};
    for (int k = 0; k < TAYLOR_NODES; k++) {
        mpfr_init2(values[k], r->precise.precision);
        mpfr_set_zero(values[k], 1);
        if (done != EVALUATED) continue;
        mpfr_set_d(x, (k - CENTRE) * step, MPFR_RNDN);
        mpfr_add_d(x, x, at, MPFR_RNDN);
        taylor->nodes[k] = mpfr_get_d(x, MPFR_RNDN);
        taylor->exact[k] = mpfr_cmp_d(x, taylor->nodes[k]) == 0;
        done = run_at(r, unknown, element, x);
        if (done == EVALUATED) reference_get(r, result, 0, values[k]);
        split(values[k], &taylor->values[k], &taylor->rests[k]);
    }
    for (size_t k = 0; k < sizeof formulas / sizeof *formulas; k++)
        taylor->derivatives[formulas[k].order] =
            derivative(values, formulas[k].weights, formulas[k].divisor, formulas[k].order, step);
    mpfr_set_d(x, at, MPFR_RNDN);
    if (!reference_set(r, unknown, element, x)) done = EVALUATION_MEMORY;
    for (int k = 0; k < TAYLOR_NODES; k++) mpfr_clear(values[k]);
    mpfr_clear(x);
    return done;
}
