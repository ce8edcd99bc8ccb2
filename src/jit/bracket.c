#include "jit/lane.h"

static LLVMValueRef integer(const struct generator *g, int64_t value) {
    return LLVMConstInt(g->integer, (unsigned long long)value, 1);
}

static LLVMBasicBlockRef new_block(struct generator *g) {
    return LLVMAppendBasicBlockInContext(g->context, g->function, "");
}

static struct bracket *innermost(struct generator *g) {
    return &VEC_LAST(&g->brackets);
}

/* ---- Loops ---- */

static bool constant_step(LLVMValueRef by, int64_t *step) {
    if (!LLVMIsAConstantInt(by)) return false;
    *step = (int64_t)LLVMConstIntGetSExtValue(by);
    return true;
}

/* The index of the last iteration: from + (to - from) / by * by, without overflow. */
static LLVMValueRef last_index(struct generator *g, LLVMValueRef from, LLVMValueRef to, LLVMValueRef by) {
    LLVMBuilderRef b = g->builder;
    int64_t step;
    if (constant_step(by, &step) && (step == 1 || step == -1)) return to;
    LLVMValueRef up = LLVMBuildICmp(b, LLVMIntSGT, by, integer(g, 0), "");
    LLVMValueRef distance =
        LLVMBuildSelect(b, up, LLVMBuildSub(b, to, from, ""), LLVMBuildSub(b, from, to, ""), "");
    LLVMValueRef size = LLVMBuildSelect(b, up, by, LLVMBuildSub(b, integer(g, 0), by, ""), "");
    LLVMValueRef none = LLVMBuildICmp(b, LLVMIntEQ, size, integer(g, 0), "");
    size = LLVMBuildSelect(b, none, integer(g, 1), size, "");
    LLVMValueRef steps = LLVMBuildUDiv(b, distance, size, "");
    return LLVMBuildAdd(b, from, LLVMBuildMul(b, steps, by, ""), "");
}

/* Whether the loop runs at all. */
static LLVMValueRef runs(struct generator *g, LLVMValueRef from, LLVMValueRef to, LLVMValueRef by) {
    LLVMBuilderRef b = g->builder;
    int64_t step;
    LLVMValueRef upwards = LLVMBuildICmp(b, LLVMIntSLE, from, to, "");
    LLVMValueRef downwards = LLVMBuildICmp(b, LLVMIntSGE, from, to, "");
    if (constant_step(by, &step))
        return step > 0 ? upwards : step < 0 ? downwards : LLVMConstInt(g->truth, 0, 0);
    LLVMValueRef up = LLVMBuildICmp(b, LLVMIntSGT, by, integer(g, 0), "");
    LLVMValueRef down = LLVMBuildICmp(b, LLVMIntSLT, by, integer(g, 0), "");
    return LLVMBuildOr(b, LLVMBuildAnd(b, up, upwards, ""), LLVMBuildAnd(b, down, downwards, ""), "");
}

/* The iterations of a loop that threads share which the current one runs. */
static LLVMValueRef shared_bound(struct generator *g, uint32_t slot) {
    return LLVMBuildLoad2(g->builder, g->integer, function_scratch(g, slot), "");
}

struct range bracket_range(struct generator *g, const struct instruction *loop) {
    const struct piece *piece = &g->plan->pieces.at[g->piece];
    if (loop->order == ORDER_APART && piece->is_shared) {
        LLVMValueRef first = shared_bound(g, piece->range_slot);
        LLVMValueRef last = shared_bound(g, piece->range_slot + 1), one = integer(g, 1);
        return (struct range){first, last, one, runs(g, first, last, one)};
    }
    LLVMValueRef from = function_use(g, loop->a), to = function_use(g, loop->b);
    LLVMValueRef by = function_use(g, loop->c);
    return (struct range){from, last_index(g, from, to, by), by, runs(g, from, to, by)};
}

static void open_loop(struct generator *g, uint32_t i) {
    struct range range = bracket_range(g, &g->code->instructions.at[i]);
    struct bracket bracket = {
        .body = new_block(g), .after = new_block(g), .last = range.last, .by = range.by};
    LLVMBasicBlockRef before = LLVMGetInsertBlock(g->builder);
    LLVMBuildCondBr(g->builder, range.any, bracket.body, bracket.after);
    LLVMPositionBuilderAtEnd(g->builder, bracket.body);
    bracket.index = LLVMBuildPhi(g->builder, g->integer, "");
    LLVMAddIncoming(bracket.index, &range.from, &before, 1);
    VEC_PUSH(&g->brackets, bracket);
    function_set(g, i, bracket.index);
}

static void close_loop(struct generator *g, uint32_t i) {
    struct bracket bracket = VEC_POP(&g->brackets);
    LLVMValueRef next = LLVMBuildAdd(g->builder, bracket.index, bracket.by, "");
    LLVMValueRef done = LLVMBuildICmp(g->builder, LLVMIntEQ, bracket.index, bracket.last, "");
    code_register early = g->code->instructions.at[i].a;
    if (early) done = LLVMBuildOr(g->builder, done, function_use(g, early), "");
    LLVMBasicBlockRef end = LLVMGetInsertBlock(g->builder);
    LLVMBuildCondBr(g->builder, done, bracket.after, bracket.body);
    LLVMAddIncoming(bracket.index, &next, &end, 1);
    LLVMMoveBasicBlockAfter(bracket.after, end);
    LLVMPositionBuilderAtEnd(g->builder, bracket.after);
}

/* ---- Branches ---- */

static bool is_choice(const struct generator *g, uint32_t i) {
    return i < g->code->instructions.count && g->code->instructions.at[i].kind == CODE_CHOICE;
}

/* What the choices behind a branch take from the side that ends here. */
static void take_values(struct generator *g, uint32_t if_end, bool then) {
    for (uint32_t i = if_end + 1; is_choice(g, i); i++) {
        const struct instruction *in = &g->code->instructions.at[i];
        if (then)
            g->then_values[i] = lane_take(g, i, in->a);
        else
            g->else_values[i] = lane_take(g, i, in->b);
    }
}

static void open_branch(struct generator *g, uint32_t i) {
    const struct instruction *in = &g->code->instructions.at[i],
                             *partner = &g->code->instructions.at[in->partner];
    struct bracket bracket = {.body = new_block(g), .has_else = partner->kind == CODE_ELSE};
    if (bracket.has_else) bracket.otherwise = new_block(g);
    bracket.after = new_block(g);
    LLVMValueRef condition = function_use(g, in->a);
    if (!bracket.has_else) take_values(g, in->partner, false);
    bracket.from = LLVMGetInsertBlock(g->builder);
    LLVMBuildCondBr(g->builder, condition, bracket.body,
                    bracket.has_else ? bracket.otherwise : bracket.after);
    LLVMPositionBuilderAtEnd(g->builder, bracket.body);
    VEC_PUSH(&g->brackets, bracket);
}

static void turn_branch(struct generator *g, uint32_t i) {
    struct bracket *bracket = innermost(g);
    take_values(g, g->code->instructions.at[i].partner, true);
    bracket->then_end = LLVMGetInsertBlock(g->builder);
    LLVMBuildBr(g->builder, bracket->after);
    LLVMMoveBasicBlockAfter(bracket->otherwise, bracket->then_end);
    LLVMPositionBuilderAtEnd(g->builder, bracket->otherwise);
}

static void close_branch(struct generator *g, uint32_t i) {
    struct bracket bracket = VEC_POP(&g->brackets);
    take_values(g, i, !bracket.has_else);
    LLVMBasicBlockRef end = LLVMGetInsertBlock(g->builder);
    LLVMBuildBr(g->builder, bracket.after);
    LLVMBasicBlockRef then_end = bracket.has_else ? bracket.then_end : end;
    LLVMBasicBlockRef else_end = bracket.has_else ? end : bracket.from;
    LLVMMoveBasicBlockAfter(bracket.after, end);
    LLVMPositionBuilderAtEnd(g->builder, bracket.after);
    for (uint32_t k = i + 1; is_choice(g, k); k++) {
        LLVMValueRef type_of = g->then_values[k];
        LLVMValueRef phi = LLVMBuildPhi(g->builder, LLVMTypeOf(type_of), "");
        LLVMAddIncoming(phi, &g->then_values[k], &then_end, 1);
        LLVMAddIncoming(phi, &g->else_values[k], &else_end, 1);
        g->registers[k] = phi;
    }
    /* Kept for other pieces only behind the last phi. */
    for (uint32_t k = i + 1; is_choice(g, k); k++) function_set(g, k, g->registers[k]);
}

void bracket_write(struct generator *g, uint32_t i) {
    switch ((enum code_kind)g->code->instructions.at[i].kind) {
    case CODE_LOOP: open_loop(g, i); break;
    case CODE_LOOP_END: close_loop(g, i); break;
    case CODE_IF: open_branch(g, i); break;
    case CODE_ELSE: turn_branch(g, i); break;
    case CODE_IF_END: close_branch(g, i); break;
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_VALUE:
    case CODE_LOAD:
    case CODE_STORE:
    case CODE_CLEAR:
    case CODE_CHOICE: break;
    }
}
