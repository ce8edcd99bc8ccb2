/* Uses an installed gradc for what it is for: reads, derives, compiles, descends, emits. Its own functions
 * bear names that gradc uses inside. */
#include <gradc/gradc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int model_load(void);
int text_add(int a, int b);

int model_load(void) {
    return 20;
}

int text_add(int a, int b) {
    return a + b;
}

int main(void) {
    static const char text[] = "var x = 5\nminimize x^4 - 3*x^3 + 2\n";
    struct gradc_emit_options what = {.value = true};
    struct gradc_evaluator_options native = {.native = true};
    struct gradc_emitted file;
    struct gradc_descent end;
    struct gradc_model *model = gradc_load_text("mountain", ".", text, strlen(text), NULL);
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, &native);
    double at = 2, value = 0, slope = 0;
    if (gradc_evaluate(evaluator, &at, &value, &slope) != GRADC_DONE) return 1;
    gradc_descend(evaluator, &(struct gradc_descent_options){.tolerance = 1e-10, .max_iterations = 100},
                  &end);
    bool written = gradc_emit_c(model, &what, &file) && strstr(file.source, "double model_value");
    printf("f(2) = %g, df/dx = %g, minimum %s at %.6f, %s, %d, %zu messages\n", value, slope,
           gradc_status_name(end.status), end.point[0], written ? "emitted" : "not emitted",
           text_add(model_load(), 3), gradc_diagnostic_count(model));
    gradc_emitted_free(&file);
    gradc_descent_free(&end);
    gradc_evaluator_free(evaluator);
    gradc_free(model);
    return 0;
}
