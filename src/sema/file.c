#include "sema/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_stream(FILE *stream, size_t *length) {
    size_t capacity = 1 << 16, used = 0;
    char *text = malloc(capacity + 1);
    while (text) {
        used += fread(text + used, 1, capacity - used, stream);
        if (used < capacity) break;
        char *grown = capacity > SIZE_MAX / 4 ? NULL : realloc(text, 2 * capacity + 1);
        if (!grown) free(text);
        text = grown;
        capacity *= 2;
    }
    if (!text) {
        errno = ENOMEM;
        return NULL;
    }
    if (ferror(stream)) {
        free(text);
        return NULL;
    }
    text[used] = 0;
    *length = used;
    return text;
}

char *file_read(const char *path, size_t *length) {
    FILE *stream = fopen(path, "rb");
    if (!stream) return NULL;
    char *text = read_stream(stream, length);
    int reason = errno;
    fclose(stream);
    errno = reason;
    return text;
}

const char *file_beside(struct arena *arena, const char *beside, const char *path) {
    const char *slash = strrchr(beside, '/');
    if (path[0] == '/' || !slash) return arena_text(arena, path, strlen(path));
    return arena_format(arena, "%.*s%s", (int)(slash - beside + 1), beside, path);
}

const char *file_identity(struct arena *arena, const char *path) {
    char *resolved = realpath(path, NULL);
    const char *copy = resolved ? arena_text(arena, resolved, strlen(resolved)) : NULL;
    free(resolved);
    return copy;
}
