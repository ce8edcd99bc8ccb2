#include "jit/object.h"

#include <stdlib.h>
#include <string.h>

#include "api/emit.h"
#include "api/handle.h"
#include "emit/library.h"
#include "emit/measure.h"

/* Value, gradient and product; places and terms of each matrix, or its product; three kinds of rows. */
enum { MOST_MATRICES = 5, MOST_COUNTS = 4, MOST_FUNCTIONS = 3 + 2 * MOST_MATRICES + 3 };

/* An object file while it is being made. */
struct making_object {
    struct making_c c;
    struct binding bindings[MOST_FUNCTIONS];
    struct object_function functions[MOST_FUNCTIONS];
    struct object_matrix matrices[MOST_MATRICES];
    struct object_count counts[MOST_COUNTS];
    size_t count, bound, matrix_count, count_count;
    bool failed;
};

static const char *named(struct making_object *m, const char *name, const char *end) {
    const char *whole = arena_format(&m->c.model->arena, "%s_%s%s", m->c.request.prefix, name, end);
    m->failed |= !whole;
    return whole;
}

/* ---- Functions ---- */

static bool bind(struct making_object *m, const struct program *p) {
    struct model *model = m->c.model;
    struct binding *b = &m->bindings[m->bound];
    if (!binding_init(b, p)) return false;
    m->bound++;
    binding_share_inputs(b, &model->binding);
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        binding_set_real(b, u->shape.array, model->start + u->offset, u->shape.count);
    }
    return binding_allocate(b, &model->diags);
}

/* A further function; after an error it is there, but `failed` is set. */
static struct object_function *add(struct making_object *m, const char *name, const char *end,
                                   const struct program *p, bool is_hidden) {
    struct object_function *f = &m->functions[m->count++];
    *f = (struct object_function){
        .program = p, .binding = &m->bindings[m->bound], .name = named(m, name, end), .is_hidden = is_hidden};
    m->failed = m->failed || !bind(m, p);
    return f;
}

/* Its next argument; gives how many numbers it has. */
static size_t add_vector(struct making_object *m, struct object_function *f, const struct routine_part *parts,
                         size_t count, bool is_result) {
    struct object_part *all = ARENA_ARRAY(&m->c.model->arena, struct object_part, count + 1);
    size_t length = 0;
    m->failed |= !all;
    for (size_t k = 0; !m->failed && k < count; k++) {
        all[k].array = parts[k].array;
        m->failed = !elements_here(f->program, f->binding, parts[k].like, &all[k].count, &m->c.model->diags);
        length += all[k].count;
    }
    f->vectors[f->vector_count++] = (struct object_vector){all, m->failed ? 0 : count, is_result};
    return length;
}

static void add_point(struct making_object *m, struct object_function *f) {
    add_vector(m, f, m->c.request.point, m->c.request.unknown_count, false);
}

static void add_objective(struct making_object *m) {
    const struct source_request *q = &m->c.request;
    struct object_function *f;
    if (q->value) {
        f = add(m, "value", "", q->value, false);
        f->returned = q->objective;
        add_point(m, f);
    }
    if (q->gradient) {
        f = add(m, "gradient", "", q->gradient, false);
        f->returned = q->objective;
        add_point(m, f);
        add_vector(m, f, q->derivatives, q->unknown_count, true);
    }
    if (q->product) {
        f = add(m, "hessian", "_times", q->product, !q->wants_product);
        add_point(m, f);
        add_vector(m, f, q->direction, q->unknown_count, false);
        add_vector(m, f, q->curvature, q->unknown_count, true);
    }
}

static void add_count(struct making_object *m, const char *name, const char *end, size_t count) {
    m->counts[m->count_count++] = (struct object_count){named(m, name, end), count};
}

/* ---- Matrices ---- */

static void add_weights(struct making_object *m, struct object_function *f,
                        const struct source_lagrangian *w) {
    if (!w) return;
    add_vector(m, f, &w->factor, w->factor.array ? 1 : 0, false);
    add_vector(m, f, w->multipliers, w->multiplier_count, false);
}

/* What each element of a matrix has in a program: its value, its row or its column. */
static const struct routine_part *parts_of(struct making_object *m, const struct source_matrix *matrix,
                                           int which) {
    struct routine_part *parts = ARENA_ARRAY(&m->c.model->arena, struct routine_part, matrix->count + 1);
    m->failed |= !parts;
    for (size_t k = 0; parts && k < matrix->count; k++) {
        const struct source_element *e = &matrix->elements[k];
        array_id array = which == 0 ? e->value : which == 1 ? e->row : e->column;
        parts[k] = (struct routine_part){array, array};
    }
    return parts;
}

static struct object_matrix *add_matrix(struct making_object *m, const char *name, const char *end,
                                        size_t rows) {
    struct object_matrix *matrix = &m->matrices[m->matrix_count++];
    *matrix =
        (struct object_matrix){.name = named(m, name, end), .rows = rows, .columns = m->c.model->dimension};
    return matrix;
}

/* Its terms and their places. */
static void add_elements(struct making_object *m, struct object_matrix *matrix,
                         const struct source_matrix *source, const struct source_lagrangian *w) {
    const char *name = matrix->name + strlen(m->c.request.prefix) + 1;
    struct object_function *places = add(m, name, "_places", source->places, true);
    add_vector(m, places, parts_of(m, source, 1), source->count, true);
    add_vector(m, places, parts_of(m, source, 2), source->count, true);
    struct object_function *values = add(m, name, "_values", source->values, true);
    add_point(m, values);
    add_weights(m, values, w);
    matrix->terms = add_vector(m, values, parts_of(m, source, 0), source->count, true);
    matrix->places = places->name;
    matrix->values = values->name;
}

/* From products with a direction: those of the function that was added last. */
static void make_dense(struct making_object *m, struct object_matrix *matrix) {
    size_t rows = matrix->rows;
    matrix->values = m->functions[m->count - 1].name;
    matrix->terms = matrix->lower ? rows * (rows + 1) / 2 : rows * matrix->columns;
}

static void add_hessian(struct making_object *m) {
    const struct source_request *q = &m->c.request;
    struct object_matrix *matrix = add_matrix(m, "hessian", "", m->c.model->dimension);
    matrix->lower = true;
    if (q->hessian.values)
        add_elements(m, matrix, &q->hessian, NULL);
    else
        make_dense(m, matrix);
}

static void add_lagrangian(struct making_object *m) {
    const struct source_request *q = &m->c.request;
    const struct source_lagrangian *w = q->lagrangian;
    struct object_matrix *matrix = add_matrix(m, "lagrangian", "", m->c.model->dimension);
    matrix->lower = matrix->weighted = true;
    if (w->matrix.values) {
        add_elements(m, matrix, &w->matrix, w);
        return;
    }
    struct object_function *product = add(m, "lagrangian", "_times", w->product, true);
    add_point(m, product);
    add_weights(m, product, w);
    add_vector(m, product, w->direction, q->unknown_count, false);
    add_vector(m, product, w->curvature, q->unknown_count, true);
    make_dense(m, matrix);
}

static void add_rows(struct making_object *m, const struct source_rows *rows) {
    const struct source_request *q = &m->c.request;
    struct object_function *values = add(m, rows->name, "", rows->function, false);
    add_point(m, values);
    size_t count = add_vector(m, values, rows->values, rows->count, true);
    add_count(m, rows->name, "_count", count);
    struct object_matrix *matrix = add_matrix(m, rows->name, "_jacobian", count);
    if (rows->jacobian.values) {
        add_elements(m, matrix, &rows->jacobian, NULL);
        return;
    }
    struct object_function *product = add(m, rows->name, "_times", rows->tangent, true);
    add_point(m, product);
    add_vector(m, product, rows->direction, q->unknown_count, false);
    add_vector(m, product, rows->product, rows->count, true);
    make_dense(m, matrix);
}

static bool add_all(struct making_object *m) {
    const struct source_request *q = &m->c.request;
    add_count(m, "dimension", "", m->c.model->dimension);
    add_objective(m);
    if (q->wants_hessian) add_hessian(m);
    if (q->lagrangian) add_lagrangian(m);
    for (size_t k = 0; k < q->rows_count; k++) add_rows(m, &q->rows[k]);
    return !m->failed;
}

/* ---- The file ---- */

static bool make(struct making_object *m, const struct gradc_object_options *object, struct text *bytes,
                 struct text *header, struct text *companion) {
    struct model *model = m->c.model;
    struct text source = {0};
    struct object_result result;
    struct object_request request = {.prefix = m->c.request.prefix,
                                     .functions = m->functions,
                                     .function_count = m->count,
                                     .matrices = m->matrices,
                                     .matrix_count = m->matrix_count,
                                     .counts = m->counts,
                                     .count_count = m->count_count,
                                     .triple = object->triple,
                                     .cpu = object->cpu,
                                     .format = (enum object_format)object->format};
    if (!object_make(&request, bytes, &result, &model->diags)) return false;
    m->c.request.workspace = &result.workspace;
    bool good = emit_source(&m->c.request, &model->diags, &source, header, NULL) &&
                emit_companion(request.prefix, result.called, companion);
    text_free(&source);
    return good;
}

static bool give(const struct text *bytes, const struct text *header, const struct text *companion,
                 struct gradc_emitted *file) {
    *file = (struct gradc_emitted){.source = malloc(bytes->length + 1),
                                   .header = text_copy(text_string(header)),
                                   .companion = companion->length ? text_copy(text_string(companion)) : NULL,
                                   .size = bytes->length};
    if (file->source && file->header && (file->companion || !companion->length)) {
        memcpy(file->source, text_string(bytes), bytes->length + 1);
        return true;
    }
    gradc_emitted_free(file);
    return false;
}

static bool check(struct gradc_model *owner, const struct gradc_emit_options *options) {
    if (!options->single && !options->self_test) return true;
    struct diag *diag = diag_error(&owner->model->diags, "bad-value", (struct span){0},
                                   "machine code has doubles and no self-test");
    diag_hint(&owner->model->diags, diag, "emit C, and compile it");
    return false;
}

bool gradc_emit_object(struct gradc_model *owner, const struct gradc_emit_options *options,
                       const struct gradc_object_options *object, struct gradc_emitted *file) {
    struct making_object m = {.count = 0};
    struct stopwatch watch = stopwatch_start();
    struct text bytes = {0}, header = {0}, companion = {0};
    struct gradc_emit_options frozen = *options;
    frozen.header = NULL;
    frozen.freeze = true;
    frozen.workspace = false;
    *file = (struct gradc_emitted){.source = NULL};
    bool good = check(owner, options) && making_c_begin(&m.c, owner, &frozen) && add_all(&m) &&
                make(&m, object, &bytes, &header, &companion) && give(&bytes, &header, &companion, file);
    if (!good && !diag_has_errors(&owner->model->diags))
        diag_error(&owner->model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    phase_add(owner, "emit", watch);
    for (size_t k = 0; k < m.bound; k++) binding_release(&m.bindings[k]);
    making_c_end(&m.c);
    text_free(&bytes);
    text_free(&header);
    text_free(&companion);
    return good;
}
