#include <stdlib.h>

#include "ir/build.h"
#include "sema/declare.h"

/* ---- Scalars ---- */

static bool is_leaf(const struct graph *g, node_id n) {
    return node_count(g, n) == 0 ||
           (node_op(g, n) == OP_TO_REAL && node_count(g, node_operand(g, n, 0)) == 0);
}

/* What loops read is computed once before them; its derivative is then gathered once, too. */
static bool worth_storing(const struct checker *c, const struct ast_declaration *d, node_id value) {
    return c->depends && usage_of(&c->usage, d->name).in_loop && !is_leaf(c->graph, value);
}

static void store_scalar(struct checker *c, struct symbol *symbol, const struct ast_declaration *d,
                         node_id value) {
    array_id array = new_array(c, d->name, ROLE_LET, TYPE_REAL, NULL, d->name_span);
    symbol->kind = SYMBOL_LET;
    symbol->array = array;
    bodies_update(&c->bodies, array, NULL, 0, UPDATE_SET, value, d->span);
}

static void declare_scalar(struct checker *c, const struct ast_declaration *d) {
    struct name_use use = usage_of(&c->usage, d->name);
    unsigned errors = c->diags->errors;
    c->depends = c->broken = false;
    if (use.integer) c->fixed = "a whole number that indexes something";
    node_id value = lower(c, d->value, use.integer ? WANT_INTEGER : WANT_REAL);
    c->fixed = NULL;
    bool good = !c->broken && c->diags->errors == errors;
    struct symbol symbol = {.name = d->name,
                            .kind = good ? SYMBOL_VALUE : SYMBOL_BROKEN,
                            .span = d->name_span,
                            .value = value,
                            .type = node_type(c->graph, value),
                            .depends = c->depends};
    if (good && use.uses == 1 && !use.integer && lower_is_sum(c, d->value)) {
        symbol.sum = d->value;
        ast_keep(&c->reader);
    }
    if (good && !use.integer && worth_storing(c, d, value)) store_scalar(c, &symbol, d, value);
    scope_declare(&c->scope, symbol, c->diags);
}

/* ---- Arrays ---- */

struct member {
    const struct ast_declaration *d;
    struct model_array shape;
    bool good, sequential, added;
    struct definition definition;
};

static bool same_first_range(const struct checker *c, const struct member *a, const struct member *b) {
    if (!a->good || !b->good || a->d->rank == 0 || b->d->rank == 0) return false;
    const struct dimension *x = &c->program->arrays.at[a->shape.array].dims[0];
    const struct dimension *y = &c->program->arrays.at[b->shape.array].dims[0];
    const bool down_a = a->d->dims[0].by != NULL, down_b = b->d->dims[0].by != NULL;
    return x->lower == y->lower && x->upper == y->upper && down_a == down_b;
}

/* Whether some of the arrays read one that is listed later: then they advance together. */
static bool look_forward(struct checker *c, const struct member *members, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t later = k + 1; later < count; later++)
            if (reads_name(c, members[k].d->value, members[later].d->name)) return true;
    return false;
}

/* Sets the order of the loops that were opened last. */
static void make_sequential(struct checker *c, uint32_t loops, const bool *down) {
    for (uint32_t k = 0; k < loops; k++) {
        struct body *body = &c->bodies.stack.at[c->bodies.current - loops + 1 + k];
        body->opening.order = down[k] ? ORDER_DOWN : ORDER_UP;
    }
}

static void set_being_defined(struct checker *c, const struct member *m, bool value, bool depends) {
    struct symbol *symbol = scope_symbol(&c->scope, m->d->name);
    if (!symbol || symbol->array != m->shape.array) return;
    symbol->being_defined = value;
    symbol->depends |= depends;
}

static void define_alone(struct checker *c, struct member *m) {
    uint32_t back = c->bodies.current;
    size_t locals = c->scope.locals.count;
    struct dimensions dims;
    m->sequential = reads_name(c, m->d->value, m->d->name);
    m->added = !m->sequential && lower_adds(c, m->d->value);
    if (m->added) clear_array(c, m->shape.array, m->d->span);
    if (!open_ranges(c, m->d, &dims, &m->definition)) return;
    if (m->sequential) make_sequential(c, dims.rank, m->definition.down);
    c->depends = false;
    set_being_defined(c, m, true, false);
    define_element(c, m->shape.array, dims.subscripts, m->d->value, m->added);
    set_being_defined(c, m, false, c->depends);
    close_ranges(c, dims.rank, back, locals);
    m->definition.array = m->shape.array;
    if (m->sequential) VEC_PUSH(&c->definitions, m->definition);
}

/* One array of a group, inside the loop over the first range, which they share. */
static void define_inner(struct checker *c, struct member *m, const struct dimensions *outer,
                         const struct definition *shared, uint32_t position) {
    uint32_t back = c->bodies.current, rank = m->d->rank;
    size_t locals = c->scope.locals.count;
    struct ast_declaration inner = *m->d;
    struct dimensions dims;
    struct definition *definition = &m->definition;
    inner.dims++;
    inner.rank--;
    if (m->d->dims[0].name)
        scope_push(&c->scope,
                   (struct local){.name = m->d->dims[0].name,
                                  .span = m->d->dims[0].name_span,
                                  .integer = true,
                                  .value = outer->subscripts[0],
                                  .level = c->bodies.current},
                   c->diags);
    struct definition rest;
    node_id *subscripts = ARENA_ARRAY(c->arena, node_id, rank);
    definition->indices = ARENA_ARRAY(c->arena, index_id, rank);
    definition->down = ARENA_ARRAY(c->arena, bool, rank);
    if (!subscripts || !definition->indices || !definition->down || !open_ranges(c, &inner, &dims, &rest))
        return;
    make_sequential(c, dims.rank, rest.down);
    for (uint32_t k = 0; k < rank; k++) {
        subscripts[k] = k ? dims.subscripts[k - 1] : outer->subscripts[0];
        definition->indices[k] = k ? rest.indices[k - 1] : shared->indices[0];
        definition->down[k] = k ? rest.down[k - 1] : shared->down[0];
    }
    define_element(c, m->shape.array, subscripts, m->d->value, false);
    close_ranges(c, dims.rank, back, locals);
    c->bodies.current = back;
    definition->array = m->shape.array;
    definition->rank = rank;
    definition->group = c->groups;
    definition->position = position;
    definition->joint = true;
    VEC_PUSH(&c->definitions, *definition);
}

static void define_together(struct checker *c, struct member *members, uint32_t count) {
    uint32_t back = c->bodies.current;
    size_t locals = c->scope.locals.count;
    struct ast_declaration first = *members[0].d;
    struct dimensions outer;
    struct definition shared;
    first.rank = 1;
    c->groups++;
    if (!open_ranges(c, &first, &outer, &shared)) return;
    c->scope.locals.count = locals;
    make_sequential(c, 1, shared.down);
    c->depends = false;
    for (uint32_t k = 0; k < count; k++) set_being_defined(c, &members[k], true, false);
    for (uint32_t k = 0; k < count; k++) define_inner(c, &members[k], &outer, &shared, k);
    for (uint32_t k = 0; k < count; k++) set_being_defined(c, &members[k], false, c->depends);
    close_ranges(c, 1, back, locals);
}

/* Arrays of whole numbers index others: their elements must be known when ranges are checked. */
static void define_whole(struct checker *c, struct member *m) {
    const struct ast_declaration *d = m->d;
    if (reads_name(c, d->value, d->name)) {
        diag_error(c->diags, "integer-recurrence", d->name_span,
                   "`%s` is used as an index; an array of indices cannot be a recurrence", d->name);
        m->good = false;
    }
    double *values = m->good ? declared_values(c, d, d->value, &m->shape, "an array of indices") : NULL;
    m->good = values && set_whole(c, &m->shape, values);
    free(values);
    declare_symbol(c, d, m->good ? SYMBOL_PARAM : SYMBOL_BROKEN, m->good ? m->shape.array : 0, false);
}

static void open_member(struct checker *c, struct member *m, const struct ast_declaration *d) {
    bool whole = usage_of(&c->usage, d->name).integer;
    *m = (struct member){.d = d};
    m->good = declare_array(c, d, whole ? ROLE_PARAM : ROLE_LET, whole ? TYPE_INT : TYPE_REAL, &m->shape);
}

static void declare_member(struct checker *c, struct member *m) {
    declare_symbol(c, m->d, m->good ? SYMBOL_LET : SYMBOL_BROKEN, m->good ? m->shape.array : 0, false);
}

/* A run of arrays with the same first range. */
static void define_run(struct checker *c, struct member *members, uint32_t count) {
    if (count > 1 && look_forward(c, members, count)) {
        for (uint32_t k = 0; k < count; k++) declare_member(c, &members[k]);
        define_together(c, members, count);
        return;
    }
    for (uint32_t k = 0; k < count; k++) {
        if (usage_of(&c->usage, members[k].d->name).integer) {
            define_whole(c, &members[k]);
            continue;
        }
        declare_member(c, &members[k]);
        if (members[k].good) define_alone(c, &members[k]);
    }
}

static void missing_value(struct checker *c, const struct ast_declaration *d) {
    diag_error(c->diags, "missing-value", d->name_span, "`%s` needs an expression: let %s = ...", d->name,
               d->name);
    declare_symbol(c, d, SYMBOL_BROKEN, 0, false);
}

void declare_lets(struct checker *c, const struct ast_statement *s) {
    struct member *members = calloc(s->declaration_count + 1, sizeof *members);
    if (!members) return;
    for (uint32_t k = 0; k < s->declaration_count;) {
        const struct ast_declaration *d = &s->declarations[k];
        if (!d->value || d->rank == 0) {
            if (d->value)
                declare_scalar(c, d);
            else
                missing_value(c, d);
            k++;
            continue;
        }
        uint32_t end = k;
        for (; end < s->declaration_count && s->declarations[end].value; end++) {
            open_member(c, &members[end], &s->declarations[end]);
            if (end > k && !same_first_range(c, &members[k], &members[end])) break;
        }
        define_run(c, members + k, end - k);
        k = end;
    }
    free(members);
}
