/* A map from the names of one table (support/intern.h) to numbers, by the names' own numbers: four bytes a
 * name.
 */
#ifndef GRADC_SUPPORT_NAME_MAP_H
#define GRADC_SUPPORT_NAME_MAP_H

#include <stdint.h>

#include "support/large.h"

struct name_map {
    LARGE(uint32_t) values; /* plus 1; 0: none */
};

#define NAME_NONE UINT32_MAX

/* The value of an interned name; NAME_NONE where it has none, and for NULL. */
uint32_t name_map_get(const struct name_map *map, const char *name);
/* Sets it, to less than NAME_NONE; false where memory is exhausted. */
bool name_map_set(struct name_map *map, const char *name, uint32_t value);
void name_map_release(struct name_map *map);

#endif
