#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/emit.h"
#include "api/handle.h"
#include "diff/elements.h"
#include "diff/gradient.h"
#include "diff/inline.h"
#include "diff/tangent.h"
#include "ir/build.h"
#include "ir/prune.h"
#include "lower/lower.h"

static bool out_of_memory(struct model *model) {
    if (!diag_has_errors(&model->diags))
        diag_error(&model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    return false;
}

static bool is_identifier(const char *text) {
    if (!*text || isdigit((unsigned char)*text)) return false;
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return false;
    return true;
}

static bool check(struct model *model, const struct gradc_emit_options *o, const char *prefix) {
    bool of_objective = o->value || o->gradient || o->hessian || o->hessian_times;
    if (!model->objective && of_objective) {
        struct diag *diag =
            diag_error(&model->diags, "no-objective", (struct span){0}, "there is no objective to emit");
        diag_hint(&model->diags, diag,
                  model->outputs.count ? "outputs alone have a Jacobian"
                                       : "add `minimize`, `maximize`, `fit` or `residual`");
        return false;
    }
    if (o->lagrangian && model->constraints.count == 0) {
        diag_error(&model->diags, "no-constraints", (struct span){0},
                   "there are no constraints for a Lagrangian");
        return false;
    }
    if (is_identifier(prefix)) return true;
    diag_error(&model->diags, "bad-value", (struct span){0}, "the prefix `%s` is no C identifier", prefix);
    return false;
}

/* ---- Programs ---- */

static struct routine_part *parts(struct making_c *m, size_t count) {
    return ARENA_ARRAY(&m->model->arena, struct routine_part, count + 1);
}

/* What each unknown has in a program: itself, its derivative, its direction or the change of its derivative.
 */
static const struct routine_part *parts_of_unknowns(struct making_c *m,
                                                    array_id (*of)(const struct making_c *, array_id)) {
    size_t count = m->model->unknowns.count;
    struct routine_part *all = parts(m, count);
    for (size_t k = 0; all && k < count; k++)
        all[k] = (struct routine_part){of(m, m->unknowns[k]), m->unknowns[k]};
    return all;
}

static array_id itself(const struct making_c *m, array_id unknown) {
    (void)m;
    return unknown;
}

static array_id derivative(const struct making_c *m, array_id unknown) {
    return gradient_array(&m->gradient, unknown);
}

static array_id direction(const struct making_c *m, array_id unknown) {
    return tangent_direction(&m->product, unknown);
}

static array_id curvature(const struct making_c *m, array_id unknown) {
    array_id gradient = gradient_array(&m->gradient, unknown);
    return gradient ? tangent_array(&m->product, gradient) : 0;
}

static bool make_value(struct making_c *m) {
    return program_prune(&m->value, &m->model->program, &m->model->objective, 1) || out_of_memory(m->model);
}

static bool make_gradient(struct making_c *m) {
    struct gradient_request request = {m->model->objective, m->unknowns, m->model->unknowns.count, false};
    return differentiate(&m->gradient, &m->model->program, &request, &m->model->diags) ||
           out_of_memory(m->model);
}

static bool make_product(struct making_c *m) {
    size_t count = 0;
    array_id *rows = calloc(m->model->unknowns.count + 1, sizeof *rows);
    if (!rows) return out_of_memory(m->model);
    for (size_t k = 0; k < m->model->unknowns.count; k++) {
        array_id gradient = derivative(m, m->unknowns[k]);
        if (gradient) rows[count++] = gradient;
    }
    struct tangent_request request = {rows, count, m->unknowns, m->model->unknowns.count, false};
    bool good = differentiate_along(&m->product, &m->gradient, &request, &m->model->diags);
    free(rows);
    return good || out_of_memory(m->model);
}

/* ---- The Hessian ---- */

static node_id element_count(struct graph *g, const struct array *array) {
    node_id count = mk_int(g, 1);
    for (uint32_t k = 0; k < array->rank; k++) {
        node_id extent = mk_iadd(g, mk_isub(g, array->dims[k].upper, array->dims[k].lower), mk_int(g, 1));
        count = mk_imul(g, count, extent);
    }
    return count;
}

/* Where an array begins among others that stand one after the other. */
static node_id begin_of(const struct making_c *m, const array_id *arrays, array_id array) {
    struct graph *g = &m->model->graph;
    node_id begin = mk_int(g, 0);
    for (size_t k = 0; arrays[k] != array; k++)
        begin = mk_iadd(g, begin, element_count(g, &m->model->program.arrays.at[arrays[k]]));
    return begin;
}

/* What the places of an array of places are added to; 0: it is none. */
static node_id begin_of_places(const struct making_c *m, const struct element_matrix *e, const array_id *rows,
                               array_id array) {
    for (size_t k = 0; k < e->kinds.count; k++) {
        if (e->kinds.at[k].row == array) return begin_of(m, rows, e->kinds.at[k].row_of);
        if (e->kinds.at[k].column == array) return begin_of(m, m->unknowns, e->kinds.at[k].column_of);
    }
    return 0;
}

/* The program of places, counted from the begin of the point and of the rows instead of their arrays. */
static bool place_in_whole(struct making_c *m, const struct element_matrix *e, const array_id *rows,
                           struct program *places) {
    const struct program *p = &e->places;
    program_like(places, p);
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        node_id begin = step->kind == STEP_UPDATE ? begin_of_places(m, e, rows, step->array) : 0;
        if (!begin) {
            program_copy_step(places, p, step);
            continue;
        }
        node_id place = mk_iadd(p->graph, step->value, begin);
        program_update(places, step->array, step_subscripts(p, step), step->op, place, step->span);
    }
    return (!places->failed && !p->graph->failed) || out_of_memory(m->model);
}

bool making_c_elements(struct making_c *m, const struct element_matrix *e, const array_id *rows,
                       struct program *places, struct source_matrix *matrix) {
    *matrix = (struct source_matrix){.values = NULL};
    if (!e->suits) return true;
    struct source_element *all = ARENA_ARRAY(&m->model->arena, struct source_element, e->kinds.count + 1);
    if (!all) return out_of_memory(m->model);
    for (size_t k = 0; k < e->kinds.count; k++) {
        const struct element_kind *kind = &e->kinds.at[k];
        all[k] = (struct source_element){kind->value, kind->row, kind->column};
    }
    *matrix = (struct source_matrix){&e->values, places, all, e->kinds.count};
    return place_in_whole(m, e, rows, places);
}

/* From the gradient, or where that does not suit from that of the objective written out. */
static bool find_elements(struct making_c *m) {
    struct model *model = m->model;
    size_t n = model->unknowns.count;
    struct program written = {0}, gradient = {0};
    struct gradient_request request = {.output = model->objective, .wrt = m->unknowns, .wrt_count = n};
    bool good = elements_of_hessian(&m->elements, &m->gradient, m->unknowns, n, &model->diags);
    if (!good || m->elements.suits) return good;
    elements_release(&m->elements);
    good = program_inline(&written, &model->program, &model->objective, 1, m->unknowns, n) &&
           differentiate(&gradient, &written, &request, &model->diags) &&
           elements_of_hessian(&m->elements, &gradient, m->unknowns, n, &model->diags);
    program_release(&written);
    program_release(&gradient);
    return good;
}

static bool make_hessian(struct making_c *m) {
    return find_elements(m) ? making_c_elements(m, &m->elements, m->unknowns, &m->places, &m->request.hessian)
                            : out_of_memory(m->model);
}

/* ---- Rows of Jacobians ---- */

static bool differentiate_rows(struct making_c *m, size_t which, const array_id *arrays, size_t count) {
    struct model *model = m->model;
    struct tangent_request request = {arrays, count, m->unknowns, model->unknowns.count, false};
    return program_prune(&m->functions[which], &model->program, arrays, count) &&
           differentiate_along(&m->tangents[which], &model->program, &request, &model->diags);
}

static bool make_jacobian(struct making_c *m, size_t which, const array_id *arrays, size_t count,
                          struct source_matrix *matrix) {
    struct model *model = m->model;
    size_t n = model->unknowns.count;
    struct program written = {0};
    bool good =
        program_inline(&written, &model->program, arrays, count, m->unknowns, n) &&
        elements_of_jacobian(&m->jacobians[which], &written, arrays, count, m->unknowns, n, &model->diags);
    program_release(&written);
    return good ? making_c_elements(m, &m->jacobians[which], arrays, &m->jacobian_places[which], matrix)
                : out_of_memory(model);
}

static bool make_rows(struct making_c *m, enum gradc_kind kind, const char *name, const char *title) {
    size_t count = model_count(m->model, kind), unknowns = m->model->unknowns.count;
    size_t which = m->request.rows_count;
    if (count == 0) return true;
    array_id *arrays = ARENA_ARRAY(&m->model->arena, array_id, count + 1);
    struct routine_part *values = parts(m, count), *product = parts(m, count), *along = parts(m, unknowns);
    if (!arrays || !values || !product || !along) return out_of_memory(m->model);
    for (size_t k = 0; k < count; k++) arrays[k] = model_shape(m->model, kind, k)->array;
    if (!differentiate_rows(m, which, arrays, count)) return out_of_memory(m->model);
    const struct program *tangent = &m->tangents[which];
    struct source_matrix jacobian;
    if (!make_jacobian(m, which, arrays, count, &jacobian)) return false;
    for (size_t k = 0; k < count; k++) {
        values[k] = (struct routine_part){arrays[k], arrays[k]};
        product[k] = (struct routine_part){tangent_array(tangent, arrays[k]), arrays[k]};
    }
    for (size_t k = 0; k < unknowns; k++)
        along[k] = (struct routine_part){tangent_direction(tangent, m->unknowns[k]), m->unknowns[k]};
    m->request.rows[m->request.rows_count++] = (struct source_rows){.name = name,
                                                                    .title = title,
                                                                    .function = &m->functions[which],
                                                                    .tangent = tangent,
                                                                    .values = values,
                                                                    .product = product,
                                                                    .direction = along,
                                                                    .count = count,
                                                                    .jacobian = jacobian};
    return true;
}

static bool make_all_rows(struct making_c *m) {
    return make_rows(m, GRADC_OUTPUTS, "outputs", "the outputs") &&
           make_rows(m, GRADC_RESIDUALS, "residuals", "the residuals, times the roots of their weights") &&
           make_rows(m, GRADC_CONSTRAINTS, "constraints", "the constrained expressions");
}

/* ---- The whole ---- */

/* The name without its folder: where a model stands must not show in what is made of it. */
static const char *origin_of(const struct model *model) {
    const struct source *source = source_get(&model->sources, 1);
    const char *slash = source ? strrchr(source->name, '/') : NULL;
    return slash ? slash + 1 : source ? source->name : "a model";
}

static struct span span_of_objective(const struct model *model) {
    return model->program.arrays.at[model->objective].span;
}

static bool make_programs(struct making_c *m, const struct gradc_emit_options *o) {
    bool second = o->hessian || o->hessian_times;
    bool good = (!o->value || make_value(m)) && (!(o->gradient || second) || make_gradient(m)) &&
                (!o->hessian || make_hessian(m));
    m->needs_product = o->hessian_times || (o->hessian && (!m->request.hessian.values || o->self_test));
    return good && (!m->needs_product || make_product(m)) && (!o->jacobian || make_all_rows(m)) &&
           (!o->lagrangian || making_c_lagrangian(m, o->self_test) || out_of_memory(m->model));
}

static bool request_all(struct making_c *m, const struct gradc_emit_options *o) {
    struct source_request *q = &m->request;
    struct model *model = m->model;
    q->point = parts_of_unknowns(m, itself);
    q->unknown_count = model->unknowns.count;
    q->value = o->value ? &m->value : NULL;
    q->gradient = o->gradient ? &m->gradient : NULL;
    q->product = o->hessian_times || (o->hessian && !m->request.hessian.values) ? &m->product : NULL;
    q->wants_product = o->hessian_times;
    q->wants_hessian = o->hessian;
    if (q->gradient) q->derivatives = parts_of_unknowns(m, derivative);
    if (q->product) q->direction = parts_of_unknowns(m, direction);
    if (m->needs_product) m->curvature = parts_of_unknowns(m, curvature);
    q->curvature = m->curvature;
    return !model->arena.failed || out_of_memory(model);
}

/* Computes dear values once, as the strict native code does. */
static bool lower_in_place(struct making_c *m, struct program *p, bool fuse) {
    struct program lowered = {0};
    if (!lower_applies(p)) return true;
    if (!lower_exactly_for_c(&lowered, p, fuse)) {
        program_release(&lowered);
        return out_of_memory(m->model);
    }
    program_release(p);
    *p = lowered;
    return true;
}

/* Rows of a matrix that are computed apart share what they are made of. */
static bool lower_all(struct making_c *m) {
    bool good = lower_in_place(m, &m->value, false) && lower_in_place(m, &m->gradient, false) &&
                lower_in_place(m, &m->product, false) && lower_in_place(m, &m->elements.values, true) &&
                lower_in_place(m, &m->lagrangian_product, false) &&
                lower_in_place(m, &m->lagrangian_elements.values, true);
    for (size_t k = 0; good && k < 3; k++)
        good = lower_in_place(m, &m->functions[k], false) && lower_in_place(m, &m->tangents[k], false) &&
               lower_in_place(m, &m->jacobians[k].values, true);
    return good;
}

bool making_c_begin(struct making_c *m, struct gradc_model *owner, const struct gradc_emit_options *options) {
    struct model *model = owner->model;
    *m = (struct making_c){.model = model, .unknowns = model_unknown_ids(model)};
    const char *prefix = options->prefix ? options->prefix : "model";
    m->request = (struct source_request){.prefix = prefix,
                                         .origin = origin_of(model),
                                         .version = gradc_version(),
                                         .header_name = options->header,
                                         .single = options->single,
                                         .frozen = options->freeze,
                                         .always_workspace = options->workspace,
                                         .model = &model->program,
                                         .binding = &model->binding,
                                         .sources = &model->sources,
                                         .objective = model->objective,
                                         .maximize = model->maximize};
    if (model->objective) m->request.objective_span = span_of_objective(model);
    if (!m->unknowns) return out_of_memory(model);
    bool needs_inputs = options->freeze || options->self_test;
    return check(model, options, prefix) && (!needs_inputs || model_inputs(owner)) &&
           make_programs(m, options) && request_all(m, options) && lower_all(m) &&
           (!options->self_test || making_c_test(m));
}

void making_c_end(struct making_c *m) {
    program_release(&m->value);
    program_release(&m->gradient);
    program_release(&m->product);
    program_release(&m->places);
    making_c_lagrangian_release(m);
    elements_release(&m->elements);
    for (size_t k = 0; k < 3; k++) {
        program_release(&m->jacobian_places[k]);
        elements_release(&m->jacobians[k]);
        program_release(&m->functions[k]);
        program_release(&m->tangents[k]);
    }
    free(m->unknowns);
}

void gradc_emitted_free(struct gradc_emitted *file) {
    free(file->source);
    free(file->header);
    free(file->companion);
    *file = (struct gradc_emitted){.source = NULL};
}

bool gradc_emit_c(struct gradc_model *owner, const struct gradc_emit_options *options,
                  struct gradc_emitted *file) {
    struct making_c m;
    struct stopwatch watch = stopwatch_start();
    struct text source = {0}, header = {0};
    *file = (struct gradc_emitted){.source = NULL};
    bool good = making_c_begin(&m, owner, options) &&
                emit_source(&m.request, &m.model->diags, &source, &header, NULL);
    if (good)
        *file = (struct gradc_emitted){.source = text_copy(text_string(&source)),
                                       .header = text_copy(text_string(&header)),
                                       .size = source.length};
    if (good && (!file->source || !file->header)) {
        gradc_emitted_free(file);
        good = out_of_memory(m.model);
    }
    phase_add(owner, "emit", watch);
    text_free(&source);
    text_free(&header);
    making_c_end(&m);
    return good;
}

size_t gradc_frozen_count(const struct gradc_model *owner) {
    const struct model *model = owner->model;
    size_t count = 0;
    for (array_id a = 1; a < model->program.arrays.count && a < model->binding.array_count; a++) {
        enum array_role role = model->program.arrays.at[a].role;
        if (role == ROLE_PARAM || role == ROLE_COLUMN) count += model->binding.arrays[a].count;
    }
    return count;
}
