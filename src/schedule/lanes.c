#include "schedule/lanes.h"

#include <stdlib.h>

#include "schedule/lane_cost.h"

enum {
    LONGEST_BODY = 1024, /* is written twice, and each of its instructions may become one per lane */
    SHORTEST_LOOP = 8,   /* iterations, where their number is known */
    SHORTEST_SCAN = 32   /* likewise, where each one needs the one before */
};

static const struct instruction *at(const struct lanes *l, uint32_t i) {
    return &l->affine.code->instructions.at[i];
}

/* ---- One loop ---- */

static bool is_candidate(const struct lanes *l, uint32_t loop) {
    const struct instruction *in = at(l, loop), *by = at(l, in->c);
    if (in->partner - loop > LONGEST_BODY) return false;
    if (by->kind != CODE_INTEGER || by->constant.integer == 0) return false;
    int64_t shortest = in->order == ORDER_FREE ? SHORTEST_LOOP : SHORTEST_SCAN;
    bool is_short = trips_at_most(l->affine.code, loop, l->inputs) < shortest;
    if (is_short && !l->short_too) return false;
    for (uint32_t i = loop; i <= in->partner; i++)
        if (l->plan->home[i] != l->plan->home[loop]) return false;
    return true;
}

static bool is_same(const struct lanes *l, uint32_t loop, code_register r) {
    return affine_of(&l->affine, loop, r).kind == VARIATION_NONE;
}

/* In whatever order its iterations run, they do so in all lanes alike, to the same end. */
static bool suits_inner_loop(const struct lanes *l, uint32_t loop, const struct instruction *in) {
    return is_same(l, loop, in->a) && is_same(l, loop, in->b) && is_same(l, loop, in->c) &&
           !at(l, in->partner)->a;
}

/* masked: only some lanes may come here. */
static bool suits_store(const struct lanes *l, uint32_t loop, uint32_t i, bool masked) {
    const struct instruction *in = at(l, i);
    bool is_private = affine_is_private(&l->affine, loop, in->source);
    if (in->kind == CODE_CLEAR) return is_private && is_same(l, loop, in->a);
    if (is_private || !is_same(l, loop, in->a)) return true;
    bool is_sum = in->update == UPDATE_ADD && in->type == TYPE_REAL;
    return in->update == UPDATE_SET ? masked : !(is_sum && l->compared.ordered[in->source]);
}

static bool suits(const struct lanes *l, uint32_t loop) {
    uint32_t masked = 0;
    for (uint32_t i = loop + 1; i < at(l, loop)->partner; i++) {
        const struct instruction *in = at(l, i);
        bool good = true;
        switch ((enum code_kind)in->kind) {
        case CODE_LOOP: good = suits_inner_loop(l, loop, in); break;
        case CODE_STORE:
        case CODE_CLEAR: good = suits_store(l, loop, i, masked > 0); break;
        case CODE_IF: masked += !is_same(l, loop, in->a); break;
        case CODE_IF_END: masked -= !is_same(l, loop, at(l, in->partner)->a); break;
        case CODE_NONE:
        case CODE_REAL:
        case CODE_INTEGER:
        case CODE_TRUTH:
        case CODE_VALUE:
        case CODE_LOAD:
        case CODE_LOOP_END:
        case CODE_ELSE:
        case CODE_CHOICE: break;
        }
        if (!good) return false;
    }
    return true;
}

/* ---- All loops ---- */

bool lanes_suits(struct lanes *l, uint32_t loop) {
    if (!is_candidate(l, loop)) return false;
    affine_find(&l->affine, loop);
    struct scan scan;
    bool free = at(l, loop)->order == ORDER_FREE;
    return (free || scan_find(&l->affine, &l->compared, loop, &scan)) && suits(l, loop);
}

static bool choose(struct lanes *l, uint32_t loop) {
    return lanes_suits(l, loop) && !lane_cost_prefers_inner(l, loop);
}

static bool count_loads(struct lanes *l, const struct code *code) {
    l->loads = calloc(code->program->arrays.count, sizeof *l->loads);
    for (uint32_t i = 1; l->loads && i < code->instructions.count; i++) {
        const struct instruction *in = &code->instructions.at[i];
        if (in->kind == CODE_LOAD) l->loads[in->source]++;
    }
    return l->loads != NULL;
}

bool lanes_choose(struct lanes *l, const struct code *code, const struct plan *plan,
                  const struct binding *inputs, bool short_too) {
    *l = (struct lanes){.plan = plan, .inputs = inputs, .short_too = short_too};
    l->chosen = calloc(code->instructions.count, sizeof *l->chosen);
    if (!l->chosen || !affine_init(&l->affine, code) || !affine_init(&l->inner, code) ||
        !compared_find(&l->compared, code) || !count_loads(l, code))
        return false;
    for (uint32_t i = 1; i < code->instructions.count; i++) {
        const struct instruction *in = &code->instructions.at[i];
        if (in->kind != CODE_LOOP || !choose(l, i)) continue;
        l->chosen[i] = l->any = true;
        i = in->partner;
    }
    return true;
}

void lanes_release(struct lanes *l) {
    affine_release(&l->affine);
    affine_release(&l->inner);
    compared_release(&l->compared);
    free(l->chosen);
    free(l->loads);
}

/* Whether a load that stands behind the loop is of the element that the last iteration has set. */
static bool is_of_last(const struct lanes *l, uint32_t loop, const struct scan *scan, uint32_t load) {
    const struct code *code = l->affine.code;
    int64_t behind_last, behind_index;
    return load > at(l, loop)->partner &&
           trips_distance(code, at(l, loop)->b, at(l, load)->a, &behind_last) &&
           trips_distance(code, loop, at(l, scan->store)->a, &behind_index) && behind_last == behind_index;
}

enum scan_readers lanes_scan_readers(const struct lanes *l, uint32_t loop, const struct scan *scan) {
    const struct code *code = l->affine.code;
    enum array_role role = program_array_at(code->program, scan->array)->role;
    if (role_is_input(role) || role_is_output(role)) return READERS_ANY;
    if (l->loads[scan->array] == 1) return READERS_NONE;
    for (uint32_t i = 1; i < code->instructions.count; i++) {
        bool reads = at(l, i)->kind == CODE_LOAD && at(l, i)->source == scan->array && i != scan->load;
        if (reads && !is_of_last(l, loop, scan, i)) return READERS_ANY;
    }
    return READERS_OF_LAST;
}

static enum lane_access access_by_place(const struct lanes *l, uint32_t loop, code_register place) {
    struct variation v = affine_of(&l->affine, loop, place);
    switch ((enum variation_kind)v.kind) {
    case VARIATION_NONE: return place < loop ? ACCESS_FIXED : ACCESS_SHARED;
    case VARIATION_LINEAR:
        if (!variation_is_constant(&v)) return ACCESS_STRIDED;
        return v.slope == 1 ? ACCESS_NEXT : v.slope == -1 ? ACCESS_PREVIOUS : ACCESS_STRIDED;
    case VARIATION_ANY: break;
    }
    return ACCESS_SCATTERED;
}

enum lane_access lanes_access(const struct lanes *l, uint32_t loop, uint32_t i) {
    const struct instruction *in = at(l, i);
    if (affine_is_private(&l->affine, loop, in->source)) return ACCESS_PRIVATE;
    return access_by_place(l, loop, in->a);
}
