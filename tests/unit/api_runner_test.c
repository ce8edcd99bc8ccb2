/* How programs are run: interpreted, or natively, and the change from one to the other. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"

static struct gradc_model *load(const char *text) {
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert(model && !gradc_has_errors(model), "%s", text);
    return model;
}

static struct gradc_evaluator *evaluator(struct gradc_model *model, struct gradc_evaluator_options options) {
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    cr_assert_not_null(e);
    return e;
}

static const char *const straight =
    "var x = 1.25, y = -0.5\nlet a = sin(x*y) + x^7, b = if a > y then exp(a)/x else a*y\nminimize a*b + "
    "max(a, x, y)^2\n";
static const char *const looping = "var x = 2\nminimize sum(sin(i*x) for i in 1..5)\n";

/* Evaluates often, at points that change; returns whether the gradient ended up compiled. */
static bool evaluate_often(const char *text, struct gradc_evaluator_options options, size_t count) {
    struct gradc_model *model = load(text);
    struct gradc_evaluator *e = evaluator(model, options);
    struct gradc_evaluator *other =
        evaluator(model, (struct gradc_evaluator_options){.interpret = true, .arithmetic = GRADC_STRICT});
    size_t n = gradc_dimension(model);
    double point[2], value, gradient[2], wanted, wanted_gradient[2];
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < n; i++) point[i] = (double)(k % 1000) / 500 - 0.7 * (double)i + 0.001;
        cr_assert_eq(gradc_evaluate(e, point, &value, gradient), GRADC_DONE);
        if (k % 1000 != 17 && k + 5 < count) continue;
        cr_assert_eq(gradc_evaluate(other, point, &wanted, wanted_gradient), GRADC_DONE);
        cr_assert(memcmp(&value, &wanted, sizeof value) == 0, "at %zu: %a, %a", k, value, wanted);
        cr_assert(memcmp(gradient, wanted_gradient, n * sizeof *gradient) == 0, "at %zu", k);
    }
    bool compiled = e->gradient.kernel != NULL;
    cr_expect(!compiled || !e->gradient.has_tape);
    gradc_evaluator_free(e);
    gradc_evaluator_free(other);
    gradc_free(model);
    return compiled;
}

Test(api_runner, few_evaluations_are_interpreted) {
    struct gradc_evaluator_options options = {.evaluations = 100};
    cr_expect(!evaluate_often(straight, options, 100));
}

Test(api_runner, programs_that_run_often_after_all_are_compiled_with_the_same_bits) {
    struct gradc_evaluator_options options = {.evaluations = 100};
    cr_expect(evaluate_often(straight, options, 200000));
}

Test(api_runner, interpreted_stays_interpreted_where_that_is_asked_for) {
    struct gradc_evaluator_options options = {.interpret = true};
    cr_expect(!evaluate_often(straight, options, 200000));
    cr_expect(!evaluate_often(looping, options, 100));
}

Test(api_runner, native_is_native_from_the_start) {
    struct gradc_evaluator_options options = {.native = true, .arithmetic = GRADC_STRICT};
    cr_expect(evaluate_often(straight, options, 10));
    cr_expect(evaluate_often(looping, options, 10));
}
