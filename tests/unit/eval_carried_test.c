#include "eval/carried.h"

#include "check/points.h"
#include "eval/judge.h"
#include "eval_fixture.h"

enum { OPERANDS = 3, DRAWS = 8 };

/* y = f(x[1], ..) with whole first operands as they are where it has an order. */
struct call {
    struct fixture f;
    array_id x, y;
    double at[OPERANDS];
    uint32_t count;
};

static bool call_open(struct call *t, enum op op, struct chance *chance) {
    const struct op_info *info = op_info(op);
    struct fixture *f = &t->f;
    node_id operands[OPERANDS];
    fixture_init(f);
    t->count = info->arity == ARITY_VARIADIC ? OPERANDS : info->arity;
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(&f->graph, 1), mk_int(&f->graph, OPERANDS));
    t->y = fixture_scalar(f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    for (uint32_t k = 0; k < t->count; k++) {
        t->at[k] = op_sample(op, k, chance_unit(chance));
        operands[k] = info->has_order && k == 0 ? mk_number(&f->graph, (long)t->at[k])
                                                : fixture_read1(f, t->x, mk_int(&f->graph, (int64_t)k + 1));
    }
    if (op == OP_CLAMP) t->at[2] = t->at[1] + 1;
    fixture_update(f, t->y, UPDATE_SET, 0, mk_call(&f->graph, op, operands, t->count));
    fixture_bind(f);
    binding_set_real(&f->binding, t->x, t->at, OPERANDS);
    return binding_allocate(&f->binding, &f->diags);
}

static void expect_near(enum op op, const struct call *t, enum carried_kind kind, double found,
                        double expected) {
    cr_expect_leq(fabs(found - expected), 2e-12 * fmax(1, fabs(expected)),
                  "%s %s at %.17g, %.17g: %.17g for %.17g", kind ? "complex" : "dual", op_info(op)->name,
                  t->at[0], t->at[1], found, expected);
}

/* Returns whether the function can be computed so. */
static bool compare(enum op op, enum carried_kind kind, struct chance *chance) {
    struct call t = {.at = {0}};
    struct carried c;
    bool known = true;
    cr_assert(call_open(&t, op, chance));
    cr_assert(carried_init(&c, kind, &t.f.program, &t.f.binding, &t.f.diags));
    for (uint32_t k = 0; k < t.count && known; k++) {
        double expected;
        if (op_is_fixed(op, k)) continue;
        cr_assert_eq(judge_partial(&t.f.program, &t.f.binding, t.y, 0, t.x, k, &expected, &t.f.diags),
                     EVALUATED);
        cr_assert_eq(carried_run(&c, t.x, k), EVALUATED);
        known = c.missing == OP_NONE;
        if (known) expect_near(op, &t, kind, carried_derivative(&c, t.y, 0), expected);
    }
    carried_release(&c);
    fixture_release(&t.f);
    return known;
}

Test(carried, dual_numbers_know_every_function) {
    struct chance chance = {7};
    for (int op = 1; op < OP_COUNT; op++) {
        if (!op_info((enum op)op)->is_function) continue;
        for (int k = 0; k < DRAWS; k++) cr_expect(compare((enum op)op, CARRIED_DUAL, &chance));
    }
}

Test(carried, the_complex_step_knows_functions_that_are_complex) {
    static const enum op unknown[] = {
        OP_ERF,       OP_ERFC,     OP_ERFINV,  OP_ERFINV_SLOPE, OP_GAMMA,      OP_LGAMMA,
        OP_DIGAMMA,   OP_TRIGAMMA, OP_EXPINT1, OP_LAMBERTW,     OP_NORMAL_PDF, OP_NORMAL_CDF,
        OP_ATAN2,     OP_MOD,      OP_BETA,    OP_LBETA,        OP_GAMMAINC_P, OP_GAMMA_PDF,
        OP_POLYGAMMA, OP_BESSELJ,  OP_BESSELY, OP_BESSELI,      OP_BESSELK};
    struct chance chance = {8};
    for (int op = 1; op < OP_COUNT; op++) {
        bool expected = true;
        if (!op_info((enum op)op)->is_function) continue;
        for (size_t k = 0; k < sizeof unknown / sizeof *unknown; k++) expected &= unknown[k] != (enum op)op;
        for (int k = 0; k < DRAWS; k++)
            cr_expect_eq(compare((enum op)op, CARRIED_COMPLEX, &chance), expected, "%s",
                         op_info((enum op)op)->name);
    }
}

/* s = sum of i*x[i]^3/x[1]^2, m = the largest x[i], y = s*m */
Test(carried, runs_loops_and_updates) {
    for (int kind = 0; kind < 2; kind++) {
        struct fixture f;
        struct carried c;
        double at[3] = {2, 7, 3};
        fixture_init(&f);
        struct graph *g = &f.graph;
        array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 1), mk_int(g, 3));
        array_id s = fixture_scalar(&f, "s", ROLE_TEMPORARY, TYPE_REAL);
        array_id m = fixture_scalar(&f, "m", ROLE_TEMPORARY, TYPE_REAL);
        array_id y = fixture_scalar(&f, "y", ROLE_OBJECTIVE, TYPE_REAL);
        fixture_clear(&f, s, mk_zero(g));
        fixture_clear(&f, m, mk_neg(g, mk_infinity(g)));
        index_id i = fixture_loop(&f, "i", mk_int(g, 1), mk_int(g, 3));
        node_id element = fixture_read1(&f, x, mk_index(g, i)), first = fixture_read1(&f, x, mk_int(g, 1));
        node_id term = mk_div(g, mk_mul(g, mk_to_real(g, mk_index(g, i)), mk_powi(g, element, mk_int(g, 3))),
                              mk_powi(g, first, mk_int(g, 2)));
        fixture_update(&f, s, UPDATE_ADD, 0, term);
        fixture_update(&f, m, UPDATE_MAX, 0, element);
        program_end(&f.program);
        fixture_update(&f, y, UPDATE_SET, 0, mk_mul(g, fixture_read0(&f, s), fixture_read0(&f, m)));
        fixture_bind(&f);
        binding_set_real(&f.binding, x, at, 3);
        cr_assert(binding_allocate(&f.binding, &f.diags));
        cr_assert(carried_init(&c, (enum carried_kind)kind, &f.program, &f.binding, &f.diags));
        double sum = (8 + 2 * 343 + 3 * 27) / 4.0;
        const double expected[3] = {7 * (1 - 2 * (2 * 343 + 3 * 27) / 8.0), sum + 7 * 2 * 3 * 49 / 4.0,
                                    7 * 3 * 3 * 9 / 4.0};
        for (size_t k = 0; k < 3; k++) {
            cr_assert_eq(carried_run(&c, x, k), EVALUATED);
            cr_expect_float_eq(carried_derivative(&c, y, 0), expected[k], 1e-11, "kind %d, x[%zu]", kind, k);
        }
        carried_release(&c);
        fixture_release(&f);
    }
}
