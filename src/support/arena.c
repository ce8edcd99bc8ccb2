#include "support/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/large.h"

enum { CHUNK_BYTES = 64 * 1024, LARGEST_CHUNK = 4 * 1024 * 1024, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    size_t used;
    size_t padding; /* keeps the payload aligned */
};

void arena_init(struct arena *arena) {
    *arena = (struct arena){0};
}

void arena_release(struct arena *arena) {
    for (struct arena_chunk *chunk = arena->chunks; chunk;) {
        struct arena_chunk *next = chunk->next;
        large_free(chunk, sizeof *chunk + chunk->size, 1);
        chunk = next;
    }
    arena_init(arena);
}

void arena_clear(struct arena *arena) {
    struct arena_chunk *first = arena->chunks;
    if (!first) return;
    struct arena rest = {.chunks = first->next};
    arena_release(&rest);
    memset(first + 1, 0, first->used);
    first->next = NULL;
    first->used = 0;
    arena->used = 0;
}

void arena_take(struct arena *arena, struct arena *from) {
    struct arena_chunk **end = &from->chunks;
    while (*end) end = &(*end)->next;
    /* Behind the current chunk, whose room stays usable. */
    struct arena_chunk **place = arena->chunks ? &arena->chunks->next : &arena->chunks;
    *end = *place;
    *place = from->chunks;
    arena->used += from->used;
    arena->failed |= from->failed;
    *from = (struct arena){.chunk_bytes = from->chunk_bytes};
}

/* Large arenas have few chunks. */
static size_t usual_chunk(const struct arena *arena) {
    size_t part = arena->used / 4;
    if (arena->chunk_bytes) return arena->chunk_bytes;
    return part < CHUNK_BYTES ? CHUNK_BYTES : part < LARGEST_CHUNK ? part : LARGEST_CHUNK;
}

static struct arena_chunk *add_chunk(struct arena *arena, size_t size) {
    size_t usual = usual_chunk(arena);
    size_t payload = size > usual ? size : usual;
    if (payload > SIZE_MAX - sizeof(struct arena_chunk)) return NULL;
    struct arena_chunk *chunk = large_new(sizeof *chunk + payload, 1);
    if (!chunk) return NULL;
    chunk->size = payload;
    /* A large piece gets a chunk of its own behind the current one, whose room stays usable. */
    if (arena->chunks && size > usual) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - ALIGNMENT) {
        arena->failed = true;
        return NULL;
    }
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size == 0) size = ALIGNMENT;
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < size) chunk = add_chunk(arena, size);
    if (!chunk) {
        arena->failed = true;
        return NULL;
    }
    void *piece = (char *)(chunk + 1) + chunk->used;
    chunk->used += size;
    arena->used += size;
    return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) {
        arena->failed = true;
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

char *arena_text(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (copy && length) memcpy(copy, text, length);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
