/* Models that are built by calls: what they are as text, that they mean what they should, and what is
 * refused. */
#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gradc_term none = {0};

static struct gradc_term number(struct gradc_builder *b, double value) {
    return gradc_build_number(b, value);
}

static struct gradc_term two(struct gradc_builder *b, const char *name, struct gradc_term x,
                             struct gradc_term y) {
    return gradc_build_call(b, name, (struct gradc_term[]){x, y}, 2);
}

static struct gradc_term one(struct gradc_builder *b, const char *name, struct gradc_term x) {
    return gradc_build_call(b, name, &x, 1);
}

static struct gradc_term unknown(struct gradc_builder *b, const char *name) {
    return gradc_build_unknown(b, name, NULL, 0, number(b, 2), none, none);
}

static void reads(struct gradc_builder *b, const char *expected) {
    char *text = gradc_builder_text(b);
    cr_assert_str_eq(text, expected);
    free(text);
}

static double value_at_start(struct gradc_builder *b) {
    struct gradc_model *model = gradc_build(b);
    double value = NAN;
    if (gradc_has_errors(model)) cr_assert_fail("%s", gradc_diagnostic_at(model, 0).message);
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    cr_assert_eq(gradc_evaluate(e, gradc_start(model), &value, NULL), GRADC_DONE);
    gradc_evaluator_free(e);
    gradc_free(model);
    return value;
}

Test(build, brackets_are_where_the_language_needs_them) {
    struct gradc_builder *b = gradc_builder_new("brackets");
    struct gradc_term x = unknown(b, "x"), sum = two(b, "+", x, number(b, 1)), minus = one(b, "-", x);
    struct gradc_term choice =
        gradc_build_call(b, "if", (struct gradc_term[]){two(b, "<", x, number(b, 3)), sum, minus}, 3);
    struct gradc_term e = two(b, "-", two(b, "*", sum, minus), two(b, "-", x, number(b, 0.5)));
    e = two(b, "-", e, two(b, "^", minus, number(b, 2)));
    e = two(b, "*", e, two(b, "^", two(b, "^", x, number(b, 2)), two(b, "^", x, number(b, -1))));
    e = two(b, "+", e, choice);
    gradc_build_minimize(b, e);
    reads(b, "var x = 2\n"
             "let part_4 = x + 1\n"
             "let part_5 = -x\n"
             "minimize (part_4*part_5 - (x - 0.5) - part_5^2)*(x^2)^x^(-1) + (if x < 3 then part_4 else "
             "part_5)\n");
    double expected = (3 * -2.0 - 1.5 - 4) * pow(4, pow(2, -1)) + 3;
    cr_assert_float_eq(value_at_start(b), expected, 1e-12);
    gradc_builder_free(b);
}

Test(build, has_loops_recurrences_and_families) {
    struct gradc_builder *b = gradc_builder_new("loops");
    struct gradc_term i = gradc_build_index(b, "i"), t = gradc_build_index(b, "t"), n = number(b, 5);
    double weights[] = {1, 2, 3, 4, 5};
    struct gradc_range size = {.to = n}, each = {.index = i, .to = n},
                       steps = {.index = t, .from = number(b, 0), .to = n};
    struct gradc_term w = gradc_build_param(b, "w", &size, 1, weights, 5),
                      k = gradc_build_param(b, "k", NULL, 0, weights, 1);
    struct gradc_term x = gradc_build_unknown(b, "x", &each, 1, two(b, "/", i, n), number(b, 0), none);
    struct gradc_term s = gradc_build_let(b, "s", &steps, 1);
    struct gradc_term before = two(b, "-", t, number(b, 1));
    struct gradc_term step =
        two(b, "+", gradc_build_element(b, s, &before, 1), gradc_build_element(b, x, &t, 1));
    struct gradc_term is_first = two(b, "==", t, number(b, 0));
    step = gradc_build_call(b, "if", (struct gradc_term[]){is_first, k, step}, 3);
    gradc_build_define(b, &s, &step, 1);
    struct gradc_term each_term =
        two(b, "*", gradc_build_element(b, w, &i, 1), gradc_build_element(b, s, &i, 1));
    struct gradc_range odd = each;
    odd.filter = two(b, "==", two(b, "%", i, number(b, 2)), number(b, 1));
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", each_term, &odd, 1));
    gradc_build_constraint(b, "c", none, gradc_build_element(b, x, &i, 1), number(b, 3), &each, 1);
    gradc_build_constraint(b, NULL, k, one(b, "sum", x), k, NULL, 0);
    gradc_build_output(b, "last", NULL, 0, gradc_build_element(b, s, &n, 1));
    reads(b, "param w[5]\nparam k = 1\nvar x[i in 1..5] in [0, inf] = i/5\n"
             "let s[t in 0..5] = if t == 0 then k else s[t - 1] + x[t]\n"
             "minimize sum(w[i]*s[i] for i in 1..5 if i % 2 == 1)\n"
             "subject to c: x[i] <= 3 for i in 1..5\nsubject to sum(x) == k\noutput last = s[5]\n");
    cr_assert_float_eq(value_at_start(b), 1 * 1.2 + 3 * 2.2 + 5 * 4, 1e-12);
    gradc_builder_free(b);
}

/* Each layer uses the one before twice: written out, it would have 2^60 parts. */
Test(build, shared_parts_do_not_multiply) {
    struct gradc_builder *b = gradc_builder_new("layers");
    struct gradc_term h = one(b, "tanh", unknown(b, "x"));
    for (int k = 0; k < 60; k++) h = two(b, "*", number(b, 0.5), two(b, "+", h, one(b, "sin", h)));
    gradc_build_minimize(b, h);
    char *text = gradc_builder_text(b);
    cr_assert_lt(strlen(text), 10000);
    free(text);
    double expected = tanh(2);
    for (int k = 0; k < 60; k++) expected = 0.5 * (expected + sin(expected));
    cr_assert_float_eq(value_at_start(b), expected, 1e-14);
    gradc_builder_free(b);
}

/* What only one side of a condition computes must not be computed outside of it. */
Test(build, parts_of_one_side_stay_there) {
    struct gradc_builder *b = gradc_builder_new("sides");
    struct gradc_term x = unknown(b, "x"), bad = one(b, "log", two(b, "-", x, number(b, 5)));
    struct gradc_term sides[] = {two(b, ">", x, number(b, 5)), two(b, "*", bad, bad), x};
    gradc_build_minimize(b, gradc_build_call(b, "if", sides, 3));
    reads(b, "var x = 2\nminimize if x > 5 then log(x - 5)*log(x - 5) else x\n");
    cr_assert_eq(value_at_start(b), 2);
    gradc_builder_free(b);
}

/* Ranges may use the indices of earlier ones, which are not known outside of the loop. */
Test(build, parts_with_an_index_stay_in_their_loop) {
    struct gradc_builder *b = gradc_builder_new("triangle");
    struct gradc_term i = gradc_build_index(b, "i"), j = gradc_build_index(b, "j"),
                      next = two(b, "+", i, number(b, 1));
    struct gradc_range ranges[] = {{.index = i, .to = number(b, 3)},
                                   {.index = j, .from = next, .to = two(b, "*", next, next)}};
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", unknown(b, "x"), ranges, 2));
    reads(b, "var x = 2\nminimize sum(x for i in 1..3, j in i + 1..(i + 1)*(i + 1))\n");
    cr_assert_eq(value_at_start(b), 2 * (3 + 7 + 13));
    gradc_builder_free(b);
}

Test(build, long_chains_and_deep_terms_are_taken) {
    struct gradc_builder *b = gradc_builder_new("long");
    struct gradc_term x = unknown(b, "x"), sum = x, deep = x;
    for (int k = 0; k < 50000; k++) sum = two(b, "+", sum, number(b, 1));
    for (int k = 0; k < 2000; k++) deep = one(b, "abs", deep);
    gradc_build_minimize(b, two(b, "+", sum, deep));
    cr_assert_eq(value_at_start(b), 50004);
    gradc_builder_free(b);
}

/* The same with the index of a loop: functions of it. */
Test(build, shared_parts_of_loops_do_not_multiply) {
    struct gradc_builder *b = gradc_builder_new("layers");
    struct gradc_term i = gradc_build_index(b, "i"), x = unknown(b, "x"), h = two(b, "*", i, x);
    struct gradc_range range = {.index = i, .to = number(b, 3)};
    for (int k = 0; k < 60; k++) h = two(b, "*", number(b, 0.5), two(b, "+", h, one(b, "sin", h)));
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", h, &range, 1));
    char *text = gradc_builder_text(b);
    cr_assert(strlen(text) < 20000 && strstr(text, "\nfn part_") && strstr(text, "(i) = "));
    free(text);
    double expected = 0;
    for (int row = 1; row <= 3; row++) {
        double layer = 2 * row;
        for (int k = 0; k < 60; k++) layer = 0.5 * (layer + sin(layer));
        expected += layer;
    }
    cr_assert_float_eq(value_at_start(b), expected, 1e-14);
    gradc_builder_free(b);
}

/* x[i] + b, written out by 2^k. */
static struct gradc_term doubled(struct gradc_builder *b, struct gradc_term term, int times) {
    while (times-- > 0) term = two(b, "+", term, term);
    return term;
}

/* A function stands behind what it reads; within a recurrence, which it would have to stand before, there is
 * none. */
Test(build, functions_stand_behind_what_they_read) {
    struct gradc_builder *b = gradc_builder_new("places");
    struct gradc_term i = gradc_build_index(b, "i"), n = number(b, 3), before = two(b, "-", i, number(b, 1));
    struct gradc_range each = {.index = i, .to = n}, steps = {.index = i, .from = number(b, 0), .to = n};
    struct gradc_term s = gradc_build_let(b, "s", &steps, 1);
    struct gradc_term here = gradc_build_element(b, s, &i, 1);
    struct gradc_term later = doubled(b, here, 5);
    struct gradc_term inside = doubled(b, gradc_build_element(b, s, &before, 1), 5);
    struct gradc_term x = unknown(b, "x");
    struct gradc_term step =
        gradc_build_call(b, "if", (struct gradc_term[]){two(b, "==", i, number(b, 0)), x, inside}, 3);
    gradc_build_define(b, &s, &step, 1);
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", two(b, "*", later, later), &each, 1));
    char *text = gradc_builder_text(b);
    cr_assert(strstr(text, "\nfn part_") > strstr(text, "\nlet s["));
    free(text);
    double expected = 0;
    for (int k = 1; k <= 3; k++) expected += pow(32 * 2 * pow(32, k), 2);
    cr_assert_float_eq(value_at_start(b), expected, 1e-14 * expected);
    gradc_builder_free(b);
}

/* What only one side of a condition computes may be a function, for that is computed nowhere else. */
Test(build, functions_are_computed_where_they_are_called) {
    struct gradc_builder *b = gradc_builder_new("sides");
    struct gradc_term i = gradc_build_index(b, "i"), n = number(b, 3);
    struct gradc_range each = {.index = i, .to = n};
    struct gradc_term x = gradc_build_unknown(b, "x", &each, 1, number(b, 2), none, none);
    struct gradc_term next = two(b, "+", i, number(b, 1));
    struct gradc_term ahead = doubled(b, one(b, "log", gradc_build_element(b, x, &next, 1)), 5);
    struct gradc_term sides[] = {two(b, "<", i, n), ahead, number(b, 0)};
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", gradc_build_call(b, "if", sides, 3), &each, 1));
    char *text = gradc_builder_text(b);
    cr_assert(strstr(text, "\nfn part_"));
    free(text);
    cr_assert_float_eq(value_at_start(b), 64 * log(2), 1e-13);
    gradc_builder_free(b);
}

Test(build, an_exploding_formula_is_refused) {
    struct gradc_builder *b = gradc_builder_new("explosion");
    struct gradc_term i = gradc_build_index(b, "i"), j = gradc_build_index(b, "j");
    struct gradc_range range = {.index = i, .to = number(b, 3)}, inner = {.index = j, .to = i};
    struct gradc_term h = gradc_build_reduce(b, "sum", two(b, "*", j, unknown(b, "x")), &inner, 1);
    for (int k = 0; k < 60; k++) h = two(b, "+", one(b, "sin", h), one(b, "cos", h));
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", h, &range, 1));
    struct gradc_model *model = gradc_build(b);
    cr_assert_str_eq(gradc_diagnostic_at(model, 0).code, "too-large");
    gradc_free(model);
    gradc_builder_free(b);
}

static void refused(struct gradc_builder *b, const char *code) {
    struct gradc_model *model = gradc_build(b);
    cr_assert(gradc_has_errors(model), "expected %s", code);
    cr_assert_str_eq(gradc_diagnostic_at(model, 0).code, code, "%s: %s", gradc_diagnostic_at(model, 0).code,
                     gradc_diagnostic_at(model, 0).message);
    gradc_free(model);
    gradc_builder_free(b);
}

Test(build, mistakes_are_told) {
    struct gradc_builder *b = gradc_builder_new("mistakes");
    unknown(b, "x\nminimize 1");
    refused(b, "bad-name");
    b = gradc_builder_new("mistakes");
    unknown(b, "x");
    unknown(b, "x");
    refused(b, "duplicate-name");
    b = gradc_builder_new("mistakes");
    unknown(b, "x");
    gradc_build_index(b, "x");
    refused(b, "duplicate-name");
    b = gradc_builder_new("mistakes");
    gradc_build_minimize(b, number(b, NAN));
    refused(b, "bad-value");
    b = gradc_builder_new("mistakes");
    gradc_build_minimize(b, (struct gradc_term){99});
    refused(b, "missing-term");
    b = gradc_builder_new("mistakes");
    gradc_build_let(b, "never", NULL, 0);
    refused(b, "undefined-name");
    b = gradc_builder_new("mistakes");
    gradc_build_minimize(b, two(b, "=>", unknown(b, "x"), number(b, 1)));
    refused(b, "unknown-function");
    b = gradc_builder_new("mistakes");
    gradc_build_minimize(b, one(b, "sine", unknown(b, "x")));
    refused(b, "unknown-function");
}

Test(build, settings_are_those_of_solve_with) {
    struct gradc_builder *b = gradc_builder_new("settings");
    gradc_build_minimize(b, two(b, "^", unknown(b, "x"), number(b, 2)));
    gradc_build_setting(b, "method", "lbfgs");
    gradc_build_setting(b, "rate", "2.5e-3");
    reads(b, "var x = 2\nminimize x^2\nsolve with method = lbfgs\nsolve with rate = 2.5e-3\n");
    struct gradc_model *model = gradc_build(b);
    cr_assert(!gradc_has_errors(model) && gradc_setting_count(model) == 2);
    cr_assert_str_eq(gradc_setting_at(model, 0).value, "lbfgs");
    cr_assert_str_eq(gradc_setting_at(model, 1).name, "rate");
    gradc_free(model);
    gradc_build_setting(b, "rate", "1\nminimize 1");
    refused(b, "bad-name");
}

/* Places in messages are those of the text. */
Test(build, messages_show_the_text) {
    struct gradc_builder *b = gradc_builder_new("shown");
    struct gradc_term i = gradc_build_index(b, "i");
    struct gradc_range size = {.to = number(b, 3)}, range = {.index = i, .to = number(b, 4)};
    struct gradc_term x = gradc_build_unknown(b, "x", &size, 1, none, none, none);
    gradc_build_minimize(b, gradc_build_reduce(b, "sum", gradc_build_element(b, x, &i, 1), &range, 1));
    struct gradc_model *model = gradc_build(b);
    struct gradc_diagnostic d = gradc_diagnostic_at(model, 0);
    cr_assert_str_eq(d.file, "shown");
    cr_assert(d.line == 2 && d.column == 14, "%u:%u %s", d.line, d.column, d.message);
    gradc_free(model);
    gradc_builder_free(b);
}
