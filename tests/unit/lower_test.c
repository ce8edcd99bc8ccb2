#include "diff/gradient.h"
#include "eval/doubles.h"
#include "ir/build.h"
#include "ir/verify.h"
#include "lower/batch.h"
#include "lower/lower.h"
#include "sema/model.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { MOST_UNKNOWNS = 8 };

static struct model *load(const char *source, double n) {
    struct given_param size = {"n", &n, 1};
    struct model_options options = {.params = &size, .param_count = 1};
    struct model *model = model_load_text("test", ".", source, strlen(source), &options);
    cr_assert_not_null(model);
    struct text report = {0};
    for (size_t i = 0; i < model->diags.items.count; i++)
        diag_render(&model->diags, &model->diags.items.at[i], false, &report);
    cr_assert_not(diag_has_errors(&model->diags), "%s", text_string(&report));
    text_free(&report);
    return model;
}

static void derive(struct model *model, struct program *gradient) {
    array_id wrt[MOST_UNKNOWNS];
    struct gradient_request request = {
        .output = model->objective, .wrt = wrt, .wrt_count = model->unknowns.count};
    cr_assert_leq(model->unknowns.count, MOST_UNKNOWNS);
    for (size_t k = 0; k < model->unknowns.count; k++) wrt[k] = model->unknowns.at[k].shape.array;
    cr_assert(differentiate(gradient, &model->program, &request, &model->diags));
}

/* What the gradient of a file becomes. */
static void expect_made(const char *source, const char *expected,
                        bool (*lower)(struct program *out, const struct program *p)) {
    struct model *model = load(source, 5);
    struct program gradient, lowered;
    struct text listing = {0};
    derive(model, &gradient);
    cr_assert(lower(&lowered, &gradient));
    cr_expect(program_verify(&lowered, "lower", &model->diags));
    program_dump(&lowered, &listing);
    cr_expect_str_eq(text_string(&listing), expected);
    text_free(&listing);
    program_release(&gradient);
    program_release(&lowered);
    model_free(model);
}

/* After all passes. */
static void expect_lowered(const char *source, const char *expected) {
    expect_made(source, expected, lower_program);
}

/* The order stays; what a comparison needs in every iteration is computed before, and read in the branch too.
 */
Test(lower, exactly_moves_dear_values_and_nothing_else) {
    expect_made("param n = 5\nvar x[i in 1..n], s[k in 1..n]\n"
                "minimize sum(if exp(s[k])*x[i] > 1 then exp(s[k]) else x[i] for i in 1..n, k in 1..n)\n",
                "clear x_gradient = 0\n"
                "clear s_gradient = 0\n"
                "clear objective = 0\n"
                "when (1 <= n)\n"
                "  loop k in 1..n free\n"
                "    kept[k] = exp(s[k])\n"
                "loop i in 1..n free\n"
                "  loop k in 1..n free\n"
                "    objective += select((1 < (kept[k] * x[i])), kept[k], x[i])\n"
                "  loop k in 1..n free\n"
                "    when (1 < (kept[k] * x[i]))\n"
                "      s_gradient[k] += kept[k]\n"
                "    when not((1 < (kept[k] * x[i])))\n"
                "      x_gradient[i] += 1\n",
                lower_exactly);
}

static bool lower_for_c(struct program *out, const struct program *p) {
    return lower_exactly_for_c(out, p, true);
}

/* What both sums add to gets its parts in the order of the program: their loops stay two. */
Test(lower, loops_become_one_for_c_where_no_sum_changes_its_order) {
    expect_made("param n = 5\nvar x[i in 1..n]\nlet a[i in 1..n] = x[i]^2, b[i in 1..n] = sin(x[i])\n"
                "minimize sum(a[i]*b[i] for i in 1..n) + sum(b[i]^3 for i in 1..n)\n",
                "clear x_gradient = 0\n"
                "clear a_adjoint = 0\n"
                "clear b_adjoint = 0\n"
                "clear objective = 0\n"
                "loop i in 1..n free\n"
                "  a[i] = (x[i] ^ 2)\n"
                "  b[i] = sin(x[i])\n"
                "  objective += (a[i] * b[i])\n"
                "  b_adjoint[i] += a[i]\n"
                "  a_adjoint[i] += b[i]\n"
                "loop i in 1..n free\n"
                "  objective += (b[i] ^ 3)\n"
                "  b_adjoint[i] += (3 * (b[i] ^ 2))\n"
                "  x_gradient[i] += (b_adjoint[i] * cos(x[i]))\n"
                "  x_gradient[i] += (2 * (x[i] * a_adjoint[i]))\n",
                lower_for_c);
}

Test(lower, a_chain_becomes_one_loop_without_a_scatter) {
    expect_lowered(
        "param n = 5\nvar x[i in 1..n]\nminimize sum((x[i] - x[i - 1])^2 for i in 2..n)\n",
        "clear objective = 0\n"
        "loop i in 1..(1 imin n) free\n"
        "  x_gradient[i] = select((i <= (n + -1)), (-2 * (x[(i + 1)] + (-1 * x[i]))), 0)\n"
        "loop i in 2..(n + -1) free\n"
        "  objective += ((x[i] + (-1 * x[(i + -1)])) ^ 2)\n"
        "  x_gradient[i] = ((2 * (x[i] + (-1 * x[(i + -1)]))) + (-2 * (x[(i + 1)] + (-1 * x[i]))))\n"
        "loop i in (n imax 2)..n free\n"
        "  objective += ((x[i] + (-1 * x[(i + -1)])) ^ 2)\n"
        "  x_gradient[i] = (2 * (x[i] + (-1 * x[(i + -1)])))\n");
}

Test(lower, fields_of_a_record_are_set_one_by_one) {
    expect_lowered("param n = 5\nvar x[i in 1..n, k in 1..2]\n"
                   "minimize sum((x[i, 1] - x[i + 1, 2])^2 for i in 1..n - 1)\n",
                   "clear objective = 0\n"
                   "loop i in 1..(1 imin n) free\n"
                   "  x_gradient[i, 2] = 0\n"
                   "  when (i <= (n + -1))\n"
                   "    objective += ((x[i, 1] + (-1 * x[(i + 1), 2])) ^ 2)\n"
                   "  x_gradient[i, 1] = select((i <= (n + -1)), (2 * (x[i, 1] + (-1 * x[(i + 1), 2]))), 0)\n"
                   "loop i in 2..(n + -1) free\n"
                   "  objective += ((x[i, 1] + (-1 * x[(i + 1), 2])) ^ 2)\n"
                   "  x_gradient[i, 1] = (2 * (x[i, 1] + (-1 * x[(i + 1), 2])))\n"
                   "  x_gradient[i, 2] = (-2 * (x[(i + -1), 1] + (-1 * x[i, 2])))\n"
                   "loop i in (n imax 2)..n free\n"
                   "  x_gradient[i, 1] = 0\n"
                   "  x_gradient[i, 2] = (-2 * (x[(i + -1), 1] + (-1 * x[i, 2])))\n");
}

Test(lower, what_lives_in_one_iteration_is_a_scalar) {
    expect_lowered("param n = 5\nvar a, b\nparam t[i in 1..n] = i\nlet z[i in 1..n] = sin(a*t[i])\n"
                   "minimize sum(exp(b*z[i]) for i in 1..n)\n",
                   "clear objective = 0\nclear a_gradient = 0\nclear b_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  z_2 = sin((a * t[i]))\n"
                   "  objective += exp((b * z_2))\n"
                   "  z_adjoint_2 = (b * exp((b * z_2)))\n"
                   "  b_gradient += (z_2 * exp((b * z_2)))\n"
                   "  a_gradient += (t[i] * (z_adjoint_2 * cos((a * t[i]))))\n");
}

Test(lower, sums_are_formed_in_a_scalar_and_stored_once) {
    expect_lowered("param n = 5\nvar x[i in 1..n, j in 1..n]\n"
                   "minimize sum(sin(sum(x[i, j] for j in 1..i))^2 for i in 1..n)\n",
                   "clear objective = 0\nclear x_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  clear sum = 0\n"
                   "  loop j in 1..i free\n"
                   "    sum += x[i, j]\n"
                   "  objective += (sin(sum) ^ 2)\n"
                   "  sum_adjoint = (2 * (sin(sum) * cos(sum)))\n"
                   "  loop j in 1..i free\n"
                   "    x_gradient[i, j] += sum_adjoint\n");
}

Test(lower, a_mirrored_subscript_is_turned_round) {
    expect_lowered("param n = 5\nvar x[i in 1..n]\nparam w[i in 1..n] = i\n"
                   "minimize sum(w[i]*x[n + 1 - i]^2 for i in 1..n)\n",
                   "clear objective = 0\n"
                   "loop i in 1..n free\n"
                   "  objective += (w[i] * (x[((n + (-1 * i)) + 1)] ^ 2))\n"
                   "  x_gradient[i] = (2 * (w[((n + (-1 * i)) + 1)] * x[i]))\n");
}

/* w reads neighbours of z: no iteration has both, and the two loops stay. */
Test(lower, a_loop_that_needs_neighbours_stays_behind) {
    expect_lowered("param n = 5\nvar a\nlet z[i in 1..n] = sin(a*i)\n"
                   "minimize sum(z[i]*z[i - 1] for i in 2..n)\n",
                   "clear objective = 0\nclear a_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  z[i] = sin((a * real(i)))\n"
                   "loop i in 1..(1 imin n) free\n"
                   "  z_reads_2_2 = select((i <= (n + -1)), 1, 0)\n"
                   "  z_adjoint_2_2 = select((i <= (n + -1)), z[(i + 1)], 0)\n"
                   "  when (0 != z_reads_2_2)\n"
                   "    a_gradient += (real(i) * (z_adjoint_2_2 * cos((a * real(i)))))\n"
                   "loop i in 2..(n + -1) free\n"
                   "  objective += (z[i] * z[(i + -1)])\n"
                   "  z_adjoint_2 = (z[(i + -1)] + z[(i + 1)])\n"
                   "  a_gradient += (real(i) * (z_adjoint_2 * cos((a * real(i)))))\n"
                   "loop i in (n imax 2)..n free\n"
                   "  objective += (z[i] * z[(i + -1)])\n"
                   "  z_adjoint_2_3 = z[(i + -1)]\n"
                   "  a_gradient += (real(i) * (z_adjoint_2_3 * cos((a * real(i)))))\n");
}

/* Both nests use the names i and j, the second the other way round. */
Test(lower, names_of_indices_do_not_mix) {
    expect_lowered(
        "param n = 5\nvar x[i in 1..n, j in 1..n]\n"
        "minimize sum(x[i, j]^2 for i in 1..n, j in 1..n) + sum(x[j, i]^3 for j in 1..n, i in 1..n)\n",
        "clear objective = 0\n"
        "loop i in 1..n free\n"
        "  loop j in 1..n free\n"
        "    objective += ((x[i, j] ^ 2) + (x[i, j] ^ 3))\n"
        "    x_gradient[i, j] = ((3 * (x[i, j] ^ 2)) + (2 * x[i, j]))\n");
}

Test(lower, recurrences_keep_their_order) {
    expect_lowered("param n = 5\nvar x[i in 1..n]\nminimize prod(x[i] for i in 1..n)\n",
                   "prefix[0] = 1\n"
                   "loop i in 1..n up\n"
                   "  prefix[i] = (x[i] * prefix[(i + -1)])\n"
                   "objective = prefix[(n imax 0)]\n"
                   "prefix_adjoint[(n imax 0)] = 1\n"
                   "loop i in n..1 by -1 down\n"
                   "  prefix_adjoint[(i + -1)] = (x[i] * prefix_adjoint[i])\n"
                   "  x_gradient[i] = (prefix[(i + -1)] * prefix_adjoint[i])\n");
}

/* Also where the prefixes are made anew for each i, and where an end of the range stands apart. */
Test(lower, adjoints_that_are_added_to_once_are_set) {
    expect_lowered("param n = 5\nvar x[i in 1..n, j in 1..n]\n"
                   "minimize sum(prod(x[i, j] for j in 3..n) for i in 1..n)\n",
                   "clear objective = 0\nclear x_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  prefix[2] = 1\n"
                   "  loop j in 3..n up\n"
                   "    prefix[j] = (x[i, j] * prefix[(j + -1)])\n"
                   "  objective += prefix[(n imax 2)]\n"
                   "  prefix_adjoint[(n imax 2)] = 1\n"
                   "  loop j in n..3 by -1 down\n"
                   "    prefix_adjoint[(j + -1)] = (x[i, j] * prefix_adjoint[j])\n"
                   "    x_gradient[i, j] += (prefix[(j + -1)] * prefix_adjoint[j])\n");
    expect_lowered("param n = 5\nvar x[i in 0..n]\n"
                   "let a[i in 0..n] = if i == 0 then x[0] else a[i - 1]*x[i]\nminimize a[n]\n",
                   "loop i in 0..(0 imin n) up\n"
                   "  a[0] = x[0]\n"
                   "loop i in 1..n up\n"
                   "  a[i] = (a[(i + -1)] * x[i])\n"
                   "objective = a[n]\n"
                   "a_adjoint[n] = 1\n"
                   "loop i in n..1 by -1 down\n"
                   "  x_gradient[i] = (a[(i + -1)] * a_adjoint[i])\n"
                   "  a_adjoint[(i + -1)] = (x[i] * a_adjoint[i])\n"
                   "loop i in (0 imin n)..0 by -1 down\n"
                   "  x_gradient[0] = a_adjoint[0]\n");
}

/* The first element of the one that runs downwards is the last; where it needs another one that the loop sets
 * it stays, and so does what an iteration in the middle does. */
Test(lower, ends_of_recurrences_stand_apart) {
    expect_lowered("param n = 5\nvar x[i in 0..n]\n"
                   "let a[i in n..0 by -1] = if i >= n then x[n] else a[i + 1]*x[i]\nminimize a[0]\n",
                   "loop i in n..(0 imax n) by -1 down\n"
                   "  a[n] = x[n]\n"
                   "loop i in (n + -1)..0 by -1 down\n"
                   "  a[i] = (a[(i + 1)] * x[i])\n"
                   "objective = a[0]\n"
                   "a_adjoint[0] = 1\n"
                   "loop i in 0..(n + -1) up\n"
                   "  x_gradient[i] = (a[(i + 1)] * a_adjoint[i])\n"
                   "  a_adjoint[(i + 1)] = (x[i] * a_adjoint[i])\n"
                   "loop i in (0 imax n)..n up\n"
                   "  x_gradient[n] = a_adjoint[n]\n");
    expect_lowered("param n = 5\nvar x\n"
                   "let a[i in 0..n] = if i == 0 then x else a[i - 1] + b[i - 1],\n"
                   "    b[i in 0..n] = if i == 0 then sin(a[0]) else a[i - 1]\nminimize b[n]\n",
                   "clear x_gradient = 0\n"
                   "clear a_adjoint = 0\n"
                   "clear b_adjoint = 0\n"
                   "clear b_reads = 0\n"
                   "loop i in 0..n up\n"
                   "  a[i] = select((0 == i), x, (a[(i + -1)] + b[(i + -1)]))\n"
                   "  b[i] = select((0 == i), sin(a[0]), a[(i + -1)])\n"
                   "objective = b[n]\n"
                   "b_adjoint[n] += 1\n"
                   "b_reads[n] += 1\n"
                   "loop i in n..0 by -1 down\n"
                   "  when (0 != b_reads[i])\n"
                   "    when (0 == i)\n"
                   "      a_adjoint[0] += (b_adjoint[i] * cos(a[0]))\n"
                   "    when not((0 == i))\n"
                   "      a_adjoint[(i + -1)] += b_adjoint[i]\n"
                   "  when (0 == i)\n"
                   "    x_gradient += a_adjoint[i]\n"
                   "  when not((0 == i))\n"
                   "    b_adjoint[(i + -1)] += a_adjoint[i]\n"
                   "    b_reads[(i + -1)] += 1\n"
                   "    a_adjoint[(i + -1)] += a_adjoint[i]\n");
    expect_lowered("param n = 5\nvar x\n"
                   "let a[i in 0..n] = if i <= 1 then x else a[i - 1]*x\nminimize a[n]\n",
                   "clear x_gradient = 0\n"
                   "clear a_adjoint = 0\n"
                   "loop i in 0..n up\n"
                   "  a[i] = select((i <= 1), x, (x * a[(i + -1)]))\n"
                   "objective = a[n]\n"
                   "a_adjoint[n] += 1\n"
                   "loop i in n..0 by -1 down\n"
                   "  x_gradient += select((i <= 1), a_adjoint[i], (a[(i + -1)] * a_adjoint[i]))\n"
                   "  when not((i <= 1))\n"
                   "    a_adjoint[(i + -1)] += (x * a_adjoint[i])\n");
}

/* The loop over s is written as part of the recurrence, but no s needs another one of the same t. */
Test(lower, inner_loops_of_recurrences_are_free) {
    expect_lowered("param n = 5\nvar a\n"
                   "let p[t in 1..n, s in 1..9] = if t == 1 then a else sum(p[t - 1, r] for r in 1..9)*s\n"
                   "minimize p[n, 1]\n",
                   "clear a_gradient = 0\nclear p_adjoint = 0\n"
                   "loop t in 1..n up\n"
                   "  loop s in 1..9 free\n"
                   "    when not((1 == t))\n"
                   "      clear sum_2_2 = 0\n"
                   "      loop r in 1..9 free\n"
                   "        sum_2_2 += p[(t + -1), r]\n"
                   "    p[t, s] = select((1 == t), a, (sum_2_2 * real(s)))\n"
                   "objective = p[n, 1]\n"
                   "p_adjoint[n, 1] += 1\n"
                   "loop t in n..1 by -1 down\n"
                   "  loop s in 1..9 free\n"
                   "    when (1 == t)\n"
                   "      a_gradient += p_adjoint[t, s]\n"
                   "    sum_adjoint_2_2 = select((1 == t), 0, (real(s) * p_adjoint[t, s]))\n"
                   "    when not((1 == t))\n"
                   "      loop r in 1..9 free\n"
                   "        p_adjoint[(t + -1), r] += sum_adjoint_2_2\n");
}

/* exp(w[j]) is needed for each i, and does not depend on it; nor is it computed where there is no i. */
Test(lower, dear_values_leave_loops_they_do_not_need) {
    expect_lowered("param n = 5\nvar w[j in 1..9]\nparam t[i in 1..n] = i\n"
                   "minimize sum(sum(t[i]*exp(w[j]) for j in 1..9)^2 for i in 1..n)\n",
                   "clear objective = 0\nclear w_gradient = 0\n"
                   "when (1 <= n)\n"
                   "  loop j in 1..9 free\n"
                   "    kept[j] = exp(w[j])\n"
                   "loop i in 1..n free\n"
                   "  clear sum = 0\n"
                   "  loop j in 1..9 free\n"
                   "    sum += (t[i] * kept[j])\n"
                   "  objective += (sum ^ 2)\n"
                   "  sum_adjoint = (2 * sum)\n"
                   "  loop j in 1..9 free\n"
                   "    w_gradient[j] += (kept[j] * (t[i] * sum_adjoint))\n");
}

/* The reverse of p needs the sum in sin: the forward loop keeps it. */
Test(lower, sums_of_a_recurrence_are_not_formed_again) {
    expect_lowered("param n = 5\nvar a\n"
                   "let p[t in 0..n] = if t == 0 then a else sin(sum(p[t - 1]*j for j in 1..9))\n"
                   "minimize p[n]\n",
                   "clear a_gradient = 0\nclear p_adjoint = 0\nclear p_reads = 0\n"
                   "loop t in 0..n up\n"
                   "  when not((0 == t))\n"
                   "    clear sum_3 = 0\n"
                   "    loop j in 1..9 free\n"
                   "      sum_3 += (p[(t + -1)] * real(j))\n"
                   "    sum_2[t] = sum_3\n"
                   "  p[t] = select((0 == t), a, sin(sum_3))\n"
                   "objective = p[n]\n"
                   "p_adjoint[n] += 1\n"
                   "p_reads[n] += 1\n"
                   "loop t in n..0 by -1 down\n"
                   "  clear sum_adjoint = 0\n"
                   "  when (0 != p_reads[t])\n"
                   "    when (0 == t)\n"
                   "      a_gradient += p_adjoint[t]\n"
                   "    when not((0 == t))\n"
                   "      sum_adjoint += (p_adjoint[t] * cos(sum_2[t]))\n"
                   "  when not((0 == t))\n"
                   "    loop j in 1..9 free\n"
                   "      p_adjoint[(t + -1)] += (real(j) * sum_adjoint)\n"
                   "      p_reads[(t + -1)] += 1\n");
}

/* What the second loop over an iteration's elements needs has been formed by the first, here in a branch. */
Test(lower, functions_of_an_earlier_loop_are_stored) {
    expect_lowered("param n = 5\nvar x[i in 1..n], w[c in 1..n]\nlet z[i in 1..n, c in 1..n] = x[i]*w[c]\n"
                   "minimize sum(logsumexp(z[i, c] for c in 1..n) for i in 1..n)\n",
                   "clear objective = 0\n"
                   "clear w_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  clear shift_2 = (-1 * inf)\n"
                   "  clear sum_2 = 0\n"
                   "  clear x_gradient_2 = 0\n"
                   "  loop c in 1..n free\n"
                   "    z_2[c] = (x[i] * w[c])\n"
                   "    shift_2 max= z_2[c]\n"
                   "  loop c in 1..n free\n"
                   "    kept[c] = select(((-1 * inf) == z_2[c]), 0, exp((z_2[c] + (-1 * select((inf == "
                   "abs(shift_2)), 0, shift_2)))))\n"
                   "    sum_2 += select(((-1 * inf) == z_2[c]), 0, exp((z_2[c] + (-1 * select((inf == "
                   "abs(shift_2)), 0, shift_2)))))\n"
                   "  objective += select((0 == sum_2), (-1 * inf), (select((inf == abs(shift_2)), 0, "
                   "shift_2) + log(sum_2)))\n"
                   "  sum_adjoint_2 = select((0 == sum_2), 0, (1 / sum_2))\n"
                   "  sum_reads_2 = select((0 == sum_2), 0, 1)\n"
                   "  loop c in 1..n free\n"
                   "    z_adjoint_2 = select(((0 != sum_reads_2) and not(((-1 * inf) == z_2[c]))), (kept[c] "
                   "* sum_adjoint_2), 0)\n"
                   "    w_gradient[c] += (x[i] * z_adjoint_2)\n"
                   "    x_gradient_2 += (w[c] * z_adjoint_2)\n"
                   "  x_gradient[i] = x_gradient_2\n");
}

Test(lower, functions_stay_where_another_condition_holds) {
    expect_lowered(
        "param n = 5\nvar x[i in 1..n], w[c in 1..n]\nlet z[i in 1..n, c in 1..n] = x[i]*w[c]\n"
        "let s[i in 1..n] = sum(if w[c] > 0 then exp(z[i, c]) else 0 for c in 1..n)\n"
        "minimize sum(sum(if w[c] > 1 then s[i]*exp(z[i, c]) else 0 for c in 1..n) for i in 1..n)\n",
        "clear objective = 0\n"
        "clear w_gradient = 0\n"
        "loop i in 1..n free\n"
        "  clear s_2 = 0\n"
        "  clear z_adjoint_2 = 0\n"
        "  clear s_adjoint_2 = 0\n"
        "  clear s_reads_2 = 0\n"
        "  clear x_gradient_2 = 0\n"
        "  loop c in 1..n free\n"
        "    z_2[c] = (x[i] * w[c])\n"
        "    kept[c] = select((0 < w[c]), exp(z_2[c]), 0)\n"
        "    s_2 += select((0 < w[c]), exp(z_2[c]), 0)\n"
        "  loop c in 1..n free\n"
        "    objective += select((1 < w[c]), (s_2 * exp(z_2[c])), 0)\n"
        "    z_adjoint_2[c] += select((1 < w[c]), (s_2 * exp(z_2[c])), 0)\n"
        "    when (1 < w[c])\n"
        "      s_adjoint_2 += exp(z_2[c])\n"
        "      s_reads_2 += 1\n"
        "  loop c in 1..n free\n"
        "    when ((0 != s_reads_2) and (0 < w[c]))\n"
        "      z_adjoint_2[c] += (kept[c] * s_adjoint_2)\n"
        "    w_gradient[c] += (x[i] * z_adjoint_2[c])\n"
        "    x_gradient_2 += (w[c] * z_adjoint_2[c])\n"
        "  x_gradient[i] = x_gradient_2\n");
}

/* Each pair's function would take a number for each pair. */
Test(lower, functions_stay_where_storing_them_takes_more_than_what_they_read) {
    expect_lowered("param n = 5\nvar w[c in 1..n]\n"
                   "let u[i in 1..n, c in 1..n] = i*w[c]\n"
                   "let z[i in 1..n] = sum(exp(u[i, c]*u[i, d]) for c in 1..n, d in 1..n)\n"
                   "minimize sum(sum(exp(u[i, c]*u[i, d])/z[i]*c for c in 1..n, d in 1..n) for i in 1..n)\n",
                   "clear objective = 0\n"
                   "clear w_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  clear z_2 = 0\n"
                   "  clear u_adjoint_2 = 0\n"
                   "  clear z_adjoint_2 = 0\n"
                   "  loop c in 1..n free\n"
                   "    u_2[c] = (real(i) * w[c])\n"
                   "  loop c in 1..n free\n"
                   "    loop d in 1..n free\n"
                   "      z_2 += exp((u_2[c] * u_2[d]))\n"
                   "  loop c in 1..n free\n"
                   "    loop d in 1..n free\n"
                   "      objective += ((exp((u_2[c] * u_2[d])) / z_2) * real(c))\n"
                   "      z_adjoint_2 += (-1 * ((exp((u_2[c] * u_2[d])) / z_2) * (real(c) / z_2)))\n"
                   "      u_adjoint_2[d] += (u_2[c] * (exp((u_2[c] * u_2[d])) * (real(c) / z_2)))\n"
                   "      u_adjoint_2[c] += (u_2[d] * (exp((u_2[c] * u_2[d])) * (real(c) / z_2)))\n"
                   "  loop c in 1..n free\n"
                   "    loop d in 1..n free\n"
                   "      u_adjoint_2[d] += (u_2[c] * (exp((u_2[c] * u_2[d])) * z_adjoint_2))\n"
                   "      u_adjoint_2[c] += (u_2[d] * (exp((u_2[c] * u_2[d])) * z_adjoint_2))\n"
                   "  loop c in 1..n free\n"
                   "    w_gradient[c] += (real(i) * u_adjoint_2[c])\n");
}

/* a is cheap: its adjoint at two indices needs no array, and no second loop. */
Test(lower, cheap_neighbours_are_computed_again) {
    expect_lowered(
        "param n = 5\nvar x[i in 1..n]\nlet a[i in 1..n - 1] = x[i + 1] - x[i]\n"
        "minimize sum(a[i]^2 for i in 1..n - 1)\n",
        "clear objective = 0\n"
        "loop i in 1..(1 imin n) free\n"
        "  when (i <= (n + -1))\n"
        "    objective += ((x[(i + 1)] + (-1 * x[i])) ^ 2)\n"
        "  x_gradient[i] = select((i <= (n + -1)), (-1 * (2 * (x[(i + 1)] + (-1 * x[i])))), 0)\n"
        "loop i in 2..(n + -1) free\n"
        "  objective += ((x[(i + 1)] + (-1 * x[i])) ^ 2)\n"
        "  x_gradient[i] = ((2 * (x[i] + (-1 * x[(i + -1)]))) + (-1 * (2 * (x[(i + 1)] + (-1 * x[i])))))\n"
        "loop i in (n imax 2)..n free\n"
        "  x_gradient[i] = (2 * (x[i] + (-1 * x[(i + -1)])))\n");
}

/* The root is stored for the gradient by x[i + 1], which another iteration needs; cheap factors are not. */
Test(lower, dear_values_that_neighbours_need_are_stored) {
    expect_lowered("param n = 5\nvar x[i in 1..n]\n"
                   "minimize sum(sqrt(1 + (x[i + 1] - x[i])^2) for i in 1..n - 1)\n",
                   "clear objective = 0\n"
                   "loop i in 1..(n + -1) free\n"
                   "  kept[i] = ((x[(i + 1)] + (-1 * x[i])) / sqrt((1 + ((x[(i + 1)] + (-1 * x[i])) ^ 2))))\n"
                   "  objective += sqrt((1 + ((x[(i + 1)] + (-1 * x[i])) ^ 2)))\n"
                   "loop i in 1..(1 imin n) free\n"
                   "  x_gradient[i] = select((i <= (n + -1)), (-2 * (1/2 * kept[i])), 0)\n"
                   "loop i in 2..(n + -1) free\n"
                   "  x_gradient[i] = ((2 * (1/2 * kept[(i + -1)])) + (-2 * (1/2 * kept[i])))\n"
                   "loop i in (n imax 2)..n free\n"
                   "  x_gradient[i] = (2 * (1/2 * kept[(i + -1)]))\n");
}

/* Two coordinates of each point: a loop is not worth it, and p falls apart into two scalars. */
Test(lower, short_inner_loops_are_written_out) {
    expect_lowered("param n = 5\nvar a\nparam t[i in 1..n] = i\nlet p[i in 1..n, j in 1..2] = sin(a*t[i]*j)\n"
                   "minimize sum(p[i, 1]*p[i, 2] for i in 1..n)\n",
                   "clear objective = 0\nclear a_gradient = 0\n"
                   "loop i in 1..n free\n"
                   "  p_2_3 = sin((a * t[i]))\n"
                   "  p_2_2 = sin((2 * (a * t[i])))\n"
                   "  objective += (p_2_3 * p_2_2)\n"
                   "  p_adjoint_2_3 = p_2_2\n"
                   "  p_adjoint_2_2 = p_2_3\n"
                   "  a_gradient += ((t[i] * (cos((a * t[i])) * p_adjoint_2_3)) + "
                   "(2 * (t[i] * (cos((2 * (a * t[i]))) * p_adjoint_2_2))))\n");
}

static double value_of(struct model *model, const struct program *p, double *gradients, size_t *count) {
    struct binding b;
    cr_assert(binding_init(&b, p));
    binding_share_inputs(&b, &model->binding);
    cr_assert(binding_allocate(&b, &model->diags));
    cr_assert_eq(doubles_run(p, &b, &model->diags), EVALUATED);
    *count = 0;
    for (array_id a = 1; a < p->arrays.count; a++)
        for (size_t e = 0; p->arrays.at[a].role == ROLE_GRADIENT && e < b.arrays[a].count; e++)
            gradients[(*count)++] = b.arrays[a].at.real[e];
    double value = b.arrays[model->objective].at.real[0];
    binding_release(&b);
    return value;
}

static void expect_same_values(const char *source, double n) {
    double before[128], after[128];
    size_t count, again;
    struct model *model = load(source, n);
    struct program gradient, lowered;
    derive(model, &gradient);
    cr_assert(lower_program(&lowered, &gradient));
    double value = value_of(model, &gradient, before, &count);
    double other = value_of(model, &lowered, after, &again);
    cr_expect_float_eq(other, value, 1e-12 * (1 + fabs(value)), "n = %g: %s", n, source);
    cr_assert_eq(count, again);
    for (size_t k = 0; k < count; k++)
        cr_expect_float_eq(after[k], before[k], 1e-12 * (1 + fabs(before[k])), "n = %g, element %zu: %s", n,
                           k, source);
    program_release(&gradient);
    program_release(&lowered);
    model_free(model);
}

/* Ends are cut off, and ranges may be shorter than what is cut. */
Test(lower, tiny_sizes) {
    static const char *const sources[] = {
        "param n = 5\nvar x[i in 1..n] = i\nminimize sum((x[i] - x[i - 1]^2)^2 for i in 2..n)\n",
        "param n = 5\nvar x[i in 1..n] = i\nminimize sum((x[i - 1] - 2*x[i] + x[i + 1])^2 for i in 2..n - "
        "1)\n"
        "    + sum(sin(x[i]) for i in 1..n)\n",
        "param n = 5\nvar x[i in 1..n] = i\n"
        "minimize sum(exp(x[i]/9 - x[i + 2]/9) for i in 1..n - 2) + sum(x[i]*x[n + 1 - i] for i in 1..n)\n",
        "param n = 5\nvar x[i in 1..n, j in 1..n] = i - j/3\n"
        "minimize sum((x[i + 1, j] - x[i, j])^2 for i in 1..n - 1, j in 1..n)\n"
        "    + sum((x[i, j + 1] - x[i, j])^2*x[i, j] for i in 1..n, j in 1..n - 1)\n",
        "param n = 5\nvar x[i in 1..n] = i\nlet z[i in 1..n] = sin(x[i])\n"
        "minimize sum(z[i]*sum(x[j]*z[j] for j in i + 1..n) for i in 1..n)\n",
    };
    static const double sizes[] = {0, 1, 2, 3, 4, 7};
    for (size_t k = 0; k < sizeof sources / sizeof *sources; k++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) expect_same_values(sources[k], sizes[i]);
}

/* A maximum of computed values: no pass may compute them in another way where they are compared. */
Test(lower, what_is_compared_is_not_cut) {
    struct model *model = load("param n = 5\nvar x[i in 1..n] = i\n"
                               "minimize max(sin(x[i]) for i in 1..n) + sum(x[i]^2 for i in 2..n - 1)\n",
                               5);
    struct program gradient, lowered;
    struct text listing = {0};
    derive(model, &gradient);
    cr_assert(lower_program(&lowered, &gradient));
    program_dump(&lowered, &listing);
    cr_expect(strstr(text_string(&listing), "loop i in 1..n free\n  max max= sin(x[i])\n"), "%s",
              text_string(&listing));
    text_free(&listing);
    program_release(&gradient);
    program_release(&lowered);
    model_free(model);
}

/* What the gradient of a file becomes for many points. */
static void expect_batch(const char *source, const char *expected) {
    struct model *model = load(source, 5);
    struct program gradient, lowered, batch;
    struct text listing = {0};
    array_id unknowns[MOST_UNKNOWNS];
    derive(model, &gradient);
    cr_assert(lower_program(&lowered, &gradient));
    for (size_t k = 0; k < model->unknowns.count; k++) unknowns[k] = model->unknowns.at[k].shape.array;
    struct batch_request request = {model->objective, unknowns, model->unknowns.count, 64};
    struct batch_arrays arrays;
    cr_assert(program_batch(&batch, &lowered, &request, &arrays));
    cr_expect(program_verify(&batch, "batch", &model->diags));
    program_dump(&batch, &listing);
    cr_expect_str_eq(text_string(&listing), expected);
    text_free(&listing);
    program_release(&gradient);
    program_release(&lowered);
    program_release(&batch);
    model_free(model);
}

Test(lower, many_points_are_a_loop_around_everything) {
    expect_batch(
        "param n = 5\nvar a, x[i in 1..n], idle\n"
        "minimize sum(if a > 0 then log(a)*x[i] else x[i]^2 for i in 1..n)\n",
        "loop point in 1..points free\n"
        "  clear objective_2 = 0\n"
        "  clear a_gradient_3 = 0\n"
        "  clear idle_gradient_3 = 0\n"
        "  loop i in 1..n free\n"
        "    objective_2 += select((0 < a_2[point]), (log(a_2[point]) * x_2[i, point]), (x_2[i, "
        "point] ^ 2))\n"
        "    x_gradient_2[i, point] = select((0 < a_2[point]), log(a_2[point]), (2 * x_2[i, point]))\n"
        "    when (0 < a_2[point])\n"
        "      a_gradient_3 += (x_2[i, point] / a_2[point])\n"
        "  values[point] = objective_2\n"
        "  a_gradient_2[point] = a_gradient_3\n"
        "  idle_gradient_2[point] = idle_gradient_3\n");
}
