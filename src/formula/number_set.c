#include "formula/number_set.h"

#include <stdlib.h>
#include <string.h>

bool number_sets_init(struct number_sets *sets, struct arena *arena) {
    *sets = (struct number_sets){.arena = arena};
    return VEC_PUSH(&sets->all, ((struct number_set){NULL, 0, 0}));
}

void number_sets_release(struct number_sets *sets) {
    VEC_FREE(&sets->all);
    node_map_release(&sets->of_hash);
}

bool number_sets_failed(const struct number_sets *sets) {
    return sets->all.failed || sets->of_hash.failed;
}

static uint32_t hash_of(const uint32_t *members, uint32_t count) {
    uint32_t hash = UINT32_C(2166136261);
    for (uint32_t k = 0; k < count; k++) hash = (hash ^ members[k]) * UINT32_C(16777619);
    return hash ? hash : 1;
}

static uint32_t intern(struct number_sets *sets, const uint32_t *members, uint32_t count) {
    uint32_t hash = hash_of(members, count), first = node_map_get(&sets->of_hash, hash);
    for (uint32_t at = first; at; at = sets->all.at[at - 1].next) {
        const struct number_set *set = &sets->all.at[at - 1];
        if (set->count == count && memcmp(set->members, members, count * sizeof *members) == 0) return at - 1;
    }
    uint32_t *copy = ARENA_ARRAY(sets->arena, uint32_t, count);
    if (!copy) {
        sets->all.failed = true;
        return 0;
    }
    memcpy(copy, members, count * sizeof *members);
    if (!VEC_PUSH(&sets->all, ((struct number_set){copy, count, first}))) return 0;
    node_map_set(&sets->of_hash, hash, (uint32_t)sets->all.count);
    return (uint32_t)sets->all.count - 1;
}

uint32_t number_set_of(struct number_sets *sets, uint32_t member) {
    return intern(sets, &member, 1);
}

uint32_t number_set_unite(struct number_sets *sets, uint32_t a, uint32_t b) {
    if (a == b || b == 0) return a;
    if (a == 0) return b;
    const struct number_set x = sets->all.at[a], y = sets->all.at[b];
    uint32_t *all = malloc((x.count + y.count) * sizeof *all), count = 0, i = 0, j = 0;
    if (!all) {
        sets->all.failed = true;
        return a;
    }
    while (i < x.count || j < y.count) {
        bool left = j == y.count || (i < x.count && x.members[i] <= y.members[j]);
        uint32_t next = left ? x.members[i] : y.members[j];
        i += i < x.count && x.members[i] == next;
        j += j < y.count && y.members[j] == next;
        all[count++] = next;
    }
    uint32_t set = intern(sets, all, count);
    free(all);
    return set;
}

bool number_set_contains(const struct number_sets *sets, uint32_t set, uint32_t member) {
    const struct number_set *s = &sets->all.at[set];
    for (uint32_t k = 0; k < s->count; k++)
        if (s->members[k] == member) return true;
    return false;
}
