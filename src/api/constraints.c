#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/elements.h"
#include "api/handle.h"
#include "api/products.h"
#include "diff/gradient.h"
#include "diff/lagrangian.h"
#include "ir/prune.h"

/* The Lagrangian's gradient and Hessian as programs, in which the factor and the multipliers are inputs. */
struct curvature {
    struct lagrangian lagrangian;
    struct program gradient;
    struct products hessian;
    struct elements elements;
    bool ready;
};

size_t gradc_constraint_count(const struct gradc_model *model) {
    size_t rows = 0;
    for (size_t k = 0; k < model->model->constraints.count; k++)
        rows += model->model->constraints.at[k].shape.count;
    return rows;
}

char *gradc_constraint_name(const struct gradc_model *model, size_t row) {
    char unnamed[40];
    for (size_t k = 0; k < model->model->constraints.count; k++) {
        struct gradc_array array = gradc_array_at(model, GRADC_CONSTRAINTS, k);
        if (row >= array.count) {
            row -= array.count;
            continue;
        }
        snprintf(unnamed, sizeof unnamed, "constraint %zu", k + 1);
        if (!array.name) array.name = unnamed;
        return gradc_element_name(&array, row);
    }
    return NULL;
}

/* ---- Bounds ---- */

/* No bounds for elements that the ranges of a constraint leave out. */
static void copy_bounds(const struct runner *r, array_id array, const struct model_constraint *c, double none,
                        double *to) {
    const double *values = array ? runner_values(r, array) : NULL;
    const double *members = c->members ? runner_values(r, c->members) : NULL;
    for (size_t i = 0; i < c->shape.count; i++)
        to[i] = values && (!members || members[i] != 0) ? values[i] : none;
}

/* The arrays of all bounds there are, and of members; the caller frees them. */
static array_id *bound_arrays(const struct model *model, size_t *count) {
    array_id *arrays = calloc(3 * model->constraints.count + 1, sizeof *arrays);
    *count = 0;
    for (size_t k = 0; arrays && k < model->constraints.count; k++) {
        const struct model_constraint *c = &model->constraints.at[k];
        if (c->lower) arrays[(*count)++] = c->lower;
        if (c->upper && c->upper != c->lower) arrays[(*count)++] = c->upper;
        if (c->members) arrays[(*count)++] = c->members;
    }
    return arrays;
}

static enum gradc_outcome run_bounds(struct runner *r, struct gradc_evaluator *e) {
    static const struct gradc_evaluator_options once = {.evaluations = 1, .arithmetic = GRADC_STRICT};
    struct model *model = e->owner->model;
    size_t count;
    array_id *arrays = bound_arrays(model, &count);
    bool good = arrays && program_prune(&r->program, &model->program, arrays, count);
    free(arrays);
    if (!good) return GRADC_EXHAUSTED;
    r->has_program = true;
    enum gradc_outcome outcome = runner_prepare(r, e->owner, e->point, &once);
    return outcome == GRADC_DONE ? runner_run(r) : outcome;
}

enum gradc_outcome gradc_constraint_bounds(struct gradc_evaluator *e, double *lower, double *upper) {
    const struct model *model = e->owner->model;
    struct runner r = {0};
    bool defined = true;
    enum gradc_outcome outcome = run_bounds(&r, e);
    for (size_t k = 0, row = 0; outcome == GRADC_DONE && k < model->constraints.count; k++) {
        const struct model_constraint *c = &model->constraints.at[k];
        copy_bounds(&r, c->lower, c, -INFINITY, lower + row);
        copy_bounds(&r, c->upper, c, INFINITY, upper + row);
        for (size_t i = 0; i < c->shape.count; i++, row++)
            defined &= !isnan(lower[row]) && !isnan(upper[row]);
    }
    runner_release(&r);
    return outcome == GRADC_DONE && !defined ? GRADC_UNDEFINED : outcome;
}

/* ---- The Lagrangian ---- */

void curvature_free(struct curvature *c) {
    if (!c) return;
    lagrangian_release(&c->lagrangian);
    program_release(&c->gradient);
    products_release(&c->hessian);
    elements_free(&c->elements);
    free(c);
}

static bool make_lagrangian(struct curvature *c, const struct model *model) {
    array_id *arrays = calloc(model->constraints.count + 1, sizeof *arrays);
    for (size_t k = 0; arrays && k < model->constraints.count; k++)
        arrays[k] = model->constraints.at[k].shape.array;
    struct lagrangian_request request = {model->objective, arrays, model->constraints.count};
    bool good = arrays && lagrangian_make(&c->lagrangian, &model->program, &request);
    free(arrays);
    return good;
}

static bool differentiate_lagrangian(struct curvature *c, struct model *model) {
    array_id *unknowns = model_unknown_ids(model);
    struct gradient_request request = {c->lagrangian.value, unknowns, model->unknowns.count, false};
    bool good = unknowns && differentiate(&c->gradient, &c->lagrangian.program, &request, &model->diags);
    free(unknowns);
    return good;
}

static enum gradc_outcome prepare(struct gradc_evaluator *e) {
    struct model *model = e->owner->model;
    if (e->curvature && e->curvature->ready) return GRADC_DONE;
    curvature_free(e->curvature);
    e->curvature = calloc(1, sizeof *e->curvature);
    struct curvature *c = e->curvature;
    struct stopwatch watch = stopwatch_start();
    if (!c || !make_lagrangian(c, model) || !differentiate_lagrangian(c, model))
        return diag_has_errors(&model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
    phase_add(e->owner, "derive", watch);
    enum gradc_outcome outcome = hessian_prepare(&c->hessian, &c->elements, e, &c->gradient);
    c->ready = outcome == GRADC_DONE;
    return outcome;
}

static void plant(struct runner *r, array_id seed, const double *values, size_t count) {
    struct bound_array *bound = &r->binding.arrays[seed];
    if (seed && bound->at.real && count) memcpy(bound->at.real, values, count * sizeof *values);
}

enum gradc_outcome gradc_lagrangian(struct gradc_evaluator *e, const double *point, double factor,
                                    const double *multipliers, struct gradc_matrix *hessian) {
    const struct model *model = e->owner->model;
    *hessian = (struct gradc_matrix){.rows = 0};
    enum gradc_outcome outcome = prepare(e);
    if (outcome != GRADC_DONE) return outcome;
    struct curvature *c = e->curvature;
    struct runner *r = c->elements.ready ? &c->elements.runner : &c->hessian.runner;
    plant(r, c->lagrangian.factor, &factor, 1);
    for (size_t k = 0; k < model->constraints.count; k++) {
        size_t count = model->constraints.at[k].shape.count;
        plant(r, c->lagrangian.weights[k], multipliers, count);
        multipliers += count;
    }
    return hessian_give(&c->hessian, &c->elements, e, point, hessian);
}
