/* Functions of vectors against the reference: at most 1 ulp, or some where that is allowed; and at the
 * edges. What has no function of 1 ulp comes from the C library.
 */
#include "jit/vector_math.h"

#include "eval/reference.h"
#include "eval_fixture.h"
#include "jit/kernel.h"

static const struct span nowhere = {0, 0, 0};

enum { ORDINARY = 600, MOST_ROWS = 1000 };

static const double special[] = {0.0,       -0.0, 1,    -1,      0.5,      -0.5,     2,
                                 -2.5,      1e16, -1e3, 0x1p-60, 1e300,    -1e300,   INFINITY,
                                 -INFINITY, NAN,  709,  709.78,  -745.133, -708.396, 0x1p-1030};
enum { SPECIAL = sizeof special / sizeof *special };

/* y[i] = f(x1[i], x2[i]) over all rows. */
struct table {
    struct fixture f;
    enum op op;
    uint32_t count;
    array_id x[2], y;
    double values[2][MOST_ROWS];
    size_t rows;
};

static double draw(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* In the range of the table of operations, and some much smaller and larger. */
static void draw_ordinary(struct table *t, uint64_t *state) {
    static const double scales[] = {1, 1, 1, 1e-3, 30, 1e-8};
    t->rows = ORDINARY;
    for (uint32_t k = 0; k < t->count; k++)
        for (size_t row = 0; row < ORDINARY; row++)
            t->values[k][row] = op_sample(t->op, k, draw(state)) * scales[row % 6];
}

static void take_special(struct table *t) {
    t->rows = t->count == 1 ? SPECIAL : SPECIAL * SPECIAL;
    for (size_t row = 0; row < t->rows; row++) {
        t->values[0][row] = special[row % SPECIAL];
        t->values[1][row] = special[row / SPECIAL];
    }
}

static void make(struct table *t) {
    fixture_init(&t->f);
    struct graph *g = &t->f.graph;
    node_id one = mk_int(g, 1), rows = mk_int(g, (int64_t)t->rows), operands[2];
    for (uint32_t k = 0; k < t->count; k++)
        t->x[k] = fixture_vector(&t->f, "x", ROLE_UNKNOWN, TYPE_REAL, one, rows);
    t->y = fixture_vector(&t->f, "y", ROLE_OUTPUT, TYPE_REAL, one, rows);
    index_id index = program_index(&t->f.program, "i", nowhere);
    program_loop(&t->f.program, index, one, rows, one, ORDER_FREE, nowhere);
    node_id i = mk_index(g, index);
    for (uint32_t k = 0; k < t->count; k++) operands[k] = fixture_read1(&t->f, t->x[k], i);
    fixture_update(&t->f, t->y, UPDATE_SET, i, mk_call(g, t->op, operands, t->count));
    program_end(&t->f.program);
    fixture_bind(&t->f);
    for (uint32_t k = 0; k < t->count; k++) binding_set_real(&t->f.binding, t->x[k], t->values[k], t->rows);
    cr_assert(binding_allocate(&t->f.binding, &t->f.diags));
}

static void run(struct table *t, enum arithmetic arithmetic, unsigned lanes) {
    struct kernel_options options = {.level = 1, .arithmetic = arithmetic, .lanes = lanes};
    struct kernel *kernel = kernel_compile(&t->f.program, &options, NULL, &t->f.diags);
    cr_assert(kernel);
    kernel->run(t->f.binding.slots);
    kernel_free(kernel);
}

static double ulp_of(double x) {
    return nextafter(fabs(x), HUGE_VAL) - fabs(x);
}

/* The largest error in ulp, where results are ordinary numbers. */
static double largest_error(struct table *t, const struct reference *r) {
    double most = 0;
    mpfr_t exact;
    mpfr_init2(exact, 200);
    for (size_t row = 0; row < t->rows; row++) {
        double got = t->f.binding.arrays[t->y].at.real[row], rounded = reference_value(r, t->y, row);
        if (!isnormal(rounded)) continue;
        reference_get(r, t->y, row, exact);
        mpfr_sub_d(exact, exact, got, MPFR_RNDN);
        double error = fabs(mpfr_get_d(exact, MPFR_RNDN)) / ulp_of(rounded);
        if (!(error <= most)) most = error;
    }
    mpfr_clear(exact);
    return most;
}

/* Of fast functions, in ulp: libmvec's is 4; what is written out, where the processor can multiply and add at
 * once, keeps to less. */
static double fast_bound(enum op op) {
    if (vector_math_width() <= 2) return 4;
    if (op == OP_EXPM1) return 2;
    return op == OP_EXP || op == OP_LOG || op == OP_LOG1P ? 1 : 4;
}

static void check_accuracy(enum op op, uint64_t *state) {
    struct table t = {.op = op, .count = op_info(op)->arity};
    struct reference r;
    draw_ordinary(&t, state);
    make(&t);
    cr_assert(reference_init(&r, &t.f.program, &t.f.binding, 200, &t.f.diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
        run(&t, ARITHMETIC_LANES, lanes);
        double error = largest_error(&t, &r);
        double bound = vector_math_find(op, 2, false).symbol ? 1 : op_info(op)->accuracy.value;
        cr_expect_leq(error, bound, "%s in %u lanes: %g ulp", op_info(op)->name, lanes, error);
        run(&t, ARITHMETIC_FAST, lanes);
        error = largest_error(&t, &r);
        cr_expect_leq(error, fast_bound(op), "%s in %u lanes, fast: %g ulp", op_info(op)->name, lanes, error);
    }
    reference_release(&r);
    fixture_release(&t.f);
}

/* Infinities, NaN and zeros are those of the C library; other numbers near to it. */
static bool is_alike(double got, double wanted) {
    if (isnan(wanted) || isnan(got)) return isnan(wanted) && isnan(got);
    if (isinf(wanted) || isinf(got)) return got == wanted;
    return fabs(got - wanted) <= 4 * ulp_of(wanted) + 0x1p-1030;
}

/* Of a function that is 0 at 0; a fast one need not keep the sign. */
static bool has_sign(double x, double got, double wanted) {
    return x != 0 || wanted != 0 || !signbit(got) == !signbit(wanted);
}

static void check_edges(enum op op) {
    static double wanted[MOST_ROWS];
    struct table t = {.op = op, .count = op_info(op)->arity};
    take_special(&t);
    make(&t);
    run(&t, ARITHMETIC_STRICT, 0);
    const double *y = t.f.binding.arrays[t.y].at.real;
    memcpy(wanted, y, t.rows * sizeof *wanted);
    for (unsigned way = 0; way < 6; way++) {
        bool fast = way > 2;
        unsigned lanes = 2u << way % 3;
        run(&t, fast ? ARITHMETIC_FAST : ARITHMETIC_LANES, lanes);
        for (size_t row = 0; row < t.rows; row++)
            cr_expect(is_alike(y[row], wanted[row]), "%s(%g, %g) in %u lanes is %a, not %a%s",
                      op_info(op)->name, t.values[0][row], t.values[1][row], lanes, y[row], wanted[row],
                      fast ? " (fast)" : "");
        for (size_t row = 0; !fast && row < t.rows; row++)
            cr_expect(has_sign(t.values[0][row], y[row], wanted[row]), "%s(%g) in %u lanes is %g",
                      op_info(op)->name, t.values[0][row], lanes, y[row]);
    }
    fixture_release(&t.f);
}

static bool has_vectors(enum op op) {
    return op_info(op)->is_function && vector_math_find(op, 2, true).symbol;
}

Test(jit_vector_math, errors_are_small, .timeout = 280) {
    uint64_t state = 11;
    for (enum op op = OP_NONE; op < OP_COUNT; op++)
        if (has_vectors(op)) check_accuracy(op, &state);
}

Test(jit_vector_math, edges_are_those_of_the_library, .timeout = 280) {
    for (enum op op = OP_NONE; op < OP_COUNT; op++)
        if (has_vectors(op)) check_edges(op);
}

Test(jit_vector_math, both_libraries_are_there) {
    cr_expect(vector_math_find(OP_EXP, 2, false).symbol);
#if defined(__x86_64__) && defined(__GLIBC__)
    cr_expect_str_eq(vector_math_find(OP_SIN, 2, true).symbol, "_ZGVbN2v_sin");
    cr_expect_str_eq(vector_math_find(OP_POW, 2, true).symbol, "_ZGVbN2vv_pow");
#endif
}
