#include "eval/reference.h"

#include "eval/doubles.h"
#include "eval/judge.h"
#include "eval_fixture.h"

/* y = value(x[1], x[2]) */
struct pair {
    struct fixture f;
    array_id x, y;
    double values[2];
    struct reference reference;
};

typedef node_id (*formula)(struct graph *g, node_id a, node_id b);

static void pair_init(struct pair *t, formula value, double a, double b) {
    struct fixture *f = &t->f;
    fixture_init(f);
    struct graph *g = &f->graph;
    t->values[0] = a, t->values[1] = b;
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 1), mk_int(g, 2));
    t->y = fixture_scalar(f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    node_id first = fixture_read1(f, t->x, mk_int(g, 1)), second = fixture_read1(f, t->x, mk_int(g, 2));
    fixture_update(f, t->y, UPDATE_SET, 0, value(g, first, second));
    fixture_bind(f);
    binding_set_real(&f->binding, t->x, t->values, 2);
    cr_assert(binding_allocate(&f->binding, &f->diags));
    cr_assert(reference_init(&t->reference, &f->program, &f->binding, 256, &f->diags));
    reference_measure_errors(&t->reference);
    cr_assert_eq(reference_run(&t->reference), EVALUATED);
}

static void pair_release(struct pair *t) {
    reference_release(&t->reference);
    fixture_release(&t->f);
}

/* (x + 1e10*y) - 1e10*y, which the builders do not see through behind a product of two reads */
static node_id cancelling(struct graph *g, node_id a, node_id b) {
    node_id big = mk_call1(g, OP_EXP, b), sum = mk_mul(g, mk_one(g), mk_add(g, a, big));
    return mk_add(g, mk_call1(g, OP_ABS, sum), mk_neg(g, big));
}
static node_id smooth(struct graph *g, node_id a, node_id b) {
    return mk_mul(g, mk_call1(g, OP_SIN, a), mk_powi(g, b, mk_int(g, 3)));
}
static node_id exact(struct graph *g, node_id a, node_id b) {
    return mk_add(g, mk_mul(g, a, b), mk_one(g));
}
static node_id floor_of(struct graph *g, node_id a, node_id b) {
    return mk_call1(g, OP_FLOOR, mk_add(g, a, b));
}
static node_id round_of(struct graph *g, node_id a, node_id b) {
    return mk_call1(g, OP_ROUND, mk_add(g, a, b));
}
static node_id compare_of(struct graph *g, node_id a, node_id b) {
    return mk_select(g, mk_lt(g, a, b), a, b);
}
/* 2/cosh(a)^2, whose square is beyond the doubles in which errors are counted. */
static node_id beyond(struct graph *g, node_id a, node_id b) {
    (void)b;
    return mk_div(g, mk_number(g, 2), mk_powi(g, mk_call1(g, OP_COSH, a), mk_int(g, 2)));
}
static node_id larger(struct graph *g, node_id a, node_id b) {
    return mk_call2(g, OP_MAX, a, b);
}

Test(eval_reference, error_bounds_grow_with_cancellation) {
    struct pair t;
    pair_init(&t, cancelling, 0.1, 23);
    double amplification = reference_error(&t.reference, t.y, 0) / 0.1;
    cr_expect(amplification > 1e10 && amplification < 1e13, "%g", amplification);
    cr_assert_eq(doubles_run(&t.f.program, &t.f.binding, &t.f.diags), EVALUATED);
    double off = fabs(t.f.binding.arrays[t.y].at.real[0] - 0.1);
    cr_expect(off > 1e-9 && off <= reference_error(&t.reference, t.y, 0) * 0x1p-53, "%g", off);
    cr_expect(fabs(reference_value(&t.reference, t.y, 0) - 0.1) < 1e-17);
    pair_release(&t);
    pair_init(&t, smooth, 0.7, 1.3);
    amplification = reference_error(&t.reference, t.y, 0) / reference_value(&t.reference, t.y, 0);
    cr_expect(amplification >= 1 && amplification < 12, "%g", amplification);
    pair_release(&t);
}

Test(eval_reference, exact_results_have_no_error) {
    struct pair t;
    pair_init(&t, exact, 1.5, 0.25);
    cr_expect(reference_error(&t.reference, t.y, 0) == 0);
    cr_expect(reference_value(&t.reference, t.y, 0) == 1.375);
    pair_release(&t);
}

Test(eval_reference, sums_in_any_order_have_an_error) {
    struct pair t;
    pair_init(&t, exact, 1.5, 0.25);
    reference_add_in_any_order(&t.reference);
    cr_assert_eq(reference_run(&t.reference), EVALUATED);
    cr_expect(reference_error(&t.reference, t.y, 0) == 1.375);
    cr_expect(reference_value(&t.reference, t.y, 0) == 1.375);
    pair_release(&t);
}

struct kink_case {
    formula build;
    double a, b, distance;
};

Test(eval_reference, errors_that_are_not_known_are_infinite) {
    struct pair t;
    pair_init(&t, beyond, 600, 1);
    cr_expect(isinf(reference_error(&t.reference, t.y, 0)), "%g", reference_error(&t.reference, t.y, 0));
    pair_release(&t);
}

Test(eval_reference, kinks_are_noticed) {
    const struct kink_case cases[] = {{floor_of, 1, 0.001, 0.0005}, {floor_of, 1, -0.25, 0.25},
                                      {round_of, 1, 0.25, 0.2},     {round_of, 1, 0.5, 0},
                                      {compare_of, 4, 5, 0.2},      {larger, 0.5, 0.25, 0.25},
                                      {smooth, 1, 1, HUGE_VAL},     {compare_of, 1e6, 1e6 + 1, 1e-6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair t;
        pair_init(&t, cases[i].build, cases[i].a, cases[i].b);
        double kink = reference_kink(&t.reference), expected = cases[i].distance;
        cr_expect(kink == expected || (kink > expected / 2 && kink < expected * 2.01), "case %zu: %g", i,
                  kink);
        pair_release(&t);
    }
}

Test(eval_reference, inputs_can_be_set_beyond_doubles) {
    struct pair t;
    mpfr_t value, out;
    pair_init(&t, mk_mul, 1, 3);
    mpfr_inits2(256, value, out, (mpfr_ptr)0);
    mpfr_set_ui_2exp(value, 1, -200, MPFR_RNDN);
    mpfr_add_ui(value, value, 1, MPFR_RNDN);
    cr_assert(reference_set(&t.reference, t.x, 0, value));
    cr_assert_eq(reference_run(&t.reference), EVALUATED);
    reference_get(&t.reference, t.y, 0, out);
    mpfr_sub_ui(out, out, 3, MPFR_RNDN);
    cr_expect_eq(mpfr_cmp_ui_2exp(out, 3, -200), 0);
    mpfr_clears(value, out, (mpfr_ptr)0);
    pair_release(&t);
}

/* s = sum over i = 1..n, j = 1..i of sin(x[i]*x[j]), and p, the maximum of the x[i] */
struct nest {
    struct fixture f;
    array_id x, s, p;
    double values[5];
};

static void nest_init(struct nest *t) {
    struct fixture *f = &t->f;
    const double values[5] = {0.3, -0.8, 1.2, 1e-20, 0.5};
    fixture_init(f);
    struct graph *g = &f->graph;
    memcpy(t->values, values, sizeof values);
    node_id one = mk_int(g, 1), n = mk_int(g, 5);
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, one, n);
    t->s = fixture_scalar(f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    t->p = fixture_scalar(f, "p", ROLE_OUTPUT, TYPE_REAL);
    fixture_clear(f, t->s, mk_zero(g));
    fixture_clear(f, t->p, mk_neg(g, mk_infinity(g)));
    node_id i = mk_index(g, fixture_loop(f, "i", one, n)), xi = fixture_read1(f, t->x, i);
    fixture_update(f, t->p, UPDATE_MAX, 0, xi);
    node_id j = mk_index(g, fixture_loop(f, "j", one, i)), xj = fixture_read1(f, t->x, j);
    fixture_update(f, t->s, UPDATE_ADD, 0, mk_call1(g, OP_SIN, mk_mul(g, xi, xj)));
    program_end(&f->program);
    program_end(&f->program);
    fixture_bind(f);
    binding_set_real(&f->binding, t->x, t->values, 5);
    cr_assert(binding_allocate(&f->binding, &f->diags));
}

Test(eval_reference, agrees_with_doubles_on_steps) {
    struct nest t;
    struct reference r;
    nest_init(&t);
    cr_assert(reference_init(&r, &t.f.program, &t.f.binding, 200, &t.f.diags));
    reference_measure_errors(&r);
    cr_assert_eq(reference_run(&r), EVALUATED);
    cr_assert_eq(doubles_run(&t.f.program, &t.f.binding, &t.f.diags), EVALUATED);
    double difference = t.f.binding.arrays[t.s].at.real[0] - reference_value(&r, t.s, 0);
    cr_expect(fabs(difference) <= reference_error(&r, t.s, 0) * 0x1p-53 && reference_error(&r, t.s, 0) < 50);
    cr_expect(reference_value(&r, t.p, 0) == 1.2);
    reference_release(&r);
    fixture_release(&t.f);
}

Test(eval_judge, knows_the_derivatives_of_a_nest) {
    struct nest t;
    struct judge j;
    nest_init(&t);
    cr_assert(judge_init(&j, &t.f.program, &t.f.binding, &t.f.diags));
    for (size_t k = 0; k < 5; k++) {
        const double *x = t.values;
        double expected = x[k] * cos(x[k] * x[k]);
        for (size_t i = 0; i < 5; i++) expected += x[i] * cos(x[i] * x[k]);
        cr_assert_eq(judge_move(&j, t.x, k), EVALUATED);
        double judged = judge_value(&j, t.s, 0);
        cr_expect(fabs(judged - expected) <= 1e-15 * (1 + fabs(expected)), "%zu: %.17g, expected %.17g", k,
                  judged, expected);
        cr_expect(judge_value(&j, t.p, 0) == (k == 2 ? 1 : 0));
    }
    judge_release(&j);
    fixture_release(&t.f);
}

Test(eval_judge, works_at_zero_and_at_tiny_points) {
    const double points[] = {0, 1e-300, -1e-30, 1e300};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct pair t;
        double partial = 0;
        pair_init(&t, exact, points[i], 3);
        cr_assert_eq(judge_partial(&t.f.program, &t.f.binding, t.y, 0, t.x, 0, &partial, &t.f.diags),
                     EVALUATED);
        cr_expect(partial == 3, "at %g: %.17g", points[i], partial);
        pair_release(&t);
    }
}
