/* Whether lanes go to a loop or to the innermost loops in it, by what either costs about.
 *
 * Elements that lie apart take as many steps as there are lanes. Over the rows of a grid lanes find them
 * apart, over its columns together; but loops with few iterations and functions around them count too. */
#ifndef GRADC_SCHEDULE_LANE_COST_H
#define GRADC_SCHEDULE_LANE_COST_H

#include "schedule/lanes.h"

/* Whether a loop that suits lanes had better leave them to the loops in it. */
bool lane_cost_prefers_inner(struct lanes *lanes, uint32_t loop);

#endif
