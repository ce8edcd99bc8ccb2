/* Expansion: composite functions (those with an expansion in the table of operations) become the operations
 * they are made of.
 *
 * Input: a program, after differentiation. Output: the same steps over expressions without composite
 * functions. Nodes made by an expansion carry the span of the function they stand for. */
#ifndef GRADC_IR_EXPAND_H
#define GRADC_IR_EXPAND_H

#include "ir/program.h"

/* False where memory is exhausted. */
bool program_expand(struct program *out, const struct program *p);

/* Expands the expressions whose roots are given, in place; only operations for which `composite` holds
 * (NULL: every one with an expansion). False where memory is exhausted. */
bool expand_nodes(struct graph *g, node_id *roots, size_t count, bool (*composite)(enum op op));

#endif
