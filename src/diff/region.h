/* Regions: the parts of an expression that are reached only under conditions.
 *
 * A region is the body of one side of a condition inside another region; region 0 is the whole update.
 * Adjoints are collected per node as contributions, each valid in a region; folding them gives one expression
 * in the deepest region that holds them all, joined by selects only there, and the condition under which
 * anything arrived at all. So what is not taken is never evaluated, in the derivative either. */
#ifndef GRADC_DIFF_REGION_H
#define GRADC_DIFF_REGION_H

#include "ir/build.h"
#include "support/vec.h"

struct region {
    uint32_t parent, depth;
    node_id condition; /* in the parent; the region is where it holds */
};

struct contribution {
    uint32_t region;
    node_id value; /* the adjoint that arrives */
    node_id guard; /* and the condition in the region under which it is not structurally 0 */
};

struct regions {
    struct graph *graph;
    VEC(struct region) all;
    VEC(uint32_t) slots; /* hash from (parent, condition) to region + 1 */
};

void regions_init(struct regions *regions, struct graph *graph);
void regions_release(struct regions *regions);
/* Forgets all but region 0. */
void regions_clear(struct regions *regions);
/* The part of a region where the condition holds. */
uint32_t region_where(struct regions *regions, uint32_t parent, node_id condition);
/* Joins count > 0 contributions into one, in the deepest region that holds them all. Reorders the array. */
struct contribution regions_fold(struct regions *regions, struct contribution *items, size_t count);

#endif
