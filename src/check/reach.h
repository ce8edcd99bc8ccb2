/* Which nodes of the graph a program uses, and which of them depend on the unknowns. */
#ifndef GRADC_CHECK_REACH_H
#define GRADC_CHECK_REACH_H

#include "ir/program.h"

struct reach {
    bool *used;   /* by node: in a value, a condition, a bound or a subscript */
    bool *varies; /* by node: real, used, and depends on an unknown */
    size_t node_count;
};

/* False where memory is exhausted; release in either case. */
bool reach_find(struct reach *reach, const struct program *p, const array_id *outputs, size_t output_count,
                const array_id *unknowns, size_t unknown_count);
void reach_release(struct reach *reach);
/* Whether an operand of the node depends on an unknown. */
bool reach_operand_varies(const struct reach *reach, const struct graph *g, node_id n);

#endif
