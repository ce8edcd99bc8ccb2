/* What a run of linear code computes and moves, counted by kinds, with the loops that it runs.
 *
 * Loops are not run: an inner loop whose range depends on the index of an outer one counts with the range at
 * the middle of the outer one, and both sides of a condition count. */
#ifndef GRADC_SCHEDULE_COUNT_H
#define GRADC_SCHEDULE_COUNT_H

#include "schedule/lanes.h"

struct code_loop {
    index_id index;
    uint32_t depth;
    double times;                   /* all runs of it together; NAN: that depends on what is computed */
    bool ordered, shared, in_lanes; /* shared: threads may (ORDER_APART) */
};

struct code_counts {
    double additions, multiplications, divisions, others; /* others: comparisons, choices, whole numbers */
    double calls[OP_COUNT];                               /* of functions, by operation */
    double accesses;                                      /* loads and stores of elements, 8 bytes each */
    double seconds;                                       /* about, as native code */
    VEC(struct code_loop) loops;                          /* in their order */
};

/* lanes: NULL, or which loops run in `lane_count` lanes. False where memory is exhausted; release it all the
 * same. */
bool code_count(struct code_counts *counts, const struct code *code, const struct binding *inputs,
                const struct lanes *lanes, unsigned lane_count);
void code_counts_release(struct code_counts *counts);

#endif
