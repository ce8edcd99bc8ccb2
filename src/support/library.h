/* Shared libraries that are loaded when they are first needed: what starts without them starts in a tenth of
 * the time. */
#ifndef GRADC_SUPPORT_LIBRARY_H
#define GRADC_SUPPORT_LIBRARY_H

#include <pthread.h>
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

/* A library that is loaded once, by whichever thread asks first. */
struct late_library {
    const char *name, *other;
    const struct library_function *functions;
    size_t count;
    bool (*prepare)(void); /* called once after it; NULL: nothing is to be done */
    pthread_mutex_t lock;
    bool tried, there;
};

/* The initial value: `names` is what gradc_lazy (cmake/Lazy.cmake) calls its library, `table` an array of
 * NAMES_FUNCTIONS. */
#define LATE_LIBRARY(names, table, prepared)                                                                 \
    {                                                                                                        \
        .name = names##_LIBRARY, .other = names##_PATH, .functions = (table),                                \
        .count = sizeof(table) / sizeof *(table), .prepare = (prepared), .lock = PTHREAD_MUTEX_INITIALIZER   \
    }

/* Whether it is there and prepared; loads it the first time. */
bool late_library_load(struct late_library *library);

#endif
