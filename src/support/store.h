/* A folder of files that can be made again: each under the digest of what it was made from, with a checksum
 * of its contents. Several processes may use it at once: files appear whole or not at all.
 *
 * The folder is made with its parents where it is missing, readable by its owner only. One that belongs to
 * somebody else, or that others may write to, is not used. When the files exceed the limit, those that have
 * not been used for the longest time go. Nothing here is an error: what cannot be kept is made again. */
#ifndef GRADC_SUPPORT_STORE_H
#define GRADC_SUPPORT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/digest.h"

struct store_state {
    size_t files;
    uint64_t bytes;
};

/* The contents kept under a key, to be freed; NULL where there are none, or they are damaged. */
unsigned char *store_find(const char *folder, const unsigned char key[DIGEST_BYTES], size_t *length);
/* Keeps contents, within a limit for all files together, in bytes. */
void store_keep(const char *folder, const unsigned char key[DIGEST_BYTES], const unsigned char *contents,
                size_t length, uint64_t limit);
/* What is kept; false where there is no folder that would be used. */
bool store_look(const char *folder, struct store_state *state);
/* Removes what is kept, and says how much that was. */
bool store_clear(const char *folder, struct store_state *removed);

#endif
