#include "diff/inline.h"

#include <stdlib.h>

#include "diff/active.h"
#include "ir/build.h"
#include "ir/prune.h"
#include "ir/rewrite.h"

enum {
    MOST_TRIPS = 16,   /* of a sum that is written out */
    MOST_RANGES = 4,   /* of such a sum */
    MOST_ROUNDS = 100, /* as deep as definitions may read each other */
    MOST_NODES = 20000 /* that may be added */
};

/* One index of a sum that is written out. */
struct short_range {
    index_id index;
    int64_t lower, by, trips;
};

/* How an array is defined; value 0: not in a way that can be written out. */
struct definition {
    node_id value;
    bool is_sum;
    uint32_t writes; /* updates of it that were seen */
    uint32_t range_count;
    struct short_range ranges[MOST_RANGES];
    index_id *own; /* by dimension */
};

struct inliner {
    const struct program *p;
    struct program *out;
    struct activity activity;
    struct definition *definitions; /* by array */
    struct rewriting expansion;
    node_id *of_index;    /* what replaces the indices of a definition; 0: nothing */
    VEC(node_id) written; /* by node: the definition of a read, written out; 0: not yet */
    size_t nodes_before;
    bool only_locals; /* are written out now */
    bool changed, reads_local, failed;
};

static struct graph *graph_of(const struct inliner *in) {
    return in->p->graph;
}

/* ---- Writing out ---- */

/* The value with its own indices replaced by subscripts of a read, those of a sum by one choice of them. */
static node_id one_term(struct inliner *in, const struct definition *d, node_id read, int64_t choice) {
    struct graph *g = graph_of(in);
    uint32_t rank = node_count(g, read);
    for (uint32_t k = 0; k < rank; k++) in->of_index[d->own[k]] = node_operand(g, read, k);
    for (uint32_t k = d->range_count; k-- > 0;) {
        const struct short_range *range = &d->ranges[k];
        in->of_index[range->index] = mk_int(g, range->lower + choice % range->trips * range->by);
        choice /= range->trips;
    }
    node_id term = replace_indices(in->out, d->value, in->of_index, in->out->indices.count);
    for (uint32_t k = 0; k < rank; k++) in->of_index[d->own[k]] = 0;
    for (uint32_t k = 0; k < d->range_count; k++) in->of_index[d->ranges[k].index] = 0;
    return term;
}

static node_id write_out(struct inliner *in, const struct definition *d, node_id read) {
    struct graph *g = graph_of(in);
    if (!d->is_sum) return one_term(in, d, read, 0);
    int64_t trips = 1;
    for (uint32_t k = 0; k < d->range_count; k++) trips *= d->ranges[k].trips;
    node_id sum = mk_zero(g);
    for (int64_t choice = 0; choice < trips && !in->failed; choice++)
        sum = mk_add(g, sum, one_term(in, d, read, choice));
    return sum;
}

static node_id take(struct inliner *in, node_id read) {
    const struct definition *d = &in->definitions[node_payload(graph_of(in), read)];
    if (!d->value || d->writes != 1) return read;
    in->changed = true;
    while (in->written.count <= read && !in->failed) in->failed = !VEC_PUSH(&in->written, (node_id){0});
    if (!in->failed && !in->written.at[read]) {
        node_id written = write_out(in, d, read);
        in->written.at[read] = written;
    }
    return in->failed ? read : in->written.at[read];
}

/* ---- Definitions ---- */

static bool literal_range(const struct graph *g, const struct step *loop, struct short_range *range) {
    if (node_op(g, loop->lower) != OP_INT || node_op(g, loop->upper) != OP_INT ||
        node_op(g, loop->by) != OP_INT)
        return false;
    int64_t lower = node_integer(g, loop->lower), upper = node_integer(g, loop->upper),
            by = node_integer(g, loop->by), far = 1000000;
    if (by == 0 || lower < -far || lower > far || upper < -far || upper > far) return false;
    int64_t trips = (upper - lower + by) / by;
    *range = (struct short_range){loop->index, lower, by, trips > 0 ? trips : 0};
    return trips <= MOST_TRIPS;
}

static bool is_own(const struct inliner *in, const struct step *update, index_id index) {
    const struct graph *g = graph_of(in);
    for (uint32_t k = 0; k < in->p->arrays.at[update->array].rank; k++) {
        node_id subscript = step_subscripts(in->p, update)[k];
        if (node_op(g, subscript) == OP_INDEX && node_payload(g, subscript) == index) return true;
    }
    return false;
}

/* Every subscript is an index of a loop around, each another one. */
static bool take_own(struct inliner *in, const struct step *update, struct definition *d) {
    const struct graph *g = graph_of(in);
    uint32_t rank = in->p->arrays.at[update->array].rank;
    d->own = ARENA_ARRAY(in->p->arena, index_id, rank + 1);
    if (!d->own) {
        in->failed = true;
        return false;
    }
    for (uint32_t k = 0; k < rank; k++) {
        node_id subscript = step_subscripts(in->p, update)[k];
        if (node_op(g, subscript) != OP_INDEX) return false;
        d->own[k] = node_payload(g, subscript);
        for (uint32_t l = 0; l < k; l++)
            if (d->own[l] == d->own[k]) return false;
    }
    return true;
}

/* The loops around: those of the own indices, and of a sum. What is local to a loop is read in it, so the
 * loop and those around it stay as they are. */
static bool take_loops(struct inliner *in, const struct step *update, const uint32_t *open, size_t count,
                       struct definition *d) {
    int64_t trips = 1;
    size_t first = 0;
    index_id owner = in->p->arrays.at[update->array].owner;
    for (size_t k = 0; owner && k < count; k++)
        if (in->p->steps.at[open[k]].kind == STEP_LOOP && in->p->steps.at[open[k]].index == owner)
            first = k + 1;
    for (size_t k = first; k < count; k++) {
        const struct step *around = &in->p->steps.at[open[k]];
        if (around->kind != STEP_LOOP || around->order != ORDER_FREE) return false;
        if (is_own(in, update, around->index)) continue;
        if (update->op != UPDATE_ADD || d->range_count == MOST_RANGES ||
            !literal_range(graph_of(in), around, &d->ranges[d->range_count]))
            return false;
        trips *= d->ranges[d->range_count++].trips;
        if (trips > MOST_TRIPS) return false;
    }
    return true;
}

/* Local arrays are there in their loop only, so a definition must not read any. */
static node_id take_local(struct inliner *in, node_id read) {
    array_id array = node_payload(graph_of(in), read);
    if (!in->p->arrays.at[array].owner) return read;
    node_id written = take(in, read);
    in->reads_local |= written == read;
    return written;
}

static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct inliner *in = w->context;
    struct graph *g = graph_of(in);
    g->here = node_span(g, n);
    node_id again = same ? n : mk_again(g, n, operands);
    if (node_op(g, again) != OP_READ) return again;
    return in->only_locals ? take_local(in, again) : take(in, again);
}

static node_id rewrite_once(struct inliner *in, node_id value) {
    node_map_clear(&in->expansion.images);
    value = rewrite(&in->expansion, value);
    in->failed |= in->out->failed;
    return value;
}

static void note_update(struct inliner *in, const struct step *update, const uint32_t *open, size_t count) {
    struct definition *d = &in->definitions[update->array];
    const struct array *array = &in->p->arrays.at[update->array];
    bool good = d->writes++ == 0 && array->type == TYPE_REAL &&
                (array->role == ROLE_LET || array->role == ROLE_TEMPORARY) &&
                !array->constant_in_derivatives && in->activity.varies[update->array];
    d->value = 0;
    if (!good || (update->op != UPDATE_SET && update->op != UPDATE_ADD)) return;
    if (!take_own(in, update, d) || !take_loops(in, update, open, count, d)) return;
    in->reads_local = false;
    node_id value = rewrite_once(in, update->value);
    if (in->reads_local) return;
    d->value = value;
    d->is_sum = update->op == UPDATE_ADD;
}

/* What is cleared to something else than 0 is no sum. */
static void note_clear(struct inliner *in, const struct step *clear) {
    if (!node_is_number(graph_of(in), clear->value, 0)) in->definitions[clear->array].writes = 2;
}

static void find_definitions(struct inliner *in) {
    VEC(uint32_t) open = {0};
    for (uint32_t i = 0; i < in->p->steps.count; i++) {
        const struct step *s = &in->p->steps.at[i];
        if (s->kind == STEP_UPDATE) note_update(in, s, open.at, open.count);
        if (s->kind == STEP_CLEAR) note_clear(in, s);
        if (s->kind == STEP_LOOP || s->kind == STEP_WHEN) VEC_PUSH(&open, i);
        if (s->kind == STEP_END) open.count--;
    }
    in->failed |= open.failed;
    VEC_FREE(&open);
}

/* ---- Outputs ---- */

static bool is_too_large(const struct inliner *in) {
    return graph_count(graph_of(in)) > in->nodes_before + MOST_NODES;
}

/* A value with everything written out that can be. */
static node_id expand(struct inliner *in, node_id value) {
    for (unsigned round = 0; round < MOST_ROUNDS && !in->failed && !is_too_large(in); round++) {
        in->changed = false;
        value = rewrite_once(in, value);
        if (!in->changed) return value;
    }
    return value;
}

static bool is_output(const array_id *outputs, size_t count, array_id array) {
    size_t k = 0;
    while (k < count && outputs[k] != array) k++;
    return k < count;
}

static void copy(struct inliner *in, const array_id *outputs, size_t output_count) {
    for (size_t i = 0; i < in->p->steps.count && !in->failed; i++) {
        struct step step = in->p->steps.at[i];
        if (step.kind == STEP_UPDATE && is_output(outputs, output_count, step.array)) {
            step.value = expand(in, step.value);
        }
        program_copy_step(in->out, in->p, &step);
    }
}

/* ---- The whole ---- */

static bool inline_into(struct inliner *in, const array_id *outputs, size_t output_count, const array_id *wrt,
                        size_t wrt_count) {
    in->definitions = calloc(in->p->arrays.count + 1, sizeof *in->definitions);
    in->of_index = calloc(in->p->indices.count + 1, sizeof *in->of_index);
    in->expansion = (struct rewriting){.p = in->out, .image = image, .context = in};
    if (!in->definitions || !in->of_index ||
        !activity_find(&in->activity, in->p, outputs, output_count, wrt, wrt_count))
        return false;
    in->only_locals = true;
    find_definitions(in);
    in->only_locals = false;
    copy(in, outputs, output_count);
    return !in->failed && !in->out->failed;
}

bool program_inline(struct program *out, const struct program *p, const array_id *outputs,
                    size_t output_count, const array_id *wrt, size_t wrt_count) {
    struct program whole;
    struct inliner in = {.p = p, .out = &whole, .nodes_before = graph_count(p->graph)};
    struct span here = p->graph->here;
    program_like(&whole, p);
    bool good = inline_into(&in, outputs, output_count, wrt, wrt_count);
    p->graph->here = here;
    if (good) good = program_prune(out, is_too_large(&in) ? p : &whole, outputs, output_count);
    activity_release(&in.activity);
    rewriting_release(&in.expansion);
    free(in.of_index);
    VEC_FREE(&in.written);
    free(in.definitions);
    program_release(&whole);
    return good;
}
