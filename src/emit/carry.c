#include "emit/carry.h"

/* A place in an array: factor*index + shift. */
struct place {
    int64_t factor, shift;
};

static const struct instruction *at(const struct body *b, uint32_t i) {
    return &b->code->instructions.at[i];
}

/* The operands of a sum or product of something and a whole number; false: it is none. */
static bool with_number(const struct body *b, code_register r, enum op op, code_register *other,
                        int64_t *number) {
    const struct instruction *in = at(b, r);
    if (in->kind != CODE_VALUE || in->op != op) return false;
    bool left = at(b, in->a)->kind == CODE_INTEGER;
    if (!left && at(b, in->b)->kind != CODE_INTEGER) return false;
    *other = left ? in->b : in->a;
    *number = at(b, left ? in->a : in->b)->constant.integer;
    return true;
}

static bool find_place(const struct body *b, code_register r, uint32_t loop, struct place *place) {
    *place = (struct place){.factor = 1};
    with_number(b, r, OP_IADD, &r, &place->shift);
    with_number(b, r, OP_IMUL, &r, &place->factor);
    return r == loop;
}

/* Whether it is done in each iteration. */
static bool is_certain(const struct body *b, uint32_t i, uint32_t loop) {
    return b->fold->block[i] == loop && !b->fold->flat[i];
}

/* Whether a store is the only one to an array of numbers in the loop. */
static bool is_only_store(const struct body *b, uint32_t i, uint32_t loop) {
    const struct instruction *in = at(b, i);
    return in->kind == CODE_STORE && in->type == TYPE_REAL && b->storage[in->source].kind == HELD_ARRAY &&
           (in->update == UPDATE_SET || in->update == UPDATE_ADD) && is_certain(b, i, loop) &&
           !fold_is_written(b->fold, in->source, loop, i) &&
           !fold_is_written(b->fold, in->source, i, at(b, loop)->partner);
}

/* The load before the store of what the iteration before has stored; 0: there is none. */
static uint32_t find_load(const struct body *b, uint32_t store, uint32_t loop, struct place *place) {
    int64_t by = at(b, at(b, loop)->c)->constant.integer;
    struct place stored;
    if (!find_place(b, at(b, store)->a, loop, &stored)) return 0;
    for (uint32_t i = loop + 1; i < store; i++) {
        const struct instruction *in = at(b, i);
        if (in->kind == CODE_LOAD && in->source == at(b, store)->source && is_certain(b, i, loop) &&
            b->fold->uses[i] > 0 && find_place(b, in->a, loop, place) && place->factor == stored.factor &&
            stored.shift - place->shift == stored.factor * by)
            return i;
    }
    return 0;
}

/* An empty loop reads nothing. */
static void declare(struct body *b, uint32_t loop, uint32_t load, const struct place *place,
                    const char *name) {
    const struct phrasing *p = &b->phrasing;
    const struct instruction *in = at(b, loop);
    struct storage *storage = &b->storage[at(b, load)->source];
    struct phrase first = body_phrase(b, in->a), last = body_phrase(b, in->b), where = first;
    if (place->factor != 1) where = phrase_product(p, phrase_integer(p, place->factor), first);
    if (place->shift != 0) where = phrase_sum(p, where, phrase_integer(p, place->shift));
    if (at(b, in->a)->kind == CODE_INTEGER)
        where = phrase_integer(p, place->factor * at(b, in->a)->constant.integer + place->shift);
    if (storage->step) where = phrase_product(p, where, phrase_name(storage->step));
    bool up = at(b, in->c)->constant.integer > 0;
    struct phrase some = phrase_binary(p, first, up ? "<=" : ">=", last, LEVEL_ORDER);
    struct phrase value = phrase_element(p, storage->name, where);
    value = phrase_choice(p, some, value, phrase_real(p, 0));
    storage->read = true;
    body_line(b, "%s %s = %s;", body_type(b, TYPE_REAL), name, phrase_signed(p, value).text);
}

void carry_find(struct body *b, uint32_t loop) {
    const struct instruction *in = at(b, loop);
    struct place place;
    if (!b->carried || b->plan->pieces.count > 1 || at(b, in->c)->kind != CODE_INTEGER) return;
    for (uint32_t i = loop + 1; i < in->partner; i++) {
        uint32_t load = is_only_store(b, i, loop) ? find_load(b, i, loop, &place) : 0;
        if (!load) continue;
        const char *wish = arena_format(b->phrasing.arena, "%s_before", b->storage[at(b, i)->source].name);
        const char *name = names_take(b->names, wish ? wish : "before");
        b->carried[load] = b->carried[i] = name;
        declare(b, loop, load, &place, name);
    }
}
