#include "eval/precise_error.h"

#include <float.h>
#include <math.h>

enum { DIFFERENCE_BITS = 40, MOST_SCALED = 2 };

static double magnitude(mpfr_srcptr v) {
    return fabs(mpfr_get_d(v, MPFR_RNDN));
}

double error_of_rounding(mpfr_srcptr value, double operand_error) {
    if (!mpfr_number_p(value)) return 0;
    if (mpfr_zero_p(value)) return 0;
    if (mpfr_get_exp(value) < DBL_MIN_EXP) return DBL_MIN;
    return operand_error <= 0 && mpfr_min_prec(value) <= 53 ? 0 : magnitude(value);
}

double error_of_sum(const struct precise *pr, mpfr_srcptr value, double operand_error) {
    return error_of_rounding(value, pr->any_order ? INFINITY : operand_error);
}

/* An error times a factor, where no error stays none whatever the factor, and one that is not known (infinity
 * times 0) is infinite. */
static double scaled(double error, double factor) {
    double product = error > 0 ? error * factor : 0;
    return isnan(product) ? INFINITY : product;
}

static double error_of_product(const struct precise_value *const *operands, uint32_t count,
                               const struct precise_value *result) {
    double error = 0;
    bool exact = false;
    for (uint32_t k = 0; k < count; k++) {
        double others = 1;
        for (uint32_t j = 0; j < count; j++) others *= j == k ? 1 : magnitude(operands[j]->value);
        error += scaled(operands[k]->error, others);
        /* Scaling by a power of two rounds nothing. */
        exact |= mpfr_regular_p(operands[k]->value) && mpfr_min_prec(operands[k]->value) == 1 &&
                 operands[k]->error <= 0;
    }
    return exact && count == 2 ? error : error + error_of_rounding(result->value, error);
}

static double error_of_quotient(const struct precise_value *const *operands,
                                const struct precise_value *result) {
    double divisor = magnitude(operands[1]->value), quotient = magnitude(result->value);
    double error = scaled(operands[0]->error, 1 / divisor) + scaled(operands[1]->error, quotient / divisor);
    return error + error_of_rounding(result->value, error);
}

static double error_of_power(const struct precise_value *x, int64_t exponent,
                             const struct precise_value *result) {
    double base = magnitude(x->value), size = fabs((double)exponent);
    double slope = base > 0 || exponent < 1 ? magnitude(result->value) / base : exponent == 1;
    double error = scaled(x->error, size * slope);
    double roundings = size < 17 ? size : 2;
    return error +
           (roundings > 1 || exponent < 0 ? fmax(roundings, 1) * error_of_rounding(result->value, error) : 0);
}

void error_of_arithmetic(const struct precise *pr, enum op op, const struct precise_value *const *operands,
                         uint32_t count, int64_t exponent, struct precise_value *result) {
    double error = 0;
    switch ((int)op) {
    case OP_ADD:
        for (uint32_t k = 0; k < count; k++) error += operands[k]->error;
        error += error_of_sum(pr, result->value, error);
        break;
    case OP_MUL: error = error_of_product(operands, count, result); break;
    case OP_DIV: error = error_of_quotient(operands, result); break;
    default: error = error_of_power(operands[0], exponent, result); break;
    }
    result->error = error;
}

/* |f(x + h) - f(x)|/h for operand k, with h = 2^-40*size; away from the edge of the domain. */
static double slope_by(struct precise *pr, enum op op,
                       bool (*apply)(enum op, const mpfr_srcptr *, uint32_t, mpfr_ptr), mpfr_srcptr *values,
                       uint32_t count, uint32_t k, mpfr_srcptr at, mpfr_srcptr size) {
    mpfr_srcptr x = values[k];
    mpfr_t step, moved, other;
    mpfr_inits2(pr->precision, step, moved, other, (mpfr_ptr)0);
    mpfr_div_2ui(step, size, DIFFERENCE_BITS, MPFR_RNDN);
    values[k] = moved;
    for (int side = 0; side < 2; side++) {
        mpfr_add(moved, x, step, MPFR_RNDN);
        apply(op, values, count, other);
        if (!mpfr_nan_p(other)) break;
        mpfr_neg(step, step, MPFR_RNDN);
    }
    values[k] = x;
    mpfr_sub(other, other, at, MPFR_RNDN);
    mpfr_div(other, other, step, MPFR_RNDN);
    double result = magnitude(other);
    mpfr_clears(step, moved, other, (mpfr_ptr)0);
    return result;
}

/* Steps are as large as the operand; where that is large, short ones too: a sine turns on its way. */
static double slope(struct precise *pr, enum op op,
                    bool (*apply)(enum op, const mpfr_srcptr *, uint32_t, mpfr_ptr), mpfr_srcptr *values,
                    uint32_t count, uint32_t k, mpfr_srcptr at) {
    mpfr_srcptr x = values[k];
    mpfr_t one;
    mpfr_init_set_ui(one, 1, MPFR_RNDN);
    double result = slope_by(pr, op, apply, values, count, k, at, mpfr_zero_p(x) ? one : x);
    if (mpfr_number_p(x) && mpfr_get_exp(x) > DIFFERENCE_BITS / 2)
        result = fmax(result, slope_by(pr, op, apply, values, count, k, at, one));
    mpfr_clear(one);
    return result;
}

static double largest_error(const struct precise_value *const *operands, uint32_t count) {
    double error = 0;
    for (uint32_t k = 0; k < count; k++) error = fmax(error, operands[k]->error);
    return error;
}

/* What the function's own calculation adds, by the table; a unit in the last place is two roundings. */
static double error_of_calculation(enum op op, const mpfr_srcptr *values, uint32_t count, mpfr_srcptr result,
                                   double operand_error) {
    const struct op_accuracy *accuracy = &op_info(op)->accuracy;
    double size = error_of_rounding(result, operand_error), operands[MOST_SCALED] = {0};
    if (accuracy->value_scale && mpfr_number_p(result)) {
        for (uint32_t k = 0; k < count && k < MOST_SCALED; k++)
            operands[k] = mpfr_get_d(values[k], MPFR_RNDN);
        size = fmax(size, accuracy->value_scale(operands, 0));
    }
    return 2 * accuracy->value * size;
}

void error_of_function(struct precise *pr, enum op op,
                       bool (*apply)(enum op, const mpfr_srcptr *, uint32_t, mpfr_ptr),
                       const struct precise_value *const *operands, mpfr_srcptr *values, uint32_t count,
                       struct precise_value *result) {
    if (op == OP_MIN || op == OP_MAX || op == OP_ABS) {
        result->error = largest_error(operands, count);
        return;
    }
    double error = 0;
    for (uint32_t k = 0; k < count; k++) {
        if (operands[k]->error > 0)
            error += scaled(operands[k]->error, slope(pr, op, apply, values, count, k, result->value));
    }
    result->error = error + error_of_calculation(op, values, count, result->value, error);
}

void decide(struct precise *pr, int64_t decision) {
    uint64_t mixed = (pr->decisions ^ (uint64_t)decision) * 0x9E3779B97F4A7C15u;
    pr->decisions = mixed ^ (mixed >> 29);
}

static void note(struct precise *pr, double distance) {
    if (distance < pr->kink) pr->kink = distance;
}

static int sign(int compared) {
    return (compared > 0) - (compared < 0);
}

static void note_between(struct precise *pr, mpfr_srcptr a, mpfr_srcptr b) {
    mpfr_t difference;
    mpfr_init2(difference, 64);
    mpfr_sub(difference, a, b, MPFR_RNDN);
    double distance = magnitude(difference), scale = fmax(magnitude(a), magnitude(b));
    note(pr, scale > 1 ? distance / scale : distance);
    mpfr_clear(difference);
}

void kink_between(struct precise *pr, mpfr_srcptr a, mpfr_srcptr b) {
    if (!mpfr_number_p(a) || !mpfr_number_p(b)) return;
    decide(pr, sign(mpfr_cmp(a, b)));
    note_between(pr, a, b);
}

/* Jumps of floor, ceil, trunc lie at whole numbers, those of round halfway between. */
static void kink_of_rounding(struct precise *pr, enum op op, mpfr_srcptr x) {
    mpfr_t x_from_jump, jump, half;
    if (!mpfr_number_p(x)) return;
    mpfr_inits2(pr->precision, x_from_jump, jump, half, (mpfr_ptr)0);
    mpfr_set_d(half, op == OP_ROUND ? 0.5 : 0, MPFR_RNDN);
    mpfr_sub(x_from_jump, x, half, MPFR_RNDN);
    mpfr_floor(jump, x_from_jump);
    decide(pr, mpfr_get_si(jump, MPFR_RNDN));
    mpfr_round(jump, x_from_jump);
    mpfr_add(jump, jump, half, MPFR_RNDN);
    note_between(pr, x, jump);
    mpfr_clears(x_from_jump, jump, half, (mpfr_ptr)0);
}

/* The remainder jumps where it is 0 or the divisor. */
static void kink_of_mod(struct precise *pr, mpfr_srcptr x, mpfr_srcptr y) {
    mpfr_t rest;
    if (!mpfr_number_p(x) || !mpfr_regular_p(y)) return;
    mpfr_init2(rest, pr->precision);
    mpfr_remainder(rest, x, y, MPFR_RNDN);
    double distance = magnitude(rest), scale = fmax(magnitude(x), magnitude(y));
    note(pr, scale > 1 ? distance / scale : distance);
    mpfr_div(rest, x, y, MPFR_RNDN);
    mpfr_floor(rest, rest);
    decide(pr, mpfr_get_si(rest, MPFR_RNDN));
    mpfr_clear(rest);
}

void kink_of_function(struct precise *pr, enum op op, const mpfr_srcptr *operands, uint32_t count) {
    switch ((int)op) {
    case OP_ABS:
        if (!mpfr_number_p(operands[0])) break;
        decide(pr, sign(mpfr_sgn(operands[0])));
        note(pr, magnitude(operands[0]));
        break;
    case OP_FLOOR:
    case OP_CEIL:
    case OP_TRUNC:
    case OP_ROUND: kink_of_rounding(pr, op, operands[0]); break;
    case OP_MOD: kink_of_mod(pr, operands[0], operands[1]); break;
    case OP_MIN:
    case OP_MAX:
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < i; j++) kink_between(pr, operands[i], operands[j]);
        }
        break;
    default: break;
    }
}
