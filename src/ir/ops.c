#include "ir/ops.h"

#include <math.h>
#include <string.h>

#include "ir/accuracy.h"
#include "ir/build.h"
#include "special/special.h"

/* One builder for each formula of the table; unused operands are common there. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"

#define PARTIAL_HEAD(id)                                                                                     \
    static node_id partial_##id(struct graph *g, const node_id *operands, uint32_t count, node_id f,         \
                                uint32_t which)
#define EXPAND_HEAD(id) static node_id expand_##id(struct graph *g, const node_id *operands, uint32_t count)

#define OP_FN1(id, name, libm, intrinsic, lanes, mpfr, step, da, expansion, ...)                             \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id a = operands[0];                                                                             \
        return da;                                                                                           \
    }                                                                                                        \
    EXPAND_HEAD(id) {                                                                                        \
        node_id a = operands[0];                                                                             \
        return expansion;                                                                                    \
    }
#define OP_FN2(id, name, libm, intrinsic, lanes, mpfr, step, da, db, expansion, ...)                         \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id a = operands[0], b = operands[1];                                                            \
        return which == 0 ? (da) : (db);                                                                     \
    }                                                                                                        \
    EXPAND_HEAD(id) {                                                                                        \
        node_id a = operands[0], b = operands[1];                                                            \
        return expansion;                                                                                    \
    }
#define OP_FNI(id, name, function, mpfr, da, ...)                                                            \
    PARTIAL_HEAD(id) {                                                                                       \
        node_id n = operands[0], a = operands[1];                                                            \
        return which == 1 ? (da) : 0;                                                                        \
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

/* The text of a column tells whether there is something in it. */
#define HAS(column) (sizeof #column > sizeof "0")
#define ULP(value, partial)                                                                                  \
    { value, partial, NULL, NULL, NULL }
#define ULP_BUT(value, value_scale, partial, partial_scale, why)                                             \
    { value, partial, value_scale, partial_scale, why }

static const struct op_info table[OP_COUNT] = {
    [OP_NONE] = {.name = "none", .type = TYPE_REAL},
#define OP_NODE(id, text, kind) [OP_##id] = {.name = text, .type = TYPE_##kind},
#define OP_FN1(id, text, lib, llvm, lanes, mpfr, step, da, expansion, within, dom, lo, hi, tex, help)        \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 1,                                                                                 \
                 .symbol = #lib,                                                                             \
                 .libm1 = lib,                                                                               \
                 .intrinsic = llvm,                                                                          \
                 .partial = partial_##id,                                                                    \
                 .expand = HAS(expansion) ? expand_##id : NULL,                                              \
                 .accuracy = within,                                                                         \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FN2(id, text, lib, llvm, lanes, mpfr, step, da, db, expansion, within, dom, lo, hi, tex, help)    \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 2,                                                                                 \
                 .fixed = HAS(da) ? 0 : 1,                                                                   \
                 .symbol = #lib,                                                                             \
                 .libm2 = lib,                                                                               \
                 .intrinsic = llvm,                                                                          \
                 .partial = partial_##id,                                                                    \
                 .expand = HAS(expansion) ? expand_##id : NULL,                                              \
                 .accuracy = within,                                                                         \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FNI(id, text, function, mpfr, da, first, last, within, dom, lo, hi, tex, help)                    \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 2,                                                                                 \
                 .has_order = true,                                                                          \
                 .fixed = 1,                                                                                 \
                 .symbol = #function,                                                                        \
                 .libm2 = function,                                                                          \
                 .partial = partial_##id,                                                                    \
                 .first_order = first,                                                                       \
                 .last_order = last,                                                                         \
                 .accuracy = within,                                                                         \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FN3(id, text, mpfr, da, db, dc, expansion, within, dom, lo, hi, tex, help)                        \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = 3,                                                                                 \
                 .partial = partial_##id,                                                                    \
                 .expand = expand_##id,                                                                      \
                 .accuracy = within,                                                                         \
                 .domain = dom,                                                                              \
                 .low = lo,                                                                                  \
                 .high = hi,                                                                                 \
                 .latex = tex,                                                                               \
                 .doc = help},
#define OP_FNV(id, text, mpfr, dk, expansion, within, dom, lo, hi, tex, help)                                \
    [OP_##id] = {.name = text,                                                                               \
                 .is_function = true,                                                                        \
                 .arity = ARITY_VARIADIC,                                                                    \
                 .partial = partial_##id,                                                                    \
                 .expand = expand_##id,                                                                      \
                 .accuracy = within,                                                                         \
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

bool op_is_own(enum op op) {
    const char *symbol = op_symbol(op);
    return symbol && strncmp(symbol, "gradc_", strlen("gradc_")) == 0;
}

bool op_is_dear(enum op op) {
    return table[op].is_function && table[op].accuracy.value > 0;
}

bool op_is_fixed(enum op op, uint32_t k) {
    return k < 8 && (table[op].fixed >> k & 1) != 0;
}

double op_sample(enum op op, uint32_t k, double unit) {
    const struct op_info *info = &table[op];
    if (!info->has_order || k > 0) return info->low + unit * (info->high - info->low);
    return floor(info->first_order + unit * (info->last_order - info->first_order + 1));
}

enum op op_find(const char *name) {
    for (int op = 1; op < OP_COUNT; op++) {
        const struct op_info *info = &table[op]; /* most names begin otherwise */
        if (info->is_function && info->name[0] == name[0] && strcmp(info->name, name) == 0)
            return (enum op)op;
    }
    return OP_NONE;
}
