#include "emit/sizes.h"

#include "eval/interval.h"
#include "ir/build.h"
#include "schedule/code.h"

enum { LONG_ROW = 32 }; /* of single numbers */

bool sizes_needs_storage(const struct program *p, array_id array) {
    const struct array *a = program_array_at(p, array);
    return !a->unused && !role_is_input(a->role) && !code_is_local(p, array);
}

static node_id element_count(struct program *p, array_id array) {
    struct graph *g = p->graph;
    const struct array *a = program_array_at(p, array);
    node_id count = mk_int(g, 1);
    for (uint32_t k = 0; k < a->rank; k++) {
        node_id extent = mk_iadd(g, mk_isub(g, a->dims[k].upper, a->dims[k].lower), mk_int(g, 1));
        count = mk_imul(g, count, mk_imax(g, extent, mk_int(g, 0)));
    }
    return count;
}

static void add_size(struct program *out, array_id sizes, array_id array) {
    node_id place = mk_int(out->graph, (int64_t)array), count = element_count(out, array);
    program_update(out, sizes, &place, UPDATE_MAX, count, (struct span){0});
}

/* The loops around the body that owns an array, opened one in the other; gives how many. */
static uint32_t open_loops(struct program *out, const struct program *p, index_id owner) {
    VEC(uint32_t) open = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        if (step->kind == STEP_END) open.count--;
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) VEC_PUSH(&open, i);
        if (step->kind != STEP_LOOP || step->index != owner) continue;
        for (size_t k = 0; k < open.count; k++) {
            const struct step *loop = &p->steps.at[open.at[k]];
            if (loop->kind != STEP_LOOP) continue;
            program_loop(out, loop->index, loop->lower, loop->upper, loop->by, ORDER_FREE, loop->span);
            count++;
        }
        break;
    }
    if (open.failed) out->failed = true;
    VEC_FREE(&open);
    return count;
}

/* The first array behind those from `a` on that are single numbers. */
static array_id end_of_scalars(const struct program *p, array_id a) {
    while (a < p->arrays.count && p->arrays.at[a].rank == 0) a++;
    return a;
}

/* Many single numbers in a row by a loop. */
static void add_scalars(struct program *out, array_id sizes, array_id first, array_id end) {
    struct graph *g = out->graph;
    struct span nowhere = {0};
    node_id one = mk_int(g, 1);
    index_id index = program_index(out, "k", nowhere);
    node_id place = mk_index(g, index);
    program_loop(out, index, mk_int(g, (int64_t)first), mk_int(g, (int64_t)end - 1), one, ORDER_FREE,
                 nowhere);
    program_update(out, sizes, &place, UPDATE_MAX, one, nowhere);
    program_end(out);
}

array_id sizes_program(struct program *out, const struct program *p) {
    program_like(out, p);
    struct dimension dim = {mk_int(p->graph, 0), mk_int(p->graph, (int64_t)p->arrays.count - 1)};
    struct array array = {.name = "sizes", .role = ROLE_OUTPUT, .type = TYPE_INT, .dims = &dim, .rank = 1};
    array_id sizes = program_array(out, array);
    program_clear(out, sizes, mk_int(p->graph, 0), (struct span){0});
    for (array_id a = 1; a < p->arrays.count; a++) {
        array_id end = end_of_scalars(p, a);
        if (end - a >= LONG_ROW) {
            add_scalars(out, sizes, a, end);
            a = end - 1;
            continue;
        }
        if (!sizes_needs_storage(p, a) && p->arrays.at[a].role != ROLE_UNKNOWN) continue;
        uint32_t loops = array_is_moving(p, a) ? open_loops(out, p, p->arrays.at[a].owner) : 0;
        add_size(out, sizes, a);
        while (loops-- > 0) program_end(out);
    }
    return out->failed || p->graph->failed ? 0 : sizes;
}
