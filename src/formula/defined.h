/* Where an expression can be evaluated: whether the elements that it reads exist. */
#ifndef GRADC_FORMULA_DEFINED_H
#define GRADC_FORMULA_DEFINED_H

#include "formula/sheet.h"

/* Whether an expression may stand in a line of its own, outside of the conditions around its uses: `guard`
 * becomes the condition on its indices under which it is defined, perhaps true. `guards` knows those of parts
 * that have lines already. */
bool defined_find_guard(struct sheet *s, node_id root, const index_id *indices,
                        const struct dimension *ranges, uint32_t count, const struct node_map *guards,
                        node_id *guard);

#endif
