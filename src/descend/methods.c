#include <string.h>

#include "descend/descend.h"
#include "descend/values.h"

enum { MOST_NEWTON = 200, MOST_LM = 300, MOST_BY_VALUES = 1000 };
static const size_t most_lm_numbers = (size_t)1 << 25;

static void run_line_search(const struct objective *objective, const double *start,
                            const struct descent_options *options, struct descent_result *result) {
    descend_line_search(objective, start, &options->stop, result);
}

static void run_gd(const struct objective *objective, const double *start,
                   const struct descent_options *options, struct descent_result *result) {
    if (options->rate > 0)
        descend_fixed_rate(objective, start, options->rate, &options->stop, result);
    else
        descend_line_search(objective, start, &options->stop, result);
}

static const struct descent_method methods[] = {
    {"gd", "gradient descent", "x -= rate*gradient; without a rate, steps by line search as in bb",
     TAKES_RATE, 1e-6, 0, 0, run_gd},
    {"momentum", "momentum", "the heavy ball: v = beta*v - rate*gradient; x += v", NEEDS_RATE | TAKES_RATE,
     1e-6, 0, 0, descend_momentum},
    {"nesterov", "Nesterov's gradient", "momentum with the gradient taken ahead of the step",
     NEEDS_RATE | TAKES_RATE, 1e-6, 0, 0, descend_nesterov},
    {"adam", "Adam", "steps of about rate in every unknown, by means of gradients and of their squares",
     NEEDS_RATE | TAKES_RATE, 1e-6, 0.001, 0, descend_adam},
    {"bb", "Barzilai-Borwein", "gradients with spectral step lengths and a non-monotone line search", 0, 1e-6,
     0, 0, run_line_search},
    {"cg", "conjugate gradients", "directions of Hager and Zhang with a line search", 0, 1e-6, 0, 0,
     descend_cg},
    {"lbfgs", "limited-memory BFGS", "curvature from the last steps, with a line search", 0, 1e-8, 0, 0,
     descend_lbfgs},
    {"newton", "Newton's method", "the exact Hessian, or its products with directions, in a trust region",
     NEEDS_HESSIAN, 1e-8, 0, 0, descend_newton},
    {"lm", "Levenberg-Marquardt", "sums of squares: the exact Jacobian in a scaled trust region",
     NEEDS_RESIDUALS, 1e-10, 0, 0, descend_lm},
    {"ipopt", "the interior-point method", "constraints: exact sparse Jacobian and Hessian of the Lagrangian",
     NEEDS_HESSIAN | KNOWS_CONSTRAINTS, 1e-8, 0, 0, descend_interior},
    {"neldermead", "Nelder and Mead's simplex", "values alone: a simplex that walks downhill, over kinks too",
     0, 1e-8, 0, MOST_BY_VALUES, descend_neldermead},
    {"bobyqa", "Powell's BOBYQA", "values alone: quadratic models through past points in a trust region", 0,
     1e-8, 0, MOST_BY_VALUES, descend_bobyqa},
    {"direct", "dividing rectangles", "searches the box of the bounds, then goes down with lbfgs",
     NEEDS_BOUNDS, 1e-8, 0, MOST_BY_VALUES, descend_direct},
    {"crs", "controlled random search", "a population in the box of the bounds, then down with lbfgs",
     NEEDS_BOUNDS, 1e-8, 0, MOST_BY_VALUES, descend_crs},
};

size_t descent_method_count(void) {
    return sizeof methods / sizeof *methods;
}

const struct descent_method *descent_method_at(size_t k) {
    return &methods[k];
}

const struct descent_method *descent_method_find(const char *name) {
    for (size_t k = 0; k < descent_method_count(); k++)
        if (strcmp(methods[k].name, name) == 0) return &methods[k];
    return NULL;
}

static const char *choose(const struct descent_choice *c, const char **why) {
    bool small = c->dimension <= MOST_LM && c->residual_count <= most_lm_numbers / (c->dimension + 1);
    if (c->constraint_count > 0) return *why = "there are constraints", "ipopt";
    if (c->rate > 0) return *why = "a rate is given", "gd";
    if (c->has_residuals && small) return *why = "the objective is a sum of squares", "lm";
    if (c->dimension <= MOST_NEWTON) return *why = "there are few unknowns", "newton";
    if (c->is_sparse) return *why = "each term of the objective reads few of the unknowns", "newton";
    return *why = "there are many unknowns, and the Hessian may be dense", "lbfgs";
}

const struct descent_method *descent_method_auto(const struct descent_choice *choice, const char **why) {
    const char *unheard;
    return descent_method_find(choose(choice, why ? why : &unheard));
}
