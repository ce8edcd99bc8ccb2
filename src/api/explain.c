#include <math.h>
#include <stdlib.h>

#include "api/elements.h"
#include "api/handle.h"
#include "diff/gradient.h"
#include "eval/culprit.h"
#include "ir/prune.h"

static bool find(struct gradc_evaluator *e, struct runner *r, const array_id *outputs, size_t count,
                 struct culprit *culprit) {
    *culprit = (struct culprit){0};
    enum evaluation done =
        doubles_find_culprit(&r->program, &r->binding, outputs, count, culprit, &e->owner->model->diags);
    return done == EVALUATED && culprit->found;
}

/* "d/dx[3]" for an element of a derivative array; the arena keeps it. */
static const char *derivative_name(const struct gradc_evaluator *e, const struct culprit *culprit,
                                   const struct program *program) {
    struct model *model = e->owner->model;
    array_id of = program->arrays.at[culprit->output].of;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        if (model->unknowns.at[k].shape.array != of) continue;
        struct gradc_array unknown = gradc_array_at(e->owner, GRADC_UNKNOWNS, k);
        char *element = gradc_element_name(&unknown, culprit->output_element);
        const char *name = arena_format(&model->arena, "d/d%s", element ? element : unknown.name);
        free(element);
        return name;
    }
    return "objective";
}

static bool explain_value(struct gradc_evaluator *e, struct culprit *culprit) {
    return evaluator_prepare_value(e) == GRADC_DONE &&
           find(e, &e->value, &e->owner->model->objective, 1, culprit);
}

static bool explain_gradient(struct gradc_evaluator *e, struct culprit *culprit) {
    struct model *model = e->owner->model;
    if (evaluator_prepare_gradient(e) != GRADC_DONE) return false;
    array_id *wanted = model_unknown_ids(model);
    size_t count = 0;
    for (size_t k = 0; wanted && k < model->unknowns.count; k++) {
        array_id array = gradient_array(&e->gradient.program, wanted[k]);
        if (array) wanted[count++] = array;
    }
    bool found = wanted && find(e, &e->gradient, wanted, count, culprit);
    free(wanted);
    return found;
}

bool gradc_explain(struct gradc_evaluator *e, const double *point) {
    struct culprit culprit;
    evaluator_set_point(e, point);
    if (explain_value(e, &culprit)) {
        culprit_report(&culprit, "objective", &e->owner->model->diags);
        return true;
    }
    if (!explain_gradient(e, &culprit)) return false;
    const char *in = culprit.output ? derivative_name(e, &culprit, &e->gradient.program) : "objective";
    culprit_report(&culprit, in ? in : "objective", &e->owner->model->diags);
    return true;
}

/* The arrays with the entries, or the last product with a colour that is not finite. */
static bool explain_entries(struct gradc_evaluator *e, struct culprit *culprit) {
    struct elements *h = e->elements;
    struct runner *r = h->ready ? &h->runner : &e->hessian->runner;
    size_t count = 0, most = h->ready ? h->matrix.kinds.count : e->hessian->part_count;
    array_id *wanted = calloc(most + 1, sizeof *wanted);
    for (size_t k = 0; wanted && k < most; k++) {
        array_id array = h->ready ? h->matrix.kinds.at[k].value : e->hessian->parts[k].tangent;
        if (array && !r->program.arrays.at[array].unused) wanted[count++] = array;
    }
    if (wanted && h->ready && h->entries) wanted[count++] = h->entries;
    bool found = wanted && r->has_program && find(e, r, wanted, count, culprit);
    free(wanted);
    return found;
}

bool gradc_explain_hessian(struct gradc_evaluator *e, const double *point) {
    struct culprit culprit;
    evaluator_set_point(e, point);
    if (!explain_entries(e, &culprit)) return false;
    culprit_report(&culprit, "hessian", &e->owner->model->diags);
    return true;
}

static bool explain_array(struct gradc_evaluator *e, enum gradc_kind kind, size_t k) {
    struct culprit culprit;
    const struct model_array *shape = model_shape(e->owner->model, kind, k);
    if (!find(e, &e->arrays[kind], &shape->array, 1, &culprit)) return false;
    culprit_report(&culprit, shape->name ? shape->name : "residual", &e->owner->model->diags);
    return true;
}

bool gradc_explain_arrays(struct gradc_evaluator *e, enum gradc_kind kind, const double *point) {
    bool found = false;
    if (evaluator_prepare_arrays(e, kind) != GRADC_DONE) return false;
    evaluator_set_point(e, point);
    for (size_t k = 0; k < model_count(e->owner->model, kind) && !found; k++)
        found = explain_array(e, kind, k);
    return found;
}

/* The objective and all arrays of the model; the caller frees them. */
static array_id *all_results(const struct model *model, size_t *count) {
    static const enum gradc_kind kinds[] = {GRADC_OUTPUTS, GRADC_RESIDUALS, GRADC_CONSTRAINTS};
    size_t most = 1;
    for (size_t i = 0; i < 3; i++) most += model_count(model, kinds[i]);
    array_id *results = calloc(most, sizeof *results);
    *count = 0;
    if (results && model->objective) results[(*count)++] = model->objective;
    for (size_t i = 0; results && i < 3; i++)
        for (size_t k = 0; k < model_count(model, kinds[i]); k++)
            results[(*count)++] = model_shape(model, kinds[i], k)->array;
    return results;
}

/* The interpreter does this in about a second. */
enum { MOST_OPERATIONS = 20000000 };

static bool find_compared(struct gradc_evaluator *e, struct runner *r, struct culprit *culprit) {
    struct model *model = e->owner->model;
    if (runner_bind(r, e->owner, e->point) != GRADC_DONE) return false;
    enum evaluation done =
        doubles_find_compared(&r->program, &r->binding, model->comparisons.at, model->comparisons.count,
                              MOST_OPERATIONS, culprit, &model->diags);
    return done == EVALUATED && culprit->found;
}

bool gradc_explain_comparisons(struct gradc_evaluator *e, const double *point) {
    struct model *model = e->owner->model;
    struct runner r = {0};
    struct culprit culprit;
    size_t count;
    if (model->comparisons.count == 0) return false;
    array_id *results = all_results(model, &count);
    evaluator_set_point(e, point);
    r.has_program = true;
    bool found = results && program_prune(&r.program, &model->program, results, count) &&
                 find_compared(e, &r, &culprit);
    if (found) culprit_warn(&culprit, "comparison", &model->diags);
    runner_release(&r);
    free(results);
    return found;
}

/* An infinity of finite operands that are not 0 has overflowed; others are poles. */
static bool has_overflowed(const struct culprit *culprit) {
    if (!isinf(culprit->value)) return false;
    for (unsigned k = 0; k < culprit->operand_count && k < CULPRIT_OPERANDS; k++)
        if (!(fabs(culprit->operands[k]) > 0)) return false;
    return true;
}

bool evaluator_overflows(struct gradc_evaluator *e, const double *point) {
    struct culprit culprit;
    evaluator_set_point(e, point);
    return (explain_value(e, &culprit) || explain_gradient(e, &culprit)) && has_overflowed(&culprit);
}
