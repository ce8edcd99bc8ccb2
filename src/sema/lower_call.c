#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"

static void wrong_arity(struct checker *c, const struct ast *ast, uint32_t wanted, struct span declared) {
    struct diag *diag = diag_error(c->diags, "wrong-arity", ast->span, "`%s` takes %u argument%s, not %u",
                                   ast->name, wanted, wanted == 1 ? "" : "s", ast->count);
    if (declared.source) diag_note(c->diags, diag, declared, "`%s` is declared here", ast->name);
}

/* ---- Functions of the file ---- */

static uint32_t hash_call(uint32_t function, const node_id *arguments, uint32_t count) {
    uint32_t hash = function * 2654435761u;
    for (uint32_t k = 0; k < count; k++) hash = (hash ^ arguments[k]) * 16777619u;
    return (hash >> 8) % CALL_BUCKETS;
}

static const struct function_call *find_call(const struct checker *c, const struct frame *f,
                                             uint32_t function) {
    const struct lowering *l = &c->lowering;
    const node_id *arguments = l->values.at + f->base;
    uint32_t at = l->buckets[hash_call(function, arguments, f->ast->count)];
    for (; at; at = l->calls.at[at - 1].next) {
        const struct function_call *call = &l->calls.at[at - 1];
        if (call->function == function && call->count == f->ast->count &&
            memcmp(l->arguments.at + call->arguments, arguments, call->count * sizeof *arguments) == 0)
            return call;
    }
    return NULL;
}

static void remember_call(struct checker *c, const struct frame *f, uint32_t function, node_id result) {
    struct lowering *l = &c->lowering;
    const node_id *arguments = l->values.at + f->base;
    uint32_t *bucket = &l->buckets[hash_call(function, arguments, f->ast->count)];
    struct function_call call = {.function = function,
                                 .count = f->ast->count,
                                 .arguments = l->arguments.count,
                                 .result = result,
                                 .depends = c->depends,
                                 .next = *bucket};
    for (uint32_t k = 0; k < call.count; k++) VEC_PUSH(&l->arguments, arguments[k]);
    if (!l->arguments.failed && VEC_PUSH(&l->calls, call)) *bucket = (uint32_t)l->calls.count;
}

static void enter_function(struct checker *c, struct frame *f, struct function *function) {
    const struct ast *ast = f->ast;
    uint32_t hidden = (uint32_t)c->scope.locals.count;
    const struct ast_statement *s = function->statement;
    for (uint32_t k = 0; k < ast->count; k++) {
        struct local local = {.name = s->parameters[k],
                              .span = s->parameter_spans[k],
                              .value = frame_value(c, f, k),
                              .level = body_of_names(c, ast->items[k]),
                              .depends = c->depends};
        scope_push(&c->scope, local, c->diags);
    }
    c->scope.hidden = hidden;
    c->fit = NULL;
    function->open = true;
    f->stage++;
    frame_push(c, s->expression, f->want);
}

static void leave_function(struct checker *c, struct frame *f, struct function *function) {
    node_id result = VEC_LAST(&c->lowering.values);
    c->scope.hidden = f->hidden;
    c->scope.locals.count = f->locals;
    c->fit = f->fit;
    function->open = false;
    if (function->pure && f->want == WANT_REAL)
        remember_call(c, f, (uint32_t)(function - c->scope.functions.at), result);
    frame_finish(c, result);
}

static bool may_enter(struct checker *c, const struct frame *f, const struct function *function) {
    const struct ast *ast = f->ast;
    if (function->broken) {
        c->broken = true;
        return false;
    }
    if (function->open) {
        struct diag *diag = diag_error(c->diags, "recursive-function", ast->span,
                                       "`%s` calls itself: functions cannot be recursive", ast->name);
        diag_hint(c->diags, diag,
                  "a recurrence is an array: let s[t in 1..T] = if t == 1 then .. else .. s[t-1] ..");
        return false;
    }
    if (ast->count != function->statement->parameter_count) {
        wrong_arity(c, ast, function->statement->parameter_count, function->span);
        return false;
    }
    return function->statement->expression != NULL;
}

static void lower_function(struct checker *c, struct frame *f, struct function *function) {
    const struct ast *ast = f->ast;
    if (f->stage == 0 && !may_enter(c, f, function)) {
        frame_give_up(c);
        return;
    }
    if (f->stage < ast->count) {
        uint32_t k = f->stage++;
        bool whole = f->want == WANT_INTEGER || usage_integer_argument(&c->usage, ast->name, k);
        frame_push(c, ast->items[k], whole ? WANT_INTEGER : WANT_REAL);
        return;
    }
    if (f->stage > ast->count) {
        leave_function(c, f, function);
        return;
    }
    uint32_t place = (uint32_t)(function - c->scope.functions.at);
    const struct function_call *known =
        function->pure && f->want == WANT_REAL ? find_call(c, f, place) : NULL;
    if (known && !(known->depends && c->fixed)) {
        c->depends |= known->depends;
        frame_finish(c, known->result);
        return;
    }
    enter_function(c, f, function);
}

/* ---- Built-in functions ---- */

static node_id apply_integer_call(struct checker *c, const struct frame *f) {
    struct graph *g = c->graph;
    const char *name = f->ast->name;
    node_id result = frame_value(c, f, 0);
    if (strcmp(name, "abs") == 0) return mk_iabs(g, result);
    if (strcmp(name, "div") == 0) return mk_ifloor(g, result, frame_value(c, f, 1));
    for (uint32_t k = 1; k < f->ast->count; k++)
        result = strcmp(name, "min") == 0 ? mk_imin(g, result, frame_value(c, f, k))
                                          : mk_imax(g, result, frame_value(c, f, k));
    return result;
}

static bool has_integer_form(const char *name) {
    static const char *const names[] = {"abs", "div", "min", "max"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(name, names[k]) == 0) return true;
    return false;
}

/* Whether the call of a built-in function is right; reports it otherwise. */
static bool check_builtin(struct checker *c, const struct frame *f, enum op op) {
    const struct ast *ast = f->ast;
    if (op == OP_NONE) {
        scope_unknown_function(&c->scope, ast->name, ast->name_span, c->diags);
        return false;
    }
    const struct op_info *info = op_info(op);
    if (info->arity == ARITY_VARIADIC ? ast->count == 0 : ast->count != info->arity) {
        wrong_arity(c, ast, info->arity == ARITY_VARIADIC ? 1 : info->arity, (struct span){0});
        return false;
    }
    if (f->want != WANT_INTEGER || has_integer_form(ast->name)) return true;
    struct diag *diag = diag_error(c->diags, "not-integer", ast->span,
                                   "a whole number is needed here, but `%s` gives a real one", ast->name);
    diag_hint(c->diags, diag, "indices are made of whole numbers with + - * / div %% min max abs if");
    return false;
}

/* The next operand of a function. One without a derivative may not depend on unknowns; an order is whole. */
static void lower_operand(struct checker *c, struct frame *f, enum op op) {
    uint32_t k = f->stage++;
    const struct op_info *info = op_info(op);
    bool order = info->has_order && k == 0;
    if (op_is_fixed(op, k) && !c->fixed)
        c->fixed = arena_format(c->arena, "%s of %s", order ? "the order" : "the first argument", info->name);
    frame_push(c, f->ast->items[k], order ? WANT_INTEGER : f->want);
}

static void finish_function(struct checker *c, const struct frame *f, enum op op) {
    uint32_t count = f->ast->count;
    /* Copied: making the node may move the values. */
    node_id *operands = ARENA_ARRAY(c->arena, node_id, count);
    if (operands) memcpy(operands, c->lowering.values.at + f->base, count * sizeof *operands);
    if (operands && op_info(op)->has_order) operands[0] = mk_to_real(c->graph, operands[0]);
    frame_finish(c, operands ? mk_call(c->graph, op, operands, count) : mk_one(c->graph));
}

static void lower_builtin(struct checker *c, struct frame *f) {
    const struct ast *ast = f->ast;
    bool div = strcmp(ast->name, "div") == 0;
    enum op op = op_find(ast->name);
    if (f->stage == 0 && !div && !check_builtin(c, f, op)) {
        frame_give_up(c);
        return;
    }
    if (f->stage == 0)
        f->fixed = c->fixed;
    else
        c->fixed = f->fixed;
    if (f->stage < ast->count && div) {
        frame_push(c, ast->items[f->stage++], WANT_INTEGER);
        return;
    }
    if (f->stage < ast->count) {
        lower_operand(c, f, op);
        return;
    }
    c->graph->here = ast->span;
    if (f->want == WANT_INTEGER) {
        frame_finish(c, apply_integer_call(c, f));
    } else if (div) {
        frame_finish(c, mk_to_real(c->graph, apply_integer_call(c, f)));
    } else if (op == OP_POW) {
        frame_finish(c, mk_pow(c->graph, frame_value(c, f, 0), frame_value(c, f, 1)));
    } else {
        finish_function(c, f, op);
    }
}

/* log(sum(exp(e) for ..)) as logsumexp(e for ..), which does not overflow; NULL for anything else. */
static const struct ast *as_logsumexp(struct checker *c, const struct ast *ast) {
    const struct ast *sum = ast->count == 1 && strcmp(ast->name, "log") == 0 ? ast->items[0] : NULL;
    if (!sum || sum->kind != AST_GENERATOR || strcmp(sum->name, "sum") != 0 || sum->count != 1) return NULL;
    const struct ast *power = sum->items[0];
    if (power->kind != AST_CALL || strcmp(power->name, "exp") != 0 || power->count != 1) return NULL;
    if (scope_function(&c->scope, power->name) || scope_function(&c->scope, ast->name)) return NULL;
    struct ast *made = ARENA_NEW(c->arena, struct ast);
    if (!made) return NULL;
    *made = *sum;
    made->name = "logsumexp";
    made->span = ast->span;
    made->items = power->items;
    return made;
}

void lower_call(struct checker *c, struct frame *f) {
    struct function *function = scope_function(&c->scope, f->ast->name);
    const struct ast *stable = f->stage == 0 ? as_logsumexp(c, f->ast) : NULL;
    if (stable) {
        f->ast = stable;
        lower_generator(c, f);
        return;
    }
    if (function)
        lower_function(c, f, function);
    else if (is_whole_reduction(c, f->ast))
        lower_whole(c, f);
    else
        lower_builtin(c, f);
}
