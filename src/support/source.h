/* Source texts and places in them.
 *
 * A span is a half-open byte range of one source; lines and columns are computed when a message is shown.
 * Sources belong to the set that loaded them, which lives as long as the compilation. */
#ifndef GRADC_SUPPORT_SOURCE_H
#define GRADC_SUPPORT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/vec.h"

struct span {
    uint32_t source; /* index in the set, from 1; 0: no place */
    uint32_t begin, end;
};

struct source {
    const char *name; /* as the user gave it; shown in messages */
    const char *text; /* NUL-terminated */
    uint32_t length;
};

struct source_set {
    struct arena *arena;
    VEC(struct source) sources;
};

struct position {
    uint32_t line, column; /* from 1; columns count code points */
};

void source_set_init(struct source_set *set, struct arena *arena);
void source_set_release(struct source_set *set);
/* Adds a copy of a text; returns its index, 0 where memory is exhausted or the text exceeds 4 GiB. */
uint32_t source_add(struct source_set *set, const char *name, const char *text, size_t length);
/* Borrowed; NULL for index 0 and unknown indices. */
const struct source *source_get(const struct source_set *set, uint32_t index);
struct position source_position(const struct source *source, uint32_t offset);
/* The line that holds the offset, without its end; its length goes to *length. */
const char *source_line(const struct source *source, uint32_t offset, size_t *length);
/* The empty span at the end of another. */
struct span span_behind(struct span span);
/* The smallest span that covers both; a span without a place yields to the other. */
static inline struct span span_join(struct span a, struct span b) {
    if (!a.source) return b;
    if (!b.source || a.source != b.source) return a;
    return (struct span){a.source, a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

#endif
