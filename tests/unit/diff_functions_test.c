/* Second derivatives of the table's functions: each partial, differentiated as an expression, against the
 * judge. A new row is tested without a change here. */
#include "diff/gradient.h"
#include "eval/judge.h"
#include "eval_fixture.h"

enum { VARIADIC_COUNT = 2, MOST_OPERANDS = 3, POINTS = 20 };

/* y = the partial of f(x[1], ..) by operand k, and g = its gradient. */
struct partial_program {
    struct fixture f;
    struct program gradient;
    struct binding binding; /* of the gradient */
    uint32_t count;
    array_id x, fixed, y; /* fixed: the same numbers as params, for operands that may not vary */
    double values[MOST_OPERANDS];
};

static node_id partial_of(struct partial_program *t, enum op op, uint32_t k) {
    struct graph *g = &t->f.graph;
    node_id operands[MOST_OPERANDS];
    for (uint32_t i = 0; i < t->count; i++)
        operands[i] = fixture_read1(&t->f, op_is_fixed(op, i) ? t->fixed : t->x, mk_int(g, (int64_t)i + 1));
    node_id value = mk_call(g, op, operands, t->count);
    return op_info(op)->partial(g, operands, t->count, value, k);
}

static void open_partial(struct partial_program *t, enum op op, uint32_t k) {
    struct fixture *f = &t->f;
    fixture_init(f);
    t->count = op_info(op)->arity == ARITY_VARIADIC ? VARIADIC_COUNT : op_info(op)->arity;
    node_id one = mk_int(&f->graph, 1), last = mk_int(&f->graph, t->count);
    t->x = fixture_vector(f, "x", ROLE_UNKNOWN, TYPE_REAL, one, last);
    t->fixed = fixture_vector(f, "fixed", ROLE_PARAM, TYPE_REAL, one, last);
    t->y = fixture_scalar(f, "y", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_update(f, t->y, UPDATE_SET, 0, partial_of(t, op, k));
    struct gradient_request request = {.output = t->y, .wrt = &t->x, .wrt_count = 1};
    cr_assert(differentiate(&t->gradient, &f->program, &request, &f->diags), "%s", op_info(op)->name);
    fixture_bind(f);
    binding_set_real(&f->binding, t->x, t->values, t->count);
    binding_set_real(&f->binding, t->fixed, t->values, t->count);
    cr_assert(binding_allocate(&f->binding, &f->diags));
    cr_assert(binding_init(&t->binding, &t->gradient));
    binding_set_real(&t->binding, t->x, t->values, t->count);
    binding_set_real(&t->binding, t->fixed, t->values, t->count);
    cr_assert(binding_allocate(&t->binding, &f->diags));
}

static void close_partial(struct partial_program *t) {
    binding_release(&t->binding);
    program_release(&t->gradient);
    fixture_release(&t->f);
}

static void compare(struct partial_program *t, enum op op, uint32_t k, uint32_t m, const struct reference *r,
                    const struct judge *j) {
    mpfr_t judged, ruled;
    mpfr_inits2(464, judged, ruled, (mpfr_ptr)0);
    judge_get(j, t->y, 0, judged);
    reference_get(r, gradient_array(&t->gradient, t->x), m, ruled);
    mpfr_sub(judged, judged, ruled, MPFR_RNDN);
    double difference = fabs(mpfr_get_d(judged, MPFR_RNDN)), size = fabs(mpfr_get_d(ruled, MPFR_RNDN));
    cr_expect(difference <= 1e-50 * (1 + size), "derivatives %u and %u of %s at %g, %g: %.17g, off by %g", k,
              m, op_info(op)->name, t->values[0], t->values[t->count > 1], size, difference);
    mpfr_clears(judged, ruled, (mpfr_ptr)0);
}

/* Where the judge steps over no kink of the partial. */
static void check_point(struct partial_program *t, enum op op, uint32_t k) {
    struct reference r;
    struct judge j;
    cr_assert(judge_init(&j, &t->f.program, &t->f.binding, &t->f.diags));
    cr_assert(reference_init(&r, &t->gradient, &t->binding, 464, &t->f.diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    for (uint32_t m = 0; m < t->count; m++) {
        if (op_is_fixed(op, m)) continue;
        cr_assert_eq(judge_move(&j, t->x, m), EVALUATED);
        compare(t, op, k, m, &r, &j);
    }
    reference_release(&r);
    judge_release(&j);
}

static void check_function(enum op op, uint64_t *state) {
    uint32_t count = op_info(op)->arity == ARITY_VARIADIC ? VARIADIC_COUNT : op_info(op)->arity;
    for (uint32_t k = 0; k < count; k++) {
        struct partial_program t;
        if (op_is_fixed(op, k)) continue;
        open_partial(&t, op, k);
        for (int point = 0; point < POINTS; point++) {
            for (uint32_t i = 0; i < count; i++) {
                *state = *state * 6364136223846793005u + 1442695040888963407u;
                t.values[i] = op_sample(op, i, (double)(*state >> 11) * 0x1p-53);
            }
            check_point(&t, op, k);
        }
        close_partial(&t);
    }
}

Test(diff_functions, second_derivatives_agree_with_the_judge, .timeout = 240) {
    uint64_t state = 9;
    for (enum op op = OP_NONE; op < OP_COUNT; op++)
        if (op_info(op)->is_function) check_function(op, &state);
}
