#include "emit/function.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ir/ops.h"

struct emitter {
    const struct code *code;
    struct emit_needs *needs;
    struct text *out;
    unsigned depth; /* of blocks */
};

static const char *type_name(uint8_t type) {
    return type == TYPE_REAL ? "double" : type == TYPE_INT ? "int64_t" : "int";
}

static void indent(struct emitter *e) {
    for (unsigned k = 0; k < e->depth; k++) text_add(e->out, "    ");
}

/* ---- Operands ---- */

static void add_real(struct text *out, double value) {
    if (isnan(value)) {
        text_add(out, "NAN");
    } else if (isinf(value)) {
        text_add(out, value > 0 ? "HUGE_VAL" : "(-HUGE_VAL)");
    } else {
        size_t before = out->length;
        bool negative = signbit(value);
        if (negative) text_add(out, "(");
        text_add_double(out, value);
        if (out->at && !strpbrk(out->at + before, ".e")) text_add(out, ".0");
        if (negative) text_add(out, ")");
    }
}

static void add_integer(struct text *out, int64_t value) {
    if (value == INT64_MIN)
        text_add(out, "(-INT64_C(9223372036854775807) - 1)");
    else if (value < 0)
        text_addf(out, "(-INT64_C(%lld))", -(long long)value);
    else
        text_addf(out, "INT64_C(%lld)", (long long)value);
}

static void add_register(struct emitter *e, code_register r) {
    const struct instruction *in = &e->code->instructions.at[r];
    switch ((int)in->kind) {
    case CODE_REAL: add_real(e->out, in->constant.real); break;
    case CODE_INTEGER: add_integer(e->out, in->constant.integer); break;
    case CODE_TRUTH: text_add(e->out, in->constant.integer ? "1" : "0"); break;
    default: text_addf(e->out, "r%u", r); break;
    }
}

/* A pattern with %a, %b and %c for operands. */
static void add_pattern(struct emitter *e, const struct instruction *in, const char *pattern) {
    for (const char *at = pattern; *at; at++) {
        if (*at != '%' || !at[1]) {
            text_add_bytes(e->out, at, 1);
            continue;
        }
        at++;
        add_register(e, *at == 'a' ? in->a : *at == 'b' ? in->b : in->c);
    }
}

/* ---- Operations ---- */

static const char *pattern_of(struct emitter *e, enum op op) {
    switch ((int)op) {
    case OP_ADD:
    case OP_IADD: return "%a + %b";
    case OP_MUL:
    case OP_IMUL: return "%a * %b";
    case OP_DIV:
    case OP_IDIV: return "%a / %b";
    case OP_TO_REAL: return "(double)%a";
    case OP_SELECT:
    case OP_ISELECT: return "%a ? %b : %c";
    case OP_IFLOOR: e->needs->helpers[HELPER_FLOOR_QUOTIENT] = true; return "gradc_floor_quotient(%a, %b)";
    case OP_IMOD: e->needs->helpers[HELPER_FLOOR_REST] = true; return "gradc_floor_rest(%a, %b)";
    case OP_IMIN: return "%a < %b ? %a : %b";
    case OP_IMAX: return "%a > %b ? %a : %b";
    case OP_IABS: return "%a < 0 ? -%a : %a";
    case OP_LT:
    case OP_ILT: return "%a < %b";
    case OP_LE:
    case OP_ILE: return "%a <= %b";
    case OP_EQ:
    case OP_IEQ: return "%a == %b";
    case OP_NE:
    case OP_INE: return "%a != %b";
    case OP_AND: return "%a && %b";
    case OP_OR: return "%a || %b";
    case OP_NOT: return "!%a";
    default: return NULL;
    }
}

static void add_operation(struct emitter *e, const struct instruction *in) {
    const char *pattern = pattern_of(e, (enum op)in->op);
    if (pattern) {
        add_pattern(e, in, pattern);
        return;
    }
    e->needs->ops[in->op] = true;
    text_add(e->out, op_symbol((enum op)in->op));
    add_pattern(e, in, in->count > 1 ? "(%a, %b)" : "(%a)");
}

/* ---- Arrays ---- */

static void add_element(struct emitter *e, array_id array, code_register place) {
    text_addf(e->out, "a%u", array);
    if (code_is_local(e->code->program, array)) return;
    text_add(e->out, "[");
    add_register(e, place);
    text_add(e->out, "]");
}

static void write_extremum(struct emitter *e, const struct instruction *in) {
    bool real = in->type == TYPE_REAL, maximum = in->update == UPDATE_MAX;
    text_add(e->out, "if (!(");
    add_element(e, in->source, in->a);
    text_add(e->out, maximum ? " > " : " < ");
    add_register(e, in->b);
    if (real) {
        text_add(e->out, " || ");
        add_element(e, in->source, in->a);
        text_add(e->out, " != ");
        add_element(e, in->source, in->a);
    }
    text_add(e->out, ")) ");
    add_element(e, in->source, in->a);
    text_add(e->out, " = ");
    add_register(e, in->b);
    text_add(e->out, ";\n");
}

static void write_store(struct emitter *e, const struct instruction *in) {
    indent(e);
    if (in->update == UPDATE_MAX || in->update == UPDATE_MIN) {
        write_extremum(e, in);
        return;
    }
    add_element(e, in->source, in->a);
    text_add(e->out, in->update == UPDATE_ADD ? " += " : " = ");
    add_register(e, in->b);
    text_add(e->out, ";\n");
}

static void write_clear(struct emitter *e, const struct instruction *in) {
    indent(e);
    if (code_is_local(e->code->program, in->source)) {
        text_addf(e->out, "a%u = ", in->source);
        add_register(e, in->b);
        text_add(e->out, ";\n");
        return;
    }
    text_add(e->out, "for (int64_t k = 0; k < ");
    add_register(e, in->a);
    text_addf(e->out, "; k++) a%u[k] = ", in->source);
    add_register(e, in->b);
    text_add(e->out, ";\n");
}

/* ---- Loops and branches ---- */

static void write_loop(struct emitter *e, uint32_t i, const struct instruction *in) {
    const struct instruction *by = &e->code->instructions.at[in->c];
    indent(e);
    text_addf(e->out, "for (int64_t r%u = ", i);
    add_register(e, in->a);
    if (by->kind == CODE_INTEGER) {
        text_addf(e->out, "; r%u %s ", i, by->constant.integer > 0 ? "<=" : ">=");
        add_register(e, in->b);
    } else {
        add_pattern(e, &(struct instruction){.a = in->c, .b = i, .c = in->b},
                    "; %a > 0 ? %b <= %c : %a < 0 && %b >= %c");
    }
    text_addf(e->out, "; r%u += ", i);
    add_register(e, in->c);
    text_add(e->out, ") {\n");
    e->depth++;
}

static bool is_choice(const struct emitter *e, uint32_t i) {
    return i < e->code->instructions.count && e->code->instructions.at[i].kind == CODE_CHOICE;
}

/* What the choices behind a branch take from the side that ends here. */
static void write_choices(struct emitter *e, uint32_t if_end, bool then) {
    for (uint32_t i = if_end + 1; is_choice(e, i); i++) {
        const struct instruction *in = &e->code->instructions.at[i];
        indent(e);
        text_addf(e->out, "r%u = ", i);
        add_register(e, then ? in->a : in->b);
        text_add(e->out, ";\n");
    }
}

static uint32_t end_of_branch(const struct emitter *e, const struct instruction *branch) {
    const struct instruction *partner = &e->code->instructions.at[branch->partner];
    return partner->kind == CODE_ELSE ? partner->partner : branch->partner;
}

static void write_if(struct emitter *e, const struct instruction *in) {
    for (uint32_t i = end_of_branch(e, in) + 1; is_choice(e, i); i++) {
        indent(e);
        text_addf(e->out, "%s r%u;\n", type_name(e->code->instructions.at[i].type), i);
    }
    indent(e);
    add_pattern(e, in, "if (%a) {\n");
    e->depth++;
}

static void write_else(struct emitter *e, const struct instruction *in) {
    write_choices(e, in->partner, true);
    e->depth--;
    indent(e);
    text_add(e->out, "} else {\n");
    e->depth++;
}

static void write_if_end(struct emitter *e, uint32_t i, const struct instruction *in) {
    bool has_else = e->code->instructions.at[e->code->instructions.at[in->partner].partner].kind == CODE_ELSE;
    write_choices(e, i, !has_else);
    e->depth--;
    if (!has_else && is_choice(e, i + 1)) {
        indent(e);
        text_add(e->out, "} else {\n");
        e->depth++;
        write_choices(e, i, false);
        e->depth--;
    }
    indent(e);
    text_add(e->out, "}\n");
}

/* ---- Functions ---- */

static void write_value(struct emitter *e, uint32_t i, const struct instruction *in) {
    indent(e);
    text_addf(e->out, "const %s r%u = ", type_name(in->type), i);
    if (in->kind == CODE_LOAD)
        add_element(e, in->source, in->a);
    else
        add_operation(e, in);
    text_add(e->out, ";\n");
}

static void write_instruction(struct emitter *e, uint32_t i) {
    const struct instruction *in = &e->code->instructions.at[i];
    switch ((enum code_kind)in->kind) {
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_CHOICE: break;
    case CODE_VALUE:
    case CODE_LOAD: write_value(e, i, in); break;
    case CODE_STORE: write_store(e, in); break;
    case CODE_CLEAR: write_clear(e, in); break;
    case CODE_LOOP: write_loop(e, i, in); break;
    case CODE_LOOP_END:
        e->depth--;
        indent(e);
        text_add(e->out, "}\n");
        break;
    case CODE_IF: write_if(e, in); break;
    case CODE_ELSE: write_else(e, in); break;
    case CODE_IF_END: write_if_end(e, i, in); break;
    }
}

/* The arrays that the code touches, as variables: bases from the table, local scalars by value. */
static bool write_arrays(struct emitter *e) {
    const struct program *p = e->code->program;
    uint8_t *use = calloc(p->arrays.count, sizeof *use); /* 1: read only, 2: written */
    for (uint32_t i = 1; use && i < e->code->instructions.count; i++) {
        const struct instruction *in = &e->code->instructions.at[i];
        if (in->kind == CODE_LOAD && !use[in->source]) use[in->source] = 1;
        if (in->kind == CODE_STORE || in->kind == CODE_CLEAR) use[in->source] = 2;
    }
    for (array_id a = 1; use && a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (!use[a]) continue;
        if (code_is_local(p, a))
            text_addf(e->out, "    %s a%u = 0; /* %s */\n", type_name((uint8_t)array->type), a, array->name);
        else
            text_addf(e->out, "    %s%s *const a%u = slots[%u]; /* %s */\n", use[a] == 1 ? "const " : "",
                      type_name((uint8_t)array->type), a, a, array->name);
    }
    bool good = use != NULL;
    free(use);
    return good;
}

bool emit_function(const struct code *code, const char *name, struct emit_needs *needs, struct text *out) {
    struct emitter e = {.code = code, .needs = needs, .out = out, .depth = 1};
    text_addf(out, "static void %s(void *const *slots) {\n", name);
    bool good = write_arrays(&e);
    for (uint32_t i = 1; good && i < code->instructions.count; i++) write_instruction(&e, i);
    text_add(out, "}\n");
    return good && !out->failed;
}

const char *emit_helper_text(enum emit_helper helper) {
    static const char *const texts[] = {
        [HELPER_FLOOR_QUOTIENT] = "/* The quotient, rounded down. */\n"
                                  "static int64_t gradc_floor_quotient(int64_t a, int64_t b) {\n"
                                  "    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));\n"
                                  "}\n",
        [HELPER_FLOOR_REST] = "/* What is left of it: 0 or of the sign of b. */\n"
                              "static int64_t gradc_floor_rest(int64_t a, int64_t b) {\n"
                              "    return a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);\n"
                              "}\n",
    };
    return texts[helper];
}
