/* An objective whose derivatives come from differences with the usual step: of its values, or of all
 * residuals at once. */
#ifndef GRADC_API_BENCH_NUMERIC_OBJECTIVE_H
#define GRADC_API_BENCH_NUMERIC_OBJECTIVE_H

#include "descend/descend.h"
#include "numeric/difference.h"

struct numeric_objective {
    const struct difference *formula;
    struct objective exact;
    double evaluations; /* of the objective or of all residuals */
    double *x;          /* the point, moved and put back */
    size_t moved;
    double *residuals, *centre, *values; /* values: of the Jacobian, row by row */
    size_t *starts;
    uint32_t *columns;
    bool failed; /* memory is exhausted, or the machine failed */
};

/* Changes an objective: its callbacks are those of `n` from here on, which must outlive it. */
void numeric_objective_apply(void *n, struct objective *objective);
void numeric_objective_release(struct numeric_objective *n);

#endif
