#include "jit/keep.h"

#include <stdlib.h>
#include <string.h>

#include "jit/image.h"
#include "support/store.h"
#include "support/vec.h"

/* Contents are the scratch memory wanted, then objects, each behind its length and filled up to whole
 * numbers of eight bytes. */

static bool take_number(const unsigned char **at, const unsigned char *end, uint64_t *number) {
    if ((size_t)(end - *at) < sizeof *number) return false;
    memcpy(number, *at, sizeof *number);
    *at += sizeof *number;
    return true;
}

static uint64_t filling(uint64_t length) {
    return (8 - length % 8) % 8;
}

static struct image *link_objects(const unsigned char *at, const unsigned char *end) {
    VEC(struct image_object) objects = {0};
    bool good = true;
    while (good && at < end) {
        uint64_t length;
        good = take_number(&at, end, &length) && length <= (size_t)(end - at) &&
               VEC_PUSH(&objects, ((struct image_object){at, (size_t)length}));
        if (good) at += length + filling(length) <= (size_t)(end - at) ? length + filling(length) : length;
    }
    struct image *image = good && objects.count > 0 ? image_link(objects.at, objects.count) : NULL;
    VEC_FREE(&objects);
    return image;
}

struct kernel_machine *keep_find(const char *folder, const unsigned char key[DIGEST_BYTES], size_t *scratch) {
    size_t length;
    unsigned char *contents = store_find(folder, key, &length);
    if (!contents) return NULL;
    const unsigned char *at = contents;
    uint64_t wanted;
    struct image *image =
        take_number(&at, contents + length, &wanted) ? link_objects(at, contents + length) : NULL;
    free(contents);
    struct kernel_machine *machine = image ? machine_of_image(image) : NULL;
    if (machine) *scratch = (size_t)wanted;
    return machine;
}

void keep_code(const char *folder, const unsigned char key[DIGEST_BYTES], size_t scratch,
               const struct text *objects) {
    uint64_t wanted = scratch;
    struct text contents = {0};
    text_add_bytes(&contents, (const char *)&wanted, sizeof wanted);
    text_add_bytes(&contents, objects->at, objects->length);
    if (!contents.failed && !objects->failed && objects->length > 0)
        store_keep(folder, key, (const unsigned char *)contents.at, contents.length, KERNEL_CACHE_LIMIT);
    text_free(&contents);
}
