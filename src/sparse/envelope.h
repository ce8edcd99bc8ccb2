/* Symmetric matrices with entries near the diagonal, factored within their envelope: each row from its first
 * entry to the diagonal. The order of rows and columns is that of E. Cuthill and J. McKee, reversed (A.
 * George and J. Liu, Computer Solution of Large Sparse Positive Definite Systems, 1981, chapter 4). */
#ifndef GRADC_SPARSE_ENVELOPE_H
#define GRADC_SPARSE_ENVELOPE_H

#include "sparse/pattern.h"

struct envelope {
    size_t n;
    size_t *place;  /* by row of the matrix: its row here */
    size_t *first;  /* by row here: its first column */
    size_t *start;  /* where the row's entries begin, so that column j stands at start + j - first */
    double *values; /* of the matrix, or of its factor L, LL' being the matrix */
    double *spread; /* a vector in the order of here */
    size_t failed;  /* the row at which a factorisation has ended */
};

/* What is worth its memory and time for a row on average: entries, and operations of a factorisation. */
extern const double envelope_entries, envelope_operations;

/* Takes the pattern of the lower triangle. False where the envelope has more than `most` entries for a row on
 * average, or more than `work` operations for a row, or memory is exhausted; release it all the same. */
bool envelope_open(struct envelope *e, const struct pattern *lower, double most, double work);
void envelope_release(struct envelope *e);
/* Makes it the matrix W*A*W + shift*I, from the values of A's lower triangle and the diagonal W; rows and
 * columns that are fixed become those of the unit matrix. */
void envelope_fill(struct envelope *e, const struct pattern *lower, const double *values,
                   const double *widths, const bool *fixed, double shift);
/* Factors it; false where it is not positive definite. */
bool envelope_factor(struct envelope *e);
/* Solves with the factor; the vector, in the order of the matrix, becomes the solution. */
void envelope_solve(struct envelope *e, double *vector);
/* |L^-1*vector|^2. */
double envelope_inner(struct envelope *e, const double *vector);
/* After a factorisation that has failed: a direction along which the matrix has no positive curvature. */
void envelope_descent(struct envelope *e, double *vector);

#endif
