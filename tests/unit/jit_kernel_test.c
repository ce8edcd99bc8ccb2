/* Kernels against the interpreter in doubles: the same bits for every kind of program. */
#include "jit/kernel.h"

#include <pthread.h>

#include "eval/doubles.h"
#include "eval_fixture.h"

static const struct span nowhere = {0, 0, 0};

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return isnan(x) ? 0x7FF8000000000000 : bits;
}

static void compare_array(const struct fixture *f, const struct binding *native, array_id a, int level) {
    const struct array *array = program_array_at(&f->program, a);
    for (size_t e = 0; e < native->arrays[a].count; e++) {
        if (array->type == TYPE_INT) {
            long long got = native->arrays[a].at.integer[e], wanted = f->binding.arrays[a].at.integer[e];
            cr_expect_eq(got, wanted, "%s[%zu] is %lld, interpreted %lld (level %d)", array->name, e, got,
                         wanted, level);
        } else {
            double got = native->arrays[a].at.real[e], wanted = f->binding.arrays[a].at.real[e];
            cr_expect_eq(bits_of(got), bits_of(wanted), "%s[%zu] is %a, interpreted %a (level %d)",
                         array->name, e, got, wanted, level);
        }
    }
}

static struct kernel *compile(struct fixture *f, int level, struct kernel_report *report) {
    struct kernel_options options = {.level = level};
    struct kernel *kernel = kernel_compile(&f->program, &options, report, &f->diags);
    cr_assert(kernel, "%s", f->diags.items.count ? f->diags.items.at[0].message : "no message");
    return kernel;
}

/* Runs the kernel twice on storage of its own that holds rubbish, and compares the results. */
static void compare_at(struct fixture *f, int level) {
    struct binding native;
    struct kernel *kernel = compile(f, level, NULL);
    cr_assert(binding_init(&native, &f->program));
    binding_share_inputs(&native, &f->binding);
    cr_assert(binding_allocate(&native, &f->diags));
    for (int run = 0; run < 2; run++) {
        for (array_id a = 1; a < f->program.arrays.count; a++)
            if (native.arrays[a].owned && native.arrays[a].count)
                memset(native.arrays[a].at.real, 0xA5, native.arrays[a].count * sizeof(double));
        kernel->run(native.slots);
        for (array_id a = 1; a < f->program.arrays.count; a++)
            if (role_is_output(f->program.arrays.at[a].role)) compare_array(f, &native, a, level);
    }
    binding_release(&native);
    kernel_free(kernel);
}

/* The fixture is bound, its inputs set. */
static void compare(struct fixture *f) {
    cr_assert(binding_allocate(&f->binding, &f->diags), "%s", fixture_code(f));
    cr_assert_eq(doubles_run(&f->program, &f->binding, &f->diags), EVALUATED, "%s", fixture_code(f));
    for (int level = 0; level <= 3; level++) compare_at(f, level);
}

static node_id loop_by(struct fixture *f, node_id lower, node_id upper, node_id by, enum loop_order order) {
    index_id index = program_index(&f->program, "i", nowhere);
    program_loop(&f->program, index, lower, upper, by, order, nowhere);
    return mk_index(&f->graph, index);
}

static void end(struct fixture *f) {
    program_end(&f->program);
}

/* ---- Functions ---- */

enum { POINTS = 24, MOST_OPERANDS = 3 };

static const double special[] = {
    0.0,  -0.0, 1,      -1,      0.5,   -0.5,      1.5,      2.5,       -2.5, 0.49999999999999994,
    1e16, -1e3, 0x1p52, 0x1p-60, 1e300, 0x1p-1074, INFINITY, -INFINITY, NAN,  709.5};
enum { SPECIAL = sizeof special / sizeof *special, ROWS = POINTS + SPECIAL };

static void draw_rows(enum op op, double (*values)[ROWS], uint64_t *state) {
    for (int k = 0; k < MOST_OPERANDS; k++)
        for (int row = 0; row < ROWS; row++) {
            *state = *state * 6364136223846793005u + 1442695040888963407u;
            double unit = (double)(*state >> 11) * 0x1p-53;
            values[k][row] =
                row < POINTS ? op_sample(op, (uint32_t)k, unit) : special[(row - POINTS + 7 * k) % SPECIAL];
        }
}

/* y[i] = f(x1[i], ..), and the partials, over ordinary and special operands. */
static void check_function(enum op op, uint64_t *state) {
    struct fixture f;
    const struct op_info *info = op_info(op);
    double values[MOST_OPERANDS][ROWS];
    node_id operands[MOST_OPERANDS];
    array_id inputs[MOST_OPERANDS];
    uint32_t count = info->arity == ARITY_VARIADIC ? MOST_OPERANDS : info->arity;
    fixture_init(&f);
    draw_rows(op, values, state);
    node_id one = mk_int(&f.graph, 1), rows = mk_int(&f.graph, ROWS);
    for (uint32_t k = 0; k < count; k++)
        inputs[k] = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, rows);
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, rows);
    node_id i = loop_by(&f, one, rows, one, ORDER_FREE);
    for (uint32_t k = 0; k < count; k++) operands[k] = fixture_read1(&f, inputs[k], i);
    node_id value = mk_call(&f.graph, op, operands, count);
    fixture_update(&f, y, UPDATE_SET, i, value);
    for (uint32_t k = 0; k < count; k++) {
        node_id partial = info->partial(&f.graph, operands, count, value, k);
        if (!partial) continue;
        array_id d = fixture_vector(&f, info->name, ROLE_OUTPUT, TYPE_REAL, one, rows);
        fixture_update(&f, d, UPDATE_SET, i, partial);
    }
    end(&f);
    fixture_bind(&f);
    for (uint32_t k = 0; k < count; k++) binding_set_real(&f.binding, inputs[k], values[k], ROWS);
    compare(&f);
    fixture_release(&f);
}

Test(jit_kernel, every_function_and_its_partials, .timeout = 240) {
    uint64_t state = 5;
    for (enum op op = OP_NONE; op < OP_COUNT; op++)
        if (op_info(op)->is_function) check_function(op, &state);
}

/* One operand is constant: LLVM folds what it can. */
Test(jit_kernel, functions_of_constants) {
    struct fixture f;
    double x = 0.7;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id in = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, mk_int(g, 1), mk_int(g, 8));
    node_id a = fixture_read0(&f, in);
    const node_id values[8] = {mk_pow(g, a, mk_ratio(g, 1, 3)),
                               mk_pow(g, mk_number(g, 2), a),
                               mk_powi(g, a, mk_int(g, -17)),
                               mk_powi(g, a, mk_int(g, 11)),
                               mk_pow(g, a, mk_ratio(g, -7, 2)),
                               mk_call2(g, OP_ATAN2, mk_ratio(g, 1, 4), a),
                               mk_mul(g, mk_ratio(g, 1, 3), mk_add(g, a, mk_ratio(g, 2, 7))),
                               mk_div(g, a, mk_number(g, 3))};
    for (int k = 0; k < 8; k++) fixture_update(&f, y, UPDATE_SET, mk_int(g, k + 1), values[k]);
    fixture_bind(&f);
    binding_set_real(&f.binding, in, &x, 1);
    compare(&f);
    fixture_release(&f);
}

/* a*b + c with operands whose product rounds: a fused operation would show. */
Test(jit_kernel, nothing_is_contracted) {
    struct fixture f;
    double x[64];
    fixture_init(&f);
    struct graph *g = &f.graph;
    for (int k = 0; k < 64; k++) x[k] = 1 + (k + 1) * 0x1p-27;
    node_id one = mk_int(g, 1), n = mk_int(g, 64);
    array_id in = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, n);
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, n);
    array_id s = fixture_scalar(&f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_clear(&f, s, mk_zero(g));
    node_id i = loop_by(&f, one, n, one, ORDER_FREE);
    node_id a = fixture_read1(&f, in, i);
    node_id rest = mk_add(g, mk_call1(g, OP_ABS, mk_mul(g, a, a)), mk_number(g, -1));
    fixture_update(&f, y, UPDATE_SET, i, rest);
    fixture_update(&f, s, UPDATE_ADD, 0, mk_mul(g, rest, a));
    end(&f);
    fixture_bind(&f);
    binding_set_real(&f.binding, in, x, 64);
    compare(&f);
    fixture_release(&f);
}

/* ---- Loops ---- */

/* s[1] = sum of x over from..to by by, order dependent; s[2] counts; s[3] is the last index. */
static void check_range(int64_t from, int64_t to, int64_t by, bool constant_step) {
    struct fixture f;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id bounds[3];
    for (int k = 0; k < 3; k++) bounds[k] = fixture_scalar(&f, "b", ROLE_PARAM, TYPE_INT);
    array_id s = fixture_vector(&f, "s", ROLE_OUTPUT, TYPE_REAL, mk_int(g, 1), mk_int(g, 2));
    array_id last = fixture_scalar(&f, "last", ROLE_OUTPUT, TYPE_INT);
    fixture_clear(&f, s, mk_zero(g));
    fixture_clear(&f, last, mk_int(g, INT64_MIN));
    node_id step = constant_step ? mk_int(g, by) : fixture_read0(&f, bounds[2]);
    node_id i = loop_by(&f, fixture_read0(&f, bounds[0]), fixture_read0(&f, bounds[1]), step, ORDER_UP);
    node_id x = mk_div(g, mk_one(g), mk_add(g, mk_to_real(g, i), mk_ratio(g, 1, 3)));
    fixture_update(&f, s, UPDATE_ADD, mk_int(g, 1), x);
    fixture_update(&f, s, UPDATE_ADD, mk_int(g, 2), mk_one(g));
    fixture_update(&f, last, UPDATE_MAX, 0, i);
    end(&f);
    fixture_bind(&f);
    int64_t values[3] = {from, to, by};
    for (int k = 0; k < 3; k++) binding_set_integer(&f.binding, bounds[k], &values[k], 1);
    compare(&f);
    fixture_release(&f);
}

Test(jit_kernel, ranges, .timeout = 240) {
    static const int64_t ranges[][3] = {{1, 10, 1},
                                        {10, 1, -1},
                                        {1, 0, 1},
                                        {0, 1, -1},
                                        {1, 10, 3},
                                        {1, 11, 3},
                                        {10, -4, -3},
                                        {5, 5, 7},
                                        {5, 5, -7},
                                        {INT64_MAX - 3, INT64_MAX, 1},
                                        {INT64_MAX - 3, INT64_MAX, 2},
                                        {INT64_MIN + 3, INT64_MIN, -1},
                                        {INT64_MIN + 4, INT64_MIN, -3},
                                        {INT64_MIN, INT64_MAX, INT64_MAX},
                                        {INT64_MAX, INT64_MIN, INT64_MIN}};
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
        check_range(ranges[k][0], ranges[k][1], ranges[k][2], true);
        check_range(ranges[k][0], ranges[k][1], ranges[k][2], false);
    }
}

/* y[1] = x; y[i] = sin(y[i-1]) + y[i-1]/3, then downwards z[i] = z[i+1]*y[i] + z[i+1]. */
Test(jit_kernel, recurrences) {
    struct fixture f;
    double x = 0.7;
    int64_t count = 37;
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), minus = mk_int(g, -1);
    array_id n = fixture_scalar(&f, "n", ROLE_PARAM, TYPE_INT);
    node_id last = fixture_read0(&f, n);
    array_id in = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, last);
    array_id z = fixture_vector(&f, "z", ROLE_OUTPUT, TYPE_REAL, one, last);
    fixture_update(&f, y, UPDATE_SET, one, fixture_read0(&f, in));
    node_id i = loop_by(&f, mk_int(g, 2), last, one, ORDER_UP);
    node_id before = fixture_read1(&f, y, mk_isub(g, i, one));
    fixture_update(&f, y, UPDATE_SET, i,
                   mk_add(g, mk_call1(g, OP_SIN, before), mk_mul(g, mk_ratio(g, 1, 3), before)));
    end(&f);
    fixture_update(&f, z, UPDATE_SET, last, mk_ratio(g, 1, 7));
    node_id j = loop_by(&f, mk_isub(g, last, one), one, minus, ORDER_DOWN);
    node_id after = fixture_read1(&f, z, mk_iadd(g, j, one));
    fixture_update(&f, z, UPDATE_SET, j, mk_add(g, mk_mul(g, after, fixture_read1(&f, y, j)), after));
    end(&f);
    fixture_bind(&f);
    binding_set_integer(&f.binding, n, &count, 1);
    binding_set_real(&f.binding, in, &x, 1);
    compare(&f);
    fixture_release(&f);
}

/* ---- Conditions, choices, updates, local scalars ---- */

enum { MIXED = 12 };
static double mixed[MIXED] = {1, -2, 0.25, NAN, 3, -0.0, 0.0, 7, -INFINITY, 2, NAN, 0.5};

/* Real comparisons, choices between values and reads, conditions around updates. */
Test(jit_kernel, comparisons_and_choices) {
    struct fixture f;
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), n = mk_int(g, MIXED);
    array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, n);
    node_id i = loop_by(&f, one, n, one, ORDER_FREE);
    node_id a = fixture_read1(&f, x, i), zero = mk_zero(g);
    node_id next = fixture_read1(&f, x, mk_iadd(g, i, one));
    node_id is_inner = mk_ilt(g, i, n);
    const node_id conditions[] = {mk_lt(g, a, zero),
                                  mk_le(g, zero, a),
                                  mk_eq(g, a, zero),
                                  mk_ne(g, a, zero),
                                  mk_not(g, mk_lt(g, a, zero)),
                                  mk_and(g, is_inner, mk_lt(g, a, next)),
                                  mk_or(g, mk_not(g, is_inner), mk_le(g, next, a)),
                                  mk_ine(g, mk_imod(g, i, mk_int(g, 3)), one)};
    for (size_t k = 0; k < sizeof conditions / sizeof *conditions; k++) {
        array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, n);
        array_id z = fixture_vector(&f, "z", ROLE_OUTPUT, TYPE_REAL, one, n);
        array_id w = fixture_vector(&f, "w", ROLE_OUTPUT, TYPE_INT, one, n);
        node_id exponential = mk_call1(g, OP_EXP, mk_mul(g, a, mk_ratio(g, 1, 3)));
        fixture_update(&f, y, UPDATE_SET, i, mk_select(g, conditions[k], exponential, mk_neg(g, a)));
        fixture_update(&f, w, UPDATE_SET, i, mk_select(g, conditions[k], i, mk_imul(g, i, mk_int(g, -5))));
        fixture_update(&f, z, UPDATE_SET, i,
                       mk_select(g, mk_and(g, is_inner, conditions[k]), next, mk_number(g, 7)));
    }
    end(&f);
    fixture_bind(&f);
    binding_set_real(&f.binding, x, mixed, MIXED);
    compare(&f);
    fixture_release(&f);
}

/* Largest, smallest and sum over a local scalar, per row and of all rows, with NaN at each place. */
Test(jit_kernel, updates_of_locals_and_elements) {
    for (int rotation = 0; rotation < MIXED; rotation++) {
        struct fixture f;
        double values[MIXED];
        for (int k = 0; k < MIXED; k++) values[k] = mixed[(k + rotation) % MIXED];
        fixture_init(&f);
        struct graph *g = &f.graph;
        node_id one = mk_int(g, 1), n = mk_int(g, MIXED);
        array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, n);
        array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, mk_int(g, 4));
        array_id all = fixture_scalar(&f, "all", ROLE_OBJECTIVE, TYPE_REAL);
        array_id most = fixture_scalar(&f, "most", ROLE_TEMPORARY, TYPE_REAL);
        array_id least = fixture_scalar(&f, "least", ROLE_TEMPORARY, TYPE_INT);
        fixture_clear(&f, all, mk_zero(g));
        node_id i = loop_by(&f, one, mk_int(g, 4), one, ORDER_UP);
        f.program.arrays.at[most].owner = f.program.arrays.at[least].owner = 1;
        fixture_clear(&f, most, mk_neg(g, mk_infinity(g)));
        fixture_clear(&f, least, mk_int(g, 1000));
        node_id j = loop_by(&f, one, mk_int(g, 3), one, ORDER_UP);
        node_id place = mk_iadd(g, mk_imul(g, mk_int(g, 3), mk_isub(g, i, one)), j);
        node_id element = fixture_read1(&f, x, place);
        fixture_update(&f, most, UPDATE_MAX, 0, element);
        program_when(&f.program, mk_lt(g, mk_zero(g), element), nowhere);
        fixture_update(&f, least, UPDATE_MIN, 0, mk_imul(g, place, mk_isub(g, j, mk_int(g, 2))));
        fixture_update(&f, all, UPDATE_ADD, 0, element);
        end(&f);
        end(&f);
        fixture_update(&f, y, UPDATE_SET, i,
                       mk_add(g, fixture_read0(&f, most), mk_to_real(g, fixture_read0(&f, least))));
        end(&f);
        fixture_bind(&f);
        binding_set_real(&f.binding, x, values, MIXED);
        compare(&f);
        fixture_release(&f);
    }
}

/* ---- Whole numbers ---- */

enum { WHOLES = 9 };
static int64_t wholes[WHOLES] = {-7, -3, -1, 0, 1, 2, 5, INT64_MIN, INT64_MAX};

static bool defined(enum op op, int64_t a, int64_t b) {
    int64_t value;
    bool divides = op == OP_IDIV || op == OP_IFLOOR || op == OP_IMOD;
    if (op == OP_IADD) return !__builtin_add_overflow(a, b, &value);
    if (op == OP_IMUL) return !__builtin_mul_overflow(a, b, &value);
    if (op == OP_IABS) return a != INT64_MIN;
    if (divides && (b == 0 || (a == INT64_MIN && b == -1 && op != OP_IMOD))) return false;
    return op != OP_IDIV || b == -1 || a % b == 0;
}

static node_id whole(struct graph *g, enum op op, node_id a, node_id b) {
    switch ((int)op) {
    case OP_IADD: return mk_iadd(g, a, b);
    case OP_IMUL: return mk_imul(g, a, b);
    case OP_IDIV: return mk_idiv(g, a, b);
    case OP_IFLOOR: return mk_ifloor(g, a, b);
    case OP_IMOD: return mk_imod(g, a, b);
    case OP_IMIN: return mk_imin(g, a, b);
    case OP_IMAX: return mk_imax(g, a, b);
    default: return mk_iabs(g, a);
    }
}

/* c[k] = a[k] op b[k] over all pairs that the interpreter accepts; the divisor constant or not. */
static void check_whole(enum op op, int64_t constant) {
    struct fixture f;
    int64_t a[WHOLES * WHOLES], b[WHOLES * WHOLES], count = 0;
    for (int i = 0; i < WHOLES; i++)
        for (int k = 0; k < WHOLES; k++) {
            int64_t second = constant ? constant : wholes[k];
            if (!defined(op, wholes[i], second)) continue;
            a[count] = wholes[i];
            b[count++] = second;
        }
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), n = mk_int(g, count);
    array_id left = fixture_vector(&f, "a", ROLE_PARAM, TYPE_INT, one, n);
    array_id right = fixture_vector(&f, "b", ROLE_PARAM, TYPE_INT, one, n);
    array_id result = fixture_vector(&f, op_info(op)->name, ROLE_OUTPUT, TYPE_INT, one, n);
    node_id i = loop_by(&f, one, n, one, ORDER_FREE);
    node_id second = constant ? mk_int(g, constant) : fixture_read1(&f, right, i);
    fixture_update(&f, result, UPDATE_SET, i, whole(g, op, fixture_read1(&f, left, i), second));
    end(&f);
    fixture_bind(&f);
    binding_set_integer(&f.binding, left, a, (size_t)count);
    binding_set_integer(&f.binding, right, b, (size_t)count);
    compare(&f);
    fixture_release(&f);
}

Test(jit_kernel, whole_numbers, .timeout = 240) {
    static const enum op ops[] = {OP_IADD, OP_IMUL, OP_IDIV, OP_IFLOOR, OP_IMOD, OP_IMIN, OP_IMAX, OP_IABS};
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
        check_whole(ops[k], 0);
        check_whole(ops[k], -1);
        check_whole(ops[k], 3);
        check_whole(ops[k], -4);
    }
}

/* What the interpreter refuses must not end the process: a / 0, INT64_MIN / -1, and sums beyond 64 bits. */
Test(jit_kernel, refused_operations_do_not_trap) {
    static int64_t a[4] = {5, INT64_MIN, 0, INT64_MAX}, b[4] = {0, -1, 0, INT64_MAX};
    struct fixture f;
    fixture_init(&f);
    struct graph *g = &f.graph;
    static const enum op ops[] = {OP_IDIV, OP_IFLOOR, OP_IMOD, OP_IADD, OP_IMUL};
    node_id one = mk_int(g, 1), n = mk_int(g, 4);
    array_id left = fixture_vector(&f, "a", ROLE_PARAM, TYPE_INT, one, n);
    array_id right = fixture_vector(&f, "b", ROLE_PARAM, TYPE_INT, one, n);
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
        array_id result = fixture_vector(&f, "c", ROLE_OUTPUT, TYPE_INT, one, n);
        node_id i = loop_by(&f, one, n, one, ORDER_FREE);
        fixture_update(&f, result, UPDATE_SET, i,
                       whole(g, ops[k], fixture_read1(&f, left, i), fixture_read1(&f, right, i)));
        end(&f);
    }
    fixture_bind(&f);
    binding_set_integer(&f.binding, left, a, 4);
    binding_set_integer(&f.binding, right, b, 4);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    cr_assert_eq(doubles_run(&f.program, &f.binding, &f.diags), EVALUATION_ERROR);
    for (int level = 1; level <= 3; level++) {
        struct kernel *kernel = compile(&f, level, NULL);
        kernel->run(f.binding.slots);
        kernel_free(kernel);
    }
    fixture_release(&f);
}

/* ---- Long code ---- */

struct random_code {
    struct fixture f;
    array_id x, y;
    VEC(node_id) values;
    uint64_t state;
    double inputs[10];
};

static uint32_t draw(struct random_code *t, size_t below) {
    t->state = t->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((t->state >> 33) % below);
}

/* Mostly of the last 64 values, sometimes of any. */
static node_id any_value(struct random_code *t) {
    size_t count = t->values.count, near = count < 64 ? count : 64;
    return t->values.at[draw(t, 10) ? count - 1 - draw(t, near) : draw(t, count)];
}

static node_id make_operation(struct random_code *t) {
    struct graph *g = &t->f.graph;
    node_id a = any_value(t), b = any_value(t);
    switch (draw(t, 12)) {
    case 0: return mk_call1(g, OP_SIN, a);
    case 1: return mk_div(g, a, mk_add(g, mk_call1(g, OP_ABS, b), mk_number(g, 2)));
    case 2: return mk_select(g, mk_lt(g, a, b), mk_call1(g, OP_COS, b), mk_call1(g, OP_TANH, a));
    case 3:
    case 4:
    case 5: return mk_mul(g, mk_call1(g, OP_COS, a), b);
    default: return mk_add(g, mk_mul(g, mk_ratio(g, 1, 2), a), mk_neg(g, b));
    }
}

static void random_operation(struct random_code *t) {
    node_id made = make_operation(t);
    cr_assert(VEC_PUSH(&t->values, made));
}

static void random_begin(struct random_code *t, uint64_t seed) {
    *t = (struct random_code){.state = seed};
    fixture_init(&t->f);
    struct graph *g = &t->f.graph;
    node_id one = mk_int(g, 1), ten = mk_int(g, 10);
    t->x = fixture_vector(&t->f, "x", ROLE_UNKNOWN, TYPE_REAL, one, ten);
    t->y = fixture_vector(&t->f, "y", ROLE_OUTPUT, TYPE_REAL, one, ten);
    for (int k = 0; k < 10; k++) {
        t->inputs[k] = 0.1 + 0.37 * k;
        node_id read = fixture_read1(&t->f, t->x, mk_int(g, k + 1));
        VEC_PUSH(&t->values, read);
    }
}

static void random_bind(struct random_code *t) {
    fixture_bind(&t->f);
    binding_set_real(&t->f.binding, t->x, t->inputs, 10);
}

static void random_release(struct random_code *t) {
    VEC_FREE(&t->values);
    fixture_release(&t->f);
}

/* Straight-line code of about so many operations, all of it needed. */
static void random_straight(struct random_code *t, uint64_t seed, size_t operations) {
    random_begin(t, seed);
    struct graph *g = &t->f.graph;
    while (t->values.count < operations) random_operation(t);
    for (int k = 0; k < 10; k++) {
        VEC(node_id) sum = {0};
        for (size_t v = (size_t)k; v < t->values.count; v += 10) VEC_PUSH(&sum, t->values.at[v]);
        node_id total = sum.at[0];
        for (size_t v = 1; v < sum.count; v++) total = mk_add(g, total, sum.at[v]);
        fixture_update(&t->f, t->y, UPDATE_SET, mk_int(g, k + 1), total);
        VEC_FREE(&sum);
    }
    random_bind(t);
}

Test(jit_kernel, long_straight_code, .timeout = 240) {
    struct random_code t;
    random_straight(&t, 3, 12000);
    compare(&t.f);
    struct kernel_report report;
    kernel_free(compile(&t.f, 0, &report));
    cr_expect_gt(report.functions, 20, "%zu functions: it should have been cut", report.functions);
    cr_expect_gt(report.modules, 1, "and its functions should stand in several modules");
    random_release(&t);
}

/* A body that is long enough to be cut, within loops and conditions, over local scalars. */
Test(jit_kernel, long_bodies, .timeout = 240) {
    struct random_code t;
    random_begin(&t, 9);
    struct fixture *f = &t.f;
    struct graph *g = &f->graph;
    node_id one = mk_int(g, 1), ten = mk_int(g, 10);
    array_id sum = fixture_scalar(f, "sum", ROLE_TEMPORARY, TYPE_REAL);
    array_id places = fixture_scalar(f, "places", ROLE_TEMPORARY, TYPE_INT);
    fixture_clear(f, t.y, mk_number(g, 3));
    fixture_clear(f, sum, mk_zero(g));
    fixture_clear(f, places, mk_int(g, 0));
    node_id outer = loop_by(f, one, ten, mk_int(g, 3), ORDER_UP);
    node_id index = mk_to_real(g, outer);
    VEC_PUSH(&t.values, index);
    for (int part = 0; part < 6; part++) {
        for (int k = 0; k < 1500; k++) random_operation(&t);
        program_when(&f->program, mk_lt(g, VEC_LAST(&t.values), any_value(&t)), nowhere);
        fixture_update(f, sum, UPDATE_ADD, 0, any_value(&t));
        fixture_update(f, places, UPDATE_ADD, 0, outer);
        end(f);
        node_id inner = loop_by(f, one, outer, one, ORDER_UP);
        fixture_update(f, sum, UPDATE_ADD, 0, mk_mul(g, fixture_read1(f, t.x, inner), VEC_LAST(&t.values)));
        end(f);
    }
    for (size_t k = 20; k < t.values.count; k += 7)
        fixture_update(f, t.y, UPDATE_MAX, outer, mk_mul(g, t.values.at[k], mk_to_real(g, outer)));
    end(f);
    fixture_update(f, t.y, UPDATE_SET, mk_int(g, 2),
                   mk_add(g, fixture_read0(f, sum), mk_to_real(g, fixture_read0(f, places))));
    random_bind(&t);
    compare(f);
    random_release(&t);
}

/* More arrays than a piece takes as parameters, in optimised and in straight pieces. */
Test(jit_kernel, many_arrays) {
    enum { ARRAYS = 90 };
    struct fixture f;
    static double values[ARRAYS][4];
    array_id in[ARRAYS];
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), four = mk_int(g, 4);
    for (int k = 0; k < ARRAYS; k++) {
        for (int e = 0; e < 4; e++) values[k][e] = 0.1 * k + 1.0 / (e + 1);
        in[k] = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, four);
    }
    array_id y = fixture_vector(&f, "y", ROLE_OUTPUT, TYPE_REAL, one, four);
    fixture_clear(&f, y, mk_zero(g));
    node_id i = loop_by(&f, one, four, one, ORDER_FREE);
    for (int k = 0; k < ARRAYS; k++)
        fixture_update(&f, y, UPDATE_ADD, i, mk_call1(g, OP_SIN, fixture_read1(&f, in[k], i)));
    end(&f);
    fixture_bind(&f);
    for (int k = 0; k < ARRAYS; k++) binding_set_real(&f.binding, in[k], values[k], 4);
    compare(&f);
    fixture_release(&f);
}

Test(jit_kernel, a_program_without_steps) {
    struct fixture f;
    fixture_init(&f);
    fixture_bind(&f);
    compare(&f);
    fixture_release(&f);
}

/* ---- Threads, sizes, reports ---- */

static void *compile_and_run(void *seed) {
    for (uint64_t round = 0; round < 4; round++) {
        struct random_code t;
        random_straight(&t, *(uint64_t *)seed + round, 2500);
        compare(&t.f);
        random_release(&t);
    }
    return NULL;
}

Test(jit_kernel, threads_compile_at_once, .timeout = 240) {
    pthread_t threads[2];
    uint64_t seeds[2] = {100, 200};
    for (int k = 0; k < 2; k++)
        cr_assert_eq(pthread_create(&threads[k], NULL, compile_and_run, &seeds[k]), 0);
    for (int k = 0; k < 2; k++) cr_assert_eq(pthread_join(threads[k], NULL), 0);
}

struct runs {
    const struct kernel *kernel;
    const struct random_code *t;
    struct binding *binding;
    int wrong;
};

static void *run_often(void *context) {
    struct runs *r = context;
    const struct bound_array *got = &r->binding->arrays[r->t->y];
    for (int k = 0; k < 300; k++) {
        for (size_t e = 0; e < got->count; e++) got->at.real[e] = -1;
        r->kernel->run(r->binding->slots);
        for (size_t e = 0; e < got->count; e++)
            r->wrong += bits_of(got->at.real[e]) != bits_of(r->t->f.binding.arrays[r->t->y].at.real[e]);
    }
    return NULL;
}

/* One kernel with scratch memory in two threads, over different tables. */
Test(jit_kernel, threads_run_one_kernel, .timeout = 240) {
    struct random_code t;
    pthread_t threads[2];
    struct binding bindings[2];
    struct runs runs[2];
    random_straight(&t, 7, 5000);
    cr_assert(binding_allocate(&t.f.binding, &t.f.diags));
    cr_assert_eq(doubles_run(&t.f.program, &t.f.binding, &t.f.diags), EVALUATED);
    struct kernel *kernel = compile(&t.f, 0, NULL);
    for (int k = 0; k < 2; k++) {
        cr_assert(binding_init(&bindings[k], &t.f.program));
        binding_share_inputs(&bindings[k], &t.f.binding);
        cr_assert(binding_allocate(&bindings[k], &t.f.diags));
        runs[k] = (struct runs){kernel, &t, &bindings[k], 0};
        cr_assert_eq(pthread_create(&threads[k], NULL, run_often, &runs[k]), 0);
    }
    for (int k = 0; k < 2; k++) {
        cr_assert_eq(pthread_join(threads[k], NULL), 0);
        cr_expect_eq(runs[k].wrong, 0);
        binding_release(&bindings[k]);
    }
    kernel_free(kernel);
    random_release(&t);
}

/* s = sum of x[i]^2 over 1..n, n a constant of the program. */
static struct kernel_report report_of_sum(int64_t n, struct text *llvm) {
    struct fixture f;
    struct kernel_report report;
    fixture_init(&f);
    struct graph *g = &f.graph;
    node_id one = mk_int(g, 1), last = mk_int(g, n);
    array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, last);
    array_id s = fixture_scalar(&f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_clear(&f, s, mk_zero(g));
    node_id i = loop_by(&f, one, last, one, ORDER_FREE);
    fixture_update(&f, s, UPDATE_ADD, 0, mk_call1(g, OP_SIN, fixture_read1(&f, x, i)));
    end(&f);
    struct kernel_options options = {.llvm = llvm};
    struct kernel *kernel = kernel_compile(&f.program, &options, &report, &f.diags);
    cr_assert(kernel);
    kernel_free(kernel);
    fixture_release(&f);
    return report;
}

Test(jit_kernel, size_does_not_depend_on_n) {
    struct kernel_report small = report_of_sum(10, NULL), large = report_of_sum(1000000000, NULL);
    cr_expect_eq(small.llvm_instructions, large.llvm_instructions);
    cr_expect_eq(small.instructions, large.instructions);
}

Test(jit_kernel, report_and_listing) {
    struct text llvm = {0};
    struct kernel_report report = report_of_sum(10, &llvm);
    cr_expect(report.steps == 4 && report.nodes > 0 && report.instructions > 0);
    cr_expect(report.llvm_instructions > report.instructions / 2 && report.llvm_instructions < 60);
    cr_expect(report.functions == 2 && report.modules == 1 && report.object_bytes > 0);
    cr_expect(report.codegen_seconds > 0 && report.link_seconds > 0 && report.passes_seconds > 0);
    cr_expect(strstr(text_string(&llvm), "@gradc_kernel(ptr"));
    text_free(&llvm);
}
