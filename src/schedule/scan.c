#include "schedule/scan.h"

#include <stdlib.h>

#include "schedule/trips.h"

static const struct instruction *at(const struct affine *a, uint32_t i) {
    return &a->code->instructions.at[i];
}

void scan_mark_operands(const struct code *code, uint32_t loop, bool *needed) {
    for (uint32_t i = code->instructions.at[loop].partner; i-- > loop + 1;) {
        const struct instruction *in = &code->instructions.at[i];
        if (!needed[i]) continue;
        if (in->kind == CODE_LOAD) needed[in->a] = true;
        if (in->kind != CODE_VALUE) continue;
        if (in->count > 0) needed[in->a] = true;
        if (in->count > 1) needed[in->b] = true;
        if (in->count > 2) needed[in->c] = true;
    }
}

/* ---- The body ---- */

static bool is_straight(const struct affine *a, uint32_t loop) {
    for (uint32_t i = loop + 1; i < at(a, loop)->partner; i++) {
        switch ((enum code_kind)at(a, i)->kind) {
        case CODE_NONE:
        case CODE_REAL:
        case CODE_INTEGER:
        case CODE_TRUTH:
        case CODE_VALUE:
        case CODE_LOAD:
        case CODE_STORE: break;
        case CODE_CLEAR:
        case CODE_LOOP:
        case CODE_LOOP_END:
        case CODE_IF:
        case CODE_ELSE:
        case CODE_IF_END:
        case CODE_CHOICE: return false;
        }
    }
    return true;
}

/* How many instructions of a kind use the array; the last one. */
static unsigned count_uses(const struct affine *a, uint32_t loop, enum code_kind kind, array_id array,
                           uint32_t *last) {
    unsigned count = 0;
    for (uint32_t i = loop + 1; i < at(a, loop)->partner; i++) {
        if (at(a, i)->kind != kind || at(a, i)->source != array) continue;
        *last = i;
        count++;
    }
    return count;
}

/* The only array that is read and written, in one place each. */
static bool find_array(const struct affine *a, uint32_t loop, struct scan *s) {
    for (uint32_t i = loop + 1; i < at(a, loop)->partner; i++) {
        const struct instruction *in = at(a, i);
        uint32_t load = 0, store = 0;
        if (in->kind != CODE_STORE || in->source == s->array) continue;
        if (count_uses(a, loop, CODE_LOAD, in->source, &load) == 0) continue;
        bool once = count_uses(a, loop, CODE_LOAD, in->source, &load) == 1 &&
                    count_uses(a, loop, CODE_STORE, in->source, &store) == 1;
        if (s->array || !once || affine_is_private(a, loop, in->source)) return false;
        s->array = in->source;
        s->load = load;
        s->store = store;
    }
    return s->array != 0;
}

static bool is_product(const struct affine *a, struct scan *s) {
    s->product = at(a, s->store)->b;
    const struct instruction *in = at(a, s->product);
    if (in->kind != CODE_VALUE || in->op != OP_MUL || (in->a == s->load) == (in->b == s->load)) return false;
    s->factor = in->a == s->load ? in->b : in->a;
    return true;
}

/* Whether the factor needs nothing that the body has written. */
static bool stands_alone(const struct affine *a, uint32_t loop, const struct scan *s) {
    bool *needed = calloc(a->code->instructions.count, sizeof *needed), alone = needed != NULL;
    if (!needed) return false;
    needed[s->factor] = needed[at(a, s->load)->a] = needed[at(a, s->store)->a] = true;
    scan_mark_operands(a->code, loop, needed);
    for (uint32_t i = loop + 1; alone && i < at(a, loop)->partner; i++) {
        uint32_t store;
        if (!needed[i] || at(a, i)->kind != CODE_LOAD) continue;
        alone = count_uses(a, loop, CODE_STORE, at(a, i)->source, &store) == 0;
    }
    free(needed);
    return alone;
}

/* Whether the element that is read is the one that the iteration before has written. */
static bool follows(const struct affine *a, uint32_t loop, struct scan *s) {
    code_register from = at(a, s->load)->a, to = at(a, s->store)->a;
    struct variation v = affine_of(a, loop, to);
    int64_t distance;
    s->falls = v.slope == -1;
    bool steps = variation_is_constant(&v) && (v.slope == 1 || v.slope == -1);
    return steps && trips_distance(a->code, from, to, &distance) && distance == v.slope;
}

bool scan_find(const struct affine *a, const struct compared *compared, uint32_t loop, struct scan *s) {
    const struct instruction *in = at(a, loop), *by = at(a, in->c);
    *s = (struct scan){0};
    if (!order_is_sequential((enum loop_order)in->order) || at(a, in->partner)->a ||
        by->kind != CODE_INTEGER || !is_straight(a, loop))
        return false;
    if (!find_array(a, loop, s) || at(a, s->store)->type != TYPE_REAL || !is_product(a, s)) return false;
    enum update_op update = (enum update_op)at(a, s->store)->update;
    if (update != UPDATE_SET && update != UPDATE_ADD) return false;
    return !compared->of[s->product] && !compared->ordered[s->array] && follows(a, loop, s) &&
           stands_alone(a, loop, s);
}
