#include "ir/build.h"

/* The formulas of the table of operations that take more than a line there. */

static node_id minus(struct graph *g, node_id a, node_id b) {
    return mk_sub(g, a, b);
}

node_id mk_one_minus_square_product(struct graph *g, node_id a) {
    return mk_mul(g, minus(g, mk_one(g), a), mk_add(g, mk_one(g), a));
}

node_id mk_one_minus_square_root(struct graph *g, node_id a) {
    return mk_call1(g, OP_SQRT, mk_call1(g, OP_ONE_MINUS_SQUARE, a));
}

/* 1/cosh(a)^2: not 1 - tanh(a)^2, which cancels for large a, and without cosh, which overflows there. */
node_id mk_tanh_derivative(struct graph *g, node_id a) {
    node_id twice = mk_mul(g, mk_number(g, 2), a);
    return mk_mul(g, mk_number(g, 4), mk_call1(g, OP_LOGISTIC_PDF, twice));
}

/* factor/sqrt(pi)*exp(-a^2) */
node_id mk_erf_derivative(struct graph *g, node_id a, long factor) {
    node_id scale = mk_div(g, mk_number(g, factor), mk_call1(g, OP_SQRT, mk_pi(g)));
    return mk_mul(g, scale, mk_call1(g, OP_GAUSSIAN, a));
}

/* exp(-h^2)*exp(-(u - h)*(u + h)) with u = |a| and h its sixteenths, whose square is exact; 0 from 32 on. */
node_id mk_gaussian(struct graph *g, node_id a) {
    node_id size = mk_call1(g, OP_ABS, a), most = mk_number(g, 32);
    node_id u = mk_select(g, mk_lt(g, most, size), most, size);
    node_id h = mk_mul(g, mk_ratio(g, 1, 16), mk_call1(g, OP_FLOOR, mk_mul(g, mk_number(g, 16), u)));
    node_id rest = mk_mul(g, minus(g, u, h), mk_add(g, u, h));
    return mk_mul(g, mk_call1(g, OP_EXP, mk_neg(g, mk_square(g, h))), mk_call1(g, OP_EXP, mk_neg(g, rest)));
}

/* 2*erfinv(a)*slope^2 */
node_id mk_erfinv_curvature(struct graph *g, node_id a, node_id slope) {
    return mk_mul(g, mk_mul(g, mk_number(g, 2), mk_call1(g, OP_ERFINV, a)), mk_square(g, slope));
}

/* Reduced exactly to -1/2..1/2 first: r = a - 2*round(a/2), then folded at +-1/2. */
node_id mk_sinpi(struct graph *g, node_id a) {
    node_id half = mk_ratio(g, 1, 2);
    node_id r = minus(g, a, mk_mul(g, mk_number(g, 2), mk_call1(g, OP_ROUND, mk_mul(g, half, a))));
    node_id folded = mk_select(g, mk_lt(g, half, r), minus(g, mk_one(g), r), r);
    folded = mk_select(g, mk_lt(g, r, mk_neg(g, half)), minus(g, mk_number(g, -1), r), folded);
    return mk_call1(g, OP_SIN, mk_mul(g, mk_pi(g), folded));
}

/* sin(pi*(1/2 - |r|)) with r = |a| - 2*round(|a|/2), which is exact however large a is. */
node_id mk_cospi(struct graph *g, node_id a) {
    node_id half = mk_ratio(g, 1, 2), size = mk_call1(g, OP_ABS, a);
    node_id r = minus(g, size, mk_mul(g, mk_number(g, 2), mk_call1(g, OP_ROUND, mk_mul(g, half, size))));
    return mk_call1(g, OP_SIN, mk_mul(g, mk_pi(g), minus(g, half, mk_call1(g, OP_ABS, r))));
}

/* Twice over the distance from 0: its square may be 0 or infinite where it is not. */
node_id mk_over_square_distance(struct graph *g, node_id a, node_id x, node_id y) {
    node_id distance = mk_call2(g, OP_HYPOT, x, y);
    return mk_div(g, mk_div(g, a, distance), distance);
}

/* -floor(a/b), whose quotient may be rounded up to a whole number: as -(a - mod(a, b))/b. */
node_id mk_mod_partial_divisor(struct graph *g, node_id a, node_id b, node_id f) {
    return mk_neg(g, mk_call1(g, OP_ROUND, minus(g, mk_div(g, a, b), mk_div(g, f, b))));
}

/* By a difference of orders, right at 0 too, but where a - 1 is rounded. */
node_id mk_gamma_pdf_partial(struct graph *g, node_id a, node_id b, node_id f) {
    node_id difference = minus(g, mk_call2(g, OP_GAMMA_PDF, mk_order(g, a, -1), b), f);
    node_id quotient = mk_mul(g, f, mk_div(g, minus(g, mk_order(g, a, -1), b), b));
    node_id within = mk_and(g, mk_lt(g, mk_call1(g, OP_ABS, a), mk_one(g)), mk_ne(g, a, mk_zero(g)));
    return mk_select(g, within, quotient, difference);
}

node_id mk_order(struct graph *g, node_id order, long shift) {
    if (node_op(g, order) == OP_TO_REAL)
        return mk_to_real(g, mk_iadd(g, node_operand(g, order, 0), mk_int(g, shift)));
    return mk_add(g, order, mk_number(g, shift));
}

/* Half the value of the order below and half that of the one above, with the signs that the kind has; of
 * order 0 the two are one (DLMF 10.6.1, 10.29.1). */
node_id mk_bessel_partial(struct graph *g, enum op kind, node_id order, node_id a) {
    node_id above = mk_call2(g, kind, mk_order(g, order, 1), a);
    bool oscillates = kind == OP_BESSELJ || kind == OP_BESSELY;
    if (node_is_number(g, order, 0)) return kind == OP_BESSELI ? above : mk_neg(g, above);
    node_id below = mk_call2(g, kind, mk_order(g, order, -1), a);
    node_id sum = oscillates ? minus(g, below, above) : mk_add(g, below, above);
    return mk_mul(g, kind == OP_BESSELK ? mk_ratio(g, -1, 2) : mk_ratio(g, 1, 2), sum);
}

node_id mk_digamma_difference(struct graph *g, node_id a, node_id b) {
    return minus(g, mk_call1(g, OP_DIGAMMA, a), mk_call1(g, OP_DIGAMMA, mk_add(g, a, b)));
}

/* exp(-|a|), shared by sigmoid, its derivative and softplus of one argument. */
static node_id decay(struct graph *g, node_id a) {
    return mk_call1(g, OP_EXP, mk_neg(g, mk_call1(g, OP_ABS, a)));
}

node_id mk_sigmoid(struct graph *g, node_id a) {
    node_id e = decay(g, a);
    node_id numerator = mk_select(g, mk_lt(g, a, mk_zero(g)), e, mk_one(g));
    return mk_div(g, numerator, mk_add(g, mk_one(g), e));
}

/* e/(1 + e)^2, with fewer roundings. */
node_id mk_logistic_pdf(struct graph *g, node_id a) {
    node_id e = decay(g, a), rest = mk_mul(g, e, mk_add(g, mk_number(g, 2), e));
    return mk_div(g, e, mk_add(g, mk_one(g), rest));
}

node_id mk_softplus(struct graph *g, node_id a) {
    node_id positive = mk_select(g, mk_lt(g, a, mk_zero(g)), mk_zero(g), a);
    return mk_add(g, positive, mk_call1(g, OP_LOG1P, decay(g, a)));
}

node_id mk_logit(struct graph *g, node_id a) {
    node_id below = minus(g, mk_one(g), a), quarter = mk_ratio(g, 1, 4);
    node_id distance = mk_call1(g, OP_ABS, minus(g, a, mk_ratio(g, 1, 2)));
    /* Near 1/2, where it is 0, by the exact 2a - 1. */
    node_id near = mk_div(g, minus(g, mk_mul(g, mk_number(g, 2), a), mk_one(g)), below);
    return mk_select(g, mk_lt(g, distance, quarter), mk_call1(g, OP_LOG1P, near),
                     mk_call1(g, OP_LOG, mk_div(g, a, below)));
}

node_id mk_normal_logpdf(struct graph *g, node_id a) {
    node_id shift = mk_call1(g, OP_LOG, mk_mul(g, mk_number(g, 2), mk_pi(g)));
    return mk_mul(g, mk_ratio(g, -1, 2), mk_add(g, mk_square(g, a), shift));
}

/* b*a^(b - 1); exactly 0 where b is 0, also at a = 0. */
node_id mk_pow_partial_base(struct graph *g, node_id a, node_id b) {
    node_id partial = mk_mul(g, b, mk_pow(g, a, mk_add(g, b, mk_number(g, -1))));
    return mk_select(g, mk_eq(g, b, mk_zero(g)), mk_zero(g), partial);
}

/* a^b*log(a); 0 at a = 0, where the power is 0 for every positive exponent. */
node_id mk_pow_partial_exponent(struct graph *g, node_id a, node_id b, node_id f) {
    (void)b;
    return mk_select(g, mk_eq(g, a, mk_zero(g)), mk_zero(g), mk_mul(g, f, mk_call1(g, OP_LOG, a)));
}

node_id mk_sum_of_squares(struct graph *g, node_id a, node_id b) {
    return mk_add(g, mk_square(g, a), mk_square(g, b));
}

node_id mk_over_or_zero(struct graph *g, node_id a, node_id b) {
    return mk_select(g, mk_eq(g, b, mk_zero(g)), mk_zero(g), mk_div(g, a, b));
}

node_id mk_huber(struct graph *g, node_id r, node_id k) {
    node_id size = mk_call1(g, OP_ABS, r), half = mk_ratio(g, 1, 2);
    node_id outside = mk_mul(g, k, minus(g, size, mk_mul(g, half, k)));
    return mk_select(g, mk_le(g, size, k), mk_mul(g, half, mk_square(g, r)), outside);
}

node_id mk_huber_partial_width(struct graph *g, node_id r, node_id k) {
    node_id size = mk_call1(g, OP_ABS, r);
    return mk_select(g, mk_le(g, size, k), mk_zero(g), minus(g, size, k));
}

node_id mk_clamp(struct graph *g, node_id a, node_id low, node_id high) {
    return mk_call2(g, OP_MIN, mk_call2(g, OP_MAX, a, low), high);
}

node_id mk_clamp_partial(struct graph *g, node_id a, node_id low, node_id high, uint32_t which) {
    node_id inner[2] = {a, low}, raised = mk_call(g, OP_MAX, inner, 2);
    node_id outer[2] = {raised, high}, f = mk_call(g, OP_MIN, outer, 2);
    if (which == 2) return mk_extremum_partial(g, outer, 2, f, high);
    node_id through = mk_extremum_partial(g, outer, 2, f, raised);
    return mk_mul(g, through, mk_extremum_partial(g, inner, 2, raised, inner[which]));
}

node_id mk_extremum(struct graph *g, const node_id *operands, uint32_t count, enum op op) {
    node_id m = operands[0];
    for (uint32_t i = 1; i < count; i++) {
        node_id e = operands[i];
        node_id keep = op == OP_MAX ? mk_lt(g, e, m) : mk_lt(g, m, e);
        m = mk_select(g, mk_or(g, keep, mk_ne(g, m, m)), m, e);
    }
    return m;
}

node_id mk_extremum_partial(struct graph *g, const node_id *operands, uint32_t count, node_id f, node_id k) {
    node_id ties = mk_zero(g);
    for (uint32_t i = 0; i < count; i++)
        ties = mk_add(g, ties, mk_select(g, mk_eq(g, operands[i], f), mk_one(g), mk_zero(g)));
    return mk_select(g, mk_eq(g, k, f), mk_div(g, mk_one(g), ties), mk_zero(g));
}
