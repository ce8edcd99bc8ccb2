#include "diff/extrema.h"

#include <stdlib.h>

#include "ir/build.h"

struct counter {
    struct program *out;
    const struct program *p;
    array_id *ties_of;
    uint32_t *cleared;    /* by array: the last clear */
    VEC(uint32_t) open;   /* steps around the current one */
    VEC(uint32_t) counts; /* first and last step of each count, in the result */
};

static bool is_extremum(const struct counter *c, const struct step *step) {
    return step->kind == STEP_UPDATE && (step->op == UPDATE_MAX || step->op == UPDATE_MIN) &&
           !c->p->arrays.at[step->array].constant_in_derivatives;
}

static void make_ties(struct counter *c) {
    for (size_t i = 0; i < c->p->steps.count; i++) {
        const struct step *step = &c->p->steps.at[i];
        if (!is_extremum(c, step) || c->ties_of[step->array]) continue;
        struct array ties = c->p->arrays.at[step->array];
        ties.name = arena_format(c->p->arena, "%s_ties", ties.name);
        ties.role = ROLE_TEMPORARY;
        ties.of = 0;
        c->ties_of[step->array] = program_array(c->out, ties);
    }
}

/* Whether the array is local to a loop that begins within begin..end: such values are needed to form the
 * element. */
static bool is_inner(const struct counter *c, array_id array, uint32_t begin, uint32_t end) {
    index_id owner = c->p->arrays.at[array].owner;
    for (uint32_t i = begin; owner && i <= end; i++) {
        if (c->p->steps.at[i].kind == STEP_LOOP && c->p->steps.at[i].index == owner) return true;
    }
    return false;
}

static node_id read_target(const struct counter *c, array_id array, const struct step *step) {
    struct graph *g = c->p->graph;
    return mk_read(g, array, TYPE_REAL, step_subscripts(c->p, step), c->p->arrays.at[step->array].rank);
}

static void repeat_update(struct counter *c, const struct step *step, array_id extremum, uint32_t begin,
                          uint32_t end) {
    struct graph *g = c->p->graph;
    if (step->array == extremum) {
        node_id equal = mk_eq(g, step->value, read_target(c, extremum, step));
        program_update(c->out, c->ties_of[extremum], step_subscripts(c->p, step), UPDATE_ADD,
                       mk_select(g, equal, mk_one(g), mk_zero(g)), step->span);
    } else if (is_inner(c, step->array, begin, end)) {
        program_update(c->out, step->array, step_subscripts(c->p, step), step->op, step->value, step->span);
    }
}

/* Repeats the steps begin..end as a count of ties of one array. */
static void repeat(struct counter *c, array_id extremum, uint32_t begin, uint32_t end) {
    program_clear(c->out, c->ties_of[extremum], mk_zero(c->p->graph), c->p->steps.at[begin].span);
    for (uint32_t i = begin; i <= end; i++) {
        const struct step *step = &c->p->steps.at[i];
        if (step->kind == STEP_LOOP)
            program_loop(c->out, step->index, step->lower, step->upper, step->by, step->order, step->span);
        else if (step->kind == STEP_WHEN)
            program_when(c->out, step->condition, step->span);
        else if (step->kind == STEP_END)
            program_end(c->out);
        else if (step->kind == STEP_CLEAR && step->array != extremum && is_inner(c, step->array, begin, end))
            program_clear(c->out, step->array, step->value, step->span);
        else if (step->kind == STEP_UPDATE)
            repeat_update(c, step, extremum, begin, end);
    }
}

/* The outermost step around the current one that begins behind the last clear of the array: where it ends,
 * the extremum is complete, and whatever reads it comes later. */
static uint32_t nest_of(const struct counter *c, array_id array, uint32_t at) {
    for (size_t k = 0; k < c->open.count; k++)
        if (c->open.at[k] > c->cleared[array]) return c->open.at[k];
    return at;
}

static bool mark_counts(const struct counter *c, bool **repeated) {
    bool *marks = calloc(c->out->steps.count + 1, sizeof *marks);
    for (size_t k = 0; marks && k + 1 < c->counts.count; k += 2)
        for (uint32_t i = c->counts.at[k]; i < c->counts.at[k + 1]; i++) marks[i] = true;
    *repeated = marks;
    return marks && !c->counts.failed;
}

bool extrema_count_ties(struct program *out, const struct program *p, array_id *ties_of, bool **repeated) {
    struct counter c = {.out = out, .p = p, .ties_of = ties_of};
    VEC(array_id) due = {0}; /* extrema whose nest ends at the parallel place */
    VEC(uint32_t) nests = {0};
    program_like(out, p);
    c.cleared = calloc(p->arrays.count + 1, sizeof *c.cleared);
    if (!c.cleared) return false;
    make_ties(&c);
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        uint32_t begin = step->kind == STEP_END ? step->partner : i;
        if (step->kind == STEP_END) c.open.count--;
        if (step->kind == STEP_CLEAR) c.cleared[step->array] = i;
        if (is_extremum(&c, step)) {
            uint32_t nest = nest_of(&c, step->array, i);
            VEC_PUSH(&due, step->array);
            VEC_PUSH(&nests, nest);
        }
        if (step->kind == STEP_UPDATE)
            program_update(out, step->array, step_subscripts(p, step), step->op, step->value, step->span);
        else if (step->kind == STEP_CLEAR)
            program_clear(out, step->array, step->value, step->span);
        else if (step->kind == STEP_LOOP)
            program_loop(out, step->index, step->lower, step->upper, step->by, step->order, step->span);
        else if (step->kind == STEP_WHEN)
            program_when(out, step->condition, step->span);
        else
            program_end(out);
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) {
            VEC_PUSH(&c.open, i);
            continue;
        }
        while (due.count && VEC_LAST(&nests) == begin) {
            VEC_PUSH(&c.counts, (uint32_t)out->steps.count);
            repeat(&c, VEC_LAST(&due), begin, i);
            VEC_PUSH(&c.counts, (uint32_t)out->steps.count);
            due.count--, nests.count--;
        }
    }
    bool enough = mark_counts(&c, repeated) && !due.failed && !nests.failed && !c.open.failed && !out->failed;
    free(c.cleared);
    VEC_FREE(&c.counts);
    VEC_FREE(&due);
    VEC_FREE(&nests);
    VEC_FREE(&c.open);
    return enough;
}
