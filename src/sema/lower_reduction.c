#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/reduction.h"

enum stage { START, RANGE, HAVE_FROM, HAVE_TO, HAVE_BY, HAVE_FILTER, HAVE_BODY };

/* ---- Where a reduction is computed ---- */

/* The innermost body that a name belongs to; the current one for what is just being defined. */
static uint32_t body_of_name(const struct checker *c, const char *name) {
    const struct local *local = scope_local(&c->scope, name);
    if (local) return local->level;
    if (c->fit) return c->bodies.current;
    const struct symbol *symbol = scope_symbol(&c->scope, name);
    return symbol && symbol->being_defined ? c->bodies.current : 0;
}

static void push_ast(struct checker *c, const struct ast *ast) {
    if (ast) VEC_PUSH(&c->pending, ast);
}

uint32_t body_of_names(struct checker *c, const struct ast *ast) {
    uint32_t innermost = 0;
    c->pending.count = 0;
    push_ast(c, ast);
    while (c->pending.count > 0) {
        const struct ast *at = VEC_POP(&c->pending);
        if (at->kind == AST_NAME || at->kind == AST_INDEXED) {
            uint32_t body = body_of_name(c, at->name);
            if (body > innermost) innermost = body;
        }
        for (uint32_t k = 0; k < at->count; k++) push_ast(c, at->items[k]);
        for (uint32_t k = 0; k < at->range_count; k++) {
            push_ast(c, at->ranges[k].from);
            push_ast(c, at->ranges[k].to);
            push_ast(c, at->ranges[k].by);
            push_ast(c, at->ranges[k].filter);
        }
    }
    return innermost;
}

/* Leaves the loops that a reduction does not depend on, but no condition. */
static void leave_loops(struct checker *c, const struct ast *ast) {
    uint32_t needed = body_of_names(c, ast), body = c->bodies.current;
    while (body > needed) {
        const struct body *at = &c->bodies.stack.at[body];
        if (at->guarded || at->around == body) break;
        body = at->around;
    }
    c->bodies.current = body;
}

struct reduction *new_reduction(struct checker *c, const struct frame *f, enum reduction_kind kind,
                                uint32_t ranges) {
    struct reduction *r = ARENA_NEW(c->arena, struct reduction);
    if (!r) return NULL;
    *r = (struct reduction){.kind = kind, .ast = f->ast};
    r->scans = ARENA_ARRAY(c->arena, struct scan, ranges + 1);
    if (f->want != WANT_ADDED) leave_loops(c, f->ast);
    r->home = c->bodies.current;
    return r->scans ? r : NULL;
}

/* ---- Reductions over ranges ---- */

static void start(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    enum reduction_kind kind = reduction_named(ast->name);
    if (f->want == WANT_INTEGER) {
        diag_error(c->diags, "not-integer", ast->span, "a %s cannot stand where a whole number is needed",
                   ast->name);
        frame_give_up(c);
        return;
    }
    if (kind == REDUCE_NONE || kind == REDUCE_DOT) {
        struct diag *diag =
            diag_error(c->diags, "not-a-reduction", ast->name_span, "`%s` does not take a `for`", ast->name);
        diag_hint(c->diags, diag, "sum, prod, min, max, logsumexp and norm do");
        frame_give_up(c);
        return;
    }
    if (ast->count != 1) {
        diag_error(c->diags, "wrong-arity", ast->span, "`%s` with `for` takes 1 expression, not %u",
                   ast->name, ast->count);
        frame_give_up(c);
        return;
    }
    bool squares = f->stage == UINT32_MAX && kind == REDUCE_NORM;
    f->reduction = new_reduction(c, f, squares ? REDUCE_SQUARES : kind, ast->range_count);
    f->stage = RANGE;
    if (!f->reduction)
        frame_give_up(c);
    else if (f->want == WANT_ADDED)
        f->reduction->locals = (uint32_t)c->scope.locals.count;
    else
        reduction_begin_pass(c, f->reduction);
}

/* The next range, or behind the last one the expression. */
static void begin_range(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    struct reduction *r = f->reduction;
    if (r->range < ast->range_count) {
        f->stage = HAVE_FROM;
        frame_push(c, ast->ranges[r->range].from, WANT_INTEGER);
        return;
    }
    f->stage = HAVE_BODY;
    bool adds = f->want == WANT_ADDED;
    struct frame parent = *f;
    if (!adds && r->kind != REDUCE_SUM) {
        frame_push(c, ast->items[0], WANT_REAL);
        return;
    }
    frame_push(c, ast->items[0], WANT_ADDED);
    struct frame *body = frame_top(c);
    body->target = adds ? parent.target : r->accumulator;
    body->subscripts = adds ? parent.subscripts : NULL;
    body->factor = adds ? parent.factor : mk_one(c->graph);
}

static node_id pop_value(struct checker *c) {
    return VEC_POP(&c->lowering.values);
}

static void open_range(struct checker *c, struct frame *f) {
    struct reduction *r = f->reduction;
    const struct ast_range *range = &f->ast->ranges[r->range];
    if (node_is_int(c->graph, r->by, 0)) {
        diag_error(c->diags, "zero-step", range->by->span, "a range cannot advance by 0");
        r->by = mk_int(c->graph, 1);
    }
    node_id index = reduction_open(c, r, range->name, range->name_span);
    struct local local = {.name = range->name,
                          .span = range->name_span,
                          .integer = true,
                          .value = index,
                          .level = c->bodies.current};
    scope_push(&c->scope, local, c->diags);
    f->stage = RANGE;
    if (!range->filter) return;
    f->stage = HAVE_FILTER;
    frame_push(c, range->filter, WANT_CONDITION);
}

static void apply_filter(struct checker *c, struct frame *f) {
    struct reduction *r = f->reduction;
    node_id filter = pop_value(c);
    if (r->kind == REDUCE_PRODUCT && f->want != WANT_ADDED) r->scans[r->range - 1].filter = filter;
    bodies_open_when(&c->bodies, filter, f->ast->ranges[r->range - 1].filter->span);
    f->stage = RANGE;
}

static void end_added(struct checker *c, struct frame *f) {
    c->scope.locals.count = f->locals;
    while (c->bodies.current != f->reduction->home)
        bodies_close(&c->bodies, bodies_current(&c->bodies)->around);
    c->bodies.current = f->body;
    frame_finish(c, 0);
}

static void end_pass(struct checker *c, struct frame *f) {
    struct reduction *r = f->reduction;
    node_id value = pop_value(c), result;
    if (f->want == WANT_ADDED) {
        end_added(c, f);
        return;
    }
    if (r->kind != REDUCE_SUM) reduction_fold(c, r, value);
    if (reduction_end_pass(c, r, &result)) {
        reduction_begin_pass(c, r);
        f->stage = RANGE;
        return;
    }
    c->bodies.current = f->body;
    frame_finish(c, result);
}

void lower_generator(struct checker *c, struct frame *f) {
    if (!f->reduction) {
        start(c, f);
        return;
    }
    struct reduction *r = f->reduction;
    const struct ast_range *range = r->range < f->ast->range_count ? &f->ast->ranges[r->range] : NULL;
    switch ((enum stage)f->stage) {
    case START:
    case RANGE: begin_range(c, f); break;
    case HAVE_FROM:
        r->from = pop_value(c);
        f->stage = HAVE_TO;
        frame_push(c, range->to, WANT_INTEGER);
        break;
    case HAVE_TO:
        r->to = pop_value(c);
        r->by = mk_int(c->graph, 1);
        f->stage = HAVE_BY;
        if (range->by)
            frame_push(c, range->by, WANT_INTEGER);
        else
            open_range(c, f);
        break;
    case HAVE_BY:
        r->by = pop_value(c);
        open_range(c, f);
        break;
    case HAVE_FILTER: apply_filter(c, f); break;
    case HAVE_BODY: end_pass(c, f); break;
    }
}
