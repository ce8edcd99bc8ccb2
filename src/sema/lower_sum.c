#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/literal.h"
#include "sema/reduction.h"

/* Sums that are added up: `f += a + 2*sum(e for i ..) - b` runs over i and adds 2*e to f in the loop, so that
 * nothing stands between a term and the total. */

enum { LONGEST_FACTOR = 4 };

const struct ast *lower_squared_root(const struct checker *c, const struct ast *power) {
    const struct ast *root = power->items[0], *exponent = power->items[1];
    int64_t value;
    if (exponent->kind != AST_NUMBER || (root->kind != AST_CALL && root->kind != AST_GENERATOR)) return NULL;
    if (strcmp(root->name, "norm") != 0 || scope_function(&c->scope, root->name)) return NULL;
    return literal_integer(exponent->name, &value) && value == 2 ? root : NULL;
}

/* A name for a constant number, or a size of a table. */
static bool is_constant_name(const struct checker *c, const struct ast *ast) {
    if (ast->kind == AST_COLUMN) return is_table_size(ast);
    if (strcmp(ast->name, "pi") == 0) return true;
    const struct symbol *symbol =
        scope_local(&c->scope, ast->name) ? NULL : scope_symbol(&c->scope, ast->name);
    return symbol && symbol->kind == SYMBOL_PARAM && c->program->arrays.at[symbol->array].rank == 0;
}

/* A small constant expression, as stands before and behind sums. */
static bool is_factor(const struct checker *c, const struct ast *ast, int depth) {
    if (ast->kind == AST_NUMBER) return true;
    if (ast->kind == AST_NAME || ast->kind == AST_COLUMN) return is_constant_name(c, ast);
    if (depth == 0 || (ast->kind != AST_BINARY && ast->kind != AST_UNARY) || ast->op > AST_PLUS ||
        ast->op == AST_REM)
        return false;
    for (uint32_t k = 0; k < ast->count; k++)
        if (!is_factor(c, ast->items[k], depth - 1)) return false;
    return true;
}

/* One step into a product or quotient with a constant; NULL where there is none. The constant goes to
 * *factor. */
static const struct ast *beside_factor(const struct checker *c, const struct ast *ast,
                                       const struct ast **factor) {
    *factor = NULL;
    if (ast->kind == AST_UNARY && ast->op <= AST_PLUS) return ast->items[0];
    if (ast->kind != AST_BINARY || (ast->op != AST_MUL && ast->op != AST_DIV)) return NULL;
    if (is_factor(c, ast->items[1], LONGEST_FACTOR)) {
        *factor = ast->items[1];
        return ast->items[0];
    }
    if (ast->op == AST_DIV || !is_factor(c, ast->items[0], LONGEST_FACTOR)) return NULL;
    *factor = ast->items[0];
    return ast->items[1];
}

static bool is_sum_itself(const struct checker *c, const struct ast *ast) {
    if (ast->kind == AST_GENERATOR) return strcmp(ast->name, "sum") == 0 && ast->count == 1;
    if (ast->kind != AST_CALL || scope_function(&c->scope, ast->name)) return false;
    enum reduction_kind kind = reduction_named(ast->name);
    return (kind == REDUCE_SUM && ast->count == 1) || (kind == REDUCE_DOT && ast->count == 2);
}

/* The expression of a let that is used only here, where that is a sum. */
static const struct ast *behind_let(const struct checker *c, const struct ast *ast) {
    if (ast->kind != AST_NAME || scope_local(&c->scope, ast->name) || c->fit) return NULL;
    const struct symbol *symbol = scope_symbol(&c->scope, ast->name);
    return symbol ? symbol->sum : NULL;
}

bool lower_is_sum(const struct checker *c, const struct ast *ast) {
    const struct ast *factor;
    while (ast) {
        if (is_sum_itself(c, ast) || behind_let(c, ast)) return true;
        ast = beside_factor(c, ast, &factor);
    }
    return false;
}

/* ---- Terms ---- */

static bool splits(const struct ast *ast) {
    return (ast->kind == AST_BINARY && (ast->op == AST_ADD || ast->op == AST_SUB)) ||
           (ast->kind == AST_UNARY && ast->op == AST_NEGATE);
}

typedef VEC(struct term) term_list;

/* The terms of an expression, from left to right. */
static term_list find_terms(const struct checker *c, const struct ast *ast) {
    term_list open = {0}, terms = {0};
    VEC_PUSH(&open, ((struct term){.ast = ast}));
    while (open.count > 0) {
        struct term term = VEC_POP(&open);
        if (!splits(term.ast)) {
            term.is_sum = lower_is_sum(c, term.ast);
            VEC_PUSH(&terms, term);
            continue;
        }
        for (uint32_t k = term.ast->count; k > 0; k--) {
            bool turned = k == term.ast->count && term.ast->op != AST_ADD;
            VEC_PUSH(&open,
                     ((struct term){.ast = term.ast->items[k - 1], .negative = term.negative != turned}));
        }
    }
    VEC_FREE(&open);
    return terms;
}

static bool any_sum(const struct term *terms, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (terms[k].is_sum) return true;
    return false;
}

bool lower_adds(const struct checker *c, const struct ast *ast) {
    term_list terms = find_terms(c, ast);
    bool any = any_sum(terms.at, terms.count);
    VEC_FREE(&terms);
    return any;
}

/* Keeps the terms of the frame's expression where there are sums among them. */
static bool collect_terms(struct checker *c, struct frame *f) {
    term_list terms = find_terms(c, f->ast);
    bool any = any_sum(terms.at, terms.count);
    if (any) f->terms = ARENA_ARRAY(c->arena, struct term, terms.count);
    if (f->terms) {
        memcpy(f->terms, terms.at, terms.count * sizeof *terms.at);
        f->term_count = (uint32_t)terms.count;
    }
    VEC_FREE(&terms);
    return f->terms != NULL;
}

/* Goes on with a sum below its constant factors. */
static void push_sum(struct checker *c, const struct term *term) {
    struct graph *g = c->graph;
    struct frame parent = *frame_top(c);
    node_id factor = term->negative ? mk_neg(g, parent.factor) : parent.factor;
    const struct ast *ast = term->ast, *constant;
    while (!is_sum_itself(c, ast) && !behind_let(c, ast)) {
        const struct ast *inner = beside_factor(c, ast, &constant);
        if (!constant && ast->op == AST_NEGATE) factor = mk_neg(g, factor);
        if (constant) {
            node_id value = lower(c, constant, WANT_REAL);
            factor = ast->op == AST_DIV ? mk_div(g, factor, value) : mk_mul(g, value, factor);
        }
        ast = inner;
    }
    const struct ast *definition = is_sum_itself(c, ast) ? NULL : behind_let(c, ast);
    frame_push(c, definition ? definition : ast, WANT_ADDED);
    struct frame *f = frame_top(c);
    f->target = parent.target;
    f->subscripts = parent.subscripts;
    f->factor = factor;
}

static void add_value(struct checker *c, const struct frame *f, node_id value) {
    uint32_t rank = c->program->arrays.at[f->target].rank;
    c->graph->here = f->ast->span;
    bodies_update(&c->bodies, f->target, f->subscripts, rank, UPDATE_ADD, mk_mul(c->graph, f->factor, value),
                  f->ast->span);
}

/* Takes up the value of a term that is no sum. */
static void take_term(struct checker *c, struct frame *f, const struct term *term) {
    node_id value = VEC_POP(&c->lowering.values);
    if (term->is_sum) return;
    if (term->negative) value = mk_neg(c->graph, value);
    f->rest = f->rest ? mk_add(c->graph, f->rest, value) : value;
}

static void next_term(struct checker *c, struct frame *f) {
    if (f->stage > 1) take_term(c, f, &f->terms[f->stage - 2]);
    if (f->stage > f->term_count) {
        if (f->rest) add_value(c, f, f->rest);
        frame_finish(c, 0);
        return;
    }
    struct term term = f->terms[f->stage++ - 1];
    if (term.is_sum)
        push_sum(c, &term);
    else
        frame_push(c, term.ast, WANT_REAL);
}

void lower_sum_terms(struct checker *c, struct frame *f) {
    if (is_sum_itself(c, f->ast)) {
        if (f->ast->kind == AST_GENERATOR)
            lower_generator(c, f);
        else
            lower_whole(c, f);
        return;
    }
    if (f->stage == 0) {
        if (collect_terms(c, f)) {
            f->stage = 1;
            return;
        }
        f->stage = UINT32_MAX;
        frame_push(c, f->ast, WANT_REAL);
        return;
    }
    if (f->stage < UINT32_MAX) {
        next_term(c, f);
        return;
    }
    add_value(c, f, VEC_LAST(&c->lowering.values));
    frame_finish(c, 0);
}
