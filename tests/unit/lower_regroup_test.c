/* Common factors leave sums, where nothing is compared. */
#include "lower/regroup.h"

#include <criterion/criterion.h>

#include "support/program_fixture.h"
#include "support/text.h"

static struct fixture f;

static void open_fixture(void) {
    fixture_open(&f);
}

static void close_fixture(void) {
    fixture_close(&f);
}

TestSuite(lower_regroup, .init = open_fixture, .fini = close_fixture);

static node_id power(node_id x, int64_t exponent) {
    return mk_powi(&f.graph, x, mk_int(&f.graph, exponent));
}

static node_id times(long factor, node_id x) {
    return mk_mul(&f.graph, mk_number(&f.graph, factor), x);
}

/* The listing of a program that sets y to a value, after regrouping. */
static void expect(node_id value, const char *wanted) {
    struct program out;
    struct text text = {0};
    array_id y = fixture_scalar(&f, "y", ROLE_OBJECTIVE);
    program_update(&f.program, y, NULL, UPDATE_SET, value, f.nowhere);
    cr_assert(program_regroup(&out, &f.program));
    program_dump(&out, &text);
    cr_expect_str_eq(text_string(&text), wanted);
    text_free(&text);
    program_release(&out);
}

static node_id unknown(const char *name) {
    return fixture_read(&f, fixture_scalar(&f, name, ROLE_UNKNOWN));
}

Test(lower_regroup, powers_of_one_unknown) {
    node_id x = unknown("x");
    expect(mk_sub(&f.graph, times(4, power(x, 3)), times(9, power(x, 2))),
           "y = ((x ^ 2) * (-9 + (4 * x)))\n");
}

Test(lower_regroup, several_factors) {
    struct graph *g = &f.graph;
    node_id a = unknown("a"), b = unknown("b"), c = unknown("c");
    node_id first = mk_mul(g, mk_mul(g, a, power(b, 2)), c), second = times(5, mk_mul(g, c, b));
    expect(mk_add(g, first, second), "y = ((b * c) * (5 + (a * b)))\n");
}

Test(lower_regroup, pi_and_infinity_compare_nothing) {
    struct graph *g = &f.graph;
    node_id x = unknown("x"), y = unknown("y"), sum = mk_add(g, mk_mul(g, x, y), mk_mul(g, mk_pi(g), x));
    expect(mk_div(g, sum, mk_infinity(g)), "y_2 = ((x * (y + pi)) / inf)\n");
}

Test(lower_regroup, nothing_in_common) {
    node_id a = unknown("a"), b = unknown("b");
    expect(mk_add(&f.graph, times(3, a), power(b, 2)), "y = ((b ^ 2) + (3 * a))\n");
}

Test(lower_regroup, what_is_compared_stays) {
    struct graph *g = &f.graph;
    node_id x = unknown("x"), sum = mk_add(g, power(x, 3), power(x, 2));
    expect(mk_select(g, mk_lt(g, sum, mk_one(g)), sum, x),
           "y = select((((x ^ 2) + (x ^ 3)) < 1), ((x ^ 2) + (x ^ 3)), x)\n");
}
