#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "sema/checker.h"

/* The bounds of one declared range; `by` -1 turns it round. */
struct declared_range {
    node_id from, to;
    bool down;
};

static bool read_range(struct checker *c, const struct ast_range *range, struct declared_range *read) {
    const char *fixed = c->fixed;
    if (!fixed) c->fixed = "a dimension";
    bool depended = c->depends;
    read->from = range->from ? lower(c, range->from, WANT_INTEGER) : mk_int(c->graph, 1);
    read->to = lower(c, range->to, WANT_INTEGER);
    node_id by = range->by ? lower(c, range->by, WANT_INTEGER) : mk_int(c->graph, 1);
    c->fixed = fixed;
    c->depends = depended;
    read->down = node_is_int(c->graph, by, -1);
    if (read->down || node_is_int(c->graph, by, 1)) return true;
    diag_error(c->diags, "declared-step", range->by->span, "a declared range advances by 1 or -1");
    return false;
}

static void open_range(struct checker *c, const struct ast_range *range, const struct declared_range *read,
                       struct dimensions *dims, struct definition *definition) {
    struct graph *g = c->graph;
    uint32_t k = dims->rank;
    struct span span = range->name ? range->name_span : range->span;
    index_id index = program_index(c->program, range->name ? range->name : "element", span);
    dims->at[k] =
        read->down ? (struct dimension){read->to, read->from} : (struct dimension){read->from, read->to};
    dims->subscripts[k] = mk_index(g, index);
    if (definition) {
        definition->indices[k] = index;
        definition->down[k] = read->down;
    }
    struct step loop = {.index = index,
                        .lower = read->from,
                        .upper = read->to,
                        .by = mk_int(g, read->down ? -1 : 1),
                        .order = ORDER_FREE,
                        .span = range->span};
    bodies_open_loop(&c->bodies, loop);
    dims->rank++;
}

bool open_ranges(struct checker *c, const struct ast_declaration *d, struct dimensions *dims,
                 struct definition *definition) {
    struct declared_range *read = ARENA_ARRAY(c->arena, struct declared_range, d->rank + 1);
    *dims = (struct dimensions){.at = ARENA_ARRAY(c->arena, struct dimension, d->rank + 1),
                                .subscripts = ARENA_ARRAY(c->arena, node_id, d->rank + 1)};
    if (definition) {
        definition->indices = ARENA_ARRAY(c->arena, index_id, d->rank + 1);
        definition->down = ARENA_ARRAY(c->arena, bool, d->rank + 1);
        definition->rank = d->rank;
        if (!definition->indices || !definition->down) return false;
    }
    if (!read || !dims->at || !dims->subscripts) return false;
    for (uint32_t k = 0; k < d->rank; k++)
        if (!read_range(c, &d->dims[k], &read[k])) return false;
    for (uint32_t k = 0; k < d->rank; k++) open_range(c, &d->dims[k], &read[k], dims, definition);
    for (uint32_t k = 0; k < d->rank; k++) {
        if (!d->dims[k].name) continue;
        struct local local = {.name = d->dims[k].name,
                              .span = d->dims[k].name_span,
                              .integer = true,
                              .value = dims->subscripts[k],
                              .level = (uint32_t)(c->bodies.current - d->rank + 1 + k)};
        scope_push(&c->scope, local, c->diags);
    }
    return true;
}

void close_ranges(struct checker *c, uint32_t rank, uint32_t back, size_t locals) {
    for (uint32_t k = 0; k < rank; k++)
        bodies_close(&c->bodies, k + 1 < rank ? bodies_current(&c->bodies)->around : back);
    c->scope.locals.count = locals;
}

array_id new_array(struct checker *c, const char *name, enum array_role role, enum value_type type,
                   const struct dimensions *dims, struct span span) {
    struct array array = {.name = name,
                          .role = role,
                          .type = type,
                          .dims = dims ? dims->at : NULL,
                          .rank = dims ? dims->rank : 0,
                          .span = span};
    return program_array(c->program, array);
}

array_id new_scalar(struct checker *c, const char *name, enum array_role role) {
    struct array array = {.name = name,
                          .role = role,
                          .type = TYPE_REAL,
                          .owner = bodies_current(&c->bodies)->owner,
                          .span = c->graph->here};
    return program_array(c->program, array);
}

static bool extent_of(struct checker *c, const struct dimension *dim, const char *name, struct span span,
                      int64_t *lower, int64_t *extent) {
    int64_t upper;
    if (!evaluate_integer(c, dim->lower, lower) || !evaluate_integer(c, dim->upper, &upper)) return false;
    if (__builtin_sub_overflow(upper, *lower, extent) || __builtin_add_overflow(*extent, 1, extent)) {
        diag_error(c->diags, "too-large", span, "`%s` has more elements than memory can hold", name);
        return false;
    }
    if (*extent >= 0) return true;
    diag_error(c->diags, "negative-extent", span, "`%s` would run from %lld to %lld", name, (long long)*lower,
               (long long)upper);
    return false;
}

bool shape_of(struct checker *c, array_id array, const char *name, struct span span,
              struct model_array *shape) {
    struct array a = *program_array_at(c->program, array);
    int64_t *lower = ARENA_ARRAY(c->arena, int64_t, a.rank + 1);
    int64_t *extent = ARENA_ARRAY(c->arena, int64_t, a.rank + 1);
    *shape = (struct model_array){.name = name,
                                  .array = array,
                                  .rank = a.rank,
                                  .lower = lower,
                                  .extent = extent,
                                  .count = 1,
                                  .span = span};
    if (!lower || !extent) return false;
    for (uint32_t k = 0; k < a.rank; k++) {
        if (!extent_of(c, &a.dims[k], name ? name : a.name, span, &lower[k], &extent[k])) return false;
        if (__builtin_mul_overflow(shape->count, (size_t)extent[k], &shape->count) ||
            shape->count > SIZE_MAX / sizeof(double)) {
            diag_error(c->diags, "too-large", span, "`%s` has more elements than memory can hold",
                       name ? name : a.name);
            return false;
        }
    }
    return true;
}

const char *shape_text(struct checker *c, array_id array) {
    struct model_array shape;
    struct text text = {0};
    if (program_array_at(c->program, array)->rank == 0) return "a number";
    if (!shape_of(c, array, NULL, c->program->arrays.at[array].span, &shape)) return "an array";
    for (uint32_t k = 0; k < shape.rank; k++)
        text_addf(&text, "%s%lld", k ? " x " : "an array of ", (long long)shape.extent[k]);
    text_add(&text, shape.rank == 1 && shape.extent[0] == 1 ? " element" : " elements");
    const char *copy = arena_text(c->arena, text_string(&text), strlen(text_string(&text)));
    text_free(&text);
    return copy ? copy : "an array";
}
