#include "api/ahead.h"

#include <stdlib.h>

#include "api/handle.h"

enum { MOST_UNKNOWNS = 16, MOST_STEPS = 256 };

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

bool ahead_run(struct ahead *a, struct gradc_evaluator *e, const double *x, double rate, size_t most,
               struct descent_path *path) {
    a->taken += 1;
    if (!a->tried && (e->options.native || a->taken > patience) && !e->options.interpret) {
        a->tried = true;
        if (!prepare(a, e)) ahead_free(a);
    }
    if (!a->runner.ready) return false;
    struct binding *b = runner_native(&a->runner);
    size_t steps = most < MOST_STEPS ? most : MOST_STEPS;
    evaluator_set_point(e, x);
    *a->runner.binding.arrays[a->arrays.rate].at.real = rate;
    *a->runner.binding.arrays[a->arrays.steps].at.integer = (int64_t)steps;
    if (!b || runner_run(&a->runner) != GRADC_DONE) return false;
    *path = (struct descent_path){steps, runner_values(&a->runner, a->arrays.values), a->moves, a->points};
    return true;
}
