#include "eval/execute.h"

/* A loop being run. */
struct running {
    int64_t by;
    uint64_t remaining; /* iterations after this one */
};

struct execution {
    struct walk *w;
    VEC(struct running) loops;
};

static bool store_integer(struct walk *w, const struct step *s, size_t element) {
    int64_t *target = &w->binding->arrays[s->array].at.integer[element], value = w->integers[s->value];
    switch (s->op) {
    case UPDATE_SET: *target = value; break;
    case UPDATE_ADD:
        if (!__builtin_add_overflow(*target, value, target)) break;
        if (w->diags) diag_error(w->diags, "integer-overflow", s->span, "integer overflow");
        return false;
    case UPDATE_MAX: *target = value > *target ? value : *target; break;
    case UPDATE_MIN: *target = value < *target ? value : *target; break;
    }
    return true;
}

static bool run_update(struct walk *w, const struct step *s) {
    const struct array *array = program_array_at(w->program, s->array);
    const node_id *subscripts = step_subscripts(w->program, s);
    size_t element;
    walk_begin(w);
    for (uint32_t k = 0; k < array->rank; k++) {
        if (!walk_evaluate(w, subscripts[k])) return false;
    }
    if (!walk_bounds(w, s->array) || !walk_evaluate(w, s->value)) return false;
    if (!walk_element(w, s->array, subscripts, s->span, &element)) return false;
    if (array->type == TYPE_INT) return store_integer(w, s, element);
    w->reals->update(w->context, s, element);
    return true;
}

static bool run_clear(struct walk *w, const struct step *s) {
    walk_begin(w);
    if (!walk_evaluate(w, s->value)) return false;
    if (program_array_at(w->program, s->array)->type != TYPE_INT) {
        w->reals->clear(w->context, s);
        return true;
    }
    struct bound_array *bound = &w->binding->arrays[s->array];
    for (size_t i = 0; i < bound->count; i++) bound->at.integer[i] = w->integers[s->value];
    return true;
}

/* How often a loop runs, less one; false where it does not run at all. */
static bool count_iterations(int64_t lower, int64_t upper, int64_t by, uint64_t *remaining) {
    if (by > 0 ? lower > upper : lower < upper) return false;
    uint64_t distance = by > 0 ? (uint64_t)upper - (uint64_t)lower : (uint64_t)lower - (uint64_t)upper;
    *remaining = distance / (by > 0 ? (uint64_t)by : 0 - (uint64_t)by);
    return true;
}

static bool begin_loop(struct execution *ex, const struct step *s, size_t *at) {
    struct walk *w = ex->w;
    struct running loop;
    walk_begin(w);
    if (!walk_evaluate(w, s->lower) || !walk_evaluate(w, s->upper) || !walk_evaluate(w, s->by)) return false;
    loop.by = w->integers[s->by];
    if (loop.by == 0) {
        if (w->diags) diag_error(w->diags, "zero-step", s->span, "the step of this range is 0");
        return false;
    }
    if (!count_iterations(w->integers[s->lower], w->integers[s->upper], loop.by, &loop.remaining)) {
        *at = s->partner;
        return true;
    }
    w->index_values[s->index] = w->integers[s->lower];
    if (!VEC_PUSH(&ex->loops, loop)) w->exhausted = true;
    return !w->exhausted;
}

static bool ends_early(struct execution *ex, const struct step *end, bool *early) {
    *early = false;
    if (!end->condition) return true;
    walk_begin(ex->w);
    if (!walk_evaluate(ex->w, end->condition)) return false;
    *early = ex->w->integers[end->condition] != 0;
    return true;
}

/* Goes back to the first step of the body while iterations remain. */
static bool end_body(struct execution *ex, const struct step *end, size_t *at) {
    const struct step *opening = &ex->w->program->steps.at[end->partner];
    bool early;
    if (opening->kind != STEP_LOOP) return true;
    if (!ends_early(ex, end, &early)) return false;
    struct running *loop = &VEC_LAST(&ex->loops);
    if (loop->remaining == 0 || early) {
        ex->loops.count--;
        return true;
    }
    loop->remaining--;
    ex->w->index_values[opening->index] += loop->by;
    *at = end->partner;
    return true;
}

static bool run_step(struct execution *ex, size_t *at) {
    const struct step *s = &ex->w->program->steps.at[*at];
    switch (s->kind) {
    case STEP_UPDATE: return run_update(ex->w, s);
    case STEP_CLEAR: return run_clear(ex->w, s);
    case STEP_LOOP: return begin_loop(ex, s, at);
    case STEP_WHEN:
        walk_begin(ex->w);
        if (!walk_evaluate(ex->w, s->condition)) return false;
        if (!ex->w->integers[s->condition]) *at = s->partner;
        return true;
    case STEP_END: return end_body(ex, s, at);
    }
    return true;
}

enum evaluation execute(struct walk *w) {
    struct execution ex = {.w = w};
    bool done = true;
    for (size_t at = 0; done && at < w->program->steps.count; at++) done = run_step(&ex, &at);
    VEC_FREE(&ex.loops);
    if (done && !w->exhausted) return EVALUATED;
    return w->exhausted ? EVALUATION_MEMORY : EVALUATION_ERROR;
}
