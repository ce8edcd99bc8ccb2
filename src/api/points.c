#include "api/points.h"

#include <string.h>

#include "check/points.h"

/* How often a point is drawn where the function is not defined, and every how many times nearer to the start.
 */
enum { DRAWS = 60, DRAWS_AT_A_DISTANCE = 4 };

static enum gradc_outcome is_defined(struct gradc_evaluator *e, const double *point, bool *defined) {
    double value = 0;
    bool objective = gradc_has_objective(e->owner);
    enum gradc_outcome outcome = GRADC_DONE;
    if (objective)
        outcome = gradc_evaluate(e, point, &value, NULL);
    else if (gradc_count(e->owner, GRADC_OUTPUTS) > 0)
        outcome = gradc_evaluate_arrays(e, GRADC_OUTPUTS, point);
    *defined = outcome == GRADC_DONE;
    return outcome == GRADC_UNDEFINED ? GRADC_DONE : outcome;
}

/* A random point; where the function is not defined there, one nearer to the start. */
static enum gradc_outcome draw(struct gradc_evaluator *e, struct chance *chance, bool start_defined,
                               double *point, bool *defined) {
    const struct model *model = e->owner->model;
    size_t n = model->dimension;
    *defined = false;
    for (int k = 0; k < DRAWS; k++) {
        point_draw(chance, model->start, model->lower, model->upper, n, point);
        for (int i = 0; i < k / DRAWS_AT_A_DISTANCE && start_defined; i++)
            point_approach(point, model->start, n);
        enum gradc_outcome outcome = is_defined(e, point, defined);
        if (outcome != GRADC_DONE || *defined) return outcome;
    }
    return GRADC_DONE;
}

enum gradc_outcome points_choose(struct gradc_evaluator *e, size_t random, uint64_t seed, double *points,
                                 bool *defined) {
    const struct model *model = e->owner->model;
    size_t n = model->dimension;
    struct chance chance = {seed};
    if (n) memcpy(points, model->start, n * sizeof *points);
    enum gradc_outcome outcome = is_defined(e, points, &defined[0]);
    for (size_t k = 1; outcome == GRADC_DONE && k <= random; k++)
        outcome = draw(e, &chance, defined[0], points + k * n, &defined[k]);
    return outcome;
}
