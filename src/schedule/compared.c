#include "schedule/compared.h"

#include <stdlib.h>

struct search {
    const struct code *code;
    bool *compared;
    bool *arrays;           /* whether what is stored there has been taken */
    uint32_t *last_store;   /* by array; 0: none */
    uint32_t *store_before; /* by STORE: the one before it to the same array */
    VEC(code_register) stack;
};

static void take(struct search *s, code_register r) {
    if (!r || s->compared[r]) return;
    s->compared[r] = true;
    VEC_PUSH(&s->stack, r);
}

static void take_array(struct search *s, array_id array) {
    if (s->arrays[array]) return;
    s->arrays[array] = true;
    for (uint32_t i = s->last_store[array]; i; i = s->store_before[i]) take(s, s->code->instructions.at[i].b);
}

static bool compares(const struct instruction *in) {
    if (in->kind == CODE_STORE) return in->update == UPDATE_MAX || in->update == UPDATE_MIN;
    bool value = in->kind == CODE_VALUE;
    return value && (in->op == OP_LT || in->op == OP_LE || in->op == OP_EQ || in->op == OP_NE);
}

static void note_stores(struct search *s) {
    for (uint32_t i = 1; i < s->code->instructions.count; i++) {
        const struct instruction *in = &s->code->instructions.at[i];
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
    note_stores(s);
    for (uint32_t i = 1; i < s->code->instructions.count; i++) {
        const struct instruction *in = &s->code->instructions.at[i];
        if (!compares(in)) continue;
        if (in->kind == CODE_VALUE) take(s, in->a);
        take(s, in->b);
    }
    while (s->stack.count && !s->stack.failed) {
        code_register r = VEC_POP(&s->stack);
        take_operands(s, &s->code->instructions.at[r]);
    }
}

bool *compared_find(const struct code *code) {
    size_t count = code->instructions.count, arrays = code->program->arrays.count;
    struct search s = {.code = code};
    s.compared = calloc(count, sizeof *s.compared);
    s.store_before = calloc(count, sizeof *s.store_before);
    s.arrays = calloc(arrays, sizeof *s.arrays);
    s.last_store = calloc(arrays, sizeof *s.last_store);
    bool good = s.compared && s.store_before && s.arrays && s.last_store;
    if (good) find(&s);
    if (good) good = !s.stack.failed;
    free(s.store_before);
    free(s.arrays);
    free(s.last_store);
    VEC_FREE(&s.stack);
    if (good) return s.compared;
    free(s.compared);
    return NULL;
}
