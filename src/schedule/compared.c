#include "schedule/compared.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 8 /* values within each other whose sign is looked at */ };

struct search {
    const struct code *code;
    bool again_only;        /* what may be formed again, in arrays of a loop's body; else everything */
    bool *matters;          /* by register: it does not only tell whether a loop ends early */
    bool *taken;            /* by register */
    bool *arrays;           /* by array */
    uint32_t *last_store;   /* by array: STORE or CLEAR; 0: none */
    uint32_t *store_before; /* by STORE and CLEAR: the one before it to the same array */
    VEC(code_register) stack;
};

static const struct instruction *at(const struct search *s, uint32_t i) {
    return &s->code->instructions.at[i];
}

/* ---- Signs ---- */

static bool is_not_negative(const struct search *s, code_register r, unsigned depth) {
    const struct instruction *in = at(s, r);
    if (in->kind == CODE_REAL) return in->constant.real >= 0;
    if (depth == 0) return false;
    bool both = false;
    switch (in->kind == CODE_VALUE ? (int)in->op : -1) {
    case OP_EXP:
    case OP_EXP2:
    case OP_ABS:
    case OP_SQRT: return true;
    case OP_MUL: both = in->a == in->b; break;
    case OP_ADD:
    case OP_DIV: break;
    case OP_SELECT: return is_not_negative(s, in->b, depth - 1) && is_not_negative(s, in->c, depth - 1);
    default:
        if (in->kind != CODE_CHOICE) return false;
    }
    return both || (is_not_negative(s, in->a, depth - 1) && is_not_negative(s, in->b, depth - 1));
}

/* Whether an array holds sums of terms that are not negative. */
static bool has_no_negative_terms(const struct search *s, array_id array) {
    for (uint32_t i = s->last_store[array]; i; i = s->store_before[i])
        if (!is_not_negative(s, at(s, i)->b, DEEPEST)) return false;
    return true;
}

/* Whether a comparison asks if a sum of such terms is 0. */
static bool asks_for_zero(const struct search *s, const struct instruction *in) {
    for (unsigned k = 0; k < 2; k++) {
        const struct instruction *zero = at(s, k ? in->b : in->a), *other = at(s, k ? in->a : in->b);
        bool is_zero = zero->kind == CODE_REAL && zero->constant.real == 0;
        if (is_zero && other->kind == CODE_LOAD && has_no_negative_terms(s, other->source)) return true;
    }
    return false;
}

/* ---- The search ---- */

static void take(struct search *s, code_register r) {
    if (!r || s->taken[r]) return;
    s->taken[r] = true;
    VEC_PUSH(&s->stack, r);
}

static void take_array(struct search *s, array_id array) {
    bool stays = s->again_only && !program_array_at(s->code->program, array)->owner;
    if (s->arrays[array] || stays) return;
    s->arrays[array] = true;
    for (uint32_t i = s->last_store[array]; i; i = s->store_before[i]) take(s, at(s, i)->b);
}

static bool compares(const struct search *s, uint32_t i) {
    const struct instruction *in = at(s, i);
    if (in->kind == CODE_STORE) return in->update == UPDATE_MAX || in->update == UPDATE_MIN;
    if (in->kind != CODE_VALUE || !s->matters[i]) return false;
    bool value = op_compares_reals((enum op)in->op);
    return value && !(s->again_only && asks_for_zero(s, in));
}

/* What a loop ends by is not asked for again. */
static void find_what_matters(struct search *s) {
    for (uint32_t i = (uint32_t)s->code->instructions.count; i-- > 1;) {
        const struct instruction *in = at(s, i);
        bool logic = in->kind == CODE_VALUE && (in->op == OP_AND || in->op == OP_OR || in->op == OP_NOT);
        bool constant = in->kind == CODE_REAL || in->kind == CODE_INTEGER || in->kind == CODE_TRUTH;
        if (constant || in->kind == CODE_LOOP_END || (logic && !s->matters[i])) continue;
        s->matters[in->a] = s->matters[in->b] = s->matters[in->c] = true;
    }
}

static void note_stores(struct search *s) {
    for (uint32_t i = 1; i < s->code->instructions.count; i++) {
        const struct instruction *in = at(s, i);
        if (in->kind != CODE_STORE && in->kind != CODE_CLEAR) continue;
        s->store_before[i] = s->last_store[in->source];
        s->last_store[in->source] = i;
    }
}

static void take_operands(struct search *s, const struct instruction *in) {
    switch ((enum code_kind)in->kind) {
    case CODE_VALUE:
        take(s, in->a);
        take(s, in->b);
        take(s, in->c);
        break;
    case CODE_CHOICE:
        take(s, in->a);
        take(s, in->b);
        break;
    case CODE_LOAD:
        take(s, in->a);
        take_array(s, in->source);
        break;
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_STORE:
    case CODE_CLEAR:
    case CODE_LOOP:
    case CODE_LOOP_END:
    case CODE_IF:
    case CODE_ELSE:
    case CODE_IF_END: break;
    }
}

static void find(struct search *s) {
    for (uint32_t i = 1; i < s->code->instructions.count; i++) {
        const struct instruction *in = at(s, i);
        if (!compares(s, i)) continue;
        if (in->kind == CODE_VALUE) take(s, in->a);
        take(s, in->b);
    }
    while (s->stack.count && !s->stack.failed) {
        code_register r = VEC_POP(&s->stack);
        take_operands(s, at(s, r));
    }
}

/* Everything first, then what may be formed again. */
static bool find_both(struct search *s, struct compared *compared) {
    size_t count = s->code->instructions.count, arrays = s->code->program->arrays.count;
    note_stores(s);
    find_what_matters(s);
    find(s);
    memcpy(compared->of, s->taken, count * sizeof *s->taken);
    memset(s->taken, 0, count * sizeof *s->taken);
    memset(s->arrays, 0, arrays * sizeof *s->arrays);
    s->again_only = true;
    find(s);
    memcpy(compared->ordered, s->arrays, arrays * sizeof *s->arrays);
    return !s->stack.failed;
}

bool compared_find(struct compared *compared, const struct code *code) {
    size_t count = code->instructions.count, arrays = code->program->arrays.count;
    struct search s = {.code = code};
    compared->of = calloc(count, sizeof *compared->of);
    compared->ordered = calloc(arrays, sizeof *compared->ordered);
    s.taken = calloc(count, sizeof *s.taken);
    s.matters = calloc(count, sizeof *s.matters);
    s.store_before = calloc(count, sizeof *s.store_before);
    s.arrays = calloc(arrays, sizeof *s.arrays);
    s.last_store = calloc(arrays, sizeof *s.last_store);
    bool good = compared->of && compared->ordered && s.taken && s.matters && s.store_before && s.arrays &&
                s.last_store;
    good = good && find_both(&s, compared);
    free(s.taken);
    free(s.matters);
    free(s.store_before);
    free(s.arrays);
    free(s.last_store);
    VEC_FREE(&s.stack);
    return good;
}

void compared_release(struct compared *compared) {
    free(compared->of);
    free(compared->ordered);
    *compared = (struct compared){NULL, NULL};
}
