#include "api/batch.h"

#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "eval/size.h"
#include "lower/lower.h"
#include "lower/regroup.h"
#include "support/number.h"
#include "support/transpose.h"

enum {
    MOST_POINTS = 64,       /* of a block */
    LEAST_POINTS = 8,       /* fills the widest lanes */
    BLOCK_NUMBERS = 1 << 14 /* of points in a block, about: it stays in a near cache */
};

/* Programs with more have little from lanes across points: their loops have lanes themselves, or their
 * straight stretches are too long for any. */
static const size_t most_nodes = 1024, most_elements = 8192;

/* ---- Code ---- */

static bool replace(struct program *p, bool (*pass)(struct program *out, const struct program *p)) {
    struct program result = {0};
    bool done = pass(&result, p);
    program_release(p);
    *p = result;
    return done;
}

/* What is computed at one point: in the order of the program where that is kept, else lowered. */
static bool lower_one(struct program *p, enum gradc_arithmetic arithmetic) {
    if (arithmetic == GRADC_STRICT) return true;
    if (arithmetic == GRADC_FAST && !replace(p, program_regroup)) return false;
    return replace(p, lower_program);
}

static size_t block_size(size_t dimension) {
    size_t points = MOST_POINTS;
    while (points > LEAST_POINTS && points * dimension > BLOCK_NUMBERS) points /= 2;
    return points;
}

static bool spread(struct batch_function *f, struct gradc_evaluator *e, struct program *one) {
    const struct model *model = e->owner->model;
    array_id *unknowns = model_unknown_ids(model);
    f->most = block_size(model->dimension);
    struct batch_request request = {model->objective, unknowns, model->unknowns.count, f->most};
    f->runner.has_program = f->runner.is_lowered = true;
    bool done = unknowns && lower_one(one, e->options.arithmetic) &&
                program_batch(&f->runner.program, one, &request, &f->arrays);
    free(unknowns);
    return done;
}

/* Whether there is little to do at a point, so that one by one calls would be what takes the time. */
static bool is_small(const struct batch_function *f, const struct program *one) {
    size_t elements = 0;
    for (array_id a = 1; a < one->arrays.count; a++)
        if (!one->arrays.at[a].unused) elements += f->runner.binding.arrays[a].count;
    for (array_id a = f->arrays.count; a < f->runner.binding.array_count; a++)
        if (f->runner.program.arrays.at[a].owner) elements += f->runner.binding.arrays[a].count;
    return elements <= most_elements;
}

static bool find_columns(struct batch_function *f, const struct model *model) {
    f->columns = calloc(model->dimension + 1, sizeof *f->columns);
    f->partials = calloc(model->dimension + 1, sizeof *f->partials);
    f->zeros = calloc(f->most, sizeof *f->zeros);
    bool room = f->columns && f->partials && f->zeros;
    for (size_t k = 0; room && k < model->unknowns.count; k++) {
        const struct model_unknown *unknown = &model->unknowns.at[k];
        double *numbers = f->runner.binding.arrays[f->arrays.points[k]].at.real;
        array_id partial = f->arrays.partials[k];
        double *slopes = partial ? f->runner.binding.arrays[partial].at.real : NULL;
        for (size_t i = 0; i < unknown->shape.count; i++) {
            f->columns[unknown->offset + i] = numbers + i * f->most;
            f->partials[unknown->offset + i] = slopes ? slopes + i * f->most : f->zeros;
        }
    }
    return room;
}

static enum gradc_outcome make_code(struct batch_function *f, struct gradc_evaluator *e,
                                    const struct program *one) {
    struct gradc_evaluator_options options = e->options;
    options.native = true;
    enum gradc_outcome outcome = runner_bind(&f->runner, e->owner, e->point);
    if (outcome != GRADC_DONE || !is_small(f, one)) return outcome;
    *f->runner.binding.arrays[f->arrays.count].at.integer = (int64_t)f->most;
    outcome = runner_compile(&f->runner, e->owner, &options);
    if (outcome != GRADC_DONE || !f->runner.kernel) return outcome;
    return find_columns(f, e->owner->model) ? GRADC_DONE : GRADC_EXHAUSTED;
}

static enum gradc_outcome prepare(struct batch_function *f, struct gradc_evaluator *e, struct program *one) {
    if (program_node_count(one) > most_nodes || e->owner->model->dimension > most_elements) return GRADC_DONE;
    return spread(f, e, one) ? make_code(f, e, one) : GRADC_EXHAUSTED;
}

enum gradc_outcome batch_prepare(struct batch_function *f, struct gradc_evaluator *e, bool gradient) {
    struct program one = {0};
    if (!e->owner->model->objective) return GRADC_REFUSED;
    if (f->tried || e->options.interpret) return GRADC_DONE;
    enum gradc_outcome outcome = evaluator_derive(e, gradient, &one);
    if (outcome == GRADC_DONE) outcome = prepare(f, e, &one);
    program_release(&one);
    if (outcome != GRADC_DONE || !f->columns) batch_release(f);
    f->tried = outcome == GRADC_DONE;
    return outcome;
}

bool batch_share(struct batch_function *f, const struct batch_function *from, double *point) {
    *f = (struct batch_function){.arrays = from->arrays, .most = from->most, .tried = from->tried};
    if (!from->columns) return true;
    return runner_share(&f->runner, &from->runner, point) && find_columns(f, from->runner.owner->model);
}

void batch_release(struct batch_function *f) {
    runner_release(&f->runner);
    free(f->columns);
    free(f->partials);
    free(f->zeros);
    *f = (struct batch_function){.most = 0};
}

/* ---- Points ---- */

/* Evaluates points of one block; false where a result is not finite. */
static bool run_block(struct batch_function *f, size_t n, size_t count, const double *points, double *values,
                      double *gradients) {
    transpose_rows(f->columns, points, n, count);
    *f->runner.binding.arrays[f->arrays.count].at.integer = (int64_t)count;
    runner_run(&f->runner);
    memcpy(values, runner_values(&f->runner, f->arrays.values), count * sizeof *values);
    bool finite = numbers_are_finite(values, count);
    if (!gradients) return finite;
    transpose_columns(gradients, f->partials, n, count);
    return numbers_are_finite(gradients, n * count) && finite;
}

static enum gradc_outcome one_by_one(struct gradc_evaluator *e, size_t count, const double *points,
                                     double *values, double *gradients) {
    size_t n = e->owner->model->dimension;
    enum gradc_outcome worst = GRADC_DONE;
    for (size_t p = 0; p < count && worst <= GRADC_UNDEFINED; p++) {
        double *gradient = gradients ? gradients + p * n : NULL;
        enum gradc_outcome outcome = gradc_evaluate(e, points + p * n, &values[p], gradient);
        if (outcome > worst) worst = outcome;
    }
    return worst;
}

enum gradc_outcome gradc_evaluate_batch(struct gradc_evaluator *e, size_t count, const double *points,
                                        double *values, double *gradients) {
    struct batch_function *f = gradients ? &e->batch->gradient : &e->batch->value;
    size_t n = e->owner->model->dimension;
    enum gradc_outcome outcome = batch_prepare(f, e, gradients != NULL);
    if (outcome != GRADC_DONE) return outcome;
    if (!f->columns) return one_by_one(e, count, points, values, gradients);
    for (size_t p = 0, block; p < count; p += block) {
        block = count - p < f->most ? count - p : f->most;
        double *part = gradients ? gradients + p * n : NULL;
        if (!run_block(f, n, block, points + p * n, values + p, part)) outcome = GRADC_UNDEFINED;
    }
    return outcome;
}
