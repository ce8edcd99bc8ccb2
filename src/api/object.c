#include "jit/object.h"

#include <stdlib.h>
#include <string.h>

#include "api/emit.h"
#include "api/handle.h"

enum { MOST_FUNCTIONS = 3 };

/* An object file while it is being made. */
struct making_object {
    struct making_c c;
    struct binding bindings[MOST_FUNCTIONS];
    struct object_function functions[MOST_FUNCTIONS];
    size_t count, bound;
};

static bool bind(struct making_object *m, const struct program *p, double *point) {
    struct model *model = m->c.model;
    struct binding *b = &m->bindings[m->bound];
    if (!binding_init(b, p)) return false;
    m->bound++;
    binding_share_inputs(b, &model->binding);
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        binding_set_real(b, u->shape.array, point + u->offset, u->shape.count);
    }
    return binding_allocate(b, &model->diags);
}

/* One part for each unknown. */
static struct object_vector vector_of(struct making_object *m, const struct routine_part *parts,
                                      bool is_result) {
    const struct model *model = m->c.model;
    size_t count = model->unknowns.count;
    struct object_part *all = ARENA_ARRAY(&m->c.model->arena, struct object_part, count + 1);
    for (size_t k = 0; all && k < count; k++)
        all[k] = (struct object_part){parts[k].array, model->unknowns.at[k].shape.count};
    return (struct object_vector){all, all ? count : 0, is_result};
}

static bool add(struct making_object *m, const char *name, const struct program *p, array_id returned,
                const struct routine_part *argument, const struct routine_part *result) {
    struct object_function *f = &m->functions[m->count++];
    *f = (struct object_function){.program = p, .returned = returned, .binding = &m->bindings[m->bound]};
    f->name = arena_format(&m->c.model->arena, "%s_%s", m->c.request.prefix, name);
    f->vectors[f->vector_count++] = vector_of(m, m->c.request.point, false);
    if (argument) f->vectors[f->vector_count++] = vector_of(m, argument, false);
    if (result) f->vectors[f->vector_count++] = vector_of(m, result, true);
    return bind(m, p, m->c.model->start);
}

static bool add_all(struct making_object *m) {
    const struct source_request *q = &m->c.request;
    return (!q->value || add(m, "value", q->value, q->objective, NULL, NULL)) &&
           (!q->gradient || add(m, "gradient", q->gradient, q->objective, NULL, q->derivatives)) &&
           (!q->product || add(m, "hessian_times", q->product, 0, q->direction, q->curvature));
}

static bool make(struct making_object *m, const struct gradc_object_options *object, struct text *bytes,
                 struct text *header) {
    struct model *model = m->c.model;
    struct text source = {0};
    size_t workspace = 0;
    struct object_request request = {.prefix = m->c.request.prefix,
                                     .functions = m->functions,
                                     .function_count = m->count,
                                     .dimension = model->dimension,
                                     .triple = object->triple,
                                     .cpu = object->cpu,
                                     .format = (enum object_format)object->format};
    m->c.request.workspace = &workspace;
    bool good = object_make(&request, bytes, &workspace, &model->diags) &&
                emit_source(&m->c.request, &model->diags, &source, header, NULL);
    text_free(&source);
    return good;
}

static bool give(const struct text *bytes, const struct text *header, struct gradc_emitted *file) {
    *file = (struct gradc_emitted){malloc(bytes->length + 1), text_copy(text_string(header)), bytes->length};
    if (file->source && file->header) {
        memcpy(file->source, text_string(bytes), bytes->length + 1);
        return true;
    }
    free(file->source);
    free(file->header);
    *file = (struct gradc_emitted){NULL, NULL, 0};
    return false;
}

bool gradc_emit_object(struct gradc_model *owner, const struct gradc_emit_options *options,
                       const struct gradc_object_options *object, struct gradc_emitted *file) {
    struct making_object m = {.count = 0};
    struct stopwatch watch = stopwatch_start();
    struct text bytes = {0}, header = {0};
    struct gradc_emit_options frozen = {.prefix = options->prefix,
                                        .value = options->value,
                                        .gradient = options->gradient,
                                        .hessian_times = options->hessian_times,
                                        .freeze = true};
    *file = (struct gradc_emitted){NULL, NULL, 0};
    bool good = making_c_begin(&m.c, owner, &frozen) && add_all(&m) && make(&m, object, &bytes, &header) &&
                give(&bytes, &header, file);
    if (!good && !diag_has_errors(&owner->model->diags))
        diag_error(&owner->model->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    phase_add(owner, "emit", watch);
    for (size_t k = 0; k < m.bound; k++) binding_release(&m.bindings[k]);
    making_c_end(&m.c);
    text_free(&bytes);
    text_free(&header);
    return good;
}
