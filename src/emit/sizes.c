#include "emit/sizes.h"

#include "eval/interval.h"
#include "ir/build.h"

static node_id element_count(struct program *p, const struct array *a, bool moving) {
    struct graph *g = p->graph;
    node_id count = mk_int(g, 1);
    for (uint32_t k = 0; k < a->rank; k++) {
        node_id extent = mk_iadd(g, mk_isub(g, a->dims[k].upper, a->dims[k].lower), mk_int(g, 1));
        /* A fixed dimension that is negative is an error of the data. */
        count = mk_imul(g, count, moving ? mk_imax(g, extent, mk_int(g, 0)) : extent);
    }
    return count;
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

array_id sizes_add(struct program *out, const struct program *p, array_id array) {
    struct span nowhere = {0};
    array_id size = program_array(out, (struct array){.name = "size", .role = ROLE_OUTPUT, .type = TYPE_INT});
    const struct array *sized = program_array_at(p, array);
    bool moving = array_is_moving(p, array);
    node_id count = element_count(out, sized, moving);
    if (moving) {
        program_clear(out, size, mk_int(out->graph, 0), nowhere);
        uint32_t loops = open_loops(out, p, sized->owner);
        program_update(out, size, NULL, UPDATE_MAX, count, nowhere);
        while (loops-- > 0) program_end(out);
    } else {
        program_update(out, size, NULL, UPDATE_SET, count, nowhere);
    }
    return out->failed || out->graph->failed ? 0 : size;
}
