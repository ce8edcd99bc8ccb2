/* A model from a text: evaluated, given another param, and descended from with a word for each iteration.
 *
 *     cc -o text text.c $(pkg-config --cflags --libs gradc) */
#include <gradc/gradc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char valley[] = "param a = 1, steepness = 100\n"
                             "var x = -1.2, y = 1\n"
                             "minimize (a - x)^2 + steepness*(y - x^2)^2\n";

static int complain(const struct gradc_model *model) {
    for (size_t k = 0; k < gradc_diagnostic_count(model); k++) {
        char *text = gradc_diagnostic_text(model, k, false);
        if (text) fputs(text, stderr);
        free(text);
    }
    return 1;
}

static bool show(void *context, const struct gradc_iteration *now) {
    size_t *seen = context;
    *seen = now->iteration;
    if (now->iteration % 10 == 0) printf("iteration %zu: f = %.3e\n", now->iteration, now->objective);
    return true; /* go on */
}

int main(void) {
    struct gradc_model *model = gradc_load_text("valley", ".", valley, strlen(valley), NULL);
    if (gradc_has_errors(model)) return complain(model);
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, NULL);
    double value, gradient[2], a = 2;
    if (gradc_evaluate(evaluator, gradc_start(model), &value, gradient) != GRADC_DONE) return complain(model);
    printf("at the start f = %.1f, gradient (%.1f, %.1f)\n", value, gradient[0], gradient[1]);
    if (!gradc_set_param(model, "a", &a, 1)) return complain(model);
    size_t seen = 0;
    struct gradc_descent end;
    struct gradc_descent_options options = {
        .method = "newton", .tolerance = 1e-10, .max_iterations = 100, .observe = show, .context = &seen};
    gradc_descend(evaluator, &options, &end);
    printf("%s after %zu iterations at x = %.6f, y = %.6f\n", gradc_status_name(end.status), seen,
           end.point[0], end.point[1]);
    gradc_descent_free(&end);
    gradc_evaluator_free(evaluator);
    gradc_free(model);
    return 0;
}
