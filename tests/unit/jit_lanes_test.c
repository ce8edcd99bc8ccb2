/* Kernels in vector lanes against strict ones: every width, and every number of iterations that are left
 * over. */
#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ir/ops.h"
#include "jit/kernel.h"
#include "jit/vector_math.h"
#include "sema/model.h"

enum { MOST_UNKNOWNS = 5000 };

/* Value and gradient of a file for one n, and its first output. */
struct answer {
    double value, gradient[MOST_UNKNOWNS], output[MOST_UNKNOWNS];
    size_t dimension, output_count;
};

static void take_output(struct gradc_model *model, struct gradc_evaluator *e, struct answer *a) {
    a->output_count = 0;
    if (gradc_count(model, GRADC_OUTPUTS) == 0) return;
    gradc_evaluate_arrays(e, GRADC_OUTPUTS, gradc_start(model));
    a->output_count = gradc_array_at(model, GRADC_OUTPUTS, 0).count;
    memcpy(a->output, gradc_values(e, GRADC_OUTPUTS, 0), a->output_count * sizeof(double));
}

static struct answer evaluate(const char *text, double n, enum gradc_arithmetic arithmetic, unsigned lanes) {
    static struct answer a;
    struct gradc_param_value param = {"n", &n, 1};
    struct gradc_load_options options = {.params = &param, .param_count = 1};
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), &options);
    cr_assert(model);
    if (gradc_has_errors(model)) cr_assert_fail("%s", gradc_diagnostic_at(model, 0).message);
    struct gradc_evaluator *e = gradc_evaluator_new(
        model, &(struct gradc_evaluator_options){.native = true, .arithmetic = arithmetic, .lanes = lanes});
    a.dimension = gradc_dimension(model);
    cr_assert_leq(a.dimension, MOST_UNKNOWNS);
    gradc_evaluate(e, gradc_start(model), &a.value, a.gradient);
    take_output(model, e, &a);
    gradc_evaluator_free(e);
    gradc_free(model);
    return a;
}

static bool is_near(double got, double wanted, double scale) {
    return got == wanted || (isnan(got) && isnan(wanted)) || fabs(got - wanted) <= 1e-13 * scale;
}

static double largest(const double *values, size_t count) {
    double most = 1;
    for (size_t k = 0; k < count; k++) most = fmax(most, fabs(values[k]));
    return most;
}

static void compare(const char *text, double n, const struct answer *strict, const struct answer *lanes,
                    unsigned count) {
    double scale = largest(strict->gradient, strict->dimension);
    cr_expect(is_near(lanes->value, strict->value, fmax(1, fabs(strict->value))),
              "%u lanes, n = %g: value %a, not %a\n%s", count, n, lanes->value, strict->value, text);
    for (size_t k = 0; k < strict->dimension; k++)
        cr_expect(is_near(lanes->gradient[k], strict->gradient[k], scale),
                  "%u lanes, n = %g: partial %zu is %a, not %a\n%s", count, n, k, lanes->gradient[k],
                  strict->gradient[k], text);
    for (size_t k = 0; k < strict->output_count; k++)
        cr_expect(is_near(lanes->output[k], strict->output[k], 10),
                  "%u lanes, n = %g: output %zu is %a, not %a\n%s", count, n, k, lanes->output[k],
                  strict->output[k], text);
}

static const double sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17};

/* From size number `first` on. */
static void check_from(size_t first, const char *body) {
    char text[2000];
    snprintf(text, sizeof text, "param n = 4\nvar x[i in 0..n + 1] = 0.3 + 0.1*i - 0.01*i^2, s = 0.7\n%s\n",
             body);
    for (size_t k = first; k < sizeof sizes / sizeof *sizes; k++) {
        struct answer strict = evaluate(text, sizes[k], GRADC_STRICT, 0);
        for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
            struct answer got = evaluate(text, sizes[k], GRADC_LANES, lanes);
            compare(text, sizes[k], &strict, &got, lanes);
        }
        struct answer fast = evaluate(text, sizes[k], GRADC_FAST, 0);
        compare(text, sizes[k], &strict, &fast, 4);
    }
}

static void check(const char *body) {
    check_from(0, body);
}

Test(jit_lanes, sums_and_neighbours, .timeout = 280) {
    check("minimize sum(exp(s*x[i])*x[i - 1] for i in 1..n) + sum(x[i]^2 for i in n..1 by -1)");
    check("minimize sum(x[i + 1]*x[i] for i in 0..n by 3) + sum(x[n - i]*i for i in 1..n by 2)");
}

Test(jit_lanes, tables_and_meetings, .timeout = 280) {
    check("param pick[i in 1..n + 3] = (i*i) % 3 + 1\nvar w[3] = [1, 2, 3]\n"
          "minimize sum(w[pick[i]]*x[i] + x[pick[pick[i]] - 1]^2 for i in 1..n)");
}

Test(jit_lanes, conditions, .timeout = 280) {
    check("let a[i in 1..n] = if i % 3 == 1 then sqrt(x[i]) else if x[i] < 0.5 then s*x[i]^3 else log(x[i])\n"
          "minimize sum(a[i]^2 for i in 1..n if x[i - 1] > 0.35) + sum(a[i] for i in 1..n if i % 2 == 0)");
    check("minimize sum((if i > 1 then x[i - 2] else s*s)*(if x[i] > 0.4 then exp(x[i]) else cos(x[i])) for "
          "i in 1..n)");
}

Test(jit_lanes, inner_sums, .timeout = 280) {
    check("param m[i in 1..n, j in 1..3] = sin(3*i + j)\nvar w[3] = [1, -2, 3]\n"
          "minimize sum(sum(m[i, j]*w[j] for j in 1..3)^2 for i in 1..n)");
    check("minimize sum((if x[i] < 0.4 then sum(x[j]*x[i] for j in 1..n) else s*x[i]) for i in 1..n)");
    check("param m[j in 1..3, i in 1..n] = sin(3*i + j)\nvar w[3] = [1, -2, 3]\n"
          "minimize sum(logsumexp(m[j, i]*w[j] for j in 1..3) for i in 1..n)");
}

/* Each lane has a recurrence of its own; one ends where the row says. */
Test(jit_lanes, inner_recurrences, .timeout = 280) {
    check("let r[i in 1..n, t in 0..6] = if t == 0 then x[i] else 0.5*r[i, t - 1] + s*sin(r[i, t - 1])\n"
          "minimize sum(r[i, 6]^2 for i in 1..n) + sum(prod(x[i] + j for j in 1..4) for i in 1..n)");
    check("let r[i in 1..n, t in 0..n] = if t == 0 then x[i] else if r[i, t - 1] > 0.4 then r[i, t - 1]^2 "
          "else s + r[i, t - 1]\nminimize sum(prod(x[i - 1]*r[i, j] for j in i..n) for i in 1..n)");
}

Test(jit_lanes, rows, .timeout = 280) {
    check(
        "param k = 3\nparam m[i in 1..n, j in 1..k] = sin(3*i + j)\nvar w[i in 1..n, j in 1..k] = 0.3*i - j\n"
        "minimize sum(sum(m[i, j]*w[i, j] for j in 1..k)^2 for i in 1..n) + sum(w[n + 1 - i, 2] for i in "
        "1..n by 2)");
    check("param k = 2, l = 3\nvar w[i in 1..n, j in 1..k, h in 1..l] = 0.3*i - j + h\n"
          "let a[i in 1..n, j in 1..k, h in 1..l] = w[i, j, h]^2 - s*x[i]\n"
          "minimize sum(exp(-abs(sum(a[i, j, h] for j in 1..k, h in 1..l))) for i in 1..n)");
}

Test(jit_lanes, sines_with_cosines, .timeout = 280) {
    check("minimize sum(sin(s*x[i])*cos(s*x[i]) + cos(x[i - 1])/(2 + sin(x[i - 1])) for i in 1..n)");
    check("minimize sum((if x[i] > 0.4 then sin(x[i]) else 1)*cos(x[i]) + (if i > 2 then sin(x[i]) else x[i])"
          " for i in 1..n)");
}

/* There is none of nothing. */
Test(jit_lanes, extrema, .timeout = 280) {
    check_from(
        1,
        "minimize max(x[i]*s for i in 1..n) + min(abs(x[i] - 0.4) for i in 1..n) + norm(x[i] for i in 1..n)");
    check("minimize sum(max(x[i], 0.4, s) + min(x[i], x[i - 1]) for i in 1..n)");
}

Test(jit_lanes, outputs, .timeout = 280) {
    check("minimize s\noutput y[i in 1..n] = x[i]*besselj(1, x[i]) + x[n - i]");
    check("minimize s\noutput y[i in 1..n] = sum(x[j] for j in 1..n if j % 2 == 1)*i + (i*i % 4)");
}

/* Long enough for a table of accumulators; the second array has too many elements for one. */
Test(jit_lanes, tables_of_sums, .timeout = 280) {
    static const char text[] =
        "param n = 4, k = 5\nparam m[i in 1..n, j in 1..k] = sin(3*i + j)\n"
        "var w[j in 1..k] = j/10, v[j in 1..k, l in 1..3] = cos(j + l)\nvar u[j in 1..4200] = 0.001*j\n"
        "minimize sum(sum(m[i, j]*w[j] for j in 1..k)^2 + sum(m[i, j]*v[j, l]^2 for j in 1..k, l in 1..3 if "
        "m[i, j] > 0)"
        " + (if m[i, 1] > 0.5 then sum(m[i, j]*u[840*j]^2 for j in 1..k) else 0) for i in 1..n)";
    const double rows[] = {127, 128, 131, 300};
    for (size_t r = 0; r < 4; r++) {
        struct answer strict = evaluate(text, rows[r], GRADC_STRICT, 0);
        for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
            struct answer got = evaluate(text, rows[r], GRADC_LANES, lanes);
            compare(text, rows[r], &strict, &got, lanes);
        }
    }
}

/* Native code works in the memory of the caller, but not where point and gradient are in one place. */
/* Sizes that are small are constants of the code; triangles of loops over them are written out, up to a limit
 * that the last size exceeds. The rows are more than the sums' tables ask for, and some are left over. */
Test(jit_lanes, triangles_of_loops, .timeout = 280) {
    check("param p[i in 1..131, j in 1..n] = sin(i + 7*j)\nvar l[e in 1..n*(n + 1)/2] = 0.1*cos(e)\n"
          "let q[i in 1..131, r in 1..n] = sum(l[r*(r - 1)/2 + j]*(p[i, j] - x[j]) for j in 1..r)\n"
          "minimize sum(exp(-sum(q[i, r]^2 for r in 1..n)*s) for i in 1..131) + sum(l[e]^2 for e in "
          "1..n*(n + 1)/2)");
}

/* Factors of ordinary size; with zeros; of which several together leave the range of numbers; of two elements
 * each; from the last to the first, so that the adjoints go upwards; and around the sizes from which on a
 * vector's factors are multiplied one by one. */
Test(jit_lanes, running_products, .timeout = 280) {
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nminimize prod(y[i] for i in 1..n + 40)");
    check("var y[i in 0..n + 40] = if i % 13 == 5 then 0 else 1.2 - 0.4*sin(3*i)\n"
          "minimize prod(y[i] for i in 1..n + 40) + prod(y[i] for i in 6..n + 40 if i % 13 != 5)");
    check("var y[i in 0..n + 40] = if (i + 5) % 6 >= 2 and (i + 5) % 6 < 5 then 1.1e150 else 1.05e-150\n"
          "minimize prod(y[i]*s for i in 1..n + 40)");
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nminimize prod(y[i]*y[i - 1]^2 for i in 1..n + 40)");
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nlet a[i in 0..n + 40] = if i == 0 then y[0] else "
          "a[i - 1]*y[i]\nminimize sum(a[i]^2 for i in 0..n + 40)");
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nminimize prod(y[n + 40 - i]*y[i] for i in 0..n + 40)");
    check("var y[i in 0..n + 40] = if i % 4 < 2 then 2^(-62 - i % 3)*1.5 else 2^(62 + i % 3)*0.75\n"
          "minimize prod(y[i] for i in 0..n + 40)");
}

/* Their ends stand apart; who reads only the last element, and who another one. */
Test(jit_lanes, running_products_with_ends, .timeout = 280) {
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nlet a[i in 0..n + 40] = if i == 0 then y[0] else "
          "a[i - 1]*y[i]\nminimize a[n + 40]*s");
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nlet a[i in 0..n + 40] = if i == 0 then y[0] else "
          "a[i - 1]*y[i]\nminimize a[n + 40]*s + a[n + 39]");
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nlet a[i in n + 40..0 by -1] = if i >= n + 40 then "
          "y[n + 40] else a[i + 1]*y[i]\nminimize a[0] + s");
    check("var y[i in 0..n + 40] = 1.2 - 0.4*sin(3*i)\nlet a[i in n + 40..0 by -1] = if i >= n + 40 then "
          "y[n + 40] else a[i + 1]*y[i]\nminimize a[1] + s*a[0]");
    check("param y[i in 0..n + 40] = 0.9 - 0.4*sin(3*i)\nlet a[i in 0..n + 40] = if i == 0 then y[0] else "
          "a[i - 1]*y[i]\nminimize s\noutput o = a[n + 40]*s");
    check("param y[i in 0..n + 40] = 0.9 - 0.4*sin(3*i)\nlet a[i in 0..n + 40] = if i == 0 then y[0] else "
          "a[i - 1]*y[i]\nminimize s\noutput o = a[n + 39]*s + a[n + 40]");
    check("let a[i in 0..n] = if i < 1 then x[0] else if i == n then a[i - 1] + s else a[i - 1]*x[i]\n"
          "minimize a[n]^2 + sum(a[i] for i in 1..n)");
}

/* Arrays of few elements stand on the stack, longer ones do not. */
Test(jit_lanes, products_of_few, .timeout = 280) {
    static const char text[] =
        "param n = 4\nvar y[i in 1..n] = 1.2 - 0.4*sin(3*i)\n"
        "minimize prod(y[i] for i in 1..n) + prod(y[i]^2 + y[n + 1 - i] for i in 1..n)\n";
    const double rows[] = {1, 2, 5, 31, 32, 33, 62, 63, 64, 65, 66};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct answer strict = evaluate(text, rows[r], GRADC_STRICT, 0);
        for (unsigned lanes = 1; lanes <= 8; lanes *= 2) {
            struct answer got = evaluate(text, rows[r], GRADC_LANES, lanes);
            compare(text, rows[r], &strict, &got, lanes);
        }
    }
}

Test(jit_lanes, the_point_stays_as_it_is) {
    static const char text[] = "var x[20] = 2, y = 3\nminimize sum(x[i]^2*y for i in 1..20)\n";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert(model && !gradc_has_errors(model));
    struct gradc_evaluator *e = gradc_evaluator_new(model, &(struct gradc_evaluator_options){.native = true});
    double point[21], gradient[21], value;
    for (int k = 0; k < 21; k++) point[k] = k < 20 ? k + 1 : 0.5;
    for (int run = 0; run < 2; run++) {
        cr_expect_eq(gradc_evaluate(e, point, &value, gradient), GRADC_DONE);
        cr_expect_eq(value, 0.5 * 2870);
        for (int k = 0; k < 21; k++) {
            cr_expect_eq(point[k], k < 20 ? k + 1 : 0.5);
            cr_expect_eq(gradient[k], k < 20 ? k + 1 : 2870);
        }
    }
    cr_expect_eq(gradc_evaluate(e, point, &value, point), GRADC_DONE);
    cr_expect_eq(point[20], 2870);
    cr_expect_eq(point[19], 20);
    cr_expect_eq(gradc_evaluate(e, gradient, &value, NULL), GRADC_DONE);
    cr_expect_eq(value, 2870.0 * 2870);
    gradc_evaluator_free(e);
    gradc_free(model);
}

/* ---- The same bits ---- */

Test(jit_lanes, a_value_does_not_depend_on_its_place, .timeout = 280) {
    for (enum op op = OP_NONE; op < OP_COUNT; op++) {
        const struct op_info *info = op_info(op);
        if (!info->is_function || info->arity != 1) continue;
        char text[300];
        snprintf(text, sizeof text,
                 "param n = 11\nvar x[n] = %.17g\nminimize x[1]\noutput y[i in 1..n] = %s(x[i])\n",
                 info->low + 0.37 * (info->high - info->low), info->name);
        for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
            struct answer a = evaluate(text, 11, GRADC_LANES, lanes);
            for (size_t k = 1; k < 11; k++)
                cr_expect_eq(a.output[k], a.output[0], "%s in %u lanes", info->name, lanes);
        }
    }
}

Test(jit_lanes, runs_repeat_bit_for_bit) {
    static const char text[] = "param n = 100\nvar x[i in 1..n] = sin(i)\n"
                               "minimize sum(exp(x[i])*sum(x[j]*x[i] for j in 1..n) for i in 1..n)\n";
    for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
        struct answer first = evaluate(text, 100, GRADC_LANES, lanes);
        struct answer second = evaluate(text, 100, GRADC_LANES, lanes);
        cr_expect_eq(memcmp(first.gradient, second.gradient, 100 * sizeof(double)), 0);
        cr_expect_eq(first.value, second.value);
    }
}

/* ---- Comparisons ----
 *
 * What a scalar loop compares with what a loop in lanes has computed has to have the same bits. */

static double share(const char *text, enum gradc_arithmetic arithmetic, size_t unknown) {
    struct answer a = evaluate(text, 100, arithmetic, 0);
    return a.gradient[unknown];
}

Test(jit_lanes, ties_are_found_again, .timeout = 280) {
    /* All equal: each has a share of 1/n. */
    for (unsigned k = 0; k < 12; k++) {
        char text[400];
        snprintf(text, sizeof text,
                 "param n = 100\nvar x[n] = %.17g\nminimize max(exp(x[i])*3 + 1/7 for i in 1..n)\n",
                 0.1 + 0.077 * k);
        double wanted = 3 * exp(0.1 + 0.077 * k) / 100;
        cr_expect_float_eq(share(text, GRADC_LANES, 7), wanted, 1e-13);
        cr_expect_float_eq(share(text, GRADC_FAST, 99), wanted, 1e-13);
    }
}

/* Two sums of a loop are put together at once, a third one by itself: the order of additions is the same. */
Test(jit_lanes, sums_do_not_depend_on_those_beside_them) {
    static const char text[] = "param n = 100, p[i in 1..n] = sin(i)\n"
                               "var s = 0.7\nminimize sum(1/(2 + s*p[i]) for i in 1..n)\n";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert(model && !gradc_has_errors(model));
    for (unsigned lanes = 2; lanes <= 8; lanes *= 2) {
        struct gradc_evaluator *e = gradc_evaluator_new(
            model, &(struct gradc_evaluator_options){.native = true, .evaluations = 1000000, .lanes = lanes});
        double alone, beside, gradient;
        cr_assert(e, "%u lanes", lanes);
        cr_assert_eq(gradc_evaluate(e, gradc_start(model), &alone, NULL), GRADC_DONE);
        cr_assert_eq(gradc_evaluate(e, gradc_start(model), &beside, &gradient), GRADC_DONE);
        cr_expect_eq(beside, alone, "%u lanes: %a, not %a", lanes, beside, alone);
        gradc_evaluator_free(e);
    }
    gradc_free(model);
}

/* The largest of each group is found by a recurrence, which cannot run in lanes. */
Test(jit_lanes, scalar_loops_find_what_lanes_have_computed) {
    static const char text[] =
        "param n = 100\nvar x[i in 1..n] = sin(i)\n"
        "let top[g in 1..40] = max(tanh(x[i] - g/50)*exp(x[i]/3) for i in 1..n)\n"
        "let found[g in 1..40, i in 0..n] = if i == 0 then 0 else\n"
        "    found[g, i - 1] + (if tanh(x[i] - g/50)*exp(x[i]/3) == top[g] then 1 else 0)\n"
        "minimize x[1]\noutput y = sum(found[g, n] for g in 1..40)\n";
    cr_expect_eq(evaluate(text, 100, GRADC_STRICT, 0).output[0], 40);
    cr_expect_eq(evaluate(text, 100, GRADC_LANES, 0).output[0], 40);
    cr_expect_eq(evaluate(text, 100, GRADC_FAST, 0).output[0], 40);
}

/* ---- What is written ---- */

/* How often a text stands in the code for a file. */
static unsigned count_in_code(const char *source, enum arithmetic arithmetic, const char *sought) {
    struct model *model = model_load_text("text", ".", source, strlen(source), &(struct model_options){0});
    struct text code = {0};
    struct kernel_options options = {.level = 1, .arithmetic = arithmetic, .lanes = 2, .llvm = &code};
    cr_assert(model);
    struct kernel *kernel = kernel_compile(&model->program, &options, NULL, &model->diags);
    cr_assert(kernel);
    unsigned count = 0;
    for (const char *at = text_string(&code); (at = strstr(at, sought)) != NULL; at++) count++;
    kernel_free(kernel);
    text_free(&code);
    model_free(model);
    return count;
}

Test(jit_lanes, one_call_for_sine_and_cosine) {
    static const char text[] = "param n = 9\nvar x[n]\nminimize sum(sin(x[i]) + cos(x[i]) for i in 1..n)\n";
    static const char tied[] = "param n = 9\nvar x[n]\nminimize max(sin(x[i]) + cos(x[i]) for i in 1..n)\n";
    if (!vector_math_sine_and_cosine(2).symbol) cr_skip("there is no such function here");
    /* Twice: the rest of the iterations has a body of its own. A further time it is declared. */
    cr_expect_eq(count_in_code(text, ARITHMETIC_LANES, "Sleef_sincosd2"), 3);
    cr_expect_eq(count_in_code(text, ARITHMETIC_LANES, "Sleef_sind2"), 0);
    cr_expect_eq(count_in_code(tied, ARITHMETIC_LANES, "Sleef_sincosd2"), 0,
                 "it has other bits than its parts");
    cr_expect_eq(count_in_code(tied, ARITHMETIC_LANES, "Sleef_sind2"), 3);
}

Test(jit_lanes, what_is_compared_is_not_contracted) {
    static const char text[] = "param n = 9\nvar x[n]\nminimize sum(x[i]*3 + x[i]^2 for i in 1..n)\n";
    static const char tied[] = "param n = 9\nvar x[n]\nminimize max(x[i]*3 + x[i]^2 for i in 1..n)\n";
    cr_expect_gt(count_in_code(text, ARITHMETIC_FAST, "reassoc contract"), 0);
    cr_expect_eq(count_in_code(text, ARITHMETIC_LANES, "contract"), 0);
    cr_expect_eq(count_in_code(tied, ARITHMETIC_FAST, "contract"), 0);
    cr_expect_eq(count_in_code(text, ARITHMETIC_FAST, "nnan") + count_in_code(text, ARITHMETIC_FAST, "ninf"),
                 0);
}

/* The derivative forms them again, perhaps in other lanes. */
Test(jit_lanes, sums_that_are_compared_keep_their_order) {
    static const char begin[] = "param n = 9\nvar x[n], w[3]\nminimize ";
    static const struct {
        const char *objective;
        bool lanes;
    } cases[] = {
        {"sum(sum(x[i]*w[j] for i in 1..n)^2 for j in 1..3)", true},
        {"max(sum(x[i]*w[j] for i in 1..n) for j in 1..3)", false},
        {"sum((if sum(x[i]*w[j] for i in 1..n) > 0 then w[j] else 1) for j in 1..3)", false},
        {"sum((if sum(x[i]^2 for i in 1..n) > 0 then w[j] else 1) for j in 1..3)", true},
        {"sum(logsumexp(x[i] + w[j] for i in 1..n) for j in 1..3)", true},
        {"max(sum(x[i]*w[1 + j % 3] for i in 1..3) for j in 1..n)", true},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[300];
        snprintf(text, sizeof text, "%s%s\n", begin, cases[k].objective);
        bool lanes = count_in_code(text, ARITHMETIC_LANES, "<2 x double>") > 0;
        cr_expect_eq(lanes, cases[k].lanes, "%s", cases[k].objective);
    }
}
