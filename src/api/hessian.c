#include <stdlib.h>
#include <string.h>

#include "api/elements.h"
#include "api/handle.h"
#include "api/products.h"
#include "diff/gradient.h"

/* ---- Rows ---- */

/* The rows of a Hessian are the elements of the gradient; those that are 0 everywhere have no array. */
static struct product_rows *gradient_rows(const struct model *model, const struct program *gradient_program,
                                          size_t *count) {
    struct product_rows *rows = calloc(model->unknowns.count + 1, sizeof *rows);
    *count = 0;
    for (size_t k = 0; rows && k < model->unknowns.count; k++) {
        const struct model_unknown *unknown = &model->unknowns.at[k];
        array_id gradient = gradient_array(gradient_program, unknown->shape.array);
        if (!gradient) continue;
        rows[(*count)++] = (struct product_rows){
            .array = gradient, .offset = unknown->offset, .count = unknown->shape.count};
    }
    return rows;
}

/* The rows of a Jacobian are the elements of all declarations of a kind, one below the other. */
static struct product_rows *declared_rows(const struct model *model, enum gradc_kind kind, size_t *total) {
    size_t count = model_count(model, kind);
    struct product_rows *rows = calloc(count + 1, sizeof *rows);
    *total = 0;
    for (size_t k = 0; rows && k < count; k++) {
        const struct model_array *shape = model_shape(model, kind, k);
        rows[k] = (struct product_rows){.array = shape->array, .offset = *total, .count = shape->count};
        *total += shape->count;
    }
    return rows;
}

typedef enum gradc_outcome prepare(struct products *, struct gradc_evaluator *,
                                   const struct products_request *);

/* The second derivatives of a function from its gradient. */
static enum gradc_outcome prepare_second(struct products *p, struct gradc_evaluator *e,
                                         const struct program *gradient, prepare *step) {
    size_t count;
    struct product_rows *rows = gradient_rows(e->owner->model, gradient, &count);
    struct products_request request = {.function = gradient,
                                       .parts = rows,
                                       .part_count = count,
                                       .rows = e->owner->model->dimension,
                                       .symmetric = true};
    enum gradc_outcome outcome = rows ? step(p, e, &request) : GRADC_EXHAUSTED;
    free(rows);
    return outcome;
}

static enum gradc_outcome prepare_jacobian(struct gradc_evaluator *e, enum gradc_kind kind, prepare *step) {
    size_t total;
    const struct model *model = e->owner->model;
    struct product_rows *rows = declared_rows(model, kind, &total);
    struct products_request request = {
        .function = &model->program, .parts = rows, .part_count = model_count(model, kind), .rows = total};
    enum gradc_outcome outcome = rows ? step(&e->jacobians[kind], e, &request) : GRADC_EXHAUSTED;
    free(rows);
    return outcome;
}

/* ---- Matrices ---- */

static enum gradc_outcome give(struct products *p, struct gradc_evaluator *e, const double *point,
                               struct gradc_matrix *matrix) {
    evaluator_set_point(e, point);
    enum gradc_outcome outcome = products_run(p, e);
    *matrix = (struct gradc_matrix){.rows = p->pattern.rows,
                                    .columns = p->pattern.columns,
                                    .count = pattern_count(&p->pattern),
                                    .starts = p->pattern.starts,
                                    .column = p->pattern.entry,
                                    .values = p->values,
                                    .products = p->colour_count};
    return outcome;
}

static enum gradc_outcome give_elements(struct elements *h, struct gradc_evaluator *e, const double *point,
                                        struct gradc_matrix *matrix) {
    enum gradc_outcome outcome = elements_run(h, e, point);
    *matrix = (struct gradc_matrix){.rows = h->pattern.rows,
                                    .columns = h->pattern.columns,
                                    .count = pattern_count(&h->pattern),
                                    .starts = h->pattern.starts,
                                    .column = h->pattern.entry,
                                    .values = h->result};
    return outcome;
}

/* Programs beyond this are no loops: deriving them twice would take its time. */
enum { MOST_STEPS = 2000 };

static bool has_local_kinds(const struct element_matrix *h) {
    for (size_t k = 0; k < h->kinds.count; k++) {
        const struct element_kind *kind = &h->kinds.at[k];
        uint32_t rank = h->values.arrays.at[kind->row_of].rank;
        if (h->values.arrays.at[kind->value].rank > (rank ? rank : 1)) return false;
    }
    return h->kinds.count > 0;
}

static bool find_locality(struct model *model) {
    struct program gradient = {0};
    struct element_matrix elements = {.suits = false};
    struct diag_list unheard;
    array_id *ids = model_unknown_ids(model);
    struct gradient_request request = {model->objective, ids, model->unknowns.count, false};
    diag_init(&unheard, &model->arena, &model->sources);
    bool local = ids && model->objective && model->program.steps.count <= MOST_STEPS &&
                 differentiate(&gradient, &model->program, &request, &unheard) &&
                 elements_of_hessian(&elements, &gradient, ids, model->unknowns.count, &unheard) &&
                 elements.suits && has_local_kinds(&elements);
    elements_release(&elements);
    program_release(&gradient);
    diag_release(&unheard);
    free(ids);
    return local;
}

bool hessian_is_local(const struct gradc_model *model) {
    struct progress *known = model->progress;
    if (!known->knows_locality) known->is_local = find_locality(model->model);
    known->knows_locality = true;
    return known->is_local;
}

enum gradc_outcome hessian_prepare(struct products *p, struct elements *h, struct gradc_evaluator *e,
                                   const struct program *gradient) {
    enum gradc_outcome outcome = elements_prepare(h, e, gradient);
    if (outcome != GRADC_DONE || h->ready) return outcome;
    outcome = prepare_second(p, e, gradient, products_find_pattern);
    return outcome == GRADC_DONE ? prepare_second(p, e, gradient, products_make_program) : outcome;
}

enum gradc_outcome hessian_give(struct products *p, struct elements *h, struct gradc_evaluator *e,
                                const double *point, struct gradc_matrix *hessian) {
    return h->ready ? give_elements(h, e, point, hessian) : give(p, e, point, hessian);
}

enum gradc_outcome evaluator_prepare_hessian(struct gradc_evaluator *e) {
    enum gradc_outcome outcome = evaluator_prepare_gradient(e);
    if (outcome == GRADC_DONE) outcome = elements_prepare(e->elements, e, &e->gradient.program);
    if (outcome == GRADC_DONE) outcome = elements_prepare_inlined(e->elements, e);
    if (outcome == GRADC_DONE) outcome = hessian_prepare(e->hessian, e->elements, e, &e->gradient.program);
    return outcome;
}

enum gradc_outcome gradc_hessian(struct gradc_evaluator *e, const double *point,
                                 struct gradc_matrix *hessian) {
    *hessian = (struct gradc_matrix){.rows = 0};
    enum gradc_outcome outcome = evaluator_prepare_hessian(e);
    return outcome == GRADC_DONE ? hessian_give(e->hessian, e->elements, e, point, hessian) : outcome;
}

enum gradc_outcome evaluator_prepare_product(struct gradc_evaluator *e) {
    enum gradc_outcome outcome = evaluator_prepare_gradient(e);
    if (outcome != GRADC_DONE) return outcome;
    return prepare_second(e->hessian, e, &e->gradient.program, products_make_program);
}

enum gradc_outcome gradc_hessian_times(struct gradc_evaluator *e, const double *point,
                                       const double *direction, double *result) {
    evaluator_set_point(e, point);
    enum gradc_outcome outcome = evaluator_prepare_product(e);
    return outcome == GRADC_DONE ? products_along(e->hessian, e, direction, result) : outcome;
}

static enum gradc_outcome prepare_elements(struct gradc_evaluator *e, enum gradc_kind kind) {
    size_t total;
    const struct model *model = e->owner->model;
    struct product_rows *rows = declared_rows(model, kind, &total);
    enum gradc_outcome outcome = rows ? elements_prepare_jacobian(&e->jacobian_elements[kind], e, rows,
                                                                  model_count(model, kind), total)
                                      : GRADC_EXHAUSTED;
    free(rows);
    return outcome;
}

enum gradc_outcome evaluator_prepare_jacobian(struct gradc_evaluator *e, enum gradc_kind kind) {
    enum gradc_outcome outcome = prepare_elements(e, kind);
    if (outcome != GRADC_DONE || e->jacobian_elements[kind].ready) return outcome;
    outcome = prepare_jacobian(e, kind, products_find_pattern);
    return outcome == GRADC_DONE ? prepare_jacobian(e, kind, products_make_program) : outcome;
}

enum gradc_outcome jacobian_give(struct gradc_evaluator *e, enum gradc_kind kind, const double *point,
                                 struct gradc_matrix *jacobian) {
    struct elements *elements = &e->jacobian_elements[kind];
    return elements->ready ? give_elements(elements, e, point, jacobian)
                           : give(&e->jacobians[kind], e, point, jacobian);
}

enum gradc_outcome gradc_jacobian(struct gradc_evaluator *e, enum gradc_kind kind, const double *point,
                                  struct gradc_matrix *jacobian) {
    *jacobian = (struct gradc_matrix){.rows = 0};
    enum gradc_outcome outcome = evaluator_prepare_jacobian(e, kind);
    return outcome == GRADC_DONE ? jacobian_give(e, kind, point, jacobian) : outcome;
}

enum gradc_outcome gradc_jacobian_times(struct gradc_evaluator *e, enum gradc_kind kind, const double *point,
                                        const double *direction, double *result) {
    evaluator_set_point(e, point);
    enum gradc_outcome outcome = prepare_jacobian(e, kind, products_make_program);
    return outcome == GRADC_DONE ? products_along(&e->jacobians[kind], e, direction, result) : outcome;
}
