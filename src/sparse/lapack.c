#define LAPACK_PLAIN /* here the functions are only named */
#include "sparse/lapack.h"

#ifdef GRADC_LAZY

#include <pthread.h>

#include "support/library.h"

struct lapack lapack;

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static bool has_lapack;

#define ENTRY(function) {#function, &lapack.function},

static void load(void) {
    static const struct library_function functions[] = {LAPACK_FUNCTIONS(ENTRY)};
    has_lapack = library_load(LAPACK_LIBRARY, LAPACK_PATH, functions, sizeof functions / sizeof *functions);
}

bool lapack_load(void) {
    pthread_once(&loaded, load);
    return has_lapack;
}

#else

bool lapack_load(void) {
    return true;
}

#endif
