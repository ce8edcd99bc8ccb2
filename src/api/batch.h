/* Value and gradient at many points in one run of native code, with lanes across points (lower/batch.h):
 * points go through it by blocks, in which the numbers of one unknown stand next to each other. */
#ifndef GRADC_API_BATCH_H
#define GRADC_API_BATCH_H

#include "api/runner.h"
#include "lower/batch.h"

/* The objective, or the objective with its gradient. */
struct batch_function {
    struct runner runner;
    struct batch_arrays arrays;
    size_t most; /* points of a block */
    /* By element of the point: its numbers in the block, and its partials. */
    double **columns, **partials;
    double *zeros; /* partials by what has none */
    bool tried;    /* where the runner is not ready then, points are evaluated one by one */
};

struct batch {
    struct batch_function value, gradient;
};

/* Makes code where that is worth it, at the first call: not for programs that have much to do at each point,
 * which have lanes inside. */
enum gradc_outcome batch_prepare(struct batch_function *f, struct gradc_evaluator *e, bool gradient);
/* The same code with memory of its own. False where memory is exhausted. */
bool batch_share(struct batch_function *f, const struct batch_function *from, double *point);
void batch_release(struct batch_function *f);

#endif
