/* How registers change with a loop's index, and which loops run in lanes. */
#include "schedule/affine.h"

#include "eval_fixture.h"
#include "schedule/lanes.h"
#include "schedule/schedule.h"

static const struct span nowhere = {0, 0, 0};
static const struct plan_limits limits = {.longest_sequence = 10000, .piece_length = 1000};

struct scheduled {
    struct fixture f;
    struct code code;
    struct plan plan;
    struct lanes lanes;
};

static void begin(struct scheduled *s) {
    memset(s, 0, sizeof *s);
    fixture_init(&s->f);
}

static node_id loop(struct scheduled *s, long from, node_id to, long by, enum loop_order order) {
    struct graph *g = &s->f.graph;
    index_id index = program_index(&s->f.program, "i", nowhere);
    program_loop(&s->f.program, index, mk_int(g, from), to, mk_int(g, by), order, nowhere);
    return mk_index(g, index);
}

static void end(struct scheduled *s) {
    program_end(&s->f.program);
}

static void schedule(struct scheduled *s) {
    cr_assert(schedule_program(&s->code, &s->f.program, &s->f.diags));
    cr_assert(plan_make(&s->plan, &s->code, &limits));
    const struct binding *inputs = s->f.bound ? &s->f.binding : NULL;
    cr_assert(lanes_choose(&s->lanes, &s->code, &s->plan, inputs, false));
}

static void finish(struct scheduled *s) {
    lanes_release(&s->lanes);
    plan_release(&s->plan);
    code_release(&s->code);
    fixture_release(&s->f);
}

/* The loop number k, counted from 0 in the order of the code. */
static uint32_t loop_number(const struct scheduled *s, unsigned k) {
    for (uint32_t i = 1; i < s->code.instructions.count; i++)
        if (s->code.instructions.at[i].kind == CODE_LOOP && k-- == 0) return i;
    cr_assert_fail("there is no such loop");
    return 0;
}

/* How the only STORE reaches its element, in the first loop; its variation too. */
static enum lane_access access_of_store(struct scheduled *s, struct variation *place) {
    uint32_t first = loop_number(s, 0);
    affine_find(&s->lanes.affine, first);
    for (uint32_t i = first; i < s->code.instructions.count; i++) {
        if (s->code.instructions.at[i].kind != CODE_STORE) continue;
        *place = affine_of(&s->lanes.affine, first, s->code.instructions.at[i].a);
        return lanes_access(&s->lanes, first, i);
    }
    cr_assert_fail("there is no store");
    return ACCESS_SHARED;
}

/* y[subscript(i)] = x over i in 1..n by `by`. */
static void check_place(node_id (*subscript)(struct graph *g, node_id i, node_id n), long by,
                        enum lane_access access, int64_t slope) {
    struct scheduled s;
    begin(&s);
    struct graph *g = &s.f.graph;
    node_id n = fixture_read0(&s.f, fixture_scalar(&s.f, "n", ROLE_PARAM, TYPE_INT));
    array_id x = fixture_scalar(&s.f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_vector(&s.f, "y", ROLE_OUTPUT, TYPE_REAL, mk_int(g, 0), n);
    node_id i = loop(&s, 1, n, by, ORDER_FREE);
    fixture_update(&s.f, y, UPDATE_SET, subscript(g, i, n), fixture_read0(&s.f, x));
    end(&s);
    schedule(&s);
    struct variation place;
    cr_expect_eq(access_of_store(&s, &place), access);
    cr_expect_eq(place.slope, slope);
    finish(&s);
}

static node_id next(struct graph *g, node_id i, node_id n) {
    (void)n;
    return mk_iadd(g, i, mk_int(g, -1));
}
static node_id reversed(struct graph *g, node_id i, node_id n) {
    return mk_isub(g, n, i);
}
static node_id tripled(struct graph *g, node_id i, node_id n) {
    (void)n;
    return mk_iadd(g, mk_imul(g, i, mk_int(g, 3)), mk_int(g, 2));
}
static node_id cancelled(struct graph *g, node_id i, node_id n) {
    node_id square = mk_imul(g, n, n);
    return mk_iadd(g, mk_imul(g, mk_int(g, 2), i), mk_iadd(g, square, mk_imul(g, mk_int(g, -1), i)));
}
static node_id by_rows(struct graph *g, node_id i, node_id n) {
    return mk_imul(g, n, i);
}
static node_id by_planes(struct graph *g, node_id i, node_id n) {
    node_id plane = mk_imul(g, mk_iadd(g, mk_imul(g, i, n), mk_int(g, 5)), n);
    return mk_iadd(g, plane, mk_int(g, 7));
}
static node_id by_rows_and_one(struct graph *g, node_id i, node_id n) {
    return mk_iadd(g, mk_imul(g, n, i), i);
}
static node_id squared(struct graph *g, node_id i, node_id n) {
    (void)n;
    return mk_imul(g, i, i);
}

Test(schedule_affine, places_by_the_slope_of_their_subscripts) {
    check_place(next, 1, ACCESS_NEXT, 1);
    check_place(next, -1, ACCESS_PREVIOUS, -1);
    check_place(next, 2, ACCESS_STRIDED, 2);
    check_place(reversed, 1, ACCESS_PREVIOUS, -1);
    check_place(reversed, -1, ACCESS_NEXT, 1);
    check_place(tripled, 1, ACCESS_STRIDED, 3);
    check_place(tripled, -2, ACCESS_STRIDED, -6);
    check_place(cancelled, 1, ACCESS_NEXT, 1);
    check_place(by_rows, 1, ACCESS_STRIDED, 1);
    check_place(by_rows, -3, ACCESS_STRIDED, -3);
    check_place(by_planes, 2, ACCESS_STRIDED, 2);
    check_place(by_rows_and_one, 1, ACCESS_SCATTERED, 0);
    check_place(squared, 1, ACCESS_SCATTERED, 0);
}

/* Loops over i in 1..to (and j in 1..inner_to of another order), adding x[i] to s. */
static bool is_chosen(long to, enum loop_order order, bool inner, enum loop_order inner_order,
                      bool triangular) {
    struct scheduled s;
    begin(&s);
    struct graph *g = &s.f.graph;
    node_id n = fixture_read0(&s.f, fixture_scalar(&s.f, "n", ROLE_PARAM, TYPE_INT));
    array_id x = fixture_vector(&s.f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 1), n);
    array_id sum = fixture_scalar(&s.f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_clear(&s.f, sum, mk_zero(g));
    node_id i = loop(&s, 1, to ? mk_int(g, to) : n, 1, order), j = 0;
    if (inner) j = loop(&s, 1, triangular ? i : n, 1, inner_order);
    node_id value = fixture_read1(&s.f, x, i);
    fixture_update(&s.f, sum, UPDATE_ADD, 0, inner ? mk_mul(g, value, fixture_read1(&s.f, x, j)) : value);
    if (inner) end(&s);
    end(&s);
    schedule(&s);
    bool chosen = s.lanes.chosen[loop_number(&s, 0)];
    finish(&s);
    return chosen;
}

Test(schedule_affine, loops_that_run_in_lanes) {
    cr_expect(is_chosen(0, ORDER_FREE, false, ORDER_FREE, false));
    cr_expect(is_chosen(8, ORDER_FREE, false, ORDER_FREE, false));
    cr_expect(is_chosen(0, ORDER_FREE, true, ORDER_FREE, false));
    cr_expect_not(is_chosen(7, ORDER_FREE, false, ORDER_FREE, false), "it is known to be short");
    cr_expect_not(is_chosen(0, ORDER_UP, false, ORDER_FREE, false), "its order is stated");
    cr_expect(is_chosen(0, ORDER_FREE, true, ORDER_DOWN, false), "each lane has a loop in order of its own");
    cr_expect_not(is_chosen(0, ORDER_FREE, true, ORDER_FREE, true), "lanes would end at different times");
}

/* A loop between bounds made of n; n is known where it is not 0. */
static bool is_chosen_between(node_id (*lower)(struct graph *g, node_id n),
                              node_id (*upper)(struct graph *g, node_id n), int64_t n) {
    struct scheduled s;
    begin(&s);
    struct graph *g = &s.f.graph;
    array_id size = fixture_scalar(&s.f, "n", ROLE_PARAM, TYPE_INT);
    node_id value = fixture_read0(&s.f, size);
    array_id sum = fixture_scalar(&s.f, "s", ROLE_OBJECTIVE, TYPE_REAL);
    fixture_clear(&s.f, sum, mk_zero(g));
    index_id index = program_index(&s.f.program, "i", nowhere);
    program_loop(&s.f.program, index, lower(g, value), upper(g, value), mk_int(g, 1), ORDER_FREE, nowhere);
    fixture_update(&s.f, sum, UPDATE_ADD, 0, mk_to_real(g, mk_index(g, index)));
    end(&s);
    fixture_bind(&s.f);
    if (n) binding_set_integer(&s.f.binding, size, &n, 1);
    schedule(&s);
    bool chosen = s.lanes.chosen[loop_number(&s, 0)];
    finish(&s);
    return chosen;
}

static node_id one(struct graph *g, node_id n) {
    (void)n;
    return mk_int(g, 1);
}
static node_id all(struct graph *g, node_id n) {
    (void)g;
    return n;
}
static node_id seven_more(struct graph *g, node_id n) {
    return mk_iadd(g, n, mk_int(g, 7));
}
static node_id six_more(struct graph *g, node_id n) {
    return mk_iadd(g, n, mk_int(g, 6));
}
static node_id at_least_two(struct graph *g, node_id n) {
    return mk_imax(g, n, mk_int(g, 2));
}
static node_id at_most_seven(struct graph *g, node_id n) {
    return mk_imin(g, mk_int(g, 7), n);
}
static node_id at_most_eight(struct graph *g, node_id n) {
    return mk_imin(g, mk_int(g, 8), n);
}

Test(schedule_affine, loops_that_are_known_to_be_short) {
    cr_expect(is_chosen_between(one, all, 0));
    cr_expect(is_chosen_between(all, seven_more, 0));
    cr_expect_not(is_chosen_between(all, six_more, 0));
    cr_expect_not(is_chosen_between(at_least_two, all, 0));
    cr_expect_not(is_chosen_between(one, at_most_seven, 0));
    cr_expect(is_chosen_between(one, at_most_eight, 0));
    cr_expect_not(is_chosen_between(one, all, 7));
    cr_expect(is_chosen_between(one, all, 8));
    cr_expect(is_chosen_between(one, all, INT64_MAX - 1));
    cr_expect_not(is_chosen_between(one, all, -5));
}

/* y[i, j] = x[i, j]^2 over a grid, by rows or by columns: which of the two loops has the lanes; 2: none. */
static unsigned loop_with_lanes(bool by_columns, int64_t columns) {
    struct scheduled s;
    begin(&s);
    struct graph *g = &s.f.graph;
    node_id n = fixture_read0(&s.f, fixture_scalar(&s.f, "n", ROLE_PARAM, TYPE_INT));
    node_id most = mk_imul(g, mk_int(g, 4), mk_imul(g, n, n));
    array_id x = fixture_vector(&s.f, "x", ROLE_UNKNOWN, TYPE_REAL, mk_int(g, 0), most);
    array_id y = fixture_vector(&s.f, "y", ROLE_OUTPUT, TYPE_REAL, mk_int(g, 0), most);
    node_id i = loop(&s, 1, n, 1, ORDER_FREE);
    node_id j = loop(&s, 1, columns ? mk_int(g, columns) : n, 1, ORDER_FREE);
    node_id place = mk_iadd(g, mk_imul(g, by_columns ? j : i, n), by_columns ? i : j);
    node_id value = fixture_read1(&s.f, x, place);
    fixture_update(&s.f, y, UPDATE_SET, place, mk_mul(g, value, value));
    end(&s);
    end(&s);
    schedule(&s);
    unsigned chosen = 2;
    for (unsigned k = 0; k < 2; k++)
        if (s.lanes.chosen[loop_number(&s, k)]) chosen = k;
    finish(&s);
    return chosen;
}

Test(schedule_affine, lanes_go_along_rows) {
    cr_expect_eq(loop_with_lanes(false, 0), 1);
    cr_expect_eq(loop_with_lanes(true, 0), 0);
    cr_expect_eq(loop_with_lanes(false, 3), 0, "the rows are short");
}
