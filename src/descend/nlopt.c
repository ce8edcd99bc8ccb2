#define NLOPT_PLAIN /* here the functions are only named */
#include "descend/nlopt.h"

#ifdef GRADC_LAZY

#include <pthread.h>

#include "support/library.h"

struct nlopt nlopt;

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static bool has_nlopt;

#define ENTRY(function) {#function, &nlopt.function},

static void load(void) {
    static const struct library_function functions[] = {NLOPT_FUNCTIONS(ENTRY)};
    has_nlopt = library_load(NLOPT_LIBRARY, NLOPT_PATH, functions, sizeof functions / sizeof *functions);
}

bool nlopt_load(void) {
    pthread_once(&loaded, load);
    return has_nlopt;
}

#else

bool nlopt_load(void) {
    return true;
}

#endif
