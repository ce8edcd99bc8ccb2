#include "support/name_map.h"

#include "support/intern.h"

uint32_t name_map_get(const struct name_map *map, const char *name) {
    return name_map_of_number(map, name ? intern_number(name) : 0);
}

bool name_map_set(struct name_map *map, const char *name, uint32_t value) {
    if (!name) return false;
    uint32_t number = intern_number(name), none = 0;
    while (map->values.count <= number)
        if (!LARGE_PUSH(&map->values, none)) return false;
    map->values.at[number] = value + 1;
    return true;
}

void name_map_release(struct name_map *map) {
    LARGE_FREE(&map->values);
}
