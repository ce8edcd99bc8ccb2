#include "ir/prune.h"
#include "ir/verify.h"
#include "support/program_fixture.h"
#include "support/text.h"

#include <criterion/criterion.h>

static struct fixture f;

static void open_fixture(void) {
    fixture_open(&f);
}

static void close_fixture(void) {
    fixture_close(&f);
}

TestSuite(ir_program, .init = open_fixture, .fini = close_fixture);

/* total = sum(x[i]^2); dead[i] = x[i] */
static array_id build_sum(bool with_dead) {
    struct graph *g = &f.graph;
    array_id n = fixture_size(&f, "n");
    array_id x = fixture_vector(&f, "x", ROLE_UNKNOWN, fixture_read(&f, n));
    array_id dead = fixture_vector(&f, "dead", ROLE_LET, fixture_read(&f, n));
    array_id total = fixture_scalar(&f, "total", ROLE_OBJECTIVE);
    program_clear(&f.program, total, mk_zero(g), f.nowhere);
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), fixture_read(&f, n), 1);
    fixture_add(&f, total, mk_square(g, fixture_at(&f, x, i)));
    if (with_dead) program_update(&f.program, dead, &i, UPDATE_SET, fixture_at(&f, x, i), f.nowhere);
    program_end(&f.program);
    return total;
}

Test(ir_program, listing_shows_structure) {
    build_sum(false);
    struct text out = {0};
    program_dump(&f.program, &out);
    cr_expect_str_eq(text_string(&out), "clear total = 0\nloop i in 1..n free\n  total += (x[i] ^ 2)\n");
    text_free(&out);
}

Test(ir_program, pruning_drops_what_nothing_reads) {
    array_id total = build_sum(true);
    struct program pruned;
    cr_assert(program_prune(&pruned, &f.program, &total, 1));
    cr_expect_eq(pruned.steps.count, f.program.steps.count - 1);
    cr_expect(program_verify(&pruned, "prune", &f.diags));
    program_release(&pruned);
}

Test(ir_program, pruning_nothing_wanted_leaves_nothing) {
    build_sum(true);
    struct program pruned;
    cr_assert(program_prune(&pruned, &f.program, NULL, 0));
    cr_expect_eq(pruned.steps.count, 0);
    program_release(&pruned);
}

Test(ir_program, verifier_accepts_the_discipline) {
    build_sum(true);
    cr_expect(program_verify(&f.program, "build", &f.diags));
    cr_expect_eq(f.diags.errors, 0);
}

Test(ir_program, verifier_finds_accumulation_without_clear) {
    array_id total = fixture_scalar(&f, "total", ROLE_OBJECTIVE);
    fixture_add(&f, total, mk_one(&f.graph));
    cr_expect_not(program_verify(&f.program, "build", &f.diags));
}

Test(ir_program, verifier_finds_a_written_input) {
    array_id x = fixture_scalar(&f, "x", ROLE_UNKNOWN);
    program_update(&f.program, x, NULL, UPDATE_SET, mk_one(&f.graph), f.nowhere);
    cr_expect_not(program_verify(&f.program, "build", &f.diags));
}

Test(ir_program, verifier_finds_a_read_before_the_last_write) {
    array_id a = fixture_scalar(&f, "a", ROLE_LET), b = fixture_scalar(&f, "b", ROLE_OBJECTIVE);
    program_update(&f.program, b, NULL, UPDATE_SET, fixture_read(&f, a), f.nowhere);
    program_update(&f.program, a, NULL, UPDATE_SET, mk_one(&f.graph), f.nowhere);
    cr_expect_not(program_verify(&f.program, "build", &f.diags));
}

Test(ir_program, verifier_finds_a_loop_index_outside_its_loop) {
    struct graph *g = &f.graph;
    array_id b = fixture_scalar(&f, "b", ROLE_OBJECTIVE);
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), mk_int(g, 3), 1);
    program_end(&f.program);
    program_update(&f.program, b, NULL, UPDATE_SET, mk_to_real(g, i), f.nowhere);
    cr_expect_not(program_verify(&f.program, "build", &f.diags));
}

Test(ir_program, verifier_finds_a_local_array_outside_its_owner) {
    struct graph *g = &f.graph;
    array_id b = fixture_scalar(&f, "b", ROLE_OBJECTIVE);
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), mk_int(g, 3), 1);
    array_id local = program_array(
        &f.program,
        (struct array){.name = "t", .role = ROLE_TEMPORARY, .type = TYPE_REAL, .owner = node_payload(g, i)});
    program_update(&f.program, local, NULL, UPDATE_SET, mk_to_real(g, i), f.nowhere);
    program_end(&f.program);
    program_update(&f.program, b, NULL, UPDATE_SET, fixture_read(&f, local), f.nowhere);
    cr_expect_not(program_verify(&f.program, "build", &f.diags));
}

/* Counts in a loop that ends behind its second iteration. */
static void build_early_end(enum loop_order order) {
    struct graph *g = &f.graph;
    array_id b = fixture_scalar(&f, "b", ROLE_OBJECTIVE);
    program_clear(&f.program, b, mk_zero(g), f.nowhere);
    node_id i = fixture_loop(&f, "i", mk_int(g, 1), mk_int(g, 3), 1);
    f.program.steps.at[f.program.steps.count - 1].order = order;
    fixture_add(&f, b, mk_one(g));
    program_end_when(&f.program, mk_ile(g, mk_int(g, 2), i));
}

Test(ir_program, loops_in_order_may_end_early) {
    struct text out = {0};
    struct program copy;
    build_early_end(ORDER_UP);
    cr_expect(program_verify(&f.program, "build", &f.diags));
    program_like(&copy, &f.program);
    for (size_t k = 0; k < f.program.steps.count; k++)
        program_copy_step(&copy, &f.program, &f.program.steps.at[k]);
    program_dump(&copy, &out);
    cr_expect_str_eq(text_string(&out), "clear b = 0\nloop i in 1..3 up\n  b += 1\n  end when (2 <= i)\n");
    text_free(&out);
    program_release(&copy);
}

Test(ir_program, verifier_finds_an_early_end_without_an_order) {
    build_early_end(ORDER_FREE);
    cr_expect_not(program_verify(&f.program, "build", &f.diags));
}

Test(ir_program, names_are_made_unique) {
    array_id a = fixture_scalar(&f, "t", ROLE_LET), b = fixture_scalar(&f, "t", ROLE_LET);
    cr_expect_str_eq(f.program.arrays.at[a].name, "t");
    cr_expect_str_eq(f.program.arrays.at[b].name, "t_2");
}

static const char *name_of(array_id a) {
    return f.program.arrays.at[a].name;
}

Test(ir_program, names_are_unique) {
    cr_expect_str_eq(name_of(fixture_scalar(&f, "a", ROLE_LET)), "a");
    cr_expect_str_eq(name_of(fixture_scalar(&f, "a", ROLE_LET)), "a_2");
    cr_expect_str_eq(name_of(fixture_scalar(&f, "a_2", ROLE_LET)), "a_2_2");
    cr_expect_str_eq(name_of(fixture_scalar(&f, "a_4", ROLE_LET)), "a_4");
    cr_expect_str_eq(name_of(fixture_scalar(&f, "a", ROLE_LET)), "a_3");
    cr_expect_str_eq(name_of(fixture_scalar(&f, "a", ROLE_LET)), "a_5");
    struct program like;
    program_like(&like, &f.program);
    array_id added = program_array(&like, (struct array){.name = "a", .role = ROLE_LET, .type = TYPE_REAL});
    cr_expect_str_eq(like.arrays.at[added].name, "a_6");
    for (unsigned k = 0; k < 1000; k++) program_array(&like, (struct array){.name = "b"});
    cr_expect_str_eq(like.arrays.at[like.arrays.count - 1].name, "b_1000");
    program_release(&like);
}

Test(ir_program, companions) {
    array_id x = fixture_scalar(&f, "x", ROLE_UNKNOWN), y = fixture_scalar(&f, "y", ROLE_UNKNOWN);
    struct array gradient = {.name = "g", .role = ROLE_GRADIENT, .of = x},
                 seed = {.role = ROLE_SEED, .of = x};
    array_id first = program_array(&f.program, gradient), second = program_array(&f.program, seed);
    array_id third = program_array(&f.program, gradient);
    cr_expect_eq(program_companion(&f.program, ROLE_GRADIENT, x), first);
    cr_expect_eq(program_companion(&f.program, ROLE_SEED, x), second);
    cr_expect_eq(program_companion(&f.program, ROLE_SEED, third), 0);
    cr_expect_eq(program_companion(&f.program, ROLE_GRADIENT, y), 0);
}
