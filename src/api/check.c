#include "api/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/points.h"
#include "check/effort.h"
#include "check/watch.h"

static enum gradc_outcome choose_points(struct checking *c) {
    const struct model *model = c->e->owner->model;
    size_t n = model->dimension, count = 1 + (n ? c->options->points : 0);
    c->points = ARENA_ARRAY(&c->memory->arena, double, count *n + 1);
    c->point_defined = ARENA_ARRAY(&c->memory->arena, bool, count + 1);
    if (!c->points || !c->point_defined) return GRADC_EXHAUSTED;
    enum gradc_outcome outcome =
        points_choose(c->e, count - 1, c->options->seed, c->points, c->point_defined);
    c->check->points = c->points;
    c->check->point_defined = c->point_defined;
    c->check->point_count = count;
    return outcome;
}

/* ---- The whole ---- */

void check_progress(const struct checking *c, const char *what, double share) {
    if (c->options->progress) c->options->progress(c->options->context, what, share);
}

static bool begin(struct checking *c) {
    struct gradc_check_memory *memory = calloc(1, sizeof *memory);
    c->memory = c->check->memory = memory;
    if (memory) arena_init(&memory->arena);
    return memory != NULL;
}

static enum gradc_outcome finish(struct checking *c, enum gradc_outcome outcome) {
    struct gradc_check_memory *m = c->memory;
    c->check->derivatives = m->derivatives.at;
    c->check->derivative_count = m->derivatives.count;
    c->check->scopes = m->scopes.at;
    c->check->scope_count = m->scopes.count;
    c->check->kinks = m->kinks.at;
    c->check->kink_count = m->kinks.count;
    c->check->switches = m->switches.at;
    c->check->switch_count = m->switches.count;
    c->check->domains = m->domains.at;
    c->check->domain_count = m->domains.count;
    c->check->warnings = m->warnings.at;
    c->check->warning_count = m->warnings.count;
    bool failed = m->arena.failed || m->derivatives.failed || m->scopes.failed || m->kinks.failed ||
                  m->switches.failed || m->domains.failed || m->warnings.failed;
    return outcome == GRADC_DONE && failed ? GRADC_EXHAUSTED : outcome;
}

/* An evaluation at high precision may take so many additions: some seconds; at the end of a descent a tenth
 * of one. */
static const double most_work = 1.5e7, most_work_beside = 5e5;

static enum gradc_outcome measure(struct checking *c, struct check_results *results, double most) {
    double additions = 0;
    size_t n = c->e->owner->model->dimension;
    if (n) memcpy(results->subject.point, c->points, n * sizeof *c->points);
    enum evaluation done = effort_measure(&results->subject, &results->program, &additions);
    c->is_large = c->check->too_large = additions > most;
    if (done == EVALUATED) return GRADC_DONE;
    return diag_has_errors(&c->e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

static enum gradc_outcome check_all(struct checking *c) {
    struct check_results results;
    enum gradc_outcome outcome = check_results_init(&results, c);
    if (outcome == GRADC_DONE) outcome = measure(c, &results, most_work);
    if (outcome == GRADC_DONE && !c->is_large) outcome = check_derivatives(c);
    check_progress(c, "kinks and switches", 0);
    if (outcome == GRADC_DONE && !c->is_large) outcome = check_places(c, &results);
    check_progress(c, "domains", 0);
    if (outcome == GRADC_DONE) outcome = check_domains(c, &results);
    check_progress(c, "warnings", 0);
    if (outcome == GRADC_DONE) outcome = check_warnings(c, &results);
    check_results_release(&results);
    return outcome;
}

enum gradc_outcome check_with(struct gradc_evaluator *e, const struct gradc_check_options *options,
                              const struct check_hooks *hooks, struct gradc_check *check) {
    static const struct gradc_check_options usual = {.points = 5};
    struct checking c = {.e = e, .options = options ? options : &usual, .hooks = hooks, .check = check};
    *check = (struct gradc_check){0};
    if (!begin(&c)) return GRADC_EXHAUSTED;
    if (!model_inputs(e->owner)) return finish(&c, GRADC_REFUSED);
    struct stopwatch watch = stopwatch_start();
    enum gradc_outcome outcome = choose_points(&c);
    if (outcome == GRADC_DONE) outcome = check_all(&c);
    phase_add(e->owner, "check", watch);
    return finish(&c, outcome);
}

enum gradc_outcome gradc_check(struct gradc_evaluator *e, const struct gradc_check_options *options,
                               struct gradc_check *check) {
    return check_with(e, options, NULL, check);
}

static enum gradc_outcome check_kinks_at(struct checking *c, const double *point) {
    struct check_results results;
    size_t n = c->e->owner->model->dimension;
    c->points = ARENA_ARRAY(&c->memory->arena, double, n + 1);
    if (!c->points) return GRADC_EXHAUSTED;
    if (n) memcpy(c->points, point, n * sizeof *point);
    c->check->points = c->points;
    c->check->point_count = 1;
    enum gradc_outcome outcome = check_results_init(&results, c);
    if (outcome == GRADC_DONE && watch_is_needed(&results.program, &results.reach)) {
        outcome = measure(c, &results, most_work_beside);
        if (outcome == GRADC_DONE && !c->is_large) outcome = check_kinks(c, &results);
    }
    check_results_release(&results);
    return outcome;
}

enum gradc_outcome gradc_find_kinks(struct gradc_evaluator *e, const double *point,
                                    struct gradc_check *check) {
    static const struct gradc_check_options none = {0};
    struct checking c = {.e = e, .options = &none, .check = check, .descends = true};
    *check = (struct gradc_check){0};
    if (!begin(&c)) return GRADC_EXHAUSTED;
    if (!model_inputs(e->owner)) return finish(&c, GRADC_REFUSED);
    return finish(&c, check_kinks_at(&c, point));
}

void gradc_check_free(struct gradc_check *check) {
    struct gradc_check_memory *memory = check->memory;
    if (memory) {
        VEC_FREE(&memory->derivatives);
        VEC_FREE(&memory->scopes);
        VEC_FREE(&memory->kinks);
        VEC_FREE(&memory->switches);
        VEC_FREE(&memory->domains);
        VEC_FREE(&memory->warnings);
        arena_release(&memory->arena);
    }
    free(memory);
    *check = (struct gradc_check){0};
}
