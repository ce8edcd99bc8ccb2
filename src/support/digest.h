/* SHA-256 (FIPS 180-4): names for contents. */
#ifndef GRADC_SUPPORT_DIGEST_H
#define GRADC_SUPPORT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32, DIGEST_BLOCK = 64 };

struct digest {
    uint32_t state[8];
    uint64_t length; /* of what has been added */
    unsigned char block[DIGEST_BLOCK];
};

void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t length);
/* A number as eight bytes, the lowest first. */
void digest_add_number(struct digest *d, uint64_t number);
/* A text with its length, so that two texts in a row cannot be mistaken for others. */
void digest_add_text(struct digest *d, const char *text);
void digest_end(struct digest *d, unsigned char result[DIGEST_BYTES]);

#endif
