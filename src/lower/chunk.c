#include "lower/chunk.h"

#include <math.h>
#include <stdlib.h>

#include "ir/build.h"
#include "lower/affine.h"
#include "lower/work.h"

enum {
    MOST_CHUNKS = 64,
    MOST_COMPARED = 32, /* sums, with each other */
    FEWEST_CHUNKS = 4,
    LANES = 8,          /* chunks consist of full vectors */
    SHORTEST_CHUNK = 64 /* iterations, but where there would be fewer than the fewest chunks */
};
/* Loops below this weight (additions) stay whole: sharing them would take longer. */
static const double least_weight = 3e5;
/* What a chunk costs besides, and each element that is added up in it, in additions. A chunk is so much
 * longer than that where it may be, and at least. */
static const double cost_of_chunk = 500, cost_of_element = 100, wanted_ratio = 25, least_ratio = 5;

/* An array that a loop adds to, and what takes its place. */
struct sum {
    array_id array, local, parts;
    enum update_op op;
    node_id neutral;
    size_t first; /* the first sum that has the same updates: one local array will do for both */
};

struct chunker {
    const struct program *p;
    struct program *out;
    const struct binding *inputs;
    unsigned asked; /* for so many chunks of each loop; 0: as suits */
    struct work work;
    bool *inside;              /* by index: of a loop in the one looked at */
    node_id *cleared;          /* by array: to what, outside of loops; 0: it is not */
    array_id *becomes;         /* by array, in the loop looked at: the local one; 0: it stays */
    bool *repeats;             /* by array, in the loop looked at: another one has the same updates */
    VEC(struct sum) sums;      /* of the loop looked at */
    node_id count, from, last; /* of chunks; the first and the last iteration of the current one */
};

/* ---- Which loops ---- */

static const struct step *step_at(const struct chunker *c, uint32_t i) {
    return &c->p->steps.at[i];
}

static bool is_inner(const void *context, index_id index) {
    const struct chunker *c = context;
    return c->inside[index];
}

/* The subscript of a dimension by which different iterations have different elements. */
static bool tells_iterations_apart(struct chunker *c, index_id index, node_id subscript) {
    int64_t coefficient;
    node_id rest;
    return affine_in(c->p->graph, subscript, index, &coefficient, &rest) && coefficient != 0 &&
           !affine_holds(c->p->graph, rest, is_inner, c);
}

/* Whether all accesses of an array in a loop have one such subscript in some dimension. */
static bool has_own_elements(struct chunker *c, uint32_t loop, array_id array) {
    const struct program *p = c->p;
    for (uint32_t k = 0; k < p->arrays.at[array].rank; k++) {
        node_id same = 0;
        bool good = true;
        for (uint32_t i = loop; good && i < step_at(c, loop)->partner; i++) {
            const struct step *s = step_at(c, i);
            if (s->kind != STEP_UPDATE || s->array != array) continue;
            node_id subscript = step_subscripts(p, s)[k];
            good =
                (!same && tells_iterations_apart(c, step_at(c, loop)->index, subscript)) || same == subscript;
            same = subscript;
        }
        for (size_t r = 0; good && r < c->work.reads.count; r++) {
            node_id read = c->work.reads.at[r];
            good = node_payload(p->graph, read) != array || node_operand(p->graph, read, k) == same;
        }
        if (good) return true;
    }
    return false;
}

static bool is_read(const struct chunker *c, array_id array) {
    for (size_t r = 0; r < c->work.reads.count; r++)
        if (node_payload(c->p->graph, c->work.reads.at[r]) == array) return true;
    return false;
}

/* An update that adds to an array from outside of the loop. False where it cannot be done in parts. */
static bool take_sum(struct chunker *c, uint32_t loop, const struct step *s) {
    for (size_t k = 0; k < c->sums.count; k++)
        if (c->sums.at[k].array == s->array) return c->sums.at[k].op == s->op;
    if (has_own_elements(c, loop, s->array)) return true;
    if (is_read(c, s->array) || !c->cleared[s->array]) return false;
    struct sum sum = {.array = s->array, .op = s->op, .neutral = c->cleared[s->array]};
    return VEC_PUSH(&c->sums, sum);
}

/* Marks the loops inside, or forgets them. */
static void mark_inner(struct chunker *c, uint32_t loop, bool mark) {
    for (uint32_t i = loop + 1; i < step_at(c, loop)->partner; i++)
        if (step_at(c, i)->kind == STEP_LOOP) c->inside[step_at(c, i)->index] = mark;
}

static bool is_from_outside(const struct chunker *c, uint32_t loop, array_id array) {
    index_id owner = c->p->arrays.at[array].owner;
    return owner != step_at(c, loop)->index && !c->inside[owner];
}

static bool find_sums(struct chunker *c, uint32_t loop) {
    bool good = true;
    c->sums.count = 0;
    for (uint32_t i = loop + 1; good && i < step_at(c, loop)->partner; i++) {
        const struct step *s = step_at(c, i);
        bool writes = s->kind == STEP_UPDATE || s->kind == STEP_CLEAR;
        if (!writes || !is_from_outside(c, loop, s->array)) continue;
        if (s->kind == STEP_CLEAR) return false;
        if (s->op != UPDATE_SET) good = take_sum(c, loop, s);
    }
    return good;
}

/* ---- Sums that are equal ---- */

/* The opening of the innermost loop or condition around a step. */
static uint32_t body_of(const struct chunker *c, uint32_t i) {
    for (;;) {
        const struct step *s = step_at(c, --i);
        if (s->kind == STEP_LOOP || s->kind == STEP_WHEN) return i;
        if (s->kind == STEP_END) i = s->partner;
    }
}

static uint32_t next_update(const struct chunker *c, uint32_t i, uint32_t end, array_id array) {
    while (i < end && (step_at(c, i)->kind != STEP_UPDATE || step_at(c, i)->array != array)) i++;
    return i;
}

static bool same_update(const struct chunker *c, uint32_t i, uint32_t k, uint32_t rank) {
    const struct step *a = step_at(c, i), *b = step_at(c, k);
    const node_id *at = step_subscripts(c->p, a), *also_at = step_subscripts(c->p, b);
    bool same = a->value == b->value && body_of(c, i) == body_of(c, k);
    for (uint32_t d = 0; same && d < rank; d++) same = at[d] == also_at[d];
    return same;
}

static bool same_shape(const struct array *a, const struct array *b) {
    bool same = a->type == b->type && a->rank == b->rank;
    for (uint32_t d = 0; same && d < a->rank; d++)
        same = a->dims[d].lower == b->dims[d].lower && a->dims[d].upper == b->dims[d].upper;
    return same;
}

static bool same_sums(const struct chunker *c, uint32_t loop, const struct sum *a, const struct sum *b) {
    const struct array *array = &c->p->arrays.at[a->array];
    uint32_t end = step_at(c, loop)->partner, i = loop, k = loop;
    if (a->op != b->op || a->neutral != b->neutral || !same_shape(array, &c->p->arrays.at[b->array]))
        return false;
    do {
        i = next_update(c, i + 1, end, a->array);
        k = next_update(c, k + 1, end, b->array);
    } while (i < end && k < end && same_update(c, i, k, array->rank));
    return i >= end && k >= end;
}

static void find_equal_sums(struct chunker *c, uint32_t loop) {
    for (size_t k = 0; k < c->sums.count; k++) {
        size_t first = k < MOST_COMPARED ? 0 : k;
        while (first < k && !same_sums(c, loop, &c->sums.at[first], &c->sums.at[k])) first++;
        c->sums.at[k].first = first;
    }
}

/* ---- How many chunks ---- */

/* How many elements an array has; infinite where that is not known. */
static double elements_of(const struct chunker *c, array_id array) {
    double count = 1;
    for (uint32_t k = 0; k < c->p->arrays.at[array].rank; k++) {
        const struct dimension *d = &c->p->arrays.at[array].dims[k];
        int64_t lower, upper;
        if (!binding_integer(c->inputs, d->lower, &lower, NULL) ||
            !binding_integer(c->inputs, d->upper, &upper, NULL))
            return INFINITY;
        count *= fmax(0, (double)upper - (double)lower + 1);
    }
    return count;
}

/* How many chunks a loop is cut into, by its sizes: a power of two, which many numbers of threads divide; 0:
 * it stays whole. */
static unsigned chunks_of(struct chunker *c, double weight, double trips) {
    double cost = cost_of_chunk;
    for (size_t k = 0; k < c->sums.count; k++)
        if (c->sums.at[k].first == k) cost += cost_of_element * elements_of(c, c->sums.at[k].array);
    if (weight < FEWEST_CHUNKS * least_ratio * cost || trips < FEWEST_CHUNKS * LANES) return 0;
    double most = fmin(weight / (wanted_ratio * cost), trips / SHORTEST_CHUNK);
    unsigned chunks = FEWEST_CHUNKS;
    while (chunks < MOST_CHUNKS && 2 * chunks <= most) chunks *= 2;
    return chunks;
}

/* How many chunks; 0: the loop stays. */
static unsigned judge(struct chunker *c, uint32_t loop) {
    double weight, trips = 0;
    const struct step *s = step_at(c, loop);
    if (s->order != ORDER_FREE || !node_is_int(c->p->graph, s->by, 1)) return 0;
    if (!work_of(&c->work, loop, &weight, &trips)) {
        c->out->failed = true;
        return 0;
    }
    if (weight < least_weight && !c->asked) return 0;
    mark_inner(c, loop, true);
    bool good = find_sums(c, loop);
    mark_inner(c, loop, false);
    if (!good) return 0;
    find_equal_sums(c, loop);
    return c->asked ? c->asked : chunks_of(c, weight, trips);
}

/* ---- The loop in chunks ---- */

/* A loop by 1; gives its index as a node. */
static node_id open_loop(struct chunker *c, const char *name, node_id lower, node_id upper,
                         enum loop_order order, struct span span) {
    struct graph *g = c->p->graph;
    index_id index = program_index(c->out, name, span);
    program_loop(c->out, index, lower, upper, mk_int(g, 1), order, span);
    return mk_index(g, index);
}

/* Loops over all elements of an array, whose indices follow subscripts[0]. */
static void open_elements(struct chunker *c, array_id array, node_id *subscripts) {
    const struct array *like = &c->p->arrays.at[array];
    for (uint32_t k = 0; k < like->rank; k++)
        subscripts[k + 1] =
            open_loop(c, "k", like->dims[k].lower, like->dims[k].upper, ORDER_FREE, like->span);
}

static void close_elements(struct chunker *c, array_id array) {
    for (uint32_t k = 0; k < c->p->arrays.at[array].rank; k++) program_end(c->out);
}

/* The array of the parts has a dimension more than the sum, the first one. */
static array_id add_array(struct chunker *c, const struct sum *sum, index_id owner) {
    struct array array = c->p->arrays.at[sum->array];
    uint32_t more = owner ? 0 : 1;
    struct dimension *dims = ARENA_ARRAY(c->out->arena, struct dimension, array.rank + more);
    if (!dims) {
        c->out->failed = true;
        return 0;
    }
    for (uint32_t k = 0; k < array.rank; k++) dims[k + more] = array.dims[k];
    struct graph *g = c->p->graph;
    if (more) dims[0] = (struct dimension){mk_int(g, 0), mk_isub(g, c->count, mk_int(g, 1))};
    struct array added = {.name = array.name,
                          .role = ROLE_TEMPORARY,
                          .type = array.type,
                          .dims = dims,
                          .rank = array.rank + more,
                          .owner = owner,
                          .span = array.span};
    return program_array(c->out, added);
}

static node_id *new_subscripts(struct chunker *c, array_id array) {
    node_id *subscripts = calloc(c->p->arrays.at[array].rank + 1, sizeof *subscripts);
    if (!subscripts) c->out->failed = true;
    return subscripts;
}

/* parts[chunk, ...] = local[...] */
static void keep_part(struct chunker *c, const struct sum *sum, node_id chunk) {
    const struct array *like = &c->p->arrays.at[sum->array];
    node_id *subscripts = new_subscripts(c, sum->array);
    if (!subscripts) return;
    subscripts[0] = chunk;
    open_elements(c, sum->array, subscripts);
    node_id value = mk_read(c->p->graph, sum->local, like->type, subscripts + 1, like->rank);
    program_update(c->out, sum->parts, subscripts, UPDATE_SET, value, like->span);
    close_elements(c, sum->array);
    free(subscripts);
}

/* array[...] op= parts[chunk, ...] */
static void add_part(struct chunker *c, const struct sum *sum, node_id chunk) {
    const struct array *like = &c->p->arrays.at[sum->array];
    node_id *subscripts = new_subscripts(c, sum->array);
    if (!subscripts) return;
    subscripts[0] = chunk;
    open_elements(c, sum->array, subscripts);
    node_id value = mk_read(c->p->graph, sum->parts, like->type, subscripts, like->rank + 1);
    program_update(c->out, sum->array, subscripts + 1, sum->op, value, like->span);
    close_elements(c, sum->array);
    free(subscripts);
}

/* Iterations in full vectors: (upper - lower + 8*C)/(8*C)*8, rounded down, for each of C chunks. */
static void divide(struct chunker *c, const struct step *s, node_id chunk) {
    struct graph *g = c->p->graph;
    node_id all = mk_imul(g, c->count, mk_int(g, LANES));
    node_id vectors = mk_ifloor(g, mk_iadd(g, mk_isub(g, s->upper, s->lower), all), all);
    node_id size = mk_imul(g, vectors, mk_int(g, LANES));
    c->from = mk_iadd(g, s->lower, mk_imul(g, chunk, size));
    c->last = mk_imin(g, mk_iadd(g, c->from, mk_isub(g, size, mk_int(g, 1))), s->upper);
}

/* The steps of the loop, with the local sums. */
static void write_body(struct chunker *c, uint32_t loop) {
    const struct step *s = step_at(c, loop);
    program_loop(c->out, s->index, c->from, c->last, s->by, ORDER_FREE, s->span);
    for (uint32_t i = loop + 1; i < s->partner; i++) {
        struct step copy = *step_at(c, i);
        if (copy.kind == STEP_UPDATE && c->repeats[copy.array]) continue;
        if (copy.kind == STEP_UPDATE && c->becomes[copy.array]) copy.array = c->becomes[copy.array];
        program_copy_step(c->out, c->p, &copy);
    }
    program_end(c->out);
}

static void write_chunks(struct chunker *c, uint32_t loop, unsigned count) {
    const struct step *s = step_at(c, loop);
    struct graph *g = c->p->graph;
    c->count = mk_int(g, count);
    node_id last = mk_int(g, (int64_t)count - 1), zero = mk_int(g, 0);
    node_id chunk = open_loop(c, "chunk", zero, last, ORDER_APART, s->span);
    index_id owner = node_payload(g, chunk);
    for (size_t k = 0; k < c->sums.count; k++) {
        struct sum *sum = &c->sums.at[k];
        sum->parts = c->sums.at[sum->first].parts;
        c->repeats[sum->array] = sum->first != k;
        if (sum->first != k) continue;
        sum->local = c->becomes[sum->array] = add_array(c, sum, owner);
        sum->parts = add_array(c, sum, 0);
        program_clear(c->out, sum->local, sum->neutral, s->span);
    }
    divide(c, s, chunk);
    if (!c->out->failed) write_body(c, loop);
    for (size_t k = 0; k < c->sums.count; k++)
        if (c->sums.at[k].first == k) keep_part(c, &c->sums.at[k], chunk);
    program_end(c->out);
    if (c->sums.count > 0) chunk = open_loop(c, "chunk", zero, last, ORDER_UP, s->span);
    for (size_t k = 0; k < c->sums.count; k++) add_part(c, &c->sums.at[k], chunk);
    if (c->sums.count > 0) program_end(c->out);
    for (size_t k = 0; k < c->sums.count; k++) {
        c->becomes[c->sums.at[k].array] = 0;
        c->repeats[c->sums.at[k].array] = false;
    }
}

/* ---- The program ---- */

static bool prepare(struct chunker *c) {
    size_t arrays = c->p->arrays.count;
    c->inside = calloc(c->p->indices.count + 1, sizeof *c->inside);
    c->cleared = calloc(arrays, sizeof *c->cleared);
    c->becomes = calloc(arrays, sizeof *c->becomes);
    c->repeats = calloc(arrays, sizeof *c->repeats);
    bool done = c->inside && c->cleared && c->becomes && c->repeats;
    return work_init(&c->work, c->p, c->inputs) && done;
}

/* Loops that stand in no other one are looked at. */
static bool write_program(struct chunker *c) {
    bool any = false;
    for (uint32_t i = 0; i < c->p->steps.count && !c->out->failed; i++) {
        const struct step *s = step_at(c, i);
        if (s->kind == STEP_CLEAR) c->cleared[s->array] = s->value;
        unsigned chunks = s->kind == STEP_LOOP ? judge(c, i) : 0;
        if (chunks) write_chunks(c, i, chunks);
        for (uint32_t k = i; !chunks && s->kind == STEP_LOOP && k < s->partner; k++)
            program_copy_step(c->out, c->p, step_at(c, k));
        if (s->kind == STEP_LOOP) i = s->partner;
        if (!chunks) program_copy_step(c->out, c->p, step_at(c, i));
        any |= chunks > 0;
    }
    return any;
}

bool lower_chunk(struct program *out, const struct program *p, const struct binding *inputs, unsigned chunks,
                 bool *changed) {
    struct chunker c = {.p = p, .out = out, .inputs = inputs, .asked = chunks};
    program_like(out, p);
    bool done = prepare(&c) && !out->failed;
    *changed = done && write_program(&c);
    done = done && !out->failed && !p->graph->failed && !c.sums.failed;
    if (!done || !*changed) program_release(out);
    work_release(&c.work);
    free(c.inside);
    free(c.cleared);
    free(c.becomes);
    free(c.repeats);
    VEC_FREE(&c.sums);
    return done;
}
