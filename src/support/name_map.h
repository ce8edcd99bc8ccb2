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

/* The value of the name with that number; NAME_NONE where it has none. */
static inline uint32_t name_map_of_number(const struct name_map *map, uint32_t number) {
    return number < map->values.count ? map->values.at[number] - 1 : NAME_NONE;
}
/* Asks for its memory. */
static inline void name_map_ask(const struct name_map *map, uint32_t number) {
    if (number < map->values.count) __builtin_prefetch(&map->values.at[number]);
}
/* The value of an interned name; NAME_NONE where it has none, and for NULL. */
uint32_t name_map_get(const struct name_map *map, const char *name);
/* Sets it, to less than NAME_NONE; false where memory is exhausted. */
bool name_map_set(struct name_map *map, const char *name, uint32_t value);
void name_map_release(struct name_map *map);

#endif
