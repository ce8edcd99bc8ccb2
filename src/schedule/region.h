/* The tree of regions of one body (see schedule/place.h). */
#ifndef GRADC_SCHEDULE_REGION_H
#define GRADC_SCHEDULE_REGION_H

#include "schedule/place.h"

/* Adds a region; parent is ignored for the first. Failure shows in pl->regions.failed. */
uint32_t region_add(struct placement *pl, uint32_t parent, uint32_t owner);
/* The guard in a region for what is taken where the condition holds, or where it does not. */
uint32_t region_guard(struct placement *pl, const struct values *values, uint32_t parent, value_id condition,
                      bool otherwise);
/* The innermost region around one that is no guard. */
uint32_t region_around(const struct placement *pl, uint32_t region);
static inline bool region_is_guard(const struct placement *pl, uint32_t region) {
    return pl->regions.at[region].condition != 0;
}
/* Whether a value is worth a branch around it, or must not be computed without. */
bool region_is_dear(const struct value *value);
/* The innermost region around both. */
uint32_t region_meet(const struct placement *pl, uint32_t a, uint32_t b);
/* Sorts the instances into their regions and decides which choices compute both arms. False where memory is
 * exhausted. */
bool region_order(struct placement *pl, const struct values *values);

#endif
