/* Entries that are the same but for the names of their indices. */
#ifndef GRADC_FORMULA_ALIKE_H
#define GRADC_FORMULA_ALIKE_H

#include "formula/sheet.h"

/* An array with what it is, in numbers. */
struct alike {
    array_id array;
    uint32_t *numbers;
    size_t size;
    uint32_t next; /* another of the same hash, plus 1 */
};

/* Arrays by what they are. */
struct alike_map {
    struct node_map of_hash; /* the newest with that hash, plus 1 */
    VEC(struct alike) all;
    VEC(index_id) places; /* indices that stand for those of entries */
};

/* The array that is the same as this entry; 0: none. */
array_id alike_find(struct alike_map *map, struct sheet *s, const struct entry *entry);
/* Makes an entry known. False where memory is exhausted. */
bool alike_add(struct alike_map *map, struct sheet *s, array_id array);
void alike_map_release(struct alike_map *map);

#endif
