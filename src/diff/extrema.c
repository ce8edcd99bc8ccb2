#include "diff/extrema.h"

#include <stdlib.h>

#include "ir/build.h"

/* One round: the extrema whose clear stands at one depth. Inner ones come before outer ones, whose counts
 * then form the inner ones again, counts and all. */
struct counter {
    struct program *out;
    const struct program *p;
    array_id *ties_of;
    const uint32_t *depth_of; /* by array: of the clear of an extremum, plus 1; 0: it is none */
    uint32_t depth;           /* of this round */
    const bool *counted;      /* by step of p: it only counts; NULL: none does */
    uint32_t *cleared;        /* by array: the last clear */
    VEC(uint32_t) open;       /* steps around the current one */
    VEC(array_id) due;        /* extrema whose nest, in the parallel place, has not ended */
    VEC(uint32_t) nests;
    VEC(bool) counts; /* by step of the result: it only counts */
};

static bool is_due(const struct counter *c, const struct step *step) {
    return step->kind == STEP_UPDATE && (step->op == UPDATE_MAX || step->op == UPDATE_MIN) &&
           step->array < c->p->arrays.count && c->depth_of[step->array] == c->depth + 1;
}

static void make_ties(struct counter *c) {
    for (size_t i = 0; i < c->p->steps.count; i++) {
        const struct step *step = &c->p->steps.at[i];
        if (!is_due(c, step) || c->ties_of[step->array]) continue;
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
        program_copy_step(c->out, c->p, step);
    }
}

/* Repeats the steps begin..end as a count of ties of one array. */
static void repeat(struct counter *c, array_id extremum, uint32_t begin, uint32_t end) {
    program_clear(c->out, c->ties_of[extremum], mk_zero(c->p->graph), c->p->steps.at[begin].span);
    for (uint32_t i = begin; i <= end; i++) {
        const struct step *step = &c->p->steps.at[i];
        if (step->kind == STEP_UPDATE)
            repeat_update(c, step, extremum, begin, end);
        else if (step->kind != STEP_CLEAR ||
                 (step->array != extremum && is_inner(c, step->array, begin, end)))
            program_copy_step(c->out, c->p, step);
    }
}

/* The outermost step around the current one that begins behind the last clear of the array: where it ends,
 * the extremum is complete, and whatever reads it comes later. */
static uint32_t nest_of(const struct counter *c, array_id array, uint32_t at) {
    for (size_t k = 0; k < c->open.count; k++)
        if (c->open.at[k] > c->cleared[array]) return c->open.at[k];
    return at;
}

static void mark(struct counter *c, bool counts) {
    while (c->counts.count < c->out->steps.count && VEC_PUSH(&c->counts, counts)) {
    }
}

/* Behind the end of a nest stand the counts of the extrema that it completes. */
static void end_nests(struct counter *c, uint32_t begin, uint32_t end) {
    while (c->due.count && VEC_LAST(&c->nests) == begin) {
        repeat(c, VEC_LAST(&c->due), begin, end);
        mark(c, true);
        c->due.count--, c->nests.count--;
    }
}

static void take_step(struct counter *c, uint32_t i) {
    const struct step *step = &c->p->steps.at[i];
    uint32_t begin = step->kind == STEP_END ? step->partner : i;
    if (step->kind == STEP_END) c->open.count--;
    if (step->kind == STEP_CLEAR) c->cleared[step->array] = i;
    if (is_due(c, step) && !(c->counted && c->counted[i])) {
        VEC_PUSH(&c->nests, nest_of(c, step->array, i));
        VEC_PUSH(&c->due, step->array);
    }
    program_copy_step(c->out, c->p, step);
    mark(c, c->counted && c->counted[i]);
    if (step->kind == STEP_LOOP || step->kind == STEP_WHEN)
        VEC_PUSH(&c->open, i);
    else
        end_nests(c, begin, i);
}

static bool run_round(struct counter *c) {
    program_like(c->out, c->p);
    c->cleared = calloc(c->p->arrays.count + 1, sizeof *c->cleared);
    if (!c->cleared) return false;
    make_ties(c);
    for (uint32_t i = 0; i < c->p->steps.count; i++) take_step(c, i);
    bool enough =
        !c->due.failed && !c->nests.failed && !c->open.failed && !c->counts.failed && !c->out->failed;
    free(c->cleared);
    VEC_FREE(&c->due);
    VEC_FREE(&c->nests);
    VEC_FREE(&c->open);
    return enough;
}

/* The depth of each extremum, plus 1; returns the largest. */
static uint32_t find_depths(uint32_t *depth_of, const struct program *p) {
    uint32_t depth = 0, deepest = 0;
    uint32_t *cleared_at = calloc(p->arrays.count, sizeof *cleared_at);
    for (size_t i = 0; cleared_at && i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        depth += step->kind == STEP_LOOP || step->kind == STEP_WHEN;
        depth -= step->kind == STEP_END;
        if (step->kind == STEP_CLEAR) cleared_at[step->array] = depth + 1;
        bool extremum = step->kind == STEP_UPDATE && (step->op == UPDATE_MAX || step->op == UPDATE_MIN);
        if (!extremum || p->arrays.at[step->array].constant_in_derivatives) continue;
        depth_of[step->array] = cleared_at[step->array] ? cleared_at[step->array] : 1;
        if (depth_of[step->array] > deepest) deepest = depth_of[step->array];
    }
    free(cleared_at);
    return deepest;
}

/* Rounds from the inside out, each over the result of the one before. */
static bool run_rounds(struct program *out, const struct program *p, array_id *ties_of,
                       const uint32_t *depth_of, uint32_t deepest, bool **repeated) {
    struct program before = {0};
    bool good = true;
    for (uint32_t depth = deepest; good && depth > 0; depth--) {
        struct program after;
        struct counter c = {.out = &after,
                            .p = depth == deepest ? p : &before,
                            .ties_of = ties_of,
                            .depth_of = depth_of,
                            .depth = depth - 1,
                            .counted = *repeated};
        good = run_round(&c);
        free(*repeated);
        *repeated = c.counts.at;
        program_release(&before);
        before = after;
    }
    *out = before;
    return good;
}

bool extrema_count_ties(struct program *out, const struct program *p, array_id *ties_of, bool **repeated) {
    uint32_t *depth_of = calloc(p->arrays.count + 1, sizeof *depth_of);
    *repeated = NULL;
    *out = (struct program){0};
    if (!depth_of) return false;
    uint32_t deepest = find_depths(depth_of, p);
    bool good = run_rounds(out, p, ties_of, depth_of, deepest ? deepest : 1, repeated);
    free(depth_of);
    if (good && !*repeated) *repeated = calloc(1, sizeof **repeated);
    return good && *repeated;
}
