/* A function of one unknown with its first two derivatives, in doubles and in MPFR. */
#ifndef GRADC_TESTS_CHAIN_H
#define GRADC_TESTS_CHAIN_H

#include <criterion/criterion.h>
#include <math.h>

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "eval/doubles.h"
#include "eval/reference.h"

enum { ORDERS = 3 };

/* A function of one unknown, which its owner has made, with its derivatives. */
struct chain {
    array_id x, y, gradient, tangent;
    struct program orders[ORDERS]; /* the first is its owner's */
    struct diag_list *diags;
};

static inline void chain_init(struct chain *c, const struct program *p, array_id x, array_id y,
                              struct diag_list *diags) {
    *c = (struct chain){.x = x, .y = y, .diags = diags};
    struct gradient_request request = {.output = y, .wrt = &x, .wrt_count = 1};
    cr_assert(differentiate(&c->orders[1], p, &request, diags));
    c->gradient = gradient_array(&c->orders[1], x);
    struct tangent_request along = {&c->gradient, 1, &c->x, 1, false};
    cr_assert(differentiate_along(&c->orders[2], &c->orders[1], &along, diags));
    c->tangent = tangent_array(&c->orders[2], c->gradient);
    c->orders[0] = *p;
}

static inline void chain_release(struct chain *c) {
    program_release(&c->orders[1]);
    program_release(&c->orders[2]);
}

static inline array_id chain_result(const struct chain *c, int order) {
    return order == 0 ? c->y : order == 1 ? c->gradient : c->tangent;
}

/* Binds one order at a point, its direction 1. */
static inline void chain_bind(struct chain *c, int order, struct binding *b, double *x) {
    const struct program *p = &c->orders[order];
    cr_assert(binding_init(b, p));
    binding_set_real(b, c->x, x, 1);
    cr_assert(binding_allocate(b, c->diags));
    array_id direction = tangent_direction(p, c->x);
    if (order == 2 && direction) b->arrays[direction].at.real[0] = 1;
}

static inline double chain_in_doubles(struct chain *c, int order, double x) {
    struct binding b;
    chain_bind(c, order, &b, &x);
    cr_assert_eq(doubles_run(&c->orders[order], &b, c->diags), EVALUATED);
    array_id result = chain_result(c, order);
    double value = result ? b.arrays[result].at.real[0] : 0;
    binding_release(&b);
    return value;
}

static inline void chain_in_mpfr(struct chain *c, int order, double x, mpfr_ptr value) {
    struct binding b;
    struct reference r;
    chain_bind(c, order, &b, &x);
    cr_assert(reference_init(&r, &c->orders[order], &b, 4000, c->diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    array_id result = chain_result(c, order);
    mpfr_set_zero(value, 1);
    if (result) reference_get(&r, result, 0, value);
    reference_release(&r);
    binding_release(&b);
}

/* In units of the last place of the exact value, or of `size` where that is larger; infinite for a NaN. */
static inline double error_in_ulp(double got, mpfr_srcptr exact, double size) {
    mpfr_t difference;
    double nearest = mpfr_get_d(exact, MPFR_RNDN);
    if (!isfinite(got) || !isfinite(nearest)) return got >= nearest && got <= nearest ? 0 : HUGE_VAL;
    mpfr_init2(difference, 200);
    mpfr_sub_d(difference, exact, got, MPFR_RNDN);
    size = fmax(size, fabs(nearest));
    double unit = nextafter(size, HUGE_VAL) - size;
    double error = fabs(mpfr_get_d(difference, MPFR_RNDN)) / unit;
    mpfr_clear(difference);
    return error;
}

#endif
