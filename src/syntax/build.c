#include "syntax/build.h"

#include <string.h>

/* The element stands behind its header. */
struct list_item {
    struct list_item *next;
    size_t size;
};

struct list list_one(struct parser *ps, const void *element, size_t size) {
    return list_add(ps, LIST_EMPTY, element, size);
}

struct list list_add(struct parser *ps, struct list list, const void *element, size_t size) {
    struct list_item *item = arena_alloc(ps->arena, sizeof *item + size);
    if (!item) return list;
    item->size = size;
    memcpy(item + 1, element, size);
    if (list.last)
        list.last->next = item;
    else
        list.first = item;
    list.last = item;
    list.count++;
    return list;
}

/* The elements one behind the other; NULL where there are none. */
static void *flatten(struct parser *ps, struct list list, size_t size) {
    char *elements = list.count ? arena_array(ps->arena, list.count, size) : NULL;
    char *at = elements;
    for (const struct list_item *item = list.first; at && item; item = item->next, at += size)
        memcpy(at, item + 1, size);
    return elements;
}

static struct ast *new_ast(struct parser *ps, struct ast ast) {
    struct ast *made = ARENA_NEW(ps->arena, struct ast);
    if (!made) return &ps->no_ast;
    *made = ast;
    return made;
}

static struct ast **operands(struct parser *ps, struct ast *a, struct ast *b, struct ast *c) {
    uint32_t count = c ? 3 : b ? 2 : 1;
    struct ast **items = ARENA_ARRAY(ps->arena, struct ast *, count);
    if (!items) return NULL;
    items[0] = a;
    if (b) items[1] = b;
    if (c) items[2] = c;
    return items;
}

/* ---- Expressions ---- */

struct ast *build_leaf(struct parser *ps, enum ast_kind kind, const char *text, struct span span) {
    return new_ast(ps, (struct ast){.kind = kind, .name = text, .span = span, .name_span = span});
}

struct ast *build_items(struct parser *ps, enum ast_kind kind, const char *name, struct span name_span,
                        struct list items, struct span span) {
    return new_ast(ps, (struct ast){.kind = kind,
                                    .name = name,
                                    .name_span = name_span,
                                    .span = span,
                                    .items = flatten(ps, items, sizeof(struct ast *)),
                                    .count = items.count});
}

struct ast *build_column_of(struct parser *ps, const char *name, struct span name_span, const char *column,
                            struct list items, struct span span) {
    struct ast *ast = build_items(ps, items.count ? AST_COLUMN_AT : AST_COLUMN, name, name_span, items, span);
    ast->column = column;
    return ast;
}

struct ast *build_generator(struct parser *ps, const char *name, struct span name_span, struct list items,
                            struct list ranges, struct span span) {
    struct ast *ast = build_items(ps, AST_GENERATOR, name, name_span, items, span);
    ast->ranges = flatten(ps, ranges, sizeof(struct ast_range));
    ast->range_count = ranges.count;
    if (items.count > 1) {
        struct diag *diag = diag_error(ps->diags, "wrong-arity", span,
                                       "`%s` with `for` takes 1 expression, not %u", name, items.count);
        diag_hint(ps->diags, diag, "%s(EXPRESSION for i in 1..n)", name);
    }
    return ast;
}

struct ast *build_unary(struct parser *ps, enum ast_op op, struct ast *operand, struct span op_span,
                        struct span span) {
    return new_ast(ps, (struct ast){.kind = AST_UNARY,
                                    .op = op,
                                    .span = span,
                                    .name_span = op_span,
                                    .items = operands(ps, operand, NULL, NULL),
                                    .count = 1});
}

struct ast *build_binary(struct parser *ps, enum ast_op op, struct ast *left, struct ast *right,
                         struct span op_span, struct span span) {
    return new_ast(ps, (struct ast){.kind = AST_BINARY,
                                    .op = op,
                                    .span = span,
                                    .name_span = op_span,
                                    .items = operands(ps, left, right, NULL),
                                    .count = 2});
}

struct ast *build_if(struct parser *ps, struct ast *condition, struct ast *then, struct ast *otherwise,
                     struct span word, struct span span) {
    return new_ast(ps, (struct ast){.kind = AST_IF,
                                    .span = span,
                                    .name_span = word,
                                    .items = operands(ps, condition, then, otherwise),
                                    .count = 3});
}

struct ast *build_array(struct parser *ps, struct list items, struct span span) {
    return build_items(ps, AST_ARRAY, NULL, span, items, span);
}

struct ast_range *build_range(struct parser *ps, const char *name, struct span name_span, struct span span,
                              struct ast *from, struct ast *to, struct ast *by, struct ast *filter) {
    struct ast_range *range = ARENA_NEW(ps->arena, struct ast_range);
    if (!range) return &ps->no_range;
    *range = (struct ast_range){.name = name,
                                .name_span = name_span,
                                .span = span,
                                .from = from,
                                .to = to,
                                .by = by,
                                .filter = filter};
    return range;
}

/* ---- Names ---- */

const char *build_word(struct parser *ps, const char *word) {
    return intern_text(ps->names, word);
}

const char *build_index(struct parser *ps, const char *name, struct span span) {
    if (name && (strcmp(name, "pi") == 0 || strcmp(name, "inf") == 0))
        diag_error(ps->diags, "reserved-word", span, "`%s` is a constant and cannot be declared", name);
    return name;
}

struct named {
    const char *name;
    struct span span;
};

struct list build_column(struct parser *ps, struct list list, const char *name, struct span span) {
    struct named named = {name, span};
    return list_add(ps, list, &named, sizeof named);
}

struct list build_name(struct parser *ps, struct list list, const char *name, struct span span) {
    return build_column(ps, list, build_index(ps, name, span), span);
}

struct list build_columns(struct parser *ps, const char *word, struct span span, struct list columns) {
    if (word && strcmp(word, "columns") != 0)
        diag_error(ps->diags, "unexpected-word", span, "expected `columns (...)` here, found `%s`", word);
    return columns;
}

/* ---- Statements ---- */

struct ast_declaration *build_output(struct parser *ps, const char *name, struct span name_span,
                                     struct list dims, struct ast *value, struct span span) {
    struct ast_declaration *declaration = ARENA_NEW(ps->arena, struct ast_declaration);
    if (!declaration) return &ps->no_declaration;
    *declaration = (struct ast_declaration){.name = name,
                                            .name_span = name_span,
                                            .span = span,
                                            .dims = flatten(ps, dims, sizeof(struct ast_range)),
                                            .rank = dims.count,
                                            .value = value};
    return declaration;
}

struct ast_declaration *build_declaration(struct parser *ps, const char *name, struct span name_span,
                                          struct list dims, struct ast *value, struct span span) {
    return build_output(ps, build_index(ps, name, name_span), name_span, dims, value, span);
}

static struct ast_statement *new_statement(struct parser *ps, struct ast_statement statement) {
    struct ast_statement *made = ARENA_NEW(ps->arena, struct ast_statement);
    if (!made) return &ps->no_statement;
    *made = statement;
    return made;
}

struct ast_statement *build_declarations(struct parser *ps, enum ast_statement_kind kind, struct list list) {
    return new_statement(
        ps, (struct ast_statement){.kind = kind,
                                   .declarations = flatten(ps, list, sizeof(struct ast_declaration)),
                                   .declaration_count = list.count});
}

static void set_parameters(struct parser *ps, struct ast_statement *s, struct list list) {
    s->parameters = ARENA_ARRAY(ps->arena, const char *, list.count + 1);
    s->parameter_spans = ARENA_ARRAY(ps->arena, struct span, list.count + 1);
    const struct named *named = flatten(ps, list, sizeof *named);
    for (uint32_t k = 0; named && s->parameters && s->parameter_spans && k < list.count; k++) {
        s->parameters[k] = named[k].name;
        s->parameter_spans[k] = named[k].span;
        s->parameter_count = k + 1;
    }
}

struct ast_statement *build_data(struct parser *ps, const char *name, struct span name_span, const char *path,
                                 struct span path_span, struct list columns) {
    struct ast_statement s = {.kind = AST_DATA,
                              .name = build_index(ps, name, name_span),
                              .name_span = name_span,
                              .path = path,
                              .path_span = path_span};
    if (columns.count) set_parameters(ps, &s, columns);
    return new_statement(ps, s);
}

struct ast_statement *build_function(struct parser *ps, const char *name, struct span name_span,
                                     struct list parameters, struct ast *body) {
    struct ast_statement s = {
        .kind = AST_FN, .name = build_index(ps, name, name_span), .name_span = name_span, .expression = body};
    set_parameters(ps, &s, parameters);
    return new_statement(ps, s);
}

struct ast_statement *build_expression_statement(struct parser *ps, enum ast_statement_kind kind,
                                                 struct ast *expression) {
    return new_statement(ps, (struct ast_statement){.kind = kind, .expression = expression});
}

struct ast_statement *build_fit(struct parser *ps, struct ast *observed, struct ast *model, const char *table,
                                struct span table_span, struct ast *weight) {
    return new_statement(ps, (struct ast_statement){.kind = AST_FIT,
                                                    .expression = observed,
                                                    .model = model,
                                                    .weight = weight,
                                                    .name = table,
                                                    .name_span = table_span});
}

struct ast_statement *build_family(struct parser *ps, struct list ranges) {
    return new_statement(ps, (struct ast_statement){.ranges = flatten(ps, ranges, sizeof(struct ast_range)),
                                                    .range_count = ranges.count});
}

static struct ast_statement *with_family(struct ast_statement *s, const struct ast_statement *family) {
    if (!family) return s;
    s->ranges = family->ranges;
    s->range_count = family->range_count;
    return s;
}

struct ast_statement *build_residual(struct parser *ps, const char *label, struct span label_span,
                                     struct ast *expression, struct ast_statement *family) {
    struct ast_statement s = {
        .kind = AST_RESIDUAL, .name = label, .name_span = label_span, .expression = expression};
    return with_family(new_statement(ps, s), family);
}

struct ast_statement *build_comparison(struct parser *ps, enum ast_comparison comparison, struct ast *a,
                                       struct ast *b, struct ast *c) {
    return new_statement(
        ps, (struct ast_statement){.kind = AST_SUBJECT, .comparison = comparison, .parts = {a, b, c}});
}

struct ast_statement *build_constraint(struct parser *ps, const char *label, struct span label_span,
                                       struct ast_statement *comparison, struct ast_statement *family) {
    (void)ps;
    comparison->name = label;
    comparison->name_span = label_span;
    return with_family(comparison, family);
}

struct list build_setting(struct parser *ps, struct list list, const char *name, struct span name_span,
                          const char *value, struct span value_span) {
    struct ast_setting setting = {name, value, name_span, value_span};
    return list_add(ps, list, &setting, sizeof setting);
}

const char *build_negative(struct parser *ps, const char *number) {
    const char *text = arena_format(ps->arena, "-%s", number ? number : "0");
    return text ? intern_text(ps->names, text) : NULL;
}

struct ast_statement *build_settings(struct parser *ps, struct list settings) {
    return new_statement(ps,
                         (struct ast_statement){.kind = AST_SOLVE,
                                                .settings = flatten(ps, settings, sizeof(struct ast_setting)),
                                                .setting_count = settings.count});
}

struct ast_statement *build_import(struct parser *ps, const char *path, struct span path_span) {
    return new_statement(ps,
                         (struct ast_statement){.kind = AST_IMPORT, .path = path, .path_span = path_span});
}

void build_add(struct parser *ps, struct ast_statement *statement, struct span span) {
    statement->span = span;
    bool passing = ps->arena == &ps->passing;
    if (passing && ast_pack(ps->file, statement)) {
        arena_clear(&ps->passing);
        return;
    }
    if (passing) arena_take(ps->trees, &ps->passing);
    if (!ast_add(ps->file, statement)) ps->trees->failed = true;
}
