/* An interior-point method with a filter line search, by Ipopt (A. Waechter and L. T. Biegler, Mathematical
 * Programming 106, 2006), for objectives with constraints. What it is given are exact derivatives; what it
 * finds is made exact as far as doubles allow (refine.c): the bounds and constraints that are active are
 * taken as equations, and Newton's method solves the conditions of a critical point.
 *
 * Points where something is not finite are refused, so that its steps get shorter. Constraints that depend on
 * no unknown are checked and left out. */
#ifndef GRADC_DESCEND_INTERIOR_H
#define GRADC_DESCEND_INTERIOR_H

#include "descend/state.h"

struct interior {
    struct descent d; /* current: where the descent stands; trial: where something was last evaluated */
    const struct objective *o;
    const double *start;
    size_t n, m;        /* unknowns, constraints */
    size_t rows;        /* constraints that depend on unknowns */
    size_t *constraint; /* by row */
    size_t jacobian_entries, hessian_entries;
    double *values;                      /* of all constraints, at the trial */
    double *multipliers;                 /* by constraint: slopes = gradient + multipliers*Jacobian */
    double *slopes;                      /* of the Lagrangian */
    double *parts;                       /* the largest of what each slope is the sum of */
    double *lower_forces, *upper_forces; /* the multipliers of the bounds */
    double best_violation, violation;    /* the second: of the current point */
    size_t worst;
    bool has_objective, has_constraints; /* evaluated at the trial */
    bool is_finite;                      /* the objective and its gradient there */
    bool is_second; /* attempt, where the first has not led to a critical point; of the first: */
    size_t former_iterations;
    double *former; /* multipliers, slopes, parts and forces */
    bool former_is_refined;
    bool is_refined; /* bounds that hold the point are touched, so the forces say nothing more */
};

/* What speaks against a point, or nothing (judge.c). */
enum judgement {
    IS_CRITICAL,
    HAS_SLOPE,
    DROWNS_IN_ROUNDING,  /* parts of the slopes are so large that their sum says nothing */
    IS_PRESSED_FROM_AFAR /* by constraints or bounds, for how much they press */
};

/* The largest violation among values of the constraints; *worst is where, if it is above 0. */
double interior_violation(const struct interior *s, const double *values, size_t *worst);
/* The violation of the point, and whether that is a number. False where the machine failed. */
bool interior_measure(struct interior *s, const double *x, double *violation);
/* The slopes at a point. False where the machine failed. */
bool interior_slopes(struct interior *s, const double *x, const double *gradient);
/* Whether that bound of an unknown holds the current point back. */
bool interior_is_held(const struct interior *s, size_t j);
/* The largest slope of the Lagrangian; leaves those of what may move in d.direction. */
double interior_slope_norm(struct interior *s);
/* What counts as 0 beside the gradient. */
double interior_least_slope(const struct interior *s);
/* The slopes and values of the current point being known; more is forgiven where Ipopt is sure. */
enum judgement interior_judge(struct interior *s, bool sure);
/* Moves the current point onto the bounds and constraints that hold it and solves for the rest; leaves it
 * where it is if that does not improve it. */
void interior_refine(struct interior *s);

#endif
