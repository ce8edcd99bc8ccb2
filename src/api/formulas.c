#include <stdlib.h>
#include <string.h>

#include "api/derivatives.h"
#include "api/handle.h"
#include "formula/formula.h"
#include "ir/prune.h"
#include "syntax/parse.h"

/* What formulas are asked for. */
struct question {
    struct model *model;
    const struct model_array **wrt;
    array_id *arrays;
    size_t count;
    unsigned order;
    enum formula_format format;
    struct text out;
    struct formula_names names;
    unsigned written; /* programs so far */
};

static void unknown_name(struct model *model, const char *name) {
    struct diag *diag = diag_error(&model->diags, "unknown-name", (struct span){0},
                                   "`--wrt`: there is no unknown or param `%s`", name);
    VEC(const char *) known = {0};
    for (size_t k = 0; k < model->unknowns.count; k++) VEC_PUSH(&known, model->unknowns.at[k].shape.name);
    for (size_t k = 0; k < model->params.count; k++) VEC_PUSH(&known, model->params.at[k].name);
    const char *near = known.count ? nearest_name(name, known.at, known.count) : NULL;
    if (near) diag_hint(&model->diags, diag, "did you mean `%s`?", near);
    VEC_FREE(&known);
}

static const struct model_array *find(struct model *model, const char *name) {
    for (size_t k = 0; k < model->unknowns.count; k++)
        if (strcmp(model->unknowns.at[k].shape.name, name) == 0) return &model->unknowns.at[k].shape;
    for (size_t k = 0; k < model->params.count; k++) {
        const struct model_array *param = &model->params.at[k];
        if (strcmp(param->name, name) != 0) continue;
        if (model->program.arrays.at[param->array].type == TYPE_REAL) return param;
        diag_error(&model->diags, "not-real", param->span,
                   "`%s` is a whole number: there is no derivative by it", name);
        return NULL;
    }
    unknown_name(model, name);
    return NULL;
}

static bool open_question(struct question *q, const char *const *names, size_t count) {
    q->count = count ? count : q->model->unknowns.count;
    q->wrt = calloc(q->count + 1, sizeof *q->wrt);
    q->arrays = calloc(q->count + 1, sizeof *q->arrays);
    if (!q->wrt || !q->arrays) return false;
    for (size_t k = 0; k < q->count; k++) {
        q->wrt[k] = count ? find(q->model, names[k]) : &q->model->unknowns.at[k].shape;
        if (!q->wrt[k]) return false;
        q->arrays[k] = q->wrt[k]->array;
    }
    return true;
}

static void close_question(struct question *q) {
    free(q->wrt);
    free(q->arrays);
    text_free(&q->out);
    VEC_FREE(&q->names.taken);
}

/* ---- The formulas ---- */

static struct formula_variable variable(const struct question *q, size_t k, array_id seed) {
    const struct array *array = program_array_at(&q->model->program, q->arrays[k]);
    return (struct formula_variable){q->wrt[k]->name, array->dims, array->rank, seed};
}

struct targets {
    VEC(struct formula_target) all;
};

static bool add_target(const struct question *q, struct targets *targets, const struct derivatives *d,
                       const struct derivative_group *group, size_t last, struct formula_target like) {
    struct formula_variable *wrt = ARENA_ARRAY(&q->model->arena, struct formula_variable, d->order);
    if (!wrt) return false;
    for (uint32_t k = 0; k + 1 < d->order; k++)
        wrt[k] = variable(q, group->variables[k], group->directions[k]);
    wrt[d->order - 1] = variable(q, last, d->last ? d->last[last] : 0);
    like.array = group->arrays[last];
    like.wrt = wrt;
    like.order = d->order;
    return VEC_PUSH(&targets->all, like);
}

static bool print(struct question *q, struct program *p, const struct program *function,
                  const struct targets *targets) {
    struct diag_list *diags = &q->model->diags;
    if (q->format == FORMULA_JSON && q->written++ > 0) text_add(&q->out, ", ");
    if (formula_print(p, function, targets->all.at, targets->all.count, q->format, &q->names, &q->out))
        return true;
    if (!diag_has_errors(diags)) diag_error(diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    return false;
}

/* What is asked of one output, without its variables; an array's elements are chosen by a seed. */
static struct formula_target target_of(const struct question *q, array_id of, const char *name,
                                       array_id seed) {
    const struct array *array = program_array_at(&q->model->program, of);
    bool alone = q->model->unknowns.count == 1 && q->model->unknowns.at[0].shape.array == q->arrays[0] &&
                 program_array_at(&q->model->program, q->arrays[0])->rank == 0;
    return (struct formula_target){.array = of,
                                   .of = {name, array->dims, array->rank, seed},
                                   .of_objective = of == q->model->objective,
                                   .alone = alone};
}

static bool answer_function(struct question *q, array_id of, const char *name) {
    struct targets targets = {0};
    struct program pruned;
    bool good = VEC_PUSH(&targets.all, target_of(q, of, name, 0)) &&
                program_prune(&pruned, &q->model->program, &of, 1);
    if (good) {
        good = print(q, &pruned, NULL, &targets);
        program_release(&pruned);
    }
    VEC_FREE(&targets.all);
    return good;
}

static bool answer_derivatives(struct question *q, array_id of, const char *name) {
    struct model *model = q->model;
    struct targets targets = {0};
    struct derivatives d;
    bool seeded = program_array_at(&model->program, of)->rank > 0;
    struct derivative_request request = {of, seeded, q->arrays, q->count, q->order};
    struct program function;
    bool good = program_prune(&function, &model->program, &of, 1);
    good = derivatives_make(&d, good ? &function : &model->program, &request, &model->diags) && good;
    struct formula_target like = target_of(q, of, name, good ? d.seed : 0);
    for (size_t k = 0; good && k < d.groups.count; k++)
        for (size_t last = d.groups.at[k].first; good && last < q->count; last++)
            good = add_target(q, &targets, &d, &d.groups.at[k], last, like);
    good = good && print(q, &d.program, &function, &targets);
    VEC_FREE(&targets.all);
    program_release(&function);
    derivatives_release(&d);
    return good;
}

static bool answer(struct question *q, array_id of, const char *name) {
    return q->order ? answer_derivatives(q, of, name) : answer_function(q, of, name);
}

static bool answer_all(struct question *q) {
    struct model *model = q->model;
    if (model->objective) return answer(q, model->objective, "f");
    for (size_t k = 0; k < model->outputs.count; k++)
        if (!answer(q, model->outputs.at[k].array, model->outputs.at[k].name)) return false;
    return true;
}

/* ---- The file around the formulas ---- */

static bool is_expression(const struct source *source) {
    return strcmp(source->name, "-e") == 0 && !parse_looks_like_file(source->text);
}

/* What formulas may use: everything but the functions that are differentiated and the ways to solve. */
static bool is_kept(const struct ast_statement *s) {
    return s->kind == AST_PARAM || s->kind == AST_VAR || s->kind == AST_LET || s->kind == AST_DATA ||
           s->kind == AST_FN || s->kind == AST_IMPORT;
}

static bool take_statement(struct question *q, const struct source *source, const struct ast_statement *s,
                           bool copy) {
    bool good = !s->name || VEC_PUSH(&q->names.taken, s->name);
    for (uint32_t k = 0; good && k < s->declaration_count; k++)
        good = VEC_PUSH(&q->names.taken, s->declarations[k].name);
    if (!copy || !is_kept(s)) return good;
    text_add_bytes(&q->out, source->text + s->span.begin, s->span.end - s->span.begin);
    text_add(&q->out, "\n");
    return good;
}

/* Reads the files again for their names; copies the statements of the first where `copy`. */
static bool take_files(struct question *q, bool copy) {
    struct model *model = q->model;
    struct diag_list ignored;
    struct arena trees = {0};
    struct parse_context context = {&trees, &model->names, &model->sources, &ignored};
    bool good = true;
    diag_init(&ignored, &model->arena, &model->sources);
    for (uint32_t source = 1; good && source <= model->sources.sources.count; source++) {
        const struct source *text = source_get(&model->sources, source);
        if (!text || is_expression(text)) break;
        struct ast_file file;
        struct ast_reader reader = {0};
        good = parse_file(&context, source, &file);
        for (uint32_t k = 0; good && k < ast_count(&file); k++)
            good = take_statement(q, text, ast_at(&reader, &file, k), copy && source == 1) && !reader.failed;
        ast_reader_release(&reader);
        ast_file_release(&file);
    }
    arena_release(&trees);
    diag_release(&ignored);
    return good;
}

/* Statements come as a whole file: with everything that the formulas use. */
static bool begin_file(struct question *q) {
    bool statements = q->format == FORMULA_STATEMENTS;
    const struct source *first = source_get(&q->model->sources, 1);
    if (!first || !is_expression(first)) return take_files(q, statements);
    for (size_t k = 0; statements && k < q->model->unknowns.count; k++)
        text_addf(&q->out, "%s%s", k ? ", " : "var ", q->model->unknowns.at[k].shape.name);
    if (statements && q->model->unknowns.count) text_add(&q->out, "\n");
    return true;
}

static void begin(struct question *q) {
    if (q->format == FORMULA_JSON)
        text_addf(&q->out, "{\"gradc\": \"%s\", \"derivatives\": [", gradc_version());
    if (q->format == FORMULA_LATEX) text_add(&q->out, "\\begin{align*}\n");
    if (q->format == FORMULA_DOT) text_add(&q->out, "digraph derivatives {\n    ordering=out;\n");
}

static void end(struct question *q) {
    if (q->format == FORMULA_JSON) text_add(&q->out, "]}\n");
    if (q->format == FORMULA_LATEX) text_add(&q->out, "\n\\end{align*}\n");
    if (q->format == FORMULA_DOT) text_add(&q->out, "}\n");
}

char *gradc_formulas(struct gradc_model *owner, const char *const *wrt, size_t wrt_count, unsigned order,
                     enum gradc_formula_format format) {
    struct question q = {.model = owner->model, .order = order, .format = (enum formula_format)format};
    struct stopwatch watch = stopwatch_start();
    char *result = NULL;
    begin(&q);
    if (open_question(&q, wrt, wrt_count) && begin_file(&q) && answer_all(&q)) {
        end(&q);
        result = q.out.failed ? NULL : text_copy(text_string(&q.out));
    }
    phase_add(owner, "derive", watch);
    close_question(&q);
    return result;
}
