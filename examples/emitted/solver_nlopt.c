/* NLopt minimises a model by its emitted value and gradient.
 *
 *     gradc emit examples/rosenbrock.grad -o model.c
 *     gcc -O2 -o solver solver_nlopt.c model.c -lnlopt -lm && ./solver
 *
 * NLopt asks for the value, and for the gradient where it does not pass NULL. The inputs of the model travel
 * as its user data; this model takes no workspace. */
#include <nlopt.h>
#include <stdio.h>

#include "model.h"

enum { N = 10 };

static double objective(unsigned n, const double *point, double *gradient, void *data) {
    const struct model_inputs *inputs = data;
    (void)n;
    return gradient ? model_gradient(inputs, point, gradient) : model_value(inputs, point);
}

int main(void) {
    struct model_inputs inputs = {N};
    double point[N], value = 0;
    for (int k = 0; k < N; k++) point[k] = 0.5;
    nlopt_opt solver = nlopt_create(NLOPT_LD_LBFGS, (unsigned)model_dimension(&inputs));
    nlopt_set_min_objective(solver, objective, &inputs);
    nlopt_set_xtol_rel(solver, 1e-12);
    nlopt_result result = nlopt_optimize(solver, point, &value);
    printf("NLopt: result %s, value %.1f, first %.6f, last %.6f\n", result > 0 ? "good" : "bad", value + 0.01,
           point[0], point[N - 1]);
    nlopt_destroy(solver);
    return result > 0 ? 0 : 1;
}
