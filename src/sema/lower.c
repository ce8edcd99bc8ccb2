#include "sema/lower.h"

#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/literal.h"

struct frame *frame_top(struct checker *c) {
    return &VEC_LAST(&c->lowering.frames);
}

void frame_push(struct checker *c, const struct ast *ast, enum want want) {
    struct frame frame = {.ast = ast,
                          .want = want,
                          .base = (uint32_t)c->lowering.values.count,
                          .body = c->bodies.current,
                          .hidden = c->scope.hidden,
                          .fit = c->fit,
                          .locals = (uint32_t)c->scope.locals.count};
    LARGE_PUSH(&c->lowering.frames, frame);
}

void frame_finish(struct checker *c, node_id value) {
    struct frame frame = VEC_POP(&c->lowering.frames);
    c->lowering.values.count = frame.base;
    LARGE_PUSH(&c->lowering.values, value);
}

void frame_give_up(struct checker *c) {
    enum want want = frame_top(c)->want;
    if (want == WANT_INTEGER)
        frame_finish(c, mk_int(c->graph, 1));
    else
        frame_finish(c, want == WANT_CONDITION ? mk_bool(c->graph, true) : mk_one(c->graph));
}

node_id frame_value(const struct checker *c, const struct frame *f, uint32_t k) {
    return c->lowering.values.at[f->base + k];
}

/* Starts the translation of item k as the next stage of the top frame. */
static void descend(struct checker *c, struct frame *f, uint32_t k, enum want want) {
    f->stage++;
    frame_push(c, f->ast->items[k], want);
}

/* ---- Numbers ---- */

/* A literal that is no whole number, or too large for one. */
static void refuse_fraction(struct checker *c, const struct ast *ast) {
    const char *text = strlen(ast->name) < 30 ? ast->name : "this number";
    node_id node = literal_real(c->graph, ast->name);
    if (node && mpz_cmp_ui(mpq_denref(node_rational(c->graph, node)), 1) == 0)
        diag_error(c->diags, "too-large", ast->span,
                   "%s is beyond the limit for whole numbers of 9223372036854775807", text);
    else
        diag_error(c->diags, "not-integer", ast->span, "a whole number is needed here, but %s is none", text);
}

static void lower_number(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    int64_t whole;
    node_id node = 0;
    if (f->want == WANT_INTEGER) {
        if (literal_integer(ast->name, &whole))
            node = mk_int(c->graph, whole);
        else
            refuse_fraction(c, ast);
    } else {
        node = literal_real(c->graph, ast->name);
        if (!node)
            diag_error(c->diags, "number-too-large", ast->span, "the exponent is beyond the limit of 9999");
    }
    if (node)
        frame_finish(c, node);
    else
        frame_give_up(c);
}

/* ---- Arithmetic ---- */

static node_id apply_integer(struct checker *c, enum ast_op op, node_id a, node_id b) {
    switch (op) {
    case AST_ADD: return mk_iadd(c->graph, a, b);
    case AST_SUB: return mk_isub(c->graph, a, b);
    case AST_MUL: return mk_imul(c->graph, a, b);
    case AST_DIV: return mk_idiv(c->graph, a, b);
    case AST_REM: return mk_imod(c->graph, a, b);
    case AST_NEGATE: return mk_isub(c->graph, mk_int(c->graph, 0), a);
    case AST_PLUS: return a;
    case AST_POW:
    case AST_LT:
    case AST_LE:
    case AST_GT:
    case AST_GE:
    case AST_EQ:
    case AST_NE:
    case AST_AND:
    case AST_OR:
    case AST_NOT: break;
    }
    return 0;
}

/* A power; the squares of hypot and abs are sums of squares, smooth everywhere. */
static node_id raise(struct graph *g, node_id a, node_id b) {
    node_id whole = integer_of(g, b);
    if (!whole) return mk_pow(g, a, b);
    bool square = node_is_int(g, whole, 2);
    if (square && node_op(g, a) == OP_ABS) return mk_square(g, node_operand(g, a, 0));
    if (square && node_op(g, a) == OP_HYPOT)
        return mk_sum_of_squares(g, node_operand(g, a, 0), node_operand(g, a, 1));
    return mk_powi(g, a, whole);
}

static node_id apply_real(struct checker *c, enum ast_op op, node_id a, node_id b) {
    switch (op) {
    case AST_ADD: return mk_add(c->graph, a, b);
    case AST_SUB: return mk_sub(c->graph, a, b);
    case AST_MUL: return mk_mul(c->graph, a, b);
    case AST_DIV: return mk_div(c->graph, a, b);
    case AST_REM: return mk_to_real(c->graph, mk_imod(c->graph, a, b));
    case AST_POW: return raise(c->graph, a, b);
    case AST_NEGATE: return mk_neg(c->graph, a);
    case AST_PLUS: return a;
    case AST_LT:
    case AST_LE:
    case AST_GT:
    case AST_GE:
    case AST_EQ:
    case AST_NE:
    case AST_AND:
    case AST_OR:
    case AST_NOT: break;
    }
    return 0;
}

static void finish_arithmetic(struct checker *c, struct frame *f, node_id a, node_id b) {
    c->graph->here = f->ast->span;
    bool whole = f->want == WANT_INTEGER;
    frame_finish(c, whole ? apply_integer(c, f->ast->op, a, b) : apply_real(c, f->ast->op, a, b));
}

static void lower_unary(struct checker *c, struct frame *f) {
    if (f->stage == 0)
        descend(c, f, 0, f->want);
    else
        finish_arithmetic(c, f, frame_value(c, f, 0), 0);
}

/* The square of something whose square is smooth. */
static void lower_square(struct checker *c, struct frame *f, const struct ast *root) {
    if (f->stage == 0) {
        f->stage++;
        frame_push(c, root, WANT_REAL);
        frame_top(c)->stage = UINT32_MAX; /* the squares themselves */
        return;
    }
    frame_finish(c, frame_value(c, f, 0));
}

static void lower_binary(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    const struct ast *root = f->want == WANT_REAL && ast->op == AST_POW ? lower_squared_root(c, ast) : NULL;
    if (root) {
        lower_square(c, f, root);
        return;
    }
    if (f->want == WANT_INTEGER && ast->op == AST_POW) {
        diag_error(c->diags, "not-integer", ast->span, "a power cannot stand where a whole number is needed");
        frame_give_up(c);
        return;
    }
    if (f->stage < 2)
        descend(c, f, f->stage, ast->op == AST_REM ? WANT_INTEGER : f->want);
    else
        finish_arithmetic(c, f, frame_value(c, f, 0), frame_value(c, f, 1));
}

/* ---- Conditions ---- */

static node_id compare_integers(struct graph *g, enum ast_op op, node_id a, node_id b) {
    if (op == AST_LT) return mk_ilt(g, a, b);
    if (op == AST_LE) return mk_ile(g, a, b);
    if (op == AST_GT) return mk_ilt(g, b, a);
    if (op == AST_GE) return mk_ile(g, b, a);
    return op == AST_EQ ? mk_ieq(g, a, b) : mk_ine(g, a, b);
}

static node_id compare_reals(struct graph *g, enum ast_op op, node_id a, node_id b) {
    if (op == AST_LT) return mk_lt(g, a, b);
    if (op == AST_LE) return mk_le(g, a, b);
    if (op == AST_GT) return mk_lt(g, b, a);
    if (op == AST_GE) return mk_le(g, b, a);
    return op == AST_EQ ? mk_eq(g, a, b) : mk_ne(g, a, b);
}

static void lower_comparison(struct checker *c, struct frame *f) {
    if (f->stage < 2) {
        descend(c, f, f->stage, WANT_REAL);
        return;
    }
    struct graph *g = c->graph;
    node_id a = frame_value(c, f, 0), b = frame_value(c, f, 1);
    node_id whole_a = integer_of(g, a), whole_b = whole_a ? integer_of(g, b) : 0;
    g->here = f->ast->span;
    node_id result =
        whole_b ? compare_integers(g, f->ast->op, whole_a, whole_b) : compare_reals(g, f->ast->op, a, b);
    if (!whole_b && node_op(g, result) != OP_BOOL && !VEC_PUSH(&c->model->comparisons, result))
        g->failed = true;
    frame_finish(c, result);
}

/* The right side counts only where the left one does not decide: its reductions stand under that condition.
 */
static void lower_logic(struct checker *c, struct frame *f) {
    struct graph *g = c->graph;
    bool both = f->ast->op == AST_AND;
    if (f->stage == 0) {
        descend(c, f, 0, WANT_CONDITION);
        return;
    }
    node_id left = frame_value(c, f, 0);
    if (f->stage == 1) {
        bodies_open_when(&c->bodies, both ? left : mk_not(g, left), f->ast->span);
        descend(c, f, 1, WANT_CONDITION);
        return;
    }
    bodies_close(&c->bodies, f->body);
    node_id right = frame_value(c, f, 1);
    g->here = f->ast->span;
    frame_finish(c, both ? mk_and(g, left, right) : mk_or(g, left, right));
}

static void lower_not(struct checker *c, struct frame *f) {
    if (f->stage == 0)
        descend(c, f, 0, WANT_CONDITION);
    else
        frame_finish(c, mk_not(c->graph, frame_value(c, f, 0)));
}

static void lower_if(struct checker *c, struct frame *f) {
    struct graph *g = c->graph;
    if (f->stage == 0) {
        descend(c, f, 0, WANT_CONDITION);
        return;
    }
    node_id condition = frame_value(c, f, 0);
    if (f->stage > 1) bodies_close(&c->bodies, f->body);
    if (f->stage < 3) {
        node_id guard = f->stage == 1 ? condition : mk_not(g, condition);
        bodies_open_when(&c->bodies, guard, f->ast->items[0]->span);
        descend(c, f, f->stage, f->want);
        return;
    }
    node_id a = frame_value(c, f, 1), b = frame_value(c, f, 2);
    g->here = f->ast->span;
    if (f->want == WANT_CONDITION)
        frame_finish(c, mk_or(g, mk_and(g, condition, a), mk_and(g, mk_not(g, condition), b)));
    else
        frame_finish(c, mk_select(g, condition, a, b));
}

/* ---- The machine ---- */

static bool is_condition(const struct ast *ast) {
    if (ast->kind == AST_UNARY) return ast->op == AST_NOT;
    return ast->kind == AST_BINARY && ast->op >= AST_LT;
}

static bool is_broken_name(const struct checker *c, const struct ast *ast) {
    const struct symbol *symbol = ast->kind == AST_NAME && !scope_local(&c->scope, ast->name)
                                      ? scope_symbol(&c->scope, ast->name)
                                      : NULL;
    return symbol && symbol->kind == SYMBOL_BROKEN;
}

static void refuse_number(struct checker *c, struct frame *f) {
    if (is_broken_name(c, f->ast)) {
        c->broken = true;
        frame_give_up(c);
        return;
    }
    struct diag *diag = diag_error(c->diags, "condition-needed", f->ast->span,
                                   "a condition is needed here, but this is a number");
    diag_hint(c->diags, diag, "compare it with something, as in `x > 0`");
    frame_give_up(c);
}

static void refuse_condition(struct checker *c, struct frame *f) {
    struct diag *diag = diag_error(c->diags, "number-needed", f->ast->span,
                                   "a number is needed here, but this is a condition");
    diag_hint(c->diags, diag, "`if condition then 1 else 0` makes a number of it");
    frame_give_up(c);
}

static void lower_condition(struct checker *c, struct frame *f) {
    if (f->ast->kind == AST_IF)
        lower_if(c, f);
    else if (!is_condition(f->ast))
        refuse_number(c, f);
    else if (f->ast->op == AST_NOT)
        lower_not(c, f);
    else if (f->ast->op == AST_AND || f->ast->op == AST_OR)
        lower_logic(c, f);
    else
        lower_comparison(c, f);
}

static void refuse_literal(struct checker *c, struct frame *f) {
    struct diag *diag =
        diag_error(c->diags, "literal-array", f->ast->span,
                   "an array in brackets can only be the value of a param or the start of an unknown");
    diag_hint(c->diags, diag, "as in param w[3] = [1, 2, 3]");
    frame_give_up(c);
}

static void lower_number_like(struct checker *c, struct frame *f) {
    switch (f->ast->kind) {
    case AST_NUMBER: lower_number(c, f); break;
    case AST_NAME: lower_name(c, f); break;
    case AST_INDEXED:
    case AST_COLUMN:
    case AST_COLUMN_AT: lower_element(c, f); break;
    case AST_CALL: lower_call(c, f); break;
    case AST_GENERATOR: lower_generator(c, f); break;
    case AST_UNARY: lower_unary(c, f); break;
    case AST_BINARY: lower_binary(c, f); break;
    case AST_IF: lower_if(c, f); break;
    case AST_ARRAY: refuse_literal(c, f); break;
    case AST_ERROR: frame_give_up(c); break;
    }
}

static void step(struct checker *c) {
    struct frame *f = frame_top(c);
    if (f->ast->kind == AST_ERROR)
        frame_give_up(c);
    else if (f->want == WANT_ADDED)
        lower_sum_terms(c, f);
    else if (f->want == WANT_CONDITION)
        lower_condition(c, f);
    else if (is_condition(f->ast))
        refuse_condition(c, f);
    else
        lower_number_like(c, f);
}

static node_id run(struct checker *c, size_t bottom) {
    while (c->lowering.frames.count > bottom) step(c);
    return VEC_POP(&c->lowering.values);
}

node_id lower(struct checker *c, const struct ast *ast, enum want want) {
    size_t bottom = c->lowering.frames.count;
    frame_push(c, ast, want);
    return run(c, bottom);
}

void lower_added(struct checker *c, const struct ast *ast, array_id target, const node_id *subscripts,
                 node_id factor) {
    size_t bottom = c->lowering.frames.count;
    frame_push(c, ast, WANT_ADDED);
    struct frame *f = frame_top(c);
    f->target = target;
    f->subscripts = subscripts;
    f->factor = factor;
    run(c, bottom);
}

void lowering_release(struct lowering *l) {
    LARGE_FREE(&l->frames);
    LARGE_FREE(&l->values);
    VEC_FREE(&l->calls);
    VEC_FREE(&l->arguments);
}
