#include "ir/node_map.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 32, MANY = 4096, SPARSE = 8 };

static size_t place_of(const struct node_map *map, uint32_t key) {
    size_t place = (size_t)(key * UINT32_C(2654435769)) & (map->capacity - 1);
    while (map->slots[place].key && map->slots[place].key != key) place = (place + 1) & (map->capacity - 1);
    return place;
}

uint32_t node_map_get(const struct node_map *map, uint32_t key) {
    if (map->values) return key < map->capacity ? map->values[key] : 0;
    return map->capacity ? map->slots[place_of(map, key)].value : 0;
}

static bool fail(struct node_map *map) {
    map->failed = true;
    return false;
}

static bool become_array(struct node_map *map, size_t capacity) {
    uint32_t *values = calloc(capacity, sizeof *values);
    if (!values) return fail(map);
    for (size_t k = 0; k < map->capacity; k++)
        if (map->slots[k].key) values[map->slots[k].key] = map->slots[k].value;
    free(map->slots);
    map->slots = NULL;
    map->values = values;
    map->capacity = capacity;
    return true;
}

static bool grow_slots(struct node_map *map) {
    struct node_map larger = *map;
    larger.capacity = map->capacity ? 2 * map->capacity : SMALLEST;
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) return fail(map);
    for (size_t k = 0; k < map->capacity; k++)
        if (map->slots[k].key) larger.slots[place_of(&larger, map->slots[k].key)] = map->slots[k];
    free(map->slots);
    *map = larger;
    return true;
}

static bool grow_array(struct node_map *map, uint32_t key) {
    size_t capacity = map->capacity;
    while (capacity <= key) capacity *= 2;
    uint32_t *values = realloc(map->values, capacity * sizeof *values);
    if (!values) return fail(map);
    memset(values + map->capacity, 0, (capacity - map->capacity) * sizeof *values);
    map->values = values;
    map->capacity = capacity;
    return true;
}

static bool make_room(struct node_map *map, uint32_t key) {
    if (map->values) return key < map->capacity || grow_array(map, key);
    if (2 * (map->count + 1) <= map->capacity) return true;
    bool dense = map->count >= MANY && map->largest / SPARSE <= map->count && key / SPARSE <= map->count;
    if (!dense) return grow_slots(map);
    return become_array(map, 2 * ((size_t)(key > map->largest ? key : map->largest) + 1));
}

bool node_map_set(struct node_map *map, uint32_t key, uint32_t value) {
    if (!make_room(map, key)) return false;
    if (key > map->largest) map->largest = key;
    if (map->values) {
        map->count += map->values[key] == 0;
        map->values[key] = value;
        return true;
    }
    struct node_slot *slot = &map->slots[place_of(map, key)];
    map->count += slot->key == 0;
    *slot = (struct node_slot){key, value};
    return true;
}

bool node_map_mark(struct node_map *map, uint32_t key) {
    return node_map_get(map, key) == 0 && node_map_set(map, key, 1);
}

void node_map_clear(struct node_map *map) {
    if (map->values || map->capacity > 8 * (map->count + SMALLEST)) {
        node_map_release(map);
        return;
    }
    if (map->count) memset(map->slots, 0, map->capacity * sizeof *map->slots);
    map->count = 0;
    map->largest = 0;
}

void node_map_release(struct node_map *map) {
    free(map->slots);
    free(map->values);
    *map = (struct node_map){.slots = NULL};
}
