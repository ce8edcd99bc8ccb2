#include "eval/constant.h"

#include <math.h>

#include "eval/precise.h"

enum { FIRST_BITS = 128, MOST_BITS = 1024, SPARE_BITS = 16, ODD_BITS = 64 };

bool *constant_nodes(const struct graph *g) {
    bool *constant = calloc(graph_count(g) + 1, sizeof *constant);
    for (node_id n = 1; constant && n < graph_count(g); n++) {
        enum op op = node_op(g, n);
        constant[n] = op != OP_READ && op != OP_INDEX;
        for (uint32_t k = 0; constant[n] && k < node_count(g, n); k++)
            constant[n] = constant[node_operand(g, n, k)];
    }
    return constant;
}

/* Rounding to odd first makes the second rounding, also to a subnormal, right. */
double constant_rational(mpq_srcptr value) {
    mpfr_t x, shorter;
    mpfr_init2(x, ODD_BITS);
    mpfr_init2(shorter, ODD_BITS - 1);
    bool inexact = mpfr_set_q(x, value, MPFR_RNDZ) != 0;
    bool even = mpfr_set(shorter, x, MPFR_RNDZ) == 0;
    if (inexact && even && mpfr_sgn(x) > 0) mpfr_nextabove(x);
    if (inexact && even && mpfr_sgn(x) < 0) mpfr_nextbelow(x);
    double result = mpfr_get_d(x, MPFR_RNDN);
    mpfr_clear(x);
    mpfr_clear(shorter);
    return result;
}

/* Gives an estimate of the absolute error too, as a number of roundings to this precision. */
static bool evaluate(const struct graph *g, node_id n, mpfr_prec_t precision, mpfr_ptr result,
                     double *error) {
    struct precise pr;
    struct precise_formula formula;
    precise_init(&pr, precision);
    pr.errors = true;
    const struct precise_value *value = NULL;
    if (precise_formula_init(&pr, g, n, &formula)) value = precise_formula_evaluate(&pr, g, &formula, NULL);
    if (value) mpfr_set(result, value->value, MPFR_RNDN);
    *error = value ? value->error : 0;
    precise_formula_release(&formula);
    precise_release(&pr);
    return value != NULL;
}

/* How far `better` may be from the truth: the estimate, and what the last two approximations differ by. */
static void bound_error(mpfr_srcptr worse, mpfr_srcptr better, double estimate, mpfr_ptr error) {
    mpfr_t part;
    mpfr_init2(part, mpfr_get_prec(error));
    mpfr_sub(error, worse, better, MPFR_RNDN);
    mpfr_abs(error, error, MPFR_RNDN);
    mpfr_abs(part, better, MPFR_RNDN);
    if (estimate > 0) {
        mpfr_div_2ui(part, part, (unsigned long)mpfr_get_prec(worse) - SPARE_BITS, MPFR_RNDN);
        mpfr_add(error, error, part, MPFR_RNDN);
    }
    if (isfinite(estimate)) {
        mpfr_set_d(part, estimate, MPFR_RNDN);
        mpfr_div_2ui(part, part, (unsigned long)mpfr_get_prec(better) - 2, MPFR_RNDN);
        mpfr_add(error, error, part, MPFR_RNDN);
    }
    mpfr_clear(part);
}

/* Whether all values within the error round alike. */
static bool decided(mpfr_srcptr worse, mpfr_srcptr better, double estimate, double *value) {
    *value = mpfr_get_d(better, MPFR_RNDN);
    if (!mpfr_number_p(better)) return true;
    if (!mpfr_number_p(worse)) return false;
    mpfr_t error, low, high;
    mpfr_inits2(mpfr_get_prec(better) + SPARE_BITS, error, low, high, (mpfr_ptr)0);
    bound_error(worse, better, estimate, error);
    mpfr_sub(low, better, error, MPFR_RNDN);
    mpfr_add(high, better, error, MPFR_RNDN);
    bool alike = mpfr_get_d(low, MPFR_RNDN) == mpfr_get_d(high, MPFR_RNDN) && mpfr_sgn(low) == mpfr_sgn(high);
    mpfr_clears(error, low, high, (mpfr_ptr)0);
    return alike;
}

/* A value that is zero in exact arithmetic: what is left is as small as the precision allows. */
static bool vanishes(mpfr_srcptr worse, mpfr_srcptr better) {
    if (!mpfr_regular_p(worse) || !mpfr_regular_p(better)) return mpfr_zero_p(better) != 0;
    return mpfr_get_exp(better) < mpfr_get_exp(worse) - (mpfr_exp_t)mpfr_get_prec(worse) / 2;
}

static bool real_constant(const struct graph *g, node_id n, double *value) {
    mpfr_t worse, better;
    mpfr_init2(worse, FIRST_BITS);
    mpfr_init2(better, FIRST_BITS);
    double error;
    bool done = evaluate(g, n, FIRST_BITS, better, &error), enough = false;
    for (mpfr_prec_t precision = 2 * FIRST_BITS; done && !enough && precision <= MOST_BITS; precision *= 2) {
        mpfr_swap(worse, better);
        mpfr_set_prec(better, precision);
        done = evaluate(g, n, precision, better, &error);
        enough = done && decided(worse, better, error, value);
    }
    if (done && !enough && vanishes(worse, better)) *value = 0;
    mpfr_clear(worse);
    mpfr_clear(better);
    return done;
}

static bool is_constant(const struct graph *g, node_id root) {
    bool *seen = calloc((size_t)root + 1, sizeof *seen), constant = seen != NULL;
    VEC(node_id) stack = {0};
    constant = constant && VEC_PUSH(&stack, root);
    while (constant && stack.count) {
        node_id n = VEC_POP(&stack);
        constant = node_op(g, n) != OP_READ && node_op(g, n) != OP_INDEX;
        for (uint32_t k = 0; constant && k < node_count(g, n); k++) {
            node_id operand = node_operand(g, n, k);
            if (!seen[operand]) constant = VEC_PUSH(&stack, operand);
            seen[operand] = true;
        }
    }
    VEC_FREE(&stack);
    free(seen);
    return constant;
}

bool constant_value(const struct graph *g, node_id n, double *value) {
    if (node_op(g, n) == OP_CONST) {
        *value = constant_rational(node_rational(g, n));
        return true;
    }
    if (node_op(g, n) == OP_INT) {
        *value = (double)node_integer(g, n);
        return true;
    }
    return node_type(g, n) == TYPE_REAL && is_constant(g, n) && real_constant(g, n, value);
}
