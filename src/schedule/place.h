/* Placement: where in a body (of the program or of a loop) each value is computed, before any is.
 *
 * The regions of a body form a tree: the body, the conditions in it, the arms of choices. Values that may be
 * computed anywhere go to the innermost region around all their uses, or out of the loops they do not depend
 * on; those that may fail stay within the step that needs them, and where not every path through their region
 * uses them they are marked as not certain, to be computed behind a check. Values that a body outside has
 * computed already are taken from there.
 *
 * Conditions and arms in one region that are taken under the same condition stand in a guard, a region of its
 * own: what several of them need is computed once, before the first of them, where the condition holds. */
#ifndef GRADC_SCHEDULE_PLACE_H
#define GRADC_SCHEDULE_PLACE_H

#include "schedule/values.h"

struct region {
    uint32_t parent, jump, depth; /* jump: an ancestor further up, for common ancestors in logarithmic time */
    uint32_t level;               /* loops around it */
    uint32_t step_region;         /* of the body or condition it stands in */
    uint32_t owner;               /* an arm: the instance of the choice, plus 1 */
    uint32_t first, count;        /* instances, in the order in which they are computed */
    uint32_t cursor, early;       /* how many of them are done; how many of the early ones were looked at */
    uint32_t cost;                /* of all its instances, saturating */
    value_id condition;           /* a guard: of what stands in it */
    bool otherwise;               /* a guard: taken where the condition does not hold */
    uint32_t scope;               /* a guard: in which its results may be used; 0: none yet */
};

/* A value to be computed once in a region. */
struct instance {
    value_id value;
    uint32_t key; /* instances of one value stand in different steps */
    uint32_t next;
    uint32_t region;
    uint32_t step; /* the first that needs it */
    bool joined;   /* another one of the value does its work */
    bool certain;  /* needed on every path through the region */
    bool guarded;  /* in a guard: computed only where the condition holds */
    bool early;    /* computed once before the loop, where that has iterations */
    bool flat;     /* a choice whose arms are computed both */
    uint32_t arms[2];
};

/* The placement of one body. */
struct placement {
    uint32_t level; /* loops around the body; regions 0 .. level-1 stand for the bodies around it */
    VEC(struct region) regions;
    VEC(struct instance) instances;
    VEC(uint32_t) order;  /* instances by region, step and value */
    VEC(uint32_t) guards; /* hash table: parent and condition to region */
    uint32_t guard_count;
};

/* What is known while bodies are placed one after the other. */
struct surroundings {
    const struct values *values;
    uint32_t *first_write;      /* by array: its first entry in writes; one more at the end */
    uint32_t *writes;           /* steps, ascending for each array */
    bool *written_in_condition; /* by array */
    uint32_t *step_region;      /* by step that opens a body: its region */
    VEC(uint32_t) loops;        /* steps of the open loops */
    /* By value, for the body being placed. */
    uint32_t *stamp, *level, *instance_of;
    bool *pinned;
    uint32_t now;
    VEC(value_id) local, stack;
    VEC(uint32_t) slots; /* hash table: value and key to instance */
    /* Whether a value is known where the body begins; gives its level. */
    bool (*known)(const void *context, value_id v, uint32_t *level);
    const void *context;
    bool failed;
};

bool surroundings_init(struct surroundings *s, const struct values *values);
void surroundings_release(struct surroundings *s);

/* Places the values of the steps begin .. end-1 and of the step that closes the body, without those in inner
 * loops. False where memory is exhausted. */
bool place_body(struct placement *pl, struct surroundings *s, uint32_t begin, uint32_t end);
void placement_release(struct placement *pl);

#endif
