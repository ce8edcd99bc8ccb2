#include "sema/model.h"

#include <math.h>
#include <string.h>

#include "ir/build.h"
#include "ir/verify.h"
#include "sema/ahead.h"
#include "sema/checker.h"
#include "syntax/parse.h"

static struct model *new_model(void) {
    struct model *model = calloc(1, sizeof *model);
    if (!model) return NULL;
    arena_init(&model->arena);
    arena_init(&model->trees);
    intern_init(&model->names, &model->arena);
    source_set_init(&model->sources, &model->arena);
    diag_init(&model->diags, &model->arena, &model->sources);
    graph_init(&model->graph);
    program_init(&model->program, &model->graph, &model->arena);
    return model;
}

void model_free(struct model *model) {
    if (!model) return;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        free(model->unknowns.at[k].start);
        free(model->unknowns.at[k].lower);
        free(model->unknowns.at[k].upper);
        free(model->unknowns.at[k].outside);
    }
    for (size_t k = 0; k < model->owned.count; k++) free(model->owned.at[k]);
    for (size_t k = 0; k < model->files.count; k++) mapping_release(&model->files.at[k]);
    VEC_FREE(&model->files);
    for (size_t k = 0; k < model->inputs.count; k++) program_release(&model->inputs.at[k].program);
    VEC_FREE(&model->inputs);
    free(model->start);
    free(model->lower);
    free(model->upper);
    free(model->outside);
    VEC_FREE(&model->owned);
    VEC_FREE(&model->comparisons);
    VEC_FREE(&model->unknowns);
    VEC_FREE(&model->params);
    VEC_FREE(&model->outputs);
    VEC_FREE(&model->residuals);
    VEC_FREE(&model->constraints);
    VEC_FREE(&model->settings);
    VEC_FREE(&model->tables);
    binding_release(&model->binding);
    program_release(&model->program);
    graph_release(&model->graph);
    diag_release(&model->diags);
    source_set_release(&model->sources);
    intern_release(&model->names);
    arena_release(&model->trees);
    arena_release(&model->arena);
    free(model);
}

bool model_point(struct model *model) {
    size_t n = model->dimension;
    if (model->start) return true;
    model->start = calloc(n + 1, sizeof *model->start);
    model->lower = calloc(n + 1, sizeof *model->lower);
    model->upper = calloc(n + 1, sizeof *model->upper);
    model->outside = calloc(n + 1, sizeof *model->outside);
    if (!model->start || !model->lower || !model->upper || !model->outside) return false;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        if (u->outside) memcpy(model->outside + u->offset, u->outside, u->shape.count * sizeof *u->outside);
        for (size_t i = 0; i < u->shape.count; i++) {
            model->start[u->offset + i] = u->start[i];
            model->lower[u->offset + i] = u->lower ? u->lower[i] : -HUGE_VAL;
            model->upper[u->offset + i] = u->upper ? u->upper[i] : HUGE_VAL;
        }
    }
    return true;
}

/* ---- The checker ---- */

static void checker_init(struct checker *c, struct model *model, const struct model_options *options) {
    *c = (struct checker){.model = model,
                          .graph = &model->graph,
                          .program = &model->program,
                          .diags = &model->diags,
                          .arena = &model->arena,
                          .options = options};
    for (size_t k = 0; options && k < options->param_count; k++) VEC_PUSH(&c->given, false);
    bodies_open_root(&c->bodies);
}

static void checker_release(struct checker *c) {
    for (size_t k = 0; k < c->tables.count; k++)
        if (!c->tables.at[k]->is_kept) table_release(&c->tables.at[k]->table);
    VEC_FREE(&c->tables);
    VEC_FREE(&c->contents);
    VEC_FREE(&c->never_empty);
    VEC_FREE(&c->definitions);
    VEC_FREE(&c->given);
    VEC_FREE(&c->pending);
    VEC_FREE(&c->outputs);
    ast_reader_release(&c->reader);
    usage_release(&c->usage);
    scope_release(&c->scope);
    bodies_release(&c->bodies);
    lowering_release(&c->lowering);
}

static void add_settings(struct checker *c, const struct ast_statement *s) {
    for (uint32_t k = 0; k < s->setting_count; k++) {
        const struct ast_setting *setting = &s->settings[k];
        struct model_setting added = {setting->name, setting->value,
                                      span_join(setting->name_span, setting->value_span)};
        if (!VEC_PUSH(&c->model->settings, added)) c->arena->failed = true;
    }
}

static void check_statement(struct checker *c, const struct ast_statement *s, const char *file) {
    switch (s->kind) {
    case AST_PARAM: declare_params(c, s); break;
    case AST_VAR: declare_unknowns(c, s); break;
    case AST_LET: declare_lets(c, s); break;
    case AST_OUTPUT: declare_outputs(c, s); break;
    case AST_DATA: declare_data(c, s, file); break;
    case AST_FN: declare_function(c, s); break;
    case AST_MINIMIZE:
    case AST_MAXIMIZE: state_objective(c, s); break;
    case AST_FIT: state_fit(c, s); break;
    case AST_RESIDUAL: state_residual(c, s); break;
    case AST_SUBJECT: state_constraint(c, s); break;
    case AST_SOLVE: add_settings(c, s); break;
    case AST_IMPORT: break;
    }
}

static void foresee(struct checker *c, const struct ast_statement *s) {
    bool declares = s->kind == AST_PARAM || s->kind == AST_VAR || s->kind == AST_LET;
    if (s->kind == AST_FN) scope_foresee_function(&c->scope, s->name, s->name_span);
    if (s->kind == AST_DATA) scope_foresee(&c->scope, s->name, s->name_span, false);
    for (uint32_t k = 0; declares && k < s->declaration_count; k++) {
        const struct ast_declaration *d = &s->declarations[k];
        scope_foresee(&c->scope, d->name, d->name_span, s->kind == AST_LET && d->rank > 0);
    }
}

static void check_given_table(struct checker *c, const char *name) {
    for (size_t t = 0; t < c->tables.count; t++)
        if (strcmp(c->tables.at[t]->name, name) == 0) return;
    diag_error(c->diags, "unknown-table", (struct span){0},
               "--data %s: the file has no data statement of this name", name);
}

/* What was given from outside but belongs to nothing. */
static void check_given(struct checker *c) {
    VEC(const char *) params = {0};
    for (size_t k = 0; k < c->model->params.count; k++) VEC_PUSH(&params, c->model->params.at[k].name);
    for (size_t k = 0; k < c->given.count; k++) {
        if (c->given.at[k]) continue;
        const char *name = c->options->params[k].name;
        struct diag *diag = diag_error(c->diags, "unknown-param", (struct span){0},
                                       "-D %s: the file has no param of this name", name);
        const char *near = scope_nearest(name, params.at, params.count);
        if (near) diag_hint(c->diags, diag, "did you mean `%s`?", near);
    }
    VEC_FREE(&params);
    for (size_t k = 0; c->options && k < c->options->table_count; k++)
        check_given_table(c, c->options->tables[k].name);
    for (size_t k = 0; c->options && k < c->options->number_count; k++)
        check_given_table(c, c->options->numbers[k].name);
}

static void out_of_memory(struct model *model) {
    diag_error(&model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
}

static void finish(struct checker *c) {
    struct model *model = c->model;
    bodies_close_root(&c->bodies, 0, &model->program);
    if (!diag_has_errors(c->diags) && !bind_inputs(c, &model->binding, &model->program))
        c->arena->failed = true;
    if (!diag_has_errors(c->diags) && !c->arena->failed && binding_measure_inputs(&model->binding, c->diags))
        check_accesses(c, &model->program, &model->binding);
#ifdef GRADC_VERIFY
    if (!diag_has_errors(c->diags)) program_verify(&model->program, "sema", c->diags);
#endif
    bool failed = c->arena->failed || c->model->trees.failed || c->reader.failed || c->graph->failed ||
                  model->program.failed || c->usage.failed || c->scope.symbols.failed ||
                  c->lowering.values.failed || c->lowering.frames.failed;
    if (failed) out_of_memory(model);
}

static void foresee_all(struct checker *c, const struct gathered *statements) {
    for (size_t r = 0; r < statements->runs.count; r++) {
        const struct gathered_run *run = &statements->runs.at[r];
        for (uint32_t k = run->first; k < run->first + run->count; k++) {
            ahead_of_names(run, k);
            foresee(c, ast_at(&c->reader, run->file, k));
        }
    }
}

static void check_all(struct checker *c, const struct gathered *statements) {
    for (size_t r = 0; r < statements->runs.count; r++) {
        const struct gathered_run *run = &statements->runs.at[r];
        for (uint32_t k = run->first; k < run->first + run->count; k++) {
            ahead_of_check(c, run, k);
            check_statement(c, ast_at(&c->reader, run->file, k), run->path);
        }
    }
}

/* The trees are needed no more, unless waiting inputs will be checked by them. */
static void release_trees(struct model *model) {
    for (size_t k = 0; k < model->unknowns.count; k++)
        if (model->unknowns.at[k].unchecked) return;
    arena_release(&model->trees);
}

static void check_file(struct model *model, const struct model_options *options,
                       struct gathered *statements) {
    struct checker *c = calloc(1, sizeof *c);
    if (!c) {
        out_of_memory(model);
        return;
    }
    checker_init(c, model, options);
    usage_collect(&c->usage, &model->names, statements);
    foresee_all(c, statements);
    check_all(c, statements);
    check_given(c);
    gathered_release(statements);
    finish(c);
    checker_release(c);
    free(c);
    release_trees(model);
}

static struct gather_request request_of(struct model *model) {
    return (struct gather_request){&model->arena, &model->trees, &model->names, &model->sources,
                                   &model->diags};
}

struct model *model_load(const char *path, const struct model_options *options) {
    struct model *model = new_model();
    struct gathered statements = {0};
    if (!model) return NULL;
    struct gather_request request = request_of(model);
    gather_file(&request, path, &statements);
    if (!diag_has_errors(&model->diags)) check_file(model, options, &statements);
    gathered_release(&statements);
    return model;
}

struct model *model_load_text(const char *name, const char *directory, const char *text, size_t length,
                              const struct model_options *options) {
    struct model *model = new_model();
    struct gathered statements = {0};
    if (!model) return NULL;
    struct gather_request request = request_of(model);
    gather_text(&request, name, directory, text, length, &statements);
    if (!diag_has_errors(&model->diags)) check_file(model, options, &statements);
    gathered_release(&statements);
    return model;
}

static void check_expression(struct model *model, const struct model_options *options, struct ast *ast) {
    struct ast_statement statement = {.kind = AST_MINIMIZE, .span = ast->span, .expression = ast};
    struct checker *c = calloc(1, sizeof *c);
    if (!c) {
        out_of_memory(model);
        return;
    }
    checker_init(c, model, options);
    c->expression_only = true;
    usage_collect_one(&c->usage, &model->names, &statement);
    state_objective(c, &statement);
    check_given(c);
    finish(c);
    checker_release(c);
    free(c);
}

struct model *model_load_expression(const char *text, const struct model_options *options) {
    struct model *model = new_model();
    if (!model) return NULL;
    struct parse_context context = {&model->trees, &model->names, &model->sources, &model->diags};
    uint32_t source = source_add(&model->sources, "-e", text, strlen(text));
    struct ast *ast = source ? parse_expression(&context, source) : NULL;
    if (ast)
        check_expression(model, options, ast);
    else if (!diag_has_errors(&model->diags))
        out_of_memory(model);
    return model;
}
