/* What several conditions and choices of one condition need is computed once, and only where it holds. */
#include "eval_fixture.h"
#include "schedule/schedule.h"

static const struct span nowhere = {0, 0, 0};

/* Programs over rows i: y[i], z[i] from a[i], b[i]. */
struct guarded {
    struct fixture f;
    struct code code;
    array_id a, b, y, z;
    node_id rows, i, a_i, b_i;
};

static void begin(struct guarded *t) {
    memset(t, 0, sizeof *t);
    fixture_init(&t->f);
    struct graph *g = &t->f.graph;
    node_id one = mk_int(g, 1);
    array_id n = fixture_scalar(&t->f, "n", ROLE_PARAM, TYPE_INT);
    t->rows = fixture_read0(&t->f, n);
    t->a = fixture_vector(&t->f, "a", ROLE_PARAM, TYPE_REAL, one, t->rows);
    t->b = fixture_vector(&t->f, "b", ROLE_PARAM, TYPE_REAL, one, t->rows);
    t->y = fixture_vector(&t->f, "y", ROLE_OUTPUT, TYPE_REAL, one, t->rows);
    t->z = fixture_vector(&t->f, "z", ROLE_OUTPUT, TYPE_REAL, one, t->rows);
    t->i = mk_index(g, fixture_loop(&t->f, "i", one, t->rows));
    t->a_i = fixture_read1(&t->f, t->a, t->i);
    t->b_i = fixture_read1(&t->f, t->b, t->i);
}

static void finish(struct guarded *t) {
    code_release(&t->code);
    fixture_release(&t->f);
}

static void schedule(struct guarded *t) {
    program_end(&t->f.program);
    cr_assert(schedule_program(&t->code, &t->f.program, &t->f.diags));
}

/* How many instructions compute an operation; how many brackets of a kind are around each of them, at least.
 */
static unsigned count(const struct guarded *t, enum op op, enum code_kind bracket, unsigned *around) {
    unsigned found = 0, open = 0;
    VEC(uint8_t) kinds = {0};
    *around = 100;
    for (uint32_t i = 1; i < t->code.instructions.count; i++) {
        const struct instruction *in = &t->code.instructions.at[i];
        if (in->kind == CODE_LOOP || in->kind == CODE_IF) {
            VEC_PUSH(&kinds, in->kind);
            open += in->kind == bracket;
        }
        if (in->kind == CODE_LOOP_END || in->kind == CODE_IF_END) open -= VEC_POP(&kinds) == bracket;
        if (in->kind != CODE_VALUE || in->op != op) continue;
        found++;
        if (open < *around) *around = open;
    }
    VEC_FREE(&kinds);
    return found;
}

/* So many sines are computed, each inside of at least so many brackets of the kind. Ends the program. */
static void expect_sines(struct guarded *t, enum code_kind bracket, unsigned sines, unsigned at_least) {
    unsigned around;
    schedule(t);
    cr_assert_eq(count(t, OP_SIN, bracket, &around), sines);
    cr_assert_eq(around, at_least);
    finish(t);
}

static node_id positive(struct guarded *t, node_id x) {
    return mk_lt(&t->f.graph, mk_zero(&t->f.graph), x);
}

static node_id sine(struct guarded *t) {
    return mk_call1(&t->f.graph, OP_SIN, t->b_i);
}

static node_id twice(struct guarded *t, node_id x) {
    return mk_mul(&t->f.graph, mk_number(&t->f.graph, 2), x);
}

Test(guard, choices_of_one_condition) {
    struct guarded t;
    begin(&t);
    struct graph *g = &t.f.graph;
    node_id holds = positive(&t, t.a_i);
    fixture_update(&t.f, t.y, UPDATE_SET, t.i, mk_select(g, holds, sine(&t), t.a_i));
    fixture_update(&t.f, t.z, UPDATE_SET, t.i, mk_select(g, holds, twice(&t, sine(&t)), mk_zero(g)));
    expect_sines(&t, CODE_IF, 1, 1);
}

Test(guard, other_sides_of_one_condition) {
    struct guarded t;
    begin(&t);
    struct graph *g = &t.f.graph;
    node_id holds = positive(&t, t.a_i);
    fixture_update(&t.f, t.y, UPDATE_SET, t.i, mk_select(g, holds, t.a_i, sine(&t)));
    fixture_update(&t.f, t.z, UPDATE_SET, t.i,
                   mk_select(g, mk_not(g, holds), twice(&t, sine(&t)), mk_zero(g)));
    expect_sines(&t, CODE_IF, 1, 1);
}

Test(guard, a_condition_and_a_choice) {
    struct guarded t;
    begin(&t);
    struct graph *g = &t.f.graph;
    node_id holds = positive(&t, t.a_i);
    fixture_update(&t.f, t.y, UPDATE_SET, t.i, mk_select(g, holds, sine(&t), t.a_i));
    program_when(&t.f.program, holds, nowhere);
    fixture_update(&t.f, t.z, UPDATE_ADD, t.i, twice(&t, sine(&t)));
    program_end(&t.f.program);
    expect_sines(&t, CODE_IF, 1, 1);
}

/* One value under two conditions in turn: each computes it once, and neither takes the other's. */
Test(guard, conditions_in_turn) {
    struct guarded t;
    begin(&t);
    node_id holds[] = {positive(&t, t.a_i), positive(&t, t.b_i)};
    for (unsigned k = 0; k < 4; k++) {
        program_when(&t.f.program, holds[k % 2], nowhere);
        fixture_update(&t.f, t.z, UPDATE_ADD, t.i, k < 2 ? sine(&t) : twice(&t, sine(&t)));
        program_end(&t.f.program);
    }
    expect_sines(&t, CODE_IF, 2, 1);
}

Test(guard, what_does_not_depend_on_a_loop_leaves_it) {
    struct guarded t;
    unsigned around;
    begin(&t);
    struct graph *g = &t.f.graph;
    node_id j = mk_index(g, fixture_loop(&t.f, "j", mk_int(g, 1), t.rows));
    node_id taken = mk_mul(g, sine(&t), fixture_read1(&t.f, t.a, j));
    fixture_update(&t.f, t.z, UPDATE_ADD, t.i, mk_select(g, positive(&t, t.a_i), taken, t.b_i));
    program_end(&t.f.program);
    schedule(&t);
    cr_assert_eq(count(&t, OP_SIN, CODE_LOOP, &around), 1);
    cr_assert_eq(around, 1, "in the outer loop only");
    cr_assert_eq(count(&t, OP_SIN, CODE_IF, &around), 1);
    cr_assert_eq(around, 2, "where the loop has iterations and the condition holds");
    finish(&t);
}
