#include <string.h>

#include "ir/ops.h"
#include "jit/function.h"
#include "jit/lane.h"
#include "jit/vector_math.h"

/* No rewriting of calls by LLVM, for that could change their bits; but they touch no memory. */
static void add_attribute(struct generator *g, LLVMValueRef call, const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    if (!kind) return;
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             LLVMCreateEnumAttribute(g->context, kind, 0));
}

static LLVMValueRef call(struct generator *g, LLVMTypeRef type, LLVMValueRef function, LLVMValueRef *operands,
                         unsigned count) {
    LLVMValueRef result = LLVMBuildCall2(g->builder, type, function, operands, count, "");
    add_attribute(g, result, "nobuiltin");
    add_attribute(g, result, "nounwind");
    add_attribute(g, result, "willreturn");
    add_attribute(g, result, "memory");
    return result;
}

static LLVMValueRef named(struct generator *g, const char *symbol, LLVMTypeRef type) {
    LLVMValueRef function = LLVMGetNamedFunction(g->module, symbol);
    return function ? function : LLVMAddFunction(g->module, symbol, type);
}

/* Functions that are found by address. */
static void note_symbol(struct generator *g, struct vector_function f) {
    for (size_t k = 0; k < g->modules->symbols.count; k++)
        if (g->modules->symbols.at[k].address == f.address) return;
    VEC_PUSH(&g->modules->symbols, f);
}

/* ---- Scalars ---- */

static LLVMValueRef call_scalar(struct generator *g, enum op op, LLVMValueRef *operands, unsigned count) {
    const struct op_info *info = op_info(op);
    LLVMTypeRef types[2] = {g->real, g->real};
    LLVMTypeRef type = LLVMFunctionType(g->real, types, count, 0);
    uintptr_t address = info->libm1 ? (uintptr_t)info->libm1 : (uintptr_t)info->libm2;
    /* A program need not export the functions of gradc itself. */
    if (op_is_own(op)) note_symbol(g, (struct vector_function){op_symbol(op), address});
    return call(g, type, named(g, op_symbol(op), type), operands, count);
}

static LLVMValueRef call_intrinsic(struct generator *g, const char *name, LLVMValueRef *operands,
                                   unsigned count) {
    LLVMTypeRef type = LLVMTypeOf(operands[0]), types[2] = {type, type};
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(g->module, id, &type, 1);
    return LLVMBuildCall2(g->builder, LLVMFunctionType(type, types, count, 0), function, operands, count, "");
}

/* ---- Vectors ---- */

static LLVMValueRef lane_by_lane(struct generator *g, enum op op, LLVMValueRef *operands, unsigned count) {
    LLVMTypeRef type = LLVMTypeOf(operands[0]);
    LLVMValueRef result = LLVMGetUndef(type);
    for (unsigned lane = 0; lane < LLVMGetVectorSize(type); lane++) {
        LLVMValueRef place = LLVMConstInt(g->integer, lane, 0), each[2];
        for (unsigned k = 0; k < count; k++)
            each[k] = LLVMBuildExtractElement(g->builder, operands[k], place, "");
        LLVMValueRef one = call_scalar(g, op, each, count);
        result = LLVMBuildInsertElement(g->builder, result, one, place, "");
    }
    return result;
}

static LLVMValueRef call_vector(struct generator *g, struct vector_function f, LLVMValueRef *operands,
                                unsigned count) {
    LLVMTypeRef vector = LLVMVectorType(g->real, g->width), types[2] = {vector, vector};
    LLVMTypeRef type = LLVMFunctionType(vector, types, count, 0);
    note_symbol(g, f);
    return call(g, type, named(g, f.symbol, type), operands, count);
}

/* As many at a time as the function takes. */
static LLVMValueRef call_parts(struct generator *g, struct vector_function f, LLVMValueRef *operands,
                               unsigned count) {
    unsigned parts = LLVMGetVectorSize(LLVMTypeOf(operands[0])) / g->width;
    LLVMValueRef results[MOST_LANES];
    if (parts == 1) return call_vector(g, f, operands, count);
    for (unsigned p = 0; p < parts; p++) {
        LLVMValueRef part[2];
        for (unsigned k = 0; k < count; k++) part[k] = lane_part(g, operands[k], p * g->width, g->width);
        results[p] = call_vector(g, f, part, count);
    }
    for (; parts > 1; parts /= 2)
        for (unsigned p = 0; p < parts / 2; p++)
            results[p] = lane_join(g, results[2 * p], results[2 * p + 1]);
    return results[0];
}

/* What a comparison depends on comes from one function, in lanes or not. */
static LLVMValueRef call_first_lane(struct generator *g, struct vector_function f, LLVMValueRef *operands,
                                    unsigned count) {
    LLVMValueRef all[2];
    for (unsigned k = 0; k < count; k++) all[k] = lane_splat(g, operands[k], g->width);
    LLVMValueRef zero = LLVMConstInt(g->integer, 0, 0);
    return LLVMBuildExtractElement(g->builder, call_vector(g, f, all, count), zero, "");
}

LLVMValueRef call_write(struct generator *g, uint32_t i, LLVMValueRef *operands) {
    const struct instruction *in = &g->code->instructions.at[i];
    enum op op = (enum op)in->op;
    const char *intrinsic = op_info(op)->intrinsic;
    if (intrinsic) return call_intrinsic(g, intrinsic, operands, in->count);
    bool vector = LLVMGetTypeKind(LLVMTypeOf(operands[0])) == LLVMVectorTypeKind;
    if (!vector && !(g->lanes && g->compared[i])) return call_scalar(g, op, operands, in->count);
    struct vector_function f = vector_math_find(op, g->width, g->fast);
    if (!f.symbol)
        return vector ? lane_by_lane(g, op, operands, in->count) : call_scalar(g, op, operands, in->count);
    return vector ? call_parts(g, f, operands, in->count) : call_first_lane(g, f, operands, in->count);
}
