/* A map from interned names to numbers. Equal names are equal pointers (support/intern.h), so the pointer is
 * the key. Nothing iterates over it: the order of addresses never shows. */
#ifndef GRADC_SUPPORT_MAP_H
#define GRADC_SUPPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
    const char *key; /* NULL: free */
    uint32_t value;
};

struct map {
    struct map_slot *slots;
    size_t capacity, count;
};

#define MAP_NONE UINT32_MAX

/* The value of a key; MAP_NONE where it has none. */
uint32_t map_get(const struct map *map, const char *key);
/* Sets it; false where memory is exhausted. */
bool map_set(struct map *map, const char *key, uint32_t value);
void map_release(struct map *map);

#endif
