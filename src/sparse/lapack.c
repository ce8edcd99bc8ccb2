#define LAPACK_PLAIN /* here the functions are only named */
#include "sparse/lapack.h"

#ifdef GRADC_LAZY

#include "support/library.h"

struct lapack lapack;

bool lapack_load(void) {
    static const struct library_function functions[] = {LAPACK_FUNCTIONS};
    static struct late_library library = LATE_LIBRARY(LAPACK, functions, NULL);
    return late_library_load(&library);
}

#else

bool lapack_load(void) {
    return true;
}

#endif
