#include "lower/define.h"

#include <stdlib.h>

#include "ir/build.h"
#include "lower/affine.h"
#include "support/vec.h"

/* Which elements of an array of one dimension an update adds to, each once: one, or those of a loop. */
struct stretch {
    node_id first, last; /* subscripts; 0: it is not known */
    bool is_loop;        /* which is empty where last < first */
};

/* What is done to an array. */
struct uses {
    unsigned clears, updates;
    bool defined;              /* the last update adds to each element once */
    struct stretch stretch[2]; /* of the first two updates */
};

struct defining {
    const struct program *p;
    struct uses *uses;  /* by array */
    VEC(uint32_t) open; /* steps of the loops and conditions around */
};

static const struct step *open_at(const struct defining *d, size_t k) {
    return &d->p->steps.at[d->open.at[k]];
}

/* How many loops and conditions stand around the body in which the array lives. */
static size_t depth_of(const struct defining *d, const struct array *array) {
    size_t k = array->owner ? d->open.count : 0;
    while (k > 0 && open_at(d, k - 1)->index != array->owner) k--;
    return k;
}

/* ---- Updates of all elements ---- */

/* Whether a loop runs over all of a dimension, upwards or downwards. */
static bool runs_over(const struct graph *g, const struct step *loop, const struct dimension *d) {
    bool up = loop->lower == d->lower && loop->upper == d->upper && node_is_int(g, loop->by, 1);
    bool down = loop->lower == d->upper && loop->upper == d->lower && node_is_int(g, loop->by, -1);
    return up || down;
}

static const struct step *loop_over(const struct defining *d, size_t outermost, index_id index) {
    for (size_t k = outermost; k < d->open.count; k++) {
        const struct step *s = open_at(d, k);
        if (s->kind == STEP_LOOP && s->index == index) return s;
    }
    return NULL;
}

/* Whether the update reaches each element once: as many loops as subscripts, each over one dimension. */
static bool reaches_all_once(const struct defining *d, const struct step *update) {
    const struct graph *g = d->p->graph;
    const struct array *array = program_array_at(d->p, update->array);
    size_t depth = depth_of(d, array);
    bool ordered = false;
    if (array->rank == 0 || d->open.count - depth != array->rank) return false;
    for (uint32_t k = 0; k < array->rank; k++) {
        node_id subscript = step_subscripts(d->p, update)[k];
        const struct step *loop =
            node_op(g, subscript) == OP_INDEX ? loop_over(d, depth, node_payload(g, subscript)) : NULL;
        if (!loop || !runs_over(g, loop, &array->dims[k])) return false;
        if (d->p->steps.at[loop->partner].condition) return false;
        for (uint32_t j = 0; j < k; j++)
            if (step_subscripts(d->p, update)[j] == subscript) return false;
        ordered |= loop->order != ORDER_FREE;
    }
    return ordered;
}

/* ---- Updates of one element, and of all others ---- */

/* Of a loop in a stated order, whose subscripts grow with its index. */
static struct stretch stretch_of_loop(const struct defining *d, const struct step *loop, node_id subscript) {
    struct graph *g = d->p->graph;
    int64_t slope;
    node_id rest;
    bool up = node_is_int(g, loop->by, 1), down = node_is_int(g, loop->by, -1);
    if (loop->kind != STEP_LOOP || loop->order == ORDER_FREE || d->p->steps.at[loop->partner].condition ||
        !(up || down) || !affine_in(g, subscript, loop->index, &slope, &rest) || slope != 1)
        return (struct stretch){0};
    node_id lowest = up ? loop->lower : loop->upper, highest = up ? loop->upper : loop->lower;
    return (struct stretch){mk_iadd(g, lowest, rest), mk_iadd(g, highest, rest), true};
}

/* Whether a loop has one iteration if the dimension has elements, and else none, as lower_detach makes them
 * for an end of the range. */
static bool is_for_end(struct graph *g, const struct step *loop, const struct dimension *d, bool lowest) {
    node_id end = lowest ? d->lower : d->upper;
    node_id other = lowest ? mk_imin(g, d->lower, d->upper) : mk_imax(g, d->lower, d->upper);
    bool up = node_is_int(g, loop->by, 1), down = node_is_int(g, loop->by, -1);
    if (loop->kind != STEP_LOOP || !(up || down)) return false;
    node_id near = up == lowest ? loop->lower : loop->upper, far = up == lowest ? loop->upper : loop->lower;
    return near == end && far == other;
}

static struct stretch stretch_of(const struct defining *d, const struct step *update) {
    const struct array *array = program_array_at(d->p, update->array);
    size_t depth = depth_of(d, array), around = d->open.count - depth;
    if (array->rank != 1 || update->op != UPDATE_ADD || around > 1) return (struct stretch){0};
    node_id subscript = step_subscripts(d->p, update)[0];
    bool lowest = subscript == array->dims->lower, highest = subscript == array->dims->upper;
    bool single = around == 0;
    if (around == 1 && (lowest || highest))
        single = is_for_end(d->p->graph, open_at(d, depth), array->dims, lowest);
    if (single) return (struct stretch){subscript, subscript, false};
    return stretch_of_loop(d, open_at(d, depth), subscript);
}

/* Whether the dimension has the elements of a loop, if any, and one behind or before them. */
static bool are_all(struct graph *g, const struct dimension *d, const struct stretch *one,
                    const struct stretch *loop) {
    if (!one->first || one->is_loop || !loop->is_loop) return false;
    node_id behind = mk_iadd(g, loop->last, mk_int(g, 1)), before = mk_iadd(g, loop->first, mk_int(g, -1));
    if (one->first == d->upper && loop->first == d->lower)
        return d->upper == behind || d->upper == mk_imax(g, behind, d->lower);
    if (one->first == d->lower && loop->last == d->upper)
        return d->lower == before || d->lower == mk_imin(g, before, d->upper);
    return false;
}

static bool reach_all_together(const struct program *p, array_id a, const struct uses *uses) {
    const struct array *array = program_array_at(p, a);
    const struct stretch *one = &uses->stretch[0], *other = &uses->stretch[1];
    if (uses->updates != 2 || array->rank != 1) return false;
    return are_all(p->graph, array->dims, one, other) || are_all(p->graph, array->dims, other, one);
}

/* ---- The program ---- */

static void note(struct defining *d, const struct step *s) {
    struct uses *uses = &d->uses[s->array];
    if (s->kind == STEP_CLEAR)
        uses->clears += d->open.count == depth_of(d, program_array_at(d->p, s->array)) ? 1 : 2;
    if (s->kind != STEP_UPDATE) return;
    if (uses->updates < 2) uses->stretch[uses->updates] = stretch_of(d, s);
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

static bool is_defined(const struct program *p, array_id a, const struct uses *uses) {
    if (uses->clears != 1) return false;
    return (uses->updates == 1 && uses->defined) || reach_all_together(p, a, uses);
}

bool program_define(struct program *out, const struct program *p) {
    struct defining d = {.p = p, .uses = calloc(p->arrays.count, sizeof *d.uses)};
    program_like(out, p);
    if (d.uses) note_all(&d);
    for (size_t i = 0; d.uses && i < p->steps.count && !out->failed; i++) {
        struct step s = p->steps.at[i];
        bool touches = s.kind == STEP_CLEAR || s.kind == STEP_UPDATE;
        bool defined = touches && is_defined(p, s.array, &d.uses[s.array]);
        if (defined && s.kind == STEP_CLEAR) continue;
        if (defined) s.op = UPDATE_SET;
        program_copy_step(out, p, &s);
    }
    bool done = d.uses && !d.open.failed && !out->failed;
    VEC_FREE(&d.open);
    free(d.uses);
    return done;
}
