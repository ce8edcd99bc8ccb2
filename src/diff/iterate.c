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
    array_id *local_of; /* by array of p: what stands for it in an iteration; 0: itself */
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

static array_id add_input(struct iterating *it, const char *name) {
    return program_array(it->out, (struct array){.name = name, .role = ROLE_PARAM, .type = TYPE_REAL});
}

static void add_arrays(struct iterating *it) {
    struct iteration_arrays *a = it->arrays;
    struct array steps = {.name = "steps", .role = ROLE_SIZE, .type = TYPE_INT};
    struct array taken = {.name = "taken", .role = ROLE_OUTPUT, .type = TYPE_INT};
    a->rate = add_input(it, "rate");
    a->advance = add_input(it, "advance");
    a->shortest = add_input(it, "shortest");
    a->longest = add_input(it, "longest");
    a->highest = add_input(it, "highest");
    a->steps = program_array(it->out, steps);
    a->taken = program_array(it->out, taken);
    a->values = add_array(it, "values", ROLE_OUTPUT, false);
    a->moves = ARENA_ARRAY(it->p->arena, array_id, it->count);
    a->points = ARENA_ARRAY(it->p->arena, array_id, it->count);
    it->failed |= !a->moves || !a->points;
    for (size_t k = 0; k < it->count && !it->failed; k++) {
        a->moves[k] = add_array(it, "moves", ROLE_OUTPUT, false);
        a->points[k] = add_array(it, "points", ROLE_OUTPUT, true);
    }
}

static void add_local(struct iterating *it, array_id array) {
    struct array local = it->p->arrays.at[array];
    if (it->local_of[array]) return;
    local.role = ROLE_TEMPORARY;
    local.owner = it->step;
    local.of = 0;
    it->local_of[array] = program_array(it->out, local);
}

/* What is computed in an iteration lives in it, and so does the point it begins at. */
static void add_locals(struct iterating *it) {
    for (size_t k = 0; k < it->count; k++) add_local(it, it->unknowns[k]);
    for (size_t i = 0; i < it->p->steps.count && !it->failed; i++) add_local(it, it->p->steps.at[i].array);
}

static node_id local_value(struct iterating *it, array_id array) {
    return mk_read(it->out->graph, it->local_of[array], it->p->arrays.at[array].type, NULL, 0);
}

/* The same operations: values keep their bits. */
static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct graph *g = w->p->graph;
    struct iterating *it = w->context;
    if (node_op(g, n) == OP_READ && node_count(g, n) == 0 && it->local_of[node_payload(g, n)])
        return local_value(it, node_payload(g, n));
    return rewrite_same(w, n, operands, same);
}

/* The steps of the gradient program. */
static void write_gradient(struct iterating *it) {
    for (size_t i = 0; i < it->p->steps.count; i++) {
        const struct step *s = &it->p->steps.at[i];
        node_id value = rewrite(&it->images, s->value);
        if (s->kind == STEP_CLEAR)
            program_clear(it->out, it->local_of[s->array], value, s->span);
        else
            program_update(it->out, it->local_of[s->array], NULL, s->op, value, s->span);
    }
}

static node_id input(struct iterating *it, array_id array) {
    return mk_read(it->out->graph, array, TYPE_REAL, NULL, 0);
}

static node_id slope_times(struct iterating *it, size_t k, array_id rate) {
    array_id derivative = gradient_array(it->p, it->unknowns[k]);
    bool moves = derivative && it->local_of[derivative];
    return mk_mul(it->out->graph, input(it, rate),
                  moves ? local_value(it, derivative) : mk_zero(it->out->graph));
}

static node_id move_of(struct iterating *it, size_t k) {
    return slope_times(it, k, it->arrays->rate);
}

/* Whether a step has to be looked at: the value or a move is too large, or no number, or all moves are too
 * small. */
static node_id is_special(struct iterating *it, array_id objective) {
    struct graph *g = it->out->graph;
    const struct iteration_arrays *a = it->arrays;
    node_id plain = mk_le(g, mk_call1(g, OP_ABS, local_value(it, objective)), input(it, a->highest));
    node_id far = mk_bool(g, false);
    for (size_t k = 0; k < it->count; k++) {
        node_id size = mk_call1(g, OP_ABS, move_of(it, k));
        plain = mk_and(g, plain, mk_le(g, size, input(it, a->longest)));
        far = mk_or(g, far, mk_lt(g, input(it, a->shortest), size));
    }
    return mk_not(g, mk_and(g, plain, far));
}

static void write_body(struct iterating *it, array_id objective) {
    struct graph *g = it->out->graph;
    const struct iteration_arrays *a = it->arrays;
    node_id here = mk_index(g, it->step), before = mk_iadd(g, here, mk_int(g, -1));
    struct span none = {0};
    for (size_t k = 0; k < it->count; k++)
        program_update(it->out, it->local_of[it->unknowns[k]], NULL, UPDATE_SET,
                       mk_read(g, a->points[k], TYPE_REAL, &before, 1), none);
    write_gradient(it);
    program_update(it->out, a->values, &here, UPDATE_SET, local_value(it, objective), none);
    for (size_t k = 0; k < it->count; k++) {
        program_update(it->out, a->moves[k], &here, UPDATE_SET, move_of(it, k), none);
        node_id next = mk_add(g, local_value(it, it->unknowns[k]), slope_times(it, k, a->advance));
        program_update(it->out, a->points[k], &here, UPDATE_SET, next, none);
    }
    program_update(it->out, a->taken, NULL, UPDATE_ADD, mk_int(g, 1), none);
}

static void write(struct iterating *it, array_id objective) {
    struct graph *g = it->out->graph;
    struct span none = {0};
    node_id zero = mk_int(g, 0), one = mk_int(g, 1);
    node_id steps = mk_read(g, it->arrays->steps, TYPE_INT, NULL, 0);
    for (size_t k = 0; k < it->count; k++)
        program_update(it->out, it->arrays->points[k], &zero, UPDATE_SET,
                       mk_read(g, it->unknowns[k], TYPE_REAL, NULL, 0), none);
    program_clear(it->out, it->arrays->taken, zero, none);
    program_loop(it->out, it->step, one, steps, one, ORDER_UP, none);
    write_body(it, objective);
    program_end_when(it->out, is_special(it, objective));
}

bool program_iterate(struct program *out, const struct program *gradient, array_id objective,
                     const array_id *unknowns, size_t count, size_t most, struct iteration_arrays *arrays) {
    struct graph *g = gradient->graph;
    size_t room = gradient->arrays.count + 1;
    struct iterating it = {
        .p = gradient, .out = out, .unknowns = unknowns, .count = count, .most = most, .arrays = arrays};
    program_like(out, gradient);
    it.local_of = calloc(room, sizeof *it.local_of);
    it.images = (struct rewriting){.p = out, .image = image, .context = &it};
    it.failed = !it.local_of;
    if (!it.failed) {
        it.step = program_index(out, "k", (struct span){0});
        add_arrays(&it);
    }
    if (!it.failed) add_locals(&it);
    if (!it.failed) write(&it, objective);
    free(it.local_of);
    rewriting_release(&it.images);
    return !it.failed && !out->failed && !g->failed;
}
