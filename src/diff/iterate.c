#include "diff/iterate.h"

#include <stdlib.h>

#include "diff/gradient.h"
#include "ir/build.h"
#include "ir/rewrite.h"

struct iterating {
    const struct program *p;
    struct program *out;
    const array_id *unknowns;
    size_t count, most;
    struct iteration_arrays *arrays;
    index_id step;
    node_id before;     /* step - 1 */
    array_id *local_of; /* by array of p: what stands for it in an iteration; 0: itself */
    node_id *point_of;  /* by array of p: of an unknown its element of the point before; 0: none */
    struct rewriting images;
    bool failed;
};

bool iterate_applies(const struct program *gradient, const array_id *unknowns, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (gradient->arrays.at[unknowns[k]].rank > 0) return false;
    for (size_t i = 0; i < gradient->steps.count; i++) {
        const struct step *s = &gradient->steps.at[i];
        bool plain = s->kind == STEP_UPDATE || s->kind == STEP_CLEAR;
        if (!plain || gradient->arrays.at[s->array].rank > 0) return false;
    }
    return count > 0;
}

static array_id add_array(struct iterating *it, const char *name, enum array_role role, bool from_0) {
    struct graph *g = it->out->graph;
    struct dimension range = {mk_int(g, from_0 ? 0 : 1), mk_int(g, (int64_t)it->most)};
    struct array array = {.name = name, .role = role, .type = TYPE_REAL, .dims = &range, .rank = 1};
    return program_array(it->out, array);
}

static void add_arrays(struct iterating *it) {
    struct iteration_arrays *a = it->arrays;
    struct array rate = {.name = "rate", .role = ROLE_PARAM, .type = TYPE_REAL};
    struct array steps = {.name = "steps", .role = ROLE_SIZE, .type = TYPE_INT};
    a->rate = program_array(it->out, rate);
    a->steps = program_array(it->out, steps);
    a->values = add_array(it, "values", ROLE_OUTPUT, false);
    a->moves = ARENA_ARRAY(it->p->arena, array_id, it->count);
    a->points = ARENA_ARRAY(it->p->arena, array_id, it->count);
    it->failed |= !a->moves || !a->points;
    for (size_t k = 0; k < it->count && !it->failed; k++) {
        a->moves[k] = add_array(it, "moves", ROLE_OUTPUT, false);
        a->points[k] = add_array(it, "points", ROLE_OUTPUT, true);
    }
}

/* What is computed in an iteration lives in it. */
static void add_locals(struct iterating *it) {
    for (size_t i = 0; i < it->p->steps.count && !it->failed; i++) {
        array_id array = it->p->steps.at[i].array;
        struct array local = it->p->arrays.at[array];
        if (it->local_of[array]) continue;
        local.role = ROLE_TEMPORARY;
        local.owner = it->step;
        local.of = 0;
        it->local_of[array] = program_array(it->out, local);
    }
}

static node_id image_of_read(struct iterating *it, node_id n) {
    array_id array = node_payload(it->p->graph, n);
    if (it->point_of[array]) return it->point_of[array];
    return it->local_of[array]
               ? mk_read(it->out->graph, it->local_of[array], node_type(it->p->graph, n), NULL, 0)
               : n;
}

/* The same operations: values keep their bits. */
static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct graph *g = w->p->graph;
    if (node_op(g, n) == OP_READ && node_count(g, n) == 0) return image_of_read(w->context, n);
    return same ? n
                : graph_intern(g, node_op(g, n), node_type(g, n), operands, node_count(g, n),
                               node_payload(g, n));
}

static void write_body(struct iterating *it, array_id objective) {
    struct graph *g = it->out->graph;
    struct iteration_arrays *a = it->arrays;
    node_id here = mk_index(g, it->step), rate = mk_read(g, a->rate, TYPE_REAL, NULL, 0);
    struct span none = {0};
    for (size_t i = 0; i < it->p->steps.count; i++) {
        const struct step *s = &it->p->steps.at[i];
        if (s->kind == STEP_CLEAR)
            program_clear(it->out, it->local_of[s->array], rewrite(&it->images, s->value), s->span);
        else
            program_update(it->out, it->local_of[s->array], NULL, s->op, rewrite(&it->images, s->value),
                           s->span);
    }
    program_update(it->out, a->values, &here, UPDATE_SET,
                   mk_read(g, it->local_of[objective], TYPE_REAL, NULL, 0), none);
    for (size_t k = 0; k < it->count; k++) {
        array_id derivative = gradient_array(it->p, it->unknowns[k]);
        array_id local = derivative ? it->local_of[derivative] : 0;
        node_id slope = local ? mk_read(g, local, TYPE_REAL, NULL, 0) : mk_zero(g);
        program_update(it->out, a->moves[k], &here, UPDATE_SET, mk_mul(g, rate, slope), none);
        node_id move = mk_read(g, a->moves[k], TYPE_REAL, &here, 1);
        program_update(it->out, a->points[k], &here, UPDATE_SET,
                       mk_add(g, it->point_of[it->unknowns[k]], mk_neg(g, move)), none);
    }
}

static void write(struct iterating *it, array_id objective) {
    struct graph *g = it->out->graph;
    struct span none = {0};
    node_id zero = mk_int(g, 0), one = mk_int(g, 1);
    for (size_t k = 0; k < it->count; k++)
        program_update(it->out, it->arrays->points[k], &zero, UPDATE_SET,
                       mk_read(g, it->unknowns[k], TYPE_REAL, NULL, 0), none);
    program_loop(it->out, it->step, one, mk_read(g, it->arrays->steps, TYPE_INT, NULL, 0), one, ORDER_UP,
                 none);
    write_body(it, objective);
    program_end(it->out);
}

bool program_iterate(struct program *out, const struct program *gradient, array_id objective,
                     const array_id *unknowns, size_t count, size_t most, struct iteration_arrays *arrays) {
    struct graph *g = gradient->graph;
    size_t room = gradient->arrays.count + 1;
    struct iterating it = {
        .p = gradient, .out = out, .unknowns = unknowns, .count = count, .most = most, .arrays = arrays};
    program_like(out, gradient);
    it.local_of = calloc(room, sizeof *it.local_of);
    it.point_of = calloc(room, sizeof *it.point_of);
    it.images = (struct rewriting){.p = out, .image = image, .context = &it};
    it.failed = !it.local_of || !it.point_of;
    if (!it.failed) {
        it.step = program_index(out, "k", (struct span){0});
        it.before = mk_iadd(g, mk_index(g, it.step), mk_int(g, -1));
        add_arrays(&it);
    }
    for (size_t k = 0; k < count && !it.failed; k++)
        it.point_of[unknowns[k]] = mk_read(g, arrays->points[k], TYPE_REAL, &it.before, 1);
    if (!it.failed) add_locals(&it);
    if (!it.failed) write(&it, objective);
    free(it.local_of);
    free(it.point_of);
    rewriting_release(&it.images);
    return !it.failed && !out->failed && !g->failed;
}
