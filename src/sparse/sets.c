#include "sparse/sets.h"

#include <string.h>

enum { LONGEST_LIST = 24 };

void sets_init(struct sets *s) {
    *s = (struct sets){.slot_count = 1024};
    s->slots = calloc(s->slot_count, sizeof *s->slots);
    if (!s->slots || !VEC_PUSH(&s->all, (struct set){0})) s->failed = true;
}

void sets_release(struct sets *s) {
    VEC_FREE(&s->all);
    VEC_FREE(&s->members);
    VEC_FREE(&s->open);
    VEC_FREE(&s->marks);
    free(s->slots);
    *s = (struct sets){.slots = NULL};
}

/* ---- Each list and each union once ---- */

/* What a set is made of: its list, or the two of its union. */
static const uint32_t *content(const struct sets *s, const struct set *set, size_t *count) {
    *count = set->count ? set->count : 2;
    return set->count ? s->members.at + set->first : &set->first;
}

static uint64_t hash_of(const uint32_t *content, size_t count, bool is_list) {
    uint64_t hash = is_list ? 0x9E3779B97F4A7C15u : 0xC2B2AE3D27D4EB4Fu;
    for (size_t k = 0; k < count; k++) hash = (hash ^ content[k]) * 0xFF51AFD7ED558CCDu, hash ^= hash >> 32;
    return hash;
}

static bool grow(struct sets *s) {
    size_t wider = 2 * s->slot_count;
    uint32_t *slots = calloc(wider, sizeof *slots);
    if (!slots) return false;
    for (uint32_t id = 1; id < s->all.count; id++) {
        size_t count;
        const uint32_t *made_of = content(s, &s->all.at[id], &count);
        size_t at = hash_of(made_of, count, s->all.at[id].count != 0) & (wider - 1);
        while (slots[at]) at = (at + 1) & (wider - 1);
        slots[at] = id;
    }
    free(s->slots);
    s->slots = slots;
    s->slot_count = wider;
    return true;
}

static bool is_same(const struct sets *s, set_id id, const uint32_t *made_of, size_t count, bool is_list) {
    const struct set *set = &s->all.at[id];
    size_t length;
    const uint32_t *other = content(s, set, &length);
    return (set->count != 0) == is_list && length == count &&
           memcmp(other, made_of, count * sizeof *made_of) == 0;
}

static bool add_members(struct sets *s, const uint32_t *list, size_t count) {
    if (!VEC_RESERVE(&s->members, s->members.count + count)) return false;
    memcpy(s->members.at + s->members.count, list, count * sizeof *list);
    s->members.count += count;
    return s->members.count < UINT32_MAX;
}

static set_id make(struct sets *s, const uint32_t *made_of, size_t count, bool is_list) {
    if (s->failed || (2 * s->all.count > s->slot_count && !grow(s)) || s->all.count == UINT32_MAX) {
        s->failed = true;
        return 0;
    }
    size_t at = hash_of(made_of, count, is_list) & (s->slot_count - 1);
    for (; s->slots[at]; at = (at + 1) & (s->slot_count - 1))
        if (is_same(s, s->slots[at], made_of, count, is_list)) return s->slots[at];
    struct set set = {.first = is_list ? (uint32_t)s->members.count : made_of[0],
                      .second = is_list ? 0 : made_of[1],
                      .count = is_list ? (uint32_t)count : 0};
    if ((is_list && !add_members(s, made_of, count)) || !VEC_PUSH(&s->all, set)) {
        s->failed = true;
        return 0;
    }
    return s->slots[at] = (set_id)(s->all.count - 1);
}

set_id set_single(struct sets *s, uint32_t member) {
    return make(s, &member, 1, true);
}

/* ---- Unions ---- */

static size_t merge(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, uint32_t *out) {
    size_t i = 0, j = 0, count = 0;
    while (i < a_count || j < b_count) {
        bool from_a = j == b_count || (i < a_count && a[i] <= b[j]);
        if (from_a && j < b_count && a[i] == b[j]) j++;
        out[count++] = from_a ? a[i++] : b[j++];
    }
    return count;
}

set_id set_union(struct sets *s, set_id a, set_id b) {
    if (a == b || b == 0) return a;
    if (a == 0) return b;
    struct set x = s->all.at[a], y = s->all.at[b];
    /* What was added last is often added again. */
    if (!x.count && (x.first == b || x.second == b)) return a;
    if (!y.count && (y.first == a || y.second == a)) return b;
    if (x.count && y.count) {
        uint32_t merged[2 * LONGEST_LIST];
        size_t count = merge(s->members.at + x.first, x.count, s->members.at + y.first, y.count, merged);
        if (count == x.count) return a;
        if (count == y.count) return b;
        if (count <= LONGEST_LIST) return make(s, merged, count, true);
    }
    uint32_t both[2] = {a, b};
    return make(s, both, 2, false);
}

/* ---- Expansion ---- */

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void open_set(struct sets *s, set_id set) {
    if (s->marks.at[set] == s->expansion) return;
    s->marks.at[set] = s->expansion;
    VEC_PUSH(&s->open, set);
}

static bool make_marks(struct sets *s) {
    size_t old = s->marks.count;
    if (!VEC_RESERVE(&s->marks, s->all.count)) return false;
    if (s->all.count > old) memset(s->marks.at + old, 0, (s->all.count - old) * sizeof *s->marks.at);
    s->marks.count = s->all.count;
    s->expansion++;
    return true;
}

bool set_expand(struct sets *s, set_id set, struct members *out) {
    size_t begin = out->count, kept = begin;
    if (!make_marks(s)) return false;
    if (set) open_set(s, set);
    while (s->open.count > 0) {
        const struct set at = s->all.at[VEC_POP(&s->open)];
        for (uint32_t k = 0; k < at.count; k++) VEC_PUSH(out, s->members.at[at.first + k]);
        if (at.count) continue;
        open_set(s, at.first);
        open_set(s, at.second);
    }
    if (out->count > begin) qsort(out->at + begin, out->count - begin, sizeof *out->at, ascending);
    for (size_t k = begin; k < out->count; k++)
        if (k == begin || out->at[k] != out->at[k - 1]) out->at[kept++] = out->at[k];
    out->count = kept;
    return !out->failed && !s->open.failed;
}
