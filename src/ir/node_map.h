/* A map from nodes to numbers, as large as what is put into it: a walk through one expression costs what the
 * expression has, not what the whole graph has. Where most nodes of the graph are in it, it is an array. */
#ifndef GRADC_IR_NODE_MAP_H
#define GRADC_IR_NODE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node_slot {
    uint32_t key; /* 0: free */
    uint32_t value;
};

struct node_map {
    struct node_slot *slots; /* NULL: it is an array, or empty */
    uint32_t *values;        /* by key; NULL: it is none */
    size_t capacity, count;
    uint32_t largest; /* key */
    bool failed;      /* memory was exhausted */
};

/* The value of a node; 0 where it has none. */
uint32_t node_map_get(const struct node_map *map, uint32_t key);
/* Sets it; false where memory is exhausted. */
bool node_map_set(struct node_map *map, uint32_t key, uint32_t value);
/* Marks a node; whether it was not marked before. False also where memory is exhausted. */
bool node_map_mark(struct node_map *map, uint32_t key);
/* Takes everything out. */
void node_map_clear(struct node_map *map);
void node_map_release(struct node_map *map);

#endif
