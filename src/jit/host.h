/* The machine that native code is made for. */
#ifndef GRADC_JIT_HOST_H
#define GRADC_JIT_HOST_H

#include "support/digest.h"

/* The version of LLVM, such as "19.1.7". */
const char *host_llvm_version(void);
/* What the processor calls itself, or LLVM calls it; to be freed by the caller. NULL where memory is
 * exhausted. */
char *host_cpu_name(void);

/* What decides which code this processor runs best. */
void host_add_features(struct digest *d);

#endif
