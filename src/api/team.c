#include "api/team.h"

#include <stdlib.h>
#include <string.h>

#include "support/number.h"

/* What a thread has for itself: slots, and the memory of arrays that belong to loops, behind it that of slot
 * 0. */
struct member {
    void **slots;
    double *memory;
};

/* An array that belongs to a loop, and where its memory begins. */
struct place {
    array_id array;
    size_t offset;
};

struct team {
    struct kernel_team as_team; /* the first: code knows it */
    struct pool *pool;
    size_t slot_count, scratch; /* scratch: offset in the memory of each */
    struct place *places;
    size_t place_count;
    struct member *members; /* by worker */
};

/* A loop of a running kernel. */
struct job {
    struct team *team;
    kernel_chunks chunks;
    void *const *slots;
    const double *scratch;
    int64_t first;
};
_Static_assert(sizeof(struct job) <= POOL_JOB_BYTES, "the pool keeps a copy of it");

/* ---- Running ---- */

static void run_chunk(const void *of, unsigned worker, size_t task) {
    const struct job *job = of;
    const struct team *t = job->team;
    const struct member *m = &t->members[worker];
    int64_t chunk = job->first + (int64_t)task;
    memcpy(m->slots, job->slots, t->slot_count * sizeof *m->slots);
    for (size_t k = 0; k < t->place_count; k++)
        m->slots[t->places[k].array] = m->memory + t->places[k].offset;
    m->slots[0] = m->memory + t->scratch;
    job->chunks(m->slots, job->scratch, chunk, chunk);
}

static void run(struct kernel_team *as_team, kernel_chunks chunks, void *const *slots, const double *scratch,
                int64_t first, int64_t last) {
    struct team *t = (struct team *)as_team;
    struct job job = {t, chunks, slots, scratch, first};
    if (last < first) return;
    if (last - first < POOL_MOST_TASKS)
        pool_run(t->pool, (size_t)(last - first + 1), run_chunk, &job, sizeof job);
    else
        chunks(slots, scratch, first, last);
}

/* ---- Memory ---- */

static bool belongs_to_a_loop(const struct binding *b, array_id a) {
    const struct array *array = &b->program->arrays.at[a];
    return array_is_of_lanes(array) && !array->unused;
}

/* Arrays begin at lines of the cache. Gives how many numbers a member needs; 0: too many. */
static size_t lay_out(struct team *t, const struct binding *b, size_t scratch) {
    enum { LINE = 8 };
    size_t at = 0, size;
    for (array_id a = 1; a < b->array_count; a++) {
        if (!belongs_to_a_loop(b, a)) continue;
        t->places[t->place_count++] = (struct place){a, at};
        if (__builtin_mul_overflow(b->arrays[a].count, (size_t)BINDING_LANES, &size) ||
            __builtin_add_overflow(at, size, &at) || at > SIZE_MAX / 64)
            return 0;
        at = (at + LINE - 1) / LINE * LINE;
    }
    t->scratch = at;
    return at + scratch + 1;
}

static bool make_members(struct team *t, size_t numbers) {
    unsigned count = pool_size(t->pool);
    t->members = calloc(count, sizeof *t->members);
    for (unsigned k = 0; t->members && k < count; k++) {
        struct member *m = &t->members[k];
        m->slots = calloc(t->slot_count, sizeof *m->slots);
        m->memory = numbers_allocate(numbers);
        if (!m->slots || !m->memory) return false;
    }
    return t->members != NULL;
}

bool team_is_wanted(const struct program *p) {
    for (size_t i = 0; i < p->steps.count; i++)
        if (p->steps.at[i].kind == STEP_LOOP && p->steps.at[i].order == ORDER_APART) return true;
    return false;
}

struct team *team_new(struct pool *pool, struct binding *b, const struct kernel *kernel) {
    struct team *t = pool ? calloc(1, sizeof *t) : NULL;
    if (!t) return NULL;
    *t = (struct team){.as_team = {run}, .pool = pool, .slot_count = b->array_count + 1};
    t->places = calloc(b->array_count, sizeof *t->places);
    size_t numbers = t->places ? lay_out(t, b, kernel->scratch) : 0;
    if (!numbers || !make_members(t, numbers)) {
        team_free(t);
        return NULL;
    }
    b->slots[b->array_count] = t;
    return t;
}

void team_free(struct team *t) {
    if (!t) return;
    for (unsigned k = 0; t->members && k < pool_size(t->pool); k++) {
        free(t->members[k].slots);
        free(t->members[k].memory);
    }
    free(t->members);
    free(t->places);
    free(t);
}

struct pool *team_pool(const struct team *team) {
    return team->pool;
}

/* ---- Pools ---- */

struct pool *pools_get(struct pools *pools, unsigned threads) {
    for (size_t k = 0; k < pools->count; k++)
        if (pool_size(pools->at[k]) == threads) return pools->at[k];
    struct pool **longer = realloc(pools->at, (pools->count + 1) * sizeof *longer);
    if (!longer) return NULL;
    pools->at = longer;
    struct pool *made = pool_new(threads);
    if (made) pools->at[pools->count++] = made;
    return made;
}

void pools_free(struct pools *pools) {
    for (size_t k = 0; k < pools->count; k++) pool_free(pools->at[k]);
    free(pools->at);
}
