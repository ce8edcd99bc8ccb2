/* Lowering of programs built by hand. */
#include "ir/build.h"
#include "lower/affine.h"
#include "lower/define.h"
#include "lower/lower.h"
#include "support/program_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct fixture f;

static void open_fixture(void) {
    fixture_open(&f);
}

static void close_fixture(void) {
    fixture_close(&f);
}

TestSuite(lower_parts, .init = open_fixture, .fini = close_fixture);

Test(lower_parts, a_program_without_loops_stays) {
    struct graph *g = &f.graph;
    array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, mk_int(g, 100000));
    array_id total = fixture_scalar(&f, "total", ROLE_OBJECTIVE);
    program_clear(&f.program, total, mk_zero(g), f.nowhere);
    for (int i = 1; i <= 100000; i++) fixture_add(&f, total, fixture_at(&f, x, mk_int(g, i)));
    struct program lowered;
    cr_assert(lower_program(&lowered, &f.program));
    cr_assert_eq(lowered.steps.count, f.program.steps.count);
    cr_expect_eq(memcmp(lowered.steps.at, f.program.steps.at, lowered.steps.count * sizeof *lowered.steps.at),
                 0);
    program_release(&lowered);
}

/* The last element of a vector over 1..5 has 1 added, and those of a loop downwards, each its neighbour. */
static size_t count_clears_of_chain(long first, long last, enum loop_order order) {
    struct graph *g = &f.graph;
    array_id chain = fixture_vector(&f, "chain", ROLE_OUTPUT, mk_int(g, 5));
    index_id i = program_index(&f.program, "i", f.nowhere);
    node_id here = mk_index(g, i), end = mk_int(g, 5), behind = mk_iadd(g, here, mk_int(g, 1));
    program_clear(&f.program, chain, mk_zero(g), f.nowhere);
    program_update(&f.program, chain, &end, UPDATE_ADD, mk_one(g), f.nowhere);
    program_loop(&f.program, i, mk_int(g, last), mk_int(g, first), mk_int(g, -1), order, f.nowhere);
    program_update(&f.program, chain, &here, UPDATE_ADD, fixture_at(&f, chain, behind), f.nowhere);
    program_end(&f.program);
    struct program defined;
    size_t clears = 0;
    cr_assert(program_define(&defined, &f.program));
    for (size_t k = 0; k < defined.steps.count; k++) clears += defined.steps.at[k].kind == STEP_CLEAR;
    program_release(&defined);
    return clears;
}

Test(lower_parts, a_chain_over_all_elements_is_set) {
    cr_expect_eq(count_clears_of_chain(1, 4, ORDER_DOWN), 0);
}

Test(lower_parts, a_chain_that_leaves_the_first_element_out_is_added_up) {
    cr_expect_eq(count_clears_of_chain(2, 4, ORDER_DOWN), 1);
}

Test(lower_parts, a_chain_that_leaves_one_out_before_the_last_is_added_up) {
    cr_expect_eq(count_clears_of_chain(1, 3, ORDER_DOWN), 1);
}

/* Only a loop that has one iteration where the vector has elements adds once. */
Test(lower_parts, a_loop_that_adds_to_one_element_is_added_up) {
    struct graph *g = &f.graph;
    array_id chain = fixture_vector(&f, "chain", ROLE_OUTPUT, mk_int(g, 5));
    index_id i = program_index(&f.program, "i", f.nowhere);
    node_id here = mk_index(g, i), end = mk_int(g, 5), behind = mk_iadd(g, here, mk_int(g, 1));
    program_clear(&f.program, chain, mk_zero(g), f.nowhere);
    program_loop(&f.program, i, end, mk_int(g, 4), mk_int(g, -1), ORDER_DOWN, f.nowhere);
    program_update(&f.program, chain, &end, UPDATE_ADD, mk_one(g), f.nowhere);
    program_end(&f.program);
    program_loop(&f.program, i, mk_int(g, 4), mk_int(g, 1), mk_int(g, -1), ORDER_DOWN, f.nowhere);
    program_update(&f.program, chain, &here, UPDATE_ADD, fixture_at(&f, chain, behind), f.nowhere);
    program_end(&f.program);
    struct program defined;
    cr_assert(program_define(&defined, &f.program));
    cr_expect_eq(defined.steps.count, f.program.steps.count);
    program_release(&defined);
}

Test(lower_parts, subscripts_are_taken_apart) {
    struct graph *g = &f.graph;
    index_id i = program_index(&f.program, "i", f.nowhere), j = program_index(&f.program, "j", f.nowhere);
    node_id n = mk_index(g, i), m = mk_index(g, j), rest;
    int64_t coefficient;
    node_id sum = mk_iadd(g, mk_isub(g, mk_imul(g, mk_int(g, 3), n), m), mk_int(g, 7));
    cr_assert(affine_in(g, sum, i, &coefficient, &rest));
    cr_expect_eq(coefficient, 3);
    cr_expect_eq(rest, mk_isub(g, mk_int(g, 7), m));
    cr_assert(affine_in(g, sum, j, &coefficient, &rest));
    cr_expect_eq(coefficient, -1);
    cr_expect_not(affine_in(g, mk_imul(g, n, n), i, &coefficient, &rest));
    cr_expect_not(affine_in(g, mk_imod(g, n, mk_int(g, 2)), i, &coefficient, &rest));
    cr_assert(affine_in(g, mk_imod(g, n, mk_int(g, 2)), j, &coefficient, &rest));
    cr_expect_eq(coefficient, 0);
}
