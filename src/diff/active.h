/* Which values a derivative must follow: those that depend on the unknowns and influence an output.
 *
 * Comparisons, integers, and arrays that are constant in derivatives pass nothing on. Linear in nodes and
 * steps, times the rounds until nothing changes (the number of arrays that feed back into earlier ones,
 * usually one or two). */
#ifndef GRADC_DIFF_ACTIVE_H
#define GRADC_DIFF_ACTIVE_H

#include "ir/program.h"

struct activity {
    bool *varies;      /* per array: its value depends on the unknowns */
    bool *active;      /* per array: and an output depends on it */
    bool *node_varies; /* per node of the graph as it was */
    size_t node_count;
};

/* False where memory is exhausted. */
bool activity_find(struct activity *activity, const struct program *p, const array_id *outputs,
                   size_t output_count, const array_id *wrt, size_t wrt_count);
void activity_release(struct activity *activity);
/* Whether the node varies; nodes made since are taken not to. */
bool node_varies(const struct activity *activity, node_id n);
/* Whether derivatives pass through operand k of a node. */
bool operand_passes(const struct graph *g, node_id n, uint32_t k);

#endif
