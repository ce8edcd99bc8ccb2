#include "api/ahead.h"

#include <stdlib.h>

#include "api/handle.h"

enum { MOST_UNKNOWNS = 16, MOST_STEPS = 1024 };

/* Steps that are taken one by one before code is made for many, unless native code is wanted anyway. */
static const double patience = 100000;

void ahead_free(struct ahead *a) {
    runner_release(&a->runner);
    free(a->moves);
    free(a->points);
    *a = (struct ahead){.tried = true};
}

static bool derive(struct ahead *a, struct gradc_evaluator *e) {
    const struct model *model = e->owner->model;
    size_t n = model->unknowns.count;
    array_id *ids = model_unknown_ids(model);
    bool good = ids && n <= MOST_UNKNOWNS && evaluator_prepare_gradient(e) == GRADC_DONE &&
                iterate_applies(&e->gradient.program, ids, n);
    if (good) {
        a->runner.has_program = true;
        good = program_iterate(&a->runner.program, &e->gradient.program, model->objective, ids, n, MOST_STEPS,
                               &a->arrays);
    }
    free(ids);
    return good;
}

static bool prepare(struct ahead *a, struct gradc_evaluator *e) {
    size_t n = e->owner->model->unknowns.count;
    struct gradc_evaluator_options options = e->options;
    options.native = true;
    a->moves = calloc(n + 1, sizeof *a->moves);
    a->points = calloc(n + 1, sizeof *a->points);
    if (!a->moves || !a->points || !derive(a, e) ||
        runner_prepare(&a->runner, e->owner, e->point, &options) != GRADC_DONE || !a->runner.kernel)
        return false;
    for (size_t k = 0; k < n; k++) {
        a->moves[k] = runner_values(&a->runner, a->arrays.moves[k]);
        a->points[k] = runner_values(&a->runner, a->arrays.points[k]);
    }
    return true;
}

static void set_input(struct ahead *a, array_id array, double value) {
    *a->runner.binding.arrays[array].at.real = value;
}

bool ahead_run(struct ahead *a, struct gradc_evaluator *e, const double *x,
               const struct descent_stretch *stretch, struct descent_path *path) {
    a->taken += 1;
    if (!a->tried && (e->options.native || a->taken > patience) && !e->options.interpret) {
        a->tried = true;
        if (!prepare(a, e)) ahead_free(a);
    }
    if (!a->runner.ready) return false;
    size_t most = stretch->most < MOST_STEPS ? stretch->most : MOST_STEPS;
    evaluator_set_point(e, x);
    set_input(a, a->arrays.rate, stretch->rate);
    set_input(a, a->arrays.advance, -stretch->rate);
    set_input(a, a->arrays.shortest, stretch->shortest);
    set_input(a, a->arrays.longest, stretch->longest);
    set_input(a, a->arrays.highest, stretch->highest);
    *a->runner.binding.arrays[a->arrays.steps].at.integer = (int64_t)most;
    if (runner_run(&a->runner) != GRADC_DONE) return false;
    size_t taken = (size_t)*a->runner.binding.arrays[a->arrays.taken].at.integer;
    *path = (struct descent_path){taken, runner_values(&a->runner, a->arrays.values), a->moves, a->points};
    return true;
}
