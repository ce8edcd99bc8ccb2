#define NLOPT_PLAIN /* here the functions are only named */
#include "descend/nlopt.h"

#ifdef GRADC_LAZY

#include "support/library.h"

struct nlopt nlopt;

bool nlopt_load(void) {
    static const struct library_function functions[] = {NLOPT_FUNCTIONS};
    static struct late_library library = LATE_LIBRARY(NLOPT, functions, NULL);
    return late_library_load(&library);
}

#else

bool nlopt_load(void) {
    return true;
}

#endif
