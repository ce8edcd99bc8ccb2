/* A set of names. */
#ifndef GRADC_FORMULA_NAME_SET_H
#define GRADC_FORMULA_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>

struct name_set {
    const char **slots; /* NULL: free */
    size_t capacity, count;
};

bool name_set_has(const struct name_set *set, const char *name);
/* Adds a name, which is borrowed. False where memory is exhausted. */
bool name_set_add(struct name_set *set, const char *name);
void name_set_release(struct name_set *set);

#endif
