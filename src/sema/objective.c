#include "sema/objective.h"

#include "ir/build.h"
#include "sema/declare.h"

/* ---- Names of results ---- */

bool name_result(struct checker *c, const char *name, struct span span) {
    for (size_t k = 0; name && k < c->outputs.count; k++) {
        if (c->outputs.at[k].name != name) continue;
        struct diag *diag =
            diag_error(c->diags, "duplicate-name", span, "there is already an output or label `%s`", name);
        diag_note(c->diags, diag, c->outputs.at[k].span, "the first is here");
        return false;
    }
    return !name || VEC_PUSH(&c->outputs, ((struct symbol){.name = name, .span = span}));
}

/* ---- Outputs ---- */

static void declare_output(struct checker *c, const struct ast_declaration *d) {
    struct model_array shape;
    uint32_t back = c->bodies.current;
    size_t locals = c->scope.locals.count;
    if (!name_result(c, d->name, d->name_span) || !d->value ||
        !declare_array(c, d, ROLE_OUTPUT, TYPE_REAL, &shape))
        return;
    bool added = lower_adds(c, d->value);
    struct dimensions dims;
    if (added) clear_array(c, shape.array, d->span);
    if (!open_ranges(c, d, &dims, NULL)) return;
    define_element(c, shape.array, dims.subscripts, d->value, added);
    close_ranges(c, dims.rank, back, locals);
    if (!VEC_PUSH(&c->model->outputs, shape)) c->arena->failed = true;
}

void declare_outputs(struct checker *c, const struct ast_statement *s) {
    for (uint32_t k = 0; k < s->declaration_count; k++) declare_output(c, &s->declarations[k]);
}

/* ---- The objective ---- */

static array_id new_objective(struct checker *c, struct span span) {
    struct array array = {.name = "objective", .role = ROLE_OBJECTIVE, .type = TYPE_REAL, .span = span};
    c->model->objective = program_array(c->program, array);
    return c->model->objective;
}

static void second_objective(struct checker *c, const struct ast_statement *s,
                             const struct ast_statement *first) {
    struct diag *diag = diag_error(c->diags, "second-objective", s->span, "a file has one objective");
    diag_note(c->diags, diag, first->span, "the first is here");
}

/* A file that minimises beside residuals. */
static void mixed_objectives(struct checker *c, const struct ast_statement *s,
                             const struct ast_statement *other) {
    struct diag *diag = diag_error(c->diags, "mixed-objectives", s->span,
                                   "`minimize` and `maximize` cannot stand beside `fit` and `residual`");
    diag_hint(c->diags, diag, "write a penalty as a residual: `residual sqrt(w)*(x - x0)` adds w*(x - x0)^2");
    diag_note(c->diags, diag, other->span, "the other is here");
}

void state_objective(struct checker *c, const struct ast_statement *s) {
    if (c->objective) {
        second_objective(c, s, c->objective);
        return;
    }
    c->objective = s;
    if (c->residual) {
        mixed_objectives(c, s, c->residual);
        return;
    }
    array_id objective = new_objective(c, s->span);
    c->model->maximize = s->kind == AST_MAXIMIZE;
    bool added = lower_adds(c, s->expression);
    if (added) clear_array(c, objective, s->span);
    define_element(c, objective, NULL, s->expression, added);
}

array_id least_squares_objective(struct checker *c, const struct ast_statement *s) {
    if (c->objective) {
        if (!c->residual) mixed_objectives(c, s, c->objective);
        c->residual = s;
        return 0;
    }
    if (c->residual) return c->model->objective;
    c->residual = s;
    c->model->least_squares = true;
    array_id objective = new_objective(c, s->span);
    clear_array(c, objective, s->span);
    return objective;
}
