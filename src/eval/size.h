/* How large a program is. */
#ifndef GRADC_EVAL_SIZE_H
#define GRADC_EVAL_SIZE_H

#include "ir/program.h"

/* How many different nodes the expressions of a program consist of; other programs may share its graph. 0
 * where memory is exhausted. */
size_t program_node_count(const struct program *p);

#endif
