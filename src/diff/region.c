#include "diff/region.h"

#include <stdlib.h>

void regions_init(struct regions *regions, struct graph *graph) {
    *regions = (struct regions){.graph = graph};
    regions_clear(regions);
}

void regions_release(struct regions *regions) {
    VEC_FREE(&regions->all);
    VEC_FREE(&regions->slots);
}

void regions_clear(struct regions *regions) {
    struct region whole = {0};
    if (regions->all.count > 1) regions->slots.count = 0; /* made again at the size then needed */
    regions->all.count = 0;
    VEC_PUSH(&regions->all, whole);
}

static size_t slot_of(const struct regions *regions, uint32_t parent, node_id condition) {
    size_t mask = regions->slots.count - 1;
    uint64_t hash = ((uint64_t)parent << 32 | condition) * 0x9E3779B97F4A7C15U;
    size_t i = (hash ^ hash >> 32) & mask;
    for (; regions->slots.at[i]; i = (i + 1) & mask) {
        const struct region *region = &regions->all.at[regions->slots.at[i] - 1];
        if (region->parent == parent && region->condition == condition) break;
    }
    return i;
}

static bool grow(struct regions *regions) {
    if (regions->all.count * 2 < regions->slots.count) return true;
    size_t count = regions->slots.count ? regions->slots.count * 2 : 16;
    if (!VEC_RESERVE(&regions->slots, count)) return false;
    regions->slots.count = count;
    for (size_t i = 0; i < count; i++) regions->slots.at[i] = 0;
    for (uint32_t r = 1; r < regions->all.count; r++)
        regions->slots.at[slot_of(regions, regions->all.at[r].parent, regions->all.at[r].condition)] = r + 1;
    return true;
}

uint32_t region_where(struct regions *regions, uint32_t parent, node_id condition) {
    if (node_op(regions->graph, condition) == OP_BOOL && node_payload(regions->graph, condition))
        return parent;
    if (!grow(regions)) {
        regions->graph->failed = true;
        return parent;
    }
    size_t slot = slot_of(regions, parent, condition);
    if (regions->slots.at[slot]) return regions->slots.at[slot] - 1;
    struct region region = {
        .parent = parent, .depth = regions->all.at[parent].depth + 1, .condition = condition};
    if (!VEC_PUSH(&regions->all, region)) {
        regions->graph->failed = true;
        return parent;
    }
    regions->slots.at[slot] = (uint32_t)regions->all.count;
    return (uint32_t)regions->all.count - 1;
}

/* By region; within one in the order their values were made, so that the sum does not depend on the sort. */
static int by_region(const void *a, const void *b) {
    const struct contribution *x = a, *y = b;
    if (x->region != y->region) return x->region < y->region ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static bool opposite(const struct graph *g, node_id a, node_id b) {
    return (node_op(g, a) == OP_NOT && node_operand(g, a, 0) == b) ||
           (node_op(g, b) == OP_NOT && node_operand(g, b, 0) == a);
}

static struct contribution add(struct graph *g, struct contribution a, struct contribution b) {
    return (struct contribution){a.region, mk_add(g, a.value, b.value), mk_or(g, a.guard, b.guard)};
}

/* Lifts one contribution into the parent of its region. */
static struct contribution lift(struct regions *regions, struct contribution c) {
    struct graph *g = regions->graph;
    const struct region *region = &regions->all.at[c.region];
    node_id condition = region->condition;
    return (struct contribution){region->parent, mk_select(g, condition, c.value, mk_zero(g)),
                                 mk_and(g, condition, c.guard)};
}

/* Two sides of one condition become one select; it is certain where both sides are. */
static struct contribution join(struct regions *regions, struct contribution a, struct contribution b) {
    struct graph *g = regions->graph;
    node_id condition = regions->all.at[a.region].condition, yes = mk_bool(g, true);
    node_id guard = a.guard == yes && b.guard == yes
                        ? yes
                        : mk_or(g, mk_and(g, condition, a.guard), mk_and(g, mk_not(g, condition), b.guard));
    return (struct contribution){regions->all.at[a.region].parent, mk_select(g, condition, a.value, b.value),
                                 guard};
}

/* Inner regions are made after outer ones, so the largest region number can always be lifted next; the
 * pending contributions are kept sorted by region, the largest last. */
static void insert(struct contribution *sorted, size_t *count, struct graph *g, struct contribution c) {
    size_t i = *count;
    while (i > 0 && sorted[i - 1].region > c.region) i--;
    if (i > 0 && sorted[i - 1].region == c.region) {
        sorted[i - 1] = add(g, sorted[i - 1], c);
        return;
    }
    for (size_t k = *count; k > i; k--) sorted[k] = sorted[k - 1];
    sorted[i] = c;
    ++*count;
}

/* Most nodes have few users. */
static void sort_by_region(struct contribution *items, size_t count) {
    enum { FEW = 16 };
    if (count > FEW) qsort(items, count, sizeof *items, by_region);
    for (size_t i = 1; i < count && count <= FEW; i++) {
        struct contribution item = items[i];
        size_t k = i;
        for (; k > 0 && by_region(&items[k - 1], &item) > 0; k--) items[k] = items[k - 1];
        items[k] = item;
    }
}

struct contribution regions_fold(struct regions *regions, struct contribution *items, size_t count) {
    struct graph *g = regions->graph;
    if (count == 1) return items[0];
    sort_by_region(items, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept && items[kept - 1].region == items[i].region)
            items[kept - 1] = add(g, items[kept - 1], items[i]);
        else
            items[kept++] = items[i];
    }
    while (kept > 1) {
        struct contribution top = items[--kept];
        const struct region *region = &regions->all.at[top.region],
                            *below = &regions->all.at[items[kept - 1].region];
        bool sides = below->parent == region->parent && items[kept - 1].region != region->parent &&
                     opposite(g, region->condition, below->condition);
        if (sides) {
            struct contribution other = items[--kept];
            insert(items, &kept, g, join(regions, top, other));
        } else {
            insert(items, &kept, g, lift(regions, top));
        }
    }
    return items[0];
}
