/* What the parts of a comparison share. */
#ifndef GRADC_TESTS_COMPARISON_H
#define GRADC_TESTS_COMPARISON_H

#include "differential/compare.h"
#include "eval/judge.h"
#include "eval/reference.h"
#include "jit/kernel.h"
#include "sema/model.h"

struct comparison {
    const char *name;
    struct text *report;
    struct model *model;
    struct program function, gradient;
    struct binding at_function, at_gradient, at_native;
    struct kernel *kernel;
    enum verdict verdict;
    struct thoroughness how;
};

/* Each makes the verdict that the readers disagree, and says where. */
void comparison_differs(struct comparison *c, const char *what, const char *array, size_t element, double got,
                        double expected);
void comparison_fails(struct comparison *c, const char *what);
bool comparison_verify(struct comparison *c, const struct program *p, const char *pass);
/* Binds a program to the inputs of the model. */
bool comparison_bind(struct comparison *c, struct binding *b, const struct program *p);
bool same_bits(double a, double b);
/* Whether a number that the judge found agrees with one of the reference, as exactly as both are. */
bool comparison_is_derivative(mpfr_srcptr derived, mpfr_srcptr judged, double scale);

/* Whether a double is as exact as the errors that the reference measures allow. */
bool comparison_is_exact(double got, double exact, double error);

/* Kernels in vector lanes (tests/differential/lanes.c). Runs the reference again. */
void compare_lanes(struct comparison *c, struct reference *r);
/* One column of the Hessian, by the gradient along a direction: native code against the interpreter, and the
 * reference against differences of the gradient (tests/differential/hessian.c). */
void compare_hessian_column(struct comparison *c, const struct model_unknown *unknown, size_t element);
/* Products with the Jacobian of the outputs from either side: native code against the interpreter, the
 * reference against differences along the direction, and w.(J*v) against (J'*w).v
 * (tests/differential/jacobian.c). */
void compare_jacobian(struct comparison *c);
/* Whole matrices as the library gives them against their products with vectors
 * (tests/differential/matrices.c). */
void compare_matrices(struct comparison *c, const char *source);

#endif
