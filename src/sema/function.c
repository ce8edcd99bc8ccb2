#include <stdio.h>
#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"
#include "sema/reduction.h"

/* ---- Purity ---- */

static bool calls_impure(struct checker *c, const struct ast *call) {
    const struct function *function = scope_function(&c->scope, call->name);
    if (function) return !function->pure;
    return reduction_named(call->name) != REDUCE_NONE;
}

/* Whether equal arguments give the same node: no reductions, which make steps where they stand. */
static bool is_pure(struct checker *c, const struct ast *body) {
    c->pending.count = 0;
    VEC_PUSH(&c->pending, body);
    while (c->pending.count > 0) {
        const struct ast *at = VEC_POP(&c->pending);
        if (at->kind == AST_GENERATOR || (at->kind == AST_CALL && calls_impure(c, at))) return false;
        for (uint32_t k = 0; k < at->count; k++) VEC_PUSH(&c->pending, at->items[k]);
    }
    return true;
}

/* ---- A first look at the body ---- */

/* An argument that stands for all values. */
static struct local argument(struct checker *c, const struct ast_statement *s, uint32_t k) {
    struct local local = {
        .name = s->parameters[k], .span = s->parameter_spans[k], .level = c->bodies.current};
    if (usage_integer_argument(&c->usage, s->name, k)) {
        local.integer = true;
        local.value = mk_index(c->graph, program_index(c->program, local.name, local.span));
    } else {
        local.value = mk_read(c->graph, new_scalar(c, "argument", ROLE_TEMPORARY), TYPE_REAL, NULL, 0);
    }
    return local;
}

/* Translates the body once, without a trace, so that its mistakes are reported where it stands, used or not.
 */
static void try_body(struct checker *c, struct function *function) {
    const struct ast_statement *s = function->statement;
    size_t locals = c->scope.locals.count, never_empty = c->never_empty.count;
    uint32_t back = c->bodies.current, place = (uint32_t)(function - c->scope.functions.at);
    function->open = true;
    bodies_open_root(&c->bodies);
    uint32_t root = c->bodies.current;
    for (uint32_t k = 0; k < s->parameter_count; k++) VEC_PUSH(&c->scope.locals, argument(c, s, k));
    lower(c, s->expression, WANT_REAL);
    c->scope.functions.at[place].open = false;
    c->scope.locals.count = locals;
    c->never_empty.count = never_empty;
    c->bodies.current = root;
    bodies_discard(&c->bodies, back);
}

static bool check_parameters(struct checker *c, const struct ast_statement *s) {
    for (uint32_t k = 0; k < s->parameter_count; k++) {
        for (uint32_t earlier = 0; earlier < k; earlier++) {
            if (s->parameters[earlier] != s->parameters[k]) continue;
            struct diag *diag = diag_error(c->diags, "duplicate-name", s->parameter_spans[k],
                                           "`%s` has two arguments called `%s`", s->name, s->parameters[k]);
            diag_note(c->diags, diag, s->parameter_spans[earlier], "the first is here");
            return false;
        }
    }
    return true;
}

void declare_function(struct checker *c, const struct ast_statement *s) {
    struct function function = {.name = s->name, .span = s->name_span, .statement = s};
    if (!s->expression) return;
    function.broken = !check_parameters(c, s);
    bool expression_only = c->expression_only;
    c->expression_only = false;
    function.pure = is_pure(c, s->expression);
    scope_declare_function(&c->scope, function, c->diags);
    struct function *declared = scope_function(&c->scope, s->name);
    if (declared && declared->statement == s && !function.broken) try_body(c, declared);
    c->expression_only = expression_only;
}
