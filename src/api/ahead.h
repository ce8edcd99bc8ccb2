/* Many steps of gradient descent with a fixed rate in one run of native code (diff/iterate.h): a call for
 * each takes longer than a short formula. */
#ifndef GRADC_API_AHEAD_H
#define GRADC_API_AHEAD_H

#include "api/runner.h"
#include "descend/descend.h"
#include "diff/iterate.h"

struct ahead {
    struct runner runner;
    struct iteration_arrays arrays;
    const double **moves, **points; /* by unknown */
    double taken;                   /* steps asked for so far: code is made when they are many */
    bool tried;
};

/* Steps from x; false where they are to be taken one by one. */
bool ahead_run(struct ahead *a, struct gradc_evaluator *e, const double *x,
               const struct descent_stretch *stretch, struct descent_path *path);
void ahead_free(struct ahead *a);

#endif
