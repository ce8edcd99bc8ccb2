#include "formula/node_map.h"

#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct node_map *map, uint32_t key) {
    size_t place = (size_t)(key * UINT32_C(2654435769)) & (map->capacity - 1);
    while (map->slots[place].key && map->slots[place].key != key) place = (place + 1) & (map->capacity - 1);
    return place;
}

uint32_t node_map_get(const struct node_map *map, uint32_t key) {
    return map->capacity ? map->slots[place_of(map, key)].value : 0;
}

static bool grow(struct node_map *map) {
    struct node_map larger = {.capacity = map->capacity ? 2 * map->capacity : 32, .count = map->count};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) {
        map->failed = true;
        return false;
    }
    for (size_t k = 0; k < map->capacity; k++)
        if (map->slots[k].key) larger.slots[place_of(&larger, map->slots[k].key)] = map->slots[k];
    free(map->slots);
    *map = larger;
    return true;
}

bool node_map_set(struct node_map *map, uint32_t key, uint32_t value) {
    if (2 * (map->count + 1) > map->capacity && !grow(map)) return false;
    struct node_slot *slot = &map->slots[place_of(map, key)];
    map->count += slot->key == 0;
    *slot = (struct node_slot){key, value};
    return true;
}

bool node_map_mark(struct node_map *map, uint32_t key) {
    return node_map_get(map, key) == 0 && node_map_set(map, key, 1);
}

void node_map_clear(struct node_map *map) {
    if (map->count) memset(map->slots, 0, map->capacity * sizeof *map->slots);
    map->count = 0;
}

void node_map_release(struct node_map *map) {
    free(map->slots);
    *map = (struct node_map){.slots = NULL};
}
