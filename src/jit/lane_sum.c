#include "jit/lane.h"

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static struct lane_sum *find(struct generator *g, uint32_t store) {
    const struct instruction *in = at(g, store);
    for (size_t k = 0; k < g->lane->sums.count; k++) {
        const struct instruction *first = at(g, g->lane->sums.at[k].store);
        if (first->source == in->source && first->a == in->a && first->update == in->update)
            return &g->lane->sums.at[k];
    }
    return NULL;
}

/* always: the instruction runs in every iteration. Where it does not, the element need not exist. */
static void begin(struct generator *g, uint32_t store, bool always) {
    const struct instruction *in = at(g, store);
    struct lane_sum *old = find(g, store), sum = {.store = store};
    if (old) {
        if (always) old->touched = NULL;
        return;
    }
    sum.vector = function_alloca(g, lane_type_of(g, (enum value_type)in->type));
    LLVMBuildStore(g->builder, lane_neutral(g, in, g->lane_count), sum.vector);
    if (!always && program_array_at(g->code->program, in->source)->rank > 0) {
        sum.touched = function_alloca(g, g->truth);
        LLVMBuildStore(g->builder, LLVMConstInt(g->truth, 0, 0), sum.touched);
    }
    VEC_PUSH(&g->lane->sums, sum);
}

void lane_sums_begin(struct generator *g) {
    uint32_t depth = 0;
    for (uint32_t i = g->lane->loop + 1; i < g->lane->end; i++) {
        const struct instruction *in = at(g, i);
        bool opens = in->kind == CODE_LOOP || in->kind == CODE_IF;
        bool closes = in->kind == CODE_LOOP_END || in->kind == CODE_IF_END;
        depth = depth + opens - closes;
        if (in->kind != CODE_STORE || in->update == UPDATE_SET) continue;
        if (lanes_access(g->lanes, g->lane->loop, i) == ACCESS_FIXED) begin(g, i, depth == 0);
    }
}

void lane_sums_add(struct generator *g, uint32_t store) {
    const struct instruction *in = at(g, store);
    const struct lane_sum *sum = find(g, store);
    LLVMTypeRef type = lane_type_of(g, (enum value_type)in->type);
    LLVMValueRef old = LLVMBuildLoad2(g->builder, type, sum->vector, "");
    LLVMValueRef updated = operation_update(g, store, old, lane_use(g, in->b));
    LLVMBuildStore(g->builder, lane_masked(g, updated, old), sum->vector);
    if (!sum->touched) return;
    LLVMValueRef touched = LLVMBuildLoad2(g->builder, g->truth, sum->touched, "");
    LLVMBuildStore(g->builder, LLVMBuildOr(g->builder, touched, lane_any(g, g->lane->mask), ""),
                   sum->touched);
}

static LLVMValueRef load_vector(struct generator *g, const struct lane_sum *sum) {
    LLVMTypeRef type = lane_type_of(g, (enum value_type)at(g, sum->store)->type);
    return LLVMBuildLoad2(g->builder, type, sum->vector, "");
}

/* Adds what all lanes have to the element. */
static void add(struct generator *g, const struct lane_sum *sum, LLVMValueRef number) {
    const struct instruction *in = at(g, sum->store);
    LLVMTypeRef type = function_type_of(g, (enum value_type)in->type);
    LLVMValueRef address = function_element(g, in->source, in->a);
    LLVMValueRef old = LLVMBuildLoad2(g->builder, type, address, "");
    LLVMBuildStore(g->builder, operation_update(g, sum->store, old, number), address);
}

static void end_where_touched(struct generator *g, const struct lane_sum *sum) {
    LLVMBuilderRef b = g->builder;
    LLVMBasicBlockRef here = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(g->context, g->function, "");
    LLVMBuildCondBr(b, LLVMBuildLoad2(b, g->truth, sum->touched, ""), here, after);
    LLVMPositionBuilderAtEnd(b, here);
    add(g, sum, lane_reduce(g, sum->store, load_vector(g, sum)));
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
}

static void end_two(struct generator *g, const struct lane_sum *sums) {
    LLVMValueRef vectors[2] = {load_vector(g, &sums[0]), load_vector(g, &sums[1])}, numbers[2];
    lane_reduce_two(g, sums->store, vectors, numbers);
    for (unsigned k = 0; k < 2; k++) add(g, &sums[k], numbers[k]);
}

static bool are_alike(const struct generator *g, const struct lane_sum *sums) {
    const struct instruction *a = at(g, sums[0].store), *b = at(g, sums[1].store);
    return !sums[1].touched && a->update == b->update && a->type == b->type;
}

void lane_sums_end(struct generator *g) {
    for (size_t k = 0; k < g->lane->sums.count; k++) {
        const struct lane_sum *sum = &g->lane->sums.at[k];
        if (sum->touched)
            end_where_touched(g, sum);
        else if (k + 1 < g->lane->sums.count && are_alike(g, sum)) {
            end_two(g, sum);
            k++;
        } else
            add(g, sum, lane_reduce(g, sum->store, load_vector(g, sum)));
    }
}
