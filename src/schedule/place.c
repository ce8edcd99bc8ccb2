#include "schedule/place.h"

#include <string.h>

#include "schedule/region.h"

static bool is_local(const struct surroundings *s, value_id v) {
    return v && s->stamp[v] == s->now;
}

/* Gathers what is not known yet, operands included. */
static void gather(struct surroundings *s, value_id root) {
    uint32_t level;
    s->stack.count = 0;
    if (root && !VEC_PUSH(&s->stack, root)) s->failed = true;
    while (s->stack.count && !s->failed) {
        value_id v = VEC_POP(&s->stack);
        const struct value *value = value_at(s->values, v);
        if (is_local(s, v) || value_is_constant(value) || s->known(s->context, v, &level)) continue;
        s->stamp[v] = s->now;
        s->instance_of[v] = 0;
        if (!VEC_PUSH(&s->local, v)) s->failed = true;
        for (unsigned k = 0; k < value->count; k++) {
            value_id operand = value->operands[k];
            if (!VEC_PUSH(&s->stack, operand)) s->failed = true;
        }
        if (value->may_fail && !VEC_PUSH(&s->stack, value->check)) s->failed = true;
    }
}

static void gather_step(struct surroundings *s, uint32_t step) {
    gather(s, s->values->of_step.at[step]);
    gather(s, s->values->at_step.at[step]);
    gather(s, s->values->step_size.at[step]);
}

static int by_number(const void *a, const void *b) {
    value_id x = *(const value_id *)a, y = *(const value_id *)b;
    return x < y ? -1 : x > y;
}

static void gather_body(struct surroundings *s, uint32_t begin, uint32_t end) {
    s->now++;
    s->local.count = 0;
    for (uint32_t i = begin; i < end && !s->failed; i++) {
        const struct step *step = &s->values->p->steps.at[i];
        gather_step(s, i);
        if (step->kind == STEP_LOOP) i = step->partner;
    }
    if (end < s->values->p->steps.count) gather_step(s, end); /* a loop may end early */
    if (s->local.count) qsort(s->local.at, s->local.count, sizeof *s->local.at, by_number);
}

/* Whether a step in first+1 .. last-1 writes the array. */
static bool written_between(const struct surroundings *s, array_id a, uint32_t first, uint32_t last) {
    uint32_t low = s->first_write[a], high = s->first_write[a + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->writes[middle] > first)
            high = middle;
        else
            low = middle + 1;
    }
    return low < s->first_write[a + 1] && s->writes[low] < last;
}

/* The innermost loop that writes the array. */
static uint32_t level_of_writes(const struct surroundings *s, array_id a) {
    if (s->first_write[a] == s->first_write[a + 1]) return 0;
    for (uint32_t level = (uint32_t)s->loops.count; level > 0; level--) {
        uint32_t loop = s->loops.at[level - 1];
        if (written_between(s, a, loop, s->values->p->steps.at[loop].partner)) return level;
    }
    return 0;
}

static void find_level(struct surroundings *s, value_id v) {
    const struct value *value = value_at(s->values, v);
    uint32_t level = 0;
    bool pinned = false;
    if (value->op == OP_READ) {
        level = level_of_writes(s, value->payload);
        pinned = s->written_in_condition[value->payload];
    }
    for (unsigned k = 0; k < value->count; k++) {
        value_id operand = value->operands[k];
        uint32_t known = 0;
        if (is_local(s, operand)) {
            known = s->level[operand];
            pinned |= s->pinned[operand];
        } else if (!value_is_constant(value_at(s->values, operand))) {
            s->known(s->context, operand, &known);
        }
        if (known > level) level = known;
    }
    s->level[v] = level;
    s->pinned[v] = pinned;
}

/* The instance of a value for a key; 0 where there is none yet (its place in the table is given). */
static uint32_t find_instance(struct surroundings *s, const struct placement *pl, value_id v, uint32_t key,
                              size_t *slot) {
    size_t mask = s->slots.count - 1;
    size_t i = ((size_t)v * 0x9E3779B1U ^ (size_t)key * 0x85EBCA77U) & mask;
    for (; s->slots.at[i]; i = (i + 1) & mask) {
        const struct instance *known = &pl->instances.at[s->slots.at[i] - 1];
        if (known->value == v && known->key == key) break;
    }
    *slot = i;
    return s->slots.at[i];
}

static void fill_slots(struct surroundings *s, const struct placement *pl) {
    memset(s->slots.at, 0, s->slots.count * sizeof *s->slots.at);
    for (uint32_t i = 0; i < pl->instances.count; i++) {
        size_t slot;
        find_instance(s, pl, pl->instances.at[i].value, pl->instances.at[i].key, &slot);
        s->slots.at[slot] = i + 1;
    }
}

static bool grow_instance_slots(struct surroundings *s, const struct placement *pl) {
    if (pl->instances.count * 2 < s->slots.count) return true;
    size_t count = s->slots.count ? s->slots.count * 2 : 256;
    if (!VEC_RESERVE(&s->slots, count)) {
        s->failed = true;
        return false;
    }
    s->slots.count = count;
    fill_slots(s, pl);
    return true;
}

struct use {
    value_id value;
    uint32_t region, step;
    bool certain, guarded;
};

static void add_instance(struct surroundings *s, struct placement *pl, const struct use *use, uint32_t key,
                         size_t slot) {
    struct instance fresh = {.value = use->value,
                             .key = key,
                             .next = s->instance_of[use->value],
                             .region = use->region,
                             .step = use->step,
                             .certain = use->certain,
                             .guarded = use->guarded};
    if (!VEC_PUSH(&pl->instances, fresh)) {
        s->failed = true;
        return;
    }
    s->slots.at[slot] = s->instance_of[use->value] = (uint32_t)pl->instances.count;
}

static void meet(struct placement *pl, struct instance *in, const struct use *use) {
    if (use->step < in->step) in->step = use->step;
    in->guarded |= use->guarded;
    if (in->region == use->region) {
        in->certain |= use->certain;
        return;
    }
    const struct region *a = &pl->regions.at[in->region], *b = &pl->regions.at[use->region];
    uint32_t common = region_meet(pl, in->region, use->region);
    bool alike = region_is_guard(pl, common) && a->parent == common && b->parent == common;
    if (common == use->region)
        in->certain = use->certain;
    else if (common != in->region)
        in->certain = in->certain && use->certain && (alike || (a->owner && a->owner == b->owner));
    in->region = common;
}

/* A value is needed in a region. */
static void add_use(struct surroundings *s, struct placement *pl, struct use use) {
    if (!is_local(s, use.value) || s->failed) return;
    bool unsafe = value_at(s->values, use.value)->unsafe;
    uint32_t key = pl->regions.at[use.region].step_region;
    if (!unsafe && s->level[use.value] < pl->level) {
        key = s->level[use.value];
        if (key < pl->regions.at[use.region].level) use.region = key;
    } else if (!unsafe && !s->pinned[use.value]) {
        key = pl->level;
    }
    size_t slot;
    if (!grow_instance_slots(s, pl)) return;
    uint32_t known = find_instance(s, pl, use.value, key, &slot);
    if (known)
        meet(pl, &pl->instances.at[known - 1], &use);
    else
        add_instance(s, pl, &use, key, slot);
}

static void add_step_uses(struct surroundings *s, struct placement *pl, uint32_t step, uint32_t region) {
    const value_id roots[] = {s->values->of_step.at[step], s->values->at_step.at[step],
                              s->values->step_size.at[step]};
    for (size_t k = 0; k < sizeof roots / sizeof *roots; k++)
        add_use(s, pl, (struct use){roots[k], region, step, .certain = true});
}

/* The regions of conditions, and what the steps need in them. */
static void add_body_uses(struct surroundings *s, struct placement *pl, uint32_t begin, uint32_t end) {
    const struct program *p = s->values->p;
    uint32_t region = pl->level;
    for (uint32_t i = begin; i < end && !s->failed; i++) {
        const struct step *step = &p->steps.at[i];
        add_step_uses(s, pl, i, region);
        if (step->kind == STEP_LOOP) i = step->partner;
        if (step->kind == STEP_WHEN) {
            uint32_t guard = region_guard(pl, s->values, region, s->values->of_step.at[i], false);
            region = region_add(pl, guard, 0);
            pl->regions.at[region].step_region = region;
            s->step_region[i] = region;
        }
        if (step->kind == STEP_END) region = region_around(pl, region);
        s->failed |= pl->regions.failed;
    }
    if (end < p->steps.count && !s->failed) add_step_uses(s, pl, end, region);
}

/* Whether an instance is needed on every path through a guard that it is directly inside of. */
static bool is_certain_in(const struct placement *pl, const struct instance *in, uint32_t guard) {
    return in->certain && (in->region == guard || pl->regions.at[in->region].parent == guard);
}

/* Of two instances of a value in one guard the later one has nothing to do: where it is needed, the earlier
 * one was. */
static void join(const struct placement *pl, struct instance *a, struct instance *b) {
    uint32_t guard = region_meet(pl, a->region, b->region);
    struct instance *first = b->step < a->step ? b : a, *second = first == a ? b : a;
    if (!region_is_guard(pl, guard) || !is_certain_in(pl, first, guard)) return;
    first->region = guard;
    first->guarded |= second->guarded;
    second->joined = true;
}

/* Instances of a value in different steps. What a condition may write itself stays in it. A value that many
 * steps need has as many instances: only those near each other in the list are compared, so that the time
 * does not grow with the square; a pair that is missed is computed twice. */
static void join_instances(const struct surroundings *s, struct placement *pl, value_id v) {
    enum { FARTHEST = 8 };
    if (s->pinned[v]) return;
    for (uint32_t i = s->instance_of[v]; i; i = pl->instances.at[i - 1].next) {
        uint32_t other = pl->instances.at[i - 1].next;
        for (unsigned k = 0; other && k < FARTHEST; k++, other = pl->instances.at[other - 1].next) {
            struct instance *a = &pl->instances.at[i - 1], *b = &pl->instances.at[other - 1];
            if (!a->joined && !b->joined) join(pl, a, b);
        }
    }
}

static bool is_invariant(const struct surroundings *s, const struct placement *pl, value_id v) {
    uint32_t level = 0;
    if (value_is_constant(value_at(s->values, v))) return true;
    if (is_local(s, v)) return s->level[v] < pl->level;
    return s->known(s->context, v, &level) && level < pl->level;
}

/* What may fail and does not depend on the loop is computed once before it, under its condition where that
 * does not depend on it either. */
static void decide_early(const struct surroundings *s, const struct placement *pl, struct instance *in) {
    if (!value_at(s->values, in->value)->unsafe || s->level[in->value] >= pl->level) return;
    uint32_t guard = in->region, parent = pl->regions.at[in->region].parent;
    if (!region_is_guard(pl, guard) && in->certain) guard = parent;
    if (region_is_guard(pl, guard) && pl->regions.at[guard].parent == pl->level &&
        is_invariant(s, pl, pl->regions.at[guard].condition)) {
        in->region = guard;
        in->early = true;
    } else {
        in->early = in->region == pl->level;
    }
}

static void open_arms(struct surroundings *s, struct placement *pl, uint32_t i) {
    value_id condition = value_at(s->values, pl->instances.at[i].value)->operands[0];
    for (unsigned k = 0; k < 2; k++) {
        uint32_t guard = region_guard(pl, s->values, pl->instances.at[i].region, condition, k == 1);
        pl->instances.at[i].arms[k] = region_add(pl, guard, i + 1);
    }
    s->failed |= pl->regions.failed;
}

/* All uses of the instance are known: its region is final, and its operands are used there. */
static void finish_instance(struct surroundings *s, struct placement *pl, uint32_t i) {
    struct instance *in = &pl->instances.at[i];
    if (in->joined) return;
    const struct value *value = value_at(s->values, in->value);
    decide_early(s, pl, in);
    in->guarded |= region_is_guard(pl, in->region) && region_is_dear(value);
    struct use use = {0, in->region, in->step, in->certain, in->guarded};
    if (value->lazy) open_arms(s, pl, i);
    const uint32_t arms[] = {in->arms[0], in->arms[1]};
    if (value->may_fail && !in->certain) {
        use.value = value->check;
        add_use(s, pl, use);
    }
    for (unsigned k = 0; k < value->count && !s->failed; k++) {
        use.value = value->operands[k];
        use.region = value->lazy && k > 0 ? arms[k - 1] : pl->instances.at[i].region;
        add_use(s, pl, use);
    }
}

bool place_body(struct placement *pl, struct surroundings *s, uint32_t begin, uint32_t end) {
    *pl = (struct placement){.level = (uint32_t)s->loops.count};
    s->slots.count = 0;
    gather_body(s, begin, end);
    for (size_t i = 0; i < s->local.count; i++) find_level(s, s->local.at[i]);
    for (uint32_t level = 0; level <= pl->level; level++) region_add(pl, level ? level - 1 : 0, 0);
    s->failed |= pl->regions.failed;
    if (!s->failed) add_body_uses(s, pl, begin, end);
    for (size_t i = s->local.count; i-- > 0;) {
        join_instances(s, pl, s->local.at[i]);
        for (uint32_t in = s->instance_of[s->local.at[i]]; in && !s->failed;
             in = pl->instances.at[in - 1].next)
            finish_instance(s, pl, in - 1);
    }
    if (!s->failed && !region_order(pl, s->values)) s->failed = true;
    return !s->failed;
}

void placement_release(struct placement *pl) {
    VEC_FREE(&pl->regions);
    VEC_FREE(&pl->instances);
    VEC_FREE(&pl->order);
    VEC_FREE(&pl->guards);
}
