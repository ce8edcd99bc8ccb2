#include "support/map.h"

#include <stdlib.h>

static size_t place(const struct map_slot *slots, size_t capacity, const char *key) {
    uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 17) & (capacity - 1);
    while (slots[at].key && slots[at].key != key) at = (at + 1) & (capacity - 1);
    return at;
}

uint32_t map_get(const struct map *map, const char *key) {
    if (map->count == 0) return MAP_NONE;
    const struct map_slot *slot = &map->slots[place(map->slots, map->capacity, key)];
    return slot->key ? slot->value : (uint32_t)MAP_NONE;
}

static bool grow(struct map *map) {
    size_t capacity = map->capacity ? 2 * map->capacity : 64;
    struct map_slot *slots = calloc(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t k = 0; k < map->capacity; k++)
        if (map->slots[k].key) slots[place(slots, capacity, map->slots[k].key)] = map->slots[k];
    free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

bool map_set(struct map *map, const char *key, uint32_t value) {
    if (2 * (map->count + 1) > map->capacity && !grow(map)) return false;
    struct map_slot *slot = &map->slots[place(map->slots, map->capacity, key)];
    map->count += slot->key == NULL;
    *slot = (struct map_slot){key, value};
    return true;
}

void map_release(struct map *map) {
    free(map->slots);
    *map = (struct map){0};
}
