/* Marks of many things by their numbers, 64 in a word: few enough words to stay in the caches. */
#ifndef GRADC_SUPPORT_BITS_H
#define GRADC_SUPPORT_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The words of so many marks. */
static inline size_t bits_words(size_t count) {
    return count / 64 + 1;
}
static inline bool bits_get(const uint64_t *bits, size_t k) {
    return bits[k / 64] >> k % 64 & 1;
}
static inline void bits_set(uint64_t *bits, size_t k) {
    bits[k / 64] |= (uint64_t)1 << k % 64;
}

#endif
