#include "schedule/writer.h"

#include <stdlib.h>

bool writer_init(struct writer *w, const struct values *values) {
    *w = (struct writer){.values = values};
    struct draft none = {.instruction = {.kind = CODE_NONE}};
    struct scope whole = {0};
    struct shadowed nothing = {0};
    w->set = calloc(values->all.count, sizeof *w->set);
    w->set_in = calloc(values->all.count, sizeof *w->set_in);
    bool enough =
        VEC_PUSH(&w->drafts, none) && VEC_PUSH(&w->scopes, whole) && VEC_PUSH(&w->shadowed, nothing);
    return enough && w->set && w->set_in;
}

void writer_release(struct writer *w) {
    VEC_FREE(&w->drafts);
    VEC_FREE(&w->scopes);
    VEC_FREE(&w->shadowed);
    free(w->set);
    free(w->set_in);
}

draft_id writer_draft(struct writer *w, struct instruction instruction) {
    struct draft draft = {instruction, 0};
    if (w->drafts.count >= UINT32_MAX - 1 || !VEC_PUSH(&w->drafts, draft)) {
        w->failed = true;
        return 0;
    }
    return (draft_id)(w->drafts.count - 1);
}

void writer_link(struct writer *w, struct draft_list *to, draft_id id) {
    if (to->tail)
        w->drafts.at[to->tail].next = id;
    else
        to->head = id;
    to->tail = id;
}

draft_id writer_add(struct writer *w, struct instruction instruction) {
    draft_id id = writer_draft(w, instruction);
    if (id) writer_link(w, w->list, id);
    return id;
}

void writer_join(struct writer *w, struct draft_list *to, const struct draft_list *from) {
    if (!from->head) return;
    writer_link(w, to, from->head);
    to->tail = from->tail;
}

void writer_open(struct writer *w, uint32_t level) {
    struct scope scope = {.parent = w->scope, .level = level};
    if (!VEC_PUSH(&w->scopes, scope)) {
        w->failed = true;
        return;
    }
    w->scope = (uint32_t)(w->scopes.count - 1);
}

/* Exchanges the registers of a scope and those that it replaces. */
static void exchange(struct writer *w, uint32_t scope) {
    for (uint32_t i = w->scopes.at[scope].shadowed; i; i = w->shadowed.at[i].next) {
        struct shadowed *other = &w->shadowed.at[i], own = *other;
        other->set = w->set[own.value];
        other->set_in = w->set_in[own.value];
        w->set[own.value] = own.set;
        w->set_in[own.value] = own.set_in;
    }
}

void writer_close(struct writer *w) {
    exchange(w, w->scope);
    w->scopes.at[w->scope].closed = true;
    w->scope = w->scopes.at[w->scope].parent;
}

void writer_show(struct writer *w, uint32_t scope) {
    w->scopes.at[scope].hidden = false;
    exchange(w, scope);
}

void writer_hide(struct writer *w, uint32_t scope) {
    exchange(w, scope);
    w->scopes.at[scope].hidden = true;
}

uint32_t writer_hidden_scope(struct writer *w) {
    struct scope scope = {.parent = w->scope, .level = w->scopes.at[w->scope].level, .hidden = true};
    if (!VEC_PUSH(&w->scopes, scope)) w->failed = true;
    return w->failed ? 0 : (uint32_t)(w->scopes.count - 1);
}

/* What a hidden scope has set comes back where the current one is closed or hidden. */
static void shadow(struct writer *w, value_id v) {
    struct shadowed old = {v, w->set[v], w->set_in[v], w->scopes.at[w->scope].shadowed};
    if (VEC_PUSH(&w->shadowed, old))
        w->scopes.at[w->scope].shadowed = (uint32_t)(w->shadowed.count - 1);
    else
        w->failed = true;
}

void writer_set(struct writer *w, value_id v, draft_id id) {
    if (w->set[v] && w->scopes.at[w->set_in[v]].hidden) shadow(w, v);
    w->set[v] = id;
    w->set_in[v] = w->scope;
}

bool writer_knows(const struct writer *w, value_id v) {
    const struct scope *scope = &w->scopes.at[w->set_in[v]];
    return w->set[v] && !scope->closed && !scope->hidden;
}

static draft_id constant(struct writer *w, const struct value *value) {
    struct instruction in = {.type = value->type, .node = value->node};
    in.kind = value->op == OP_CONST ? CODE_REAL : value->op == OP_INT ? CODE_INTEGER : CODE_TRUTH;
    in.constant.integer = value->constant.integer;
    if (value->op == OP_CONST) in.constant.real = value->constant.real;
    draft_id id = writer_draft(w, in);
    if (id) writer_link(w, &w->constants, id);
    return id;
}

draft_id writer_get(struct writer *w, value_id v) {
    const struct value *value = value_at(w->values, v);
    if (value_is_constant(value) && !w->set[v]) {
        w->set[v] = constant(w, value);
        w->set_in[v] = 0;
    }
    return w->set[v];
}

draft_id writer_zero(struct writer *w, enum value_type type) {
    struct value zero = {.op = OP_BOOL, .type = (uint8_t)type};
    if (type == TYPE_REAL) zero.op = OP_CONST;
    if (type == TYPE_INT) zero.op = OP_INT;
    return constant(w, &zero);
}

static bool has_operands(const struct instruction *in) {
    return in->kind != CODE_REAL && in->kind != CODE_INTEGER && in->kind != CODE_TRUTH;
}

/* Brackets meet their partners; a stack of open ones is kept in them. */
static void pair(struct code *code, uint32_t *open) {
    struct instruction *at = code->instructions.at;
    uint32_t last = (uint32_t)(code->instructions.count - 1);
    switch ((enum code_kind)at[last].kind) {
    case CODE_LOOP:
    case CODE_IF:
        at[last].partner = *open;
        *open = last;
        break;
    case CODE_ELSE:
        at[last].partner = *open;
        *open = last;
        break;
    case CODE_LOOP_END: {
        uint32_t loop = *open;
        *open = at[loop].partner;
        at[loop].partner = last;
        at[last].partner = loop;
        break;
    }
    case CODE_IF_END: {
        uint32_t opening = *open;
        bool has_else = at[opening].kind == CODE_ELSE;
        uint32_t first = has_else ? at[opening].partner : opening;
        *open = at[first].partner;
        at[first].partner = has_else ? opening : last;
        if (has_else) at[opening].partner = last;
        at[last].partner = first;
        break;
    }
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_VALUE:
    case CODE_LOAD:
    case CODE_STORE:
    case CODE_CLEAR:
    case CODE_CHOICE: break;
    }
}

static bool copy_list(struct writer *w, const struct draft_list *list, uint32_t *places, uint32_t *open,
                      struct code *code) {
    for (draft_id id = list->head; id; id = w->drafts.at[id].next) {
        struct instruction in = w->drafts.at[id].instruction;
        if (has_operands(&in)) {
            in.a = places[in.a];
            in.b = places[in.b];
            in.c = places[in.c];
        }
        places[id] = (uint32_t)code->instructions.count;
        if (!VEC_PUSH(&code->instructions, in)) return false;
        pair(code, open);
        if (id == list->tail) break;
    }
    return true;
}

bool writer_finish(struct writer *w, const struct draft_list *list, struct code *code) {
    uint32_t *places = calloc(w->drafts.count, sizeof *places), open = 0;
    struct instruction none = {.kind = CODE_NONE};
    bool enough = places && VEC_PUSH(&code->instructions, none) &&
                  copy_list(w, &w->constants, places, &open, code) && copy_list(w, list, places, &open, code);
    free(places);
    return enough;
}
