#include <stdlib.h>

#include "jit/lane.h"

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static LLVMBasicBlockRef new_block(struct generator *g) {
    return LLVMAppendBasicBlockInContext(g->context, g->function, "");
}

static LLVMValueRef integer(const struct generator *g, int64_t value) {
    return LLVMConstInt(g->integer, (unsigned long long)value, 1);
}

/* ---- The body ---- */

static void write_value(struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    const code_register from[3] = {in->a, in->b, in->c};
    if (lane_pair_write(g, i)) return;
    LLVMValueRef operands[3];
    bool vector = lane_varies(g, i);
    for (unsigned k = 0; k < in->count; k++)
        operands[k] = vector ? lane_use(g, from[k]) : function_use(g, from[k]);
    g->registers[i] = operation_write(g, i, operands);
}

/* Whether a branch is one for all lanes. */
static bool is_one_way(const struct generator *g, uint32_t i) {
    const struct instruction *in = at(g, i);
    if (in->kind == CODE_ELSE) in = at(g, in->partner);
    return !lane_varies(g, in->kind == CODE_IF_END ? at(g, in->partner)->a : in->a);
}

void lane_write(struct generator *g, uint32_t i) {
    switch ((enum code_kind)at(g, i)->kind) {
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_CHOICE: break;
    case CODE_VALUE: write_value(g, i); break;
    case CODE_LOAD: lane_load(g, i); break;
    case CODE_STORE: lane_store(g, i); break;
    case CODE_CLEAR: lane_clear(g, i); break;
    case CODE_LOOP:
    case CODE_LOOP_END: bracket_write(g, i); break;
    case CODE_IF:
    case CODE_ELSE:
    case CODE_IF_END: (is_one_way(g, i) ? bracket_write : lane_branch_write)(g, i); break;
    }
}

static void write_body(struct generator *g, LLVMValueRef index) {
    g->registers[g->lane->loop] = index;
    if (g->lane->is_scan) {
        lane_scan_body(g);
        return;
    }
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end;) {
        if (at(g, i)->kind == CODE_LOOP && lane_unroll_open(g, &i)) continue;
        if (at(g, i)->kind == CODE_LOOP_END && lane_unroll_close(g, &i)) continue;
        lane_write(g, i++);
    }
}

/* ---- The loop ---- */

/* How the iterations are divided: number `full` is the first one beyond the full vectors. */
struct division {
    LLVMValueRef from, by, full, rest;
};

static struct division divide(struct generator *g, const struct range *range) {
    LLVMBuilderRef b = g->builder;
    int64_t step = LLVMConstIntGetSExtValue(range->by);
    LLVMValueRef low = step > 0 ? range->from : range->last, high = step > 0 ? range->last : range->from;
    LLVMValueRef distance = LLVMBuildSub(b, high, low, "");
    LLVMValueRef size = integer(g, step > 0 ? step : (int64_t)(0 - (uint64_t)step));
    LLVMValueRef count = LLVMBuildAdd(b, LLVMBuildUDiv(b, distance, size, ""), integer(g, 1), "");
    LLVMValueRef rest = LLVMBuildAnd(b, count, integer(g, g->lane_count - 1), "");
    return (struct division){range->from, range->by, LLVMBuildSub(b, count, rest, ""), rest};
}

static LLVMValueRef index_of(struct generator *g, const struct division *d, LLVMValueRef number) {
    return LLVMBuildAdd(g->builder, d->from, LLVMBuildMul(g->builder, number, d->by, ""), "");
}

/* The index in the first lane, where the iterations side by side begin with a number. */
static LLVMValueRef first_index(struct generator *g, const struct division *d, LLVMValueRef number) {
    if (g->lane->turned) number = LLVMBuildAdd(g->builder, number, integer(g, g->lane_count - 1), "");
    return index_of(g, d, number);
}

static void write_full(struct generator *g, const struct division *d) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), body = new_block(g), after = new_block(g);
    LLVMValueRef zero = integer(g, 0);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, d->full, zero, ""), body, after);
    LLVMPositionBuilderAtEnd(b, body);
    LLVMValueRef number = LLVMBuildPhi(b, g->integer, "");
    g->lane->full = true;
    write_body(g, first_index(g, d, number));
    g->lane->full = false;
    LLVMValueRef next = LLVMBuildAdd(b, number, integer(g, g->lane_count), "");
    LLVMBasicBlockRef end = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, next, d->full, ""), after, body);
    LLVMAddIncoming(number, &zero, &before, 1);
    LLVMAddIncoming(number, &next, &end, 1);
    LLVMPositionBuilderAtEnd(b, after);
}

static void write_rest(struct generator *g, const struct division *d) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef body = new_block(g), after = new_block(g);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, d->rest, integer(g, 0), ""), body, after);
    LLVMPositionBuilderAtEnd(b, body);
    LLVMValueRef rest = lane_splat(g, d->rest, g->lane_count);
    LLVMValueRef mask = LLVMBuildICmp(b, LLVMIntULT, lane_steps(g, 1), rest, "");
    g->lane->mask = g->lane->turned ? lane_reverse(g, mask) : mask;
    write_body(g, first_index(g, d, d->full));
    g->lane->mask = NULL;
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
}

static void write_loop(struct generator *g) {
    LLVMBuilderRef b = g->builder;
    struct range range = bracket_range(g, at(g, g->lane->loop));
    LLVMBasicBlockRef enter = new_block(g), after = new_block(g);
    LLVMBuildCondBr(b, range.any, enter, after);
    LLVMPositionBuilderAtEnd(b, enter);
    struct division d = divide(g, &range);
    lane_scan_begin(g, range.from);
    lane_sums_begin(g);
    lane_tables_begin(g, d.full);
    write_full(g, &d);
    write_rest(g, &d);
    lane_scan_end(g, range.last);
    lane_sums_end(g);
    lane_tables_end(g);
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
}

/* How many iterations a vector has. Running products are safe for so many factors as the processor's have. */
static void choose_vectors(struct generator *g) {
    struct lane_loop *lane = g->lane;
    lane->table_real = LLVMVectorType(g->real, g->lane_count);
    if (at(g, lane->loop)->order == ORDER_FREE && lane_tables_wanted(g)) g->lane_count *= 2;
    lane->real = LLVMVectorType(g->real, g->lane_count);
    lane->integer = LLVMVectorType(g->integer, g->lane_count);
    lane->truth = LLVMVectorType(g->truth, g->lane_count);
}

void lane_loop_write(struct generator *g, uint32_t loop) {
    struct lane_loop lane = {.loop = loop, .end = at(g, loop)->partner};
    unsigned lane_count = g->lane_count;
    g->lane = &lane;
    affine_find(&g->lanes->affine, loop);
    choose_vectors(g);
    if (!lane_scan_init(g))
        g->failed = true;
    else
        write_loop(g);
    free(lane.scan.early);
    g->lane = NULL;
    g->lane_count = lane_count;
    if (lane.sums.failed || lane.branches.failed || lane.pairs.failed) g->failed = true;
    if (lane.tables.failed || lane.copies.failed || lane.tiles.failed) g->failed = true;
    VEC_FREE(&lane.tables);
    VEC_FREE(&lane.pairs);
    VEC_FREE(&lane.copies);
    VEC_FREE(&lane.tiles);
    VEC_FREE(&lane.sums);
    VEC_FREE(&lane.branches);
}
