#include "sema/declare.h"
#include "sema/literal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "support/number.h"

enum { MOST_DIMENSIONS = 16 };

bool declare_array(struct checker *c, const struct ast_declaration *d, enum array_role role,
                   enum value_type type, struct model_array *shape) {
    if (d->rank > MOST_DIMENSIONS) {
        diag_error(c->diags, "too-many-dimensions", d->span, "`%s` has %u dimensions; the limit is %d",
                   d->name, d->rank, MOST_DIMENSIONS);
        return false;
    }
    uint32_t back = c->bodies.current;
    size_t locals = c->scope.locals.count;
    unsigned errors = c->diags->errors;
    struct dimensions dims;
    c->broken = false;
    bodies_open_root(&c->bodies);
    uint32_t root = c->bodies.current;
    array_id array = 0;
    if (open_ranges(c, d, &dims, NULL)) {
        array = new_array(c, d->name, role, type, &dims, d->name_span);
        close_ranges(c, dims.rank, root, locals);
    }
    c->bodies.current = root;
    bodies_discard(&c->bodies, back);
    if (!array || c->broken || c->diags->errors != errors ||
        !shape_of(c, array, d->name, d->name_span, shape))
        return false;
    shape->uses = usage_of(&c->usage, d->name).uses;
    return true;
}

struct symbol *declare_symbol(struct checker *c, const struct ast_declaration *d, enum symbol_kind kind,
                              array_id array, bool depends) {
    struct symbol symbol = {
        .name = d->name, .kind = kind, .span = d->name_span, .array = array, .depends = depends};
    symbol.is_array = d->rank > 0;
    if (array) symbol.type = program_array_at(c->program, array)->type;
    return scope_declare(&c->scope, symbol, c->diags);
}

/* ---- Literals ---- */

struct literal {
    struct checker *c;
    const struct model_array *shape;
    const char *what;
    double *values;
    size_t count;
    bool good;
};

static void wrong_length(struct literal *l, const struct ast *ast, int64_t wanted) {
    struct diag *diag = diag_error(l->c->diags, "shape-mismatch", ast->span,
                                   "`%s` is %s, so %lld value%s belong here, not %u", l->shape->name,
                                   shape_text(l->c, l->shape->array), (long long)wanted,
                                   wanted == 1 ? "" : "s", ast->kind == AST_ARRAY ? ast->count : 1);
    diag_note(l->c->diags, diag, l->shape->span, "`%s` is declared here", l->shape->name);
    l->good = false;
}

static void read_number(struct literal *l, const struct ast *ast) {
    struct ast_declaration number = {.name = l->shape->name, .name_span = ast->span, .span = ast->span};
    double *value = evaluate_elements(l->c, &number, ast, l->what, 1);
    if (value)
        l->values[l->count++] = *value;
    else
        l->good = false;
    free(value);
}

/* Row by row. A literal is at most as deep as its array has dimensions, and those are few. */
static void read_literal(struct literal *l, const struct ast *ast, uint32_t depth) {
    if (depth == l->shape->rank) {
        if (ast->kind == AST_ARRAY)
            wrong_length(l, ast, 1);
        else
            read_number(l, ast);
        return;
    }
    if (ast->kind != AST_ARRAY || ast->count != l->shape->extent[depth]) {
        wrong_length(l, ast, l->shape->extent[depth]);
        return;
    }
    for (uint32_t k = 0; l->good && k < ast->count; k++) read_literal(l, ast->items[k], depth + 1);
}

double *declared_values(struct checker *c, const struct ast_declaration *d, const struct ast *ast,
                        const struct model_array *shape, const char *what) {
    c->waits = false;
    if (ast->kind != AST_ARRAY) return evaluate_elements(c, d, ast, what, shape->count);
    struct literal l = {.c = c, .shape = shape, .what = what, .good = true};
    l.values = calloc(shape->count + 1, sizeof *l.values);
    if (!l.values) return NULL;
    read_literal(&l, ast, 0);
    if (l.good) return l.values;
    free(l.values);
    return NULL;
}

static void refuse_whole(struct checker *c, const struct model_array *shape, double value) {
    char digits[NUMBER_CHARS];
    number_format(value, digits);
    if (value == nearbyint(value) && isfinite(value))
        diag_error(
            c->diags, "too-large", shape->span,
            "`%s` counts or indexes something, but %s is beyond the limit of 9007199254740991 for that",
            shape->name, digits);
    else
        diag_error(c->diags, "not-integer", shape->span,
                   "`%s` counts or indexes something and must be whole, but it is %s", shape->name, digits);
}

bool set_whole(struct checker *c, const struct model_array *shape, const double *values) {
    int64_t *whole = ARENA_ARRAY(c->arena, int64_t, shape->count + 1);
    for (size_t k = 0; whole && k < shape->count; k++) {
        if (!number_is_whole(values[k])) {
            refuse_whole(c, shape, values[k]);
            return false;
        }
        whole[k] = (int64_t)values[k];
    }
    contents_set_integer(c, shape->array, whole, shape->count);
    return whole != NULL;
}

/* ---- Definitions ---- */

void clear_array(struct checker *c, array_id array, struct span span) {
    bodies_clear(&c->bodies, array, mk_zero(c->graph), span);
}

void define_element(struct checker *c, array_id array, const node_id *subscripts, const struct ast *ast,
                    bool added) {
    if (added) {
        lower_added(c, ast, array, subscripts, mk_one(c->graph));
        return;
    }
    node_id value = lower(c, ast, WANT_REAL);
    bodies_update(&c->bodies, array, subscripts, program_array_at(c->program, array)->rank, UPDATE_SET, value,
                  ast->span);
}

static bool mentions(const struct ast *ast, const char *name) {
    return ast->name == name && (ast->kind == AST_NAME || ast->kind == AST_INDEXED);
}

bool reads_name(struct checker *c, const struct ast *ast, const char *name) {
    c->pending.count = 0;
    VEC_PUSH(&c->pending, ast);
    while (c->pending.count > 0) {
        const struct ast *at = VEC_POP(&c->pending);
        if (!at) continue;
        if (mentions(at, name)) return true;
        for (uint32_t k = 0; k < at->count; k++) VEC_PUSH(&c->pending, at->items[k]);
        for (uint32_t k = 0; k < at->range_count; k++) {
            const struct ast_range *range = &at->ranges[k];
            const struct ast *const parts[] = {range->from, range->to, range->by, range->filter};
            for (int part = 0; part < 4; part++) VEC_PUSH(&c->pending, parts[part]);
        }
    }
    return false;
}
