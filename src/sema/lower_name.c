#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/literal.h"

enum { LONGEST_INTEGER_FORM = 6 };

static node_id integer_form(struct graph *g, node_id n, int depth) {
    enum op op = node_op(g, n);
    if (op == OP_TO_REAL) return node_operand(g, n, 0);
    if (op == OP_CONST) {
        mpq_srcptr value = node_rational(g, n);
        bool whole = mpz_cmp_ui(mpq_denref(value), 1) == 0 && mpz_fits_slong_p(mpq_numref(value));
        return whole ? mk_int(g, mpz_get_si(mpq_numref(value))) : 0;
    }
    if ((op != OP_ADD && op != OP_MUL) || depth == 0) return 0;
    node_id right = node_operand(g, n, 1);
    node_id a = integer_form(g, node_operand(g, n, 0), depth - 1);
    node_id b = a ? integer_form(g, right, depth - 1) : 0;
    if (!b) return 0;
    return op == OP_ADD ? mk_iadd(g, a, b) : mk_imul(g, a, b);
}

node_id integer_of(struct graph *g, node_id n) {
    return integer_form(g, n, LONGEST_INTEGER_FORM);
}

void refuse_unknown(struct checker *c, struct span span, const char *name, struct span declared) {
    struct diag *diag = diag_error(c->diags, "depends-on-unknown", span,
                                   "%s may not depend on unknowns, but `%s` does", c->fixed, name);
    diag_note(c->diags, diag, declared, "`%s` is declared here", name);
}

static void refuse_real(struct checker *c, struct frame *f, const struct symbol *symbol) {
    struct diag *diag;
    const char *name = symbol->name;
    if (symbol->depends)
        diag = diag_error(c->diags, "depends-on-unknown", f->ast->span,
                          "an index may not depend on unknowns, but `%s` does", name);
    else
        diag = diag_error(c->diags, "not-integer", f->ast->span,
                          "a whole number is needed here, but `%s` is a real number", name);
    diag_note(c->diags, diag, symbol->span, "`%s` is declared here", name);
    frame_give_up(c);
}

/* Ends the frame with a value of the type it has, turned into what is wanted. */
static void finish_typed(struct checker *c, struct frame *f, node_id value, const struct symbol *symbol) {
    bool whole = node_type(c->graph, value) == TYPE_INT;
    if (f->want == WANT_INTEGER && !whole)
        refuse_real(c, f, symbol);
    else
        frame_finish(c, whole && f->want != WANT_INTEGER ? mk_to_real(c->graph, value) : value);
}

static void lower_local(struct checker *c, struct frame *f, const struct local *local) {
    c->depends |= local->depends;
    node_id value = local->value;
    bool whole = node_type(c->graph, value) == TYPE_INT;
    if (f->want == WANT_INTEGER && !whole) {
        node_id form = integer_of(c->graph, value);
        struct symbol named = {.name = local->name, .span = local->span, .depends = local->depends};
        if (form)
            frame_finish(c, form);
        else
            refuse_real(c, f, &named);
        return;
    }
    c->graph->here = f->ast->span;
    frame_finish(c, whole && f->want != WANT_INTEGER ? mk_to_real(c->graph, value) : value);
}

/* Notes what reading a symbol means for the expression; false after an error. */
static bool may_read(struct checker *c, const struct symbol *symbol, struct span span) {
    c->depends |= symbol->depends;
    if (!symbol->depends || !c->fixed) return true;
    refuse_unknown(c, span, symbol->name, symbol->span);
    return false;
}

static void refuse_array(struct checker *c, const struct symbol *symbol, struct span span) {
    struct diag *diag =
        diag_error(c->diags, "shape-mismatch", span, "`%s` is %s, but a number is needed here", symbol->name,
                   symbol->kind == SYMBOL_TABLE ? "a table" : shape_text(c, symbol->array));
    if (symbol->kind == SYMBOL_TABLE)
        diag_hint(c->diags, diag, "a cell is %s.COLUMN[row]", symbol->name);
    else
        diag_hint(c->diags, diag, "an element is %s[%s]; sum(%s) adds all of them", symbol->name,
                  c->program->arrays.at[symbol->array].rank == 1 ? "i" : "i, j", symbol->name);
    diag_note(c->diags, diag, symbol->span, "`%s` is declared here", symbol->name);
}

static void lower_symbol(struct checker *c, struct frame *f, const struct symbol *symbol) {
    if (symbol->kind == SYMBOL_BROKEN) {
        c->broken = true;
        frame_give_up(c);
        return;
    }
    if (symbol->kind == SYMBOL_TABLE ||
        (symbol->kind != SYMBOL_VALUE && c->program->arrays.at[symbol->array].rank > 0)) {
        refuse_array(c, symbol, f->ast->span);
        frame_give_up(c);
        return;
    }
    if (!may_read(c, symbol, f->ast->span)) {
        frame_give_up(c);
        return;
    }
    c->graph->here = f->ast->span;
    node_id value = symbol->kind == SYMBOL_VALUE ? symbol->value
                                                 : mk_read(c->graph, symbol->array, symbol->type, NULL, 0);
    finish_typed(c, f, value, symbol);
}

static void lower_fitted(struct checker *c, struct frame *f) {
    const char *name = f->ast->name;
    const struct symbol *declared = scope_symbol(&c->scope, name);
    if (declared) {
        struct diag *diag =
            diag_error(c->diags, "ambiguous-name", f->ast->span,
                       "`%s` is both a column of `%s` and a declared name", name, c->fit->name);
        diag_hint(c->diags, diag, "write %s.%s for the column, or rename the other", c->fit->name, name);
        diag_note(c->diags, diag, declared->span, "`%s` is declared here", name);
        frame_give_up(c);
        return;
    }
    c->graph->here = f->ast->span;
    node_id value = column_cell_named(c, c->fit, name, c->fit_row, f->ast->span);
    if (!value) {
        frame_give_up(c);
        return;
    }
    struct symbol column = {.name = name, .span = c->fit->span};
    finish_typed(c, f, value, &column);
}

static bool lower_reserved(struct checker *c, struct frame *f) {
    bool pi = strcmp(f->ast->name, "pi") == 0, inf = strcmp(f->ast->name, "inf") == 0;
    if (!pi && !inf) return false;
    c->graph->here = f->ast->span;
    if (f->want == WANT_INTEGER) {
        diag_error(c->diags, "not-integer", f->ast->span, "a whole number is needed here, but %s is none",
                   f->ast->name);
        frame_give_up(c);
    } else {
        frame_finish(c, pi ? mk_pi(c->graph) : mk_infinity(c->graph));
    }
    return true;
}

void lower_name(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    const struct local *local = scope_local(&c->scope, ast->name);
    if (local) {
        lower_local(c, f, local);
        return;
    }
    if (lower_reserved(c, f)) return;
    if (c->fit && table_has_column(&c->fit->table, ast->name)) {
        lower_fitted(c, f);
        return;
    }
    const struct symbol *symbol = scope_symbol(&c->scope, ast->name);
    if (!symbol && c->expression_only) {
        declare_free_name(c, ast);
        symbol = scope_symbol(&c->scope, ast->name);
    }
    if (symbol) {
        lower_symbol(c, f, symbol);
        return;
    }
    c->scope.columns = c->fit ? c->fit->table.names : NULL;
    c->scope.column_count = c->fit ? c->fit->table.columns : 0;
    scope_unknown(&c->scope, ast->name, ast->span, c->diags);
    c->scope.column_count = 0;
    frame_give_up(c);
}

/* ---- Elements ---- */

/* The array that an element is taken of; 0 after an error. */
static array_id element_array(struct checker *c, const struct ast *ast, const struct symbol *symbol) {
    if (symbol->kind == SYMBOL_BROKEN) {
        c->broken = true;
        return 0;
    }
    if (symbol->kind == SYMBOL_TABLE)
        return ast->kind == AST_INDEXED ? table_matrix(c, symbol->table)
                                        : column_named(c, symbol->table, ast->column, ast->span);
    if (ast->kind != AST_INDEXED) {
        struct diag *diag = diag_error(c->diags, "not-a-table", ast->span,
                                       "`%s` is no table, it has no column `%s`", ast->name, ast->column);
        diag_note(c->diags, diag, symbol->span, "`%s` is declared here", ast->name);
        return 0;
    }
    if (symbol->kind == SYMBOL_VALUE || c->program->arrays.at[symbol->array].rank == 0) {
        struct diag *diag = diag_error(c->diags, "shape-mismatch", ast->span,
                                       "`%s` is a number, not an array: it takes no index", ast->name);
        diag_note(c->diags, diag, symbol->span, "`%s` is declared here", ast->name);
        return 0;
    }
    return symbol->array;
}

static const struct symbol *element_symbol(struct checker *c, const struct ast *ast) {
    const struct local *local = scope_local(&c->scope, ast->name);
    if (local) {
        struct diag *diag = diag_error(c->diags, "shape-mismatch", ast->span,
                                       "`%s` is a number, not an array: it takes no index", ast->name);
        diag_note(c->diags, diag, local->span, "`%s` is declared here", ast->name);
        return NULL;
    }
    const struct symbol *symbol = scope_symbol(&c->scope, ast->name);
    if (!symbol && c->expression_only) {
        struct diag *diag = diag_error(c->diags, "unknown-name", ast->name_span,
                                       "`%s` is an array, but an expression alone declares none", ast->name);
        diag_hint(c->diags, diag, "declare it: -e 'var %s[3]; minimize ...'", ast->name);
    } else if (!symbol) {
        scope_unknown(&c->scope, ast->name, ast->name_span, c->diags);
    }
    return symbol;
}

bool is_table_size(const struct ast *ast) {
    return ast->kind == AST_COLUMN &&
           (strcmp(ast->column, "rows") == 0 || strcmp(ast->column, "columns") == 0);
}

static void lower_size(struct checker *c, struct frame *f, const struct symbol *symbol) {
    const struct table_source *t = symbol->table;
    array_id size = strcmp(f->ast->column, "rows") == 0 ? t->rows : t->columns;
    c->graph->here = f->ast->span;
    node_id value = mk_read(c->graph, size, TYPE_INT, NULL, 0);
    frame_finish(c, f->want == WANT_INTEGER ? value : mk_to_real(c->graph, value));
}

/* Whether the number of subscripts is that of the array's dimensions. */
static bool count_fits(struct checker *c, const struct ast *ast, const struct symbol *symbol,
                       array_id array) {
    uint32_t rank = c->program->arrays.at[array].rank, given = ast->count;
    if (ast->kind == AST_COLUMN) {
        struct diag *diag =
            diag_error(c->diags, "shape-mismatch", ast->span,
                       "`%s.%s` is a column, but a number is needed here", ast->name, ast->column);
        diag_hint(c->diags, diag, "a cell is %s.%s[i]; sum(%s.%s) adds all of them", ast->name, ast->column,
                  ast->name, ast->column);
        return false;
    }
    if (given == rank) return true;
    struct diag *diag =
        diag_error(c->diags, "shape-mismatch", ast->span, "`%s` is %s: it takes %u ind%s, not %u", ast->name,
                   symbol->kind == SYMBOL_TABLE ? "a table" : shape_text(c, array), rank,
                   rank == 1 ? "ex" : "ices", given);
    diag_note(c->diags, diag, symbol->span, "`%s` is declared here", ast->name);
    return false;
}

/* Whether an element of a table is a cell of one column: by its name, or by a number that is written out. */
static bool is_column_cell(const struct ast *ast, const struct symbol *symbol, int64_t *column) {
    *column = 0;
    if (symbol->kind != SYMBOL_TABLE) return false;
    if (ast->kind == AST_COLUMN_AT) return ast->count == 1;
    return ast->kind == AST_INDEXED && ast->count == 2 && ast->items[1]->kind == AST_NUMBER &&
           literal_integer(ast->items[1]->name, column) && *column >= 1 &&
           (size_t)*column <= symbol->table->table.columns;
}

static void finish_cell(struct checker *c, struct frame *f, const struct symbol *symbol, int64_t column) {
    node_id row = c->lowering.values.at[f->base];
    c->graph->here = f->ast->span;
    node_id value = column ? column_cell_numbered(c, symbol->table, (size_t)column - 1, row)
                           : column_cell_named(c, symbol->table, f->ast->column, row, f->ast->span);
    if (value && may_read(c, symbol, f->ast->span))
        finish_typed(c, f, value, symbol);
    else
        frame_give_up(c);
}

static void finish_element(struct checker *c, struct frame *f, const struct symbol *symbol) {
    const struct ast *ast = f->ast;
    int64_t column;
    if (is_column_cell(ast, symbol, &column)) {
        finish_cell(c, f, symbol, column);
        return;
    }
    array_id array = element_array(c, ast, symbol);
    if (!array || !count_fits(c, ast, symbol, array) || !may_read(c, symbol, ast->span)) {
        frame_give_up(c);
        return;
    }
    const struct array *to = program_array_at(c->program, array);
    c->graph->here = ast->span;
    node_id value = mk_read(c->graph, array, to->type, c->lowering.values.at + f->base, to->rank);
    finish_typed(c, f, value, symbol);
}

void lower_element(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    if (f->stage < ast->count) {
        uint32_t next = f->stage++;
        frame_push(c, ast->items[next], WANT_INTEGER);
        return;
    }
    const struct symbol *symbol = element_symbol(c, ast);
    if (!symbol)
        frame_give_up(c);
    else if (symbol->kind == SYMBOL_TABLE && is_table_size(ast))
        lower_size(c, f, symbol);
    else
        finish_element(c, f, symbol);
}
