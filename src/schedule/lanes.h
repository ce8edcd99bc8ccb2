/* Which loops run in vector lanes: several iterations side by side.
 *
 * The outermost loops whose iterations may run in any order and whose bodies can be written for several of
 * them at once: inner loops, recurrences too, have the same bounds for all of them; unless lanes are better
 * off in the innermost loops (schedule/lane_cost.h). Short loops, and very long bodies, stay as they are. */
#ifndef GRADC_SCHEDULE_LANES_H
#define GRADC_SCHEDULE_LANES_H

#include "schedule/affine.h"
#include "schedule/compared.h"
#include "schedule/plan.h"
#include "schedule/scan.h"
#include "schedule/trips.h"

/* How an element is reached from the lanes. */
enum lane_access {
    ACCESS_PRIVATE,  /* each lane has its own */
    ACCESS_FIXED,    /* one, the same during the whole loop */
    ACCESS_SHARED,   /* one for all lanes */
    ACCESS_NEXT,     /* each lane has the one behind that of the lane before it */
    ACCESS_PREVIOUS, /* or before that */
    ACCESS_STRIDED,  /* in steps of one size */
    ACCESS_SCATTERED /* anywhere */
};

struct lanes {
    struct affine affine;
    struct affine inner; /* for inner loops, one at a time */
    struct compared compared;
    bool *chosen;    /* by instruction: a loop that runs in lanes */
    uint32_t *loads; /* by array: how many instructions read it */
    const struct plan *plan;
    const struct binding *inputs;
    bool any, short_too;
};

/* Finds out what is compared, and which loops run in lanes. inputs: NULL, or the sizes to be expected, which
 * tell the short loops. short_too: loops that are known to be short are taken too. False where memory is
 * exhausted; release it all the same. */
bool lanes_choose(struct lanes *lanes, const struct code *code, const struct plan *plan,
                  const struct binding *inputs, bool short_too);
/* Whether a loop can run in lanes, and is worth it where its length is known; looks at it
 * (schedule/affine.h). */
bool lanes_suits(struct lanes *lanes, uint32_t loop);
void lanes_release(struct lanes *lanes);
/* Who reads what a running product in `loop` sets, beside its own next iteration. */
enum scan_readers {
    READERS_NONE,
    READERS_OF_LAST, /* behind the loop, the element of its last iteration */
    READERS_ANY
};
enum scan_readers lanes_scan_readers(const struct lanes *lanes, uint32_t loop, const struct scan *scan);
/* How the array of a LOAD or STORE in the body of a chosen loop is reached, the last one looked at. */
enum lane_access lanes_access(const struct lanes *lanes, uint32_t loop, uint32_t i);

#endif
