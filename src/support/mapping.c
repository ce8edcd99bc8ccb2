#define _DEFAULT_SOURCE /* for madvise */
#include "support/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that comes from a descriptor. */
static bool read_stream(struct mapping *m, int descriptor) {
    size_t capacity = 1 << 16;
    char *text = malloc(capacity);
    while (text) {
        ssize_t got = read(descriptor, text + m->length, capacity - m->length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            m->at = text;
            m->is_read = true;
            return got == 0;
        }
        m->length += (size_t)got;
        if (m->length < capacity) continue;
        char *grown = capacity > SIZE_MAX / 4 ? NULL : realloc(text, 2 * capacity);
        if (!grown) free(text);
        text = grown;
        capacity *= 2;
    }
    errno = ENOMEM;
    return false;
}

static bool map_file(struct mapping *m, int descriptor, size_t length) {
    void *at = mmap(NULL, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (at == MAP_FAILED) return false;
    madvise(at, length, MADV_SEQUENTIAL);
    m->at = at;
    m->length = length;
    return true;
}

static bool open_descriptor(struct mapping *m, int descriptor) {
    struct stat s;
    if (fstat(descriptor, &s) != 0) return false;
    if (S_ISREG(s.st_mode) && s.st_size > 0 && map_file(m, descriptor, (size_t)s.st_size)) return true;
    return read_stream(m, descriptor);
}

bool mapping_open(struct mapping *m, const char *path) {
    *m = (struct mapping){.at = ""};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    bool good = open_descriptor(m, descriptor);
    int reason = errno;
    close(descriptor);
    if (!good) mapping_release(m);
    errno = reason;
    return good;
}

void mapping_release(struct mapping *m) {
    if (m->is_read)
        free((void *)(uintptr_t)m->at);
    else if (m->length)
        munmap((void *)(uintptr_t)m->at, m->length);
    *m = (struct mapping){.at = ""};
}
