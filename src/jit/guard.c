#include "jit/guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>

#include "jit/llvm.h"

/* The innermost guarded work of a thread. It stands outside the function that calls setjmp, so that it keeps
 * its contents over the jump. */
struct guard {
    jmp_buf back;
    char *reason;
    size_t size;
    struct guard *outer;
};

static _Thread_local struct guard *current;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void leave(const char *reason) {
    struct guard *guard = current;
    if (!guard) return;
    snprintf(guard->reason, guard->size, "%s", reason);
    current = guard->outer;
    longjmp(guard->back, 1);
}

static void install(void) {
    LLVMInstallFatalErrorHandler(leave);
}

static enum guarded enter(struct guard *guard, bool (*work)(void *context), void *context) {
    if (setjmp(guard->back)) return GUARDED_LOST;
    current = guard;
    bool good = work(context);
    current = guard->outer;
    return good ? GUARDED_DONE : GUARDED_FAILED;
}

enum guarded guard_run(bool (*work)(void *context), void *context, char *reason, size_t size) {
    struct guard guard = {.reason = reason, .size = size, .outer = current};
    pthread_once(&installed, install);
    return enter(&guard, work, context);
}
