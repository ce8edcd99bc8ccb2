/* A map from nodes to numbers, as large as what is put into it: a walk through one expression costs what the
 * expression has, not what the whole graph has. */
#ifndef GRADC_FORMULA_NODE_MAP_H
#define GRADC_FORMULA_NODE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node_slot {
    uint32_t key; /* 0: free */
    uint32_t value;
};

struct node_map {
    struct node_slot *slots;
    size_t capacity, count;
    bool failed; /* memory was exhausted */
};

/* The value of a node; 0 where it has none. */
uint32_t node_map_get(const struct node_map *map, uint32_t key);
/* Sets it; false where memory is exhausted. */
bool node_map_set(struct node_map *map, uint32_t key, uint32_t value);
/* Marks a node; whether it was not marked before. False also where memory is exhausted. */
bool node_map_mark(struct node_map *map, uint32_t key);
/* Takes everything out and keeps the room. */
void node_map_clear(struct node_map *map);
void node_map_release(struct node_map *map);

#endif
