#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/check.h"
#include "check/watch.h"
#include "diff/gradient.h"
#include "diff/skeleton.h"
#include "eval/constant.h"
#include "eval/dependence.h"

/* Patterns beyond this are not looked at. */
static const size_t most_entries = (size_t)1 << 26;

__attribute__((format(printf, 4, 5))) static bool warn(struct checking *c, const char *code, struct span span,
                                                       const char *format, ...) {
    char message[300];
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    text_add(&text, message);
    struct gradc_check_warning warning = {
        .place = check_place(c, span), .code = code, .message = check_take_text(c, &text)};
    return warning.message && VEC_PUSH(&c->memory->warnings, warning);
}

/* ---- Names ---- */

/* Imported files are written for more than one user. */
static bool is_unused(const struct model_array *shape) {
    return shape->uses == 0 && shape->span.source == 1;
}

static bool warn_of_unused(struct checking *c) {
    const struct model *model = c->e->owner->model;
    bool good = true;
    for (size_t k = 0; good && k < model->unknowns.count; k++) {
        const struct model_array *shape = &model->unknowns.at[k].shape;
        if (is_unused(shape))
            good = warn(c, "unused-unknown", shape->span, "the unknown `%s` is never used", shape->name);
    }
    for (size_t k = 0; good && k < model->params.count; k++) {
        const struct model_array *shape = &model->params.at[k];
        if (is_unused(shape))
            good = warn(c, "unused-param", shape->span, "the param `%s` is never used", shape->name);
    }
    return good;
}

static bool warn_of_moved_starts(struct checking *c) {
    const struct diag_list *diags = &c->e->owner->model->diags;
    bool good = true;
    for (size_t k = 0; good && k < diags->items.count; k++) {
        const struct diag *diag = &diags->items.at[k];
        if (strcmp(diag->code, "start-moved") == 0)
            good = warn(c, diag->code, diag->span, "%s", diag->message);
    }
    return good;
}

/* ---- Expressions ---- */

static bool has_infinite_operand(const struct graph *g, const bool *constant, node_id n) {
    double value;
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        node_id operand = node_operand(g, n, k);
        if (node_type(g, operand) != TYPE_REAL || !constant[operand]) continue;
        if (!constant_value(g, operand, &value) || !isfinite(value)) return true;
    }
    return false;
}

/* What came out of finite numbers: infinity as such is meant. */
static bool warn_of_constants(struct checking *c, const struct check_results *r) {
    const struct graph *g = r->program.graph;
    bool *constant = constant_nodes(g), good = constant != NULL;
    for (node_id n = 1; good && n < r->reach.node_count; n++) {
        double value;
        if (!r->reach.used[n] || !constant[n] || node_type(g, n) != TYPE_REAL || node_count(g, n) == 0)
            continue;
        if (has_infinite_operand(g, constant, n) || !constant_value(g, n, &value) || isfinite(value))
            continue;
        good = warn(c, "constant-not-finite", node_span(g, n), "this constant is %s",
                    isnan(value) ? "no number"
                    : value > 0  ? "infinite"
                                 : "minus infinite");
    }
    free(constant);
    return good;
}

static bool warn_of_equalities(struct checking *c, const struct check_results *r) {
    const struct graph *g = r->program.graph;
    bool good = true;
    for (node_id n = 1; good && n < r->reach.node_count; n++) {
        enum op op = node_op(g, n);
        if (!r->reach.used[n] || (op != OP_EQ && op != OP_NE) || !reach_operand_varies(&r->reach, g, n))
            continue;
        if (!check_writes_relation(c, node_span(g, n), true)) continue;
        good = warn(c, "real-equality", node_span(g, n),
                    "real numbers that depend on unknowns are compared with `%s`: rounding decides",
                    op == OP_EQ ? "==" : "!=");
    }
    return good;
}

/* ---- Influence ---- */

/* Whether the objective may depend on each element of the point. */
static bool find_influence(struct checking *c, const struct check_results *r, struct pattern *pattern) {
    struct model *model = c->e->owner->model;
    array_id *ids = model_unknown_ids(model);
    struct dependence_part *unknowns = calloc(model->unknowns.count + 1, sizeof *unknowns);
    struct dependence_part objective = {model->objective, 0};
    struct dependence_request request = {.unknowns = unknowns,
                                         .outputs = &objective,
                                         .unknown_count = model->unknowns.count,
                                         .output_count = 1,
                                         .rows = 1,
                                         .columns = model->dimension,
                                         .most = most_entries};
    struct program skeleton = {0};
    struct binding b = {0};
    for (size_t k = 0; unknowns && k < model->unknowns.count; k++)
        unknowns[k] =
            (struct dependence_part){model->unknowns.at[k].shape.array, model->unknowns.at[k].offset};
    bool good = ids && unknowns &&
                skeleton_make(&skeleton, &r->program, &model->objective, 1, ids, model->unknowns.count) &&
                subject_bind(&r->subject, &b, &skeleton) &&
                dependence_find(pattern, &skeleton, &b, &request, &model->diags) == EVALUATED;
    binding_release(&b);
    program_release(&skeleton);
    free(ids);
    free(unknowns);
    return good;
}

static bool warn_of_element(struct checking *c, size_t k, size_t first, size_t count) {
    const struct model_array *shape = &c->e->owner->model->unknowns.at[k].shape;
    struct gradc_array array = gradc_array_at(c->e->owner, GRADC_UNKNOWNS, k);
    char *name = gradc_element_name(&array, first);
    bool good;
    if (count == shape->count)
        good = warn(c, "no-influence", shape->span, "the objective does not depend on `%s`", shape->name);
    else
        good =
            warn(c, "no-influence", shape->span,
                 "the objective does not depend on %zu of the %zu elements of `%s`, the first of them `%s`",
                 count, shape->count, shape->name, name ? name : shape->name);
    free(name);
    return good;
}

/* Whether the derivative by an unknown is 0 as its program stands. */
static bool derives_to_zero(const struct program *gradient, array_id unknown) {
    array_id array = gradient_array(gradient, unknown);
    for (size_t k = 0; array && k < gradient->steps.count; k++) {
        const struct step *step = &gradient->steps.at[k];
        bool writes = step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
        if (writes && step->array == array && !node_is_number(gradient->graph, step->value, 0)) return false;
    }
    return true;
}

/* Fixed unknowns need no influence, unused ones are told of already. */
static bool warn_of_influence(struct checking *c, const struct check_results *r) {
    const struct model *model = c->e->owner->model;
    struct pattern pattern = {0};
    if (!find_influence(c, r, &pattern)) return false;
    bool good = true;
    for (size_t k = 0; good && k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        size_t missing = 0, first = 0;
        for (size_t i = u->shape.count; i-- > 0;) {
            size_t element = u->offset + i;
            bool fixed = model->lower[element] >= model->upper[element];
            if (fixed || pattern_find(&pattern, 0, (uint32_t)element) != SIZE_MAX) continue;
            missing++;
            first = i;
        }
        if (is_unused(&u->shape)) continue;
        if (missing)
            good = warn_of_element(c, k, first, missing);
        else if (u->shape.count && derives_to_zero(&c->e->gradient.program, u->shape.array))
            good = warn(c, "zero-derivative", u->shape.span,
                        "the derivative of the objective by `%s` is 0 everywhere", u->shape.name);
    }
    pattern_release(&pattern);
    return good;
}

static bool warn_of_residuals(struct checking *c) {
    const struct model *model = c->e->owner->model;
    size_t residuals = 0, unknowns = 0;
    for (size_t k = 0; k < model->residuals.count; k++) residuals += model->residuals.at[k].shape.count;
    for (size_t k = 0; k < model->dimension; k++) unknowns += model->lower[k] < model->upper[k];
    if (!model->least_squares || residuals >= unknowns) return true;
    return warn(c, "too-few-residuals", model->residuals.at[0].shape.span,
                "%zu residual%s cannot determine %zu unknowns", residuals, residuals == 1 ? "" : "s",
                unknowns);
}

static int by_place(const void *a, const void *b) {
    const struct gradc_check_warning *x = a, *y = b;
    int order = check_compare_places(&x->place, &y->place);
    return order ? order : strcmp(x->code, y->code);
}

enum gradc_outcome check_warnings(struct checking *c, struct check_results *r) {
    struct gradc_check_memory *m = c->memory;
    enum gradc_outcome outcome = GRADC_DONE;
    bool objective = gradc_has_objective(c->e->owner);
    if (objective) outcome = evaluator_prepare_gradient(c->e);
    if (outcome != GRADC_DONE) return outcome;
    bool good = warn_of_unused(c) && warn_of_moved_starts(c) && warn_of_constants(c, r) &&
                warn_of_equalities(c, r) && warn_of_residuals(c) && (!objective || warn_of_influence(c, r));
    if (m->warnings.count) qsort(m->warnings.at, m->warnings.count, sizeof *m->warnings.at, by_place);
    return good ? GRADC_DONE : GRADC_EXHAUSTED;
}
