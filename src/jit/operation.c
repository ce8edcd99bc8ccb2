#include "ir/ops.h"
#include "jit/function.h"

/* A whole number, for every lane of a vector like the given value. */
static LLVMValueRef integer_like(LLVMValueRef like, int64_t value) {
    LLVMTypeRef type = LLVMTypeOf(like);
    bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
    LLVMTypeRef element = vector ? LLVMGetElementType(type) : type;
    LLVMValueRef each[MOST_LANES], one = LLVMConstInt(element, (unsigned long long)value, 1);
    if (!vector) return one;
    for (unsigned k = 0; k < LLVMGetVectorSize(type); k++) each[k] = one;
    return LLVMConstVector(each, LLVMGetVectorSize(type));
}

/* ---- Whole numbers ----
 *
 * What the interpreter refuses has some value here: it may be computed ahead of the check that it depends on,
 * so nothing traps, and no result is LLVM's poison. */

static LLVMValueRef compare(struct generator *g, LLVMIntPredicate predicate, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildICmp(g->builder, predicate, a, b, "");
}

static LLVMValueRef choose(struct generator *g, LLVMValueRef condition, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildSelect(g->builder, condition, a, b, "");
}

/* Whether the remainder is not 0 and its sign is not that of the divisor. */
static LLVMValueRef is_turned(struct generator *g, LLVMValueRef rest, LLVMValueRef b) {
    LLVMValueRef some = compare(g, LLVMIntNE, rest, integer_like(rest, 0));
    LLVMValueRef signs = LLVMBuildXor(g->builder, rest, b, "");
    return LLVMBuildAnd(g->builder, some, compare(g, LLVMIntSLT, signs, integer_like(rest, 0)), "");
}

static LLVMValueRef negated(struct generator *g, LLVMValueRef a) {
    return LLVMBuildSub(g->builder, integer_like(a, 0), a, "");
}

/* 1 in place of the divisors that the processor traps at: 0, which the interpreter refuses, and -1. */
static LLVMValueRef safe_divisor(struct generator *g, LLVMValueRef b) {
    LLVMValueRef next = LLVMBuildAdd(g->builder, b, integer_like(b, 1), "");
    LLVMValueRef traps = LLVMBuildICmp(g->builder, LLVMIntULE, next, integer_like(b, 1), "");
    return choose(g, traps, integer_like(b, 1), b);
}

/* Rounded down, or towards zero where it comes out even. */
static LLVMValueRef quotient(struct generator *g, LLVMValueRef a, LLVMValueRef b, bool even) {
    LLVMValueRef divisor = safe_divisor(g, b), result = LLVMBuildSDiv(g->builder, a, divisor, "");
    if (!even) {
        LLVMValueRef turned = is_turned(g, LLVMBuildSRem(g->builder, a, divisor, ""), divisor);
        result = choose(g, turned, LLVMBuildSub(g->builder, result, integer_like(a, 1), ""), result);
    }
    return choose(g, compare(g, LLVMIntEQ, b, integer_like(a, -1)), negated(g, a), result);
}

static LLVMValueRef floor_rest(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef divisor = safe_divisor(g, b), rest = LLVMBuildSRem(g->builder, a, divisor, "");
    LLVMValueRef raised = LLVMBuildAdd(g->builder, rest, divisor, "");
    return choose(g, is_turned(g, rest, divisor), raised, rest);
}

static LLVMValueRef magnitude(struct generator *g, LLVMValueRef a) {
    return choose(g, compare(g, LLVMIntSLT, a, integer_like(a, 0)), negated(g, a), a);
}

static LLVMValueRef whole(struct generator *g, enum op op, LLVMValueRef a, LLVMValueRef b) {
    switch ((int)op) {
    case OP_IADD: return LLVMBuildAdd(g->builder, a, b, "");
    case OP_IMUL: return LLVMBuildMul(g->builder, a, b, "");
    case OP_IDIV: return quotient(g, a, b, true);
    case OP_IFLOOR: return quotient(g, a, b, false);
    case OP_IMOD: return floor_rest(g, a, b);
    case OP_IMIN: return choose(g, compare(g, LLVMIntSLT, a, b), a, b);
    case OP_IMAX: return choose(g, compare(g, LLVMIntSGT, a, b), a, b);
    case OP_IABS: return magnitude(g, a);
    case OP_ILT: return compare(g, LLVMIntSLT, a, b);
    case OP_ILE: return compare(g, LLVMIntSLE, a, b);
    case OP_IEQ: return compare(g, LLVMIntEQ, a, b);
    case OP_INE: return compare(g, LLVMIntNE, a, b);
    default: return NULL;
    }
}

/* ---- Everything ---- */

static LLVMValueRef real_comparison(struct generator *g, enum op op, LLVMValueRef a, LLVMValueRef b) {
    switch ((int)op) {
    case OP_LT: return LLVMBuildFCmp(g->builder, LLVMRealOLT, a, b, "");
    case OP_LE: return LLVMBuildFCmp(g->builder, LLVMRealOLE, a, b, "");
    case OP_EQ: return LLVMBuildFCmp(g->builder, LLVMRealOEQ, a, b, "");
    case OP_NE: return LLVMBuildFCmp(g->builder, LLVMRealUNE, a, b, "");
    default: return NULL;
    }
}

/* Contracted and regrouped where that is allowed, and no comparison depends on it. */
static LLVMValueRef relax(const struct generator *g, uint32_t i, LLVMValueRef value) {
    bool relaxed = g->fast && !g->compared[i] && LLVMCanValueUseFastMathFlags(value);
    if (relaxed) LLVMSetFastMathFlags(value, LLVMFastMathAllowContract | LLVMFastMathAllowReassoc);
    return value;
}

static LLVMValueRef to_real(struct generator *g, LLVMValueRef a) {
    LLVMTypeRef type = LLVMTypeOf(a);
    bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
    return LLVMBuildSIToFP(g->builder, a, vector ? LLVMVectorType(g->real, LLVMGetVectorSize(type)) : g->real,
                           "");
}

LLVMValueRef operation_write(struct generator *g, uint32_t i, LLVMValueRef *v) {
    const struct instruction *in = &g->code->instructions.at[i];
    enum op op = (enum op)in->op;
    switch ((int)op) {
    case OP_ADD: return relax(g, i, LLVMBuildFAdd(g->builder, v[0], v[1], ""));
    case OP_MUL: return relax(g, i, LLVMBuildFMul(g->builder, v[0], v[1], ""));
    case OP_DIV: return LLVMBuildFDiv(g->builder, v[0], v[1], "");
    case OP_TO_REAL: return to_real(g, v[0]);
    case OP_SELECT:
    case OP_ISELECT: return choose(g, v[0], v[1], v[2]);
    case OP_AND: return LLVMBuildAnd(g->builder, v[0], v[1], "");
    case OP_OR: return LLVMBuildOr(g->builder, v[0], v[1], "");
    case OP_NOT: return LLVMBuildNot(g->builder, v[0], "");
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE: return real_comparison(g, op, v[0], v[1]);
    default: break;
    }
    return op_info(op)->is_function ? call_write(g, i, v) : whole(g, op, v[0], v[1]);
}

/* The old value stays where it is beyond the new one, or not a number. */
static LLVMValueRef extremum(struct generator *g, bool maximum, LLVMValueRef old, LLVMValueRef value) {
    LLVMRealPredicate beyond = maximum ? LLVMRealOGT : LLVMRealOLT;
    LLVMValueRef stays = LLVMBuildFCmp(g->builder, beyond, old, value, "");
    LLVMValueRef nan = LLVMBuildFCmp(g->builder, LLVMRealUNO, old, old, "");
    return choose(g, LLVMBuildOr(g->builder, stays, nan, ""), old, value);
}

/* In lanes a sum may begin with its first term, of which 0 has the sign. */
static LLVMValueRef sum(struct generator *g, LLVMValueRef old, LLVMValueRef value) {
    LLVMValueRef added = LLVMBuildFAdd(g->builder, old, value, "");
    bool lanes = LLVMGetTypeKind(LLVMTypeOf(old)) == LLVMVectorTypeKind;
    if (lanes && LLVMCanValueUseFastMathFlags(added)) LLVMSetFastMathFlags(added, LLVMFastMathNoSignedZeros);
    return added;
}

LLVMValueRef operation_update(struct generator *g, uint32_t i, LLVMValueRef old, LLVMValueRef value) {
    const struct instruction *in = &g->code->instructions.at[i];
    bool real = in->type == TYPE_REAL;
    switch ((enum update_op)in->update) {
    case UPDATE_SET: return value;
    case UPDATE_ADD:
        /* As it is: contracted with the operations of its value it would wait for each of them in turn. */
        return real ? sum(g, old, value) : LLVMBuildAdd(g->builder, old, value, "");
    case UPDATE_MAX:
        return real ? extremum(g, true, old, value)
                    : choose(g, compare(g, LLVMIntSGT, old, value), old, value);
    case UPDATE_MIN: break;
    }
    return real ? extremum(g, false, old, value) : choose(g, compare(g, LLVMIntSLT, old, value), old, value);
}
