#include <string.h>

#include "ir/ops.h"
#include "jit/function.h"

static LLVMValueRef integer(const struct generator *g, int64_t value) {
    return LLVMConstInt(g->integer, (unsigned long long)value, 1);
}

/* ---- Functions ---- */

/* No rewriting of calls by LLVM, for that could change their bits; but they touch no memory. */
static void add_attribute(struct generator *g, LLVMValueRef call, const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    if (!kind) return;
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             LLVMCreateEnumAttribute(g->context, kind, 0));
}

static LLVMValueRef named(struct generator *g, const char *symbol, LLVMTypeRef type) {
    LLVMValueRef function = LLVMGetNamedFunction(g->module, symbol);
    return function ? function : LLVMAddFunction(g->module, symbol, type);
}

/* Functions of gradc itself go by address: a program need not export them. */
static LLVMValueRef at_address(struct generator *g, const struct op_info *info) {
    uintptr_t address = info->libm1 ? (uintptr_t)info->libm1 : (uintptr_t)info->libm2;
    return LLVMConstIntToPtr(LLVMConstInt(g->integer, address, 0), g->pointer);
}

static LLVMValueRef call_function(struct generator *g, enum op op, LLVMValueRef *operands, unsigned count) {
    const struct op_info *info = op_info(op);
    LLVMTypeRef types[2] = {g->real, g->real};
    LLVMTypeRef type = LLVMFunctionType(g->real, types, count, 0);
    const char *symbol = info->intrinsic ? info->intrinsic : op_symbol(op);
    LLVMValueRef function = op_is_own(op) ? at_address(g, info) : named(g, symbol, type);
    LLVMValueRef result = LLVMBuildCall2(g->builder, type, function, operands, count, "");
    if (info->intrinsic) return result;
    add_attribute(g, result, "nobuiltin");
    add_attribute(g, result, "nounwind");
    add_attribute(g, result, "willreturn");
    add_attribute(g, result, "memory");
    return result;
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
    LLVMValueRef some = compare(g, LLVMIntNE, rest, integer(g, 0));
    LLVMValueRef signs = LLVMBuildXor(g->builder, rest, b, "");
    return LLVMBuildAnd(g->builder, some, compare(g, LLVMIntSLT, signs, integer(g, 0)), "");
}

static LLVMValueRef negated(struct generator *g, LLVMValueRef a) {
    return LLVMBuildSub(g->builder, integer(g, 0), a, "");
}

/* 1 in place of the divisors that the processor traps at: 0, which the interpreter refuses, and -1. */
static LLVMValueRef safe_divisor(struct generator *g, LLVMValueRef b) {
    LLVMValueRef next = LLVMBuildAdd(g->builder, b, integer(g, 1), "");
    LLVMValueRef traps = LLVMBuildICmp(g->builder, LLVMIntULE, next, integer(g, 1), "");
    return choose(g, traps, integer(g, 1), b);
}

/* Rounded down, or towards zero where it comes out even. */
static LLVMValueRef quotient(struct generator *g, LLVMValueRef a, LLVMValueRef b, bool even) {
    LLVMValueRef divisor = safe_divisor(g, b), result = LLVMBuildSDiv(g->builder, a, divisor, "");
    if (!even) {
        LLVMValueRef turned = is_turned(g, LLVMBuildSRem(g->builder, a, divisor, ""), divisor);
        result = choose(g, turned, LLVMBuildSub(g->builder, result, integer(g, 1), ""), result);
    }
    return choose(g, compare(g, LLVMIntEQ, b, integer(g, -1)), negated(g, a), result);
}

static LLVMValueRef floor_rest(struct generator *g, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef divisor = safe_divisor(g, b), rest = LLVMBuildSRem(g->builder, a, divisor, "");
    LLVMValueRef raised = LLVMBuildAdd(g->builder, rest, divisor, "");
    return choose(g, is_turned(g, rest, divisor), raised, rest);
}

static LLVMValueRef magnitude(struct generator *g, LLVMValueRef a) {
    return choose(g, compare(g, LLVMIntSLT, a, integer(g, 0)), negated(g, a), a);
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

LLVMValueRef operation_write(struct generator *g, const struct instruction *in) {
    enum op op = (enum op)in->op;
    LLVMValueRef v[3] = {in->count > 0 ? function_use(g, in->a) : NULL,
                         in->count > 1 ? function_use(g, in->b) : NULL,
                         in->count > 2 ? function_use(g, in->c) : NULL};
    switch ((int)op) {
    case OP_ADD: return LLVMBuildFAdd(g->builder, v[0], v[1], "");
    case OP_MUL: return LLVMBuildFMul(g->builder, v[0], v[1], "");
    case OP_DIV: return LLVMBuildFDiv(g->builder, v[0], v[1], "");
    case OP_TO_REAL: return LLVMBuildSIToFP(g->builder, v[0], g->real, "");
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
    return op_info(op)->is_function ? call_function(g, op, v, in->count) : whole(g, op, v[0], v[1]);
}

/* The old value stays where it is beyond the new one, or not a number. */
static LLVMValueRef extremum(struct generator *g, bool maximum, LLVMValueRef old, LLVMValueRef value) {
    LLVMRealPredicate beyond = maximum ? LLVMRealOGT : LLVMRealOLT;
    LLVMValueRef stays = LLVMBuildFCmp(g->builder, beyond, old, value, "");
    LLVMValueRef nan = LLVMBuildFCmp(g->builder, LLVMRealUNO, old, old, "");
    return choose(g, LLVMBuildOr(g->builder, stays, nan, ""), old, value);
}

LLVMValueRef operation_update(struct generator *g, const struct instruction *in, LLVMValueRef old,
                              LLVMValueRef value) {
    bool real = in->type == TYPE_REAL;
    switch ((enum update_op)in->update) {
    case UPDATE_SET: return value;
    case UPDATE_ADD:
        return real ? LLVMBuildFAdd(g->builder, old, value, "") : LLVMBuildAdd(g->builder, old, value, "");
    case UPDATE_MAX:
        return real ? extremum(g, true, old, value)
                    : choose(g, compare(g, LLVMIntSGT, old, value), old, value);
    case UPDATE_MIN: break;
    }
    return real ? extremum(g, false, old, value) : choose(g, compare(g, LLVMIntSLT, old, value), old, value);
}
