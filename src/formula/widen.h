/* Ranges of a line's indices as a file can declare them: none may depend on another. */
#ifndef GRADC_FORMULA_WIDEN_H
#define GRADC_FORMULA_WIDEN_H

#include "ir/program.h"

/* Replaces ranges that use indices before them by the widest that these allow; returns the condition under
 * which an element lies in the ranges as they were, true where nothing changed. A range whose extremes are
 * not found stays. */
node_id widen_ranges(struct program *p, const index_id *indices, struct dimension *ranges, uint32_t rank);
/* The range of index number k with the extremes of the indices before it that it uses; 0 where one is not
 * found. */
struct dimension widest_range(struct graph *g, const index_id *indices, const struct dimension *ranges,
                              uint32_t k);

#endif
