/* Loops that threads share: the bits of one thread for any number of them. */
#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct subject {
    const char *what, *text;
    bool is_shared;
} subjects[] = {
    {"least squares",
     "param t[i in 1..n] = (i*7919 % 65537)/100\nparam y[i in 1..n] = sin(t[i])\nvar b = 2, c = 1e-3\n"
     "residual y[i] - b*(1 - exp(-c*t[i])) for i in 1..n\n",
     true},
    {"logistic regression",
     "param x[i in 1..n, j in 1..3] = sin(i*j)\nparam y[i in 1..n] = if i % 3 == 0 then 1 else -1\n"
     "var w[j in 1..3] = 0.1*j\nminimize sum(softplus(-y[i]*sum(x[i, j]*w[j] for j in 1..3)) for i in "
     "1..n)\n",
     true},
    {"a mixture",
     "param x[i in 1..n] = sin(i)*3\nvar a[c in 1..4] = 0.1*c, m[c in 1..4] = c - 2.5\n"
     "let d[i in 1..n, c in 1..4] = a[c] - (x[i] - m[c])^2/2\n"
     "maximize sum(logsumexp(d[i, c] for c in 1..4) for i in 1..n)\n",
     true},
    {"conditions",
     "param t[i in 1..n] = cos(3*i)\nvar u = 0.7, v = 0.2\n"
     "minimize sum(if t[i] > v then exp(u*t[i]) else if t[i] < -0.5 then u^2*cos(t[i]*v) else log(u + v^2) "
     "for i in 1..n)\n",
     true},
    {"extrema and counts",
     "param t[i in 1..n] = sin(i)\nvar u = 0.7, v = 0.2\n"
     "minimize max(exp(u*t[i]) - v*t[i]^2 for i in 1..n) + min(cos(u*t[i]) for i in 1..n) + v^2\n",
     true},
    {"an unknown for each row",
     "var x[i in 1..n] = sin(i)\nparam at[i in 1..n] = 1 + (i*5 % 6)\nvar s[6] = 0.5\n"
     "minimize sum(exp(s[at[i]]*x[i]) + x[i]^4 for i in 1..n)\n",
     true},
    {"a long body",
     "param t[i in 1..n] = sin(i)\nvar w[k in 1..40] = k/40\n"
     "let h[i in 1..n, k in 1..40] = tanh(w[k]*t[i] + w[1 + k*k % 40])\n"
     "minimize sum(prod(1 + h[i, k]/9 for k in 1..40) for i in 1..n)\n",
     true},
    {"a recurrence",
     "var r = 3.2\nlet z[i in 0..n] = if i == 0 then 0.4 else r*z[i - 1]*(1 - z[i - 1])\nminimize z[n]^2\n",
     false},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };
static const unsigned teams[] = {2, 3, 7};
enum { TEAMS = sizeof teams / sizeof *teams };

/* What is found with a number of threads. */
struct found {
    size_t count;
    double *numbers; /* value, gradient, Hessian times the start */
    bool is_shared;
};

static struct gradc_model *load(const struct subject *s, double n) {
    char text[1024];
    snprintf(text, sizeof text, "param n = %.0f\n%s", n, s->text);
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert_not(gradc_has_errors(model), "%s", s->what);
    return model;
}

static bool report_says(struct gradc_evaluator *e, const double *x, unsigned threads) {
    struct gradc_report report;
    bool found = false;
    cr_assert_eq(gradc_report(e, true, x, &report), GRADC_DONE);
    for (size_t k = 0; k < report.loop_count; k++) found |= report.loops[k].threads == threads;
    gradc_report_free(&report);
    return found;
}

static struct found find(const struct subject *s, double n, unsigned threads,
                         enum gradc_arithmetic arithmetic) {
    struct gradc_model *model = load(s, n);
    struct gradc_evaluator_options options = {.native = true, .threads = threads, .arithmetic = arithmetic};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    const double *x = gradc_start(model);
    struct found f = {.count = 2 * gradc_dimension(model) + 1};
    f.numbers = calloc(f.count, sizeof *f.numbers);
    cr_assert_eq(gradc_evaluate(e, x, f.numbers, f.numbers + 1), GRADC_DONE, "%s", s->what);
    cr_assert_eq(gradc_hessian_times(e, x, x, f.numbers + 1 + gradc_dimension(model)), GRADC_DONE);
    if (n > 10000 && threads > 0) f.is_shared = report_says(e, x, threads);
    gradc_evaluator_free(e);
    gradc_free(model);
    return f;
}

static void expect_same_bits(const struct subject *s, double n) {
    struct found one = find(s, n, 1, GRADC_LANES), strict = find(s, n, 3, GRADC_STRICT);
    double size = 0;
    for (size_t i = 0; i < strict.count; i++) size = fmax(size, fabs(strict.numbers[i]));
    for (size_t i = 0; i < strict.count; i++)
        cr_expect_lt(fabs(one.numbers[i] - strict.numbers[i]), 1e-10 * size, "%s, n = %g", s->what, n);
    cr_expect_not(strict.is_shared, "%s", s->what);
    for (size_t k = 0; k < TEAMS; k++) {
        struct found f = find(s, n, teams[k], GRADC_LANES);
        cr_expect_eq(memcmp(f.numbers, one.numbers, f.count * sizeof *f.numbers), 0, "%s, n = %g, %u threads",
                     s->what, n, teams[k]);
        if (n > 10000) cr_expect_eq(f.is_shared, s->is_shared, "%s", s->what);
        free(f.numbers);
    }
    free(one.numbers);
    free(strict.numbers);
}

Test(threads, results_have_the_bits_of_one_thread, .timeout = 200) {
    for (size_t k = 0; k < SUBJECTS; k++) expect_same_bits(&subjects[k], 20000);
}

Test(threads, sizes_around_the_edges_of_chunks, .timeout = 200) {
    static const double sizes[] = {1, 16383, 16384, 16385, 17000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        expect_same_bits(&subjects[0], sizes[k]);
        expect_same_bits(&subjects[2], sizes[k]);
    }
}

Test(threads, the_operation_that_leaves_its_domain_is_named) {
    static const struct subject s = {"",
                                     "param t[i in 1..n] = 15000.5 - i\nvar b = 1\n"
                                     "minimize sum(log(b*t[i] + 1) for i in 1..n)\n",
                                     true};
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct gradc_model *model = load(&s, 20000);
        struct gradc_evaluator_options options = {.native = true, .threads = threads};
        struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
        double value, gradient;
        cr_assert_eq(gradc_evaluate(e, gradc_start(model), &value, &gradient), GRADC_UNDEFINED);
        cr_assert(gradc_explain(e, gradc_start(model)));
        char *text = gradc_diagnostic_text(model, 0, false);
        cr_expect_not_null(strstr(text, "i = 15002"), "%s", text);
        free(text);
        gradc_evaluator_free(e);
        gradc_free(model);
    }
}

/* Several callers of one compiled function, who come to the same pool. */
struct caller {
    const struct gradc_compiled *compiled;
    const double *point, *expected;
    size_t n;
    bool good;
};

static void *call(void *context) {
    struct caller *c = context;
    struct gradc_workspace *w = gradc_workspace_new(c->compiled);
    double *gradient = calloc(c->n + 1, sizeof *gradient);
    c->good = w && gradient;
    for (int k = 0; c->good && k < 200; k++)
        c->good = gradc_call(w, c->point, gradient, gradient + 1) == GRADC_DONE &&
                  memcmp(gradient, c->expected, (c->n + 1) * sizeof *gradient) == 0;
    free(gradient);
    gradc_workspace_free(w);
    return NULL;
}

Test(threads, callers_at_the_same_time_find_the_same, .timeout = 100) {
    enum { CALLERS = 3 };
    const struct subject *s = &subjects[2];
    struct found one = find(s, 20000, 1, GRADC_LANES);
    struct gradc_model *model = load(s, 20000);
    struct gradc_compile_options options = {.value = true, .gradient = true, .threads = 2};
    struct gradc_compiled *compiled = gradc_compile(model, &options);
    struct caller callers[CALLERS];
    pthread_t threads[CALLERS];
    cr_assert_not_null(compiled);
    for (int k = 0; k < CALLERS; k++) {
        callers[k] =
            (struct caller){compiled, gradc_start(model), one.numbers, gradc_dimension(model), false};
        cr_assert_eq(pthread_create(&threads[k], NULL, call, &callers[k]), 0);
    }
    for (int k = 0; k < CALLERS; k++) {
        pthread_join(threads[k], NULL);
        cr_expect(callers[k].good, "caller %d", k);
    }
    gradc_compiled_free(compiled);
    gradc_free(model);
    free(one.numbers);
}
