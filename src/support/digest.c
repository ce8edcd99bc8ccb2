#include "support/digest.h"

#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int by) {
    return x >> by | x << (32 - by);
}

static void expand(const unsigned char *block, uint32_t words[64]) {
    for (int k = 0; k < 16; k++)
        words[k] = (uint32_t)block[4 * k] << 24 | (uint32_t)block[4 * k + 1] << 16 |
                   (uint32_t)block[4 * k + 2] << 8 | block[4 * k + 3];
    for (int k = 16; k < 64; k++) {
        uint32_t a = words[k - 15], b = words[k - 2];
        words[k] = words[k - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + words[k - 7] +
                   (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
}

static void take_block(struct digest *d, const unsigned char *block) {
    uint32_t words[64], s[8];
    expand(block, words);
    memcpy(s, d->state, sizeof s);
    for (int k = 0; k < 64; k++) {
        uint32_t e = s[4], a = s[0];
        uint32_t first = s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
                         constants[k] + words[k];
        uint32_t second =
            (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
    for (int k = 0; k < 8; k++) d->state[k] += s[k];
}

void digest_begin(struct digest *d) {
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(d->state, start, sizeof start);
    d->length = 0;
}

void digest_add(struct digest *d, const void *bytes, size_t length) {
    const unsigned char *from = bytes;
    size_t waiting = d->length % DIGEST_BLOCK;
    d->length += length;
    if (waiting) {
        size_t part = DIGEST_BLOCK - waiting < length ? DIGEST_BLOCK - waiting : length;
        if (part) memcpy(d->block + waiting, from, part);
        if (waiting + part < DIGEST_BLOCK) return;
        take_block(d, d->block);
        from += part;
        length -= part;
    }
    for (; length >= DIGEST_BLOCK; length -= DIGEST_BLOCK, from += DIGEST_BLOCK) take_block(d, from);
    if (length) memcpy(d->block, from, length);
}

void digest_add_number(struct digest *d, uint64_t number) {
    unsigned char bytes[8];
    for (int k = 0; k < 8; k++) bytes[k] = (unsigned char)(number >> 8 * k);
    digest_add(d, bytes, sizeof bytes);
}

void digest_add_text(struct digest *d, const char *text) {
    size_t length = text ? strlen(text) : 0;
    digest_add_number(d, length);
    if (length) digest_add(d, text, length);
}

void digest_end(struct digest *d, unsigned char result[DIGEST_BYTES]) {
    static const unsigned char padding[DIGEST_BLOCK] = {0x80};
    unsigned char bits[8];
    for (int k = 0; k < 8; k++) bits[k] = (unsigned char)(8 * d->length >> (56 - 8 * k));
    size_t waiting = d->length % DIGEST_BLOCK;
    digest_add(d, padding, (waiting < 56 ? 56 : 56 + DIGEST_BLOCK) - waiting);
    digest_add(d, bits, sizeof bits);
    for (int k = 0; k < DIGEST_BYTES; k++) result[k] = (unsigned char)(d->state[k / 4] >> (24 - 8 * (k % 4)));
}
