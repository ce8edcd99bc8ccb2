/* Work by LLVM that may end in one of its fatal errors.
 *
 * LLVM reports those to one handler of the process and exits when that returns. Ours, installed once, leaves
 * the work by a jump instead; in threads without guarded work it does nothing, and LLVM exits as ever. What
 * the work has made is lost then: LLVM's objects are in no state to be disposed of. */
#ifndef GRADC_JIT_GUARD_H
#define GRADC_JIT_GUARD_H

#include <stdbool.h>
#include <stddef.h>

enum guarded { GUARDED_DONE, GUARDED_FAILED, GUARDED_LOST };

/* Does the work: done or failed as it says; lost, with LLVM's reason, after a fatal error. */
enum guarded guard_run(bool (*work)(void *context), void *context, char *reason, size_t size);

#endif
