#define IPOPT_PLAIN /* here the functions are only named */
#include "descend/ipopt.h"

#ifdef GRADC_LAZY

#include <pthread.h>

#include "support/library.h"

struct ipopt ipopt;

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static bool has_ipopt;

#define ENTRY(function) {#function, &ipopt.function},

static void load(void) {
    static const struct library_function functions[] = {IPOPT_FUNCTIONS(ENTRY)};
    has_ipopt = library_load(IPOPT_LIBRARY, IPOPT_PATH, functions, sizeof functions / sizeof *functions);
}

bool ipopt_load(void) {
    pthread_once(&loaded, load);
    return has_ipopt;
}

#else

bool ipopt_load(void) {
    return true;
}

#endif
