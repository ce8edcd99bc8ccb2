/* Who runs the loops that threads share: a pool of threads, and memory for each of them. */
#ifndef GRADC_API_TEAM_H
#define GRADC_API_TEAM_H

#include "eval/binding.h"
#include "jit/kernel.h"
#include "support/pool.h"

struct team;

/* A pool of so many threads among those of the list, made where there is none; NULL where memory is
 * exhausted. */
struct pools {
    struct pool **at;
    size_t count;
};
struct pool *pools_get(struct pools *pools, unsigned threads);
void pools_free(struct pools *pools);

/* Whether a program has such loops. */
bool team_is_wanted(const struct program *p);
/* A team for a kernel that takes the slots of a binding, which notes it; used by one thread at a time. NULL
 * where memory is exhausted: then the kernel runs alone. The pool may serve others too. */
struct team *team_new(struct pool *pool, struct binding *b, const struct kernel *kernel);
/* NULL is allowed. */
void team_free(struct team *team);
struct pool *team_pool(const struct team *team);

#endif
