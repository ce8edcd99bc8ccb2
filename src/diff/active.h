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
    bool *read;        /* per array: a node reads it */
    bool *node_varies; /* per node of the graph as it was */
    size_t node_count;
};

/* False where memory is exhausted. */
bool activity_find(struct activity *activity, const struct program *p, const array_id *outputs,
                   size_t output_count, const array_id *wrt, size_t wrt_count);
void activity_release(struct activity *activity);
/* Whether the node varies; nodes made since are taken not to. */
static inline bool node_varies(const struct activity *activity, node_id n) {
    return n < activity->node_count && activity->node_varies[n];
}
/* Whether derivatives pass through operand k of a node. */
static inline bool operand_passes(const struct graph *g, node_id n, uint32_t k) {
    enum op op = node_op(g, n);
    if (op == OP_SELECT) return k > 0;
    if (op == OP_POWI) return k == 0;
    return op != OP_READ && op != OP_TO_REAL && node_type(g, n) == TYPE_REAL;
}

#endif
