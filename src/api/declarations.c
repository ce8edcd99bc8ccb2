#include <stdlib.h>
#include <string.h>

#include "api/handle.h"

size_t model_count(const struct model *model, enum gradc_kind kind) {
    switch (kind) {
    case GRADC_UNKNOWNS: return model->unknowns.count;
    case GRADC_PARAMS: return model->params.count;
    case GRADC_OUTPUTS: return model->outputs.count;
    case GRADC_RESIDUALS: return model->residuals.count;
    case GRADC_CONSTRAINTS: break;
    }
    return model->constraints.count;
}

const struct model_array *model_shape(const struct model *model, enum gradc_kind kind, size_t k) {
    switch (kind) {
    case GRADC_UNKNOWNS: return &model->unknowns.at[k].shape;
    case GRADC_PARAMS: return &model->params.at[k];
    case GRADC_OUTPUTS: return &model->outputs.at[k];
    case GRADC_RESIDUALS: return &model->residuals.at[k].shape;
    case GRADC_CONSTRAINTS: break;
    }
    return &model->constraints.at[k].shape;
}

array_id *model_unknown_ids(const struct model *model) {
    array_id *ids = calloc(model->unknowns.count + 1, sizeof *ids);
    for (size_t k = 0; ids && k < model->unknowns.count; k++) ids[k] = model->unknowns.at[k].shape.array;
    return ids;
}

char *text_copy(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

size_t gradc_count(const struct gradc_model *model, enum gradc_kind kind) {
    return model_count(model->model, kind);
}

struct gradc_array gradc_array_at(const struct gradc_model *model, enum gradc_kind kind, size_t k) {
    const struct model_array *shape = model_shape(model->model, kind, k);
    return (struct gradc_array){
        .name = shape->name,
        .rank = shape->rank,
        .lower = shape->lower,
        .extent = shape->extent,
        .count = shape->count,
        .offset = kind == GRADC_UNKNOWNS ? model->model->unknowns.at[k].offset : 0,
    };
}

size_t gradc_find(const struct gradc_model *model, enum gradc_kind kind, const char *name) {
    for (size_t k = 0; k < model_count(model->model, kind); k++) {
        const char *known = model_shape(model->model, kind, k)->name;
        if (known && strcmp(known, name) == 0) return k;
    }
    return SIZE_MAX;
}

/* The subscript of an element in one dimension. */
static long long subscript(const struct gradc_array *array, size_t element, size_t dimension) {
    for (size_t k = array->rank - 1; k > dimension; k--) element /= (size_t)array->extent[k];
    return (long long)array->lower[dimension] + (long long)(element % (size_t)array->extent[dimension]);
}

char *gradc_element_name(const struct gradc_array *array, size_t element) {
    struct text text = {0};
    text_add(&text, array->name ? array->name : "");
    for (size_t k = 0; k < array->rank; k++)
        text_addf(&text, "%s%lld", k ? "," : "[", subscript(array, element, k));
    if (array->rank) text_add(&text, "]");
    char *name = text.failed ? NULL : text_copy(text_string(&text));
    text_free(&text);
    return name;
}

size_t gradc_dimension(const struct gradc_model *model) {
    return model->model->dimension;
}
const double *gradc_start(const struct gradc_model *model) {
    model_inputs(model);
    return model->model->start;
}
const bool *gradc_start_outside(const struct gradc_model *model) {
    model_inputs(model);
    return model->model->outside;
}
const double *gradc_lower(const struct gradc_model *model) {
    model_inputs(model);
    return model->model->lower;
}
const double *gradc_upper(const struct gradc_model *model) {
    model_inputs(model);
    return model->model->upper;
}
bool gradc_has_objective(const struct gradc_model *model) {
    return model->model->objective != 0;
}
bool gradc_maximizes(const struct gradc_model *model) {
    return model->model->maximize;
}
bool gradc_is_least_squares(const struct gradc_model *model) {
    return model->model->least_squares;
}

struct stopwatch stopwatch_start(void) {
    struct stopwatch watch;
    clock_gettime(CLOCK_MONOTONIC, &watch.began);
    return watch;
}

struct gradc_phase *phase_add(const struct gradc_model *model, const char *name, struct stopwatch watch) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return phase_add_seconds(model, name,
                             (double)(now.tv_sec - watch.began.tv_sec) +
                                 1e-9 * (double)(now.tv_nsec - watch.began.tv_nsec));
}

struct gradc_phase *phase_add_seconds(const struct gradc_model *model, const char *name, double seconds) {
    struct progress *done = model->progress;
    size_t k = 0;
    while (k < done->phases.count && strcmp(done->phases.at[k].name, name) != 0) k++;
    if (k == done->phases.count && !VEC_PUSH(&done->phases, (struct gradc_phase){.name = name})) return NULL;
    done->phases.at[k].seconds += seconds;
    return &done->phases.at[k];
}

size_t gradc_phase_count(const struct gradc_model *model) {
    return model->progress->phases.count;
}

struct gradc_phase gradc_phase_at(const struct gradc_model *model, size_t k) {
    return model->progress->phases.at[k];
}
