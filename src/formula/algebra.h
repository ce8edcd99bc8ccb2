/* Between the files of the simplifier: sums and products in parts. */
#ifndef GRADC_FORMULA_ALGEBRA_H
#define GRADC_FORMULA_ALGEBRA_H

#include <gmp.h>

#include "formula/simplify.h"

/* ---- Products ---- */

/* A base with what it stands in: base^up/base^down, base^symbol. */
struct power {
    node_id base;
    node_id symbol; /* a whole number that is not known; 0: none */
    int64_t up, down;
};

struct monomial {
    mpq_t coefficient;
    VEC(struct power) powers;
    struct node_map place_of; /* by base, where there are many */
};

void monomial_init(struct monomial *m);
void monomial_release(struct monomial *m);
void monomial_copy(struct simplifier *s, struct monomial *copy, const struct monomial *m);
/* Multiplies with node^exponent; products in it are taken apart. */
void monomial_multiply(struct simplifier *s, struct monomial *m, node_id n, int64_t exponent);
/* The product without its coefficient. */
node_id monomial_rest(struct simplifier *s, struct monomial *m);
/* The product. */
node_id monomial_node(struct simplifier *s, struct monomial *m);
/* The power of a base; NULL: it is no factor. */
struct power *monomial_find(struct monomial *m, node_id base);

/* The base that is not 0 where a factor is defined: x of log(x) and of 1/sqrt(x). 0: there is none. */
node_id monomial_guarded_by(struct simplifier *s, const struct power *p);
/* z of 1 + exp(z); 0: it is none. */
node_id monomial_logistic_argument(const struct graph *g, node_id n);
/* A product where that simplifies its sums: sqrt(x)^2 is x beside 1/sqrt(x). 0: it stays. */
node_id use_guards(struct simplifier *s, struct monomial *m, node_id current);

/* A sum or product where something is known not to be 0. */
node_id with_nonzero(struct simplifier *s, node_id n, node_id nonzero);

/* ---- Sums ---- */

struct summand {
    mpq_t coefficient;
    node_id rest; /* a product without a coefficient, 1 for a number */
};

struct sum {
    VEC(struct summand) terms;
    struct node_map place_of; /* by rest, plus 1 */
};

void sum_release(struct sum *sum);
/* Adds scale*n; sums in it are taken apart, long ones only where `deep`. */
void sum_add(struct simplifier *s, struct sum *sum, node_id n, mpq_srcptr scale, bool deep);
void sum_add_term(struct simplifier *s, struct sum *sum, node_id rest, mpq_srcptr coefficient);
/* Drops terms that are 0. */
void sum_tidy(struct sum *sum);
node_id sum_node(struct simplifier *s, const struct sum *sum);
/* coefficient*rest */
node_id summand_node(struct simplifier *s, const struct summand *term);

/* ---- Rules ---- */

/* Each returns another node for a sum that is to be simplified again, or 0. Factors of all terms always stand
 * in front; what is done else makes the sum lighter. */
node_id factor_out(struct simplifier *s, struct sum *sum);
node_id factor_groups(struct simplifier *s, struct sum *sum, node_id current);
node_id expand_products(struct simplifier *s, struct sum *sum, node_id current);
node_id put_together(struct simplifier *s, struct sum *sum, node_id current);
node_id join_choices(struct simplifier *s, struct sum *sum);
node_id cancel_guarded(struct simplifier *s, struct sum *sum);
node_id join_squares(struct simplifier *s, struct sum *sum);
/* Of a function on operands that are simplified; `again`: the result is to be simplified. */
node_id simplify_call(struct simplifier *s, node_id n, const node_id *operands, uint32_t count, bool *again);
node_id simplify_choice(struct simplifier *s, node_id condition, node_id then, node_id otherwise,
                        bool *again);
node_id simplify_condition(struct simplifier *s, node_id n, const node_id *operands, bool *again);
/* A product with choices among its factors; 0: it stays. */
node_id move_into_choice(struct simplifier *s, struct monomial *m);
node_id move_product_into_choice(struct simplifier *s, struct monomial *m, node_id current);
/* A quotient with a sum of quotients above the line, with one line; 0: it stays. */
node_id put_factor_together(struct simplifier *s, struct monomial *m, node_id current);
/* hypot(x, y)^2 as x^2 + y^2, where that is lighter; 0: it stays. */
node_id square_hypotenuse(struct simplifier *s, struct monomial *m, node_id current);
/* (x + 1)*(x - 1) multiplied out, where that is lighter; 0: it stays. */
node_id expand_factors(struct simplifier *s, struct monomial *m, node_id current);
/* A product with a sum as the sum of its terms, where that is no longer; 0: it stays. */
node_id distribute(struct simplifier *s, struct monomial *m, node_id current);
/* A sum as content times a sum whose coefficients are coprime whole numbers, the first positive. */
node_id with_content(struct simplifier *s, struct sum *sum);
/* n + number, like terms collected. */
node_id simplify_sum_of(struct simplifier *s, node_id n, int64_t number);
/* The sum without its content. */
node_id primitive_of(struct simplifier *s, node_id n);
/* What a read of a reduction becomes, once the value is simplified (formula/settle.c). */
node_id settle(struct simplifier *s, node_id read, bool *again);

/* ---- What is known of values ---- */

bool is_never_zero(const struct simplifier *s, node_id n);
bool is_never_negative(const struct simplifier *s, node_id n);
/* Whether a comes before b in the order that depends on structure alone. */
bool stands_before(struct simplifier *s, node_id a, node_id b);
/* The node of a product that is not taken apart: a sum, a read, a call. */
bool is_product_like(const struct graph *g, node_id n);

#endif
