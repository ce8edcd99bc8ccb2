/* Newton's method in a trust region with the exact Hessian: each step minimises the quadratic model within
 * |D*p| <= radius. Up to MOST_DENSE unknowns by the Hessian's
 * eigenvalues (More and Sorensen 1983; sparse/ball.h), beyond, where the Hessian is sparse and its envelope
 * narrow, by factoring it with a shift (newton_sparse.c), else by conjugate gradients on its products
 * (Steihaug, SIAM J. Numer. Anal. 20, 1983). The radius follows Nocedal and Wright, Numerical Optimization,
 * 2nd ed., algorithm 4.1. Elements that a step would move out of their bounds are set on them, and the others
 * are solved for anew. Where the Hessian is not finite, the model is linear. */
#ifndef GRADC_DESCEND_NEWTON_H
#define GRADC_DESCEND_NEWTON_H

#include "descend/state.h"
#include "sparse/ball.h"
#include "sparse/envelope.h"

enum { MOST_DENSE = 300 };

struct newton {
    struct descent d;
    size_t n;
    double *hessian; /* n*n; NULL: there are too many unknowns */
    bool is_sparse;  /* it is factored */
    struct envelope envelope;
    struct descent_matrix lower; /* its pattern; the values as they are minimised stand in `entries` */
    double *entries, *diagonal;
    double shift; /* the last one that was needed */
    double *step, *product, *model_gradient, *solved;
    double *widths; /* one over D: with the Hessian by the largest roots of its diagonal, else the units */
    double *residual, *direction, *scaled; /* of conjugate gradients */
    bool *fixed;
    struct ball_model ball; /* of the elements that are free at first */
    bool is_linear;         /* the Hessian here is not finite */
    bool is_full;           /* the step is the minimum of the model over what is free */
    double radius;
    double promise;   /* by how much the model falls at best; infinite: not known or not bounded */
    double predicted; /* the same at the step */
};

/* Takes up the point: its Hessian, and which elements may move. False where the machine failed. */
bool newton_look(struct newton *s);
/* The step within radius and bounds, and what it promises. False where the machine failed. */
bool newton_find_step(struct newton *s);
/* By conjugate gradients: the step of the free elements, from the gradient of the model without them. */
bool newton_solve_products(struct newton *s);
/* The same for sparse Hessians: whether to factor them is decided at the start. */
bool newton_open_sparse(struct newton *s);
bool newton_take_sparse(struct newton *s);
double newton_promise_sparse(struct newton *s);
bool newton_solve_sparse(struct newton *s);
/* Adds the product to the result. */
void newton_multiply_sparse(const struct newton *s, const double *vector, double *result);
/* Whether the Hessian itself is known, dense or sparse. */
bool newton_has_matrix(const struct newton *s);
/* The Hessian here times a vector. */
bool newton_multiply(struct newton *s, const double *vector, double *result);

#endif
