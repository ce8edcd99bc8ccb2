#include "diff/gradient.h"
#include "ir/verify.h"
#include "lower/chunk.h"
#include "lower/lower.h"
#include "sema/model.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <string.h>

/* The gradient of a file, lowered, its loops in chunks; whether some are. chunks: 0: as suits. */
static bool cut(const char *source, double n, unsigned chunks, struct text *listing) {
    struct given_param size = {"n", &n, 1};
    struct model_options options = {.params = &size, .param_count = 1};
    struct model *model = model_load_text("test", ".", source, strlen(source), &options);
    cr_assert_not_null(model);
    cr_assert_not(diag_has_errors(&model->diags));
    array_id x = model->unknowns.at[0].shape.array;
    struct gradient_request request = {.output = model->objective, .wrt = &x, .wrt_count = 1};
    struct program gradient, lowered, chunked;
    struct binding inputs;
    bool changed;
    cr_assert(differentiate(&gradient, &model->program, &request, &model->diags));
    cr_assert(lower_program(&lowered, &gradient));
    cr_assert(binding_init(&inputs, &lowered));
    binding_share_inputs(&inputs, &model->binding);
    cr_assert(binding_measure_inputs(&inputs, &model->diags));
    cr_assert(lower_chunk(&chunked, &lowered, &inputs, chunks, &changed));
    if (changed) {
        cr_expect(program_verify(&chunked, "chunk", &model->diags));
        program_dump(&chunked, listing);
        program_release(&chunked);
    }
    binding_release(&inputs);
    program_release(&gradient);
    program_release(&lowered);
    model_free(model);
    return changed;
}

static void expect(const char *source, unsigned chunks, const char *expected) {
    struct text listing = {0};
    bool changed = cut(source, 20, chunks, &listing);
    cr_expect_eq(changed, *expected != 0);
    cr_expect_str_eq(text_string(&listing), expected);
    text_free(&listing);
}

Test(lower_chunk, sums_are_formed_in_parts_and_added_up_in_order) {
    expect("param n = 20\nparam t[i in 1..n] = i\nvar b\nminimize sum(exp(b*t[i]) for i in 1..n)\n", 3,
           "clear objective = 0\nclear b_gradient = 0\n"
           "loop chunk in 0..2 apart\n"
           "  clear objective_2 = 0\n  clear b_gradient_2 = 0\n"
           "  loop i in ((chunk * (8 * ((n + 23) div 24))) + 1).."
           "(n imin ((8 * ((n + 23) div 24)) + (chunk * (8 * ((n + 23) div 24))))) free\n"
           "    objective_2 += exp((b * t[i]))\n"
           "    b_gradient_2 += (t[i] * exp((b * t[i])))\n"
           "  objective_3[chunk] = objective_2\n  b_gradient_3[chunk] = b_gradient_2\n"
           "loop chunk in 0..2 up\n"
           "  objective += objective_3[chunk]\n  b_gradient += b_gradient_3[chunk]\n");
}

Test(lower_chunk, equal_sums_have_one_part) {
    expect("param n = 20\nparam t[i in 1..n] = i\nvar b\n"
           "let u = sum(b*t[i] for i in 1..n), v = sum(b*t[i] for i in 1..n)\nminimize u/v + sum(b - t[i] "
           "for i in 1..n)\n",
           2,
           "clear sum = 0\n"
           "clear sum_2 = 0\n"
           "clear objective = 0\n"
           "clear b_gradient = 0\n"
           "loop chunk in 0..1 apart\n"
           "  clear sum_3 = 0\n"
           "  clear objective_2 = 0\n"
           "  clear b_gradient_2 = 0\n"
           "  loop i in ((chunk * (8 * ((n + 15) div 16))) + 1).."
           "(n imin ((8 * ((n + 15) div 16)) + (chunk * (8 * ((n + 15) div 16))))) free\n"
           "    sum_3 += (b * t[i])\n"
           "    objective_2 += (b + (-1 * t[i]))\n"
           "    b_gradient_2 += 1\n"
           "  sum_4[chunk] = sum_3\n"
           "  objective_3[chunk] = objective_2\n"
           "  b_gradient_3[chunk] = b_gradient_2\n"
           "loop chunk in 0..1 up\n"
           "  sum += sum_4[chunk]\n"
           "  sum_2 += sum_4[chunk]\n"
           "  objective += objective_3[chunk]\n"
           "  b_gradient += b_gradient_3[chunk]\n"
           "objective += (sum / sum_2)\n"
           "sum_2_adjoint = (-1 * ((sum / sum_2) / sum_2))\n"
           "sum_adjoint = (1 / sum_2)\n"
           "loop chunk in 0..1 apart\n"
           "  clear b_gradient_4 = 0\n"
           "  loop i in (((8 * ((n + 15) div 16)) * chunk) + 1).."
           "(n imin ((8 * ((n + 15) div 16)) + ((8 * ((n + 15) div 16)) * chunk))) free\n"
           "    b_gradient_4 += ((t[i] * sum_2_adjoint) + (t[i] * sum_adjoint))\n"
           "  b_gradient_5[chunk] = b_gradient_4\n"
           "loop chunk in 0..1 up\n"
           "  b_gradient += b_gradient_5[chunk]\n");
}

Test(lower_chunk, what_each_iteration_has_for_itself_stays) {
    struct text listing = {0};
    cr_expect(
        cut("param n = 20\nvar x[i in 1..n] = i\nminimize sum(x[i]^4 for i in 1..n)\n", 20, 2, &listing));
    cr_expect_not_null(strstr(text_string(&listing), "    x_gradient[i] = (4 * (x[i] ^ 3))\n"));
    text_free(&listing);
}

Test(lower_chunk, a_recurrence_stays_whole) {
    expect("param n = 20\nvar x = 0.5\nlet z[i in 0..n] = if i <= 1 then x else x*sin(z[i - 1])\nminimize "
           "z[n]\n",
           3, "");
}

static bool is_cut(const char *source, double n) {
    struct text listing = {0};
    bool changed = cut(source, n, 0, &listing);
    text_free(&listing);
    return changed;
}

/* Its first iteration stands apart, in a free loop, which may be cut where that is asked for. */
Test(lower_chunk, a_recurrence_from_0_stays_whole) {
    static const char recurrence[] = "param n = 20\nvar x = 0.5\n"
                                     "let z[i in 0..n] = if i == 0 then x else x*sin(z[i - 1])\n"
                                     "minimize z[n]\n";
    struct text listing = {0};
    cr_expect(cut(recurrence, 20, 3, &listing));
    cr_expect_not_null(
        strstr(text_string(&listing), "\nloop i in 1..n up\n  z[i] = (x * sin(z[(i + -1)]))\n"));
    cr_expect_not_null(
        strstr(text_string(&listing), "\nloop i in n..1 by -1 down\n  when (0 != z_reads[i])\n"));
    text_free(&listing);
    cr_expect_not(is_cut(recurrence, 1000000));
}

Test(lower_chunk, loops_are_cut_where_that_is_worth_it) {
    static const char sum[] =
        "param n\nparam t[i in 1..n] = i\nvar b = -1\nminimize sum(exp(b*t[i]) for i in 1..n)\n";
    cr_expect_not(is_cut(sum, 100));
    cr_expect(is_cut(sum, 20000));
    /* Each part would be as long as the loop. */
    static const char scatter[] = "param n\nparam at[i in 1..n] = 1 + (i*7 % n)\nvar x[i in 1..n] = i\n"
                                  "minimize sum(exp(x[at[i]]) for i in 1..n)\n";
    cr_expect_not(is_cut(scatter, 20000));
    static const char histogram[] = "param n\nparam at[i in 1..n] = 1 + (i*7 % 10)\nvar x[i in 1..10] = i\n"
                                    "minimize sum(exp(x[at[i]]) for i in 1..n)\n";
    cr_expect(is_cut(histogram, 20000));
    /* Rows of a sparse matrix: 5 entries each, whatever all of them are. */
    static const char rows[] =
        "param n\nparam first[i in 1..n + 1] = 1 + 5*(i - 1)\n"
        "param v[k in 1..5*n] = sin(k)\nvar x = 1\n"
        "minimize sum(sum(v[k]*x for k in first[i]..first[i + 1] - 1)^2 for i in 1..n)\n";
    cr_expect_not(is_cut(rows, 2000));
    cr_expect(is_cut(rows, 200000));
}
