#define _GNU_SOURCE /* for mremap */
#include "support/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FROM_SYSTEM = 256 * 1024, LEAST = 64 };

static void *map(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

void *large_new(size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) return NULL;
    size_t bytes = count * size;
    return bytes < FROM_SYSTEM ? calloc(bytes ? bytes : 1, 1) : map(bytes);
}

void large_free(void *at, size_t count, size_t size) {
    if (!at) return;
    if (count * size < FROM_SYSTEM)
        free(at);
    else
        munmap(at, count * size);
}

static void *map_longer(void *at, size_t bytes, size_t wanted) {
#ifdef MREMAP_MAYMOVE
    void *moved = mremap(at, bytes, wanted, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
#else
    void *moved = map(wanted);
    if (moved) memcpy(moved, at, bytes);
    if (moved) munmap(at, bytes);
    return moved;
#endif
}

static void *lengthen(void *at, size_t bytes, size_t wanted) {
    if (wanted < FROM_SYSTEM) return realloc(at, wanted);
    if (bytes >= FROM_SYSTEM) return map_longer(at, bytes, wanted);
    void *moved = map(wanted);
    if (moved && bytes) memcpy(moved, at, bytes);
    if (moved) free(at);
    return moved;
}

bool large_reserve(void **at, size_t *room, size_t wanted, size_t size) {
    if (wanted <= *room) return true;
    size_t least = LEAST / size + 8, grown = *room < least ? least : *room * 2;
    if (grown < wanted) grown = wanted;
    if (grown > SIZE_MAX / size) return false;
    void *moved = lengthen(*at, *room * size, grown * size);
    if (!moved) return false;
    *at = moved;
    *room = grown;
    return true;
}
