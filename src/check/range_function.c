#include "check/range_function.h"

#include <float.h>
#include <math.h>

enum { RANGER_BITS = 128, MARGIN_BITS = 100 };

/* Functions of our own are not asked for beyond. */
static const double far_out = 1e6;

void ranger_init(struct ranger *r) {
    precise_init(&r->precise, RANGER_BITS);
    for (size_t k = 0; k < 3; k++) precise_value_init(&r->operands[k], RANGER_BITS);
    precise_value_init(&r->result, RANGER_BITS);
}

void ranger_release(struct ranger *r) {
    for (size_t k = 0; k < 3; k++) precise_value_clear(&r->operands[k]);
    precise_value_clear(&r->result);
    precise_release(&r->precise);
}

/* ---- Values at ends ---- */

/* A double below a value (above it, for RNDU) that is known to about MARGIN_BITS; *open: it is not the value.
 */
static double outward(mpfr_ptr value, mpfr_rnd_t direction, bool *open) {
    if (mpfr_nan_p(value)) {
        *open = true;
        return direction == MPFR_RNDD ? -HUGE_VAL : HUGE_VAL;
    }
    if (mpfr_number_p(value) && mpfr_min_prec(value) > 53) {
        mpfr_t margin;
        mpfr_init2(margin, 64);
        mpfr_div_2ui(margin, value, MARGIN_BITS, MPFR_RNDA);
        mpfr_abs(margin, margin, MPFR_RNDA);
        (direction == MPFR_RNDD ? mpfr_sub : mpfr_add)(value, value, margin, direction);
        mpfr_clear(margin);
    }
    double result = mpfr_get_d(value, direction);
    *open |= mpfr_cmp_d(value, result) != 0;
    return result;
}

static double value_at(struct ranger *r, enum op op, const double *at, uint32_t count, mpfr_rnd_t direction,
                       bool *open) {
    const struct precise_value *const operands[3] = {&r->operands[0], &r->operands[1], &r->operands[2]};
    bool finite = true;
    for (uint32_t k = 0; k < count; k++) {
        mpfr_set_d(r->operands[k].value, at[k], MPFR_RNDN);
        finite &= isfinite(at[k]) != 0;
    }
    if (!precise_operation(&r->precise, op, operands, count, 0, &r->result)) mpfr_set_nan(r->result.value);
    /* What is finite but too large for the arithmetic. */
    bool overflow = finite && mpfr_inf_p(r->result.value);
    *open |= overflow;
    if (overflow && direction == MPFR_RNDD && mpfr_sgn(r->result.value) > 0) return DBL_MAX;
    if (overflow && direction == MPFR_RNDU && mpfr_sgn(r->result.value) < 0) return -DBL_MAX;
    return outward(r->result.value, direction, open);
}

static struct range ascending(struct ranger *r, enum op op, struct range a) {
    struct range result = {.low_open = a.low_open, .high_open = a.high_open};
    result.low = value_at(r, op, &a.low, 1, MPFR_RNDD, &result.low_open);
    result.high = value_at(r, op, &a.high, 1, MPFR_RNDU, &result.high_open);
    return result;
}

static struct range descending(struct ranger *r, enum op op, struct range a) {
    struct range result = {.low_open = a.high_open, .high_open = a.low_open};
    result.low = value_at(r, op, &a.high, 1, MPFR_RNDD, &result.low_open);
    result.high = value_at(r, op, &a.low, 1, MPFR_RNDU, &result.high_open);
    return result;
}

static const struct range positive = {0, HUGE_VAL, true, true, false};
static const struct range not_negative = {0, HUGE_VAL, false, true, false};

/* An ascending or descending function within a domain, with the values that it has at all. */
static struct range on(struct range domain, struct range values, struct ranger *r, enum op op, struct range a,
                       struct range (*direction)(struct ranger *, enum op, struct range)) {
    a = range_meet(a, domain);
    return range_is_empty(a) ? a : range_meet(direction(r, op, a), values);
}

/* The same of a function of our own, which is not asked for far out. */
static struct range own(struct range domain, struct range values, struct ranger *r, enum op op,
                        struct range a, struct range (*direction)(struct ranger *, enum op, struct range)) {
    a = range_meet(a, domain);
    if (range_is_empty(a)) return a;
    struct range near = range_meet(a, (struct range){-far_out, far_out, false, false, false}),
                 result = values;
    if (range_is_empty(near)) return result;
    struct range known = direction(r, op, near);
    bool low_known = direction == ascending ? a.low >= near.low : a.high <= near.high;
    bool high_known = direction == ascending ? a.high <= near.high : a.low >= near.low;
    if (low_known)
        result = range_meet(result, (struct range){known.low, HUGE_VAL, known.low_open, true, false});
    if (high_known)
        result = range_meet(result, (struct range){-HUGE_VAL, known.high, true, known.high_open, false});
    return result;
}

/* ---- Waves ---- */

/* The number of whole quarter periods below x; quarter: pi/2, or 1/2. */
static void quarters(double x, bool of_pi, mpfr_ptr count) {
    mpfr_t quarter;
    mpfr_init2(quarter, 1300);
    if (of_pi)
        mpfr_const_pi(quarter, MPFR_RNDN);
    else
        mpfr_set_ui(quarter, 1, MPFR_RNDN);
    mpfr_div_2ui(quarter, quarter, 1, MPFR_RNDN);
    mpfr_set_d(count, x, MPFR_RNDN);
    mpfr_div(count, count, quarter, MPFR_RNDN);
    mpfr_floor(count, count);
    mpfr_clear(quarter);
}

/* Whether k = remainder (mod 4) lies behind `low` quarters and no farther than `high`. */
static bool passes(mpfr_srcptr low, mpfr_srcptr high, unsigned remainder) {
    mpfr_t next;
    mpfr_init2(next, 1300);
    mpfr_add_ui(next, low, 1, MPFR_RNDN);
    bool found = false;
    for (int k = 0; k < 4 && !found && mpfr_lessequal_p(next, high); k++) {
        mpfr_t rest;
        mpfr_init2(rest, 1300);
        mpfr_fmod_ui(rest, next, 4, MPFR_RNDN);
        if (mpfr_sgn(rest) < 0) mpfr_add_ui(rest, rest, 4, MPFR_RNDN);
        found = mpfr_cmp_ui(rest, remainder) == 0;
        mpfr_add_ui(next, next, 1, MPFR_RNDN);
        mpfr_clear(rest);
    }
    mpfr_clear(next);
    return found;
}

/* sin, cos, sinpi, cospi: extremes within, else at the ends. */
static struct range wave(struct ranger *r, enum op op, struct range a) {
    bool of_pi = op == OP_SIN || op == OP_COS, cosine = op == OP_COS || op == OP_COSPI;
    struct range all = {-1, 1, false, false, false};
    if (!isfinite(a.low) || !isfinite(a.high)) return all;
    mpfr_t low, high;
    mpfr_inits2(1300, low, high, (mpfr_ptr)0);
    quarters(a.low, of_pi, low);
    quarters(a.high, of_pi, high);
    struct range ends =
        range_hull(ascending(r, op, range_point(a.low)), ascending(r, op, range_point(a.high)));
    if (passes(low, high, cosine ? 0 : 1)) ends = range_hull(ends, range_point(1));
    if (passes(low, high, cosine ? 2 : 3)) ends = range_hull(ends, range_point(-1));
    mpfr_clears(low, high, (mpfr_ptr)0);
    return range_meet(ends, all);
}

static struct range tangent(struct ranger *r, struct range a) {
    if (!isfinite(a.low) || !isfinite(a.high)) return range_everything();
    mpfr_t low, high;
    mpfr_inits2(1300, low, high, (mpfr_ptr)0);
    quarters(a.low, true, low);
    quarters(a.high, true, high);
    bool pole = passes(low, high, 1) || passes(low, high, 3);
    mpfr_clears(low, high, (mpfr_ptr)0);
    return pole ? range_everything() : ascending(r, OP_TAN, a);
}

/* ---- Gamma and its kin ---- */

/* Falls to its least value near 1.4616, then rises. */
static struct range valley(struct ranger *r, enum op op, struct range a) {
    static const double bottom_below = 1.4616321449683622, bottom_above = 1.4616321449683624;
    if (a.low <= 0) return range_everything();
    struct range values = op == OP_GAMMA ? (struct range){0.8856, HUGE_VAL, true, true, false}
                                         : (struct range){-0.1215, HUGE_VAL, true, true, false};
    if (a.low >= bottom_above) return own(positive, values, r, op, a, ascending);
    if (a.high <= bottom_below) return own(positive, values, r, op, a, descending);
    struct range down = {a.low, bottom_below, a.low_open, false, false},
                 up = {bottom_above, a.high, false, a.high_open, false};
    struct range ends = range_hull(own(positive, values, r, op, down, descending),
                                   own(positive, values, r, op, up, ascending));
    ends.low = values.low;
    ends.low_open = true;
    return ends;
}

/* Above 0 the sign of polygamma(n, x) is that of (-1)^(n + 1), and it rises or falls towards 0. */
static struct range polygamma(struct ranger *r, struct range order, struct range a) {
    if (a.low < 0 || !range_is_point(order)) return range_everything();
    if (order.low <= 0) return own(positive, range_everything(), r, OP_DIGAMMA, a, ascending);
    struct range ends = {.low_open = true, .high_open = true}, sign = positive;
    bool even = fmod(order.low, 2) == 0;
    double at[2] = {order.low, even ? a.low : a.high};
    ends.low = isfinite(at[1]) && at[1] > 0 && at[1] < far_out
                   ? value_at(r, OP_POLYGAMMA, at, 2, MPFR_RNDD, &ends.low_open)
                   : -HUGE_VAL;
    at[1] = even ? a.high : a.low;
    ends.high = isfinite(at[1]) && at[1] > 0 && at[1] < far_out
                    ? value_at(r, OP_POLYGAMMA, at, 2, MPFR_RNDU, &ends.high_open)
                    : HUGE_VAL;
    ends.low_open = ends.high_open = false;
    if (even) sign = range_neg(sign);
    return range_meet(ends, sign);
}

/* ---- Powers ---- */

static struct range square_like(struct ranger *r, struct range size, int64_t exponent) {
    struct range result = {.low_open = size.low_open, .high_open = size.high_open};
    mpfr_ptr value = r->result.value;
    mpfr_set_d(value, size.low, MPFR_RNDN);
    int inexact = mpfr_pow_si(value, value, (long)exponent, MPFR_RNDD);
    result.low_open |= inexact != 0;
    result.low = outward(value, MPFR_RNDD, &result.low_open);
    mpfr_set_d(value, size.high, MPFR_RNDN);
    inexact = mpfr_pow_si(value, value, (long)exponent, MPFR_RNDU);
    result.high_open |= inexact != 0;
    result.high = outward(value, MPFR_RNDU, &result.high_open);
    return result;
}

struct range range_power(struct ranger *r, struct range base, int64_t exponent) {
    if (range_is_empty(base)) return base;
    if (exponent == 0) return range_point(1);
    if (exponent < 0) {
        if (exponent == INT64_MIN) return range_everything();
        return range_div(range_point(1), range_power(r, base, -exponent));
    }
    if (exponent % 2 == 0) return square_like(r, range_abs(base), exponent);
    struct range up = range_empty(), down = range_empty();
    if (base.high > 0 || base.low >= 0) up = square_like(r, range_meet(base, not_negative), exponent);
    struct range below = range_meet(base, (struct range){-HUGE_VAL, 0, true, false, false});
    if (!range_is_empty(below)) down = range_neg(square_like(r, range_neg(below), exponent));
    return range_hull(up, down);
}

/* For bases of at least 0: the extremes lie at corners, for y*log(x) is straight in both. */
static struct range power_of_positive(struct ranger *r, struct range a, struct range b) {
    struct range result = range_empty();
    a = range_meet(a, not_negative);
    if (range_is_empty(a)) return a;
    for (int k = 0; k < 4; k++) {
        double at[2] = {k & 1 ? a.high : a.low, k & 2 ? b.high : b.low};
        bool open = (k & 1 ? a.high_open : a.low_open) || (k & 2 ? b.high_open : b.low_open);
        bool low_open = open, high_open = open;
        double low = value_at(r, OP_POW, at, 2, MPFR_RNDD, &low_open);
        double high = value_at(r, OP_POW, at, 2, MPFR_RNDU, &high_open);
        if (low < result.low || (low <= result.low && !low_open))
            result.low = low, result.low_open = low_open;
        if (high > result.high || (high >= result.high && !high_open))
            result.high = high, result.high_open = high_open;
    }
    return range_meet(result, not_negative);
}

/* Bases below 0 have powers with whole exponents. */
static struct range power(struct ranger *r, struct range a, struct range b) {
    if (a.low >= 0) return power_of_positive(r, a, b);
    bool whole = floor(b.high) >= b.low;
    if (whole && range_is_point(b) && fabs(b.low) < 1e9) return range_power(r, a, (int64_t)b.low);
    struct range positive_base = power_of_positive(r, whole ? range_abs(a) : a, b);
    return whole ? range_hull(positive_base, range_neg(positive_base)) : positive_base;
}

/* ---- All of them ---- */

static struct range huber(struct ranger *r, struct range a, struct range k) {
    struct range size = range_abs(a), result = {.low_open = false, .high_open = false};
    k = range_meet(k, positive);
    if (range_is_empty(k) || !isfinite(size.high) || !isfinite(k.high)) return not_negative;
    double least[2] = {size.low, k.low}, most[2] = {size.high, k.high};
    result.low = k.low > 0 ? value_at(r, OP_HUBER, least, 2, MPFR_RNDD, &result.low_open) : 0;
    result.high = value_at(r, OP_HUBER, most, 2, MPFR_RNDU, &result.high_open);
    result.low_open = result.high_open = false;
    return result;
}

static struct range remainder_of(struct range a, struct range b) {
    struct range result = range_empty();
    if (a.low >= 0 && a.high < b.low) return a;
    if (b.high > 0) result = (struct range){0, b.high, false, true, false};
    if (b.low < 0) result = range_hull(result, (struct range){b.low, 0, true, false, false});
    return result;
}

static struct range hypotenuse(struct ranger *r, struct range a, struct range b) {
    a = range_abs(a);
    b = range_abs(b);
    struct range result = {.low_open = a.low_open && b.low_open, .high_open = a.high_open || b.high_open};
    double least[2] = {a.low, b.low}, most[2] = {a.high, b.high};
    result.low_open = (a.low_open || b.low_open);
    result.low = value_at(r, OP_HYPOT, least, 2, MPFR_RNDD, &result.low_open);
    result.high = value_at(r, OP_HYPOT, most, 2, MPFR_RNDU, &result.high_open);
    return result;
}

static struct range sign_of(struct range a) {
    struct range result = range_empty();
    if (a.low < 0) result = range_point(-1);
    if (range_contains(a, 0)) result = range_hull(result, range_point(0));
    if (a.high > 0) result = range_hull(result, range_point(1));
    return result;
}

/* The step of an open end is that of what lies beside it, or one more. */
static struct range steps(struct ranger *r, enum op op, struct range a) {
    a.low_open &= isinf(a.low) != 0;
    a.high_open &= isinf(a.high) != 0;
    return ascending(r, op, a);
}

static struct range one_operand(struct ranger *r, enum op op, struct range a) {
    static const struct range all = {-HUGE_VAL, HUGE_VAL, true, true, false},
                              unit = {-1, 1, false, false, false}, open_unit = {-1, 1, true, true, false},
                              share = {0, 1, true, true, false};
    switch ((int)op) {
    case OP_ABS: return range_abs(a);
    case OP_SIGN: return sign_of(a);
    case OP_SQRT: return on(not_negative, not_negative, r, op, a, ascending);
    case OP_CBRT:
    case OP_SINH:
    case OP_ASINH: return on(all, all, r, op, a, ascending);
    case OP_EXP:
    case OP_EXP2:
    case OP_EXP10:
    case OP_SOFTPLUS: return on(all, positive, r, op, a, ascending);
    case OP_EXPM1: return on(all, (struct range){-1, HUGE_VAL, true, true, false}, r, op, a, ascending);
    case OP_LOG:
    case OP_LOG2:
    case OP_LOG10: return on(positive, all, r, op, a, ascending);
    case OP_LOG1P: return on((struct range){-1, HUGE_VAL, true, true, false}, all, r, op, a, ascending);
    case OP_SIN:
    case OP_COS:
    case OP_SINPI:
    case OP_COSPI: return wave(r, op, a);
    case OP_TAN: return tangent(r, a);
    case OP_ONE_MINUS_SQUARE:
        return on(not_negative, (struct range){-HUGE_VAL, 1, true, false, false}, r, op, range_abs(a),
                  descending);
    case OP_ASIN: return on(unit, all, r, op, a, ascending);
    case OP_ACOS: return on(unit, not_negative, r, op, a, descending);
    case OP_ATAN: return on(all, all, r, op, a, ascending);
    case OP_COSH:
        return on(not_negative, (struct range){1, HUGE_VAL, false, true, false}, r, op, range_abs(a),
                  ascending);
    case OP_TANH:
    case OP_ERF: return on(all, open_unit, r, op, a, ascending);
    case OP_ERFC: return on(all, (struct range){0, 2, true, true, false}, r, op, a, descending);
    case OP_ACOSH:
        return on((struct range){1, HUGE_VAL, false, true, false}, not_negative, r, op, a, ascending);
    case OP_ATANH: return on(open_unit, all, r, op, a, ascending);
    case OP_ERFINV: return own(open_unit, all, r, op, a, ascending);
    case OP_ERFINV_SLOPE: return own(open_unit, positive, r, op, range_abs(a), ascending);
    case OP_GAMMA:
    case OP_LGAMMA: return valley(r, op, a);
    case OP_DIGAMMA: return a.low < 0 ? all : own(positive, all, r, op, a, ascending);
    case OP_TRIGAMMA: return a.low < 0 ? all : own(positive, positive, r, op, a, descending);
    case OP_EXPINT1: return own(positive, positive, r, op, a, descending);
    case OP_LAMBERTW:
        return own((struct range){-0.36787944117144233, HUGE_VAL, false, true, false},
                   (struct range){-1, HUGE_VAL, false, true, false}, r, op, a, ascending);
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_TRUNC: return steps(r, op, a);
    case OP_SIGMOID:
    case OP_NORMAL_CDF: return on(all, share, r, op, a, ascending);
    case OP_LOGIT: return on(share, all, r, op, a, ascending);
    case OP_GAUSSIAN:
    case OP_LOGISTIC_PDF:
    case OP_NORMAL_PDF: return on(not_negative, positive, r, op, range_abs(a), descending);
    case OP_NORMAL_LOGPDF: return on(not_negative, all, r, op, range_abs(a), descending);
    default: return all;
    }
}

static struct range two_operands(struct ranger *r, enum op op, struct range a, struct range b) {
    switch ((int)op) {
    case OP_POW: return power(r, a, b);
    case OP_ATAN2: return (struct range){-3.141592653589794, 3.141592653589794, false, false, false};
    case OP_HYPOT: return hypotenuse(r, a, b);
    case OP_MOD: return remainder_of(a, b);
    case OP_HUBER: return huber(r, a, b);
    case OP_BETA: return positive;
    case OP_GAMMAINC_P: return (struct range){0, 1, false, false, false};
    case OP_GAMMA_PDF: return not_negative;
    case OP_POLYGAMMA: return polygamma(r, a, b);
    case OP_BESSELJ: return (struct range){-1, 1, false, false, false};
    case OP_BESSELK: return positive;
    default: return range_everything();
    }
}

struct range range_function(struct ranger *r, enum op op, const struct range *operands, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        if (range_is_empty(operands[k])) return range_empty();
    if (op == OP_MIN || op == OP_MAX) {
        struct range result = operands[0];
        for (uint32_t k = 1; k < count; k++)
            result = (op == OP_MIN ? range_min : range_max)(result, operands[k]);
        return result;
    }
    if (op == OP_CLAMP) return range_min(range_max(operands[0], operands[1]), operands[2]);
    if (count == 1) return one_operand(r, op, operands[0]);
    return count == 2 ? two_operands(r, op, operands[0], operands[1]) : range_everything();
}

struct range range_constant(const struct graph *g, node_id n) {
    struct range result = {.low_open = false, .high_open = false};
    mpfr_t value;
    if (node_op(g, n) == OP_INFINITY) return range_point(HUGE_VAL);
    mpfr_init2(value, 53);
    bool pi = node_op(g, n) == OP_PI;
    result.low_open =
        (pi ? mpfr_const_pi(value, MPFR_RNDD) : mpfr_set_q(value, node_rational(g, n), MPFR_RNDD)) != 0;
    result.low = mpfr_get_d(value, MPFR_RNDD);
    result.high_open =
        (pi ? mpfr_const_pi(value, MPFR_RNDU) : mpfr_set_q(value, node_rational(g, n), MPFR_RNDU)) != 0;
    result.high = mpfr_get_d(value, MPFR_RNDU);
    mpfr_clear(value);
    return result;
}
