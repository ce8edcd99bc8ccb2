#include "eval/taylor.h"

#include "eval_fixture.h"

/* y = exp(x)*x^2 */
static node_id formula(struct graph *g, node_id x) {
    return mk_mul(g, mk_call1(g, OP_EXP, x), mk_powi(g, x, mk_int(g, 2)));
}

static void measure(double at, struct taylor *taylor, double *again) {
    struct fixture f;
    struct reference r;
    fixture_init(&f);
    array_id x = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_scalar(&f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_update(&f, y, UPDATE_SET, 0, formula(&f.graph, fixture_read0(&f, x)));
    fixture_bind(&f);
    binding_set_real(&f.binding, x, &at, 1);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    cr_assert(reference_init(&r, &f.program, &f.binding, TAYLOR_BITS, &f.diags));
    cr_assert_eq(taylor_measure(&r, x, 0, y, taylor), EVALUATED);
    cr_assert_eq(reference_run(&r), EVALUATED);
    *again = reference_value(&r, y, 0);
    reference_release(&r);
    fixture_release(&f);
}

/* The derivatives of exp(x)*x^2 of order k are exp(x)*(x^2 + 2*k*x + k*(k - 1)). */
static double derivative(double x, double k) {
    return exp(x) * (x * x + 2 * k * x + k * (k - 1));
}

Test(taylor, finds_higher_derivatives) {
    static const double points[] = {0.7, -3, 0, 1e-3, 40};
    for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
        static const int orders[] = {2, 3, 5};
        struct taylor t;
        double x = points[p], again;
        measure(x, &t, &again);
        for (size_t k = 0; k < 3; k++) {
            double expected = derivative(x, orders[k]);
            cr_expect_float_eq(t.derivatives[orders[k]], expected, 1e-7 * fabs(expected), "order %d at %g",
                               orders[k], x);
        }
        cr_expect_float_eq(again, derivative(x, 0), 1e-15 * derivative(x, 0), "the unknown is back at %g", x);
    }
}

Test(taylor, gives_values_beyond_doubles) {
    struct taylor t;
    double again;
    measure(0.7, &t, &again);
    size_t inexact = 0;
    for (int k = 0; k < TAYLOR_NODES; k++) {
        double value = exp(t.nodes[k]) * t.nodes[k] * t.nodes[k];
        cr_expect(t.exact[k]);
        cr_expect_float_eq(t.values[k], value, 1e-15);
        cr_expect_leq(fabs(t.rests[k]), 0x1p-53 * t.values[k]);
        inexact += t.rests[k] != 0;
    }
    cr_expect_eq(inexact, TAYLOR_NODES);
    cr_expect_eq(t.nodes[TAYLOR_NODES / 2], 0.7);
}
