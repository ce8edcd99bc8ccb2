/* A bump allocator: everything of one compilation lives in one arena and is released with it.
 *
 * Pieces are zeroed and aligned to 16 bytes. Allocation returns NULL when memory is exhausted; the failure is
 * sticky (arena_failed) so that a pass may check once at its end. An arena is used by one thread at a time.
 */
#ifndef GRADC_SUPPORT_ARENA_H
#define GRADC_SUPPORT_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks;
    size_t used;        /* bytes handed out */
    size_t chunk_bytes; /* of a usual chunk; 0: 64 KiB, and more in a large arena */
    bool failed;        /* an allocation was refused */
};

/* Starts an empty arena; no memory is taken yet. */
void arena_init(struct arena *arena);
/* Releases every chunk; the arena is empty and usable again. */
void arena_release(struct arena *arena);
/* Forgets all pieces; a chunk stays, so that filling and clearing an arena again and again costs little. */
void arena_clear(struct arena *arena);
/* Takes over the pieces of another arena, which is empty then. */
void arena_take(struct arena *arena, struct arena *from);
/* Zeroed memory of the given size, or NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* Zeroed memory for count objects of the given size; NULL also where the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A NUL-terminated copy of length bytes. */
char *arena_text(struct arena *arena, const char *text, size_t length);
/* A formatted string in the arena. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (size_t)(count), sizeof(type)))

#endif
