#include "schedule/region.h"

#include <stdlib.h>

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

static uint32_t cost_of(struct placement *pl, const struct values *values, struct instance *in) {
    const struct value *value = value_at(values, in->value);
    if (!value->lazy) return own_cost(value);
    uint32_t arms = pl->regions.at[in->arms[0]].cost + pl->regions.at[in->arms[1]].cost;
    in->flat = arms <= CHEAP_ARMS;
    return in->flat ? arms + 1 : DEAR;
}

/* Arms have higher numbers than what is around them. */
static void find_costs(struct placement *pl, const struct values *values) {
    for (size_t r = pl->regions.count; r-- > 0;) {
        struct region *region = &pl->regions.at[r];
        for (uint32_t i = region->first; i < region->first + region->count; i++) {
            uint32_t cost = cost_of(pl, values, &pl->instances.at[pl->order.at[i]]);
            region->cost = region->cost + cost > DEAR ? DEAR : region->cost + cost;
        }
    }
}

bool region_order(struct placement *pl, const struct values *values) {
    size_t count = pl->instances.count;
    struct sorted *sorted = malloc((count + 1) * sizeof *sorted);
    bool enough = sorted && VEC_RESERVE(&pl->order, count + 1);
    for (uint32_t i = 0; enough && i < count; i++) {
        const struct instance *in = &pl->instances.at[i];
        sorted[i] = (struct sorted){in->region, in->step, in->value, i};
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
