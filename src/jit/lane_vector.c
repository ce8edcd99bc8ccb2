#include "jit/lane.h"

#include <math.h>

static LLVMValueRef lane_number(const struct generator *g, unsigned lane) {
    return LLVMConstInt(LLVMInt32TypeInContext(g->context), lane, 0);
}

LLVMTypeRef lane_type_of(const struct generator *g, enum value_type type) {
    return type == TYPE_REAL ? g->lane->real : type == TYPE_INT ? g->lane->integer : g->lane->truth;
}

/* ---- Parts ---- */

/* Lanes from a and, behind them, b: lane k is number first + k*step. */
static LLVMValueRef shuffle(struct generator *g, LLVMValueRef a, LLVMValueRef b, int first, int step,
                            unsigned count) {
    LLVMValueRef numbers[2 * MOST_LANES];
    for (unsigned k = 0; k < count; k++) numbers[k] = lane_number(g, (unsigned)(first + (int)k * step));
    return LLVMBuildShuffleVector(g->builder, a, b, LLVMConstVector(numbers, count), "");
}

LLVMValueRef lane_splat(struct generator *g, LLVMValueRef scalar, unsigned count) {
    LLVMValueRef empty = LLVMGetUndef(LLVMVectorType(LLVMTypeOf(scalar), count));
    LLVMValueRef one = LLVMBuildInsertElement(g->builder, empty, scalar, lane_number(g, 0), "");
    return shuffle(g, one, empty, 0, 0, count);
}

LLVMValueRef lane_part(struct generator *g, LLVMValueRef vector, unsigned first, unsigned count) {
    return shuffle(g, vector, LLVMGetUndef(LLVMTypeOf(vector)), (int)first, 1, count);
}

LLVMValueRef lane_join(struct generator *g, LLVMValueRef low, LLVMValueRef high) {
    return shuffle(g, low, high, 0, 1, 2 * LLVMGetVectorSize(LLVMTypeOf(low)));
}

LLVMValueRef lane_reverse(struct generator *g, LLVMValueRef vector) {
    LLVMTypeRef type = LLVMTypeOf(vector);
    unsigned count = LLVMGetVectorSize(type);
    return shuffle(g, vector, LLVMGetUndef(type), (int)count - 1, -1, count);
}

/* ---- Registers ---- */

LLVMValueRef lane_steps(struct generator *g, int64_t slope) {
    LLVMValueRef steps[MOST_LANES];
    for (unsigned k = 0; k < g->lane_count; k++)
        steps[k] = LLVMConstInt(g->integer, (unsigned long long)slope * k, 1);
    return LLVMConstVector(steps, g->lane_count);
}

static struct variation variation_of(const struct generator *g, code_register r) {
    return affine_of(&g->lanes->affine, g->lane->loop, r);
}

bool lane_varies(const struct generator *g, code_register r) {
    return variation_of(g, r).kind == VARIATION_ANY;
}

LLVMValueRef lane_use(struct generator *g, code_register r) {
    struct variation variation = variation_of(g, r);
    LLVMValueRef value = function_use(g, r);
    if (variation.kind == VARIATION_ANY) return value;
    LLVMValueRef all = lane_splat(g, value, g->lane_count), steps;
    if (variation.kind == VARIATION_NONE) return all;
    steps = lane_steps(g, variation.slope);
    if (variation.row[0]) {
        LLVMValueRef row = lane_splat(g, lane_row(g, &variation), g->lane_count);
        steps = LLVMBuildMul(g->builder, steps, row, "");
    }
    return LLVMBuildAdd(g->builder, all, steps, "");
}

LLVMValueRef lane_row(struct generator *g, const struct variation *v) {
    LLVMValueRef size = LLVMConstInt(g->integer, 1, 0);
    for (unsigned k = 0; k < MOST_ROW_FACTORS && v->row[k]; k++)
        size = LLVMBuildMul(g->builder, size, function_use(g, v->row[k]), "");
    return size;
}

LLVMValueRef lane_take(struct generator *g, uint32_t choice, code_register r) {
    return g->lane && lane_varies(g, choice) ? lane_use(g, r) : function_use(g, r);
}

LLVMValueRef lane_masked(struct generator *g, LLVMValueRef value, LLVMValueRef otherwise) {
    return g->lane->mask ? LLVMBuildSelect(g->builder, g->lane->mask, value, otherwise, "") : value;
}

LLVMValueRef lane_any(struct generator *g, LLVMValueRef mask) {
    if (!mask) return LLVMConstInt(g->truth, 1, 0);
    struct intrinsic any = {"llvm.vector.reduce.or", g->truth, {LLVMTypeOf(mask)}};
    return call_intrinsic(g, &any, &mask, 1);
}

/* ---- All lanes in one number ---- */

/* Halves become one, until there are so many lanes. */
static LLVMValueRef fold(struct generator *g, uint32_t store, LLVMValueRef vector, unsigned lanes) {
    for (unsigned count = LLVMGetVectorSize(LLVMTypeOf(vector)) / 2; count >= lanes; count /= 2) {
        LLVMValueRef low = lane_part(g, vector, 0, count), high = lane_part(g, vector, count, count);
        vector = operation_update(g, store, low, high);
    }
    return vector;
}

/* Lanes 2*k + odd of a and, behind each of them, of b. */
static LLVMValueRef every_other(struct generator *g, LLVMValueRef a, LLVMValueRef b, unsigned odd) {
    unsigned count = LLVMGetVectorSize(LLVMTypeOf(a));
    LLVMValueRef numbers[MOST_LANES];
    for (unsigned k = 0; k < count; k += 2) {
        numbers[k] = lane_number(g, k + odd);
        numbers[k + 1] = lane_number(g, count + k + odd);
    }
    return LLVMBuildShuffleVector(g->builder, a, b, LLVMConstVector(numbers, count), "");
}

/* Lanes 2*k and 2*k + 1 have changed places. */
static LLVMValueRef swapped(struct generator *g, LLVMValueRef vector) {
    unsigned count = LLVMGetVectorSize(LLVMTypeOf(vector));
    LLVMValueRef numbers[MOST_LANES];
    for (unsigned k = 0; k < count; k++) numbers[k] = lane_number(g, k ^ 1);
    return LLVMBuildShuffleVector(g->builder, vector, vector, LLVMConstVector(numbers, count), "");
}

/* Neighbours first, then halves. */
LLVMValueRef lane_reduce(struct generator *g, uint32_t store, LLVMValueRef vector) {
    vector = fold(g, store, vector, g->width);
    vector = fold(g, store, operation_update(g, store, vector, swapped(g, vector)), 2);
    return LLVMBuildExtractElement(g->builder, vector, lane_number(g, 0), "");
}

void lane_reduce_two(struct generator *g, uint32_t store, const LLVMValueRef vectors[2],
                     LLVMValueRef numbers[2]) {
    LLVMValueRef a = fold(g, store, vectors[0], g->width), b = fold(g, store, vectors[1], g->width);
    LLVMValueRef both = operation_update(g, store, every_other(g, a, b, 0), every_other(g, a, b, 1));
    both = fold(g, store, both, 2);
    for (unsigned k = 0; k < 2; k++)
        numbers[k] = LLVMBuildExtractElement(g->builder, both, lane_number(g, k), "");
}

LLVMValueRef lane_neutral(struct generator *g, const struct instruction *store, unsigned count) {
    bool real = store->type == TYPE_REAL, maximum = store->update == UPDATE_MAX;
    LLVMValueRef one;
    if (store->update == UPDATE_ADD)
        one = real ? LLVMConstReal(g->real, -0.0) : LLVMConstInt(g->integer, 0, 0);
    else if (real)
        one = LLVMConstReal(g->real, maximum ? -HUGE_VAL : HUGE_VAL);
    else
        one = LLVMConstInt(g->integer, (unsigned long long)(maximum ? INT64_MIN : INT64_MAX), 1);
    return lane_splat(g, one, count);
}
