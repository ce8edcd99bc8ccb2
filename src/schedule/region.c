#include "schedule/region.h"

#include <stdlib.h>
#include <string.h>

/* A choice computes both arms where that costs no more than a mispredicted branch. */
enum { CHEAP_ARMS = 8, DEAR = 1000 };

uint32_t region_add(struct placement *pl, uint32_t parent, uint32_t owner) {
    uint32_t id = (uint32_t)pl->regions.count;
    struct region fresh = {.owner = owner};
    if (id > 0) {
        const struct region *up = &pl->regions.at[parent], *over = &pl->regions.at[up->jump];
        bool far = up->depth - over->depth == over->depth - pl->regions.at[over->jump].depth;
        fresh.parent = parent;
        fresh.jump = far ? over->jump : parent;
        fresh.depth = up->depth + 1;
        fresh.level = up->level;
        fresh.step_region = up->step_region;
    }
    if (id <= pl->level) {
        fresh.level = id;
        fresh.step_region = id;
    }
    return VEC_PUSH(&pl->regions, fresh) ? id : 0;
}

/* ---- Guards ---- */

/* Where in the table a guard stands, or is to stand. */
static size_t guard_slot(const struct placement *pl, uint32_t parent, value_id condition, bool otherwise) {
    size_t mask = pl->guards.count - 1, i = parent * 0x9E3779B1U ^ condition * 0x85EBCA77U ^ otherwise;
    for (i &= mask; pl->guards.at[i]; i = (i + 1) & mask) {
        const struct region *known = &pl->regions.at[pl->guards.at[i]];
        if (known->parent == parent && known->condition == condition && known->otherwise == otherwise) break;
    }
    return i;
}

static bool grow_guards(struct placement *pl) {
    if (pl->guard_count * 2 < pl->guards.count) return true;
    size_t count = pl->guards.count ? pl->guards.count * 2 : 16;
    if (!VEC_RESERVE(&pl->guards, count)) return false;
    pl->guards.count = count;
    memset(pl->guards.at, 0, count * sizeof *pl->guards.at);
    for (uint32_t r = 0; r < pl->regions.count; r++) {
        const struct region *region = &pl->regions.at[r];
        if (region->condition)
            pl->guards.at[guard_slot(pl, region->parent, region->condition, region->otherwise)] = r;
    }
    return true;
}

uint32_t region_guard(struct placement *pl, const struct values *values, uint32_t parent, value_id condition,
                      bool otherwise) {
    for (; value_at(values, condition)->op == OP_NOT; condition = value_at(values, condition)->operands[0])
        otherwise = !otherwise;
    if (!grow_guards(pl)) {
        pl->regions.failed = true;
        return 0;
    }
    size_t slot = guard_slot(pl, parent, condition, otherwise);
    if (pl->guards.at[slot]) return pl->guards.at[slot];
    uint32_t id = region_add(pl, parent, 0);
    if (pl->regions.failed) return 0;
    pl->regions.at[id].condition = condition;
    pl->regions.at[id].otherwise = otherwise;
    pl->guard_count++;
    return pl->guards.at[slot] = id;
}

uint32_t region_around(const struct placement *pl, uint32_t region) {
    do region = pl->regions.at[region].parent;
    while (region_is_guard(pl, region));
    return region;
}

/* ---- Order ---- */

uint32_t region_meet(const struct placement *pl, uint32_t a, uint32_t b) {
    const struct region *at = pl->regions.at;
    if (at[a].depth < at[b].depth) {
        uint32_t swap = a;
        a = b, b = swap;
    }
    while (at[a].depth > at[b].depth) a = at[at[a].jump].depth >= at[b].depth ? at[a].jump : at[a].parent;
    while (a != b) {
        bool far = at[a].jump != at[b].jump;
        a = far ? at[a].jump : at[a].parent;
        b = far ? at[b].jump : at[b].parent;
    }
    return a;
}

struct sorted {
    uint32_t region, step, value, instance;
};

static int by_place(const void *a, const void *b) {
    const struct sorted *x = a, *y = b;
    if (x->region != y->region) return x->region < y->region ? -1 : 1;
    if (x->step != y->step) return x->step < y->step ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static uint32_t own_cost(const struct value *value) {
    if (value->may_fail) return DEAR;
    if (!op_info((enum op)value->op)->is_function) return value->op == OP_DIV ? 3 : 1;
    if (value->op == OP_SQRT) return 4;
    return op_info((enum op)value->op)->intrinsic ? 1 : DEAR;
}

bool region_is_dear(const struct value *value) {
    return value->lazy || own_cost(value) >= DEAR;
}

static uint32_t cost_of(struct placement *pl, const struct values *values, struct instance *in) {
    const struct value *value = value_at(values, in->value);
    if (!value->lazy) return own_cost(value);
    uint32_t arms = pl->regions.at[in->arms[0]].cost + pl->regions.at[in->arms[1]].cost;
    in->flat = arms <= CHEAP_ARMS;
    return in->flat ? arms + 1 : DEAR;
}

static void add_cost(struct region *region, uint32_t cost) {
    region->cost = region->cost + cost > DEAR ? DEAR : region->cost + cost;
}

/* Arms have higher numbers than what is around them. */
static void find_costs(struct placement *pl, const struct values *values) {
    for (size_t r = pl->regions.count; r-- > 0;) {
        struct region *region = &pl->regions.at[r];
        for (uint32_t i = region->first; i < region->first + region->count; i++)
            add_cost(region, cost_of(pl, values, &pl->instances.at[pl->order.at[i]]));
        if (region->condition) add_cost(&pl->regions.at[region->parent], region->cost);
    }
}

bool region_order(struct placement *pl, const struct values *values) {
    size_t count = pl->instances.count;
    struct sorted *sorted = malloc((count + 1) * sizeof *sorted);
    bool enough = sorted && VEC_RESERVE(&pl->order, count + 1);
    size_t all = count;
    count = 0;
    for (uint32_t i = 0; enough && i < all; i++) {
        const struct instance *in = &pl->instances.at[i];
        if (!in->joined) sorted[count++] = (struct sorted){in->region, in->step, in->value, i};
    }
    if (enough) qsort(sorted, count, sizeof *sorted, by_place);
    for (uint32_t i = 0; enough && i < count; i++) {
        struct region *region = &pl->regions.at[sorted[i].region];
        if (region->count++ == 0) region->first = i;
        pl->order.at[i] = sorted[i].instance;
    }
    pl->order.count = count;
    free(sorted);
    if (enough) find_costs(pl, values);
    return enough;
}
