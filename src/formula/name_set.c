#include "formula/name_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct name_set *set, const char *name) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    size_t place = (size_t)hash & (set->capacity - 1);
    while (set->slots[place] && strcmp(set->slots[place], name) != 0)
        place = (place + 1) & (set->capacity - 1);
    return place;
}

bool name_set_has(const struct name_set *set, const char *name) {
    return set->capacity > 0 && set->slots[place_of(set, name)] != NULL;
}

static bool grow(struct name_set *set) {
    struct name_set larger = {.capacity = set->capacity ? 2 * set->capacity : 64, .count = set->count};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t k = 0; k < set->capacity; k++)
        if (set->slots[k]) larger.slots[place_of(&larger, set->slots[k])] = set->slots[k];
    free(set->slots);
    *set = larger;
    return true;
}

bool name_set_add(struct name_set *set, const char *name) {
    if (2 * (set->count + 1) > set->capacity && !grow(set)) return false;
    const char **slot = &set->slots[place_of(set, name)];
    set->count += *slot == NULL;
    *slot = name;
    return true;
}

void name_set_release(struct name_set *set) {
    free(set->slots);
    *set = (struct name_set){.slots = NULL};
}
