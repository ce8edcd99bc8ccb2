/* The tree of regions of one body (see schedule/place.h). */
#ifndef GRADC_SCHEDULE_REGION_H
#define GRADC_SCHEDULE_REGION_H

#include "schedule/place.h"

/* Adds a region; parent is ignored for the first. Failure shows in pl->regions.failed. */
uint32_t region_add(struct placement *pl, uint32_t parent, uint32_t owner);
/* The innermost region around both. */
uint32_t region_meet(const struct placement *pl, uint32_t a, uint32_t b);
/* Sorts the instances into their regions and decides which choices compute both arms. False where memory is
 * exhausted. */
bool region_order(struct placement *pl, const struct values *values);

#endif
