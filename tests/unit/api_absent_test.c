/* A machine that lacks the libraries loaded late: dlopen, as this program has it, finds none of them. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <gradc/gradc.h>
#include <math.h>
#include <string.h>

static bool asked_for_llvm, asked_for_lapack, asked_for_ipopt, asked_for_nlopt;

/* In the place of the C library's. */
void *dlopen(const char *file, int mode) {
    (void)mode;
    asked_for_llvm |= file && strstr(file, "LLVM");
    asked_for_lapack |= file && strstr(file, "lapack");
    asked_for_ipopt |= file && strstr(file, "ipopt");
    asked_for_nlopt |= file && strstr(file, "nlopt");
    return NULL;
}

static struct gradc_model *load(const char *text) {
    struct gradc_load_options options = {0};
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), &options);
    cr_assert(model && !gradc_has_errors(model), "%s", text);
    return model;
}

static const struct gradc_diagnostic *find(const struct gradc_model *model, const char *code,
                                           struct gradc_diagnostic *place) {
    for (size_t k = 0; k < gradc_diagnostic_count(model); k++) {
        *place = gradc_diagnostic_at(model, k);
        if (strcmp(place->code, code) == 0) return place;
    }
    return NULL;
}

Test(absent, without_llvm_evaluation_is_interpreted_with_a_warning) {
    struct gradc_model *model = load("var x = 5\nminimize x^4 - 3*x^3 + 2\n");
    struct gradc_evaluator_options options = {.native = true};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    struct gradc_diagnostic diagnostic;
    double point = 5, value = 0, gradient = 0;
    cr_assert_eq(gradc_evaluate(e, &point, &value, &gradient), GRADC_DONE);
    cr_expect(value == 252 && gradient == 275);
    cr_expect(asked_for_llvm);
    cr_assert(find(model, "interpreted", &diagnostic));
    cr_expect(strstr(diagnostic.message, "LLVM could not be loaded"), "%s", diagnostic.message);
    gradc_evaluator_free(e);
    gradc_free(model);
}

/* Loops are lowered before code is made: what they would have summed up must not vouch for what is
 * interpreted.
 */
Test(absent, without_llvm_what_is_infinite_is_noticed) {
    struct gradc_model *model =
        load("param n = 40\nvar x[i in 1..n] = i\nminimize sum(sqrt(x[i]) for i in 1..n)\n"
             "output g[i in 1..n] = sqrt(x[i])\n");
    struct gradc_evaluator_options options = {.native = true};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    struct gradc_matrix matrix;
    double x[40], value, gradient[40];
    memcpy(x, gradc_start(model), sizeof x);
    cr_expect_eq(gradc_evaluate(e, x, &value, gradient), GRADC_DONE);
    x[2] = 0;
    cr_expect_eq(gradc_evaluate(e, x, &value, gradient), GRADC_UNDEFINED);
    cr_expect(isinf(gradient[2]));
    cr_expect_eq(gradc_hessian(e, x, &matrix), GRADC_UNDEFINED);
    cr_expect_eq(gradc_jacobian(e, GRADC_OUTPUTS, x, &matrix), GRADC_UNDEFINED);
    gradc_evaluator_free(e);
    gradc_free(model);
}

static void descend(struct gradc_model *model, const char *method, struct gradc_descent *result) {
    struct gradc_evaluator_options options = {.interpret = true};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    struct gradc_descent_options how = {.method = method, .tolerance = 1e-10, .max_iterations = 10};
    gradc_descend(e, &how, result);
    gradc_evaluator_free(e);
}

Test(absent, without_lapack_methods_say_what_they_lack) {
    static const char *const methods[] = {"lm", "newton"};
    for (size_t k = 0; k < 2; k++) {
        struct gradc_model *model = load("var a = 2, b = 3\nresidual a*b - 1\nresidual a - b\n");
        struct gradc_descent result;
        descend(model, methods[k], &result);
        cr_expect(asked_for_lapack);
        cr_expect_eq(result.status, GRADC_FAILED);
        cr_expect(strstr(result.reason, "LAPACK could not be loaded"), "%s: %s", methods[k], result.reason);
        gradc_descent_free(&result);
        gradc_free(model);
    }
}

Test(absent, without_ipopt_constraints_say_what_they_lack) {
    struct gradc_model *model = load("var a = 2\nminimize a\nsubject to a >= 1\n");
    struct gradc_descent result;
    descend(model, NULL, &result);
    cr_expect(asked_for_ipopt);
    cr_expect_eq(result.status, GRADC_FAILED);
    cr_expect(strstr(result.reason, "coinor-libipopt1v5"), "%s", result.reason);
    gradc_descent_free(&result);
    gradc_free(model);
}

Test(absent, without_nlopt_a_simplex_says_what_it_lacks) {
    struct gradc_model *model = load("var a = 2\nminimize a^2\n");
    struct gradc_descent result;
    descend(model, "neldermead", &result);
    cr_expect(asked_for_nlopt);
    cr_expect_eq(result.status, GRADC_FAILED);
    cr_expect(strstr(result.reason, "libnlopt0"), "%s", result.reason);
    gradc_descent_free(&result);
    gradc_free(model);
}

Test(absent, without_lapack_the_kind_of_a_point_is_unknown) {
    struct gradc_model *model = load("var x = 0, y = 0\nminimize x^2 + x*y + y^2\n");
    struct gradc_evaluator_options options = {.interpret = true};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    struct gradc_critical_point found;
    double point[2] = {0, 0};
    cr_assert_eq(gradc_examine(e, point, NULL, NULL, NULL, &found), GRADC_DONE);
    cr_expect_eq(found.kind, GRADC_UNKNOWN);
    cr_expect(strstr(found.detail, "LAPACK"), "%s", found.detail);
    gradc_critical_point_free(&found);
    gradc_evaluator_free(e);
    gradc_free(model);
}

Test(absent, an_eigenvalue_of_one_unknown_needs_no_library) {
    struct gradc_model *model = load("var x = 0\nminimize x^2\n");
    struct gradc_evaluator_options options = {.interpret = true};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    struct gradc_critical_point found;
    double point = 0;
    cr_assert_eq(gradc_examine(e, &point, NULL, NULL, NULL, &found), GRADC_DONE);
    cr_expect_eq(found.kind, GRADC_MINIMUM);
    cr_assert_eq(found.eigenvalue_count, 1);
    cr_expect(found.eigenvalues[0] == 2);
    cr_expect(!asked_for_lapack);
    gradc_critical_point_free(&found);
    gradc_evaluator_free(e);
    gradc_free(model);
}
