#include "jit/lane.h"

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

/* No comparison depends on it: one call for both has bits of its own. */
static bool may_pair(const struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    bool is_one = in->kind == CODE_VALUE && (in->op == OP_SIN || in->op == OP_COS);
    return is_one && !g->compared[i] && lane_varies(g, i);
}

/* The other function of the same argument, further on, where the first one is known; 0: none. */
static uint32_t find_partner(const struct generator *g, uint32_t first) {
    uint32_t depth = 0;
    for (uint32_t i = first + 1; i < g->lane->end; i++) {
        const struct instruction *in = at(g, i);
        bool closes = in->kind == CODE_LOOP_END || in->kind == CODE_IF_END || in->kind == CODE_ELSE;
        if (closes && depth == 0) return 0;
        if (closes) depth--;
        if (in->kind == CODE_LOOP || in->kind == CODE_IF || in->kind == CODE_ELSE) depth++;
        if (may_pair(g, i) && in->a == at(g, first)->a && in->op != at(g, first)->op) return i;
    }
    return 0;
}

static bool take_waiting(struct generator *g, uint32_t i) {
    for (size_t k = 0; k < g->lane->pairs.count; k++) {
        struct lane_pair *pair = &g->lane->pairs.at[k];
        if (pair->second != i) continue;
        g->registers[i] = pair->value;
        *pair = VEC_POP(&g->lane->pairs);
        return true;
    }
    return false;
}

bool lane_pair_write(struct generator *g, uint32_t i) {
    if (g->fast || !may_pair(g, i)) return false;
    if (take_waiting(g, i)) return true;
    uint32_t second = find_partner(g, i);
    LLVMValueRef values[2];
    if (!second || !call_sine_and_cosine(g, lane_use(g, at(g, i)->a), values)) return false;
    bool sine_first = at(g, i)->op == OP_SIN;
    struct lane_pair pair = {second, values[sine_first]};
    g->registers[i] = values[!sine_first];
    VEC_PUSH(&g->lane->pairs, pair);
    return true;
}
