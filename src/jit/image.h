/* Object files (ELF) as running code: a small linker, which needs no LLVM.
 *
 * All objects of an image stand in one stretch of memory, behind it the addresses and jumps through which it
 * reaches what lies elsewhere. Code is not writable, data not executable. What it does not know it refuses.
 */
#ifndef GRADC_JIT_IMAGE_H
#define GRADC_JIT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;

struct image_object {
    const unsigned char *bytes;
    size_t length;
};

/* Links objects for this machine with each other and with symbol_address (jit/symbols.h). NULL where they are
 * damaged, ask for something unknown, or memory is exhausted. The objects may go afterwards. */
struct image *image_link(const struct image_object *objects, size_t count);
/* Where a global symbol of the image is; 0: there is none. */
uintptr_t image_symbol(const struct image *image, const char *name);
void image_free(struct image *image);

#endif
