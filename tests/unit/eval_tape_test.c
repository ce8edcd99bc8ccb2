/* Tapes against the interpreter on demand: the same bits for every program without loops. */
#include "eval/tape.h"

#include <stdint.h>

#include "eval/doubles.h"
#include "eval_fixture.h"

static const struct span nowhere = {0, 0, 0};

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return isnan(x) ? 0x7FF8000000000000 : bits;
}

static double draw(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Runs both, the tape twice over rubbish. The fixture is bound, its inputs set. */
static void compare(struct fixture *f) {
    struct binding other;
    struct tape tape;
    cr_assert(binding_init(&other, &f->program));
    binding_share_inputs(&other, &f->binding);
    cr_assert(binding_allocate(&f->binding, &f->diags) && binding_allocate(&other, &f->diags));
    cr_assert_eq(doubles_run(&f->program, &f->binding, &f->diags), EVALUATED, "%s", fixture_code(f));
    cr_assert_eq(tape_make(&tape, &f->program, &other), TAPE_FITS);
    for (int run = 0; run < 2; run++) {
        for (array_id a = 1; a < f->program.arrays.count; a++)
            if (other.arrays[a].owned) memset(other.arrays[a].at.real, 0xA5, 8 * other.arrays[a].count);
        tape_run(&tape, &other);
        for (array_id a = 1; a < f->program.arrays.count; a++) {
            if (!role_is_output(f->program.arrays.at[a].role)) continue;
            for (size_t e = 0; e < other.arrays[a].count; e++) {
                double wanted = f->binding.arrays[a].at.real[e], got = other.arrays[a].at.real[e];
                cr_expect_eq(bits_of(got), bits_of(wanted), "%s[%zu] is %a, wanted %a",
                             f->program.arrays.at[a].name, e, got, wanted);
            }
        }
    }
    tape_release(&tape);
    binding_release(&other);
}

static array_id scalar(struct fixture *f, const char *name, enum array_role role) {
    return fixture_scalar(f, name, role, TYPE_REAL);
}

static void update(struct fixture *f, array_id a, enum update_op op, node_id value) {
    program_update(&f->program, a, NULL, op, value, nowhere);
}

/* ---- Functions ---- */

enum { ROWS = 24, MOST_OPERANDS = 3 };
static const double special[ROWS] = {0.0,  -0.0,  1,    -1,        0.5,       -0.5,   1.5,
                                     2.5,  -2.5,  1e16, INFINITY,  -INFINITY, NAN,    709.5,
                                     -1e3, 1e300, 3,    0x1p-1074, 0x1p52,    0x1p-60};

/* y[row] = f(x[row], ..) with constant subscripts, over ordinary and special operands. */
static void check_function(enum op op, uint64_t *state) {
    struct fixture f;
    const struct op_info *info = op_info(op);
    double values[MOST_OPERANDS][ROWS];
    array_id inputs[MOST_OPERANDS];
    uint32_t count = info->arity == ARITY_VARIADIC ? MOST_OPERANDS : info->arity;
    fixture_init(&f);
    node_id one = mk_int(&f.graph, 1), rows = mk_int(&f.graph, ROWS);
    for (uint32_t k = 0; k < count; k++)
        inputs[k] = fixture_vector(&f, "x", ROLE_UNKNOWN, TYPE_REAL, one, rows);
    array_id y = fixture_vector(&f, info->name, ROLE_OUTPUT, TYPE_REAL, one, rows);
    for (int row = 0; row < ROWS; row++) {
        node_id subscript = mk_int(&f.graph, row + 1), operands[MOST_OPERANDS];
        for (uint32_t k = 0; k < count; k++) {
            values[k][row] = row % 2 ? special[(row + 5 * (int)k) % ROWS] : op_sample(op, k, draw(state));
            operands[k] = fixture_read1(&f, inputs[k], subscript);
        }
        fixture_update(&f, y, UPDATE_SET, subscript, mk_call(&f.graph, op, operands, count));
    }
    fixture_bind(&f);
    for (uint32_t k = 0; k < count; k++) binding_set_real(&f.binding, inputs[k], values[k], ROWS);
    compare(&f);
    fixture_release(&f);
}

Test(eval_tape, functions) {
    uint64_t state = 1;
    for (int op = OP_NONE + 1; op < OP_COUNT; op++)
        if (op_info((enum op)op)->is_function) check_function((enum op)op, &state);
}

/* ---- Powers and constants ---- */

Test(eval_tape, powers_and_constants) {
    struct fixture f;
    double value = 1.37;
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id x = scalar(&f, "x", ROLE_UNKNOWN), y = scalar(&f, "y", ROLE_OUTPUT);
    node_id read = fixture_read0(&f, x), sum = mk_pi(g);
    for (int e = -40; e <= 40; e += 3) sum = mk_add(g, sum, mk_powi(g, read, mk_int(g, e)));
    for (int e = -9; e <= 13; e += 2) sum = mk_add(g, sum, mk_pow(g, read, mk_ratio(g, e, 2)));
    sum = mk_add(g, sum, mk_mul(g, mk_call1(g, OP_SQRT, mk_number(g, 2)), read));
    update(&f, y, UPDATE_SET, sum);
    fixture_bind(&f);
    binding_set_real(&f.binding, x, &value, 1);
    compare(&f);
    fixture_release(&f);
}

/* ---- Steps ---- */

/* What is read has been written; values are formed under conditions, and again outside of them. */
static void check_conditions(double first, double second) {
    struct fixture f;
    double values[2] = {first, second};
    fixture_init(&f);
    struct graph *g = &f.graph;
    array_id x = scalar(&f, "x", ROLE_UNKNOWN), y = scalar(&f, "y", ROLE_UNKNOWN);
    array_id t = scalar(&f, "t", ROLE_TEMPORARY), low = scalar(&f, "low", ROLE_TEMPORARY);
    array_id out = scalar(&f, "out", ROLE_OUTPUT), last = scalar(&f, "last", ROLE_OUTPUT);
    node_id a = fixture_read0(&f, x), b = fixture_read0(&f, y), product = mk_mul(g, a, b);
    node_id root = mk_call1(g, OP_SQRT, product), less = mk_lt(g, a, b);
    fixture_clear(&f, t, mk_zero(g));
    fixture_clear(&f, low, mk_infinity(g));
    program_when(&f.program, mk_or(g, less, mk_eq(g, b, mk_zero(g))), nowhere);
    update(&f, t, UPDATE_ADD, root);
    program_when(&f.program, mk_and(g, mk_le(g, a, mk_one(g)), mk_not(g, mk_ne(g, b, mk_number(g, 2)))),
                 nowhere);
    update(&f, t, UPDATE_ADD, mk_call1(g, OP_EXP, root));
    update(&f, low, UPDATE_MIN, product);
    program_end(&f.program);
    update(&f, t, UPDATE_ADD, mk_call1(g, OP_EXP, root));
    program_end(&f.program);
    update(&f, low, UPDATE_MIN, a);
    node_id sum = mk_add(g, fixture_read0(&f, t), mk_call1(g, OP_EXP, root));
    update(&f, out, UPDATE_SET, mk_select(g, less, sum, mk_div(g, fixture_read0(&f, low), root)));
    fixture_clear(&f, last, mk_mul(g, mk_number(g, -1), mk_infinity(g)));
    update(&f, last, UPDATE_MAX, sum);
    update(&f, last, UPDATE_MAX, b);
    fixture_bind(&f);
    binding_set_real(&f.binding, x, &values[0], 1);
    binding_set_real(&f.binding, y, &values[1], 1);
    compare(&f);
    fixture_release(&f);
}

Test(eval_tape, conditions) {
    static const double points[] = {0, -0.0, 0.5, 1, 2, 3, -2, NAN, INFINITY};
    enum { POINTS = sizeof points / sizeof *points };
    for (size_t i = 0; i < POINTS; i++)
        for (size_t k = 0; k < POINTS; k++) check_conditions(points[i], points[k]);
}

/* ---- Slots ---- */

/* Random graphs, of which many values are alive at a time and every one may be used again. */
static void check_random(uint64_t seed) {
    enum { INPUTS = 4, NODES = 600 };
    struct fixture f;
    uint64_t state = seed;
    double values[INPUTS];
    node_id nodes[INPUTS + NODES];
    array_id inputs[INPUTS];
    fixture_init(&f);
    struct graph *g = &f.graph;
    for (int k = 0; k < INPUTS; k++) {
        inputs[k] = scalar(&f, "x", ROLE_UNKNOWN);
        values[k] = 0.5 + draw(&state);
        nodes[k] = fixture_read0(&f, inputs[k]);
    }
    array_id t = scalar(&f, "t", ROLE_TEMPORARY), y = scalar(&f, "y", ROLE_OUTPUT),
             z = scalar(&f, "z", ROLE_OUTPUT);
    for (int k = INPUTS; k < INPUTS + NODES; k++) {
        node_id a = nodes[(int)(draw(&state) * k)], b = nodes[(int)(draw(&state) * k)];
        switch ((int)(draw(&state) * 5)) {
        case 0: nodes[k] = mk_add(g, a, b); break;
        case 1: nodes[k] = mk_call1(g, OP_SIN, mk_mul(g, a, b)); break;
        case 2: nodes[k] = mk_sub(g, a, b); break;
        case 3: nodes[k] = mk_call1(g, OP_COS, a); break;
        default: nodes[k] = mk_select(g, mk_lt(g, a, b), mk_mul(g, a, a), b); break;
        }
    }
    update(&f, t, UPDATE_SET, nodes[INPUTS + NODES / 2]);
    fixture_clear(&f, y, mk_zero(g));
    for (int k = 0; k < NODES; k += 7) update(&f, y, UPDATE_ADD, nodes[k]);
    update(&f, z, UPDATE_SET,
           seed % 2 ? mk_mul(g, fixture_read0(&f, t), nodes[INPUTS + NODES - 1]) : nodes[9]);
    fixture_bind(&f);
    for (int k = 0; k < INPUTS; k++) binding_set_real(&f.binding, inputs[k], &values[k], 1);
    compare(&f);
    fixture_release(&f);
}

Test(eval_tape, random_graphs) {
    for (uint64_t seed = 1; seed <= 60; seed++) check_random(seed);
}

/* ---- What does not fit ---- */

Test(eval_tape, loops_and_integers_do_not_fit) {
    struct fixture f;
    struct tape tape;
    int64_t three = 3;
    double value = 2;
    for (int loop = 0; loop < 2; loop++) {
        fixture_init(&f);
        array_id x = scalar(&f, "x", ROLE_UNKNOWN), y = scalar(&f, "y", ROLE_OUTPUT);
        array_id n = fixture_scalar(&f, "n", ROLE_PARAM, TYPE_INT);
        node_id power = mk_powi(&f.graph, fixture_read0(&f, x), fixture_read0(&f, n));
        fixture_clear(&f, y, mk_zero(&f.graph));
        if (loop) fixture_loop(&f, "i", mk_int(&f.graph, 1), mk_int(&f.graph, 2));
        update(&f, y, UPDATE_ADD, loop ? fixture_read0(&f, x) : power);
        if (loop) program_end(&f.program);
        fixture_bind(&f);
        binding_set_integer(&f.binding, n, &three, 1);
        binding_set_real(&f.binding, x, &value, 1);
        cr_assert(binding_allocate(&f.binding, &f.diags));
        cr_expect_eq(tape_make(&tape, &f.program, &f.binding), TAPE_UNFIT);
        fixture_release(&f);
    }
}
