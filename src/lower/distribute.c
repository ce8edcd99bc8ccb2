#include "lower/distribute.h"

#include "lower/access.h"
#include "lower/separate.h"

enum { MOST_PARTS = 64 /* bodies of more steps stay whole */ };

struct distribution {
    struct tree *t;
    struct separation separation;
    struct access_walk walk;
    struct access_list list;
    VEC(uint32_t) part_of; /* by array that lives in the loop: a part that uses it, plus 1 */
    VEC(item_id) loops;
    uint32_t leader[MOST_PARTS]; /* by step of the body: an earlier one of its part, or itself */
    item_id step[MOST_PARTS];
    size_t begin[MOST_PARTS + 1]; /* by step: its first access in the list */
    uint32_t count;
};

static uint32_t find(struct distribution *d, uint32_t k) {
    while (d->leader[k] != k) k = d->leader[k] = d->leader[d->leader[k]];
    return k;
}

static void join(struct distribution *d, uint32_t a, uint32_t b) {
    a = find(d, a), b = find(d, b);
    if (a < b) d->leader[b] = a;
    if (b < a) d->leader[a] = b;
}

static void note(struct distribution *d, array_id a, uint32_t k) {
    while (d->part_of.count <= a && VEC_PUSH(&d->part_of, 0)) continue;
    if (d->part_of.failed) {
        d->t->failed = true;
        return;
    }
    if (d->part_of.at[a]) join(d, d->part_of.at[a] - 1, k);
    d->part_of.at[a] = k + 1;
}

static bool depends(const struct distribution *d, uint32_t later, uint32_t earlier) {
    for (size_t i = d->begin[later]; i < d->begin[later + 1]; i++)
        for (size_t j = d->begin[earlier]; j < d->begin[earlier + 1]; j++)
            if (d->list.all.at[i].array == d->list.all.at[j].array &&
                access_kinds_clash(d->list.all.at[i].kind, d->list.all.at[j].kind))
                return true;
    return false;
}

/* A part stands where its first step did. A step in it that needs one of a part behind takes that in. */
static void keep_order(struct distribution *d) {
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t later = 1; later < d->count; later++) {
            for (uint32_t earlier = find(d, later) + 1; earlier < later; earlier++) {
                if (find(d, earlier) <= find(d, later) || !depends(d, later, earlier)) continue;
                join(d, earlier, later);
                changed = true;
            }
        }
    }
}

static void find_parts(struct distribution *d, item_id loop) {
    struct tree *t = d->t;
    index_id index = tree_step(t, loop)->index;
    d->list.all.count = d->list.subscripts.count = 0;
    for (uint32_t k = 0; k < d->count; k++) {
        size_t before = d->list.all.count;
        d->leader[k] = k;
        d->begin[k] = before;
        access_begin(&d->walk);
        access_add_all(&d->walk, &d->list, d->step[k]);
        for (size_t i = before; i < d->list.all.count; i++)
            if (t->p.arrays.at[d->list.all.at[i].array].owner == index) note(d, d->list.all.at[i].array, k);
    }
    d->begin[d->count] = d->list.all.count;
    keep_order(d);
    for (size_t i = 0; i < d->list.all.count; i++)
        if (d->list.all.at[i].array < d->part_of.count) d->part_of.at[d->list.all.at[i].array] = 0;
}

/* The steps of part k get a loop of their own, after `place`. */
static item_id move_part(struct distribution *d, item_id loop, uint32_t part, item_id place) {
    struct tree *t = d->t;
    item_id made = tree_new(t, *tree_step(t, loop));
    if (!made) return place;
    tree_insert_after(t, place, made);
    for (uint32_t k = part; k < d->count; k++) {
        if (find(d, k) != part) continue;
        tree_unlink(t, d->step[k]);
        tree_append(t, made, d->step[k]);
    }
    separate_loop(&d->separation, made);
    return made;
}

static void distribute_loop(struct distribution *d, item_id loop) {
    struct tree *t = d->t;
    item_id place = loop;
    d->count = 0;
    for (item_id i = tree_item(t, loop)->first; i; i = tree_item(t, i)->next) {
        if (d->count == MOST_PARTS) return;
        d->step[d->count++] = i;
    }
    if (d->count < 2) return;
    find_parts(d, loop);
    for (uint32_t k = 1; k < d->count && !t->failed; k++)
        if (find(d, k) == k) place = move_part(d, loop, k, place);
}

bool lower_distribute(struct tree *t) {
    struct distribution d = {.t = t};
    separation_init(&d.separation, t);
    access_walk_init(&d.walk, t);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i) && tree_step(t, i)->order == ORDER_FREE) VEC_PUSH(&d.loops, i);
    t->failed |= d.loops.failed;
    /* Inner loops first. */
    for (size_t k = d.loops.count; k-- > 0 && !t->failed;) distribute_loop(&d, d.loops.at[k]);
    t->failed |= d.walk.failed;
    separation_release(&d.separation);
    access_walk_release(&d.walk);
    access_list_release(&d.list);
    VEC_FREE(&d.part_of);
    VEC_FREE(&d.loops);
    return !t->failed;
}
