#include "eval/culprit.h"

#include "eval_fixture.h"

/* y[i] = value(x[i]) for i = 1..3, s = sum of y[i] over i = 1..last */
struct search {
    struct fixture f;
    array_id x, y, s;
    double values[3];
    struct culprit culprit;
};

typedef node_id (*formula)(struct graph *g, node_id x);

static void search_run(struct search *t, formula value, const double values[3], int last) {
    struct fixture *f = &t->f;
    fixture_init(f);
    struct graph *g = &f->graph;
    node_id one = mk_int(g, 1), three = mk_int(g, 3);
    memcpy(t->values, values, sizeof t->values);
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, one, three);
    t->y = fixture_vector(f, "y", ROLE_LET, TYPE_REAL, one, three);
    t->s = fixture_scalar(f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    node_id i = mk_index(g, fixture_loop(f, "i", one, three));
    fixture_update(f, t->y, UPDATE_SET, i, value(g, fixture_read1(f, t->x, i)));
    program_end(&f->program);
    fixture_clear(f, t->s, mk_zero(g));
    node_id j = mk_index(g, fixture_loop(f, "j", one, mk_int(g, last)));
    fixture_update(f, t->s, UPDATE_ADD, 0, fixture_read1(f, t->y, j));
    program_end(&f->program);
    fixture_bind(f);
    binding_set_real(&f->binding, t->x, t->values, 3);
    cr_assert(binding_allocate(&f->binding, &f->diags));
    cr_assert_eq(doubles_find_culprit(&f->program, &f->binding, &t->s, 1, &t->culprit, &f->diags), EVALUATED);
}

static node_id log_of(struct graph *g, node_id x) {
    return mk_call1(g, OP_LOG, x);
}
static node_id inverse_of_exp(struct graph *g, node_id x) {
    return mk_div(g, mk_one(g), mk_add(g, mk_one(g), mk_call1(g, OP_EXP, x)));
}
static node_id quotient(struct graph *g, node_id x) {
    return mk_div(g, mk_number(g, 2), mk_sub(g, x, mk_one(g)));
}
static node_id compared(struct graph *g, node_id x) {
    return mk_select(g, mk_lt(g, mk_zero(g), mk_call1(g, OP_SQRT, x)), mk_one(g), mk_number(g, 2));
}
static node_id untaken(struct graph *g, node_id x) {
    return mk_select(g, mk_lt(g, mk_zero(g), x), mk_call1(g, OP_LOG, x), x);
}
static node_id constant_fault(struct graph *g, node_id x) {
    return mk_add(g, x, mk_call1(g, OP_LOG, mk_number(g, -2)));
}
static node_id third_power(struct graph *g, node_id x) {
    return mk_pow(g, x, mk_ratio(g, 1, 3));
}

Test(eval_culprit, names_the_operation_its_operands_and_indices) {
    struct search t;
    const double values[3] = {1, -0.25, -4};
    search_run(&t, log_of, values, 3);
    const struct culprit *c = &t.culprit;
    cr_assert(c->found);
    cr_expect_str_eq(c->operation, "log");
    cr_expect(c->operand_count == 1 && c->operands[0] == -0.25 && isnan(c->value));
    cr_assert_eq(c->index_count, 1);
    cr_expect_str_eq(c->index_names[0], "i");
    cr_expect(c->index_values[0] == 2 && c->array == t.y && c->element == 1 && c->output == t.s);
    cr_expect_not(c->in_comparison);
    culprit_report(c, "objective", &t.f.diags);
    const struct diag *diag = &t.f.diags.items.at[0];
    cr_expect_str_eq(diag->code, "domain-error");
    cr_expect_str_eq(diag->message, "log(u) with u = -0.25 is nan (i = 2)");
    cr_expect_str_eq(diag->domain.in, "objective");
    cr_expect(diag->domain.operand_count == 1 && diag->domain.operands[0] == -0.25);
    fixture_release(&t.f);
}

Test(eval_culprit, what_is_not_read_is_not_blamed) {
    struct search t;
    const double values[3] = {1, 2, -4};
    search_run(&t, log_of, values, 2);
    cr_expect_not(t.culprit.found);
    fixture_release(&t.f);
    search_run(&t, untaken, values, 3);
    cr_expect_not(t.culprit.found);
    fixture_release(&t.f);
}

Test(eval_culprit, an_overflow_that_comes_to_a_finite_value_is_no_fault) {
    struct search t;
    const double values[3] = {1, 1000, 2};
    search_run(&t, inverse_of_exp, values, 3);
    cr_expect_not(t.culprit.found);
    fixture_release(&t.f);
}

Test(eval_culprit, division_shows_both_operands) {
    struct search t;
    const double values[3] = {3, 2, 1};
    search_run(&t, quotient, values, 3);
    cr_assert(t.culprit.found);
    cr_expect_str_eq(t.culprit.operation, "/");
    cr_expect(t.culprit.operand_count == 2 && t.culprit.operands[0] == 2 && t.culprit.operands[1] == 0);
    cr_expect(t.culprit.index_values[0] == 3 && isinf(t.culprit.value));
    fixture_release(&t.f);
}

Test(eval_culprit, a_compared_nan_is_reported) {
    struct search t;
    const double values[3] = {1, 4, -1};
    search_run(&t, compared, values, 3);
    cr_assert(t.culprit.found && t.culprit.in_comparison);
    cr_expect_str_eq(t.culprit.operation, "sqrt");
    cr_expect(t.culprit.operands[0] == -1 && t.culprit.index_values[0] == 3 && t.culprit.output == 0);
    fixture_release(&t.f);
}

static bool finds(struct search *t, const node_id *comparisons, size_t count, size_t most) {
    struct culprit *c = &t->culprit;
    cr_assert_eq(
        doubles_find_compared(&t->f.program, &t->f.binding, comparisons, count, most, c, &t->f.diags),
        EVALUATED);
    return c->found;
}

Test(eval_culprit, only_the_comparisons_asked_for) {
    struct search t;
    const double values[3] = {1, 4, -1};
    search_run(&t, compared, values, 3);
    node_id value = t.f.program.steps.at[1].value, one = mk_one(&t.f.graph);
    const node_id comparisons[2] = {mk_lt(&t.f.graph, one, value), node_operand(&t.f.graph, value, 0)};
    cr_expect(finds(&t, comparisons, 2, 0) && t.culprit.in_comparison && t.culprit.operands[0] == -1);
    cr_expect_eq(t.culprit.index_values[0], 3);
    cr_expect_not(finds(&t, comparisons, 1, 0));
    cr_expect_not(finds(&t, comparisons, 2, 3), "the third element comes after four operations");
    fixture_release(&t.f);
}

Test(eval_culprit, constants_are_taken_apart) {
    struct search t;
    const double values[3] = {1, 4, 1};
    search_run(&t, constant_fault, values, 3);
    cr_assert(t.culprit.found);
    cr_expect_str_eq(t.culprit.operation, "log");
    cr_expect(t.culprit.operands[0] == -2 && t.culprit.index_values[0] == 1);
    fixture_release(&t.f);
}

Test(eval_culprit, sums_overflow_by_themselves) {
    struct search t;
    const double values[3] = {1e308, 1e308, 1};
    search_run(&t, mk_neg, values, 3);
    cr_assert(t.culprit.found);
    cr_expect_str_eq(t.culprit.operation, "+");
    cr_expect(t.culprit.operands[0] == -1e308 && t.culprit.operands[1] == -1e308);
    cr_assert_eq(t.culprit.index_count, 1);
    cr_expect(strcmp(t.culprit.index_names[0], "j") == 0 && t.culprit.index_values[0] == 2);
    fixture_release(&t.f);
}

Test(eval_culprit, a_cube_root_is_suggested) {
    struct search t;
    const double values[3] = {1, 8, -8};
    search_run(&t, third_power, values, 3);
    cr_assert(t.culprit.found);
    culprit_report(&t.culprit, "objective", &t.f.diags);
    cr_assert_not_null(t.f.diags.items.at[0].hint);
    cr_expect_not_null(strstr(t.f.diags.items.at[0].hint, "cbrt"));
    fixture_release(&t.f);
}

Test(eval_culprit, input_that_is_nan_is_named) {
    struct search t;
    const double values[3] = {1, NAN, 1};
    search_run(&t, mk_neg, values, 3);
    cr_assert(t.culprit.found);
    cr_expect_str_eq(t.culprit.operation, "read");
    fixture_release(&t.f);
}
