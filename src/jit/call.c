#include <string.h>

#include "ir/ops.h"
#include "jit/exponential.h"
#include "jit/function.h"
#include "jit/lane.h"
#include "jit/logarithm.h"
#include "jit/term.h"
#include "jit/vector_math.h"

/* No rewriting of calls by LLVM, for that could change their bits; but they touch no memory. */
static void add_attribute(struct generator *g, LLVMValueRef call, const char *name, uint64_t value) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    if (!kind) return;
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             LLVMCreateEnumAttribute(g->context, kind, value));
}

/* What LLVM's attribute "memory" says. */
enum memory { TOUCHES_NOTHING = 0, WRITES_ITS_ARGUMENTS = 2 };

static LLVMValueRef call_touching(struct generator *g, enum memory memory, LLVMTypeRef type,
                                  LLVMValueRef function, LLVMValueRef *operands, unsigned count) {
    LLVMValueRef result = LLVMBuildCall2(g->builder, type, function, operands, count, "");
    add_attribute(g, result, "nobuiltin", 0);
    add_attribute(g, result, "nounwind", 0);
    add_attribute(g, result, "willreturn", 0);
    add_attribute(g, result, "memory", memory);
    return result;
}

static LLVMValueRef call(struct generator *g, LLVMTypeRef type, LLVMValueRef function, LLVMValueRef *operands,
                         unsigned count) {
    return call_touching(g, TOUCHES_NOTHING, type, function, operands, count);
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

/* ---- Intrinsics ---- */

LLVMValueRef call_intrinsic(struct generator *g, const struct intrinsic *intrinsic, LLVMValueRef *operands,
                            unsigned count) {
    LLVMTypeRef types[MOST_OPERANDS], overloads[2] = {intrinsic->overloads[0], intrinsic->overloads[1]};
    for (unsigned k = 0; k < count; k++) types[k] = LLVMTypeOf(operands[k]);
    unsigned id = LLVMLookupIntrinsicID(intrinsic->name, strlen(intrinsic->name));
    size_t overload_count = (size_t)(overloads[0] != NULL) + (overloads[1] != NULL);
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(g->module, id, overloads, overload_count);
    LLVMTypeRef type = LLVMFunctionType(intrinsic->result, types, count, 0);
    return LLVMBuildCall2(g->builder, type, function, operands, count, "");
}

/* Of numbers, or vectors of them, to one of the same type. */
static LLVMValueRef call_like(struct generator *g, const char *name, LLVMValueRef *operands, unsigned count) {
    LLVMTypeRef type = LLVMTypeOf(operands[0]);
    return call_intrinsic(g, &(struct intrinsic){name, type, {type}}, operands, count);
}

/* ---- Scalars ---- */

/* LLVM makes one call of the GNU C library of a sine and a cosine of one argument; the library gives the same
 * bits either way. */
static const char *paired_intrinsic(const struct generator *g, enum op op) {
#ifdef __GLIBC__
    if (g->here && op == OP_SIN) return "llvm.sin";
    if (g->here && op == OP_COS) return "llvm.cos";
#endif
    (void)g, (void)op;
    return NULL;
}

static LLVMValueRef call_scalar(struct generator *g, enum op op, LLVMValueRef *operands, unsigned count) {
    const struct op_info *info = op_info(op);
    const char *paired = paired_intrinsic(g, op);
    if (paired) return call_like(g, paired, operands, count);
    LLVMTypeRef types[2] = {g->real, g->real};
    LLVMTypeRef type = LLVMFunctionType(g->real, types, count, 0);
    uintptr_t address = info->libm1 ? (uintptr_t)info->libm1 : (uintptr_t)info->libm2;
    /* A program need not export the functions of gradc itself. */
    if (op_is_own(op)) note_symbol(g, (struct vector_function){op_symbol(op), address});
    return call(g, type, named(g, op_symbol(op), type), operands, count);
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

/* Parts of one size in a row, at least one. */
static LLVMValueRef join_all(struct generator *g, LLVMValueRef *parts, unsigned count) {
    for (; count > 1; count /= 2)
        for (unsigned p = 0; p < count / 2; p++) parts[p] = lane_join(g, parts[2 * p], parts[2 * p + 1]);
    return parts[0];
}

/* As many at a time as the function takes. */
static LLVMValueRef call_parts(struct generator *g, struct vector_function f, LLVMValueRef *operands,
                               unsigned count) {
    unsigned parts = LLVMGetVectorSize(LLVMTypeOf(operands[0])) / g->width;
    LLVMValueRef results[MOST_LANES];
    for (unsigned p = 0; p < parts; p++) {
        LLVMValueRef part[2];
        for (unsigned k = 0; k < count; k++)
            part[k] = parts > 1 ? lane_part(g, operands[k], p * g->width, g->width) : operands[k];
        results[p] = call_vector(g, f, part, count);
    }
    return join_all(g, results, parts);
}

/* The function puts two vectors where its first argument points. */
static void call_for_two(struct generator *g, struct vector_function f, LLVMValueRef argument,
                         LLVMValueRef *sine, LLVMValueRef *cosine) {
    LLVMTypeRef vector = LLVMVectorType(g->real, g->width), types[2] = {g->pointer, vector};
    LLVMTypeRef type = LLVMFunctionType(g->pointer, types, 2, 0);
    LLVMValueRef memory = function_alloca(g, LLVMArrayType(vector, 2)), operands[2] = {memory, argument};
    LLVMValueRef second = LLVMConstInt(g->integer, 1, 0);
    note_symbol(g, f);
    call_touching(g, WRITES_ITS_ARGUMENTS, type, named(g, f.symbol, type), operands, 2);
    *sine = LLVMBuildLoad2(g->builder, vector, memory, "");
    LLVMValueRef behind = LLVMBuildInBoundsGEP2(g->builder, vector, memory, &second, 1, "");
    *cosine = LLVMBuildLoad2(g->builder, vector, behind, "");
}

bool call_sine_and_cosine(struct generator *g, LLVMValueRef argument, LLVMValueRef values[2]) {
    struct vector_function f = vector_math_sine_and_cosine(g->width);
    unsigned parts = LLVMGetVectorSize(LLVMTypeOf(argument)) / g->width;
    LLVMValueRef sines[MOST_LANES], cosines[MOST_LANES];
    if (!f.symbol) return false;
    for (unsigned p = 0; p < parts; p++) {
        LLVMValueRef part = parts > 1 ? lane_part(g, argument, p * g->width, g->width) : argument;
        call_for_two(g, f, part, &sines[p], &cosines[p]);
    }
    values[0] = join_all(g, sines, parts);
    values[1] = join_all(g, cosines, parts);
    return true;
}

/* Functions of vectors that are written out. */
static bool is_written(enum op op) {
    return term_can_be_fused() && (op == OP_EXP || op == OP_EXPM1 || op == OP_LOG || op == OP_LOG1P);
}

static LLVMValueRef write_out(struct generator *g, enum op op, LLVMValueRef x) {
    return (op == OP_LOG || op == OP_LOG1P ? logarithm_write : exponential_write)(g, op, x);
}

/* In vectors as the processor has them. */
static LLVMValueRef write_parts(struct generator *g, enum op op, LLVMValueRef x) {
    unsigned count = LLVMGetVectorSize(LLVMTypeOf(x)), parts = count > g->width ? count / g->width : 1;
    LLVMValueRef results[MOST_LANES];
    for (unsigned p = 0; p < parts; p++)
        results[p] = write_out(g, op, parts > 1 ? lane_part(g, x, p * g->width, g->width) : x);
    return join_all(g, results, parts);
}

static LLVMValueRef write_vector(struct generator *g, enum op op, LLVMValueRef *operands, unsigned count) {
    if (is_written(op)) return write_parts(g, op, operands[0]);
    struct vector_function f = vector_math_find(op, g->width, g->fast);
    return f.symbol ? call_parts(g, f, operands, count) : lane_by_lane(g, op, operands, count);
}

/* What a comparison depends on comes from one function, in lanes or not. */
static LLVMValueRef call_first_lane(struct generator *g, enum op op, LLVMValueRef *operands, unsigned count) {
    LLVMValueRef all[2], zero = LLVMConstInt(g->integer, 0, 0);
    if (!is_written(op) && !vector_math_find(op, g->width, g->fast).symbol)
        return call_scalar(g, op, operands, count);
    for (unsigned k = 0; k < count; k++) all[k] = lane_splat(g, operands[k], g->width);
    return LLVMBuildExtractElement(g->builder, write_vector(g, op, all, count), zero, "");
}

LLVMValueRef call_write(struct generator *g, uint32_t i, LLVMValueRef *operands) {
    const struct instruction *in = &g->code->instructions.at[i];
    enum op op = (enum op)in->op;
    const char *intrinsic = op_info(op)->intrinsic;
    if (intrinsic) return call_like(g, intrinsic, operands, in->count);
    bool vector = LLVMGetTypeKind(LLVMTypeOf(operands[0])) == LLVMVectorTypeKind;
    if (vector) return write_vector(g, op, operands, in->count);
    bool as_in_lanes = g->lanes && g->compared[i];
    return (as_in_lanes ? call_first_lane : call_scalar)(g, op, operands, in->count);
}
