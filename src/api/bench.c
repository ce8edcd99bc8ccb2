#include "api/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/points.h"
#include "check/effort.h"
#include "eval/taylor.h"

/* So many partials are compared at most; where there are more, some drawn at random. */
enum { MOST_PARTIALS = 64 };
/* What the reference may take for all of them, in additions (0.1 to 0.2 microseconds each), and how often it
 * runs for one partial. */
static const double most_work = 2.5e7, runs_by_partial = 2 + TAYLOR_NODES;

void bench_progress(const struct laboratory *lab, const char *what, double share) {
    if (lab->options->progress) lab->options->progress(lab->options->context, what, share);
}

/* Goes to a point. */
bool bench_stand(struct laboratory *lab, size_t point) {
    size_t n = lab->bench->dimension;
    memcpy(lab->point, lab->points + point * n, n * sizeof *lab->point);
    lab->at = point;
    return gradc_evaluate(lab->e, lab->point, &lab->centre, NULL) <= GRADC_UNDEFINED;
}

/* ---- What is compared ---- */

static bool describe(struct laboratory *lab) {
    struct model *model = lab->e->owner->model;
    struct check_block *unknowns = ARENA_ARRAY(lab->arena, struct check_block, model->unknowns.count + 1);
    for (size_t k = 0; unknowns && k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        unknowns[k] =
            (struct check_block){.array = u->shape.array, .offset = u->offset, .count = u->shape.count};
    }
    lab->subject = (struct subject){unknowns,   model->unknowns.count, model->dimension, &model->binding,
                                    lab->point, &model->diags};
    return unknowns != NULL;
}

/* Leaves out points, then partials, until the reference takes no longer than it may. */
static enum gradc_outcome bound_work(struct laboratory *lab) {
    struct gradc_bench *bench = lab->bench;
    double additions = 0;
    if (effort_measure(&lab->subject, &lab->e->value.program, &additions) != EVALUATED)
        return diag_has_errors(lab->subject.diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
    lab->effort = additions + 1;
    double affordable = most_work / (runs_by_partial * (additions + 1));
    bench->too_large = affordable < 1;
    double points = fmax((double)lab->first + 1, floor(affordable / fmin((double)lab->partial_count, 4)));
    if (points < (double)bench->point_count) bench->point_count = (size_t)points;
    double partials = fmax(1, floor(affordable / (double)bench->point_count));
    if (partials < (double)lab->partial_count) lab->partial_count = (size_t)partials;
    return GRADC_DONE;
}

static struct bench_partial partial_at(const struct laboratory *lab, size_t place) {
    const struct model *model = lab->e->owner->model;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        if (place - u->offset < u->shape.count)
            return (struct bench_partial){place, u->shape.array, place - u->offset};
    }
    return (struct bench_partial){0};
}

/* All partials, or some at random, in order: each is taken with the chance that leaves enough for the rest
 * (Knuth, The Art of Computer Programming, 3.4.2, algorithm S). */
static bool choose_partials(struct laboratory *lab) {
    size_t n = lab->bench->dimension, wanted = lab->partial_count, count = 0;
    struct chance chance = {lab->options->seed + 1};
    size_t *places = ARENA_ARRAY(lab->arena, size_t, wanted + 1);
    lab->partials = ARENA_ARRAY(lab->arena, struct bench_partial, wanted + 1);
    if (!places || !lab->partials) return false;
    for (size_t place = 0; count < wanted; place++) {
        if (wanted < n && (double)(n - place) * chance_unit(&chance) >= (double)(wanted - count)) continue;
        lab->partials[count] = partial_at(lab, place);
        places[count++] = place;
    }
    lab->bench->partials = places;
    lab->bench->partial_count = count;
    return true;
}

static enum gradc_outcome prepare(struct laboratory *lab) {
    struct gradc_bench *bench = lab->bench;
    size_t n = bench->dimension, count = 1 + lab->options->points;
    lab->points = ARENA_ARRAY(lab->arena, double, count *n + 1);
    lab->defined = ARENA_ARRAY(lab->arena, bool, count + 1);
    lab->point = ARENA_ARRAY(lab->arena, double, n + 1);
    lab->gradient = ARENA_ARRAY(lab->arena, double, n + 1);
    if (!lab->points || !lab->defined || !lab->point || !lab->gradient) return GRADC_EXHAUSTED;
    enum gradc_outcome outcome =
        points_choose(lab->e, lab->options->points, lab->options->seed, lab->points, lab->defined);
    if (outcome != GRADC_DONE) return outcome;
    bench->points = lab->points;
    bench->point_defined = lab->defined;
    bench->point_count = bench->points_asked = count;
    bench->kink = HUGE_VAL;
    while (lab->first + 1 < count && !lab->defined[lab->first]) lab->first++;
    lab->partial_count = n < MOST_PARTIALS ? n : MOST_PARTIALS;
    memcpy(lab->point, lab->points + lab->first * n, n * sizeof *lab->point);
    outcome = describe(lab) ? bound_work(lab) : GRADC_EXHAUSTED;
    if (outcome == GRADC_DONE && !choose_partials(lab)) outcome = GRADC_EXHAUSTED;
    return outcome;
}

/* ---- Exact gradients ---- */

static bool run_exact(struct bench_method *m, size_t count, double *partials) {
    struct laboratory *lab = m->lab;
    double value;
    if (m->other) {
        if (!m->other->gradient(m->other->context, lab->point, lab->gradient)) return false;
    } else if (gradc_evaluate(m->evaluator, lab->point, &value, lab->gradient) > GRADC_UNDEFINED) {
        return false;
    }
    if (count > lab->partial_count) count = lab->partial_count;
    for (size_t k = 0; k < count; k++) partials[k] = lab->gradient[lab->partials[k].place];
    return true;
}

static enum gradc_outcome measure_compiled(struct laboratory *lab, enum gradc_arithmetic arithmetic,
                                           const char *name) {
    struct gradc_evaluator_options options = lab->e->options;
    options.native = true;
    options.interpret = false;
    options.arithmetic = arithmetic;
    struct gradc_evaluator *evaluator = gradc_evaluator_new(lab->e->owner, &options);
    struct bench_method method = {
        .name = name, .kind = GRADC_BENCH_EXACT, .run = run_exact, .lab = lab, .evaluator = evaluator};
    enum gradc_outcome outcome = evaluator ? bench_measure(&method) : GRADC_EXHAUSTED;
    gradc_evaluator_free(evaluator);
    return outcome;
}

static enum gradc_outcome bench_exact(struct laboratory *lab) {
    enum gradc_outcome outcome = measure_compiled(lab, GRADC_STRICT, "exact, JIT strict");
    if (outcome == GRADC_DONE) outcome = measure_compiled(lab, GRADC_LANES, "exact, JIT");
    if (outcome == GRADC_DONE) outcome = measure_compiled(lab, GRADC_FAST, "exact, JIT fast");
    for (size_t k = 0; outcome == GRADC_DONE && k < lab->options->other_count; k++) {
        struct bench_method method = {.name = lab->options->others[k].name,
                                      .kind = GRADC_BENCH_EXACT,
                                      .run = run_exact,
                                      .lab = lab,
                                      .other = &lab->options->others[k]};
        outcome = bench_measure(&method);
    }
    return outcome;
}

static bool run_value(void *context) {
    struct laboratory *lab = context;
    double value;
    return gradc_evaluate(lab->e, lab->point, &value, NULL) <= GRADC_UNDEFINED;
}

static enum gradc_outcome time_value(struct laboratory *lab) {
    struct bench_time time;
    if (lab->options->no_times) return GRADC_DONE;
    if (!bench_stand(lab, lab->first) || !bench_time(run_value, lab, &time)) return GRADC_EXHAUSTED;
    lab->bench->value_seconds = time.median;
    lab->bench->value_spread = time.spread;
    return GRADC_DONE;
}

/* ---- The whole ---- */

static enum gradc_outcome bench_all(struct laboratory *lab) {
    enum gradc_outcome outcome = evaluator_prepare_value(lab->e);
    if (outcome == GRADC_DONE) outcome = prepare(lab);
    if (outcome == GRADC_DONE && !lab->defined[lab->first]) return GRADC_UNDEFINED;
    if (outcome == GRADC_DONE) outcome = bench_find_truth(lab);
    if (outcome == GRADC_DONE) outcome = time_value(lab);
    if (outcome == GRADC_DONE) outcome = bench_exact(lab);
    if (outcome == GRADC_DONE) outcome = bench_carried(lab);
    if (outcome == GRADC_DONE) outcome = bench_numeric(lab);
    if (outcome == GRADC_DONE) outcome = bench_sweep(lab);
    if (outcome == GRADC_DONE) outcome = bench_descents(lab);
    return outcome;
}

static void hand_over(struct laboratory *lab) {
    struct gradc_bench_memory *memory = lab->bench->memory;
    lab->bench->ways = memory->ways.at;
    lab->bench->way_count = memory->ways.count;
    lab->bench->steps = memory->steps.at;
    lab->bench->step_count = memory->steps.count;
    lab->bench->descents = memory->descents.at;
    lab->bench->descent_count = memory->descents.count;
}

enum gradc_outcome gradc_bench(struct gradc_evaluator *e, const struct gradc_bench_options *options,
                               struct gradc_bench *bench) {
    static const struct gradc_bench_options usual = {.points = 5};
    *bench = (struct gradc_bench){.memory = calloc(1, sizeof *bench->memory)};
    if (!bench->memory) return GRADC_EXHAUSTED;
    struct laboratory lab = {
        .e = e, .options = options ? options : &usual, .bench = bench, .arena = &bench->memory->arena};
    arena_init(lab.arena);
    if (!model_inputs(e->owner)) return GRADC_REFUSED;
    bench->dimension = e->owner->model->dimension;
    struct stopwatch watch = stopwatch_start();
    enum gradc_outcome outcome = GRADC_DONE;
    if (bench->dimension > 0 && gradc_has_objective(e->owner)) outcome = bench_all(&lab);
    phase_add(e->owner, "bench", watch);
    hand_over(&lab);
    return outcome == GRADC_DONE && lab.arena->failed ? GRADC_EXHAUSTED : outcome;
}

void gradc_bench_free(struct gradc_bench *bench) {
    struct gradc_bench_memory *memory = bench->memory;
    if (memory) {
        VEC_FREE(&memory->ways);
        VEC_FREE(&memory->steps);
        VEC_FREE(&memory->descents);
        arena_release(&memory->arena);
    }
    free(memory);
    *bench = (struct gradc_bench){0};
}
