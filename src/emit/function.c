#include "emit/function.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ir/ops.h"
#include "schedule/plan.h"

/* gcc takes least for pieces of this length; code that it compiles in about a second stays whole. */
static const struct plan_limits limits = {.longest_sequence = 1024, .piece_length = 256};

enum { MOST_LOCAL_CELLS = 256 /* 2 KiB of stack */ };

struct emitter {
    const struct emit_request *request;
    const struct code *code;
    struct plan plan;
    struct emit_needs *needs;
    struct text *out;
    unsigned depth; /* of blocks */
    /* The current function. */
    uint32_t piece;
    uint8_t *use; /* by array: 1: it is only read, 2: it is written */
    bool uses_slots, uses_cells;
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

static bool is_cut(const struct emitter *e) {
    return e->plan.pieces.count > 1;
}

/* The memory between pieces, by places from 1. */
static void add_cell(struct emitter *e, uint32_t slot, bool real) {
    e->uses_cells = true;
    text_addf(e->out, real ? "s[%u].real" : "s[%u].whole", slot - 1);
}

static void add_foreign(struct emitter *e, code_register r) {
    const struct instruction *in = &e->code->instructions.at[r];
    bool truth = in->kind != CODE_LOOP && in->type == TYPE_BOOL;
    if (truth) text_add(e->out, "(");
    add_cell(e, e->plan.slot[r], in->kind != CODE_LOOP && in->type == TYPE_REAL);
    if (truth) text_add(e->out, " != 0)");
}

static void add_register(struct emitter *e, code_register r) {
    const struct instruction *in = &e->code->instructions.at[r];
    switch ((int)in->kind) {
    case CODE_REAL: add_real(e->out, in->constant.real); break;
    case CODE_INTEGER: add_integer(e->out, in->constant.integer); break;
    case CODE_TRUTH: text_add(e->out, in->constant.integer ? "1" : "0"); break;
    default:
        if (e->plan.home[r] == e->piece)
            text_addf(e->out, "r%u", r);
        else
            add_foreign(e, r);
    }
}

/* Keeps a register for other pieces where they use it. */
static void keep_register(struct emitter *e, uint32_t i) {
    const struct instruction *in = &e->code->instructions.at[i];
    if (!e->plan.slot[i]) return;
    indent(e);
    add_cell(e, e->plan.slot[i], in->kind != CODE_LOOP && in->type == TYPE_REAL);
    text_addf(e->out, " = r%u;\n", i);
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
    if (op_is_own((enum op)in->op)) e->needs->helpers[HELPER_APART] = true;
    text_add(e->out, op_symbol((enum op)in->op));
    add_pattern(e, in, in->count > 1 ? "(%a, %b)" : "(%a)");
}

/* ---- Arrays ---- */

static void add_element(struct emitter *e, array_id array, code_register place) {
    if (e->plan.local_slot[array]) {
        add_cell(e, e->plan.local_slot[array], program_array_at(e->code->program, array)->type == TYPE_REAL);
        return;
    }
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
        add_element(e, in->source, 0);
        text_add(e->out, " = ");
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
    keep_register(e, i);
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
    if (in->kind == CODE_LOAD) {
        add_element(e, in->source, in->a);
        if (in->type == TYPE_BOOL && e->plan.local_slot[in->source]) text_add(e->out, " != 0");
    } else {
        add_operation(e, in);
    }
    text_add(e->out, ";\n");
    keep_register(e, i);
}

static void write_instruction(struct emitter *e, uint32_t i) {
    const struct instruction *in = &e->code->instructions.at[i];
    switch ((enum code_kind)in->kind) {
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH: break;
    case CODE_CHOICE: keep_register(e, i); break;
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

static void write_array(struct emitter *e, array_id a) {
    const struct array *array = program_array_at(e->code->program, a);
    const char *type = type_name((uint8_t)array->type);
    if (code_is_local(e->code->program, a)) {
        text_addf(e->out, "    %s a%u = 0; /* %s */\n", type, a, array->name);
        return;
    }
    text_addf(e->out, "    %s%s *const a%u = slots[%u]; /* %s */\n", e->use[a] == 1 ? "const " : "", type, a,
              a, array->name);
    e->uses_slots = true;
}

/* Goes on behind an instruction of the piece, or behind a piece within. */
static uint32_t next_of(const struct emitter *e, uint32_t i) {
    uint32_t inner = plan_piece_at(&e->plan, e->piece, i);
    return inner == e->piece ? i + 1 : e->plan.pieces.at[inner].end;
}

/* The arrays that the piece touches, as variables: bases from the table, local scalars by value. */
static void write_arrays(struct emitter *e, const struct piece *piece) {
    for (uint32_t k = 0; k < piece->array_count; k++) e->use[piece->arrays[k]] = 0;
    for (uint32_t i = piece->begin; i < piece->end; i = next_of(e, i)) {
        const struct instruction *in = &e->code->instructions.at[i];
        if (e->plan.home[i] != e->piece) continue;
        if (in->kind == CODE_LOAD && !e->use[in->source]) e->use[in->source] = 1;
        if (in->kind == CODE_STORE || in->kind == CODE_CLEAR) e->use[in->source] = 2;
    }
    if (is_cut(e)) {
        for (uint32_t k = 0; k < piece->array_count; k++) write_array(e, piece->arrays[k]);
    } else {
        for (array_id a = 1; a < e->code->program->arrays.count; a++)
            if (e->use[a]) write_array(e, a);
    }
}

static void write_body(struct emitter *e, const struct piece *piece) {
    for (uint32_t i = piece->begin; i < piece->end; i = next_of(e, i)) {
        uint32_t inner = plan_piece_at(&e->plan, e->piece, i);
        if (inner == e->piece) {
            write_instruction(e, i);
            continue;
        }
        indent(e);
        text_addf(e->out, "%s_%u(slots, s);\n", e->request->name, inner + 1);
        e->uses_slots = e->uses_cells = true;
    }
}

/* The last piece is the function itself, which has the memory between the others. */
static void write_piece(struct emitter *e, uint32_t piece, size_t memory) {
    const struct piece *p = &e->plan.pieces.at[piece];
    bool whole = piece + 1 == e->plan.pieces.count;
    e->piece = piece;
    e->uses_slots = e->uses_cells = whole;
    if (whole)
        text_addf(e->out, "static void %s(void *const *slots) {\n", e->request->name);
    else
        text_addf(e->out, "GRADC_APART void %s_%u(void *const *slots, union gradc_cell *s) {\n",
                  e->request->name, piece + 1);
    write_arrays(e, p);
    if (whole && memory)
        text_add(e->out, "    union gradc_cell *const s = slots[0];\n");
    else if (whole && is_cut(e))
        text_addf(e->out, "    union gradc_cell s[%zu];\n", e->plan.slots ? e->plan.slots : 1);
    write_body(e, p);
    if (!e->uses_slots) text_add(e->out, "    (void)slots;\n");
    if (!e->uses_cells) text_add(e->out, "    (void)s;\n");
    text_add(e->out, whole ? "}\n" : "}\n\n");
}

bool emit_function(const struct emit_request *request, struct emit_needs *needs, struct text *out,
                   size_t *memory) {
    struct emitter e = {.request = request, .code = request->code, .needs = needs, .out = out, .depth = 1};
    e.use = calloc(e.code->program->arrays.count, sizeof *e.use);
    bool good = plan_make(&e.plan, e.code, &limits) && e.use;
    if (good) {
        *memory = request->alone || e.plan.slots <= MOST_LOCAL_CELLS ? 0 : e.plan.slots;
        if (is_cut(&e)) needs->helpers[HELPER_APART] = needs->helpers[HELPER_CELLS] = true;
        for (uint32_t k = 0; k < e.plan.pieces.count; k++) write_piece(&e, k, *memory);
    }
    plan_release(&e.plan);
    free(e.use);
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
        [HELPER_APART] =
            "/* Functions that compilers neither join nor fold: long code is cut into them, and calls with\n"
            " * constants are to have the bits of calls. */\n"
            "#if defined __clang__\n"
            "#define GRADC_APART __attribute__((noinline)) static\n"
            "#elif defined __GNUC__\n"
            "#define GRADC_APART __attribute__((noipa)) static\n"
            "#else\n"
            "#define GRADC_APART static\n"
            "#endif\n",
        [HELPER_CELLS] = "/* What a piece of long code computes for another. */\n"
                         "union gradc_cell {\n"
                         "    double real;\n"
                         "    int64_t whole;\n"
                         "};\n",
    };
    return texts[helper];
}
