/* The second-derivative test at work. */
#ifndef GRADC_API_CRITICAL_H
#define GRADC_API_CRITICAL_H

#include "api/handle.h"

struct examination {
    struct gradc_evaluator *e;
    const double *point, *multipliers; /* NULL: there are no constraints */
    double *gradient;                  /* of the Lagrangian, where there are */
    double value, sign;                /* sign: 1 to minimise, -1 to maximise */
    size_t *free;                      /* the elements that may move */
    size_t count, dimension;
    size_t idle, first_idle; /* how many elements were left out as idle, and the first of them */
    double size;             /* of the point, over the free elements; 1 at 0 */
    size_t pressing;         /* bounds and inequalities that hold the point */
    size_t touching;         /* inequalities that are touched and do not */
    double *direction, *product;
    /* The directions that are looked at: all free elements, or those along the active constraints. */
    size_t order;
    bool *active;   /* by constraint */
    double *forces; /* the multipliers, 0 for those that are not active */
    size_t active_count;
    double violation; /* of the constraints, beside their bounds */
    double steepness; /* of the objective alone */
    double *slopes;   /* the gradient along them */
    double largest;   /* entry of the Lagrangian's Hessian, where there are constraints */
    const char *what; /* "the Hessian", for sentences */
    struct gradc_critical_point *found;
};

/* The verdict, with a reason that is copied. */
void examination_conclude(struct examination *x, enum gradc_critical_kind kind, const char *detail);
/* Whether Newton's step of that length, which promises to change the value so much, is short. */
bool examination_is_short(const struct examination *x, double step, double promise);
/* The verdict where all curvatures along what may move have one sign, with how that is known. */
void examination_conclude_sign(struct examination *x, bool is_up, const char *how);
/* Leaves out the free elements on which the objective does not depend near the point: they have no slope and
 * no curvature, and neither comes up nor does the value change when all of them are moved. Of a file without
 * constraints. False where memory is exhausted. */
bool examination_leave_idle(struct examination *x);
/* Names those that were left out, behind the reason for the verdict. */
void examination_tell_idle(struct examination *x);
/* The name of an element of the point, which the model keeps. */
const char *examination_name(const struct examination *x, size_t element);
/* The test for more elements than fit in a dense matrix. False where memory is exhausted. */
bool examination_large(struct examination *x);
/* Subtracts what the constraints take from the gradient. */
enum gradc_outcome examination_subtract(struct examination *x);
/* What speaks against a critical point: a constraint that is violated, a gradient of the Lagrangian that is
 * not small. NULL: nothing. */
const char *examination_objection(const struct examination *x);
/* Whether a bound so far away presses with a force: of the two, which an interior-point method leaves with a
 * small product, the force is the larger one. */
bool examination_presses(const struct examination *x, double distance, double bound, double force);
/* Finds which constraints are active (equalities, and bounds that are violated or press), the violation, and
 * the multipliers of those alone: what an interior-point method leaves for the others is 0 at the point that
 * it comes near. False where memory is exhausted or a bound is not known. */
bool examination_hold(struct examination *x);
/* The Hessian of the Lagrangian, the lower triangle over all elements. */
enum gradc_outcome examination_lagrangian(struct examination *x, struct gradc_matrix *h);
/* The test along the active constraints of large problems, by factors. False where memory is exhausted. */
bool examination_penalise(struct examination *x);
/* The Hessian of the Lagrangian over the free elements, along the active constraints, with order and slopes.
 * NULL where memory is exhausted; *outcome says more. */
double *examination_reduce(struct examination *x, enum gradc_outcome *outcome);
/* Whether all eigenvalues of sign*H, the Hessian over the free elements, are above a shift: by a
 * factorisation within the envelope, where terms read few unknowns and that is not too much work; else false.
 */
bool examination_is_above(struct examination *x, double sign, double shift);
/* A matrix over all elements as a dense one over the free ones; the lower triangle. NULL where memory is
 * exhausted. */
double *examination_dense(const struct examination *x, const struct gradc_matrix *h);

#endif
