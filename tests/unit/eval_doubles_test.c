#include "eval/doubles.h"

#include <time.h>

#include "eval/power.h"
#include "eval_fixture.h"

static double result(struct fixture *f, array_id a, size_t element) {
    return f->binding.arrays[a].at.real[element];
}

static void run(struct fixture *f) {
    cr_assert_eq(doubles_run(&f->program, &f->binding, &f->diags), EVALUATED, "%s", fixture_code(f));
}

/* s = sum of x[i]*i over i = 1..n */
struct sum {
    struct fixture f;
    array_id n, x, s;
    int64_t count;
    double values[10];
};

static void sum_init(struct sum *t, int64_t count) {
    struct fixture *f = &t->f;
    fixture_init(f);
    struct graph *g = &f->graph;
    t->count = count;
    for (int i = 0; i < 10; i++) t->values[i] = 1.0 / (i + 1) + 0.1;
    t->n = fixture_scalar(f, "n", ROLE_PARAM, TYPE_INT);
    node_id n = fixture_read0(f, t->n);
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 1), n);
    t->s = fixture_scalar(f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_clear(f, t->s, mk_zero(g));
    node_id i = mk_index(g, fixture_loop(f, "i", mk_int(g, 1), n));
    fixture_update(f, t->s, UPDATE_ADD, 0, mk_mul(g, fixture_read1(f, t->x, i), mk_to_real(g, i)));
    program_end(&f->program);
    fixture_bind(f);
    binding_set_integer(&f->binding, t->n, &t->count, 1);
    binding_set_real(&f->binding, t->x, t->values, 10);
    cr_assert(binding_allocate(&f->binding, &f->diags));
}

Test(eval_doubles, sum) {
    for (int64_t count = 0; count <= 10; count += 5) {
        struct sum t;
        sum_init(&t, count);
        run(&t.f);
        double expected = 0;
        for (int64_t i = 1; i <= count; i++) expected += t.values[i - 1] * (double)i;
        cr_expect(result(&t.f, t.s, 0) == expected);
        run(&t.f);
        cr_expect(result(&t.f, t.s, 0) == expected, "a second run begins anew");
        fixture_release(&t.f);
    }
}

/* y[1] = x; y[i] = sin(y[i-1]) + c*y[i-1]: each element reads what the one before has set. */
Test(eval_doubles, recurrence) {
    struct fixture f;
    double x = 0.7, expected = x;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id in = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_vector(&f, "y", ROLE_LET, TYPE_REAL, mk_int(g, 1), mk_int(g, 20));
    fixture_update(&f, y, UPDATE_SET, mk_int(g, 1), fixture_read0(&f, in));
    node_id i = mk_index(g, fixture_loop(&f, "i", mk_int(g, 2), mk_int(g, 20)));
    node_id before = fixture_read1(&f, y, mk_isub(g, i, mk_int(g, 1)));
    node_id scaled = mk_mul(g, mk_ratio(g, 1, 3), before);
    fixture_update(&f, y, UPDATE_SET, i, mk_add(g, mk_call1(g, OP_SIN, before), scaled));
    program_end(&f.program);
    fixture_bind(&f);
    binding_set_real(&f.binding, in, &x, 1);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    run(&f);
    for (int k = 1; k < 20; k++) expected = sin(expected) + 1.0 / 3 * expected;
    cr_expect(result(&f, y, 19) == expected);
    fixture_release(&f);
}

/* for i = 6..1 by -2: for j = 1..i where j != 2: s += i/j, over a local array 1..i made anew. */
Test(eval_doubles, triangular_nest_with_guard_and_local_array) {
    struct fixture f;
    struct span none = {0, 0, 0};
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id s = fixture_scalar(&f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_clear(&f, s, mk_zero(g));
    index_id outer = program_index(&f.program, "i", none);
    node_id i = mk_index(g, outer);
    program_loop(&f.program, outer, mk_int(g, 6), mk_int(g, 1), mk_int(g, -2), ORDER_DOWN, none);
    array_id t = fixture_vector(&f, "t", ROLE_TEMPORARY, TYPE_REAL, mk_imul(g, mk_int(g, 3), i),
                                mk_imul(g, mk_int(g, 4), i));
    f.program.arrays.at[t].owner = outer;
    fixture_clear(&f, t, mk_ratio(g, 1, 2));
    node_id j = mk_index(g, fixture_loop(&f, "j", mk_int(g, 1), i));
    program_when(&f.program, mk_ine(g, j, mk_int(g, 2)), none);
    node_id place = mk_iadd(g, mk_imul(g, mk_int(g, 3), i), j);
    fixture_update(&f, t, UPDATE_ADD, place, mk_div(g, mk_to_real(g, i), mk_to_real(g, j)));
    program_end(&f.program);
    fixture_update(&f, s, UPDATE_ADD, 0, fixture_read1(&f, t, place));
    program_end(&f.program);
    program_end(&f.program);
    fixture_bind(&f);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    run(&f);
    double expected = 0;
    for (int a = 6; a >= 1; a -= 2) {
        for (int b = 1; b <= a; b++) expected += b == 2 ? 0.5 : 0.5 + (double)a / b;
    }
    cr_expect(result(&f, s, 0) == expected, "%.17g, expected %.17g", result(&f, s, 0), expected);
    fixture_release(&f);
}

/* y[i] = if i < n then x[i+1] else 7: the read outside belongs to the operand not taken. */
Test(eval_doubles, the_operand_not_taken_is_not_read) {
    struct fixture f;
    double values[3] = {1, 2, 3};
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), n = mk_int(g, 3);
    array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, n);
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, n);
    node_id i = mk_index(g, fixture_loop(&f, "i", one, n));
    node_id next = fixture_read1(&f, x, mk_iadd(g, i, one));
    node_id condition = mk_and(g, mk_ilt(g, i, n), mk_lt(g, mk_zero(g), next));
    fixture_update(&f, y, UPDATE_SET, i, mk_select(g, condition, next, mk_number(g, 7)));
    program_end(&f.program);
    fixture_bind(&f);
    binding_set_real(&f.binding, x, values, 3);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    run(&f);
    cr_expect(result(&f, y, 0) == 2 && result(&f, y, 1) == 3 && result(&f, y, 2) == 7);
    cr_expect_not(diag_has_errors(&f.diags));
    fixture_release(&f);
}

Test(eval_doubles, a_read_outside_is_an_error) {
    struct fixture f;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 1), mk_int(g, 3));
    array_id y = fixture_scalar(&f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_update(&f, y, UPDATE_SET, 0, fixture_read1(&f, x, mk_int(g, 4)));
    fixture_bind(&f);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    cr_expect_eq(doubles_run(&f.program, &f.binding, &f.diags), EVALUATION_ERROR);
    cr_expect_str_eq(fixture_code(&f), "index-out-of-range");
    fixture_release(&f);
}

/* m max= x[i], and min and max of operands with ties and NaN. */
Test(eval_doubles, extrema) {
    const double inputs[][3] = {{1, 3, 2}, {2, 2, 2}, {NAN, 1, 2}, {1, NAN, 2}, {1, 2, NAN}, {-0.5, -1, -2}};
    for (size_t c = 0; c < sizeof inputs / sizeof *inputs; c++) {
        struct fixture f;
        double values[3];
        memcpy(values, inputs[c], sizeof values);
        fixture_init(&f);
        struct graph *g = &f.graph;
        array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 1), mk_int(g, 3));
        array_id m = fixture_scalar(&f, "m", ROLE_OUTPUT, TYPE_REAL);
        array_id least = fixture_scalar(&f, "least", ROLE_OUTPUT, TYPE_REAL);
        node_id operands[3];
        for (int k = 0; k < 3; k++) operands[k] = fixture_read1(&f, x, mk_int(g, k + 1));
        fixture_clear(&f, m, mk_neg(g, mk_infinity(g)));
        node_id i = mk_index(g, fixture_loop(&f, "i", mk_int(g, 1), mk_int(g, 3)));
        fixture_update(&f, m, UPDATE_MAX, 0, fixture_read1(&f, x, i));
        program_end(&f.program);
        fixture_update(&f, least, UPDATE_SET, 0, mk_call(g, OP_MIN, operands, 3));
        fixture_bind(&f);
        binding_set_real(&f.binding, x, values, 3);
        cr_assert(binding_allocate(&f.binding, &f.diags));
        run(&f);
        if (isnan(values[0] + values[1] + values[2])) {
            cr_expect(isnan(result(&f, m, 0)) && isnan(result(&f, least, 0)), "case %zu", c);
        } else {
            cr_expect(result(&f, m, 0) == fmax(fmax(values[0], values[1]), values[2]), "case %zu", c);
            cr_expect(result(&f, least, 0) == fmin(fmin(values[0], values[1]), values[2]), "case %zu", c);
        }
        fixture_release(&f);
    }
}

Test(eval_doubles, powers_are_multiplied_in_a_fixed_order) {
    double x = 1.1, square = x * x, cube = square * x;
    cr_expect(power_multiplied(x, 0) == 1 && power_multiplied(x, 1) == x);
    cr_expect(power_multiplied(x, 3) == cube);
    cr_expect(power_multiplied(x, 7) == cube * cube * x);
    cr_expect(power_multiplied(x, 12) == (cube * cube) * (cube * cube));
    cr_expect(power_multiplied(x, -3) == 1 / cube);
    cr_expect(power_multiplied(-x, 3) == -cube);
    cr_expect(power_halves(x, 1) == sqrt(x) && power_halves(x, 3) == x * sqrt(x));
    cr_expect(power_halves(x, -1) == 1 / sqrt(x) && power_halves(x, -7) == 1 / (cube * sqrt(x)));
}

Test(eval_doubles, powers_in_programs) {
    struct fixture f;
    double x = 1.3;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id in = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, mk_int(g, 1), mk_int(g, 5));
    node_id a = fixture_read0(&f, in);
    const node_id values[5] = {mk_powi(g, a, mk_int(g, 5)), mk_powi(g, a, mk_int(g, 17)),
                               mk_pow(g, a, mk_ratio(g, 5, 2)), mk_pow(g, a, mk_ratio(g, 1, 3)),
                               mk_powi(g, a, mk_int(g, -2))};
    for (int k = 0; k < 5; k++) fixture_update(&f, y, UPDATE_SET, mk_int(g, k + 1), values[k]);
    node_id k = mk_index(g, fixture_loop(&f, "k", mk_int(g, 5), mk_int(g, 5)));
    fixture_update(&f, y, UPDATE_ADD, k, mk_powi(g, a, k));
    program_end(&f.program);
    fixture_bind(&f);
    binding_set_real(&f.binding, in, &x, 1);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    run(&f);
    cr_expect(result(&f, y, 0) == (x * x) * (x * x) * x);
    cr_expect(result(&f, y, 1) == pow(x, 17));
    cr_expect(result(&f, y, 2) == x * x * sqrt(x));
    cr_expect(result(&f, y, 3) == pow(x, 1.0 / 3));
    cr_expect(result(&f, y, 4) == 1 / (x * x) + pow(x, 5));
    fixture_release(&f);
}

/* 1e6 elements of about ten nodes each; the bound is loose, for slow machines and sanitizers. */
Test(eval_doubles, is_fast_enough_for_large_arrays) {
    struct fixture f;
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), n = mk_int(g, 1000000);
    array_id x = fixture_vector(&f, "x", ROLE_LET, TYPE_REAL, one, n);
    node_id i = mk_index(g, fixture_loop(&f, "i", one, n));
    node_id t = mk_div(g, mk_to_real(g, i), mk_number(g, 1000000));
    node_id value = mk_add(g, mk_mul(g, t, mk_sub(g, mk_one(g), t)), mk_div(g, t, mk_add(g, t, mk_one(g))));
    fixture_update(&f, x, UPDATE_SET, i, value);
    program_end(&f.program);
    fixture_bind(&f);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    clock_t begin = clock();
    run(&f);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    cr_log_info("%.0f ns per element", seconds * 1e3);
    cr_expect_lt(seconds, 20);
    double last = 1.0 * (1 - 1.0) + 1.0 / 2;
    cr_expect(result(&f, x, 999999) == last);
    fixture_release(&f);
}

Test(eval_doubles, a_chain_of_100000_terms) {
    struct fixture f;
    double x = 0.3, expected = x;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id in = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_scalar(&f, "y", ROLE_OUTPUT, TYPE_REAL);
    node_id a = fixture_read0(&f, in), value = a;
    for (int k = 0; k < 100000; k++) {
        value = mk_call1(g, OP_SIGMOID, value);
        double e = exp(-fabs(expected));
        expected = (expected < 0 ? e : 1) / (1 + e);
    }
    fixture_update(&f, y, UPDATE_SET, 0, value);
    fixture_bind(&f);
    binding_set_real(&f.binding, in, &x, 1);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    run(&f);
    cr_expect(result(&f, y, 0) == expected);
    fixture_release(&f);
}
