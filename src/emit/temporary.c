#include <string.h>

#include "emit/body.h"

enum { LONGEST_PART = 24 };

/* Something of letters and figures that is short enough to be part of a name; NULL else. */
static const char *part_of(const struct body *b, code_register r) {
    const struct instruction *in = &b->code->instructions.at[r];
    struct phrase phrase = b->phrases[r];
    if (in->kind == CODE_LOAD && b->storage[in->source].kind != HELD_ARRAY)
        phrase = phrase_name(b->storage[in->source].name);
    if (!r || !phrase.text || !phrase_is_name(phrase)) return NULL;
    return phrase.length <= LONGEST_PART && phrase.text[0] > '9' ? phrase.text : NULL;
}

/* ---- Elements ---- */

static const char *subscript(const struct body *b, node_id n) {
    const struct graph *g = b->code->program->graph;
    struct arena *arena = b->phrasing.arena;
    if (node_op(g, n) == OP_INT) {
        long long value = node_integer(g, n);
        return value < 0 ? NULL : arena_format(arena, "%lld", value);
    }
    if (node_op(g, n) == OP_INDEX) return b->code->program->indices.at[node_payload(g, n)].name;
    if (node_op(g, n) != OP_IADD || node_count(g, n) != 2) return NULL;
    node_id x = node_operand(g, n, 0), y = node_operand(g, n, 1);
    node_id number = node_op(g, x) == OP_INT ? x : y, index = number == x ? y : x;
    if (node_op(g, number) != OP_INT || node_op(g, index) != OP_INDEX) return NULL;
    long long value = node_integer(g, number);
    const char *name = b->code->program->indices.at[node_payload(g, index)].name;
    return arena_format(arena, value < 0 ? "%s_minus_%lld" : "%s_plus_%lld", name,
                        value < 0 ? -value : value);
}

static const char *element_name(const struct body *b, const struct instruction *in) {
    const struct graph *g = b->code->program->graph;
    const char *name = b->storage[in->source].name;
    if (strlen(name) > LONGEST_PART || strchr(name, '[')) name = "element";
    const char *all = name;
    bool known = in->node && node_op(g, in->node) == OP_READ && node_count(g, in->node) <= 3;
    for (uint32_t k = 0; known && k < node_count(g, in->node); k++) {
        const char *part = subscript(b, node_operand(g, in->node, k));
        known = part != NULL;
        all = known ? arena_format(b->phrasing.arena, "%s_%s", all, part) : NULL;
        known = known && all;
    }
    return known && all != name ? all : arena_format(b->phrasing.arena, "%s_here", name);
}

/* ---- Operations ---- */

static bool is_square_of(const char *square, const char *base) {
    size_t length = strlen(base);
    return strncmp(square, base, length) == 0 && strcmp(square + length, "_squared") == 0;
}

static const char *product_name(const struct body *b, const struct instruction *in) {
    const char *x = part_of(b, in->a), *y = part_of(b, in->b);
    if (in->a == in->b) return x ? arena_format(b->phrasing.arena, "%s_squared", x) : "square";
    if (x && y && is_square_of(x, y)) return arena_format(b->phrasing.arena, "%s_cubed", y);
    return x && y && is_square_of(y, x) ? arena_format(b->phrasing.arena, "%s_cubed", x) : "product";
}

/* "exp_x"; a function that is composed of more is "exp_value". */
static const char *function_name(const struct body *b, const struct instruction *in) {
    const char *symbol = op_symbol((enum op)in->op);
    if (!symbol) return "value";
    if (strncmp(symbol, "gradc_", 6) == 0) symbol += 6;
    const char *part = in->count == 1 ? part_of(b, in->a) : NULL;
    return arena_format(b->phrasing.arena, "%s_%s", symbol, part ? part : "value");
}

static const char *operation_name(const struct body *b, code_register r) {
    const struct instruction *in = &b->code->instructions.at[r];
    switch ((int)in->op) {
    case OP_ADD: return strstr(b->phrases[r].text, " - ") ? "difference" : "sum";
    case OP_MUL: return product_name(b, in);
    case OP_DIV: return "quotient";
    case OP_SELECT: return "choice";
    case OP_TO_REAL: return "number";
    case OP_IADD:
    case OP_IMUL: return "place";
    case OP_IDIV:
    case OP_IFLOOR: return "whole_quotient";
    case OP_IMOD: return "rest";
    case OP_IMIN: return "lesser";
    case OP_IMAX: return "greater";
    case OP_IABS: return "size";
    case OP_ISELECT: return "selected";
    default: break;
    }
    return in->type == TYPE_BOOL ? "holds" : function_name(b, in);
}

/* A result that a branch computes, and which is a constant where it is not taken. */
static bool is_guarded(const struct body *b, const struct instruction *in) {
    uint8_t other = b->code->instructions.at[in->b].kind;
    return in->kind == CODE_CHOICE && (other == CODE_REAL || other == CODE_INTEGER);
}

/* Before the branch is written, so that its operands have no names yet. */
static const char *guarded_name(const struct body *b, code_register r) {
    const struct instruction *in = &b->code->instructions.at[r];
    if (in->kind == CODE_LOAD) return element_name(b, in);
    return in->kind == CODE_VALUE && in->op != OP_ADD ? operation_name(b, r) : "value";
}

const char *temporary_name(struct body *b, code_register r) {
    const struct instruction *in = &b->code->instructions.at[r];
    const char *wish = "value";
    if (in->kind == CODE_LOAD)
        wish = element_name(b, in);
    else if (in->kind == CODE_VALUE)
        wish = operation_name(b, r);
    else if (is_guarded(b, in))
        wish = guarded_name(b, in->a);
    return names_take(b->names, wish ? wish : "value");
}
