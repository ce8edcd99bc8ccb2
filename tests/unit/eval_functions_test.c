/* The table of operations, row by row: doubles and expansions against the reference, partials against the
 * judge. A new row is tested without a change here. */
#include "eval/doubles.h"
#include "eval/judge.h"
#include "eval_fixture.h"

enum { VARIADIC_COUNT = 3, MOST_OPERANDS = 3 };

/* How many points are tried for each row. */
static int points(void) {
    const char *percentage = getenv("GRADC_TEST_SCALE");
    int count = percentage ? atoi(percentage) : 100;
    return count > 0 ? count : 1;
}

/* y = f(x[1], ..), d[k] = its partials */
struct row_program {
    struct fixture f;
    uint32_t count;
    array_id x, y, d;
    bool partial_known[MOST_OPERANDS];
    double values[MOST_OPERANDS];
};

static void row_init(struct row_program *t, enum op op, bool with_partials) {
    struct fixture *f = &t->f;
    node_id operands[MOST_OPERANDS];
    fixture_init(f);
    struct graph *g = &f->graph;
    const struct op_info *info = op_info(op);
    t->count = info->arity == ARITY_VARIADIC ? VARIADIC_COUNT : info->arity;
    node_id one = mk_int(g, 1), last = mk_int(g, (int64_t)t->count);
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, one, last);
    t->d = fixture_vector(f, "d", ROLE_OUTPUT, TYPE_REAL, one, last);
    t->y = fixture_scalar(f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    for (uint32_t k = 0; k < t->count; k++) operands[k] = fixture_read1(f, t->x, mk_int(g, (int64_t)k + 1));
    node_id value = mk_call(g, op, operands, t->count);
    fixture_update(f, t->y, UPDATE_SET, 0, value);
    for (uint32_t k = 0; with_partials && k < t->count; k++) {
        node_id partial = info->partial(g, operands, t->count, value, k);
        t->partial_known[k] = partial != 0;
        if (partial) fixture_update(f, t->d, UPDATE_SET, mk_int(g, (int64_t)k + 1), partial);
    }
    fixture_bind(f);
    binding_set_real(&f->binding, t->x, t->values, t->count);
    cr_assert(binding_allocate(&f->binding, &f->diags));
}

static void draw(struct row_program *t, enum op op, uint64_t *state) {
    for (uint32_t k = 0; k < t->count; k++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        t->values[k] = op_sample(op, k, (double)(*state >> 11) * 0x1p-53);
    }
}

/* Whether the function itself has no kink near the point. Its partials do not count: they compare values that
 * are equal by their making, as a maximum with its operands. */
static bool is_smooth(struct row_program *at, enum op op) {
    struct row_program bare;
    struct reference r;
    row_init(&bare, op, false);
    binding_set_real(&bare.f.binding, bare.x, at->values, at->count);
    cr_assert(reference_init(&r, &bare.f.program, &bare.f.binding, 200, &bare.f.diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    bool smooth = reference_kink(&r) > 1e-9;
    reference_release(&r);
    fixture_release(&bare.f);
    return smooth;
}

/* A smooth point for the next check. */
static void draw_smooth(struct row_program *t, enum op op, uint64_t *state) {
    int drawn = 0;
    do {
        draw(t, op, state);
        cr_assert_lt(drawn++, 1000, "%s has no smooth point", op_info(op)->name);
    } while (!is_smooth(t, op));
}

static void check_value(struct row_program *t, enum op op, struct reference *r) {
    cr_assert_eq(doubles_run(&t->f.program, &t->f.binding, &t->f.diags), EVALUATED);
    cr_assert_eq(reference_run(r), EVALUATED);
    double value = t->f.binding.arrays[t->y].at.real[0], reference = reference_value(r, t->y, 0);
    double bound = (reference_error(r, t->y, 0) + fabs(reference)) * 0x1p-53;
    cr_expect(fabs(value - reference) <= bound, "%s(%g, ..): %.17g, reference %.17g, bound %g",
              op_info(op)->name, t->values[0], value, reference, bound);
    cr_expect(bound <= 1e-13 * (1 + fabs(reference)), "%s(%g, ..): a bound of %g says nothing",
              op_info(op)->name, t->values[0], bound);
    for (uint32_t k = 0; k < t->count; k++) {
        if (!t->partial_known[k]) continue;
        value = t->f.binding.arrays[t->d].at.real[k], reference = reference_value(r, t->d, k);
        bound = (reference_error(r, t->d, k) + fabs(reference)) * 0x1p-53;
        cr_expect(fabs(value - reference) <= bound, "partial %u of %s at %g, ..: %.17g, reference %.17g", k,
                  op_info(op)->name, t->values[0], value, reference);
    }
}

Test(eval_functions, doubles_are_as_good_as_their_error_bound) {
    uint64_t state = 1;
    for (enum op op = OP_NONE; op < OP_COUNT; op++) {
        struct row_program t;
        if (!op_info(op)->is_function) continue;
        row_init(&t, op, true);
        for (int point = 0; point < points(); point++) {
            struct reference r;
            draw_smooth(&t, op, &state);
            cr_assert(reference_init(&r, &t.f.program, &t.f.binding, 200, &t.f.diags));
            reference_measure_errors(&r);
            check_value(&t, op, &r);
            reference_release(&r);
        }
        fixture_release(&t.f);
    }
}

/* Both sides are right to 2^-200 or so, hence a rule that is nearly right is found out. */
static void check_partial(struct row_program *t, enum op op, uint32_t k, struct judge *j,
                          const struct reference *r) {
    mpfr_t judged, ruled;
    mpfr_inits2(464, judged, ruled, (mpfr_ptr)0);
    judge_get(j, t->y, 0, judged);
    reference_get(r, t->d, k, ruled);
    mpfr_sub(judged, judged, ruled, MPFR_RNDN);
    double difference = fabs(mpfr_get_d(judged, MPFR_RNDN)), size = fabs(mpfr_get_d(ruled, MPFR_RNDN));
    cr_expect(difference <= 1e-50 * (1 + size), "partial %u of %s at %g, %g, ..: rule %.17g, off by %g", k,
              op_info(op)->name, t->values[0], t->values[t->count > 1], size, difference);
    mpfr_clears(judged, ruled, (mpfr_ptr)0);
}

static void check_partials(struct row_program *t, enum op op) {
    struct reference r;
    struct judge j;
    cr_assert(reference_init(&r, &t->f.program, &t->f.binding, 464, &t->f.diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    cr_assert(judge_init(&j, &t->f.program, &t->f.binding, &t->f.diags));
    for (uint32_t k = 0; k < t->count; k++) {
        if (!t->partial_known[k]) continue;
        cr_assert_eq(judge_move(&j, t->x, k), EVALUATED);
        check_partial(t, op, k, &j, &r);
    }
    judge_release(&j);
    reference_release(&r);
}

Test(eval_functions, partials_agree_with_the_judge, .timeout = 240) {
    uint64_t state = 2;
    for (enum op op = OP_NONE; op < OP_COUNT; op++) {
        struct row_program t;
        if (!op_info(op)->is_function) continue;
        row_init(&t, op, true);
        for (int point = 0; point < points(); point++) {
            draw_smooth(&t, op, &state);
            check_partials(&t, op);
        }
        fixture_release(&t.f);
    }
}

/* By all operands that may depend on unknowns. */
Test(eval_functions, partials_are_known) {
    for (enum op op = OP_NONE; op < OP_COUNT; op++) {
        struct row_program t;
        if (!op_info(op)->is_function) continue;
        row_init(&t, op, true);
        for (uint32_t k = 0; k < t.count; k++)
            cr_expect_neq(t.partial_known[k], op_is_fixed(op, k), "%s", op_info(op)->name);
        fixture_release(&t.f);
    }
}

/* Every row can be computed: by libm, by MPFR and expansion, and something tells how. */
Test(eval_functions, rows_are_complete) {
    for (enum op op = OP_NONE; op < OP_COUNT; op++) {
        const struct op_info *info = op_info(op);
        if (!info->is_function) continue;
        cr_expect(info->libm1 || info->libm2 || info->expand, "%s", info->name);
        cr_expect_lt(info->low, info->high, "%s", info->name);
        cr_expect_eq(op_find(info->name), op, "%s", info->name);
    }
}
