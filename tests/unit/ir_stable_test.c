/* Each recognised form in doubles beside the spelling it stands for, against MPFR: the value and its first
 * two derivatives, at points where the spelling is known to lose digits and where it does not. */
#include "ir/stable.h"

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "eval/doubles.h"
#include "eval/reference.h"
#include "eval_fixture.h"

enum { ORDERS = 3, MOST_POINTS = 24 };

/* A function of one unknown with its derivatives, in a graph that recognises forms or does not. */
struct chain {
    struct fixture f;
    array_id x, y, gradient, tangent;
    struct program orders[ORDERS];
};

typedef node_id (*spelling)(struct graph *g, node_id x);

static void chain_init(struct chain *c, spelling of, bool plain) {
    *c = (struct chain){0};
    fixture_init(&c->f);
    c->f.graph.plain = plain;
    c->x = fixture_scalar(&c->f, "x", ROLE_UNKNOWN, TYPE_REAL);
    c->y = fixture_scalar(&c->f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_update(&c->f, c->y, UPDATE_SET, 0, of(&c->f.graph, fixture_read0(&c->f, c->x)));
    struct gradient_request request = {.output = c->y, .wrt = &c->x, .wrt_count = 1};
    cr_assert(differentiate(&c->orders[1], &c->f.program, &request, &c->f.diags));
    c->gradient = gradient_array(&c->orders[1], c->x);
    struct tangent_request along = {&c->gradient, 1, &c->x, 1, false};
    cr_assert(differentiate_along(&c->orders[2], &c->orders[1], &along, &c->f.diags));
    c->tangent = tangent_array(&c->orders[2], c->gradient);
    c->orders[0] = c->f.program;
}

static void chain_release(struct chain *c) {
    program_release(&c->orders[1]);
    program_release(&c->orders[2]);
    fixture_release(&c->f);
}

static array_id result_of(const struct chain *c, int order) {
    return order == 0 ? c->y : order == 1 ? c->gradient : c->tangent;
}

/* Binds one order at a point, its direction 1. */
static void bind(struct chain *c, int order, struct binding *b, double *x) {
    const struct program *p = &c->orders[order];
    cr_assert(binding_init(b, p));
    binding_set_real(b, c->x, x, 1);
    cr_assert(binding_allocate(b, &c->f.diags));
    array_id direction = tangent_direction(p, c->x);
    if (order == 2 && direction) b->arrays[direction].at.real[0] = 1;
}

static double in_doubles(struct chain *c, int order, double x) {
    struct binding b;
    bind(c, order, &b, &x);
    cr_assert_eq(doubles_run(&c->orders[order], &b, &c->f.diags), EVALUATED);
    array_id result = result_of(c, order);
    double value = result ? b.arrays[result].at.real[0] : 0;
    binding_release(&b);
    return value;
}

static void in_mpfr(struct chain *c, int order, double x, mpfr_ptr value) {
    struct binding b;
    struct reference r;
    bind(c, order, &b, &x);
    cr_assert(reference_init(&r, &c->orders[order], &b, 4000, &c->f.diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    array_id result = result_of(c, order);
    mpfr_set_zero(value, 1);
    if (result) reference_get(&r, result, 0, value);
    reference_release(&r);
    binding_release(&b);
}

/* In units of the last place of the exact value; infinite for a NaN. */
static double error_in_ulp(double got, mpfr_srcptr exact) {
    mpfr_t difference;
    double nearest = mpfr_get_d(exact, MPFR_RNDN);
    if (!isfinite(got) || !isfinite(nearest)) return got >= nearest && got <= nearest ? 0 : HUGE_VAL;
    mpfr_init2(difference, 200);
    mpfr_sub_d(difference, exact, got, MPFR_RNDN);
    double unit = nextafter(fabs(nearest), HUGE_VAL) - fabs(nearest);
    double error = fabs(mpfr_get_d(difference, MPFR_RNDN)) / unit;
    mpfr_clear(difference);
    return error;
}

/* ---- The forms ---- */

static node_id exponential(struct graph *g, node_id x) {
    return mk_call1(g, OP_EXP, x);
}

static node_id naive_softplus(struct graph *g, node_id x) {
    return mk_call1(g, OP_LOG, mk_add(g, mk_one(g), exponential(g, x)));
}

static node_id naive_log1p(struct graph *g, node_id x) {
    return mk_call1(g, OP_LOG, mk_add(g, mk_one(g), x));
}

static node_id naive_expm1(struct graph *g, node_id x) {
    return mk_add(g, exponential(g, x), mk_number(g, -1));
}

static node_id naive_negative_expm1(struct graph *g, node_id x) {
    return mk_sub(g, mk_one(g), exponential(g, x));
}

static node_id naive_sigmoid(struct graph *g, node_id x) {
    return mk_div(g, mk_one(g), mk_add(g, mk_one(g), exponential(g, mk_neg(g, x))));
}

static node_id naive_sigmoid_of_quotient(struct graph *g, node_id x) {
    return mk_div(g, exponential(g, x), mk_add(g, mk_one(g), exponential(g, x)));
}

static node_id naive_versine(struct graph *g, node_id x) {
    return mk_sub(g, mk_one(g), mk_call1(g, OP_COS, x));
}

static node_id naive_difference(struct graph *g, node_id x) {
    return mk_sub(g, mk_square(g, x), mk_square(g, mk_call1(g, OP_FLOOR, x)));
}

static node_id naive_difference_from_constant(struct graph *g, node_id x) {
    return mk_add(g, mk_square(g, x), mk_ratio(g, -9, 4));
}

static node_id naive_rest_of_one(struct graph *g, node_id x) {
    return mk_sub(g, mk_one(g), mk_square(g, x));
}

struct form {
    const char *name;
    spelling of;
    double points[MOST_POINTS]; /* ended by a NaN */
    double most[ORDERS];        /* errors allowed after, in ULP */
};

static const struct form forms[] = {
    {"log(1 + exp(x))",
     naive_softplus,
     {-700, -40, -20, -1, -1e-8, 0, 1e-8, 1, 20, 40, 700, 1000, NAN},
     {4, 4, 6}},
    {"log(1 + x)",
     naive_log1p,
     {-0.9, -1e-5, -1e-12, 1e-300, 1e-12, 1e-5, 0.3, 5, 1e10, 1e300, NAN},
     {2, 2, 4}},
    {"exp(x) - 1", naive_expm1, {-800, -5, -1e-5, -1e-12, 1e-300, 1e-12, 1e-5, 1, 50, 700, NAN}, {2, 2, 2}},
    {"1 - exp(x)",
     naive_negative_expm1,
     {-800, -5, -1e-5, -1e-12, 1e-300, 1e-12, 1e-5, 1, 50, NAN},
     {2, 2, 2}},
    {"1/(1 + exp(-x))",
     naive_sigmoid,
     {-1000, -700, -40, -3, -1, -1e-9, 1e-9, 1e-3, 1, 3, 40, 700, 1000, NAN},
     {4, 4, 6}},
    {"exp(x)/(1 + exp(x))",
     naive_sigmoid_of_quotient,
     {-1000, -700, -40, -3, -1, -1e-9, 1e-9, 1e-3, 1, 3, 40, 700, 1000, NAN},
     {4, 4, 6}},
    {"1 - cos(x)", naive_versine, {1e-150, 1e-9, 1e-4, 0.1, 1, 3, 6.2831853, 100, NAN}, {4, 2, 2}},
    {"a^2 - b^2", naive_difference, {3.0000000001, 1e8 + 1e-7, 2.5, 0.3, 1e-200, NAN}, {3, 1, 1}},
    {"x^2 - 9/4",
     naive_difference_from_constant,
     {1.5000000001, 1.4999999, -1.50000001, 2, 1e-300, 1e200, NAN},
     {3, 1, 1}},
    {"1 - x^2", naive_rest_of_one, {0.9999999999, 1.0000001, -0.99999999, 0.5, 3, NAN}, {3, 1, 1}},
};

struct worst {
    double before[ORDERS], after[ORDERS];
};

static void measure(const struct form *form, struct worst *w) {
    struct chain before, after;
    mpfr_t exact;
    chain_init(&before, form->of, true);
    chain_init(&after, form->of, false);
    mpfr_init2(exact, 4000);
    for (int k = 0; !isnan(form->points[k]); k++)
        for (int order = 0; order < ORDERS; order++) {
            double x = form->points[k];
            in_mpfr(&before, order, x, exact);
            double plain = error_in_ulp(in_doubles(&before, order, x), exact);
            double stable = error_in_ulp(in_doubles(&after, order, x), exact);
            w->before[order] = fmax(w->before[order], plain);
            w->after[order] = fmax(w->after[order], stable);
            cr_expect_leq(stable, form->most[order], "%s at %g, derivative %d: %g ULP (before: %g)",
                          form->name, x, order, stable, plain);
        }
    mpfr_clear(exact);
    chain_release(&before);
    chain_release(&after);
}

/* The spelling loses digits somewhere, or the form would not be needed; the form does not. */
Test(ir_stable, forms_keep_the_digits_that_spellings_lose, .timeout = 120) {
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        struct worst w = {{0}, {0}};
        measure(&forms[k], &w);
        cr_log_info("%-22s before %9.3g %9.3g %9.3g ULP, after %.2g %.2g %.2g", forms[k].name, w.before[0],
                    w.before[1], w.before[2], w.after[0], w.after[1], w.after[2]);
        cr_expect(w.before[0] > 100 || w.before[1] > 100, "%s was never bad", forms[k].name);
        for (int order = 0; order < ORDERS; order++)
            cr_expect(w.after[order] <= fmax(w.before[order], 6), "%s got worse", forms[k].name);
    }
}

Test(ir_stable, a_plain_graph_keeps_spellings) {
    struct fixture f;
    fixture_init(&f);
    f.graph.plain = true;
    node_id x = fixture_read0(&f, fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL));
    cr_expect_eq(node_op(&f.graph, naive_softplus(&f.graph, x)), OP_LOG);
    f.graph.plain = false;
    cr_expect_eq(node_op(&f.graph, naive_softplus(&f.graph, x)), OP_SOFTPLUS);
    fixture_release(&f);
}
