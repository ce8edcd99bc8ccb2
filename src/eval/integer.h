/* Integer expressions and conditions on integers at given loop indices: exact 64-bit arithmetic whose every
 * failure is an error ("integer-overflow", "inexact-division", "division-by-zero", "index-out-of-range"). */
#ifndef GRADC_EVAL_INTEGER_H
#define GRADC_EVAL_INTEGER_H

#include "eval/walk.h"

/* One operation on two integers (the second is ignored by operations of one). NULL, or the code of the error
 * with its message. */
const char *integer_apply(enum op op, int64_t a, int64_t b, int64_t *value, const char **message);

/* The value of a node, conditions as 0 and 1; index_values by index_id, NULL where no index occurs. False,
 * with an error at the node that failed. For many values keep a walk (eval/walk.h) instead. */
bool integer_evaluate(const struct binding *b, const int64_t *index_values, node_id n, int64_t *value,
                      struct diag_list *diags);

#endif
