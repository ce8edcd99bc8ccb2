/* Kernels with so many values between their pieces that the caller gives the memory for them. */
#include "eval/doubles.h"
#include "eval_fixture.h"
#include "jit/kernel.h"

enum { VALUES = 20000 };

/* Values that are used once when they are made, and once more when all of them have been. */
static void make_program(struct fixture *f, array_id in, array_id y, array_id z) {
    struct graph *g = &f->graph;
    node_id *values = calloc(VALUES, sizeof *values);
    cr_assert_not_null(values);
    fixture_clear(f, y, mk_zero(g));
    fixture_clear(f, z, mk_zero(g));
    for (int k = 0; k < VALUES; k++) values[k] = mk_mul(g, fixture_read0(f, in), mk_ratio(g, 7 * k + 1, 3));
    for (int k = 0; k < VALUES; k++) fixture_update(f, y, UPDATE_ADD, 0, values[k]);
    for (int k = 0; k < VALUES; k++) fixture_update(f, z, UPDATE_ADD, 0, mk_call1(g, OP_ABS, values[k]));
    free(values);
}

Test(jit_scratch, memory_of_the_caller, .timeout = 240) {
    static double x = 0.7;
    struct fixture f;
    fixture_init(&f);
    array_id in = fixture_scalar(&f, "x", ROLE_UNKNOWN, TYPE_REAL);
    array_id y = fixture_scalar(&f, "y", ROLE_OUTPUT, TYPE_REAL);
    array_id z = fixture_scalar(&f, "z", ROLE_OUTPUT, TYPE_REAL);
    make_program(&f, in, y, z);
    fixture_bind(&f);
    binding_set_real(&f.binding, in, &x, 1);
    cr_assert(binding_allocate(&f.binding, &f.diags));
    cr_assert_eq(doubles_run(&f.program, &f.binding, &f.diags), EVALUATED);
    double wanted = *f.binding.arrays[z].at.real;
    struct kernel *kernel = kernel_compile(&f.program, &(struct kernel_options){.level = 1}, NULL, &f.diags);
    cr_assert_not_null(kernel);
    cr_assert_geq(kernel->scratch, VALUES * 9 / 10, "%zu", kernel->scratch);
    f.binding.slots[0] = calloc(kernel->scratch, sizeof(double));
    cr_assert_not_null(f.binding.slots[0]);
    *f.binding.arrays[z].at.real = 0;
    kernel->run(f.binding.slots);
    cr_expect_eq(memcmp(f.binding.arrays[z].at.real, &wanted, sizeof wanted), 0);
    free(f.binding.slots[0]);
    kernel_free(kernel);
    fixture_release(&f);
}
