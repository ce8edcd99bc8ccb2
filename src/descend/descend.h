/* Descent over n doubles; it knows an objective only as a callback for its value and gradient.
 *
 * Methods stop for one of the reasons of enum descent_status, with a sentence that says why. Maximizing is
 * minimizing the negated objective: the same bits. Bounds are honoured by projection. The result holds the
 * last point where the descent converged, else the best point seen. */
#ifndef GRADC_DESCEND_DESCEND_H
#define GRADC_DESCEND_DESCEND_H

#include <stdbool.h>
#include <stddef.h>

#include "support/text.h"

enum descent_status {
    DESCENT_CONVERGED,
    DESCENT_STALLED,
    DESCENT_MAX_ITERATIONS,
    DESCENT_TIMEOUT,
    DESCENT_INTERRUPTED,
    DESCENT_DIVERGED,
    DESCENT_DOMAIN_ERROR,
    DESCENT_FAILED /* the callback failed, or memory is exhausted */
};

struct objective {
    void *context;
    size_t dimension;
    /* Value and gradient at x; NaN where they are not defined. False: the machine failed. */
    bool (*evaluate)(void *context, const double *x, double *value, double *gradient);
    /* Whether a NaN at x comes from a number that grew beyond the doubles. NULL: it never does. */
    bool (*overflows)(void *context, const double *x);
    const double *lower, *upper; /* NULL: no bounds */
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

struct descent_result {
    enum descent_status status;
    struct text reason; /* a sentence without its full stop */
    size_t iterations, evaluations;
    double value, step;   /* the step is the last one's Euclidean norm */
    double gradient_norm; /* of the projected gradient */
    double *x, *gradient; /* the point and the gradient there */
    double *failed_at;    /* where value or gradient were NaN or infinite; NULL: nowhere */
    double seconds;
};

/* Gradient descent with a fixed rate: x -= rate*gradient; an iteration is a step. Stops when the Euclidean
 * norm of the step is at most the tolerance. */
void descend_fixed_rate(const struct objective *objective, const double *start, double rate,
                        const struct stop_criteria *stop, struct descent_result *result);
/* Gradient descent with Barzilai-Borwein trial steps and non-monotone Armijo backtracking. Every unknown is
 * measured in units of its start (1 where it starts at 0), so that unknowns of different magnitudes get
 * along. Stops when the norm of the projected gradient in these units is at most tolerance*max(1,
 * min(|value|, |value at the start|)). */
void descend_line_search(const struct objective *objective, const double *start,
                         const struct stop_criteria *stop, struct descent_result *result);
void descent_result_free(struct descent_result *result);
/* "converged", "max_iterations", ... */
const char *descent_status_name(enum descent_status status);

#endif
