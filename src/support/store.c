#include "support/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/vec.h"

/* A file begins with these bytes and the digest of the rest. */
static const char magic[8] = "gradc\0\0\1";
enum { HEAD = sizeof magic + DIGEST_BYTES, NAME = 2 * DIGEST_BYTES };
static const char unfinished[] = "unfinished-";
static const time_t oldest_unfinished = 3600;

/* ---- The folder ---- */

static bool is_ours(const struct stat *s) {
    return s->st_uid == geteuid() && (s->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* -1 where it is not there, or not to be trusted. */
static int open_folder(const char *folder) {
    struct stat s;
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 || (fstat(descriptor, &s) == 0 && is_ours(&s))) return descriptor;
    close(descriptor);
    return -1;
}

static void make_folder(const char *folder) {
    size_t length = strlen(folder);
    char *path = malloc(length + 1);
    if (!path) return;
    memcpy(path, folder, length + 1);
    for (size_t k = 1; k <= length; k++) {
        if (path[k] != '/' && path[k] != '\0') continue;
        path[k] = '\0';
        mkdir(path, S_IRWXU); /* where it is there already, that is as good */
        path[k] = folder[k];
    }
    free(path);
}

static void name_of(const unsigned char key[DIGEST_BYTES], char name[NAME + 1]) {
    for (int k = 0; k < DIGEST_BYTES; k++) snprintf(name + 2 * k, 3, "%02x", key[k]);
}

static bool is_kept_name(const char *name) {
    return strlen(name) == NAME && strspn(name, "0123456789abcdef") == NAME;
}

/* ---- Finding ---- */

static unsigned char *read_all(int descriptor, size_t length) {
    unsigned char *bytes = malloc(length + 1);
    size_t done = 0;
    while (bytes && done < length) {
        ssize_t got = read(descriptor, bytes + done, length - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += (size_t)got;
    }
    if (bytes && done == length) return bytes;
    free(bytes);
    return NULL;
}

static bool is_whole(const unsigned char *file, size_t length) {
    struct digest d;
    unsigned char found[DIGEST_BYTES];
    if (length < HEAD || memcmp(file, magic, sizeof magic) != 0) return false;
    digest_begin(&d);
    digest_add(&d, file + HEAD, length - HEAD);
    digest_end(&d, found);
    return memcmp(file + sizeof magic, found, DIGEST_BYTES) == 0;
}

static unsigned char *find(int folder, const char *name, size_t *length) {
    struct stat s;
    int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return NULL;
    bool good = fstat(descriptor, &s) == 0 && S_ISREG(s.st_mode) && is_ours(&s) && s.st_size >= HEAD;
    unsigned char *file = good ? read_all(descriptor, (size_t)s.st_size) : NULL;
    if (file) futimens(descriptor, NULL); /* it has been used */
    close(descriptor);
    if (!file) return NULL;
    *length = (size_t)s.st_size - HEAD;
    if (is_whole(file, (size_t)s.st_size)) {
        memmove(file, file + HEAD, *length);
        return file;
    }
    unlinkat(folder, name, 0);
    free(file);
    return NULL;
}

unsigned char *store_find(const char *folder, const unsigned char key[DIGEST_BYTES], size_t *length) {
    char name[NAME + 1];
    int descriptor = open_folder(folder);
    if (descriptor < 0) return NULL;
    name_of(key, name);
    unsigned char *contents = find(descriptor, name, length);
    close(descriptor);
    return contents;
}

/* ---- What there is ---- */

struct kept_file {
    char name[NAME + 1];
    struct timespec used;
    uint64_t bytes;
};

typedef VEC(struct kept_file) file_list;

static void note_file(int folder, const char *name, file_list *files) {
    struct kept_file file;
    struct stat s;
    if (fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(s.st_mode)) return;
    bool left = strncmp(name, unfinished, strlen(unfinished)) == 0;
    if (left && time(NULL) - s.st_mtime > oldest_unfinished) unlinkat(folder, name, 0);
    if (!is_kept_name(name)) return;
    memcpy(file.name, name, sizeof file.name);
    file.used = s.st_mtim;
    file.bytes = (uint64_t)s.st_size;
    VEC_PUSH(files, file);
}

/* Lists the files, and removes what processes that were ended have left. */
static bool list_files(int folder, file_list *files) {
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream && copy >= 0) close(copy);
    if (!stream) return false;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        note_file(folder, entry->d_name, files);
    closedir(stream);
    return !files->failed;
}

static struct store_state state_of(const file_list *files) {
    struct store_state state = {.files = files->count};
    for (size_t k = 0; k < files->count; k++) state.bytes += files->at[k].bytes;
    return state;
}

bool store_look(const char *folder, struct store_state *state) {
    file_list files = {0};
    int descriptor = open_folder(folder);
    bool good = descriptor >= 0 && list_files(descriptor, &files);
    *state = state_of(&files);
    if (descriptor >= 0) close(descriptor);
    VEC_FREE(&files);
    return good;
}

bool store_clear(const char *folder, struct store_state *removed) {
    file_list files = {0};
    int descriptor = open_folder(folder);
    bool good = descriptor >= 0 && list_files(descriptor, &files);
    *removed = (struct store_state){0};
    for (size_t k = 0; k < files.count; k++) {
        if (unlinkat(descriptor, files.at[k].name, 0) != 0) continue;
        removed->files++;
        removed->bytes += files.at[k].bytes;
    }
    if (descriptor >= 0) close(descriptor);
    VEC_FREE(&files);
    return good;
}

static int longest_unused_first(const void *a, const void *b) {
    const struct kept_file *x = a, *y = b;
    if (x->used.tv_sec != y->used.tv_sec) return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec) return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Down to three quarters of the limit, so that not every new file asks for it again. */
static void make_room(int folder, uint64_t limit) {
    file_list files = {0};
    if (list_files(folder, &files)) {
        uint64_t bytes = state_of(&files).bytes;
        if (bytes > limit) qsort(files.at, files.count, sizeof *files.at, longest_unused_first);
        for (size_t k = 0; bytes > limit && k < files.count; k++) {
            if (unlinkat(folder, files.at[k].name, 0) == 0) bytes -= files.at[k].bytes;
            if (bytes <= limit / 4 * 3) break;
        }
    }
    VEC_FREE(&files);
}

/* ---- Keeping ---- */

static bool write_all(int descriptor, const void *bytes, size_t length) {
    const unsigned char *from = bytes;
    while (length > 0) {
        ssize_t written = write(descriptor, from, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        from += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_file(int descriptor, const unsigned char *contents, size_t length) {
    struct digest d;
    unsigned char sum[DIGEST_BYTES];
    digest_begin(&d);
    digest_add(&d, contents, length);
    digest_end(&d, sum);
    return write_all(descriptor, magic, sizeof magic) && write_all(descriptor, sum, sizeof sum) &&
           write_all(descriptor, contents, length);
}

/* Under another name first: nobody sees a part of it. */
static bool keep(int folder, const char *name, const unsigned char *contents, size_t length) {
    char other[sizeof unfinished + 64];
    int descriptor = -1;
    for (int tries = 0; tries < 100 && descriptor < 0; tries++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        snprintf(other, sizeof other, "%s%ld-%ld-%d", unfinished, (long)getpid(), (long)now.tv_nsec, tries);
        descriptor = openat(folder, other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (descriptor < 0 && errno != EEXIST) return false;
    }
    if (descriptor < 0) return false;
    bool good = write_file(descriptor, contents, length);
    good = close(descriptor) == 0 && good;
    good = good && renameat(folder, other, folder, name) == 0;
    if (!good) unlinkat(folder, other, 0);
    return good;
}

void store_keep(const char *folder, const unsigned char key[DIGEST_BYTES], const unsigned char *contents,
                size_t length, uint64_t limit) {
    char name[NAME + 1];
    if (length > limit / 4) return;
    int descriptor = open_folder(folder);
    if (descriptor < 0) {
        make_folder(folder);
        descriptor = open_folder(folder);
    }
    if (descriptor < 0) return;
    name_of(key, name);
    if (keep(descriptor, name, contents, length)) make_room(descriptor, limit);
    close(descriptor);
}
