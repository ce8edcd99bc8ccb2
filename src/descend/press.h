/* What holds a point that an interior-point method comes near. */
#ifndef GRADC_DESCEND_PRESS_H
#define GRADC_DESCEND_PRESS_H

#include <math.h>
#include <stdbool.h>

/* Whether a bound presses: of distance and force, whose product such a method leaves small, the force is the
 * larger one, as they are or beside the bound and the steepness of the objective, the largest of its
 * partials. */
static inline bool bound_presses(double distance, double bound, double force, double steepness) {
    double away = fabs(distance), scale = steepness > 0 ? steepness : 1;
    return force > away || force / scale > away / fmax(1, fabs(bound));
}

#endif
