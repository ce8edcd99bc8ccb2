#define IPOPT_PLAIN /* here the functions are only named */
#include "descend/ipopt.h"

#ifdef GRADC_LAZY

#include "support/library.h"

struct ipopt ipopt;

bool ipopt_load(void) {
    static const struct library_function functions[] = {IPOPT_FUNCTIONS};
    static struct late_library library = LATE_LIBRARY(IPOPT, functions, NULL);
    return late_library_load(&library);
}

#else

bool ipopt_load(void) {
    return true;
}

#endif
