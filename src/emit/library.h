/* The special functions that an emitted file calls, as part of that file. */
#ifndef GRADC_EMIT_LIBRARY_H
#define GRADC_EMIT_LIBRARY_H

#include <stdbool.h>

#include "ir/ops.h"
#include "support/text.h"

/* Adds the definitions of the functions of src/special among `ops`, and of all they use, as static ones
 * (the helper HELPER_APART stands before them). False where memory is exhausted. */
bool emit_library(const bool ops[OP_COUNT], struct text *out);
/* The same as a file of its own, whose functions others call as PREFIX_digamma for gradc_digamma; nothing
 * where none is marked. False where memory is exhausted. */
bool emit_companion(const char *prefix, const bool ops[OP_COUNT], struct text *out);

#endif
