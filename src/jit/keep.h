/* Native code that is kept on disk (support/store.h) from one process to the next: the object files that LLVM
 * made, to be linked without it (jit/image.h). */
#ifndef GRADC_JIT_KEEP_H
#define GRADC_JIT_KEEP_H

#include "jit/machine.h"
#include "support/digest.h"

/* The code under a key, and how many doubles of scratch memory it wants; NULL where there is none. */
struct kernel_machine *keep_find(const char *folder, const unsigned char key[DIGEST_BYTES], size_t *scratch);
/* Keeps code: objects as machine_link has collected them. */
void keep_code(const char *folder, const unsigned char key[DIGEST_BYTES], size_t scratch,
               const struct text *objects);

#endif
