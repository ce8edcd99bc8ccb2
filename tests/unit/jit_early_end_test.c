/* Loops that end early, in code and interpreted. */
#include "eval/doubles.h"
#include "eval_fixture.h"
#include "jit/kernel.h"

static const struct span nowhere = {0, 0, 0};

enum { ROWS = 8 };

struct summing {
    struct fixture f;
    array_id x, n, sum, count;
};

/* s[i] = s[i - 1] + x[i] until s[i] is above 6 or no number, twice. */
static void build(struct summing *t) {
    struct fixture *f = &t->f;
    fixture_init(f);
    struct graph *g = &f->graph;
    node_id one = mk_int(g, 1), zero = mk_int(g, 0);
    t->n = fixture_scalar(f, "n", ROLE_PARAM, TYPE_INT);
    node_id last = fixture_read0(f, t->n);
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, one, mk_int(g, ROWS));
    t->sum = fixture_vector(f, "sum", ROLE_OUTPUT, TYPE_REAL, zero, last);
    t->count = fixture_scalar(f, "count", ROLE_OUTPUT, TYPE_INT);
    index_id outer = program_index(&f->program, "k", nowhere), i = program_index(&f->program, "i", nowhere);
    fixture_clear(f, t->count, zero);
    fixture_update(f, t->sum, UPDATE_SET, zero, mk_zero(g));
    program_loop(&f->program, outer, one, mk_int(g, 2), one, ORDER_UP, nowhere);
    program_loop(&f->program, i, one, last, one, ORDER_UP, nowhere);
    node_id here = mk_index(g, i), before = fixture_read1(f, t->sum, mk_isub(g, here, one));
    fixture_update(f, t->sum, UPDATE_SET, here, mk_add(g, before, fixture_read1(f, t->x, here)));
    program_update(&f->program, t->count, NULL, UPDATE_ADD, one, nowhere);
    program_end_when(&f->program, mk_not(g, mk_le(g, fixture_read1(f, t->sum, here), mk_number(g, 6))));
    program_end(&f->program);
    fixture_bind(f);
}

static void expect(struct summing *t, int64_t taken, const char *how, int level) {
    double sum = 0;
    int64_t count = *t->f.binding.arrays[t->count].at.integer;
    cr_expect_eq(count, 2 * taken, "%s %d: %lld, not twice %lld", how, level, (long long)count,
                 (long long)taken);
    for (int64_t k = 0; k <= taken; k++) {
        double got = t->f.binding.arrays[t->sum].at.real[k];
        if (k > 0) sum += t->f.binding.arrays[t->x].at.real[k - 1];
        cr_expect(got == sum || (isnan(got) && isnan(sum)), "%s %d: sum[%lld] is %g, not %g", how, level,
                  (long long)k, got, sum);
    }
}

static void check(int64_t rows, double sixth, int64_t taken) {
    struct summing t;
    double values[ROWS] = {1, 2, 0.5, 1, 0.25, sixth, 1, 8};
    build(&t);
    binding_set_integer(&t.f.binding, t.n, &rows, 1);
    binding_set_real(&t.f.binding, t.x, values, ROWS);
    cr_assert(binding_allocate(&t.f.binding, &t.f.diags));
    cr_assert_eq(doubles_run(&t.f.program, &t.f.binding, &t.f.diags), EVALUATED);
    expect(&t, taken, "interpreted", 0);
    for (int level = 1; level <= 3; level++) {
        for (int arithmetic = ARITHMETIC_STRICT; arithmetic <= ARITHMETIC_FAST; arithmetic++) {
            struct kernel_options options = {.level = level, .arithmetic = (enum arithmetic)arithmetic};
            struct kernel *kernel = kernel_compile(&t.f.program, &options, NULL, &t.f.diags);
            cr_assert(kernel);
            *t.f.binding.arrays[t.count].at.integer = 77;
            kernel->run(t.f.binding.slots);
            expect(&t, taken, "in code", level);
            kernel_free(kernel);
        }
    }
    fixture_release(&t.f);
}

Test(jit_early_end, behind_the_iteration_in_which_the_condition_holds) {
    check(8, 1, 7);
    check(8, 1.5, 6);
    check(8, NAN, 6);
    check(7, 1, 7);
    check(5, 1, 5);
    check(0, 1, 0);
}
