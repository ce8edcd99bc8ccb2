#include "eval/integer.h"

#include <inttypes.h>

#include "eval/interval.h"
#include "eval_fixture.h"

/* The node as the builders do not fold it: its operands are reads of two integer params. */
struct operands {
    struct fixture f;
    node_id a, b;
    int64_t values[2];
};

static void operands_init(struct operands *o, int64_t a, int64_t b) {
    fixture_init(&o->f);
    array_id first = fixture_scalar(&o->f, "a", ROLE_PARAM, TYPE_INT);
    array_id second = fixture_scalar(&o->f, "b", ROLE_PARAM, TYPE_INT);
    o->a = fixture_read0(&o->f, first);
    o->b = fixture_read0(&o->f, second);
    o->values[0] = a;
    o->values[1] = b;
    fixture_bind(&o->f);
    binding_set_integer(&o->f.binding, first, &o->values[0], 1);
    binding_set_integer(&o->f.binding, second, &o->values[1], 1);
}

typedef node_id (*builder)(struct graph *, node_id, node_id);

struct integer_case {
    builder build;
    int64_t a, b, value;
    const char *code; /* NULL: none */
};

static const struct integer_case integer_cases[] = {
    {mk_iadd, 2, 3, 5, NULL},
    {mk_iadd, INT64_MAX, 1, 0, "integer-overflow"},
    {mk_isub, INT64_MIN, 1, 0, "integer-overflow"},
    {mk_imul, -4, 5, -20, NULL},
    {mk_imul, INT64_MAX, 2, 0, "integer-overflow"},
    {mk_idiv, -12, 4, -3, NULL},
    {mk_idiv, 7, 2, 0, "inexact-division"},
    {mk_idiv, 7, 0, 0, "division-by-zero"},
    {mk_idiv, INT64_MIN, -1, 0, "integer-overflow"},
    {mk_ifloor, -7, 2, -4, NULL},
    {mk_ifloor, 7, -2, -4, NULL},
    {mk_ifloor, 6, -2, -3, NULL},
    {mk_ifloor, 1, 0, 0, "division-by-zero"},
    {mk_imod, -7, 3, 2, NULL},
    {mk_imod, 7, 3, 1, NULL},
    {mk_imod, INT64_MIN, -1, 0, NULL},
    {mk_imod, 1, 0, 0, "division-by-zero"},
    {mk_imin, 3, -2, -2, NULL},
    {mk_imax, 3, -2, 3, NULL},
    {mk_ilt, 1, 2, 1, NULL},
    {mk_ile, 2, 2, 1, NULL},
    {mk_ieq, 1, 2, 0, NULL},
    {mk_ine, 1, 2, 1, NULL},
};

Test(eval_integer, operations) {
    for (size_t i = 0; i < sizeof integer_cases / sizeof *integer_cases; i++) {
        const struct integer_case *c = &integer_cases[i];
        struct operands o;
        int64_t value = 0;
        operands_init(&o, c->a, c->b);
        node_id n = c->build(&o.f.graph, o.a, o.b);
        bool done = binding_integer(&o.f.binding, n, &value, &o.f.diags);
        cr_expect_eq(done, c->code == NULL, "case %zu", i);
        cr_expect_str_eq(fixture_code(&o.f), c->code ? c->code : "", "case %zu", i);
        if (done) cr_expect_eq(value, c->value, "case %zu: %" PRId64, i, value);
        fixture_release(&o.f);
    }
}

Test(eval_integer, conditions_decide_early) {
    struct operands o;
    int64_t value = 0;
    operands_init(&o, 0, 7);
    struct graph *g = &o.f.graph;
    node_id zero = mk_ieq(g, o.a, mk_int(g, 0)), fails = mk_ieq(g, mk_ifloor(g, o.b, o.a), mk_int(g, 1));
    cr_expect(binding_integer(&o.f.binding, mk_or(g, zero, fails), &value, &o.f.diags) && value == 1);
    cr_expect(binding_integer(&o.f.binding, mk_and(g, mk_not(g, zero), fails), &value, &o.f.diags) &&
              value == 0);
    cr_expect(
        binding_integer(&o.f.binding, mk_select(g, zero, o.b, mk_ifloor(g, o.b, o.a)), &value, &o.f.diags) &&
        value == 7);
    cr_expect_not(binding_integer(&o.f.binding, mk_and(g, zero, fails), &value, &o.f.diags));
    cr_expect_str_eq(fixture_code(&o.f), "division-by-zero");
    fixture_release(&o.f);
}

Test(eval_integer, a_sum_of_many_terms_needs_no_stack) {
    struct operands o;
    int64_t value = 0;
    operands_init(&o, 3, 2);
    node_id n = o.a;
    for (int i = 0; i < 200000; i++) n = mk_imax(&o.f.graph, mk_ifloor(&o.f.graph, n, o.b), o.a);
    cr_expect(binding_integer(&o.f.binding, n, &value, &o.f.diags));
    cr_expect_eq(value, 3);
    fixture_release(&o.f);
}

Test(eval_integer, reads_of_integer_arrays_are_checked) {
    struct fixture f;
    int64_t values[3] = {10, 20, 30}, value = 0, indices[2] = {0, 2};
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id k = fixture_vector(&f, "k", ROLE_PARAM, TYPE_INT, mk_int(g, 0), mk_int(g, 2));
    index_id i = program_index(&f.program, "i", (struct span){0, 0, 0});
    fixture_bind(&f);
    binding_set_integer(&f.binding, k, values, 3);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    node_id read = fixture_read1(&f, k, mk_index(g, i));
    cr_expect(integer_evaluate(&f.binding, indices, read, &value, &f.diags) && value == 30);
    for (int64_t outside = -1; outside <= 3; outside += 4) {
        indices[1] = outside;
        cr_expect_not(integer_evaluate(&f.binding, indices, read, &value, &f.diags));
        cr_expect_str_eq(fixture_code(&f), "index-out-of-range");
    }
    fixture_release(&f);
}

struct shape_case {
    int64_t n, lower;
    size_t count;
    const char *code;
};

Test(eval_binding, extents_follow_the_params) {
    const struct shape_case cases[] = {{5, 1, 5, NULL},
                                       {0, 1, 0, NULL},
                                       {5, 0, 6, NULL},
                                       {-3, 1, 0, "negative-extent"},
                                       {INT64_MAX, -1, 0, "too-large"},
                                       {INT64_MAX / 2, 1, 0, "too-large"}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct fixture f;
        int64_t n = cases[c].n;
        fixture_init(&f);
        array_id size = fixture_scalar(&f, "n", ROLE_PARAM, TYPE_INT);
        array_id x = fixture_vector(&f, "x", ROLE_LET, TYPE_REAL, mk_int(&f.graph, cases[c].lower),
                                    fixture_read0(&f, size));
        fixture_bind(&f);
        binding_set_integer(&f.binding, size, &n, 1);
        bool done = binding_allocate(&f.binding, &f.diags);
        cr_expect_eq(done, cases[c].code == NULL, "case %zu", c);
        cr_expect_str_eq(fixture_code(&f), cases[c].code ? cases[c].code : "", "case %zu", c);
        if (done) {
            cr_expect_eq(f.binding.arrays[x].count, cases[c].count, "case %zu", c);
            cr_expect_eq(f.binding.slots[x], f.binding.arrays[x].at.real, "case %zu", c);
            cr_expect_eq(f.binding.arrays[x].lower[0], cases[c].lower, "case %zu", c);
        }
        fixture_release(&f);
    }
}

Test(eval_binding, too_few_values_are_refused) {
    struct fixture f;
    double values[2] = {1, 2};
    fixture_init(&f);
    array_id x = fixture_vector(&f, "x", ROLE_PARAM, TYPE_REAL, mk_int(&f.graph, 1), mk_int(&f.graph, 3));
    fixture_bind(&f);
    binding_set_real(&f.binding, x, values, 2);
    cr_expect_not(binding_allocate(&f.binding, &f.diags));
    cr_expect_str_eq(fixture_code(&f), "size-mismatch");
    fixture_release(&f);
}

Test(eval_binding, inputs_are_shared) {
    struct fixture f;
    double value = 3;
    struct binding other;
    fixture_init(&f);
    array_id x = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    fixture_bind(&f);
    binding_set_real(&f.binding, x, &value, 1);
    cr_assert(binding_init(&other, &f.program));
    binding_share_inputs(&other, &f.binding);
    cr_expect_eq(other.slots[x], &value);
    cr_expect(binding_allocate(&other, &f.diags));
    binding_release(&other);
    cr_expect_eq(value, 3);
    fixture_release(&f);
}

/* for i = 2..n: a local array i..i+3, another 1..i, another i..n */
Test(eval_binding, local_arrays_take_the_largest_extent) {
    struct fixture f;
    int64_t n = 50;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id size = fixture_scalar(&f, "n", ROLE_PARAM, TYPE_INT);
    node_id upper = fixture_read0(&f, size);
    index_id i = fixture_loop(&f, "i", mk_int(g, 2), upper);
    node_id at = mk_index(g, i);
    const struct dimension dims[3] = {{at, mk_iadd(g, at, mk_int(g, 3))}, {mk_int(g, 1), at}, {at, upper}};
    const size_t counts[3] = {4, 50, 49};
    array_id locals[3];
    for (size_t k = 0; k < 3; k++) {
        locals[k] = fixture_vector(&f, "t", ROLE_TEMPORARY, TYPE_REAL, dims[k].lower, dims[k].upper);
        f.program.arrays.at[locals[k]].owner = i;
    }
    program_end(&f.program);
    fixture_bind(&f);
    binding_set_integer(&f.binding, size, &n, 1);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    for (size_t k = 0; k < 3; k++) cr_expect_eq(f.binding.arrays[locals[k]].count, counts[k], "array %zu", k);
    fixture_release(&f);
}

/* Every value that an expression takes lies in its interval, and the ends are met where the table says so. */
Test(eval_interval, holds_all_values) {
    const builder builders[] = {mk_iadd, mk_isub, mk_imul, mk_ifloor, mk_imod, mk_imin, mk_imax};
    for (size_t k = 0; k < sizeof builders / sizeof *builders; k++) {
        struct fixture f;
        fixture_init(&f);
        struct graph *g = &f.graph;
        index_id i = program_index(&f.program, "i", (struct span){0, 0, 0});
        index_id j = program_index(&f.program, "j", (struct span){0, 0, 0});
        node_id n = builders[k](g, mk_iabs(g, mk_index(g, i)), mk_index(g, j));
        if (k % 2) n = builders[k](g, mk_index(g, i), mk_index(g, j));
        fixture_bind(&f);
        struct interval range[3] = {{0, 0}, {-4, 5}, {-3, 6}}, result;
        int64_t low = INT64_MAX, high = INT64_MIN, value;
        cr_assert(interval_of(&f.binding, range, n, &result));
        for (int64_t a = -4; a <= 5; a++) {
            for (int64_t b = -3; b <= 6; b++) {
                const int64_t at[3] = {0, a, b};
                if (!integer_evaluate(&f.binding, at, n, &value, NULL)) continue;
                cr_expect(result.low <= value && value <= result.high, "operation %zu", k);
                low = value < low ? value : low;
                high = value > high ? value : high;
            }
        }
        cr_expect(low == result.low && high == result.high, "operation %zu", k);
        (void)i, (void)j;
        fixture_release(&f);
    }
}

Test(eval_interval, saturates_and_knows_empty_loops) {
    struct fixture f;
    fixture_init(&f);
    struct graph *g = &f.graph;
    index_id i = fixture_loop(&f, "i", mk_int(g, 3), mk_int(g, 1));
    program_end(&f.program);
    fixture_bind(&f);
    struct interval range[2] = {{0, 0}, {INT64_MIN, INT64_MAX}}, result;
    node_id n = mk_imul(g, mk_index(g, i), mk_index(g, i));
    cr_assert(interval_of(&f.binding, range, n, &result));
    cr_expect_eq(result.high, INT64_MAX);
    cr_assert(interval_of_loop(&f.binding, range, &f.program.steps.at[0], &result));
    cr_expect_gt(result.low, result.high);
    fixture_release(&f);
}
