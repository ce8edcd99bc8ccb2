#include "eval/precise_cache.h"

#include <stdlib.h>

enum { SLOTS = 1 << 14 };

struct cached_value {
    enum op op; /* OP_NONE: the slot is empty */
    mpfr_t operands[CACHED_OPERANDS], result;
};

bool precise_cache_init(struct precise_cache *cache, mpfr_prec_t precision) {
    *cache = (struct precise_cache){.precision = precision};
    cache->slots = calloc(SLOTS, sizeof *cache->slots);
    return cache->slots != NULL;
}

void precise_cache_release(struct precise_cache *cache) {
    for (size_t k = 0; cache->slots && k < SLOTS; k++) {
        struct cached_value *slot = &cache->slots[k];
        if (slot->op) mpfr_clears(slot->operands[0], slot->operands[1], slot->result, (mpfr_ptr)0);
    }
    free(cache->slots);
    cache->slots = NULL;
}

static uint64_t mix(uint64_t hash, uint64_t part) {
    hash = (hash ^ part ^ part >> 32) * 0xBF58476D1CE4E5B9u;
    return hash ^ (hash >> 29);
}

static struct cached_value *slot_of(const struct precise_cache *cache, enum op op,
                                    const mpfr_srcptr *operands, uint32_t count) {
    uint64_t hash = op;
    for (uint32_t k = 0; k < count; k++) {
        size_t limbs = (size_t)((mpfr_get_prec(operands[k]) + GMP_NUMB_BITS - 1) / GMP_NUMB_BITS);
        if (!mpfr_regular_p(operands[k])) continue;
        hash = mix(hash, (uint64_t)mpfr_get_exp(operands[k]) * 2 + (mpfr_sgn(operands[k]) < 0));
        for (size_t i = 0; i < limbs; i++) hash = mix(hash, operands[k]->_mpfr_d[i]);
    }
    return &cache->slots[hash % SLOTS];
}

/* Zeros of both signs are different operands. */
static bool is_same(mpfr_srcptr a, mpfr_srcptr b) {
    return mpfr_equal_p(a, b) && mpfr_signbit(a) == mpfr_signbit(b);
}

bool precise_cache_find(const struct precise_cache *cache, enum op op, const mpfr_srcptr *operands,
                        uint32_t count, mpfr_ptr result) {
    const struct cached_value *slot = slot_of(cache, op, operands, count);
    bool known = slot->op == op;
    for (uint32_t k = 0; known && k < count; k++) known = is_same(slot->operands[k], operands[k]);
    if (known) mpfr_set(result, slot->result, MPFR_RNDN);
    return known;
}

void precise_cache_keep(struct precise_cache *cache, enum op op, const mpfr_srcptr *operands, uint32_t count,
                        mpfr_srcptr result) {
    struct cached_value *slot = slot_of(cache, op, operands, count);
    if (!slot->op) {
        for (uint32_t k = 0; k < CACHED_OPERANDS; k++) mpfr_init2(slot->operands[k], cache->precision);
        mpfr_init2(slot->result, cache->precision);
    }
    slot->op = op;
    for (uint32_t k = 0; k < count; k++) mpfr_set(slot->operands[k], operands[k], MPFR_RNDN);
    mpfr_set(slot->result, result, MPFR_RNDN);
}
