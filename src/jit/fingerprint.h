/* What native code is made from, as a digest: the program, the options, the processor, and the versions of
 * what makes it. Programs whose nodes have been made in the same order give the same digest. */
#ifndef GRADC_JIT_FINGERPRINT_H
#define GRADC_JIT_FINGERPRINT_H

#include "jit/kernel.h"
#include "support/digest.h"

/* False where memory is exhausted. */
bool fingerprint(const struct program *p, const struct kernel_options *options,
                 unsigned char key[DIGEST_BYTES]);

#endif
