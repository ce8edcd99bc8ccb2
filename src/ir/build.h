/* Builders of nodes. Each simplifies what is safe to simplify: it folds exact constants (up to 4096 bits),
 * gathers numeric factors and equal terms, drops neutral elements, orders the operands of sums and products
 * by id. A rewriting that could lose digits or turn a finite value into NaN is not done. All take and return
 * nodes of the graph; memory trouble shows in graph.failed. */
#ifndef GRADC_IR_BUILD_H
#define GRADC_IR_BUILD_H

#include "ir/graph.h"

/* Real constants. */
node_id mk_zero(struct graph *g);
node_id mk_one(struct graph *g);
node_id mk_number(struct graph *g, long value);
node_id mk_ratio(struct graph *g, long numerator, unsigned long denominator);
node_id mk_pi(struct graph *g);
node_id mk_infinity(struct graph *g);

/* Real arithmetic. */
node_id mk_add(struct graph *g, node_id a, node_id b);
node_id mk_sub(struct graph *g, node_id a, node_id b);
node_id mk_neg(struct graph *g, node_id a);
node_id mk_mul(struct graph *g, node_id a, node_id b);
node_id mk_div(struct graph *g, node_id a, node_id b);
/* a to an integer power, also where a is 0 or negative; 1 where the exponent is 0. */
node_id mk_powi(struct graph *g, node_id a, node_id exponent);
/* Its derivative by a: n*a^(n - 1), exactly 0 where n is 0. */
node_id mk_powi_partial(struct graph *g, node_id a, node_id n);
/* a to a real power: POWI where the exponent is a whole constant or an integer as a real. */
node_id mk_pow(struct graph *g, node_id a, node_id b);
node_id mk_square(struct graph *g, node_id a);
/* Any function of the table. */
node_id mk_call(struct graph *g, enum op op, const node_id *operands, uint32_t count);
node_id mk_call1(struct graph *g, enum op op, node_id a);
node_id mk_call2(struct graph *g, enum op op, node_id a, node_id b);
node_id mk_call3(struct graph *g, enum op op, node_id a, node_id b, node_id c);
/* `if condition then a else b`; real or integer by its operands. */
node_id mk_select(struct graph *g, node_id condition, node_id a, node_id b);
/* An element of an array of the given element type. */
node_id mk_read(struct graph *g, uint32_t array, enum value_type type, const node_id *subscripts,
                uint32_t rank);
node_id mk_to_real(struct graph *g, node_id integer);
/* The same operation on other operands, simplified again: how passes copy expressions. */
node_id mk_again(struct graph *g, node_id like, const node_id *operands);

/* Integers. Sums are kept as sorted linear combinations, so that i + 1 - 1 is i. */
node_id mk_int(struct graph *g, int64_t value);
node_id mk_index(struct graph *g, uint32_t index);
node_id mk_iadd(struct graph *g, node_id a, node_id b);
node_id mk_isub(struct graph *g, node_id a, node_id b);
node_id mk_imul(struct graph *g, node_id a, node_id b);
node_id mk_idiv(struct graph *g, node_id a, node_id b);   /* must come out even */
node_id mk_ifloor(struct graph *g, node_id a, node_id b); /* rounds down */
node_id mk_imod(struct graph *g, node_id a, node_id b);
node_id mk_imin(struct graph *g, node_id a, node_id b);
node_id mk_imax(struct graph *g, node_id a, node_id b);
node_id mk_iabs(struct graph *g, node_id a);

/* Conditions. */
node_id mk_bool(struct graph *g, bool value);
node_id mk_lt(struct graph *g, node_id a, node_id b);
node_id mk_le(struct graph *g, node_id a, node_id b);
node_id mk_eq(struct graph *g, node_id a, node_id b);
node_id mk_ne(struct graph *g, node_id a, node_id b);
node_id mk_ilt(struct graph *g, node_id a, node_id b);
node_id mk_ile(struct graph *g, node_id a, node_id b);
node_id mk_ieq(struct graph *g, node_id a, node_id b);
node_id mk_ine(struct graph *g, node_id a, node_id b);
node_id mk_and(struct graph *g, node_id a, node_id b);
node_id mk_or(struct graph *g, node_id a, node_id b);
node_id mk_not(struct graph *g, node_id a);

/* Formulas of the table of operations (ir/formulas.c). */
node_id mk_one_minus_square_product(struct graph *g, node_id a); /* (1 - a)*(1 + a) */
node_id mk_one_minus_square_root(struct graph *g, node_id a);    /* sqrt(1 - a^2) */
node_id mk_tanh_derivative(struct graph *g, node_id a);          /* 1/cosh(a)^2 */
node_id mk_erf_derivative(struct graph *g, node_id a, long factor);
node_id mk_sinpi(struct graph *g, node_id a);
node_id mk_cospi(struct graph *g, node_id a);
node_id mk_over_square_distance(struct graph *g, node_id a, node_id x, node_id y);
node_id mk_mod_partial_divisor(struct graph *g, node_id a, node_id b, node_id f);
node_id mk_gamma_pdf_partial(struct graph *g, node_id a, node_id b, node_id f);
node_id mk_order(struct graph *g, node_id order, long shift); /* order + shift */
node_id mk_bessel_partial(struct graph *g, enum op kind, node_id order, node_id a);
node_id mk_digamma_difference(struct graph *g, node_id a, node_id b); /* digamma(a) - digamma(a + b) */
node_id mk_sigmoid(struct graph *g, node_id a);
node_id mk_gaussian(struct graph *g, node_id a);
node_id mk_erfinv_curvature(struct graph *g, node_id a, node_id slope);
node_id mk_logistic_pdf(struct graph *g, node_id a);
node_id mk_softplus(struct graph *g, node_id a);
node_id mk_logit(struct graph *g, node_id a);
node_id mk_normal_logpdf(struct graph *g, node_id a);
node_id mk_pow_partial_base(struct graph *g, node_id a, node_id b);
node_id mk_pow_partial_exponent(struct graph *g, node_id a, node_id b, node_id f);
node_id mk_sum_of_squares(struct graph *g, node_id a, node_id b);
node_id mk_over_or_zero(struct graph *g, node_id a, node_id b); /* a/b, 0 where b is 0 */
node_id mk_huber(struct graph *g, node_id r, node_id k);
node_id mk_huber_partial_width(struct graph *g, node_id r, node_id k);
node_id mk_clamp(struct graph *g, node_id a, node_id low, node_id high);
node_id mk_clamp_partial(struct graph *g, node_id a, node_id low, node_id high, uint32_t which);
/* min or max as comparisons; NaN in any operand gives NaN. */
node_id mk_extremum(struct graph *g, const node_id *operands, uint32_t count, enum op op);
/* 1/count where operand k equals the extremum f, else 0; count is the number of operands that do. */
node_id mk_extremum_partial(struct graph *g, const node_id *operands, uint32_t count, node_id f, node_id k);

#endif
