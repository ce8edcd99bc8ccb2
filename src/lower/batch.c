#include "lower/batch.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "ir/rewrite.h"

struct batching {
    const struct program *p;
    struct program *out;
    const struct batch_request *request;
    struct batch_arrays *arrays;
    index_id point;
    array_id *image_of; /* by array of p: what is read and set in its place; 0: itself */
    bool *over_points;  /* by array of p: its image has a subscript more */
    bool *is_cleared;   /* by array of p */
    struct rewriting images;
    bool failed;
};

/* ---- Arrays ---- */

/* An array with a dimension more, over points. */
static array_id add_over_points(struct batching *b, array_id like, const char *name, enum array_role role) {
    struct graph *g = b->out->graph;
    struct array array = b->p->arrays.at[like];
    struct dimension *dims = calloc(array.rank + 1, sizeof *dims);
    b->failed |= !dims;
    if (!dims) return 0;
    if (array.rank) memcpy(dims, array.dims, array.rank * sizeof *dims);
    dims[array.rank] = (struct dimension){mk_int(g, 1), mk_int(g, (int64_t)b->request->most)};
    struct array added = {.name = name,
                          .role = role,
                          .type = TYPE_REAL,
                          .dims = dims,
                          .rank = array.rank + 1,
                          .span = array.span};
    array_id a = program_array(b->out, added);
    free(dims);
    return a;
}

static void stand_for(struct batching *b, array_id array, array_id over_points) {
    b->image_of[array] = over_points;
    b->over_points[array] = true;
    if (!role_is_input(b->p->arrays.at[array].role)) b->out->arrays.at[array].unused = true;
}

static void add_arrays_over_points(struct batching *b) {
    const struct batch_request *request = b->request;
    struct batch_arrays *a = b->arrays;
    struct array count = {.name = "points", .role = ROLE_SIZE, .type = TYPE_INT};
    a->count = program_array(b->out, count);
    a->values = add_over_points(b, request->objective, "values", ROLE_OUTPUT);
    a->points = ARENA_ARRAY(b->p->arena, array_id, request->unknown_count);
    a->partials = ARENA_ARRAY(b->p->arena, array_id, request->unknown_count);
    b->failed |= !a->points || !a->partials;
    for (size_t k = 0; k < request->unknown_count && !b->failed; k++) {
        array_id unknown = request->unknowns[k];
        array_id partial = program_companion(b->p, ROLE_GRADIENT, unknown);
        a->points[k] = add_over_points(b, unknown, b->p->arrays.at[unknown].name, ROLE_PARAM);
        a->partials[k] =
            partial ? add_over_points(b, unknown, b->p->arrays.at[partial].name, ROLE_OUTPUT) : 0;
        stand_for(b, unknown, a->points[k]);
        /* A whole array cannot be cleared at one point. */
        if (partial && !b->is_cleared[partial]) stand_for(b, partial, a->partials[k]);
    }
}

/* What is computed lives in an iteration. */
static void add_locals(struct batching *b) {
    for (array_id a = 1; a < b->p->arrays.count && !b->failed; a++) {
        struct array local = b->p->arrays.at[a];
        if (role_is_input(local.role) || local.unused || local.owner || b->over_points[a]) continue;
        local.role = ROLE_TEMPORARY;
        local.owner = b->point;
        local.of = 0;
        b->image_of[a] = program_array(b->out, local);
        b->out->arrays.at[a].unused = true;
    }
}

/* ---- Expressions ---- */

static node_id image_of_read(struct batching *b, node_id n, const node_id *operands) {
    struct graph *g = b->out->graph;
    array_id array = node_payload(g, n), image = b->image_of[array];
    uint32_t rank = node_count(g, n);
    if (!b->over_points[array]) return graph_intern(g, OP_READ, node_type(g, n), operands, rank, image);
    node_id *subscripts = malloc((rank + 1) * sizeof *subscripts);
    b->failed |= !subscripts;
    if (!subscripts) return n;
    if (rank) memcpy(subscripts, operands, rank * sizeof *subscripts);
    subscripts[rank] = mk_index(g, b->point);
    node_id read = mk_read(g, image, node_type(g, n), subscripts, rank + 1);
    free(subscripts);
    return read;
}

/* The same operations: values keep their bits. */
static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct batching *b = w->context;
    struct graph *g = w->p->graph;
    if (node_op(g, n) == OP_READ && b->image_of[node_payload(g, n)]) return image_of_read(b, n, operands);
    return rewrite_same(w, n, operands, same);
}

/* ---- Steps ---- */

static void write_update(struct batching *b, const struct step *s) {
    array_id array = b->image_of[s->array] ? b->image_of[s->array] : s->array;
    uint32_t rank = b->p->arrays.at[s->array].rank;
    node_id *subscripts = calloc(rank + 1, sizeof *subscripts);
    b->failed |= !subscripts;
    for (uint32_t k = 0; k < rank && subscripts; k++)
        subscripts[k] = rewrite(&b->images, step_subscripts(b->p, s)[k]);
    if (subscripts && b->over_points[s->array]) subscripts[rank] = mk_index(b->out->graph, b->point);
    if (subscripts) program_update(b->out, array, subscripts, s->op, rewrite(&b->images, s->value), s->span);
    free(subscripts);
}

static void write_step(struct batching *b, const struct step *s) {
    struct rewriting *w = &b->images;
    switch (s->kind) {
    case STEP_UPDATE: write_update(b, s); break;
    case STEP_CLEAR:
        program_clear(b->out, b->image_of[s->array] ? b->image_of[s->array] : s->array, rewrite(w, s->value),
                      s->span);
        break;
    case STEP_LOOP:
        program_loop(b->out, s->index, rewrite(w, s->lower), rewrite(w, s->upper), rewrite(w, s->by),
                     s->order, s->span);
        break;
    case STEP_WHEN: program_when(b->out, rewrite(w, s->condition), s->span); break;
    case STEP_END: program_end_when(b->out, rewrite(w, s->condition)); break;
    }
}

/* Sets the elements of an array over points to those of one that lives in the iteration. */
static void write_result(struct batching *b, array_id result, array_id local) {
    struct graph *g = b->out->graph;
    struct array array = b->out->arrays.at[local];
    node_id *subscripts = calloc(array.rank + 1, sizeof *subscripts), one = mk_int(g, 1);
    b->failed |= !subscripts;
    if (!subscripts) return;
    for (uint32_t k = 0; k < array.rank; k++) {
        index_id index = program_index(b->out, "i", array.span);
        subscripts[k] = mk_index(g, index);
        program_loop(b->out, index, array.dims[k].lower, array.dims[k].upper, one, ORDER_FREE, array.span);
    }
    node_id value = mk_read(g, local, TYPE_REAL, subscripts, array.rank);
    subscripts[array.rank] = mk_index(g, b->point);
    program_update(b->out, result, subscripts, UPDATE_SET, value, array.span);
    for (uint32_t k = 0; k < array.rank; k++) program_end(b->out);
    free(subscripts);
}

static void write(struct batching *b) {
    struct graph *g = b->out->graph;
    const struct batch_request *request = b->request;
    const struct batch_arrays *a = b->arrays;
    node_id one = mk_int(g, 1), last = mk_read(g, a->count, TYPE_INT, NULL, 0);
    program_loop(b->out, b->point, one, last, one, ORDER_FREE, (struct span){0});
    for (size_t i = 0; i < b->p->steps.count && !b->failed; i++) write_step(b, &b->p->steps.at[i]);
    write_result(b, a->values, b->image_of[request->objective]);
    for (size_t k = 0; k < request->unknown_count && !b->failed; k++) {
        array_id partial = program_companion(b->p, ROLE_GRADIENT, request->unknowns[k]);
        if (partial && !b->over_points[partial]) write_result(b, a->partials[k], b->image_of[partial]);
    }
    program_end(b->out);
}

bool program_batch(struct program *out, const struct program *p, const struct batch_request *request,
                   struct batch_arrays *arrays) {
    struct batching b = {.p = p, .out = out, .request = request, .arrays = arrays};
    program_like(out, p);
    b.image_of = calloc(p->arrays.count, sizeof *b.image_of);
    b.over_points = calloc(p->arrays.count, sizeof *b.over_points);
    b.is_cleared = calloc(p->arrays.count, sizeof *b.is_cleared);
    b.images = (struct rewriting){.p = out, .image = image, .context = &b};
    b.failed = !b.image_of || !b.over_points || !b.is_cleared;
    for (size_t i = 0; i < p->steps.count && !b.failed; i++)
        if (p->steps.at[i].kind == STEP_CLEAR) b.is_cleared[p->steps.at[i].array] = true;
    if (!b.failed) {
        b.point = program_index(out, "point", (struct span){0});
        add_arrays_over_points(&b);
        add_locals(&b);
    }
    if (!b.failed) write(&b);
    free(b.image_of);
    free(b.over_points);
    free(b.is_cleared);
    rewriting_release(&b.images);
    return !b.failed && !out->failed && !p->graph->failed;
}
