#include "support/program_fixture.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <string.h>

static struct fixture f;
static array_id x, y, n;

static void open_fixture(void) {
    fixture_open(&f);
    x = fixture_scalar(&f, "x", ROLE_UNKNOWN);
    y = fixture_scalar(&f, "y", ROLE_UNKNOWN);
    n = fixture_size(&f, "n");
}

static void close_fixture(void) {
    fixture_close(&f);
}

TestSuite(ir_build, .init = open_fixture, .fini = close_fixture);

static void expect_dump(node_id node, const char *expected) {
    struct text out = {0};
    program_dump_node(&f.program, node, &out);
    cr_expect_str_eq(text_string(&out), expected);
    text_free(&out);
}

Test(ir_build, equal_nodes_are_one) {
    struct graph *g = &f.graph;
    node_id a = fixture_read(&f, x), b = fixture_read(&f, y);
    cr_expect_eq(mk_add(g, a, b), mk_add(g, b, a));
    cr_expect_eq(mk_mul(g, a, b), mk_mul(g, b, a));
    cr_expect_neq(mk_div(g, a, b), mk_div(g, b, a));
}

/* As a value that everything is divided by: its users are more than one list holds. */
Test(ir_build, the_many_users_of_one_node_are_found_again) {
    enum { USERS = 5000 };
    struct graph *g = &f.graph;
    static node_id reads[USERS], quotients[USERS], sines[USERS];
    for (int k = 0; k < USERS; k++) reads[k] = mk_read(g, x, TYPE_REAL, (node_id[]){mk_int(g, k)}, 1);
    node_id divisor = mk_call1(g, OP_EXP, fixture_read(&f, y));
    for (int k = 0; k < USERS; k++) quotients[k] = mk_div(g, reads[k], divisor);
    for (int k = 0; k < USERS; k++) sines[k] = mk_call1(g, OP_SIN, quotients[k]);
    size_t count = graph_count(g);
    for (int k = 0; k < USERS; k++) {
        cr_assert_eq(mk_div(g, reads[k], divisor), quotients[k]);
        cr_assert_eq(mk_call1(g, OP_SIN, quotients[k]), sines[k]);
    }
    cr_expect_eq(graph_count(g), count);
    cr_expect_neq(mk_div(g, divisor, reads[0]), quotients[0]);
    cr_expect_neq(mk_call1(g, OP_COS, quotients[0]), sines[0]);
}

/* However a number was made. */
Test(ir_build, small_numbers_are_known) {
    struct graph *g = &f.graph;
    node_id four = mk_mul(g, mk_ratio(g, 8, 3), mk_ratio(g, 3, 2));
    cr_expect(node_is_number(g, four, 4));
    cr_expect_eq(mk_number(g, 4), four);
    cr_expect_not(node_is_number(g, four, 3));
    cr_expect(node_is_number(g, mk_number(g, 1000), 1000));
    cr_expect_not(node_is_number(g, mk_ratio(g, 8, 3), 2));
    cr_expect_not(node_is_number(g, fixture_read(&f, x), -2));
}

Test(ir_build, sums_gather_numbers_and_equal_terms) {
    struct graph *g = &f.graph;
    node_id a = fixture_read(&f, x), b = fixture_read(&f, y);
    cr_expect_eq(mk_sub(g, mk_add(g, a, b), mk_zero(g)), mk_add(g, a, b));
    cr_expect(node_is_number(g, mk_sub(g, a, a), 0));
    expect_dump(mk_add(g, a, mk_mul(g, mk_number(g, 2), a)), "(3 * x)");
    expect_dump(mk_add(g, mk_add(g, mk_number(g, 2), a), mk_ratio(g, 1, 2)), "(5/2 + x)");
}

Test(ir_build, products_gather_numbers_and_powers) {
    struct graph *g = &f.graph;
    node_id a = fixture_read(&f, x), b = fixture_read(&f, y);
    expect_dump(mk_mul(g, mk_mul(g, mk_number(g, 2), a), mk_mul(g, mk_number(g, 3), b)), "(6 * (x * y))");
    expect_dump(mk_mul(g, mk_mul(g, a, a), a), "(x ^ 3)");
    expect_dump(mk_mul(g, a, mk_div(g, mk_number(g, 3), b)), "(3 * (x / y))");
    expect_dump(mk_neg(g, mk_neg(g, a)), "x");
    expect_dump(mk_div(g, mk_mul(g, mk_number(g, 2), a), mk_number(g, 3)), "(2/3 * x)");
}

Test(ir_build, zero_power_is_one_and_unknown_integer_stays) {
    struct graph *g = &f.graph;
    node_id a = fixture_read(&f, x);
    cr_expect(node_is_number(g, mk_powi(g, a, mk_int(g, 0)), 1));
    expect_dump(mk_pow(g, a, mk_to_real(g, fixture_read(&f, n))), "(x ^ n)");
    expect_dump(mk_pow(g, a, mk_ratio(g, 1, 3)), "pow(x, 1/3)");
}

Test(ir_build, division_by_a_constant_zero_is_kept) {
    struct graph *g = &f.graph;
    cr_expect_eq(node_op(g, mk_div(g, mk_one(g), mk_zero(g))), OP_DIV);
}

Test(ir_build, folding_stops_at_the_limit) {
    struct graph *g = &f.graph;
    node_id power = mk_number(g, 3);
    for (int i = 0; i < 20; i++) power = mk_mul(g, power, power);
    cr_expect(!g->failed);
    cr_expect(node_op(g, power) == OP_POWI || node_op(g, power) == OP_MUL);
}

Test(ir_build, integer_sums_are_linear_combinations) {
    struct graph *g = &f.graph;
    node_id i = mk_index(g, program_index(&f.program, "i", f.nowhere)), one = mk_int(g, 1);
    cr_expect_eq(mk_isub(g, mk_iadd(g, i, one), one), i);
    cr_expect_eq(mk_imul(g, mk_int(g, 2), mk_iadd(g, i, one)), mk_iadd(g, mk_iadd(g, i, i), mk_int(g, 2)));
    cr_expect(node_is_int(g, mk_isub(g, mk_imul(g, i, mk_int(g, 3)), mk_iadd(g, i, mk_iadd(g, i, i))), 0));
    cr_expect(node_is_int(g, mk_ifloor(g, mk_int(g, -7), mk_int(g, 2)), -4));
    cr_expect(node_is_int(g, mk_imod(g, mk_int(g, -7), mk_int(g, 3)), 2));
    cr_expect_eq(node_op(g, mk_idiv(g, mk_int(g, 7), mk_int(g, 2))), OP_IDIV);
}

Test(ir_build, overflow_is_not_folded) {
    struct graph *g = &f.graph;
    node_id sum = mk_iadd(g, mk_int(g, INT64_MAX), mk_int(g, 1));
    cr_expect_eq(node_op(g, sum), OP_IADD);
}

Test(ir_build, conditions_fold_where_known) {
    struct graph *g = &f.graph;
    node_id i = mk_index(g, program_index(&f.program, "i", f.nowhere));
    node_id yes = mk_bool(g, true), unknown = mk_lt(g, fixture_read(&f, x), fixture_read(&f, y));
    cr_expect_eq(mk_ilt(g, i, mk_iadd(g, i, mk_int(g, 1))), yes);
    cr_expect_eq(mk_and(g, yes, unknown), unknown);
    cr_expect_eq(mk_or(g, unknown, yes), yes);
    cr_expect_eq(mk_not(g, mk_not(g, unknown)), unknown);
    cr_expect_eq(mk_select(g, mk_not(g, unknown), i, mk_int(g, 0)), mk_select(g, unknown, mk_int(g, 0), i));
}

Test(ir_build, every_function_is_found_by_its_name) {
    unsigned functions = 0;
    for (int op = 1; op < OP_COUNT; op++) {
        const struct op_info *info = op_info((enum op)op);
        if (!info->is_function) continue;
        functions++;
        cr_expect_eq(op_find(info->name), (enum op)op, "%s", info->name);
        cr_expect(info->partial != NULL, "%s", info->name);
        cr_expect(op_symbol((enum op)op) || info->expand, "%s has neither libm nor an expansion", info->name);
        cr_expect(info->doc && strlen(info->doc) > 3, "%s", info->name);
    }
    cr_expect_geq(functions, 45);
    cr_expect_eq(op_find("no_such_function"), OP_NONE);
}
