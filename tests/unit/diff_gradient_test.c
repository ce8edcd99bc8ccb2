#include "diff/gradient.h"
#include "ir/verify.h"
#include "support/program_fixture.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <string.h>

static struct fixture f;
static struct program gradient;
static array_id n, x, total;

static void open_fixture(void) {
    fixture_open(&f);
    n = fixture_size(&f, "n");
    x = fixture_vector(&f, "x", ROLE_UNKNOWN, fixture_read(&f, n));
    total = fixture_scalar(&f, "f", ROLE_OBJECTIVE);
}

static void close_fixture(void) {
    program_release(&gradient);
    fixture_close(&f);
}

TestSuite(diff_gradient, .init = open_fixture, .fini = close_fixture);

static void differentiate_total(void) {
    struct gradient_request request = {.output = total, .wrt = &x, .wrt_count = 1};
    cr_assert(program_verify(&f.program, "build", &f.diags));
    cr_assert(differentiate(&gradient, &f.program, &request, &f.diags));
    cr_expect(program_verify(&gradient, "differentiate", &f.diags), "%s",
              f.diags.items.count ? f.diags.items.at[0].message : "");
}

static void expect_listing(const char *expected) {
    struct text out = {0};
    program_dump(&gradient, &out);
    cr_expect_str_eq(text_string(&out), expected);
    text_free(&out);
}

Test(diff_gradient, a_sum_is_differentiated_where_it_stands) {
    struct graph *g = &f.graph;
    program_clear(&f.program, total, mk_zero(g), f.nowhere);
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), fixture_read(&f, n), 1);
    fixture_add(&f, total, mk_square(g, fixture_at(&f, x, i)));
    program_end(&f.program);
    differentiate_total();
    expect_listing("clear x_gradient = 0\nclear f = 0\nloop i in 1..n free\n  f += (x[i] ^ 2)\n"
                   "  x_gradient[i] += (2 * x[i])\n");
}

/* p[i] = p[i-1]*x[i]: the reverse is the suffix product. */
Test(diff_gradient, a_product_has_a_linear_gradient) {
    struct graph *g = &f.graph;
    struct dimension dim = {mk_int(g, 0), fixture_read(&f, n)};
    array_id p = program_array(
        &f.program,
        (struct array){.name = "p", .role = ROLE_SCAN, .type = TYPE_REAL, .dims = &dim, .rank = 1});
    node_id zero = mk_int(g, 0), one = mk_int(g, 1);
    program_update(&f.program, p, &zero, UPDATE_SET, mk_one(g), f.nowhere);
    index_id index = program_index(&f.program, "i", f.nowhere);
    program_loop(&f.program, index, one, fixture_read(&f, n), one, ORDER_UP, f.nowhere);
    node_id i = mk_index(g, index), before = mk_isub(g, i, one);
    program_update(&f.program, p, &i, UPDATE_SET, mk_mul(g, fixture_at(&f, p, before), fixture_at(&f, x, i)),
                   f.nowhere);
    program_end(&f.program);
    program_update(&f.program, total, NULL, UPDATE_SET, fixture_at(&f, p, fixture_read(&f, n)), f.nowhere);
    differentiate_total();
    expect_listing("clear x_gradient = 0\nclear p_adjoint = 0\np[0] = 1\nloop i in 1..n up\n"
                   "  p[i] = (x[i] * p[(i + -1)])\nf = p[n]\np_adjoint[n] += 1\nloop i in n..1 by -1 down\n"
                   "  p_adjoint[(i + -1)] += (x[i] * p_adjoint[i])\n"
                   "  x_gradient[i] += (p[(i + -1)] * p_adjoint[i])\n");
}

/* Both sides of a branch keep their own adjoints: sqrt(x) is touched only where it was taken. */
Test(diff_gradient, a_side_not_taken_is_not_evaluated) {
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), x1 = fixture_at(&f, x, one), zero = mk_zero(g);
    node_id root = mk_select(g, mk_lt(g, zero, x1), mk_call1(g, OP_SQRT, x1), zero);
    program_update(&f.program, total, NULL, UPDATE_SET, mk_mul(g, mk_number(g, 3), root), f.nowhere);
    differentiate_total();
    expect_listing("clear x_gradient = 0\nf = (3 * select((0 < x[1]), sqrt(x[1]), 0))\nwhen (0 < x[1])\n"
                   "  x_gradient[1] += (3/2 / sqrt(x[1]))\n");
}

/* A shared node read under two conditions: its own partial runs only where one of them holds. */
Test(diff_gradient, a_shared_node_is_guarded_by_all_its_uses) {
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), two = mk_int(g, 2), x1 = fixture_at(&f, x, one), x2 = fixture_at(&f, x, two);
    node_id zero = mk_zero(g), root = mk_call1(g, OP_SQRT, x1);
    node_id a = mk_select(g, mk_lt(g, zero, x1), root, zero),
            b = mk_select(g, mk_lt(g, zero, x2), root, zero);
    program_update(&f.program, total, NULL, UPDATE_SET, mk_add(g, a, b), f.nowhere);
    differentiate_total();
    struct text out = {0};
    program_dump(&gradient, &out);
    cr_expect(strstr(text_string(&out), "when ((0 < x[1]) or (0 < x[2]))") ||
                  strstr(text_string(&out), "when ((0 < x[2]) or (0 < x[1]))"),
              "%s", text_string(&out));
    text_free(&out);
}

Test(diff_gradient, ties_of_a_maximum_are_counted) {
    struct graph *g = &f.graph;
    array_id m = fixture_scalar(&f, "m", ROLE_TEMPORARY);
    program_clear(&f.program, m, mk_neg(g, mk_infinity(g)), f.nowhere);
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), fixture_read(&f, n), 1);
    program_update(&f.program, m, NULL, UPDATE_MAX, fixture_at(&f, x, i), f.nowhere);
    program_end(&f.program);
    program_update(&f.program, total, NULL, UPDATE_SET, fixture_read(&f, m), f.nowhere);
    differentiate_total();
    expect_listing("clear x_gradient = 0\nclear m = (-1 * inf)\nloop i in 1..n free\n  m max= x[i]\n"
                   "clear m_ties = 0\nloop i in 1..n free\n  m_ties += select((x[i] == m), 1, 0)\n"
                   "f = m\nm_adjoint = 1\nloop i in 1..n free\n  when (x[i] == m)\n"
                   "    x_gradient[i] += (m_adjoint / m_ties)\n");
}

/* q[i] = log(x[i]) is read from 2 on only: the reverse must not touch q[1]. */
Test(diff_gradient, elements_that_nothing_reads_are_masked) {
    struct graph *g = &f.graph;
    array_id q = fixture_vector(&f, "q", ROLE_LET, fixture_read(&f, n));
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), fixture_read(&f, n), 1);
    program_update(&f.program, q, &i, UPDATE_SET, mk_call1(g, OP_LOG, fixture_at(&f, x, i)), f.nowhere);
    program_end(&f.program);
    program_clear(&f.program, total, mk_zero(g), f.nowhere);
    node_id j = fixture_loop(&f, "j", mk_int(g, 2), fixture_read(&f, n), 1);
    fixture_add(&f, total, fixture_at(&f, q, j));
    program_end(&f.program);
    differentiate_total();
    expect_listing("clear x_gradient = 0\nclear q_adjoint = 0\nclear q_reads = 0\nloop i in 1..n free\n"
                   "  q[i] = log(x[i])\nclear f = 0\nloop j in 2..n free\n  f += q[j]\n"
                   "  q_adjoint[j] += 1\n  q_reads[j] += 1\nloop i in 1..n free\n  when (0 != q_reads[i])\n"
                   "    x_gradient[i] += (q_adjoint[i] / x[i])\n");
}

Test(diff_gradient, an_unknown_without_influence_has_a_zero_gradient) {
    program_update(&f.program, total, NULL, UPDATE_SET, mk_number(&f.graph, 3), f.nowhere);
    differentiate_total();
    expect_listing("clear x_gradient = 0\nf = 3\n");
}

Test(diff_gradient, a_missing_derivative_is_an_error) {
    struct graph *g = &f.graph;
    node_id x1 = fixture_at(&f, x, mk_int(g, 1));
    program_update(&f.program, total, NULL, UPDATE_SET, mk_call2(g, OP_POLYGAMMA, x1, x1), f.nowhere);
    struct gradient_request request = {.output = total, .wrt = &x, .wrt_count = 1};
    cr_expect_not(differentiate(&gradient, &f.program, &request, &f.diags));
    cr_assert_eq(f.diags.errors, 1);
    cr_expect_str_eq(f.diags.items.at[0].code, "no-derivative");
}

/* A chain of 100000 factors: linear in time and in the size of the result. */
Test(diff_gradient, long_chains_stay_linear) {
    struct graph *g = &f.graph;
    node_id chain = mk_one(g);
    for (int i = 1; i <= 100000; i++) {
        node_id factor = mk_call1(g, OP_SIN, mk_add(g, fixture_at(&f, x, mk_int(g, i)), mk_number(g, i)));
        chain = mk_mul(g, chain, factor);
    }
    program_update(&f.program, total, NULL, UPDATE_SET, chain, f.nowhere);
    size_t before = graph_count(g);
    differentiate_total();
    cr_expect_lt(graph_count(g), 5 * before);
}

/* 100000 arms: if x[k] < 0 then x[k]*x[1] else ... */
Test(diff_gradient, long_chains_of_conditions_stay_linear) {
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), x1 = fixture_at(&f, x, one), chain = x1;
    for (int k = 100000; k > 1; k--) {
        node_id xk = fixture_at(&f, x, mk_int(g, k));
        chain = mk_select(g, mk_lt(g, xk, mk_zero(g)), mk_mul(g, xk, x1), chain);
    }
    program_update(&f.program, total, NULL, UPDATE_SET, chain, f.nowhere);
    size_t before = graph_count(g);
    differentiate_total();
    cr_expect_lt(graph_count(g), 12 * before);
}
