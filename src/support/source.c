#include "support/source.h"

#include <string.h>

void source_set_init(struct source_set *set, struct arena *arena) {
    *set = (struct source_set){.arena = arena};
}

void source_set_release(struct source_set *set) {
    VEC_FREE(&set->sources);
}

uint32_t source_add(struct source_set *set, const char *name, const char *text, size_t length) {
    if (length >= UINT32_MAX) return 0;
    struct source source = {
        .name = arena_text(set->arena, name, strlen(name)),
        .text = arena_text(set->arena, text, length),
        .length = (uint32_t)length,
    };
    if (!source.name || !source.text || !VEC_PUSH(&set->sources, source)) return 0;
    return (uint32_t)set->sources.count;
}

const struct source *source_get(const struct source_set *set, uint32_t index) {
    return index && index <= set->sources.count ? &set->sources.at[index - 1] : NULL;
}

/* A line ends at LF, CR or CR LF. */
static uint32_t line_begin(const struct source *source, uint32_t offset) {
    while (offset > 0 && source->text[offset - 1] != '\n' &&
           !(source->text[offset - 1] == '\r' && source->text[offset] != '\n'))
        offset--;
    return offset;
}

struct position source_position(const struct source *source, uint32_t offset) {
    struct position position = {1, 1};
    if (offset > source->length) offset = source->length;
    uint32_t begin = line_begin(source, offset);
    for (uint32_t i = 0; i < begin; i++) {
        if (source->text[i] == '\n' || (source->text[i] == '\r' && source->text[i + 1] != '\n'))
            position.line++;
    }
    for (uint32_t i = begin; i < offset; i++) {
        if (((unsigned char)source->text[i] & 0xC0) != 0x80) position.column++;
    }
    return position;
}

const char *source_line(const struct source *source, uint32_t offset, size_t *length) {
    if (offset > source->length) offset = source->length;
    const char *begin = source->text + line_begin(source, offset);
    *length = strcspn(begin, "\r\n");
    return begin;
}

struct span span_behind(struct span span) {
    return (struct span){span.source, span.end, span.end};
}
