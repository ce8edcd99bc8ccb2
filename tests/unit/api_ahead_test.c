/* Descents with a fixed rate end the same whether steps are taken one by one or many at once. */
#include <criterion/criterion.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ending {
    struct gradc_descent descent;
    size_t n;
};

static void descend_by(struct ending *end, const char *text, double rate, double tolerance, size_t most,
                       struct gradc_evaluator_options options) {
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert(model && !gradc_has_errors(model), "%s", text);
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, &options);
    struct gradc_descent_options how = {
        .method = "gd", .rate = rate, .tolerance = tolerance, .max_iterations = most};
    gradc_descend(evaluator, &how, &end->descent);
    end->n = gradc_dimension(model);
    gradc_evaluator_free(evaluator);
    gradc_free(model);
}

static void descend(struct ending *end, const char *text, double rate, double tolerance, size_t most,
                    bool ahead) {
    struct gradc_evaluator_options options = {
        .native = ahead, .interpret = !ahead, .evaluations = 1000, .arithmetic = GRADC_STRICT};
    descend_by(end, text, rate, tolerance, most, options);
}

static bool same(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void compare(const char *text, double rate, double tolerance, size_t most) {
    struct ending one, many;
    descend(&one, text, rate, tolerance, most, false);
    descend(&many, text, rate, tolerance, most, true);
    const struct gradc_descent *a = &one.descent, *b = &many.descent;
    cr_expect_eq(a->status, b->status, "%s: %s; %s", text, a->reason, b->reason);
    cr_expect_str_eq(a->reason, b->reason, "%s", text);
    cr_expect_eq(a->iterations, b->iterations, "%s: %zu, %zu", text, a->iterations, b->iterations);
    cr_expect_eq(a->gradient_evaluations, b->gradient_evaluations, "%s", text);
    cr_expect(same(a->objective, b->objective) && same(a->step, b->step), "%s: %.17g %.17g", text,
              a->objective, b->objective);
    for (size_t k = 0; k < one.n; k++)
        cr_expect(same(a->point[k], b->point[k]) && same(a->gradient[k], b->gradient[k]), "%s: %zu", text, k);
    gradc_descent_free(&one.descent);
    gradc_descent_free(&many.descent);
}

Test(api_ahead, endings_are_the_same) {
    compare("var x = 5; minimize x^4 - 3*x^3 + 2", 0.001, 1e-6, 100000);
    compare("var x = 6; minimize x^4 - 3*x^3 + 2", 0.001, 1e-6, 100000);
    compare("var x = 10; minimize x^4 - 3*x^3 + 2", 0.001, 1e-6, 100000);
    compare("var x = 5; maximize -x^4 + 3*x^3 + 2", 0.001, 1e-6, 100000);
    compare("var x = 5; minimize x^4 - 3*x^3 + 2", 0.001, 1e-6, 300);
    compare("var x = 5; minimize x^4 - 3*x^3 + 2", 0.001, 0, 100000);
    compare("var x = 5; minimize x^4 - 3*x^3 + 2", 1e-4, 1e-8, 2500);
    compare("var x = 5; minimize x^4 - 3*x^3 + 2", 1e-4, 1e-8, 1024);
    compare("var x = 1, y = 1; minimize x^2 + (y - 1)^2", 1e-3, 0, 100000);
    compare("var x = 1e-3; minimize log(x)", 1e-3, 1e-9, 100000);
    compare("var x = 1; minimize -exp(x)", 0.1, 1e-9, 100000);
    compare("var x = 1; minimize 1/x", 1e300, 1e-9, 100000);
    compare("var x = -1.2, y = 1; minimize 100*(y - x^2)^2 + (1 - x)^2", 0.001, 1e-6, 100000);
    compare("var x = 3, y = 1, z; minimize x^2 + y^2/3 + sin(z) + 0*y", 0.4, 1e-9, 1000);
    compare("var x = 2; minimize sqrt(x)", 0.1, 1e-9, 1000);
    compare("var x = 0.3; minimize -x^2", 0.2, 1e-9, 10000);
    compare("var x = 1; minimize x", 0.01, 1e-9, 1000);
    compare("var x = 1; minimize abs(x)", 0.3, 1e-9, 1000);
    compare("var x in [0, 10] = 5; minimize (x + 1)^2", 0.1, 1e-9, 1000);
}

Test(api_ahead, fast_arithmetic_takes_as_many_steps) {
    struct ending end;
    struct gradc_evaluator_options options = {.native = true, .evaluations = 1000, .arithmetic = GRADC_FAST};
    descend_by(&end, "var x = 5; minimize x^4 - 3*x^3 + 2", 0.001, 1e-6, 100000, options);
    cr_expect_eq(end.descent.iterations, 468);
    cr_expect(fabs(end.descent.point[0] - 2.250048101595436) < 2e-15, "%.17g", end.descent.point[0]);
    gradc_descent_free(&end.descent);
}
