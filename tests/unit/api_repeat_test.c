/* Native code evaluates again what it has evaluated before: results are the same bits wherever they are
 * written, and those of lanes are those of strict arithmetic but for rounding. */
#include <criterion/criterion.h>
#include <glob.h>
#include <gradc/gradc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNKNOWNS = 1000 };

/* Evaluates twice, the second time into memory that holds something else; returns the first. */
static double *evaluate_twice(struct gradc_model *model, enum gradc_arithmetic arithmetic, unsigned lanes,
                              const char *name) {
    struct gradc_evaluator_options options = {
        .native = true, .evaluations = 1000, .arithmetic = arithmetic, .lanes = lanes};
    size_t n = gradc_dimension(model);
    double *first = calloc(n + 1, sizeof *first), *second = calloc(n + 1, sizeof *second);
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, &options);
    for (size_t k = 0; k <= n; k++) second[k] = -1e9;
    gradc_evaluate(evaluator, gradc_start(model), first, first + 1);
    gradc_evaluate(evaluator, gradc_start(model), second, second + 1);
    cr_expect_eq(memcmp(first, second, (n + 1) * sizeof *first), 0, "%s: %u lanes do not repeat", name,
                 lanes);
    gradc_evaluator_free(evaluator);
    free(second);
    return first;
}

static void compare(const double *got, const double *expected, size_t count, const char *name) {
    double scale = 1e-300;
    for (size_t k = 0; k < count; k++) scale = isfinite(expected[k]) ? fmax(scale, fabs(expected[k])) : scale;
    for (size_t k = 0; k < count; k++)
        if (isfinite(expected[k]))
            cr_expect(fabs(got[k] - expected[k]) <= 1e-10 * scale, "%s: %zu is %.17g, expected %.17g", name,
                      k, got[k], expected[k]);
}

static void check(struct gradc_model *model, const char *name) {
    cr_assert(model && !gradc_has_errors(model), "%s does not load", name);
    size_t n = gradc_dimension(model);
    if (n == 0 || n > MOST_UNKNOWNS || !gradc_has_objective(model)) return;
    double *strict = evaluate_twice(model, GRADC_STRICT, 0, name);
    for (unsigned lanes = 0; lanes <= 8; lanes = lanes ? 2 * lanes : 1) {
        double *vectors = evaluate_twice(model, GRADC_LANES, lanes, name);
        compare(vectors, strict, n + 1, name);
        free(vectors);
    }
    double *fast = evaluate_twice(model, GRADC_FAST, 0, name);
    compare(fast, strict, n + 1, name);
    free(fast);
    free(strict);
}

static size_t check_files(const char *pattern) {
    glob_t found;
    size_t checked = 0;
    if (glob(pattern, 0, NULL, &found) != 0) return 0;
    for (size_t k = 0; k < found.gl_pathc; k++) {
        struct gradc_model *model = gradc_load_file(found.gl_pathv[k], NULL);
        check(model, found.gl_pathv[k]);
        gradc_free(model);
        checked++;
    }
    globfree(&found);
    return checked;
}

Test(api_repeat, models_evaluate_alike_again, .timeout = 250) {
    cr_expect_geq(check_files(GRADC_SOURCE_DIR "/tests/models/*.grad"), 9);
    cr_expect_geq(check_files(GRADC_SOURCE_DIR "/examples/*.grad"), 7);
}

/* Nothing but the array that is cleared depends on the number of its elements. */
Test(api_repeat, sizes_that_only_a_clear_reads) {
    static const char text[] = "param T = 5, O = 3; param symbol[t in 1..T] = 1 + t % O\n"
                               "var show[o in 1..O] = o; minimize sum(show[symbol[t]]^2 for t in 1..T)";
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    check(model, "sizes");
    gradc_free(model);
}
