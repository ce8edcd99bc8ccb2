#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/reduction.h"

/* The array that an argument names; 0 where it is none. No message. */
static const struct symbol *array_symbol(const struct checker *c, const struct ast *ast) {
    if ((ast->kind != AST_NAME && ast->kind != AST_COLUMN) || scope_local(&c->scope, ast->name)) return NULL;
    if (is_table_size(ast)) return NULL;
    const struct symbol *symbol = scope_symbol(&c->scope, ast->name);
    if (!symbol || symbol->kind == SYMBOL_VALUE || symbol->kind == SYMBOL_BROKEN) return NULL;
    if (symbol->kind == SYMBOL_TABLE) return symbol;
    return ast->kind == AST_NAME && c->program->arrays.at[symbol->array].rank > 0 ? symbol : NULL;
}

static bool is_fitted(const struct checker *c, const struct ast *ast) {
    return ast->kind == AST_NAME && c->fit && table_has_column(&c->fit->table, ast->name);
}

bool is_whole_reduction(const struct checker *c, const struct ast *call) {
    enum reduction_kind kind = reduction_named(call->name);
    if (kind == REDUCE_NONE) return false;
    if (kind != REDUCE_MINIMUM && kind != REDUCE_MAXIMUM) return true;
    return call->count == 1 && (array_symbol(c, call->items[0]) || is_fitted(c, call->items[0]));
}

/* Whether an argument that names no array has an error of its own, or names something that has. */
static bool is_reported(struct checker *c, const struct ast *call, const struct ast *ast) {
    bool named = ast->kind == AST_NAME || ast->kind == AST_INDEXED || ast->kind == AST_COLUMN ||
                 ast->kind == AST_COLUMN_AT;
    if (!named || scope_local(&c->scope, ast->name)) return false;
    const struct symbol *symbol = scope_symbol(&c->scope, ast->name);
    if (symbol && symbol->kind == SYMBOL_BROKEN) c->broken = true;
    if (symbol) return symbol->kind == SYMBOL_BROKEN;
    if (is_fitted(c, ast)) {
        struct diag *diag =
            diag_error(c->diags, "shape-mismatch", ast->span,
                       "`%s` takes a whole array here, but in a fit `%s` is the cell of a single row",
                       call->name, ast->name);
        diag_hint(c->diags, diag, "the whole column is %s.%s", c->fit->name, ast->name);
    } else {
        scope_unknown(&c->scope, ast->name, ast->name_span, c->diags);
    }
    return true;
}

static void refuse_argument(struct checker *c, const struct ast *call, const struct ast *ast) {
    if (ast->kind == AST_ERROR || is_reported(c, call, ast)) return;
    struct diag *diag = diag_error(c->diags, "shape-mismatch", ast->span,
                                   "`%s` takes a whole array here, but this is a number", call->name);
    if (strcmp(call->name, "dot") != 0)
        diag_hint(c->diags, diag, "over a range it is written %s(E for i in 1..n)", call->name);
}

static array_id argument_array(struct checker *c, const struct ast *call, const struct ast *ast) {
    const struct symbol *symbol = array_symbol(c, ast);
    if (!symbol) {
        refuse_argument(c, call, ast);
        return 0;
    }
    c->depends |= symbol->depends;
    if (symbol->depends && c->fixed) {
        refuse_unknown(c, ast->span, symbol->name, symbol->span);
        return 0;
    }
    if (symbol->kind != SYMBOL_TABLE) return symbol->array;
    return ast->kind == AST_COLUMN ? column_named(c, symbol->table, ast->column, ast->span)
                                   : table_matrix(c, symbol->table);
}

static bool same_shape(struct checker *c, const struct ast *call, const array_id *arrays) {
    struct model_array a, b;
    if (!shape_of(c, arrays[0], NULL, call->items[0]->span, &a) ||
        !shape_of(c, arrays[1], NULL, call->items[1]->span, &b))
        return false;
    bool same = a.rank == b.rank;
    for (uint32_t k = 0; same && k < a.rank; k++) same = a.extent[k] == b.extent[k];
    if (same) return true;
    struct diag *diag = diag_error(c->diags, "shape-mismatch", call->span,
                                   "`dot` takes two arrays of one shape, but these are %s and %s",
                                   shape_text(c, arrays[0]), shape_text(c, arrays[1]));
    for (int k = 0; k < 2; k++)
        diag_note(c->diags, diag, c->program->arrays.at[arrays[k]].span, "`%s` is declared here",
                  call->items[k]->name);
    return false;
}

/* The element of the second array that stands where the subscripts stand in the first. */
static node_id read_beside(struct checker *c, array_id first, array_id second, const node_id *subscripts) {
    struct graph *g = c->graph;
    const struct array *a = program_array_at(c->program, first), *b = program_array_at(c->program, second);
    node_id *moved = ARENA_ARRAY(c->arena, node_id, b->rank);
    for (uint32_t k = 0; moved && k < b->rank; k++)
        moved[k] = mk_iadd(g, subscripts[k], mk_isub(g, b->dims[k].lower, a->dims[k].lower));
    return moved ? mk_read(g, second, b->type, moved, b->rank) : mk_one(g);
}

static node_id as_real(struct graph *g, node_id n) {
    return node_type(g, n) == TYPE_INT ? mk_to_real(g, n) : n;
}

/* One pass over all elements. */
static void pass_over(struct checker *c, struct frame *f, struct reduction *r, const array_id *arrays) {
    struct graph *g = c->graph;
    static const char *const names[] = {"i", "j", "k"};
    uint32_t rank = c->program->arrays.at[arrays[0]].rank;
    node_id *subscripts = ARENA_ARRAY(c->arena, node_id, rank);
    for (uint32_t k = 0; subscripts && k < rank; k++) {
        const struct dimension *dim = &c->program->arrays.at[arrays[0]].dims[k];
        r->from = dim->lower;
        r->to = dim->upper;
        r->by = mk_int(g, 1);
        subscripts[k] = reduction_open(c, r, names[k % 3], f->ast->span);
    }
    if (!subscripts) return;
    g->here = f->ast->span;
    node_id value =
        as_real(g, mk_read(g, arrays[0], c->program->arrays.at[arrays[0]].type, subscripts, rank));
    if (r->kind == REDUCE_DOT)
        value = mk_mul(g, value, as_real(g, read_beside(c, arrays[0], arrays[1], subscripts)));
    if (f->want != WANT_ADDED) {
        reduction_fold(c, r, value);
        return;
    }
    uint32_t target_rank = c->program->arrays.at[f->target].rank;
    bodies_update(&c->bodies, f->target, f->subscripts, target_rank, UPDATE_ADD, mk_mul(g, f->factor, value),
                  f->ast->span);
}

static void reduce_whole(struct checker *c, struct frame *f, struct reduction *r, const array_id *arrays) {
    node_id result = 0;
    bool again = true;
    if (f->want == WANT_ADDED) {
        pass_over(c, f, r, arrays);
        while (c->bodies.current != r->home) bodies_close(&c->bodies, bodies_current(&c->bodies)->around);
        again = false;
    }
    while (again) {
        reduction_begin_pass(c, r);
        pass_over(c, f, r, arrays);
        again = reduction_end_pass(c, r, &result);
    }
    c->bodies.current = f->body;
    frame_finish(c, result);
}

void lower_whole(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    enum reduction_kind kind = reduction_named(ast->name);
    uint32_t wanted = kind == REDUCE_DOT ? 2 : 1;
    array_id arrays[2] = {0};
    if (f->want == WANT_INTEGER) {
        diag_error(c->diags, "not-integer", ast->span, "a %s cannot stand where a whole number is needed",
                   ast->name);
    } else if (ast->count != wanted) {
        struct diag *diag =
            diag_error(c->diags, "wrong-arity", ast->span, "`%s` takes %u whole array%s, not %u", ast->name,
                       wanted, wanted == 1 ? "" : "s", ast->count);
        if (wanted == 1)
            diag_hint(c->diags, diag, "over a range it is written %s(E for i in 1..n)", ast->name);
    } else {
        for (uint32_t k = 0; k < wanted; k++) arrays[k] = argument_array(c, ast, ast->items[k]);
        if (arrays[0] && (wanted == 1 || arrays[1])) {
            bool squares = f->stage == UINT32_MAX && kind == REDUCE_NORM;
            uint32_t rank = c->program->arrays.at[arrays[0]].rank;
            struct reduction *r = NULL;
            if (wanted == 1 || same_shape(c, ast, arrays))
                r = new_reduction(c, f, squares ? REDUCE_SQUARES : kind, rank);
            if (r) {
                reduce_whole(c, f, r, arrays);
                return;
            }
        }
    }
    c->bodies.current = f->body;
    frame_give_up(c);
}
