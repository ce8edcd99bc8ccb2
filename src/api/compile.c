#include <string.h>

#include "api/batch.h"
#include "api/elements.h"
#include "api/handle.h"
#include "api/products.h"

/* An evaluator whose runners are all ready, and native; what is not asked for is not there. */
struct gradc_compiled {
    struct gradc_evaluator *evaluator;
    struct gradc_compile_options options;
};

/* Another evaluator, whose runners share code with those. */
struct gradc_workspace {
    struct gradc_evaluator evaluator;
    struct gradc_compile_options options;
};

/* ---- Compilation ---- */

static enum gradc_outcome prepare_rows(struct gradc_evaluator *e, enum gradc_kind kind) {
    if (model_count(e->owner->model, kind) == 0) return GRADC_DONE;
    enum gradc_outcome outcome = evaluator_prepare_arrays(e, kind);
    return outcome == GRADC_DONE ? evaluator_prepare_jacobian(e, kind) : outcome;
}

static enum gradc_outcome prepare_all(struct gradc_evaluator *e, const struct gradc_compile_options *o) {
    enum gradc_outcome outcome = o->value ? evaluator_prepare_value(e) : GRADC_DONE;
    if (outcome == GRADC_DONE && o->gradient) outcome = evaluator_prepare_gradient(e);
    if (outcome == GRADC_DONE && o->batch && o->value) outcome = batch_prepare(&e->batch->value, e, false);
    if (outcome == GRADC_DONE && o->batch && o->gradient)
        outcome = batch_prepare(&e->batch->gradient, e, true);
    if (outcome == GRADC_DONE && o->hessian) outcome = evaluator_prepare_hessian(e);
    if (outcome == GRADC_DONE && o->hessian_times) outcome = evaluator_prepare_product(e);
    for (enum gradc_kind kind = GRADC_OUTPUTS; o->jacobian && kind <= GRADC_CONSTRAINTS; kind++)
        if (outcome == GRADC_DONE) outcome = prepare_rows(e, kind);
    return outcome;
}

static bool is_native(const struct runner *r) {
    return !r->ready || r->kernel;
}

static bool all_are_native(const struct gradc_evaluator *e) {
    bool native = is_native(&e->value) && is_native(&e->gradient) && is_native(&e->hessian->runner) &&
                  is_native(&e->elements->runner);
    for (size_t k = 0; k < KINDS; k++)
        native = native && is_native(&e->arrays[k]) && is_native(&e->jacobians[k].runner) &&
                 is_native(&e->jacobian_elements[k].runner);
    return native;
}

static bool has_what_it_needs(struct model *model, const struct gradc_compile_options *o) {
    if (model->objective || !(o->value || o->gradient || o->hessian || o->hessian_times)) return true;
    diag_error(&model->diags, "no-objective", (struct span){0}, "there is no objective to compile");
    return false;
}

static bool compile(struct gradc_compiled *c) {
    struct model *model = c->evaluator->owner->model;
    if (!has_what_it_needs(model, &c->options)) return false;
    enum gradc_outcome outcome = prepare_all(c->evaluator, &c->options);
    if (outcome == GRADC_EXHAUSTED)
        diag_error(&model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    if (outcome != GRADC_DONE) return false;
    if (all_are_native(c->evaluator)) return true;
    diag_error(&model->diags, "llvm", (struct span){0}, "no native code could be made");
    return false;
}

struct gradc_compiled *gradc_compile(struct gradc_model *model, const struct gradc_compile_options *options) {
    static const struct gradc_compile_options usual = {.value = true, .gradient = true};
    struct gradc_compiled *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->options = options ? *options : usual;
    struct gradc_evaluator_options native = {.evaluations = 1,
                                             .native = true,
                                             .arithmetic = c->options.arithmetic,
                                             .lanes = c->options.lanes,
                                             .threads = c->options.threads,
                                             .cache = c->options.cache};
    c->evaluator = gradc_evaluator_new(model, &native);
    if (c->evaluator && compile(c)) return c;
    gradc_compiled_free(c);
    return NULL;
}

void gradc_compiled_free(struct gradc_compiled *c) {
    if (!c) return;
    gradc_evaluator_free(c->evaluator);
    free(c);
}

/* ---- Workspaces ---- */

static bool share(struct runner *r, const struct runner *from, double *point) {
    return !from->ready || runner_share(r, from, point);
}

static bool share_matrices(struct gradc_evaluator *e, const struct gradc_evaluator *from) {
    bool good = true;
    if (from->hessian->has_program) good = products_share(e->hessian, from->hessian, e->point);
    if (good && from->elements->ready) good = elements_share(e->elements, from->elements, e->point);
    for (size_t k = 0; good && k < KINDS; k++) {
        if (from->jacobians[k].has_program)
            good = products_share(&e->jacobians[k], &from->jacobians[k], e->point);
        if (good && from->jacobian_elements[k].ready)
            good = elements_share(&e->jacobian_elements[k], &from->jacobian_elements[k], e->point);
    }
    return good;
}

static bool share_all(struct gradc_evaluator *e, const struct gradc_evaluator *from) {
    e->owner = from->owner;
    e->point = calloc(from->owner->model->dimension + 1, sizeof *e->point);
    e->hessian = calloc(1, sizeof *e->hessian);
    e->elements = calloc(1, sizeof *e->elements);
    e->jacobians = calloc(KINDS, sizeof *e->jacobians);
    e->batch = calloc(1, sizeof *e->batch);
    e->jacobian_elements = calloc(KINDS, sizeof *e->jacobian_elements);
    if (!e->point || !e->hessian || !e->elements || !e->jacobians || !e->jacobian_elements || !e->batch)
        return false;
    bool good = share(&e->value, &from->value, e->point) && share(&e->gradient, &from->gradient, e->point);
    for (size_t k = 0; good && k < KINDS; k++) good = share(&e->arrays[k], &from->arrays[k], e->point);
    good = good && batch_share(&e->batch->value, &from->batch->value, e->point) &&
           batch_share(&e->batch->gradient, &from->batch->gradient, e->point);
    return good && share_matrices(e, from);
}

struct gradc_workspace *gradc_workspace_new(const struct gradc_compiled *compiled) {
    struct gradc_workspace *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->options = compiled->options;
    if (share_all(&w->evaluator, compiled->evaluator)) return w;
    gradc_workspace_free(w);
    return NULL;
}

void gradc_workspace_free(struct gradc_workspace *w) {
    if (!w) return;
    struct gradc_evaluator *e = &w->evaluator;
    runner_release(&e->value);
    runner_release(&e->gradient);
    if (e->hessian) products_release_shared(e->hessian);
    if (e->elements) elements_release_shared(e->elements);
    if (e->batch) batch_release(&e->batch->value);
    if (e->batch) batch_release(&e->batch->gradient);
    for (size_t k = 0; k < KINDS; k++) {
        runner_release(&e->arrays[k]);
        if (e->jacobians) products_release_shared(&e->jacobians[k]);
        if (e->jacobian_elements) elements_release_shared(&e->jacobian_elements[k]);
    }
    free(e->hessian);
    free(e->elements);
    free(e->jacobians);
    free(e->jacobian_elements);
    free(e->batch);
    free(e->point);
    free(w);
}

/* ---- Calls ---- */

enum gradc_outcome gradc_call(struct gradc_workspace *w, const double *point, double *value,
                              double *gradient) {
    bool known = gradient ? w->options.gradient : w->options.value;
    return known ? gradc_evaluate(&w->evaluator, point, value, gradient) : GRADC_REFUSED;
}

enum gradc_outcome gradc_call_batch(struct gradc_workspace *w, size_t count, const double *points,
                                    double *values, double *gradients) {
    bool known = w->options.batch && (gradients ? w->options.gradient : w->options.value);
    return known ? gradc_evaluate_batch(&w->evaluator, count, points, values, gradients) : GRADC_REFUSED;
}

enum gradc_outcome gradc_call_hessian(struct gradc_workspace *w, const double *point,
                                      struct gradc_matrix *hessian) {
    struct gradc_evaluator *e = &w->evaluator;
    *hessian = (struct gradc_matrix){.rows = 0};
    if (!w->options.hessian) return GRADC_REFUSED;
    return hessian_give(e->hessian, e->elements, e, point, hessian);
}

enum gradc_outcome gradc_call_hessian_times(struct gradc_workspace *w, const double *point,
                                            const double *direction, double *result) {
    if (!w->options.hessian_times) return GRADC_REFUSED;
    evaluator_set_point(&w->evaluator, point);
    return products_along(w->evaluator.hessian, &w->evaluator, direction, result);
}

/* Whether the arrays of a kind were compiled. */
static bool has_rows(const struct gradc_workspace *w, enum gradc_kind kind) {
    return w->options.jacobian && kind >= GRADC_OUTPUTS && kind <= GRADC_CONSTRAINTS;
}

enum gradc_outcome gradc_call_arrays(struct gradc_workspace *w, enum gradc_kind kind, const double *point,
                                     double *values) {
    struct gradc_evaluator *e = &w->evaluator;
    const struct model *model = e->owner->model;
    if (!has_rows(w, kind)) return GRADC_REFUSED;
    if (model_count(model, kind) == 0) return GRADC_DONE;
    enum gradc_outcome outcome = gradc_evaluate_arrays(e, kind, point);
    for (size_t k = 0; k < model_count(model, kind); k++) {
        size_t count = model_shape(model, kind, k)->count;
        if (count) memcpy(values, gradc_values(e, kind, k), count * sizeof *values);
        values += count;
    }
    return outcome;
}

enum gradc_outcome gradc_call_jacobian(struct gradc_workspace *w, enum gradc_kind kind, const double *point,
                                       struct gradc_matrix *jacobian) {
    static const size_t no_rows[1] = {0};
    struct gradc_evaluator *e = &w->evaluator;
    *jacobian = (struct gradc_matrix){.columns = e->owner->model->dimension, .starts = no_rows};
    if (!has_rows(w, kind)) return GRADC_REFUSED;
    if (model_count(e->owner->model, kind) == 0) return GRADC_DONE;
    return jacobian_give(e, kind, point, jacobian);
}
