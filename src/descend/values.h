/* Methods that look at values of the objective alone, by NLopt (S. G. Johnson, The NLopt
 * nonlinear-optimization package). An iteration is a new best point; there the gradient is evaluated too, for
 * the report. Values that are not finite count as the worst. Evaluations are at most
 * options->stop.max_iterations. */
#ifndef GRADC_DESCEND_VALUES_H
#define GRADC_DESCEND_VALUES_H

#include "descend/descend.h"

/* Nelder and Mead's simplex (The Computer Journal 7, 1965) between bounds, and Powell's quadratic models by
 * interpolation (BOBYQA, report DAMTP 2009/NA06). Converged where simplex or trust region are smaller than
 * the tolerance in relation to the unknowns. */
void descend_neldermead(const struct objective *objective, const double *start,
                        const struct descent_options *options, struct descent_result *result);
void descend_bobyqa(const struct objective *objective, const double *start,
                    const struct descent_options *options, struct descent_result *result);

/* Searches a box for its deepest valley, and goes to the bottom of that with lbfgs: dividing rectangles (D.
 * R. Jones, C. D. Perttunen and B. E. Stuckman, J. Optim. Theory Appl. 79, 1993; in the locally biased form
 * of J. M. Gablonsky and C. T. Kelley, J. Global Optim. 21, 2001) and controlled random search (P. Kaelo and
 * M. M. Ali, J. Optim. Theory Appl. 130, 2006). The search takes as many evaluations as allowed, at most 2000
 * for each unknown and 2000 more. Random numbers are the same in every run. */
void descend_direct(const struct objective *objective, const double *start,
                    const struct descent_options *options, struct descent_result *result);
void descend_crs(const struct objective *objective, const double *start,
                 const struct descent_options *options, struct descent_result *result);

#endif
