/* Shared libraries that are loaded when they are first needed: what starts without them starts in a tenth of
 * the time. */
#ifndef GRADC_SUPPORT_LIBRARY_H
#define GRADC_SUPPORT_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct library_function {
    const char *name;
    void *place; /* of the pointer to the function */
};

/* Loads the library by one of two names (the second may be NULL) and sets the pointers. False where it is not
 * there, or lacks a function. It is never unloaded. */
bool library_load(const char *name, const char *other, const struct library_function *functions,
                  size_t count);

#endif
