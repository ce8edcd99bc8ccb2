#include <criterion/criterion.h>
#include <gradc/laboratory.h>
#include <math.h>
#include <string.h>

struct bench_case {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    struct gradc_bench_options options;
    struct gradc_bench bench;
};

static void measure(struct bench_case *t, const char *text) {
    static const struct gradc_evaluator_options native = {.native = true, .arithmetic = GRADC_STRICT};
    t->model = gradc_load_text("case.grad", ".", text, strlen(text), NULL);
    cr_assert(t->model && !gradc_has_errors(t->model));
    t->evaluator = gradc_evaluator_new(t->model, &native);
    t->options.no_times = true;
    cr_assert_eq(gradc_bench(t->evaluator, &t->options, &t->bench), GRADC_DONE);
}

static void release(struct bench_case *t) {
    gradc_bench_free(&t->bench);
    gradc_evaluator_free(t->evaluator);
    gradc_free(t->model);
}

static const struct gradc_bench_way *find(const struct bench_case *t, const char *name) {
    for (size_t k = 0; k < t->bench.way_count; k++)
        if (strcmp(t->bench.ways[k].name, name) == 0) return &t->bench.ways[k];
    cr_assert(false, "there is no %s", name);
    return NULL;
}

/* x^2*y: its gradient, all partials times a factor; the second one is no number where asked for. */
struct wrong {
    double factor;
    bool undefined;
};

static bool gradient(void *context, const double *point, double *result) {
    const struct wrong *wrong = context;
    result[0] = 2 * point[0] * point[1] * wrong->factor;
    result[1] = wrong->undefined ? NAN : point[0] * point[0] * wrong->factor;
    return true;
}

static void measure_wrong(struct bench_case *t, struct wrong *wrong) {
    static struct gradc_bench_other other;
    other = (struct gradc_bench_other){.name = "other", .gradient = gradient, .context = wrong};
    t->options.others = &other;
    t->options.other_count = 1;
    t->options.points = 3;
    measure(t, "var x = 3, y = 5\nminimize x^2*y");
}

Test(bench, measures_how_wrong_a_gradient_is) {
    struct wrong wrong = {1 + 0x1p-20, false};
    struct bench_case t = {0};
    measure_wrong(&t, &wrong);
    const struct gradc_bench_way *way = find(&t, "other"), *exact = find(&t, "exact, JIT strict");
    cr_expect_eq(t.bench.compared, 8);
    cr_expect_float_eq(way->median_error, 0x1p-20, 1e-12);
    cr_expect_float_eq(way->worst_bits, 20, 1e-3);
    cr_expect_gt(way->worst_ulps, 0x1p32);
    cr_expect_lt(way->worst_ulps, 0x1p34);
    cr_expect_eq(way->undefined, 0);
    cr_expect_geq(exact->worst_bits, 51);
    cr_expect_leq(exact->worst_ulps, 2);
    release(&t);
}

Test(bench, nan_has_no_right_digit) {
    struct wrong wrong = {1, true};
    struct bench_case t = {0};
    measure_wrong(&t, &wrong);
    const struct gradc_bench_way *way = find(&t, "other");
    cr_expect_eq(way->undefined, 4);
    cr_expect(isnan(way->worst_error));
    cr_expect_eq(way->worst_bits, 0);
    release(&t);
}

Test(bench, what_cannot_be_had_says_why) {
    static const struct gradc_bench_other other = {.name = "other", .obstacle = "nobody wrote it"};
    struct bench_case t = {.options = {.others = &other, .other_count = 1}};
    measure(&t, "var x = 3\nminimize erf(x)");
    cr_expect_str_eq(find(&t, "other")->obstacle, "nobody wrote it");
    cr_expect_str_eq(find(&t, "complex step")->obstacle, "there is no complex erf");
    cr_expect_null(find(&t, "dual numbers")->obstacle);
    release(&t);
}

/* Of many partials some are compared, drawn by the seed. */
Test(bench, draws_partials_where_there_are_many) {
    size_t first[64], equal[2] = {0, 0};
    for (uint64_t run = 0; run < 3; run++) {
        struct bench_case t = {.options = {.seed = run == 1 ? 0 : run}};
        measure(&t, "var x[i in 1..500] = i\nminimize sum(x[i]^3 for i in 1..500)");
        cr_assert_eq(t.bench.partial_count, 64);
        for (size_t k = 0; k < 64; k++) {
            cr_expect(k == 0 || t.bench.partials[k - 1] < t.bench.partials[k]);
            cr_expect_lt(t.bench.partials[k], 500);
            if (run == 0) first[k] = t.bench.partials[k];
            if (run > 0) equal[run - 1] += first[k] == t.bench.partials[k];
        }
        cr_expect_eq(find(&t, "central, usual step")->evaluations, 1000);
        cr_expect_eq(find(&t, "forward, usual step")->evaluations, 501);
        release(&t);
    }
    cr_expect_eq(equal[0], 64, "the same seed draws the same partials");
    cr_expect_lt(equal[1], 64, "another seed draws others");
}

/* With exact derivatives more digits are reached, and by fewer values. */
Test(bench, descends_with_exact_and_with_numeric_derivatives) {
    struct bench_case t = {0};
    measure(&t, "var x = -1.2, y = 1\nresidual 10*(y - x^2)\nresidual 1 - x");
    cr_assert_eq(t.bench.descent_count, 3);
    cr_expect_str_eq(t.bench.method, "lm");
    const struct gradc_bench_descent *d = t.bench.descents;
    for (size_t k = 0; k < 3; k++) cr_expect_str_eq(d[k].status, "converged", "%s", d[k].name);
    cr_expect_gt(d[0].gradients, 0);
    cr_expect_eq(d[1].gradients, 0);
    cr_expect_lt(d[0].evaluations, d[1].evaluations);
    cr_expect_lt(d[1].evaluations, d[2].evaluations);
    cr_expect_gt(d[0].digits, 7);
    release(&t);
}

Test(bench, no_descents_where_they_are_not_known) {
    struct bench_case t = {0};
    measure(&t, "var x = 3, y = 5\nminimize x^2 + y^2\nsubject to x + y >= 1");
    cr_expect_null(t.bench.method);
    cr_expect_str_eq(t.bench.no_descents, "there are constraints");
    release(&t);
}

Test(bench, counts_the_numbers_that_frozen_code_holds) {
    struct bench_case t = {0};
    measure(&t, "param n = 7, c[i in 1..n] = i\nvar x = 3\nminimize sum(c[i]*x for i in 1..n)");
    size_t scalars = gradc_frozen_count(t.model) - 7;
    cr_expect_leq(scalars, 1);
    release(&t);
}
