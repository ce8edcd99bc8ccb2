#include "jit/lane.h"
#include "jit/term.h"

enum { LONGEST_BLEND = 24 /* operations that are cheaper than a jump over them may be */ };

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static bool is_call(const struct instruction *in) {
    return in->kind == CODE_VALUE && op_info((enum op)in->op)->is_function &&
           !op_info((enum op)in->op)->intrinsic;
}

/* One place for all lanes: it need not exist where no lane gets here. */
static bool is_one_place(const struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    if (in->kind != CODE_LOAD && in->kind != CODE_STORE) return false;
    enum lane_access access = lanes_access(g->lanes, g->lane->loop, i);
    return access == ACCESS_SHARED || (access == ACCESS_FIXED && in->kind == CODE_LOAD);
}

/* Whether a side is jumped over where no lane takes it. An exponential is not: what comes after it can begin.
 */
static bool is_jumped(const struct generator *g, uint32_t begin, uint32_t end) {
    unsigned exponentials = 0;
    if (end - begin > LONGEST_BLEND) return true;
    for (uint32_t i = begin; i < end; i++) {
        bool exponential = at(g, i)->op == OP_EXP && is_call(at(g, i)) && term_can_be_fused();
        if (at(g, i)->kind == CODE_LOOP || is_one_place(g, i)) return true;
        exponentials += exponential;
        if (is_call(at(g, i)) && (!exponential || exponentials > 1)) return true;
    }
    return false;
}

static LLVMBasicBlockRef new_block(struct generator *g) {
    return LLVMAppendBasicBlockInContext(g->context, g->function, "");
}

/* The lanes on one side become the active ones. */
static void open_side(struct generator *g, struct lane_branch *branch, uint32_t begin, uint32_t end,
                      LLVMValueRef takes) {
    LLVMBuilderRef b = g->builder;
    g->lane->mask = branch->mask ? LLVMBuildAnd(b, branch->mask, takes, "") : takes;
    branch->begin = begin;
    branch->before = branch->after = NULL;
    if (!is_jumped(g, begin, end)) return;
    LLVMBasicBlockRef side = new_block(g);
    branch->before = LLVMGetInsertBlock(b);
    branch->after = new_block(g);
    LLVMBuildCondBr(b, lane_any(g, g->lane->mask), side, branch->after);
    LLVMPositionBuilderAtEnd(b, side);
}

static bool is_choice(const struct generator *g, uint32_t i) {
    return i < g->code->instructions.count && at(g, i)->kind == CODE_CHOICE;
}

/* What was jumped over is 0, in lanes that do not look at it. */
static void join(struct generator *g, const struct lane_branch *branch, LLVMValueRef *values,
                 uint32_t first) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef end = LLVMGetInsertBlock(b), before = branch->before;
    LLVMBuildBr(b, branch->after);
    LLVMPositionBuilderAtEnd(b, branch->after);
    for (uint32_t i = first; is_choice(g, i); i++) {
        LLVMValueRef none = LLVMConstNull(LLVMTypeOf(values[i]));
        LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(values[i]), "");
        LLVMAddIncoming(phi, &values[i], &end, 1);
        LLVMAddIncoming(phi, &none, &before, 1);
        values[i] = phi;
    }
}

static void close_side(struct generator *g, const struct lane_branch *branch, uint32_t if_end, bool then) {
    LLVMValueRef *values = then ? g->then_values : g->else_values;
    for (uint32_t i = if_end + 1; is_choice(g, i); i++)
        values[i] = lane_use(g, then ? at(g, i)->a : at(g, i)->b);
    if (branch->after) join(g, branch, values, if_end + 1);
    g->lane->mask = branch->mask;
}

static void open(struct generator *g, uint32_t i) {
    struct lane_branch branch = {.condition = lane_use(g, at(g, i)->a), .mask = g->lane->mask};
    open_side(g, &branch, i + 1, at(g, i)->partner, branch.condition);
    VEC_PUSH(&g->lane->branches, branch);
}

static void turn(struct generator *g, uint32_t i) {
    struct lane_branch *branch = &VEC_LAST(&g->lane->branches);
    uint32_t end = at(g, i)->partner;
    close_side(g, branch, end, true);
    LLVMValueRef others = LLVMBuildNot(g->builder, branch->condition, "");
    open_side(g, branch, i + 1, end, others);
}

static void close(struct generator *g, uint32_t i) {
    struct lane_branch branch = VEC_POP(&g->lane->branches);
    bool has_else = at(g, at(g, i)->partner)->partner != i;
    close_side(g, &branch, i, !has_else);
    for (uint32_t k = i + 1; is_choice(g, k); k++) {
        if (!has_else) g->else_values[k] = lane_use(g, at(g, k)->b);
        g->registers[k] =
            LLVMBuildSelect(g->builder, branch.condition, g->then_values[k], g->else_values[k], "");
    }
}

void lane_branch_write(struct generator *g, uint32_t i) {
    switch ((enum code_kind)at(g, i)->kind) {
    case CODE_IF: open(g, i); break;
    case CODE_ELSE: turn(g, i); break;
    case CODE_IF_END: close(g, i); break;
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_VALUE:
    case CODE_LOAD:
    case CODE_STORE:
    case CODE_CLEAR:
    case CODE_LOOP:
    case CODE_LOOP_END:
    case CODE_CHOICE: break;
    }
}
