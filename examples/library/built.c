/* A model without a file: a curve y = amount*exp(-rate*t) through data in memory.
 *
 *     cc -o built built.c $(pkg-config --cflags --libs gradc) -lm */
#include <gradc/gradc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 1000 };

static struct gradc_term binary(struct gradc_builder *b, const char *name, struct gradc_term x,
                                struct gradc_term y) {
    const struct gradc_term operands[2] = {x, y};
    return gradc_build_call(b, name, operands, 2);
}

int main(void) {
    static double times[ROWS], counts[ROWS];
    const struct gradc_term none = {0};
    for (int k = 0; k < ROWS; k++) {
        times[k] = 0.01 * k;
        counts[k] = 450 * exp(-0.3 * times[k]) + (k % 2 ? 1 : -1);
    }
    struct gradc_builder *b = gradc_builder_new("decay");
    struct gradc_term i = gradc_build_index(b, "i"), minus_rate;
    struct gradc_range rows = {.index = i, .to = gradc_build_number(b, ROWS)}, size = {.to = rows.to};
    struct gradc_term t = gradc_build_param(b, "t", &size, 1, times, ROWS);
    struct gradc_term y = gradc_build_param(b, "y", &size, 1, counts, ROWS);
    struct gradc_term amount =
        gradc_build_unknown(b, "amount", NULL, 0, gradc_build_number(b, 100), none, none);
    struct gradc_term rate =
        gradc_build_unknown(b, "rate", NULL, 0, gradc_build_number(b, 1), gradc_build_number(b, 0), none);
    minus_rate = gradc_build_call(b, "-", &rate, 1);
    struct gradc_term exponent = binary(b, "*", minus_rate, gradc_build_element(b, t, &i, 1));
    struct gradc_term curve = binary(b, "*", amount, gradc_build_call(b, "exp", &exponent, 1));
    gradc_build_residual(b, "misfit", binary(b, "-", gradc_build_element(b, y, &i, 1), curve), &rows, 1);
    char *text = gradc_builder_text(b);
    printf("%s", text);
    free(text);
    struct gradc_model *model = gradc_build(b);
    gradc_builder_free(b);
    if (gradc_has_errors(model)) return fputs(gradc_diagnostic_at(model, 0).message, stderr), 1;
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, NULL);
    struct gradc_descent end;
    gradc_descend(evaluator, &(struct gradc_descent_options){.tolerance = 1e-10, .max_iterations = 100},
                  &end);
    printf("%s: amount = %.2f, rate = %.4f\n", gradc_status_name(end.status), end.point[0], end.point[1]);
    gradc_descent_free(&end);
    gradc_evaluator_free(evaluator);
    gradc_free(model);
    return 0;
}
