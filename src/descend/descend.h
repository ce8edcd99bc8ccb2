/* Descent over n doubles; it knows an objective only as callbacks.
 *
 * Methods stop for one of the reasons of enum descent_status, with a sentence that says why. Maximizing is
 * minimizing the negated objective: the same bits. Bounds are honoured by projection. A trial step to where
 * value or derivatives are not finite is taken back and shortened. The result holds the last point where the
 * descent converged, else the best point seen. */
#ifndef GRADC_DESCEND_DESCEND_H
#define GRADC_DESCEND_DESCEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

enum descent_status {
    DESCENT_CONVERGED,
    DESCENT_STALLED,
    DESCENT_MAX_ITERATIONS,
    DESCENT_TIMEOUT,
    DESCENT_INTERRUPTED,
    DESCENT_DIVERGED,
    DESCENT_INFEASIBLE, /* the constraints cannot be met near the point */
    DESCENT_DOMAIN_ERROR,
    DESCENT_FAILED /* a callback failed, or memory is exhausted */
};

/* A sparse matrix by rows, borrowed until the same callback is called again. */
struct descent_matrix {
    size_t rows, columns;
    const size_t *starts; /* rows + 1 */
    const uint32_t *column;
    const double *values;
};

/* Steps to take at once. They end behind the first one where the value is beyond `highest` or a move beyond
 * `longest` in size, or not a number, or no move is beyond `shortest`. */
struct descent_stretch {
    double rate, shortest, longest, highest;
    size_t most;
};

/* Steps that have been taken, at least one: point k + 1 is point k minus the moves there, by unknown. The
 * first point is where they began; there are one more points than values and moves. */
struct descent_path {
    size_t steps;
    const double *values;                       /* of the objective at points 0 .. steps - 1 */
    const double *const *moves, *const *points; /* [unknown][k] */
};

/* All callbacks give NaN where something is not defined; false: the machine failed. What is NULL is not
 * available. */
struct objective {
    void *context;
    size_t dimension;
    /* The gradient may be NULL: the value alone. */
    bool (*evaluate)(void *context, const double *x, double *value, double *gradient);
    /* Takes steps x -= rate*gradient, each by the same operations as one by one; false: it does not. The path
     * is borrowed until the next call. */
    bool (*steps_ahead)(void *context, const double *x, const struct descent_stretch *stretch,
                        struct descent_path *path);
    /* Whether a NaN at x comes from a number that grew beyond the doubles. NULL: it never does. */
    bool (*overflows)(void *context, const double *x);
    /* The Hessian's lower triangle, and its product with a direction. */
    bool (*hessian)(void *context, const double *x, struct descent_matrix *lower);
    /* Whether it is worth while to look at the pattern of the Hessian, of many unknowns. NULL: it is not. */
    bool (*hessian_is_sparse)(void *context);
    bool (*hessian_times)(void *context, const double *x, const double *direction, double *result);
    /* Where the objective is the sum of the squares of residuals. */
    size_t residual_count;
    bool (*residuals)(void *context, const double *x, double *values);
    bool (*jacobian)(void *context, const double *x, struct descent_matrix *jacobian);
    const double *lower, *upper; /* NULL: no bounds */
    /* Unknowns whose start says nothing of where between their bounds to begin; NULL: none. */
    const bool *outside;
    const double *sizes; /* of the unknowns; NULL: those of their starts. 0: not known */
    /* Functions that have to stay between bounds, which may be infinite, or equal. */
    size_t constraint_count;
    const double *constraint_lower, *constraint_upper;
    bool (*constraints)(void *context, const double *x, double *values);
    bool (*constraint_jacobian)(void *context, const double *x, struct descent_matrix *jacobian);
    /* The lower triangle of the Hessian of factor*objective + multipliers'*constraints. */
    bool (*lagrangian)(void *context, const double *x, double factor, const double *multipliers,
                       struct descent_matrix *lower);
    /* Adds the name of a constraint, for reasons. */
    void (*name_constraint)(void *context, size_t constraint, struct text *name);
    bool maximize;
};

struct descent_iteration {
    size_t iteration; /* 0: the start */
    double value, gradient_norm, step;
    const double *x;
};

struct stop_criteria {
    double tolerance;
    size_t max_iterations;
    double timeout; /* seconds; 0: none */
    /* Called after the start and after each iteration; false interrupts. NULL: none. */
    bool (*observe)(void *context, const struct descent_iteration *iteration);
    void *observer;
};

/* What single methods are asked for; 0: the method's own choice. */
struct descent_options {
    struct stop_criteria stop;
    double rate, beta, beta2, epsilon;
    size_t memory;
};

struct descent_counts {
    size_t value, gradient, hessian, product, residual, jacobian, constraint;
};

struct descent_result {
    enum descent_status status;
    struct text reason; /* a sentence without its full stop */
    size_t iterations;
    struct descent_counts evaluations;
    double value, step;   /* the step is the last one's Euclidean norm */
    double gradient_norm; /* of the projected gradient */
    double *x, *gradient; /* the point and the gradient there */
    /* By constraint: the gradient of the objective is the sum of multipliers times gradients of constraints
     * (and of what presses against bounds). NULL: there are no constraints. */
    double *multipliers;
    double violation; /* the largest, and of which constraint; 0: all hold */
    size_t worst_constraint;
    double *failed_at; /* where value or gradient were NaN or infinite; NULL: nowhere */
    double seconds;
};

enum descent_needs {
    NEEDS_RATE = 1,
    NEEDS_HESSIAN = 2,
    NEEDS_RESIDUALS = 4, /* and their Jacobian */
    KNOWS_CONSTRAINTS = 8,
    TAKES_RATE = 16,  /* if there is one */
    NEEDS_BOUNDS = 32 /* of every unknown, finite */
};

struct descent_method {
    const char *name, *title, *doc; /* "lm", "Levenberg-Marquardt", one line */
    unsigned needs;
    double tolerance; /* where the user gives none */
    double rate;      /* likewise; 0: none */
    size_t most;      /* unknowns; 0: any number */
    void (*run)(const struct objective *objective, const double *start, const struct descent_options *options,
                struct descent_result *result);
};

/* The table of methods. */
size_t descent_method_count(void);
const struct descent_method *descent_method_at(size_t k);
/* NULL: there is none of that name. */
const struct descent_method *descent_method_find(const char *name);
/* What the method for those who name none is chosen by. */
struct descent_choice {
    bool has_residuals;
    double rate; /* 0: none */
    size_t dimension, residual_count, constraint_count;
    bool is_sparse; /* the Hessian is, by its form */
};
/* *why, unless it is NULL, becomes a phrase: "there are few unknowns". */
const struct descent_method *descent_method_auto(const struct descent_choice *choice, const char **why);

/* Gradient descent with a fixed rate: x -= rate*gradient; an iteration is a step. Stops when the Euclidean
 * norm of the step is at most the tolerance. */
void descend_fixed_rate(const struct objective *objective, const double *start, double rate,
                        const struct stop_criteria *stop, struct descent_result *result);
/* Spectral projected gradients (Birgin, Martinez, Raydan, SIAM J. Optim. 10, 2000): Barzilai-Borwein trial
 * steps and non-monotone Armijo backtracking. Stops as descent_is_critical says (state.h). */
void descend_line_search(const struct objective *objective, const double *start,
                         const struct stop_criteria *stop, struct descent_result *result);
/* Levenberg-Marquardt for sums of squares (lm.h). */
void descend_lm(const struct objective *objective, const double *start, const struct descent_options *options,
                struct descent_result *result);
/* Newton's method in a trust region (newton.h). */
void descend_newton(const struct objective *objective, const double *start,
                    const struct descent_options *options, struct descent_result *result);
/* Limited-memory BFGS (lbfgs.c) and conjugate gradients (cg.c), both over search.h. */
void descend_lbfgs(const struct objective *objective, const double *start,
                   const struct descent_options *options, struct descent_result *result);
void descend_cg(const struct objective *objective, const double *start, const struct descent_options *options,
                struct descent_result *result);
/* An interior-point method, for constraints (interior.h). */
void descend_interior(const struct objective *objective, const double *start,
                      const struct descent_options *options, struct descent_result *result);
/* With a fixed rate (momentum.c). */
void descend_momentum(const struct objective *objective, const double *start,
                      const struct descent_options *options, struct descent_result *result);
void descend_nesterov(const struct objective *objective, const double *start,
                      const struct descent_options *options, struct descent_result *result);
void descend_adam(const struct objective *objective, const double *start,
                  const struct descent_options *options, struct descent_result *result);
void descent_result_free(struct descent_result *result);
/* "converged", "max_iterations", ... */
const char *descent_status_name(enum descent_status status);

#endif
