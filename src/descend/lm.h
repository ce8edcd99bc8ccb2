/* Levenberg-Marquardt (More, The Levenberg-Marquardt algorithm: implementation and theory, Lecture Notes in
 * Mathematics 630, 1978): each step minimises |r + J*p| within |D*p| <= radius, where D holds the largest
 * norm that each column of J has had (algorithm 7.1, with the constants of its section 7). Elements that a
 * step would move out of their bounds are set on them, and the others are solved for anew. */
#ifndef GRADC_DESCEND_LM_H
#define GRADC_DESCEND_LM_H

#include "descend/state.h"
#include "sparse/least_squares.h"

struct lm {
    struct descent d;
    size_t m, n;
    double *residuals, *trial; /* m: here and at the trial point */
    double *jacobian;          /* m*n, by columns */
    double *augmented;         /* m*(n + 1), overwritten by each decomposition */
    double *image;             /* m: J*step */
    double *scale, *length;    /* n: D, and the norms of the columns here */
    double *step, *full, *solved;
    bool *fixed;
    struct least_squares parts; /* over the elements that are free at first */
    size_t rank;
    double radius, damping;
    double sum;       /* of squares here */
    double promise;   /* by how much a full step lowers it, as the model has it */
    double predicted; /* the same of the step */
    bool on_trust;    /* the last step was taken for its promise alone */
};

/* Decomposes the Jacobian here over the elements that may move and computes the full step and its promise.
 * False where that fails. */
bool lm_decompose(struct lm *l);
/* The step within radius and bounds; false where it fails. */
bool lm_find_step(struct lm *l);

#endif
