#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "sema/access.h"

/* One loop or condition of a run. */
struct level {
    const struct step *step;
    node_id condition; /* of a WHEN */
    bool iterates;     /* a loop whose index is used; others are only asked whether they run at all */
    int64_t by;
    uint64_t remaining;
};

struct run {
    struct access *a;
    VEC(struct level) levels;
    bool *used; /* by index_id */
    bool failed, stopped;
};

/* ---- Which indices a run goes over ---- */

static void use_indices(struct run *r, node_id root) {
    const struct graph *g = r->a->graph;
    VEC(node_id) stack = {0};
    VEC_PUSH(&stack, root);
    while (stack.count > 0) {
        node_id n = VEC_POP(&stack);
        if (node_op(g, n) == OP_INDEX) r->used[node_payload(g, n)] = true;
        for (uint32_t k = 0; k < node_count(g, n); k++) VEC_PUSH(&stack, node_operand(g, n, k));
    }
    r->failed |= stack.failed;
    VEC_FREE(&stack);
}

static void add_level(struct run *r, const struct step *s) {
    struct level level = {.step = s};
    if (s->kind == STEP_WHEN) level.condition = access_project(r->a, s->condition, true);
    if (!VEC_PUSH(&r->levels, level)) r->failed = true;
}

/* From the inside, so that bounds which use further indices are seen in time. */
static void choose_indices(struct run *r) {
    for (size_t k = r->levels.count; k > 0; k--) {
        struct level *level = &r->levels.at[k - 1];
        if (level->step->kind == STEP_WHEN) {
            use_indices(r, level->condition);
            continue;
        }
        level->iterates = r->used[level->step->index];
        use_indices(r, level->step->lower);
        use_indices(r, level->step->upper);
        use_indices(r, level->step->by);
    }
}

static bool run_init(struct run *r, struct access *a) {
    *r = (struct run){.a = a, .used = calloc(a->program->indices.count + 1, sizeof(bool))};
    for (size_t k = 0; r->used && k < a->open.count; k++) add_level(r, &a->program->steps.at[a->open.at[k]]);
    return r->used && !r->failed;
}

static void run_release(struct run *r) {
    if (r->failed) r->a->failed = true;
    free(r->used);
    VEC_FREE(&r->levels);
}

/* ---- Running ---- */

static bool evaluate(struct run *r, node_id n, int64_t *value) {
    struct walk *w = &r->a->walk;
    if (!walk_evaluate(w, n)) {
        r->stopped = true;
        return false;
    }
    *value = w->integers[n];
    return true;
}

/* Starts a loop; false where it does not run, or the run has stopped. */
static bool begin_loop(struct run *r, struct level *level) {
    const struct step *s = level->step;
    int64_t lower, upper;
    walk_begin(&r->a->walk);
    if (!evaluate(r, s->lower, &lower) || !evaluate(r, s->upper, &upper) || !evaluate(r, s->by, &level->by))
        return false;
    if (level->by == 0 || (level->by > 0 ? lower > upper : lower < upper)) return false;
    uint64_t distance = level->by > 0 ? (uint64_t)upper - (uint64_t)lower : (uint64_t)lower - (uint64_t)upper;
    level->remaining = distance / (level->by > 0 ? (uint64_t)level->by : 0 - (uint64_t)level->by);
    r->a->walk.index_values[s->index] = lower;
    return true;
}

static bool enter(struct run *r, struct level *level) {
    int64_t holds;
    if (level->step->kind == STEP_LOOP) return begin_loop(r, level);
    walk_begin(&r->a->walk);
    return evaluate(r, level->condition, &holds) && holds;
}

/* Goes on to the next combination of indices: the level that has another iteration, else SIZE_MAX. Levels at
 * and below `first` only. */
static size_t advance(struct run *r, size_t first, size_t depth) {
    while (depth > first) {
        struct level *level = &r->levels.at[--depth];
        if (level->step->kind != STEP_LOOP || !level->iterates || level->remaining == 0) continue;
        level->remaining--;
        r->a->walk.index_values[level->step->index] += level->by;
        return depth;
    }
    return SIZE_MAX;
}

/* Visits the combinations of indices of levels first..last-1 for which they run, until `visit` returns false.
 * False where it did, or the run stopped. */
static bool for_each(struct run *r, size_t first, size_t last, bool (*visit)(struct run *, const void *),
                     const void *context) {
    size_t depth = first;
    while (depth != SIZE_MAX) {
        while (depth < last && enter(r, &r->levels.at[depth])) depth++;
        if (r->stopped) return false;
        walk_begin(&r->a->walk);
        if (depth == last && !visit(r, context)) return false;
        depth = advance(r, first, depth);
        if (depth != SIZE_MAX) depth++;
    }
    return true;
}

/* ---- Messages ---- */

/* "i = 3, j = 7" for the indices that matter; NULL where there are none. */
static const char *index_text(struct run *r, size_t levels) {
    struct text text = {0};
    for (size_t k = 0; k < levels; k++) {
        const struct step *s = r->levels.at[k].step;
        if (s->kind != STEP_LOOP || !r->used[s->index]) continue;
        text_addf(&text, "%s%s = %lld", text.length ? ", " : "", r->a->program->indices.at[s->index].name,
                  (long long)r->a->walk.index_values[s->index]);
    }
    const char *copy = text.length ? arena_text(r->a->c->arena, text.at, text.length) : NULL;
    text_free(&text);
    return copy;
}

static const char *with_indices(struct run *r, size_t levels) {
    const char *indices = index_text(r, levels);
    const char *text = indices ? arena_format(r->a->c->arena, " (%s)", indices) : "";
    return text ? text : "";
}

static void report_outside(struct run *r, node_id read, uint32_t k, int64_t value) {
    static const char *const ordinals[] = {"first", "second", "third", "fourth"};
    struct access *a = r->a;
    array_id array = node_payload(a->graph, read);
    const struct model_array *shape = access_shape(a, array);
    const char *which = shape->rank == 1 ? "" : k < 4 ? ordinals[k] : "last";
    struct span span = node_span(a->graph, read);
    const char *at = with_indices(r, r->levels.count);
    struct diag *diag;
    if (shape->extent[k] == 0)
        diag = diag_error(a->c->diags, "index-out-of-range", span, "index %lld, but `%s` has no elements%s",
                          (long long)value, shape->name, at);
    else
        diag = diag_error(a->c->diags, "index-out-of-range", span,
                          "index %lld is outside %lld..%lld, the %s%srange of `%s`%s", (long long)value,
                          (long long)shape->lower[k], (long long)(shape->lower[k] + shape->extent[k] - 1),
                          which, *which ? " " : "", shape->name, at);
    if (access_is_being_defined(a, array))
        diag_hint(a->c->diags, diag, "a recurrence needs a start: if %s == %lld then ... else ...",
                  a->program->indices.at[a->defined[array]->indices[0]].name,
                  (long long)(a->defined[array]->down[0] ? shape->lower[0] + shape->extent[0] - 1
                                                         : shape->lower[0]));
    else if (value == 0 && shape->lower[k] == 1 && shape->extent[k] > 0)
        diag_hint(a->c->diags, diag, "indices begin at 1, and at 0 where the declared range does: %s[0..n]",
                  shape->name);
    diag_note(a->c->diags, diag, shape->span, "`%s` is declared here", shape->name);
}

/* "s[3,2]" with the given values. */
static const char *element_text(struct access *a, array_id array, const node_id *subscripts, uint32_t rank) {
    struct text text = {0};
    text_addf(&text, "%s[", a->program->arrays.at[array].name);
    for (uint32_t k = 0; k < rank; k++)
        text_addf(&text, "%s%lld", k ? "," : "", (long long)a->walk.integers[subscripts[k]]);
    text_add(&text, "]");
    const char *copy = arena_text(a->c->arena, text_string(&text), text.length);
    text_free(&text);
    return copy ? copy : "it";
}

static void report_order(struct run *r, node_id read, bool same) {
    struct access *a = r->a;
    array_id array = node_payload(a->graph, read);
    const struct definition *d = a->defined[a->defining ? a->defining : array];
    node_id indices[32];
    uint32_t rank = d->rank < 32 ? d->rank : 32;
    for (uint32_t k = 0; k < rank; k++) {
        int64_t value;
        indices[k] = mk_index(a->graph, d->indices[k]);
        if (!evaluate(r, indices[k], &value)) return;
    }
    const char *element = element_text(a, array, node_operands(a->graph, read), node_count(a->graph, read));
    struct span span = node_span(a->graph, read);
    if (same && array == d->array) {
        diag_error(a->c->diags, "reads-itself", span, "%s is defined by itself", element);
        return;
    }
    struct diag *diag =
        diag_error(a->c->diags, "looks-ahead", span, "%s is not known yet when %s is computed", element,
                   element_text(a, d->array, indices, rank));
    diag_hint(a->c->diags, diag,
              same ? "list `%s` before `%s`, or use an earlier element"
                   : "an element may use those that come before it; a range `T..1 by -1` runs downwards",
              a->program->arrays.at[array].name, a->program->arrays.at[d->array].name);
}

/* ---- Demands ---- */

static bool is_inside(struct run *r, node_id read) {
    struct access *a = r->a;
    const struct model_array *shape = access_shape(a, node_payload(a->graph, read));
    for (uint32_t k = 0; k < shape->rank; k++) {
        int64_t value, place;
        if (!evaluate(r, node_operand(a->graph, read, k), &value)) return false;
        if (!__builtin_sub_overflow(value, shape->lower[k], &place) && place >= 0 && place < shape->extent[k])
            continue;
        report_outside(r, read, k, value);
        r->stopped = true;
        return false;
    }
    return true;
}

static bool is_earlier(struct run *r, node_id read) {
    struct access *a = r->a;
    array_id array = node_payload(a->graph, read);
    const struct definition *d = a->defined[array];
    bool other = array != a->defining;
    for (uint32_t k = 0; k < (other ? 1 : d->rank); k++) {
        int64_t distance;
        if (!evaluate(r, access_distance(a, read, k), &distance)) return false;
        if (distance < 0) return true;
        if (distance == 0) continue;
        report_order(r, read, false);
        r->stopped = true;
        return false;
    }
    if (other && d->position < a->position) return true;
    report_order(r, read, true);
    r->stopped = true;
    return false;
}

static bool check(struct run *r, const void *context) {
    const struct demand *demand = context;
    const struct step *s = &r->a->program->steps.at[r->a->step];
    enum op op = node_op(r->a->graph, demand->node);
    int64_t value;
    if (!evaluate(r, demand->guard, &value)) return false;
    if (!value) return true;
    if (op == OP_READ && node_type(r->a->graph, demand->node) == TYPE_REAL)
        return is_inside(r, demand->node) && (!demand->order || is_earlier(r, demand->node));
    if (op == OP_READ && !is_inside(r, demand->node)) return false;
    if (!evaluate(r, demand->node, &value)) return false;
    if (s->kind != STEP_LOOP || demand->node != s->by || value != 0) return true;
    diag_error(r->a->c->diags, "zero-step", s->span, "a range cannot advance by 0%s",
               with_indices(r, r->levels.count));
    r->stopped = true;
    return false;
}

/* Adds where it happened to an error of the evaluation itself. */
static void add_place(struct run *r, unsigned errors_before) {
    struct diag_list *diags = r->a->c->diags;
    if (diags->errors == errors_before || diags->errors > DIAG_LIMIT) return;
    struct diag *last = &VEC_LAST(&diags->items);
    const char *indices = index_text(r, r->levels.count);
    if (indices && !last->hint && !strstr(last->message, indices)) diag_hint(diags, last, "with %s", indices);
}

void access_run(struct access *a, const struct demand *demand) {
    struct run r;
    unsigned errors = a->c->diags->errors;
    if (run_init(&r, a)) {
        use_indices(&r, demand->guard);
        use_indices(&r, demand->node);
        /* The recurrence's own indices stand in its message. */
        const struct definition *d = demand->order && a->defining ? a->defined[a->defining] : NULL;
        for (uint32_t k = 0; d && k < d->rank; k++) r.used[d->indices[k]] = true;
        choose_indices(&r);
        for_each(&r, 0, r.levels.count, check, demand);
        add_place(&r, errors);
    } else {
        r.failed = true;
    }
    run_release(&r);
}

/* ---- Extrema of nothing ---- */

struct extremum {
    size_t first, last; /* its levels */
    const struct ast *ast;
};

static bool found_one(struct run *r, const void *context) {
    (void)r;
    (void)context;
    return false;
}

static bool check_not_empty(struct run *r, const void *context) {
    const struct extremum *e = context;
    if (!for_each(r, e->first, e->last, found_one, NULL)) return !r->stopped;
    diag_error(r->a->c->diags, "empty-extremum", e->ast->span,
               "the %s of nothing: there is no element here%s", e->ast->name, with_indices(r, e->first));
    r->stopped = true;
    return false;
}

/* Adds the loops and filters of a reduction, which begin at step `at`; false where they are not in one piece.
 */
static bool add_reduction(struct run *r, const struct ast *ast, uint32_t at) {
    const struct program *p = r->a->program;
    uint32_t ranges = ast->kind == AST_GENERATOR ? ast->range_count : UINT32_MAX;
    for (uint32_t k = 0; k < ranges; k++) {
        if (at >= p->steps.count || p->steps.at[at].kind != STEP_LOOP) return ranges == UINT32_MAX;
        add_level(r, &p->steps.at[at++]);
        if (ranges == UINT32_MAX || !ast->ranges[k].filter) continue;
        if (at >= p->steps.count || p->steps.at[at].kind != STEP_WHEN) return true;
        add_level(r, &p->steps.at[at++]);
    }
    return true;
}

static uint32_t find_loop(const struct access *a, index_id index) {
    for (uint32_t at = 0; at < a->program->steps.count; at++)
        if (a->program->steps.at[at].kind == STEP_LOOP && a->program->steps.at[at].index == index) return at;
    return UINT32_MAX;
}

static void open_around(struct access *a, uint32_t at) {
    a->open.count = 0;
    for (uint32_t k = 0; k < at; k++) {
        enum step_kind kind = a->program->steps.at[k].kind;
        if (kind == STEP_LOOP || kind == STEP_WHEN) VEC_PUSH(&a->open, k);
        if (kind == STEP_END) a->open.count--;
    }
    a->failed |= a->open.failed;
}

/* Whether intervals alone show that every range has an element. */
static bool surely_runs(struct access *a, const struct run *r, size_t first) {
    for (size_t k = first; k < r->levels.count; k++) {
        const struct step *s = r->levels.at[k].step;
        struct interval length, by;
        if (s->kind != STEP_LOOP) return false;
        if (!intervals_get(&a->intervals, mk_isub(a->graph, s->upper, s->lower), &length) ||
            !intervals_get(&a->intervals, s->by, &by) || by.low < 1 || length.low < 0)
            return false;
    }
    return true;
}

void access_never_empty(struct access *a, const struct never_empty *extremum) {
    uint32_t at = find_loop(a, extremum->index);
    struct run r;
    if (at == UINT32_MAX) return;
    open_around(a, at);
    if (!run_init(&r, a)) {
        r.failed = true;
        run_release(&r);
        return;
    }
    struct extremum e = {.first = r.levels.count, .ast = extremum->ast};
    if (add_reduction(&r, extremum->ast, at) && !r.failed && !surely_runs(a, &r, e.first)) {
        e.last = r.levels.count;
        for (size_t k = e.first; k < e.last; k++)
            if (r.levels.at[k].step->kind == STEP_LOOP) r.used[r.levels.at[k].step->index] = true;
        choose_indices(&r);
        for_each(&r, 0, e.first, check_not_empty, &e);
    }
    run_release(&r);
}
