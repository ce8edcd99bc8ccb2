#include <math.h>

#include "api/bench.h"

/* Steps from 1e-1 to 1e-16, so many in a factor of ten; medians are over so many partials at most. */
enum { BY_DECADE = 4, FIRST_DECADE = 1, LAST_DECADE = 16, MOST_PARTIALS = 16 };

/* Partials with a value that is not 0, to which errors are in relation. */
static size_t choose(const struct laboratory *lab, size_t partials[MOST_PARTIALS]) {
    const struct bench_truth *truths = &lab->truths[lab->first * lab->partial_count];
    size_t count = 0;
    for (size_t k = 0; k < lab->partial_count && count < MOST_PARTIALS; k++)
        if (truths[k].known && truths[k].value != 0) partials[count++] = k;
    return count;
}

static void try_formula(struct laboratory *lab, int id, const size_t *partials, size_t count,
                        struct gradc_bench_step *step) {
    const struct difference *formula = difference_at((enum difference_id)id);
    double errors[MOST_PARTIALS], truncations[MOST_PARTIALS], roundings[MOST_PARTIALS], ulps;
    for (size_t k = 0; k < count; k++) {
        const struct bench_truth *truth = &lab->truths[lab->first * lab->partial_count + partials[k]];
        double size = fabs(truth->value),
               h = step->h * fmax(1, fabs(lab->point[lab->partials[partials[k]].place]));
        bench_error(truth, bench_difference(lab, formula, partials[k], h), &errors[k], &ulps);
        truncations[k] = difference_truncation(formula, h, truth->higher[id]) / size;
        roundings[k] = difference_rounding(formula, h, truth->noise) / size;
    }
    step->error[id] = bench_median(errors, count);
    step->truncation[id] = bench_median(truncations, count);
    step->rounding[id] = bench_median(roundings, count);
}

static enum gradc_outcome find_floor(struct laboratory *lab, const size_t *partials, size_t count) {
    double errors[MOST_PARTIALS], ulps, value;
    enum gradc_outcome outcome = gradc_evaluate(lab->e, lab->point, &value, lab->gradient);
    if (outcome > GRADC_UNDEFINED) return outcome;
    for (size_t k = 0; k < count; k++)
        bench_error(&lab->truths[lab->first * lab->partial_count + partials[k]],
                    lab->gradient[lab->partials[partials[k]].place], &errors[k], &ulps);
    lab->bench->exact_floor = bench_median(errors, count);
    return GRADC_DONE;
}

enum gradc_outcome bench_sweep(struct laboratory *lab) {
    size_t partials[MOST_PARTIALS], count = lab->bench->too_large ? 0 : choose(lab, partials);
    if (lab->options->no_sweep || count == 0) return GRADC_DONE;
    if (!bench_stand(lab, lab->first)) return GRADC_EXHAUSTED;
    lab->bench->step_partials = count;
    enum gradc_outcome outcome = find_floor(lab, partials, count);
    for (int k = FIRST_DECADE * BY_DECADE; outcome == GRADC_DONE && k <= LAST_DECADE * BY_DECADE; k++) {
        struct gradc_bench_step step = {.h = pow(10, -(double)k / BY_DECADE)};
        for (int id = 0; id < DIFFERENCES; id++) try_formula(lab, id, partials, count, &step);
        if (!VEC_PUSH(&lab->bench->memory->steps, step)) outcome = GRADC_EXHAUSTED;
    }
    return outcome;
}
