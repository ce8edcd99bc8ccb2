#include "ir/ops.h"

#include <math.h>
#include <string.h>

#include "ir/build.h"

/* One builder for each formula of the table; unused operands are common there. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"

#define PARTIAL_HEAD(id)                                                                                     \
    static node_id partial_##id(struct graph *g, const node_id *operands, uint32_t count, node_id f,         \
                                uint32_t which)
#define EXPAND_HEAD(id) static node_id expand_##id(struct graph *g, const node_id *operands, uint32_t count)

#define OP_FN1(id, name, libm, intrinsic, mpfr, da, expansion, ...)                                          \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id a = operands[0];                                                                             \
        return da;                                                                                           \
    }                                                                                                        \
    EXPAND_HEAD(id) {                                                                                        \
        node_id a = operands[0];                                                                             \
        return expansion;                                                                                    \
    }
#define OP_FN2(id, name, libm, intrinsic, mpfr, da, db, expansion, ...)                                      \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id a = operands[0], b = operands[1];                                                            \
        return which == 0 ? (da) : (db);                                                                     \
    }                                                                                                        \
    EXPAND_HEAD(id) {                                                                                        \
        node_id a = operands[0], b = operands[1];                                                            \
        return expansion;                                                                                    \
    }
#define OP_FN3(id, name, mpfr, da, db, dc, expansion, ...)                                                   \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id a = operands[0], b = operands[1], c = operands[2];                                           \
        return which == 0 ? (da) : which == 1 ? (db) : (dc);                                                 \
    }                                                                                                        \
    EXPAND_HEAD(id) {                                                                                        \
        node_id a = operands[0], b = operands[1], c = operands[2];                                           \
        return expansion;                                                                                    \
    }
#define OP_FNV(id, name, mpfr, dk, expansion, ...)                                                           \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id k = operands[which];                                                                         \
        return dk;                                                                                           \
    }                                                                                                        \
    EXPAND_HEAD(id) {                                                                                        \
        return expansion;                                                                                    \
    }
#include "ir/ops.def"

/* The text of an expansion column tells whether there is one. */
#define HAS(expansion) (sizeof #expansion > sizeof "0")

static const struct op_info table[OP_COUNT] = {
    [OP_NONE] = {.name = "none", .type = TYPE_REAL},
#define OP_NODE(id, text, kind) [OP_##id] = {.name = text, .type = TYPE_##kind},
#define OP_FN1(id, text, lib, llvm, mpfr, da, expansion, dom, lo, hi, tex, help)                             \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 1,                                                                                 \
                 .symbol = #lib,                                                                             \
                 .libm1 = lib,                                                                               \
                 .intrinsic = llvm,                                                                          \
                 .partial = partial_##id,                                                                    \
                 .expand = HAS(expansion) ? expand_##id : NULL,                                              \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FN2(id, text, lib, llvm, mpfr, da, db, expansion, dom, lo, hi, tex, help)                         \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 2,                                                                                 \
                 .symbol = #lib,                                                                             \
                 .libm2 = lib,                                                                               \
                 .intrinsic = llvm,                                                                          \
                 .partial = partial_##id,                                                                    \
                 .expand = HAS(expansion) ? expand_##id : NULL,                                              \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FN3(id, text, mpfr, da, db, dc, expansion, dom, lo, hi, tex, help)                                \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 3,                                                                                 \
                 .partial = partial_##id,                                                                    \
                 .expand = expand_##id,                                                                      \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FNV(id, text, mpfr, dk, expansion, dom, lo, hi, tex, help)                                        \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = ARITY_VARIADIC,                                                                    \
                 .partial = partial_##id,                                                                    \
                 .expand = expand_##id,                                                                      \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#include "ir/ops.def"
};

const struct op_info *op_info(enum op op) {
    return &table[op];
}

const char *op_symbol(enum op op) {
    return table[op].libm1 || table[op].libm2 ? table[op].symbol : NULL;
}

enum op op_find(const char *name) {
    for (int op = 1; op < OP_COUNT; op++) {
        if (table[op].is_function && strcmp(table[op].name, name) == 0) return (enum op)op;
    }
    return OP_NONE;
}
