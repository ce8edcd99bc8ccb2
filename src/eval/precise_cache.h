/* Values of elementary functions that were computed before: differences move one unknown at a time, and most
 * operands stay what they were. */
#ifndef GRADC_EVAL_PRECISE_CACHE_H
#define GRADC_EVAL_PRECISE_CACHE_H

#include <mpfr.h>
#include <stdbool.h>
#include <stdint.h>

#include "ir/ops.h"

enum { CACHED_OPERANDS = 2 };

struct cached_value;

/* For values of one precision. */
struct precise_cache {
    struct cached_value *slots;
    mpfr_prec_t precision;
};

/* False where memory is exhausted. */
bool precise_cache_init(struct precise_cache *cache, mpfr_prec_t precision);
void precise_cache_release(struct precise_cache *cache);
/* Whether the value is known; it goes to result then. At most CACHED_OPERANDS operands. */
bool precise_cache_find(const struct precise_cache *cache, enum op op, const mpfr_srcptr *operands,
                        uint32_t count, mpfr_ptr result);
/* Remembers a value, in the place of another maybe. */
void precise_cache_keep(struct precise_cache *cache, enum op op, const mpfr_srcptr *operands, uint32_t count,
                        mpfr_srcptr result);

#endif
