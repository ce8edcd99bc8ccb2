/* Descent along directions with a line search: what lbfgs and cg share.
 *
 * All vectors are in the units of the unknowns. Elements that the gradient pushes against a bound are fixed
 * for a step. Where the direction meets no bound within the step, the search asks for Wolfe's conditions
 * (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 3.5 and 3.6), near the end for the
 * approximate ones of Hager and Zhang (SIAM J. Optim. 16, 2005, equation 4.1), which rounding disturbs less;
 * else it goes back along the projected path until Armijo's condition holds (Bertsekas, SIAM J. Control
 * Optim. 20, 1982). */
#ifndef GRADC_DESCEND_SEARCH_H
#define GRADC_DESCEND_SEARCH_H

#include "descend/state.h"

struct search {
    struct descent d;
    size_t n;
    double *gradient;      /* of the free elements; 0 for the fixed ones */
    double *direction;     /* likewise */
    double *change, *turn; /* of the point and of the gradient in the last step */
    bool *fixed, any_fixed;
    double length;        /* of the last step, in directions */
    double slope, former; /* of the objective along the direction, now and in the last step */
    double curvature;     /* Wolfe's second constant */
    int creeping;         /* steps that changed next to nothing, the last ones on end */
    /* Writes the direction; where it does not descend, the search forgets and takes the gradient's. */
    void (*aim)(struct search *s);
    /* Takes note of a step, from change and turn. */
    void (*learn)(struct search *s);
    void (*forget)(struct search *s);
    /* The length to try first. */
    double (*first_length)(struct search *s);
    void *memory; /* of the method */
};

double search_dot(const struct search *s, const double *a, const double *b);
/* Descends until a reason to stop is found; `method` has the five functions and the constant filled in. */
void search_run(struct search *method, const struct objective *objective, const double *start,
                const struct stop_criteria *stop, struct descent_result *result);

enum search_outcome { SEARCH_FOUND, SEARCH_NOTHING, SEARCH_LEFT_DOMAIN, SEARCH_ENDED };
/* Finds a length along the direction and leaves the evaluated point in the trial. */
enum search_outcome search_line(struct search *s, double first);

#endif
