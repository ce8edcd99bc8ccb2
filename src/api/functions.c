#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "ir/build.h"
#include "ir/ops.h"
#include "support/number.h"

_Static_assert((int)GRADC_NUMBER_CHARS == (int)NUMBER_CHARS, "one size of numbers as text");

void gradc_number_format(double value, char digits[GRADC_NUMBER_CHARS]) {
    number_format(value, digits);
}

bool gradc_number_parse(const char *text, size_t length, double *value) {
    return number_parse(text, length, value);
}

const char *gradc_nearest_name(const char *name, const char *const *candidates, size_t count) {
    return nearest_name(name, candidates, count);
}

/* The operation of the k-th function in the order of the table; OP_NONE behind the last. */
static enum op function_op(size_t k) {
    for (int op = 0; op < OP_COUNT; op++)
        if (op_info((enum op)op)->is_function && k-- == 0) return (enum op)op;
    return OP_NONE;
}

size_t gradc_function_count(void) {
    size_t count = 0;
    for (int op = 0; op < OP_COUNT; op++) count += op_info((enum op)op)->is_function;
    return count;
}

enum { OPERANDS = 3, OPERAND_CHARS = 16 };

struct operand_names {
    char at[OPERANDS][OPERAND_CHARS];
    uint32_t count;
};

/* The operands as the documentation calls them, where it writes a call such as "clamp(x, lo, hi)"; else x, y,
 * z. */
static struct operand_names operand_names(const struct op_info *info) {
    struct operand_names names = {{"x", "y", "z"}, info->arity == ARITY_VARIADIC ? 2 : info->arity};
    size_t length = strlen(info->name);
    const char *call = strstr(info->doc, info->name);
    if (!call || call[length] != '(') return names;
    const char *at = call + length + 1;
    for (uint32_t k = 0; k < names.count && k < OPERANDS; k++) {
        size_t end = strcspn(at, ",)");
        snprintf(names.at[k], OPERAND_CHARS, "%.*s", (int)end, at);
        at += end + (at[end] == ',');
        at += *at == ' ';
    }
    return names;
}

struct gradc_function gradc_function_at(size_t k) {
    const struct op_info *info = op_info(function_op(k));
    struct operand_names names = operand_names(info);
    struct gradc_function function = {
        .name = info->name,
        .arity = info->arity == ARITY_VARIADIC ? SIZE_MAX : info->arity,
        .domain = info->domain,
        .doc = info->doc,
        .value_error = info->accuracy.value,
        .derivative_error = info->accuracy.partial,
        .error_note = info->accuracy.why,
    };
    size_t length = 0;
    for (uint32_t i = 0; i < names.count && i < OPERANDS; i++)
        length += (size_t)snprintf(function.operands + length, sizeof function.operands - length, "%s%s",
                                   i ? ", " : "", names.at[i]);
    if (info->arity == ARITY_VARIADIC)
        snprintf(function.operands + length, sizeof function.operands - length, ", ...");
    return function;
}

/* A little program in which derivatives are formed: its arrays are the operands. */
struct workbench {
    struct arena arena;
    struct graph graph;
    struct program program;
    node_id operands[OPERANDS];
};

static void workbench_open(struct workbench *w, const struct operand_names *names) {
    arena_init(&w->arena);
    graph_init(&w->graph);
    program_init(&w->program, &w->graph, &w->arena);
    for (uint32_t k = 0; k < names->count && k < OPERANDS; k++) {
        struct array operand = {.name = names->at[k], .role = ROLE_UNKNOWN};
        array_id array = program_array(&w->program, operand);
        w->operands[k] = mk_read(&w->graph, array, TYPE_REAL, NULL, 0);
    }
}

static void workbench_close(struct workbench *w) {
    program_release(&w->program);
    graph_release(&w->graph);
    arena_release(&w->arena);
}

static void add_derivatives(struct workbench *w, enum op op, const struct operand_names *names,
                            struct text *text) {
    const struct op_info *info = op_info(op);
    node_id f = mk_call(&w->graph, op, w->operands, names->count);
    for (uint32_t k = 0; k < names->count; k++) {
        if (op_is_fixed(op, k)) continue;
        node_id partial = info->partial(&w->graph, w->operands, names->count, f, k);
        text_addf(text, "%sd/d%s = ", text->length ? "\n" : "", names->at[k]);
        program_dump_node(&w->program, partial, text);
    }
}

char *gradc_function_derivatives(size_t k) {
    struct workbench w;
    struct text text = {0};
    enum op op = function_op(k);
    struct operand_names names = operand_names(op_info(op));
    workbench_open(&w, &names);
    add_derivatives(&w, op, &names, &text);
    bool failed = text.failed || w.graph.failed || w.program.failed;
    char *copy = failed ? NULL : text_copy(text_string(&text));
    text_free(&text);
    workbench_close(&w);
    return copy;
}
