#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/ahead.h"
#include "api/batch.h"
#include "api/elements.h"
#include "api/handle.h"
#include "api/products.h"
#include "diff/gradient.h"
#include "eval/size.h"
#include "ir/prune.h"
#include "support/number.h"

struct gradc_evaluator *gradc_evaluator_new(struct gradc_model *model,
                                            const struct gradc_evaluator_options *options) {
    static const struct gradc_evaluator_options usual = {.evaluations = 300};
    struct gradc_evaluator *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    e->owner = model;
    e->options = options ? *options : usual;
    e->point = calloc(model->model->dimension + 1, sizeof *e->point);
    e->hessian = calloc(1, sizeof *e->hessian);
    e->jacobians = calloc(KINDS, sizeof *e->jacobians);
    e->elements = calloc(1, sizeof *e->elements);
    e->jacobian_elements = calloc(KINDS, sizeof *e->jacobian_elements);
    e->ahead = calloc(1, sizeof *e->ahead);
    e->batch = calloc(1, sizeof *e->batch);
    bool room =
        e->ahead && e->batch && e->point && e->hessian && e->jacobians && e->elements && e->jacobian_elements;
    for (enum gradc_kind kind = GRADC_UNKNOWNS; kind <= GRADC_CONSTRAINTS; kind++) {
        e->element_gradients[kind] = calloc(model_count(model->model, kind) + 1, sizeof(struct runner));
        room &= e->element_gradients[kind] != NULL;
    }
    if (room) return e;
    gradc_evaluator_free(e);
    return NULL;
}

void gradc_evaluator_free(struct gradc_evaluator *e) {
    if (!e) return;
    runner_release(&e->value);
    runner_release(&e->gradient);
    for (enum gradc_kind kind = GRADC_UNKNOWNS; kind <= GRADC_CONSTRAINTS; kind++) {
        runner_release(&e->arrays[kind]);
        size_t count = e->element_gradients[kind] ? model_count(e->owner->model, kind) : 0;
        for (size_t k = 0; k < count; k++) runner_release(&e->element_gradients[kind][k]);
        free(e->element_gradients[kind]);
    }
    if (e->hessian) products_release(e->hessian);
    for (size_t k = 0; e->jacobians && k < KINDS; k++) products_release(&e->jacobians[k]);
    if (e->elements) elements_free(e->elements);
    if (e->ahead) ahead_free(e->ahead);
    if (e->batch) batch_release(&e->batch->value);
    if (e->batch) batch_release(&e->batch->gradient);
    for (size_t k = 0; e->jacobian_elements && k < KINDS; k++) elements_free(&e->jacobian_elements[k]);
    curvature_free(e->curvature);
    free(e->elements);
    free(e->ahead);
    free(e->batch);
    free(e->jacobian_elements);
    free(e->hessian);
    free(e->jacobians);
    free(e->point);
    free(e);
}

static enum gradc_outcome failure(const struct model *model) {
    return diag_has_errors(&model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

static enum gradc_outcome prepare(struct gradc_evaluator *e, struct runner *r) {
    r->has_program = true;
    return runner_prepare(r, e->owner, e->point, &e->options);
}

/* Makes a runner of the part of the program that computes some arrays. */
static enum gradc_outcome prepare_part(struct gradc_evaluator *e, struct runner *r, const array_id *wanted,
                                       size_t count) {
    struct model *model = e->owner->model;
    if (!program_prune(&r->program, &model->program, wanted, count)) return failure(model);
    return prepare(e, r);
}

/* Makes the program of an output and its derivatives. */
static enum gradc_outcome derive(struct gradc_evaluator *e, struct program *p, array_id output, bool seeded) {
    struct model *model = e->owner->model;
    struct stopwatch watch = stopwatch_start();
    array_id *unknowns = model_unknown_ids(model);
    if (!unknowns) return GRADC_EXHAUSTED;
    struct gradient_request request = {output, unknowns, model->unknowns.count, seeded};
    bool done = differentiate(p, &model->program, &request, &model->diags);
    free(unknowns);
    if (!done) return failure(model);
    struct gradc_phase *phase = phase_add(e->owner, "derive", watch);
    if (phase) phase->steps += p->steps.count;
    if (phase) phase->nodes += program_node_count(p);
    return GRADC_DONE;
}

static enum gradc_outcome prepare_derivative(struct gradc_evaluator *e, struct runner *r, array_id output,
                                             bool seeded) {
    enum gradc_outcome outcome = derive(e, &r->program, output, seeded);
    return outcome == GRADC_DONE ? prepare(e, r) : outcome;
}

enum gradc_outcome evaluator_derive(struct gradc_evaluator *e, bool gradient, struct program *p) {
    struct model *model = e->owner->model;
    if (gradient) return derive(e, p, model->objective, false);
    return program_prune(p, &model->program, &model->objective, 1) ? GRADC_DONE : failure(model);
}

enum gradc_outcome evaluator_prepare_value(struct gradc_evaluator *e) {
    if (e->value.ready) return GRADC_DONE;
    if (!e->owner->model->objective) return GRADC_REFUSED;
    runner_release(&e->value);
    return prepare_part(e, &e->value, &e->owner->model->objective, 1);
}

enum gradc_outcome evaluator_prepare_gradient(struct gradc_evaluator *e) {
    if (e->gradient.ready) return GRADC_DONE;
    if (!e->owner->model->objective) return GRADC_REFUSED;
    runner_release(&e->gradient);
    e->gradient.checks = true;
    return prepare_derivative(e, &e->gradient, e->owner->model->objective, false);
}

/* The arrays of a kind, with what belongs to them; the caller frees them. */
static array_id *wanted_arrays(const struct model *model, enum gradc_kind kind, size_t *count) {
    size_t declared = model_count(model, kind);
    array_id *wanted = calloc(3 * declared + 1, sizeof *wanted);
    *count = 0;
    for (size_t k = 0; wanted && k < declared; k++) {
        wanted[(*count)++] = model_shape(model, kind, k)->array;
        if (kind != GRADC_RESIDUALS || !model->residuals.at[k].is_fit) continue;
        wanted[(*count)++] = model->residuals.at[k].observed;
        wanted[(*count)++] = model->residuals.at[k].fitted;
    }
    return wanted;
}

enum gradc_outcome evaluator_prepare_arrays(struct gradc_evaluator *e, enum gradc_kind kind) {
    struct runner *r = &e->arrays[kind];
    size_t count;
    if (r->ready) return GRADC_DONE;
    runner_release(r);
    array_id *wanted = wanted_arrays(e->owner->model, kind, &count);
    enum gradc_outcome outcome = wanted ? prepare_part(e, r, wanted, count) : GRADC_EXHAUSTED;
    free(wanted);
    return outcome;
}

void evaluator_set_point(struct gradc_evaluator *e, const double *point) {
    size_t n = e->owner->model->dimension;
    if (n) memcpy(e->point, point, n * sizeof *point);
}

enum gradc_outcome evaluator_run_at(struct gradc_evaluator *e, struct runner *r, const double *point) {
    if (r->kernel) {
        runner_run_at(r, point, NULL);
        return GRADC_DONE;
    }
    evaluator_set_point(e, point);
    return runner_run(r);
}

/* ---- Value and gradient ---- */

/* Copies the derivatives by all unknowns, but for those that have been written there; false where one is not
 * finite. */
static bool collect_gradient(const struct gradc_evaluator *e, const struct runner *r, double *gradient,
                             bool written) {
    bool known = runner_is_known_finite(r), finite = true;
    if (written && r->fills_gradient)
        return known || numbers_are_finite(gradient, e->owner->model->dimension);
    for (size_t k = 0; k < e->owner->model->unknowns.count; k++) {
        const struct model_unknown *unknown = &e->owner->model->unknowns.at[k];
        const double *values = runner_values(r, r->gradients[k]); /* NULL: they are 0 */
        double *part = gradient + unknown->offset;
        size_t count = unknown->shape.count;
        if (!values && count)
            memset(part, 0, count * sizeof *part);
        else if (!written && count)
            memcpy(part, values, count * sizeof *part);
        finite = finite && (known || numbers_are_finite(part, count));
    }
    return finite;
}

/* Whether the memory that is read and the memory that is written are apart. */
static bool are_apart(const double *point, const double *gradient, size_t count) {
    uintptr_t a = (uintptr_t)point, b = (uintptr_t)gradient, size = count * sizeof *point;
    return !gradient || a + size <= b || b + size <= a;
}

__attribute__((noinline)) static enum gradc_outcome judge(const struct gradc_evaluator *e,
                                                          const struct runner *r, const double *value,
                                                          double *gradient, bool written) {
    bool finite = !gradient || collect_gradient(e, r, gradient, written);
    return finite && isfinite(*value) ? GRADC_DONE : GRADC_UNDEFINED;
}

/* On the evaluator's own memory. */
static enum gradc_outcome evaluate_here(struct gradc_evaluator *e, struct runner *r, const double *point,
                                        double *value, double *gradient) {
    evaluator_set_point(e, point);
    enum gradc_outcome outcome = runner_run(r);
    if (outcome != GRADC_DONE) return outcome;
    *value = *runner_values(r, e->owner->model->objective);
    return judge(e, r, value, gradient, false);
}

/* What gradc_evaluate does unless the kernel has run on this memory before. Apart, for short formulas: their
 * way then saves few registers. */
__attribute__((noinline)) static enum gradc_outcome
evaluate_anew(struct gradc_evaluator *e, const double *point, double *value, double *gradient) {
    struct runner *r = gradient ? &e->gradient : &e->value;
    if (!r->ready) {
        enum gradc_outcome outcome = gradient ? evaluator_prepare_gradient(e) : evaluator_prepare_value(e);
        if (outcome != GRADC_DONE) return outcome;
    }
    const struct model *model = e->owner->model;
    if (!r->kernel || !are_apart(point, gradient, model->dimension))
        return evaluate_here(e, r, point, value, gradient);
    runner_run_at(r, point, gradient);
    runner_note_rerun(r, model->objective);
    *value = *runner_values(r, model->objective);
    return judge(e, r, value, gradient, true);
}

/* By the bits, for a branch that waits for doubles waits longer. */
static inline bool is_finite(const double *number) {
    static const uint64_t twice_infinity = (uint64_t)0x7FF << 53;
    uint64_t bits;
    memcpy(&bits, number, sizeof bits);
    return bits << 1 < twice_infinity;
}

enum gradc_outcome gradc_evaluate(struct gradc_evaluator *e, const double *point, double *value,
                                  double *gradient) {
    const struct runner *r = gradient ? &e->gradient : &e->value;
    if (!runner_can_rerun(r, point, gradient)) return evaluate_anew(e, point, value, gradient);
    r->rerun.run(r->rerun.slots);
    *value = *r->rerun.value;
    if (is_finite(value) && is_finite(r->rerun.sum)) return GRADC_DONE;
    return judge(e, r, value, gradient, true);
}

enum gradc_outcome gradc_evaluate_arrays(struct gradc_evaluator *e, enum gradc_kind kind,
                                         const double *point) {
    const struct model *model = e->owner->model;
    enum gradc_outcome outcome = evaluator_prepare_arrays(e, kind);
    if (outcome != GRADC_DONE) return outcome;
    outcome = evaluator_run_at(e, &e->arrays[kind], point);
    for (size_t k = 0; outcome == GRADC_DONE && k < model_count(model, kind); k++)
        if (!runner_is_finite(&e->arrays[kind], model_shape(model, kind, k)->array))
            outcome = GRADC_UNDEFINED;
    return outcome;
}

const double *gradc_values(const struct gradc_evaluator *e, enum gradc_kind kind, size_t k) {
    return runner_values(&e->arrays[kind], model_shape(e->owner->model, kind, k)->array);
}

bool gradc_fit_values(const struct gradc_evaluator *e, size_t k, const double **observed,
                      const double **fitted) {
    const struct model_residual *residual = &e->owner->model->residuals.at[k];
    if (!residual->is_fit) return false;
    *observed = runner_values(&e->arrays[GRADC_RESIDUALS], residual->observed);
    *fitted = runner_values(&e->arrays[GRADC_RESIDUALS], residual->fitted);
    return *observed && *fitted;
}

/* Chooses the element whose derivatives a seeded runner computes. */
static void plant_seed(struct runner *r, array_id output, size_t element) {
    array_id seed = gradient_seed(&r->program, output);
    if (!seed) return;
    struct bound_array *bound = &r->binding.arrays[seed];
    for (size_t k = 0; k < bound->count; k++) bound->at.real[k] = k == element ? 1 : 0;
}

/* Makes the seeded derivative of a declaration ready. */
static enum gradc_outcome prepare_seeded(struct gradc_evaluator *e, enum gradc_kind kind, size_t k) {
    struct runner *r = &e->element_gradients[kind][k];
    const struct model_array *shape = model_shape(e->owner->model, kind, k);
    if (r->ready) return GRADC_DONE;
    runner_release(r);
    return prepare_derivative(e, r, shape->array, shape->rank > 0);
}

enum gradc_outcome gradc_element_gradient(struct gradc_evaluator *e, enum gradc_kind kind, size_t k,
                                          size_t element, const double *point, double *gradient) {
    struct runner *r = &e->element_gradients[kind][k];
    const struct model_array *shape = model_shape(e->owner->model, kind, k);
    enum gradc_outcome outcome = prepare_seeded(e, kind, k);
    if (outcome != GRADC_DONE) return outcome;
    if (shape->rank > 0) plant_seed(r, shape->array, element);
    outcome = evaluator_run_at(e, r, point);
    if (outcome != GRADC_DONE) return outcome;
    return collect_gradient(e, r, gradient, false) ? GRADC_DONE : GRADC_UNDEFINED;
}

/* Adds the weighted derivatives of one declaration. */
static enum gradc_outcome add_weighted(struct gradc_evaluator *e, enum gradc_kind kind, size_t k,
                                       const double *weights, double *part, double *result) {
    struct runner *r = &e->element_gradients[kind][k];
    const struct model_array *shape = model_shape(e->owner->model, kind, k);
    enum gradc_outcome outcome = prepare_seeded(e, kind, k);
    if (outcome != GRADC_DONE) return outcome;
    array_id seed = shape->rank > 0 ? gradient_seed(&r->program, shape->array) : 0;
    if (seed) memcpy(r->binding.arrays[seed].at.real, weights, shape->count * sizeof *weights);
    outcome = runner_run(r);
    if (outcome != GRADC_DONE) return outcome;
    bool finite = collect_gradient(e, r, part, false);
    double factor = shape->rank > 0 ? 1 : weights[0];
    for (size_t i = 0; i < e->owner->model->dimension; i++) result[i] += factor * part[i];
    return finite ? GRADC_DONE : GRADC_UNDEFINED;
}

enum gradc_outcome gradc_times_jacobian(struct gradc_evaluator *e, enum gradc_kind kind, const double *point,
                                        const double *weights, double *result) {
    const struct model *model = e->owner->model;
    double *part = calloc(model->dimension + 1, sizeof *part);
    enum gradc_outcome worst = part ? GRADC_DONE : GRADC_EXHAUSTED;
    evaluator_set_point(e, point);
    memset(result, 0, model->dimension * sizeof *result);
    for (size_t k = 0; k < model_count(model, kind) && worst <= GRADC_UNDEFINED; k++) {
        enum gradc_outcome outcome = add_weighted(e, kind, k, weights, part, result);
        if (outcome > worst) worst = outcome;
        weights += model_shape(model, kind, k)->count;
    }
    free(part);
    return worst;
}
