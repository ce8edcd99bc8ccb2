#include <gradc/gradc.h>

#include "jit/kernel.h"
#include "support/store.h"

static struct gradc_cache from_state(const struct store_state *state) {
    return (struct gradc_cache){state->files, state->bytes, KERNEL_CACHE_LIMIT};
}

bool gradc_cache_look(const char *folder, struct gradc_cache *cache) {
    struct store_state state;
    bool there = store_look(folder, &state);
    *cache = from_state(&state);
    return there;
}

bool gradc_cache_clear(const char *folder, struct gradc_cache *removed) {
    struct store_state state;
    bool there = store_clear(folder, &state);
    *removed = from_state(&state);
    return there;
}
