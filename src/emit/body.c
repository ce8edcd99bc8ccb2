#include "emit/body.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/carry.h"
#include "emit/unroll.h"

enum { LONGEST_LINE = 110, LONGEST_PHRASE = 84 };

const char *body_type(const struct body *b, enum value_type type) {
    const char *real = b->phrasing.single ? "float" : "double";
    return type == TYPE_REAL ? real : type == TYPE_INT ? "int64_t" : "int";
}

static const struct instruction *at(const struct body *b, uint32_t i) {
    return &b->code->instructions.at[i];
}

static enum value_type type_of(const struct instruction *in) {
    return in->kind == CODE_LOOP ? TYPE_INT : (enum value_type)in->type;
}

/* ---- Lines ---- */

static void indent(struct text *out, unsigned depth) {
    for (unsigned k = 0; k < depth; k++) text_add(out, "    ");
}

/* The last blank before `room` at which a line may end: behind an operator or a comma. */
static size_t place_of_break(const char *text, size_t length, size_t room) {
    size_t found = 0;
    for (size_t k = 1; k < length && (k <= room || found == 0); k++) {
        bool behind = strchr("+-*/<>=&|?:,;(", text[k - 1]) != NULL;
        if (text[k] == ' ' && behind) found = k;
    }
    return found;
}

void lines_add(struct text *out, unsigned depth, const char *statement) {
    size_t length = strlen(statement), room = LONGEST_LINE - 4 * (depth < 15 ? depth : 15);
    indent(out, depth);
    while (length > room) {
        size_t end = place_of_break(statement, length, room);
        if (!end) break;
        text_add_bytes(out, statement, end);
        text_add(out, "\n");
        indent(out, depth + 1);
        statement += end + 1;
        length -= end + 1;
        room = LONGEST_LINE - 4 * (depth < 15 ? depth + 1 : 15);
    }
    text_add_bytes(out, statement, length);
    text_add(out, "\n");
}

void body_line(struct body *b, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *line = length < 0 ? NULL : malloc((size_t)length + 1);
    if (line) {
        vsnprintf(line, (size_t)length + 1, format, again);
        lines_add(b->out, b->depth, line);
    } else {
        b->out->failed = true;
    }
    va_end(again);
    va_end(arguments);
    free(line);
}

/* ---- Operands ---- */

static struct phrase cell(struct body *b, uint32_t slot, enum value_type type) {
    struct phrase place = phrase_integer(&b->phrasing, b->cells[slot - 1]);
    if (type == TYPE_REAL)
        b->uses_kept = true;
    else
        b->uses_whole = true;
    struct phrase phrase = phrase_element(&b->phrasing, type == TYPE_REAL ? "kept" : "whole", place);
    if (type != TYPE_BOOL) return phrase;
    return phrase_binary(&b->phrasing, phrase, "!=", phrase_integer(&b->phrasing, 0), LEVEL_EQUALITY);
}

/* A single number that no one writes while it is needed is its own name. */
static bool is_own_name(const struct body *b, code_register r) {
    const struct instruction *in = at(b, r);
    if (in->kind != CODE_LOAD) return false;
    uint8_t kind = b->storage[in->source].kind;
    if (kind == HELD_ARRAY || kind == HELD_NOT) return false;
    if (role_is_input(program_array_at(b->code->program, in->source)->role)) return true;
    return !b->plan->slot[r] && !fold_is_written(b->fold, in->source, r, b->fold->last[r]);
}

static struct phrase single(struct body *b, array_id array, bool write) {
    struct storage *storage = &b->storage[array];
    storage->read |= !write;
    storage->written |= write;
    b->uses_kept |= storage->cells == CELLS_KEPT;
    b->uses_whole |= storage->cells == CELLS_WHOLE;
    return phrase_name(storage->name);
}

static struct phrase phrase_of(struct body *b, code_register r) {
    const struct instruction *in = at(b, r);
    switch ((int)in->kind) {
    case CODE_REAL: return phrase_real(&b->phrasing, in->constant.real);
    case CODE_INTEGER: return phrase_integer(&b->phrasing, in->constant.integer);
    case CODE_TRUTH: return phrase_integer(&b->phrasing, in->constant.integer != 0);
    default: break;
    }
    if (is_own_name(b, r)) return single(b, in->source, false);
    if (b->plan->home[r] != b->piece) return cell(b, b->plan->slot[r], type_of(in));
    return b->phrases[r];
}

struct phrase body_phrase(struct body *b, code_register r) {
    return phrase_of(b, r);
}

static const char *text_of(struct body *b, code_register r) {
    return phrase_signed(&b->phrasing, phrase_of(b, r)).text;
}

/* ---- Names for results ---- */

/* Gives a result a name, or its cell between pieces. */
static void name_result(struct body *b, uint32_t i) {
    const struct instruction *in = at(b, i);
    const char *value = phrase_signed(&b->phrasing, b->phrases[i]).text;
    if (b->plan->slot[i]) {
        struct phrase kept =
            cell(b, b->plan->slot[i], in->type == TYPE_BOOL ? TYPE_INT : (enum value_type)in->type);
        body_line(b, "%s = %s;", kept.text, value);
        b->phrases[i] = cell(b, b->plan->slot[i], type_of(in));
        return;
    }
    if (phrase_is_name(b->phrases[i])) return;
    if (b->fold->taken[i]) {
        b->phrases[i] = b->phrases[b->fold->taken[i]];
        body_line(b, "%s = %s;", b->phrases[i].text, value);
        return;
    }
    const char *name = temporary_name(b, i);
    body_line(b, "const %s %s = %s;", body_type(b, type_of(in)), name, value);
    b->phrases[i] = phrase_name(name);
}

static bool is_pending(const struct body *b, code_register r) {
    const struct instruction *in = at(b, r);
    bool result = in->kind == CODE_VALUE || in->kind == CODE_LOAD || in->kind == CODE_CHOICE;
    return r && result && b->fold->folded[r] && !b->fold->flat[r] && b->plan->home[r] == b->piece &&
           b->fold->uses[r] == 1 && !is_own_name(b, r) && b->phrases[r].length > 12;
}

/* Names operands, the longest first, until the expression that they are part of is short. */
static void shorten(struct body *b, const struct instruction *in) {
    const code_register operands[] = {in->a, in->b, in->c};
    for (int round = 0; round < 3; round++) {
        size_t length = 0, longest = 3;
        for (size_t k = 0; k < 3; k++) {
            if (!operands[k]) continue;
            length += phrase_of(b, operands[k]).length;
            bool longer =
                longest == 3 || b->phrases[operands[k]].length > b->phrases[operands[longest]].length;
            if (is_pending(b, operands[k]) && longer) longest = k;
        }
        if (length <= LONGEST_PHRASE || longest == 3) return;
        name_result(b, operands[longest]);
    }
}

/* ---- Operations ---- */

static struct phrase helped(struct body *b, enum helper helper, const char *name, struct phrase x,
                            struct phrase y) {
    b->needs->helpers[helper] = true;
    return phrase_call(&b->phrasing, name, x, y);
}

/* A function of libm, or one of src/special, which computes in doubles. */
static struct phrase call(struct body *b, enum op op, struct phrase x, struct phrase y) {
    const struct phrasing *p = &b->phrasing;
    b->needs->ops[op] = true;
    if (op_is_own(op)) b->needs->helpers[HELPER_APART] = true;
    if (!p->single) return phrase_call(p, op_symbol(op), x, y);
    if (!op_is_own(op)) return phrase_call(p, arena_format(p->arena, "%sf", op_symbol(op)), x, y);
    if (y.text) y = phrase_cast(p, "double", y);
    return phrase_cast(p, "float", phrase_call(p, op_symbol(op), phrase_cast(p, "double", x), y));
}

/* With a constant on the right. */
static struct phrase compare(struct body *b, const struct instruction *in, const char *operator_) {
    uint8_t kind = at(b, in->a)->kind;
    bool swap = kind == CODE_REAL || kind == CODE_INTEGER;
    struct phrase x = phrase_of(b, in->a), y = phrase_of(b, in->b);
    return phrase_binary(&b->phrasing, swap ? y : x, operator_, swap ? x : y, LEVEL_EQUALITY);
}

/* Whether n + c < n, or n + c <= n: what is checked before an element is read from an array of n. */
static bool is_known_order(const struct body *b, const struct instruction *in, bool *holds) {
    const struct instruction *x = at(b, in->a);
    if ((in->op != OP_ILT && in->op != OP_ILE) || x->kind != CODE_VALUE || x->op != OP_IADD) return false;
    code_register other = x->a == in->b ? x->b : x->a;
    if ((x->a != in->b && x->b != in->b) || at(b, other)->kind != CODE_INTEGER) return false;
    int64_t shift = at(b, other)->constant.integer;
    *holds = shift < 0 || (shift == 0 && in->op == OP_ILE);
    return true;
}

/* Both hold; one that always does is left out. */
static struct phrase both(const struct phrasing *p, struct phrase x, struct phrase y) {
    if (strcmp(x.text, "1") == 0) return y;
    return strcmp(y.text, "1") == 0 ? x : phrase_binary(p, x, "&&", y, LEVEL_AND);
}

static struct phrase operate(struct body *b, const struct instruction *in) {
    const struct phrasing *p = &b->phrasing;
    struct phrase x = phrase_of(b, in->a), y = {0}, z = {0};
    if (in->count > 1) y = phrase_of(b, in->b);
    if (in->count > 2) z = phrase_of(b, in->c);
    bool holds;
    if (is_known_order(b, in, &holds)) return phrase_integer(p, holds);
    switch ((int)in->op) {
    case OP_ADD:
    case OP_IADD: return phrase_sum(p, x, y);
    case OP_MUL:
    case OP_IMUL: return phrase_product(p, x, y);
    case OP_DIV: return phrase_quotient(p, x, y);
    case OP_IDIV: return phrase_binary(p, x, "/", y, LEVEL_PRODUCT);
    case OP_TO_REAL: return phrase_cast(p, body_type(b, TYPE_REAL), x);
    case OP_SELECT:
    case OP_ISELECT: return phrase_choice(p, x, y, z);
    case OP_IFLOOR: return helped(b, HELPER_FLOOR_QUOTIENT, "gradc_floor_quotient", x, y);
    case OP_IMOD: return helped(b, HELPER_FLOOR_REST, "gradc_floor_rest", x, y);
    case OP_IMIN: return helped(b, HELPER_LESSER, "gradc_lesser", x, y);
    case OP_IMAX: return helped(b, HELPER_GREATER, "gradc_greater", x, y);
    case OP_IABS: {
        struct phrase minus = x;
        minus.negative = !x.negative;
        return helped(b, HELPER_GREATER, "gradc_greater", x, minus);
    }
    case OP_LT:
    case OP_ILT: return phrase_binary(p, x, "<", y, LEVEL_ORDER);
    case OP_LE:
    case OP_ILE: return phrase_binary(p, x, "<=", y, LEVEL_ORDER);
    case OP_EQ:
    case OP_IEQ: return compare(b, in, "==");
    case OP_NE:
    case OP_INE: return compare(b, in, "!=");
    case OP_AND: return both(p, x, y);
    case OP_OR: return phrase_binary(p, x, "||", y, LEVEL_OR);
    case OP_NOT: return phrase_not(p, x);
    default: return call(b, (enum op)in->op, x, y);
    }
}

static struct phrase element(struct body *b, array_id array, code_register place, bool write) {
    struct storage *storage = &b->storage[array];
    if (storage->kind != HELD_ARRAY) return single(b, array, write);
    storage->read |= !write;
    storage->written |= write;
    struct phrase at = phrase_of(b, place);
    if (storage->step) at = phrase_product(&b->phrasing, at, phrase_name(storage->step));
    return phrase_element(&b->phrasing, storage->name, at);
}

/* The variable changes while its value is still needed, but where that is used once, before. */
static void write_carried(struct body *b, uint32_t i) {
    b->phrases[i] = phrase_name(carry_of(b, i));
    if (b->fold->folded[i]) return;
    const char *name = temporary_name(b, i);
    body_line(b, "const %s %s = %s;", body_type(b, TYPE_REAL), name, b->phrases[i].text);
    b->phrases[i] = phrase_name(name);
}

static void write_value(struct body *b, uint32_t i) {
    const struct instruction *in = at(b, i);
    if (is_own_name(b, i) || b->fold->uses[i] == 0) return;
    if (!b->fold->flat[i]) shorten(b, in);
    if (carry_of(b, i)) {
        write_carried(b, i);
        return;
    }
    if (in->kind == CODE_LOAD) {
        b->phrases[i] = element(b, in->source, in->a, false);
        if (in->type == TYPE_BOOL && b->storage[in->source].cells == CELLS_WHOLE)
            b->phrases[i] = phrase_binary(&b->phrasing, b->phrases[i], "!=", phrase_integer(&b->phrasing, 0),
                                          LEVEL_EQUALITY);
    } else {
        b->phrases[i] = operate(b, in);
    }
    if (!b->fold->folded[i]) name_result(b, i);
}

/* ---- Stores ---- */

static void write_extremum(struct body *b, const struct instruction *in, const char *target) {
    bool maximum = in->update == UPDATE_MAX, real = in->type == TYPE_REAL;
    enum helper helper =
        real ? (maximum ? HELPER_MAXIMUM : HELPER_MINIMUM) : (maximum ? HELPER_GREATER : HELPER_LESSER);
    static const char *const names[] = {[HELPER_MAXIMUM] = "gradc_maximum",
                                        [HELPER_MINIMUM] = "gradc_minimum",
                                        [HELPER_GREATER] = "gradc_greater",
                                        [HELPER_LESSER] = "gradc_lesser"};
    b->needs->helpers[helper] = true;
    b->storage[in->source].read = true;
    body_line(b, "%s = %s(%s, %s);", target, names[helper], target, text_of(b, in->b));
}

static void write_store(struct body *b, uint32_t i) {
    const struct instruction *in = at(b, i);
    struct storage *storage = &b->storage[in->source];
    if (storage->kind == HELD_CONSTANT) {
        struct phrase value = phrase_signed(&b->phrasing, phrase_of(b, in->b));
        storage->name = value.text;
        if (value.level == LEVEL_NAME && value.length <= 16) return;
        storage->name = names_take(b->names, storage->value_name);
        body_line(b, "const int64_t %s = %s;", storage->name, value.text);
        return;
    }
    const char *target = element(b, in->source, in->a, true).text;
    struct phrase value = phrase_of(b, in->b);
    if (carry_of(b, i)) {
        if (in->update == UPDATE_ADD) value = phrase_sum(&b->phrasing, phrase_name(target), value);
        storage->read |= in->update == UPDATE_ADD;
        body_line(b, "%s = %s;", carry_of(b, i), phrase_signed(&b->phrasing, value).text);
        body_line(b, "%s = %s;", target, carry_of(b, i));
        return;
    }
    const char *type =
        storage->declared_at == i ? body_type(b, program_array_at(b->code->program, in->source)->type) : "";
    const char *gap = *type ? " " : "";
    if (in->update == UPDATE_MAX || in->update == UPDATE_MIN) {
        write_extremum(b, in, target);
    } else if (in->update == UPDATE_ADD) {
        storage->read = true;
        body_line(b, value.negative ? "%s -= %s;" : "%s += %s;", target, value.text);
    } else {
        body_line(b, "%s%s%s = %s;", type, gap, target, phrase_signed(&b->phrasing, value).text);
    }
}

static void write_clear(struct body *b, uint32_t i) {
    const struct instruction *in = at(b, i);
    const struct storage *storage = &b->storage[in->source];
    const char *value = text_of(b, in->b);
    if (storage->kind != HELD_ARRAY) {
        bool declares = storage->declared_at == i;
        const char *type = declares ? body_type(b, program_array_at(b->code->program, in->source)->type) : "";
        body_line(b, "%s%s%s = %s;", type, declares ? " " : "", element(b, in->source, 0, true).text, value);
        return;
    }
    size_t scope = names_open(b->names);
    const char *k = names_take(b->names, "k");
    b->storage[in->source].written = true;
    const char *count = text_of(b, in->a);
    if (storage->count && !phrase_is_name(phrase_of(b, in->a))) count = storage->count;
    struct phrase at = phrase_name(k);
    if (storage->step) at = phrase_product(&b->phrasing, at, phrase_name(storage->step));
    body_line(b, "for (int64_t %s = 0; %s < %s; %s++) %s = %s;", k, k, count, k,
              phrase_element(&b->phrasing, storage->name, at).text, value);
    names_close(b->names, scope);
}

/* ---- Loops and branches ---- */

static void open_block(struct body *b, uint32_t opener) {
    b->depth++;
    for (array_id a = 1; b->plan->pieces.count == 1 && a < b->code->program->arrays.count; a++) {
        const struct storage *s = &b->storage[a];
        if (s->kind == HELD_VARIABLE && !s->declared_at && s->home == opener && opener)
            body_line(b, "%s %s = 0;", body_type(b, program_array_at(b->code->program, a)->type), s->name);
    }
}

static void push_scope(struct body *b) {
    size_t scope = names_open(b->names);
    if (!VEC_PUSH(&b->scopes, scope)) b->out->failed = true;
}

static void pop_scope(struct body *b) {
    if (b->scopes.count > 0) names_close(b->names, VEC_POP(&b->scopes));
    b->depth--;
}

static const char *line_comment(const struct body *b, struct span span) {
    const struct source *source = b->sources && span.source ? source_get(b->sources, span.source) : NULL;
    if (!source) return "";
    unsigned line = source_position(source, span.begin).line;
    const char *comment = arena_format(b->phrasing.arena, " /* line %u */", line);
    return comment ? comment : "";
}

static const char *step_text(const struct body *b, const char *index, int64_t by) {
    if (by == 1) return arena_format(b->phrasing.arena, "%s++", index);
    if (by == -1) return arena_format(b->phrasing.arena, "%s--", index);
    return arena_format(b->phrasing.arena, by > 0 ? "%s += %lld" : "%s -= %lld", index,
                        by > 0 ? (long long)by : -(long long)by);
}

static void write_loop(struct body *b, uint32_t i) {
    const struct instruction *in = at(b, i), *by = at(b, in->c);
    const struct loop_index *index = &b->code->program->indices.at[in->source];
    const char *first = text_of(b, in->a), *last = text_of(b, in->b), *step = text_of(b, in->c);
    const char *comment = line_comment(b, index->span);
    carry_find(b, i);
    push_scope(b);
    const char *name = names_take(b->names, index->name ? index->name : "k");
    b->phrases[i] = phrase_name(name);
    if (unroll_suits(b, i)) {
        b->needs->helpers[HELPER_UNROLL] = true;
        body_line(b, "GRADC_UNROLL");
    }
    if (by->kind == CODE_INTEGER) {
        const char *order = by->constant.integer > 0 ? "<=" : ">=",
                   *next = step_text(b, name, by->constant.integer);
        body_line(b, "for (int64_t %s = %s; %s %s %s; %s) {%s", name, first, name, order, last, next,
                  comment);
    } else {
        body_line(b, "for (int64_t %s = %s; %s > 0 ? %s <= %s : %s < 0 && %s >= %s; %s += %s) {%s", name,
                  first, step, name, last, step, name, last, name, step, comment);
    }
    open_block(b, i);
    if (!b->plan->slot[i]) return;
    body_line(b, "%s = %s;", cell(b, b->plan->slot[i], TYPE_INT).text, name);
}

static bool is_choice(const struct body *b, uint32_t i) {
    return i < b->code->instructions.count && at(b, i)->kind == CODE_CHOICE;
}

static uint32_t end_of(const struct body *b, uint32_t branch) {
    const struct instruction *partner = at(b, at(b, branch)->partner);
    return partner->kind == CODE_ELSE ? partner->partner : at(b, branch)->partner;
}

/* Whether a choice is a constant where its branch is not taken, and there is no other side. */
static bool is_set_before(const struct body *b, uint32_t branch, uint32_t choice) {
    uint8_t kind = at(b, at(b, choice)->b)->kind;
    bool constant = kind == CODE_REAL || kind == CODE_INTEGER || kind == CODE_TRUTH;
    return constant && !b->plan->slot[choice] && at(b, at(b, branch)->partner)->kind != CODE_ELSE;
}

/* Whether there is something to be set where a branch without another side is not taken. */
static bool sets_otherwise(const struct body *b, uint32_t branch) {
    for (uint32_t k = end_of(b, branch) + 1; is_choice(b, k); k++)
        if (b->fold->uses[k] > 0 && !is_set_before(b, branch, k)) return true;
    return false;
}

/* What the choices behind a branch take from the side that ends here. */
static void write_choices(struct body *b, uint32_t if_end, bool then) {
    uint32_t branch = at(b, if_end)->partner;
    for (uint32_t i = if_end + 1; is_choice(b, i); i++) {
        if (b->fold->uses[i] == 0 || (!then && is_set_before(b, branch, i))) continue;
        const char *value = text_of(b, then ? at(b, i)->a : at(b, i)->b);
        if (value == b->phrases[i].text) continue; /* it was given that name */
        body_line(b, "%s = %s;", b->phrases[i].text, value);
    }
}

static void write_if(struct body *b, uint32_t i) {
    const char *condition = text_of(b, at(b, i)->a);
    for (uint32_t k = end_of(b, i) + 1; is_choice(b, k); k++) {
        if (b->fold->uses[k] == 0) continue;
        if (b->plan->slot[k]) {
            b->phrases[k] = cell(b, b->plan->slot[k],
                                 at(b, k)->type == TYPE_BOOL ? TYPE_INT : (enum value_type)at(b, k)->type);
            continue;
        }
        b->phrases[k] = phrase_name(temporary_name(b, k));
        const char *type = body_type(b, type_of(at(b, k)));
        if (is_set_before(b, i, k))
            body_line(b, "%s %s = %s;", type, b->phrases[k].text, text_of(b, at(b, k)->b));
        else
            body_line(b, "%s %s;", type, b->phrases[k].text);
    }
    body_line(b, "if (%s) {", condition);
    push_scope(b);
    open_block(b, i);
}

static void write_else(struct body *b, uint32_t i) {
    write_choices(b, at(b, i)->partner, true);
    pop_scope(b);
    body_line(b, "} else {");
    push_scope(b);
    open_block(b, i);
}

static void write_if_end(struct body *b, uint32_t i) {
    bool has_else = at(b, at(b, at(b, i)->partner)->partner)->kind == CODE_ELSE;
    write_choices(b, i, !has_else);
    pop_scope(b);
    if (!has_else && sets_otherwise(b, at(b, i)->partner)) {
        body_line(b, "} else {");
        b->depth++;
        write_choices(b, i, false);
        b->depth--;
    }
    body_line(b, "}");
    for (uint32_t k = i + 1; is_choice(b, k); k++)
        if (b->fold->uses[k] > 0 && b->plan->slot[k])
            b->phrases[k] = cell(b, b->plan->slot[k], type_of(at(b, k)));
}

static void write_flat_choice(struct body *b, uint32_t i) {
    const struct instruction *in = at(b, i), *branch = at(b, at(b, i - 1)->partner);
    if (b->fold->uses[i] == 0) return;
    b->phrases[i] =
        phrase_choice(&b->phrasing, phrase_of(b, branch->a), phrase_of(b, in->a), phrase_of(b, in->b));
    if (!b->fold->folded[i]) name_result(b, i);
}

/* ---- Pieces ---- */

static void write_instruction(struct body *b, uint32_t i) {
    bool flat = b->fold->flat[i] || b->fold->open[i];
    switch ((enum code_kind)at(b, i)->kind) {
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH: break;
    case CODE_CHOICE:
        if (b->fold->flat[i - 1]) write_flat_choice(b, i);
        break;
    case CODE_VALUE:
    case CODE_LOAD: write_value(b, i); break;
    case CODE_STORE: write_store(b, i); break;
    case CODE_CLEAR: write_clear(b, i); break;
    case CODE_LOOP: write_loop(b, i); break;
    case CODE_LOOP_END:
        if (at(b, i)->a) body_line(b, "if (%s) break;", text_of(b, at(b, i)->a));
        pop_scope(b);
        body_line(b, "}");
        break;
    case CODE_IF:
        if (!flat) write_if(b, i);
        break;
    case CODE_ELSE:
        if (!flat) write_else(b, i);
        break;
    case CODE_IF_END:
        if (!flat) write_if_end(b, i);
        break;
    }
}

void body_write(struct body *b, uint32_t piece) {
    const struct piece *p = &b->plan->pieces.at[piece];
    b->piece = piece;
    b->uses_kept = b->uses_whole = false;
    for (uint32_t i = p->begin; i < p->end;) {
        uint32_t inner = plan_piece_at(b->plan, piece, i);
        if (inner == piece) {
            write_instruction(b, i++);
            continue;
        }
        body_line(b, "%s_%u(frame);", b->name, inner + 1);
        i = b->plan->pieces.at[inner].end;
    }
    if (b->names->failed || b->phrasing.arena->failed) b->out->failed = true;
}

/* ---- Variables ---- */

static uint32_t common_block(const struct fold *fold, uint32_t a, uint32_t b) {
    while (a != b) {
        if (a > b)
            a = fold->block[a];
        else
            b = fold->block[b];
    }
    return a;
}

bool body_place_variables(const struct code *code, const struct fold *fold, struct storage *storage) {
    size_t arrays = code->program->arrays.count;
    uint32_t *first = calloc(arrays, sizeof *first);
    if (!first) return false;
    for (uint32_t i = 1; i < code->instructions.count; i++) {
        const struct instruction *in = &code->instructions.at[i];
        if (in->kind != CODE_LOAD && in->kind != CODE_STORE && in->kind != CODE_CLEAR) continue;
        struct storage *s = &storage[in->source];
        if (s->kind != HELD_VARIABLE) continue;
        s->home = first[in->source] ? common_block(fold, s->home, fold->block[i]) : fold->block[i];
        if (!first[in->source]) first[in->source] = i;
    }
    for (array_id a = 1; a < arrays; a++) {
        const struct instruction *in = &code->instructions.at[first[a]];
        bool sets = in->kind == CODE_CLEAR || (in->kind == CODE_STORE && in->update == UPDATE_SET);
        if (storage[a].kind == HELD_VARIABLE && sets && fold->block[first[a]] == storage[a].home)
            storage[a].declared_at = first[a];
    }
    free(first);
    return true;
}
