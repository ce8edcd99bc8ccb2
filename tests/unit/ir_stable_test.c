/* Each recognised form in doubles beside the spelling it stands for, against MPFR: the value and its first
 * two derivatives, at points where the spelling is known to lose digits and where it does not. */
#include "ir/stable.h"

#include "chain.h"
#include "eval_fixture.h"
#include "sema/model.h"

enum { MOST_POINTS = 24 };

typedef node_id (*spelling)(struct graph *g, node_id x);

/* A spelling as a chain, in a graph that recognises forms or does not. */
struct spelled {
    struct fixture f;
    struct chain chain;
};

static void spelled_init(struct spelled *s, spelling of, bool plain) {
    fixture_init(&s->f);
    s->f.graph.plain = plain;
    array_id x = fixture_scalar(&s->f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_scalar(&s->f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_update(&s->f, y, UPDATE_SET, 0, of(&s->f.graph, fixture_read0(&s->f, x)));
    chain_init(&s->chain, &s->f.program, x, y, &s->f.diags);
}

static void spelled_release(struct spelled *s) {
    chain_release(&s->chain);
    fixture_release(&s->f);
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

/* Not rewritten: the derivative of tanh is made as the better one, and a note names hypot where a sum of
 * squares stands under a root. */

static node_id naive_tanh_derivative(struct graph *g, node_id x) {
    return mk_sub(g, mk_one(g), mk_square(g, mk_call1(g, OP_TANH, x)));
}

static node_id naive_length(struct graph *g, node_id x) {
    return mk_call1(g, OP_SQRT, mk_add(g, mk_square(g, x), mk_number(g, 9)));
}

static double inverse_length(double x) {
    return 1 / hypot(x, 3);
}

static node_id length(struct graph *g, node_id x) {
    return mk_call2(g, OP_HYPOT, x, mk_number(g, 3));
}

struct form {
    const char *name;
    spelling of, better;        /* the better, where it is not what is made of the other */
    double points[MOST_POINTS]; /* ended by a NaN */
    double most[ORDERS];        /* errors allowed after, in ULP */
    double (*size)(double x);   /* of what cancels in the second derivative; NULL: nothing does */
};

static const struct form forms[] = {
    {"log(1 + exp(x))",
     naive_softplus,
     NULL,
     {-700, -40, -20, -1, -1e-8, 0, 1e-8, 1, 20, 40, 700, 1000, NAN},
     {4, 4, 6}},
    {"log(1 + x)",
     naive_log1p,
     NULL,
     {-0.9, -1e-5, -1e-12, 1e-300, 1e-12, 1e-5, 0.3, 5, 1e10, 1e300, NAN},
     {2, 2, 4}},
    {"exp(x) - 1",
     naive_expm1,
     NULL,
     {-800, -5, -1e-5, -1e-12, 1e-300, 1e-12, 1e-5, 1, 50, 700, NAN},
     {2, 2, 2}},
    {"1 - exp(x)",
     naive_negative_expm1,
     NULL,
     {-800, -5, -1e-5, -1e-12, 1e-300, 1e-12, 1e-5, 1, 50, NAN},
     {2, 2, 2}},
    {"1/(1 + exp(-x))",
     naive_sigmoid,
     NULL,
     {-1000, -700, -40, -3, -1, -1e-9, 1e-9, 1e-3, 1, 3, 40, 700, 1000, NAN},
     {4, 4, 6}},
    {"exp(x)/(1 + exp(x))",
     naive_sigmoid_of_quotient,
     NULL,
     {-1000, -700, -40, -3, -1, -1e-9, 1e-9, 1e-3, 1, 3, 40, 700, 1000, NAN},
     {4, 4, 6}},
    {"1 - cos(x)", naive_versine, NULL, {1e-150, 1e-9, 1e-4, 0.1, 1, 3, 6.2831853, 100, NAN}, {4, 2, 2}},
    {"a^2 - b^2", naive_difference, NULL, {3.0000000001, 1e8 + 1e-7, 2.5, 0.3, 1e-200, NAN}, {3, 1, 1}},
    {"x^2 - 9/4",
     naive_difference_from_constant,
     NULL,
     {1.5000000001, 1.4999999, -1.50000001, 2, 1e-300, 1e200, NAN},
     {3, 1, 1}},
    {"1 - x^2", naive_rest_of_one, NULL, {0.9999999999, 1.0000001, -0.99999999, 0.5, 3, NAN}, {3, 1, 1}},
    {"1 - tanh(x)^2",
     naive_tanh_derivative,
     mk_tanh_derivative,
     {-800, -300, -20, -3, -1, -1e-9, 1e-9, 0.5, 2, 15, 19, 300, 700, NAN},
     {6, 8, 10}},
    {"sqrt(x^2 + 9)",
     naive_length,
     length,
     {-1e200, -1e150, -3, -1e-200, 1e-9, 0.5, 4, 1e10, 1e170, 1e300, NAN},
     {1, 2, 6},
     inverse_length},
};

struct worst {
    double before[ORDERS], after[ORDERS];
};

static double error_at(struct chain *c, const struct form *form, int order, double x, mpfr_srcptr exact) {
    double size = order == 2 && form->size ? form->size(x) : 0;
    return error_in_ulp(chain_in_doubles(c, order, x), exact, size);
}

/* Both must be the form's function. */
static void measure(const struct form *form, struct chain *before, struct chain *after, struct worst *w) {
    mpfr_t exact;
    mpfr_init2(exact, 4000);
    for (const double *x = form->points; !isnan(*x); x++)
        for (int order = 0; order < ORDERS; order++) {
            chain_in_mpfr(before, order, *x, exact);
            double plain = error_at(before, form, order, *x, exact);
            double stable = error_at(after, form, order, *x, exact);
            w->before[order] = fmax(w->before[order], plain);
            w->after[order] = fmax(w->after[order], stable);
            cr_expect_leq(stable, form->most[order], "%s at %g, derivative %d: %g ULP (before: %g)",
                          form->name, *x, order, stable, plain);
        }
    mpfr_clear(exact);
}

/* The spelling loses digits somewhere, or the form would not be needed; the form does not. */
static void judge_form(const char *name, const struct worst *w) {
    cr_log_info("%-22s before %9.3g %9.3g %9.3g ULP, after %.2g %.2g %.2g", name, w->before[0], w->before[1],
                w->before[2], w->after[0], w->after[1], w->after[2]);
    cr_expect(w->before[0] > 100 || w->before[1] > 100, "%s was never bad", name);
    for (int order = 0; order < ORDERS; order++)
        cr_expect(w->after[order] <= fmax(w->before[order], 6), "%s got worse", name);
}

Test(ir_stable, forms_keep_the_digits_that_spellings_lose, .timeout = 120) {
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        const struct form *form = &forms[k];
        struct worst w = {{0}, {0}};
        struct spelled before, after;
        spelled_init(&before, form->of, true);
        spelled_init(&after, form->better ? form->better : form->of, false);
        measure(form, &before.chain, &after.chain, &w);
        judge_form(form->name, &w);
        spelled_release(&before);
        spelled_release(&after);
    }
}

static struct model *load(struct chain *c, const char *text) {
    struct model_options none = {0};
    struct model *m = model_load_text("form", ".", text, strlen(text), &none);
    cr_assert(m && !diag_has_errors(&m->diags));
    chain_init(c, &m->program, m->unknowns.at[0].shape.array, m->objective, &m->diags);
    return m;
}

/* The second derivative is the variance of k. */
static double largest_square(double x) {
    (void)x;
    return 9;
}

/* What is recognised in the text: only where sum and logarithm are written as one. */
Test(ir_stable, logarithms_of_sums_of_exponentials, .timeout = 60) {
    static const struct form form = {.name = "log(sum(exp(k*x)))",
                                     .points = {-1000, -400, -30, -1, -1e-9, 1e-9, 1, 30, 400, 1000, NAN},
                                     .most = {2, 3, 4},
                                     .size = largest_square};
    struct chain before, after;
    struct worst w = {{0}, {0}};
    struct model *spelled =
        load(&before, "var x = 1\nlet s = sum(exp(k*x) for k in 1..3)\nminimize log(s)\n");
    struct model *stable = load(&after, "var x = 1\nminimize log(sum(exp(k*x) for k in 1..3))\n");
    measure(&form, &before, &after, &w);
    judge_form(form.name, &w);
    chain_release(&before);
    chain_release(&after);
    model_free(spelled);
    model_free(stable);
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
