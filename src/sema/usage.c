#include "sema/usage.h"

#include <stdio.h>
#include <string.h>

#include "ir/ops.h"
#include "sema/ahead.h"
#include "sema/literal.h"
#include "sema/reduction.h"

struct visit {
    const struct ast *ast; /* NULL: an event of the scope */
    const char *index;     /* the index that is known from here on; NULL: forget those above `locals` */
    bool integer, in_loop;
    uint32_t locals;
};

struct visitor {
    struct usage *u;
    struct ast_reader reader;
    VEC(struct visit) stack;
    VEC(const char *) locals;
    const struct ast_statement *function; /* whose body is visited */
    const char *table;                    /* the table of a fit */
};

static const char *column_key(const struct usage *u, const char *table, const char *column) {
    char *text = arena_format(u->names->arena, "%s.%s", table, column);
    return text ? intern_text(u->names, text) : NULL;
}

static const char *argument_key(const struct usage *u, const char *function, uint32_t k) {
    char *text = arena_format(u->names->arena, "%s#%u", function, k);
    return text ? intern_text(u->names, text) : NULL;
}

static struct name_use *use_at(struct usage *u, const char *key) {
    if (!key) return &u->nowhere;
    uint32_t number = intern_number(key);
    while (u->of.count <= number) {
        if (LARGE_PUSH(&u->of, (struct name_use){0})) continue;
        u->failed = true;
        return &u->nowhere;
    }
    return &u->of.at[number];
}

static void note_use(struct visitor *v, const char *key, const struct visit *visit) {
    struct name_use *use = use_at(v->u, key);
    use->integer |= visit->integer;
    use->in_loop |= visit->in_loop;
    use->uses++;
}

static bool is_local(const struct visitor *v, const char *name) {
    for (size_t k = 0; k < v->locals.count; k++)
        if (v->locals.at[k] == name) return true;
    return false;
}

static void note_name(struct visitor *v, const char *name, const struct visit *visit) {
    const struct ast_statement *f = v->function;
    if (is_local(v, name)) return;
    for (uint32_t k = 0; f && k < f->parameter_count; k++) {
        if (f->parameters[k] != name) continue;
        const char *key = visit->integer ? argument_key(v->u, f->name, k) : NULL;
        if (key && !name_map_set(&v->u->functions, key, 1)) v->u->failed = true;
        return;
    }
    note_use(v, name, visit);
    if (v->table) note_use(v, column_key(v->u, v->table, name), visit);
}

static void push(struct visitor *v, const struct ast *ast, bool integer, bool in_loop) {
    if (ast) VEC_PUSH(&v->stack, ((struct visit){.ast = ast, .integer = integer, .in_loop = in_loop}));
}

/* What is pushed last is visited first: an index is known in its own filter, but not in its own bounds. */
static void push_range(struct visitor *v, const struct ast_range *range, bool in_loop) {
    push(v, range->filter, false, true);
    if (range->name) VEC_PUSH(&v->stack, ((struct visit){.index = range->name}));
    push(v, range->by, true, in_loop);
    push(v, range->to, true, in_loop);
    push(v, range->from, true, in_loop);
}

static void push_ranges(struct visitor *v, const struct ast_range *ranges, uint32_t count, bool in_loop) {
    for (uint32_t k = count; k > 0; k--) push_range(v, &ranges[k - 1], in_loop);
}

static void push_items(struct visitor *v, const struct visit *visit, bool integer) {
    for (uint32_t k = 0; k < visit->ast->count; k++) push(v, visit->ast->items[k], integer, visit->in_loop);
}

/* The order of a built-in function, which no function of the file hides. */
static bool is_order(const struct visitor *v, const char *name, uint32_t k) {
    return k == 0 && op_info(op_find(name))->has_order && name_map_get(&v->u->functions, name) == NAME_NONE;
}

/* A function of numbers, which no function of the file hides. */
static bool is_elementary(const struct visitor *v, const struct ast *ast) {
    bool other = reduction_named(ast->name) != REDUCE_NONE && ast->count == 1;
    return op_find(ast->name) != OP_NONE && !other && name_map_get(&v->u->functions, ast->name) == NAME_NONE;
}

static void visit_call(struct visitor *v, const struct visit *visit) {
    const struct ast *ast = visit->ast;
    if (strcmp(ast->name, "div") == 0) {
        push_items(v, visit, true);
        return;
    }
    bool elementary = is_elementary(v, ast);
    for (uint32_t k = 0; k < ast->count; k++) {
        bool integer =
            visit->integer || usage_integer_argument(v->u, ast->name, k) || is_order(v, ast->name, k);
        /* A whole array in a reduction, or an argument of a function, may end up in a loop. */
        bool in_loop = visit->in_loop || (!elementary && ast->items[k]->kind == AST_NAME);
        push(v, ast->items[k], integer, in_loop);
    }
}

static void visit_generator(struct visitor *v, const struct visit *visit) {
    const struct ast *ast = visit->ast;
    VEC_PUSH(&v->stack, ((struct visit){.locals = (uint32_t)v->locals.count}));
    for (uint32_t k = 0; k < ast->count; k++) push(v, ast->items[k], visit->integer, true);
    push_ranges(v, ast->ranges, ast->range_count, visit->in_loop);
}

static void visit_column(struct visitor *v, const struct visit *visit) {
    const struct ast *ast = visit->ast;
    note_use(v, ast->name, &(struct visit){.in_loop = visit->in_loop});
    note_use(v, column_key(v->u, ast->name, ast->column), visit);
    push_items(v, visit, true);
}

/* A cell of a table, if the name is one: a column by its number, or any. */
static void note_cell(struct visitor *v, const struct visit *visit) {
    const struct ast *column = visit->ast->items[1];
    int64_t number;
    char digits[24] = "*";
    if (column->kind == AST_NUMBER && literal_integer(column->name, &number))
        snprintf(digits, sizeof digits, "%lld", (long long)number);
    note_use(v, column_key(v->u, visit->ast->name, digits), visit);
}

static void visit_one(struct visitor *v, const struct visit *visit) {
    const struct ast *ast = visit->ast;
    switch (ast->kind) {
    case AST_NUMBER:
    case AST_ERROR: break;
    case AST_NAME: note_name(v, ast->name, visit); break;
    case AST_INDEXED:
        note_name(v, ast->name, visit);
        if (ast->count == 2) note_cell(v, visit);
        push_items(v, visit, true);
        break;
    case AST_COLUMN:
    case AST_COLUMN_AT: visit_column(v, visit); break;
    case AST_CALL: visit_call(v, visit); break;
    case AST_GENERATOR: visit_generator(v, visit); break;
    case AST_IF:
        push(v, ast->items[0], false, visit->in_loop);
        push(v, ast->items[1], visit->integer, visit->in_loop);
        push(v, ast->items[2], visit->integer, visit->in_loop);
        break;
    case AST_UNARY:
    case AST_ARRAY: push_items(v, visit, visit->integer); break;
    case AST_BINARY: {
        bool compares = ast->op >= AST_LT && ast->op <= AST_OR;
        push_items(v, visit, ast->op == AST_REM || (visit->integer && !compares));
        break;
    }
    }
}

static void visit_all(struct visitor *v) {
    while (v->stack.count > 0) {
        struct visit visit = VEC_POP(&v->stack);
        if (visit.ast)
            visit_one(v, &visit);
        else if (visit.index)
            VEC_PUSH(&v->locals, visit.index);
        else
            v->locals.count = visit.locals;
    }
    v->locals.count = 0;
}

static void visit_expression(struct visitor *v, const struct ast *ast, bool integer, bool in_loop) {
    push(v, ast, integer, in_loop);
    visit_all(v);
}

static void visit_declaration(struct visitor *v, const struct ast_declaration *d, bool integer) {
    for (uint32_t k = 0; k < d->rank; k++) {
        push_range(v, &d->dims[k], false);
        visit_all(v);
    }
    const struct ast *const parts[] = {d->lower, d->upper, d->value};
    for (size_t part = 0; part < 3; part++) {
        for (uint32_t k = 0; k < d->rank; k++)
            if (d->dims[k].name) VEC_PUSH(&v->locals, d->dims[k].name);
        visit_expression(v, parts[part], integer, d->rank > 0);
    }
}

static void visit_declarations(struct visitor *v, const struct ast_statement *s) {
    for (uint32_t k = s->declaration_count; k > 0; k--) {
        const struct ast_declaration *d = &s->declarations[k - 1];
        bool integer = s->kind == AST_LET && usage_of(v->u, d->name).integer;
        visit_declaration(v, d, integer);
    }
}

static void visit_for(struct visitor *v, const struct ast_statement *s, const struct ast *ast) {
    push(v, ast, false, s->range_count > 0);
    push_ranges(v, s->ranges, s->range_count, false);
    visit_all(v);
}

static void visit_fit(struct visitor *v, const struct ast_statement *s) {
    v->table = s->name;
    visit_expression(v, s->expression, false, true);
    visit_expression(v, s->model, false, true);
    visit_expression(v, s->weight, false, true);
    v->table = NULL;
}

static void visit_statement(struct visitor *v, const struct ast_statement *s) {
    switch (s->kind) {
    case AST_PARAM:
    case AST_VAR:
    case AST_LET:
    case AST_OUTPUT: visit_declarations(v, s); break;
    case AST_FIT: visit_fit(v, s); break;
    case AST_SUBJECT:
        for (int k = 0; k < 3; k++) visit_for(v, s, s->parts[k]);
        break;
    case AST_MINIMIZE:
    case AST_MAXIMIZE:
    case AST_RESIDUAL: visit_for(v, s, s->expression); break;
    case AST_FN:
        v->function = s;
        visit_expression(v, s->expression, false, true);
        v->function = NULL;
        break;
    case AST_DATA:
    case AST_SOLVE:
    case AST_IMPORT: break;
    }
}

static void visit_function(struct visitor *v, const struct ast_statement *s) {
    if (s->name && !name_map_set(&v->u->functions, s->name, 1)) v->u->failed = true;
    visit_statement(v, s);
}

static void visitor_release(struct visitor *v) {
    v->u->failed |= v->stack.failed || v->locals.failed || v->reader.failed;
    VEC_FREE(&v->stack);
    VEC_FREE(&v->locals);
    ast_reader_release(&v->reader);
}

/* Functions first, as they stand: calls need to know which arguments are whole. The others backwards: what
 * uses a let is seen before the let itself. */
void usage_collect(struct usage *u, struct intern *names, const struct gathered *statements) {
    *u = (struct usage){.names = names};
    struct visitor v = {.u = u};
    for (size_t r = 0; r < statements->runs.count; r++) {
        const struct gathered_run *run = &statements->runs.at[r];
        for (uint32_t k = run->first; k < run->first + run->count; k++)
            if (ast_kind_at(run->file, k) == AST_FN) visit_function(&v, ast_at(&v.reader, run->file, k));
    }
    for (size_t r = statements->runs.count; r-- > 0;) {
        const struct gathered_run *run = &statements->runs.at[r];
        for (uint32_t k = run->first + run->count; k-- > run->first;) {
            ahead_of_usage(u, run, k);
            if (ast_kind_at(run->file, k) != AST_FN) visit_statement(&v, ast_at(&v.reader, run->file, k));
        }
    }
    visitor_release(&v);
}

void usage_collect_one(struct usage *u, struct intern *names, const struct ast_statement *statement) {
    *u = (struct usage){.names = names};
    struct visitor v = {.u = u};
    visit_statement(&v, statement);
    visitor_release(&v);
}

void usage_release(struct usage *u) {
    name_map_release(&u->functions);
    LARGE_FREE(&u->of);
}

struct name_use usage_of(const struct usage *u, const char *name) {
    uint32_t number = name ? intern_number(name) : UINT32_MAX;
    return number < u->of.count ? u->of.at[number] : (struct name_use){0};
}

struct name_use usage_of_column(const struct usage *u, const char *table, const char *column) {
    const char *key = column_key(u, table, column);
    return key ? usage_of(u, key) : (struct name_use){0};
}

bool usage_integer_argument(const struct usage *u, const char *function, uint32_t k) {
    if (name_map_get(&u->functions, function) == NAME_NONE) return false;
    const char *key = argument_key(u, function, k);
    return key && name_map_get(&u->functions, key) != NAME_NONE;
}
