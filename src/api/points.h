/* The points at which a model is looked at: its start, and others at random. */
#ifndef GRADC_API_POINTS_H
#define GRADC_API_POINTS_H

#include "api/handle.h"

/* Fills in 1 + random points, one after the other, and whether the objective (without one: each output) is a
 * number there. Where it is not, another point is drawn, more and more often nearer to the start. */
enum gradc_outcome points_choose(struct gradc_evaluator *e, size_t random, uint64_t seed, double *points,
                                 bool *defined);

#endif
