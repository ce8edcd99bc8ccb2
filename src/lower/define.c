#include "lower/define.h"

#include <stdlib.h>

#include "support/vec.h"

/* What is done to an array. */
struct uses {
    unsigned clears, updates;
    bool defined; /* the only update adds to each element once */
};

struct defining {
    const struct program *p;
    struct uses *uses;  /* by array */
    VEC(uint32_t) open; /* steps of the loops and conditions around */
};

/* Whether a loop runs over all of a dimension, upwards or downwards. */
static bool runs_over(const struct graph *g, const struct step *loop, const struct dimension *d) {
    bool up = loop->lower == d->lower && loop->upper == d->upper && node_is_int(g, loop->by, 1);
    bool down = loop->lower == d->upper && loop->upper == d->lower && node_is_int(g, loop->by, -1);
    return up || down;
}

static const struct step *loop_over(const struct defining *d, index_id index) {
    for (size_t k = 0; k < d->open.count; k++) {
        const struct step *s = &d->p->steps.at[d->open.at[k]];
        if (s->kind == STEP_LOOP && s->index == index) return s;
    }
    return NULL;
}

/* Whether the update reaches each element once: as many loops as subscripts, each over one dimension. */
static bool reaches_all_once(const struct defining *d, const struct step *update) {
    const struct graph *g = d->p->graph;
    const struct array *array = program_array_at(d->p, update->array);
    bool ordered = false;
    if (array->rank == 0 || array->owner || d->open.count != array->rank) return false;
    for (uint32_t k = 0; k < array->rank; k++) {
        node_id subscript = step_subscripts(d->p, update)[k];
        const struct step *loop =
            node_op(g, subscript) == OP_INDEX ? loop_over(d, node_payload(g, subscript)) : NULL;
        if (!loop || !runs_over(g, loop, &array->dims[k])) return false;
        if (d->p->steps.at[loop->partner].condition) return false;
        for (uint32_t j = 0; j < k; j++)
            if (step_subscripts(d->p, update)[j] == subscript) return false;
        ordered |= loop->order != ORDER_FREE;
    }
    return ordered;
}

static void note(struct defining *d, const struct step *s) {
    struct uses *uses = &d->uses[s->array];
    if (s->kind == STEP_CLEAR) uses->clears += d->open.count == 0 ? 1 : 2;
    if (s->kind != STEP_UPDATE) return;
    uses->updates++;
    uses->defined = s->op == UPDATE_ADD && reaches_all_once(d, s);
}

static void note_all(struct defining *d) {
    for (uint32_t i = 0; i < d->p->steps.count && !d->open.failed; i++) {
        const struct step *s = &d->p->steps.at[i];
        if (s->kind == STEP_END) d->open.count--;
        note(d, s);
        if (s->kind == STEP_LOOP || s->kind == STEP_WHEN) VEC_PUSH(&d->open, i);
    }
}

bool program_define(struct program *out, const struct program *p) {
    struct defining d = {.p = p, .uses = calloc(p->arrays.count, sizeof *d.uses)};
    program_like(out, p);
    if (d.uses) note_all(&d);
    for (size_t i = 0; d.uses && i < p->steps.count && !out->failed; i++) {
        struct step s = p->steps.at[i];
        const struct uses *uses = &d.uses[s.array];
        bool defined = uses->clears == 1 && uses->updates == 1 && uses->defined;
        if (defined && s.kind == STEP_CLEAR) continue;
        if (defined && s.kind == STEP_UPDATE) s.op = UPDATE_SET;
        program_copy_step(out, p, &s);
    }
    bool done = d.uses && !d.open.failed && !out->failed;
    VEC_FREE(&d.open);
    free(d.uses);
    return done;
}
