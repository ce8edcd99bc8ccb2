#include "support/vec.h"

#include <stdint.h>

bool vec_reserve(void **at, size_t *capacity, size_t wanted, size_t size) {
    if (wanted <= *capacity) return true;
    size_t least = size < 8 ? 64 / size : 8, grown = *capacity < least ? least : *capacity * 2;
    if (grown < wanted) grown = wanted;
    if (grown > SIZE_MAX / size) return false;
    void *moved = realloc(*at, grown * size);
    if (!moved) return false;
    *at = moved;
    *capacity = grown;
    return true;
}
