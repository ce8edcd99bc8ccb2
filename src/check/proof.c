#include "check/proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/proof_state.h"

/* Work allowed to an attempt, and how many iterations of a loop each may run one by one. */
static const double most_work = 4e6;
static const double attempts[] = {HUGE_VAL, 200, 20, 3, 0};

enum { MOST_ROUNDS = 50 };

/* A loop or condition that is open. */
struct opening {
    size_t at;
    /* A loop run iteration by iteration: */
    bool iterates;
    int64_t value, by;
    uint64_t remaining;
    /* One run at once: */
    bool at_once;
    /* A body that may not be run: */
    bool undecided;
    size_t first_undo;
    uint32_t outer;
    bool changed; /* around it */
    size_t assumptions;
};

struct run {
    struct proving *s;
    VEC(struct opening) open;
    size_t at;
    bool iterated;
};

/* ---- Loops ---- */

static bool is_single(struct interval a) {
    return a.low == a.high;
}

static struct opening open_here(const struct run *r) {
    return (struct opening){
        .at = r->at, .changed = r->s->changed, .assumptions = r->s->assumptions.count, .outer = r->s->body};
}

static void make_undecided(struct run *r, struct opening *o) {
    o->undecided = true;
    o->first_undo = proving_enter_body(r->s);
}

static void close_last(struct run *r) {
    struct opening o = VEC_POP(&r->open);
    struct proving *s = r->s;
    if (o.at_once) s->loops.count--;
    if (o.undecided) proving_leave_body(s, o.first_undo, o.outer);
    s->changed |= o.changed;
    proving_forget(s, o.assumptions);
}

/* How often the loop runs, at least and at most. */
static void iterations(struct interval lower, struct interval upper, struct interval by, double *least,
                       double *most) {
    *least = 0;
    *most = HUGE_VAL;
    if (!is_single(by) || by.low == 0) return;
    double step = fabs((double)by.low);
    bool up = by.low > 0;
    double longest = up ? (double)upper.high - (double)lower.low : (double)lower.high - (double)upper.low;
    double shortest = up ? (double)upper.low - (double)lower.high : (double)lower.low - (double)upper.high;
    *most = fmax(0, floor(longest / step) + 1);
    *least = fmax(0, floor(shortest / step) + 1);
}

static void begin_iterating(struct run *r, const struct step *step, struct interval lower, struct interval by,
                            double count) {
    struct opening o = open_here(r);
    o.iterates = true;
    o.value = lower.low;
    o.by = by.low;
    o.remaining = (uint64_t)count - 1;
    r->s->indices[step->index] = lower;
    if (!VEC_PUSH(&r->open, o)) r->s->exhausted = true;
}

/* All iterations at once. */
static void begin_at_once(struct run *r, const struct step *step, double least, double most) {
    struct proving *s = r->s;
    struct opening o = open_here(r);
    struct interval lower = s->values[step->lower].integer, upper = s->values[step->upper].integer;
    struct interval index = {lower.low < upper.low ? lower.low : upper.low,
                             lower.high > upper.high ? lower.high : upper.high};
    struct interval by = s->values[step->by].integer;
    if (by.low > 0) index = (struct interval){lower.low, upper.high};
    if (by.high < 0) index = (struct interval){upper.low, lower.high};
    s->indices[step->index] = index;
    if (least < 1) make_undecided(r, &o);
    struct at_once loop = {fmax(least, 1), most, s->epoch, step->order != ORDER_FREE};
    o.at_once = true;
    s->changed = false;
    r->iterated = false;
    if (!VEC_PUSH(&s->loops, loop)) s->exhausted = true;
    if (!VEC_PUSH(&r->open, o)) s->exhausted = true;
}

static bool begin_loop(struct run *r, const struct step *step) {
    struct proving *s = r->s;
    double least, most;
    proving_begin(s);
    if (!proving_evaluate(s, step->lower) || !proving_evaluate(s, step->upper) ||
        !proving_evaluate(s, step->by))
        return false;
    struct interval lower = s->values[step->lower].integer, upper = s->values[step->upper].integer,
                    by = s->values[step->by].integer;
    iterations(lower, upper, by, &least, &most);
    if (most < 1) {
        r->at = step->partner;
    } else if (is_single(lower) && is_single(upper) && is_single(by) && most <= s->most_iterations) {
        begin_iterating(r, step, lower, by, most);
    } else {
        begin_at_once(r, step, least, most);
    }
    return true;
}

static void end_loop(struct run *r, const struct step *loop) {
    struct proving *s = r->s;
    struct opening *o = &VEC_LAST(&r->open);
    proving_forget(s, o->assumptions);
    if (o->iterates && o->remaining > 0) {
        o->remaining--;
        o->value += o->by;
        s->indices[loop->index] = (struct interval){o->value, o->value};
        r->at = o->at;
        return;
    }
    /* A recurrence goes on until nothing is new. */
    struct at_once *once = o->at_once ? &VEC_LAST(&s->loops) : NULL;
    if (once && once->round && s->changed && once->round < MOST_ROUNDS) {
        once->round++;
        s->changed = false;
        r->at = o->at;
        return;
    }
    /* It has come to no end: nothing is proved. */
    if (once && once->round && s->changed) s->work = HUGE_VAL;
    close_last(r);
}

/* ---- Steps ---- */

static bool begin_when(struct run *r, const struct step *step) {
    struct proving *s = r->s;
    proving_begin(s);
    if (!proving_evaluate(s, step->condition)) return false;
    enum truth truth = s->truths[step->condition];
    struct opening o = open_here(r);
    bool possible = (truth & MAY_HOLD) && proving_assume(s, step->condition, true);
    if (!possible) {
        proving_forget(s, o.assumptions);
        r->at = step->partner;
        return true;
    }
    if (truth & MAY_FAIL) make_undecided(r, &o);
    if (!VEC_PUSH(&r->open, o)) s->exhausted = true;
    return true;
}

static bool update(struct proving *s, const struct step *step) {
    const struct array *array = program_array_at(s->program, step->array);
    proving_begin(s);
    for (uint32_t k = 0; k < array->rank; k++) {
        if (!proving_evaluate(s, step_subscripts(s->program, step)[k])) return false;
        if (s->moving[step->array] &&
            (!proving_evaluate(s, array->dims[k].lower) || !proving_evaluate(s, array->dims[k].upper)))
            return false;
    }
    if (!proving_evaluate(s, step->value)) return false;
    proving_write(s, step);
    return !s->exhausted;
}

static bool run_step(struct run *r) {
    const struct step *step = &r->s->program->steps.at[r->at];
    switch (step->kind) {
    case STEP_UPDATE: return update(r->s, step);
    case STEP_CLEAR:
        proving_begin(r->s);
        if (!proving_evaluate(r->s, step->value)) return false;
        proving_clear(r->s, step);
        return !r->s->exhausted;
    case STEP_LOOP: return begin_loop(r, step);
    case STEP_WHEN: return begin_when(r, step);
    case STEP_END: break;
    }
    const struct step *opening = &r->s->program->steps.at[step->partner];
    if (opening->kind == STEP_LOOP)
        end_loop(r, opening);
    else
        close_last(r);
    return r->s->work <= r->s->most_work;
}

/* ---- Attempts ---- */

static bool proving_init(struct proving *s, const struct proof_request *request, struct proof *proof) {
    const struct program *p = request->program;
    size_t nodes = proof->node_count, arrays = p->arrays.count;
    *s = (struct proving){.request = request,
                          .program = p,
                          .graph = p->graph,
                          .proof = proof,
                          .node_count = proof->node_count,
                          .most_work = most_work};
    ranger_init(&s->ranger);
    s->values = calloc(nodes, sizeof *s->values);
    s->truths = calloc(nodes, sizeof *s->truths);
    s->epochs = calloc(nodes, sizeof *s->epochs);
    s->assumed = calloc(nodes, sizeof *s->assumed);
    s->indices = calloc(p->indices.count + 1, sizeof *s->indices);
    s->stores = calloc(arrays, sizeof *s->stores);
    s->moving = calloc(arrays, sizeof *s->moving);
    bool room = s->values && s->truths && s->epochs && s->assumed && s->indices && s->stores && s->moving;
    for (array_id a = 1; room && a < arrays; a++) s->moving[a] = array_is_moving(p, a);
    return subject_bind(request->subject, &s->binding, p) && room;
}

static void proving_release(struct proving *s) {
    for (size_t a = 0; s->stores && a < s->program->arrays.count; a++) free(s->stores[a].cells);
    ranger_release(&s->ranger);
    binding_release(&s->binding);
    free(s->values);
    free(s->truths);
    free(s->epochs);
    free(s->assumed);
    free(s->indices);
    free(s->stores);
    free(s->moving);
    VEC_FREE(&s->assumptions);
    VEC_FREE(&s->visits);
    VEC_FREE(&s->operands);
    VEC_FREE(&s->loops);
    VEC_FREE(&s->undos);
}

/* What the outputs lie in, once all steps have been run. */
static bool take_results(const struct proving *s, struct proof *proof) {
    const struct program *p = s->program;
    for (array_id a = 1; a < p->arrays.count; a++) {
        const struct store *store = &s->stores[a];
        if (!role_is_output(p->arrays.at[a].role) || !store->cells || store->summarised) continue;
        proof->results[a] = malloc((store->count + 1) * sizeof **proof->results);
        if (!proof->results[a]) return false;
        for (size_t k = 0; k < store->count; k++) proof->results[a][k] = store->cells[k].real;
    }
    return true;
}

/* False where memory is exhausted; *finished: the work allowed was enough. */
static bool attempt(const struct proof_request *request, struct proof *proof, double iterations,
                    bool *finished) {
    struct proving s;
    bool good = proving_init(&s, request, proof);
    struct run r = {.s = &s, .iterated = true};
    s.most_iterations = iterations;
    memset(proof->findings, 0, proof->node_count * sizeof *proof->findings);
    *finished = good;
    for (; good && *finished && r.at < request->program->steps.count; r.at++) *finished = run_step(&r);
    proof->iterated = r.iterated;
    good = good && !s.exhausted && !r.open.failed && (!*finished || take_results(&s, proof));
    VEC_FREE(&r.open);
    proving_release(&s);
    return good;
}

/* Where a < b is known, so are the signs of b - a and a - b: makes these nodes before nodes are counted.
 * Those that the program has itself are the same nodes. */
static bool make_differences(const struct program *p) {
    struct graph *g = p->graph;
    size_t count = graph_count(g);
    for (node_id n = 1; n < count; n++) {
        node_id differences[2];
        if (node_compares_reals(g, n)) differences_of(g, n, differences);
    }
    return !g->failed;
}

enum evaluation proof_make(struct proof *proof, const struct proof_request *request) {
    bool finished = false, good = true;
    if (!make_differences(request->program)) return EVALUATION_MEMORY;
    *proof = (struct proof){.node_count = graph_count(request->program->graph),
                            .array_count = request->program->arrays.count};
    proof->findings = calloc(proof->node_count, sizeof *proof->findings);
    proof->results = calloc(proof->array_count, sizeof *proof->results);
    if (!proof->findings || !proof->results) return EVALUATION_MEMORY;
    size_t last = sizeof attempts / sizeof *attempts - 1;
    for (size_t k = request->at_once ? last : 0; good && !finished && k < sizeof attempts / sizeof *attempts;
         k++)
        good = attempt(request, proof, attempts[k], &finished);
    /* What could not be run to its end proves nothing. */
    for (size_t n = 0; !finished && n < proof->node_count; n++)
        if (proof->findings[n].safety == SAFE) proof->findings[n].safety = MAYBE_UNSAFE;
    return good ? EVALUATED : EVALUATION_MEMORY;
}

void proof_release(struct proof *proof) {
    for (size_t a = 0; proof->results && a < proof->array_count; a++) free(proof->results[a]);
    free(proof->results);
    free(proof->findings);
    *proof = (struct proof){0};
}
