#include <math.h>
#include <string.h>

#include "api/bench.h"
#include "eval/judge.h"
#include "eval/taylor.h"

/* A point at high precision. */
struct stand {
    struct laboratory *lab;
    struct binding binding;
    struct judge judge;
    struct reference reference;
    bool has_judge, has_reference;
};

static const struct program *objective_of(const struct laboratory *lab) {
    return &lab->e->value.program;
}

static bool stand_open(struct stand *s) {
    struct laboratory *lab = s->lab;
    struct diag_list *diags = lab->subject.diags;
    const struct program *p = objective_of(lab);
    if (!subject_bind(&lab->subject, &s->binding, p)) return false;
    s->has_judge = judge_init(&s->judge, p, &s->binding, diags);
    if (!s->has_judge) return false;
    s->has_reference = reference_init(&s->reference, p, &s->binding, s->judge.precision, diags);
    if (s->has_reference) reference_use_cache(&s->reference, &s->judge.cache);
    return s->has_reference && judge_stand(&s->judge) == EVALUATED;
}

static void stand_close(struct stand *s) {
    if (s->has_reference) reference_release(&s->reference);
    if (s->has_judge) judge_release(&s->judge);
    binding_release(&s->binding);
}

/* How far values in doubles are off, at most, where the high precision has been; at least what the rounding
 * of the value alone makes of it on average. */
static double noise_of(struct laboratory *lab, const struct bench_partial *partial, const struct taylor *t) {
    double kept = lab->point[partial->place], noise = 0, value;
    for (size_t k = 0; k < TAYLOR_NODES; k++) {
        if (!t->exact[k]) continue;
        lab->point[partial->place] = t->nodes[k];
        gradc_evaluate(lab->e, lab->point, &value, NULL);
        double error = fabs((value - t->values[k]) - t->rests[k]);
        noise = fmax(noise, fmax(error, 0x1p-54 * fabs(t->values[k])));
    }
    lab->point[partial->place] = kept;
    return noise;
}

/* The judge's differences are off by about 2^-260*x^2 times the third derivative; what is no larger is 0. */
static void settle(struct bench_truth *truth, double x, double third) {
    double scale = x != 0 ? fabs(x) : 1;
    truth->resolution = 0x1p-200 * (scale * scale * fabs(third) + fabs(truth->value));
    if (fabs(truth->value) <= truth->resolution) truth->value = truth->rest = 0;
}

/* Whether the derivatives from both sides are one: conditions inside a function may change sides where it is
 * smooth, as those do on which sigmoid chooses its formula. Steps are 2^-130 of the unknown, and where the
 * derivative is 0 that is what is left of it, beside value and curvature. */
static bool is_differentiable(const struct judge *j, array_id objective, struct bench_truth *truth, double x,
                              const struct taylor *t) {
    double below, above, unit = fmax(1, fabs(x));
    double least = 0x1p-100 * (fabs(t->values[TAYLOR_NODES / 2]) / unit + fabs(t->derivatives[2]) * unit);
    if (judge_is_smooth(j)) return true;
    judge_sides(j, objective, 0, &below, &above);
    double reach = fmax(fabs(below), fabs(above));
    if (reach <= least) truth->value = truth->rest = 0;
    return fabs(above - below) <= 0x1p-60 * reach || reach <= least;
}

static enum evaluation find(struct stand *s, const struct bench_partial *partial, struct bench_truth *truth) {
    array_id objective = s->lab->e->owner->model->objective;
    struct taylor taylor;
    enum evaluation done = judge_move(&s->judge, partial->array, partial->element);
    if (done == EVALUATED)
        done = taylor_measure(&s->reference, partial->array, partial->element, objective, &taylor);
    if (done != EVALUATED) return done;
    mpfr_t exact;
    mpfr_init2(exact, s->judge.precision);
    judge_get(&s->judge, objective, 0, exact);
    truth->value = mpfr_get_d(exact, MPFR_RNDN);
    mpfr_sub_d(exact, exact, truth->value, MPFR_RNDN);
    truth->rest = mpfr_get_d(exact, MPFR_RNDN);
    mpfr_clear(exact);
    truth->known = is_differentiable(&s->judge, objective, truth, s->lab->point[partial->place], &taylor) &&
                   isfinite(truth->value);
    settle(truth, s->lab->point[partial->place], taylor.derivatives[3]);
    truth->noise = noise_of(s->lab, partial, &taylor);
    truth->size = fabs(taylor.values[TAYLOR_NODES / 2]);
    for (int k = 0; k < DIFFERENCES; k++)
        truth->higher[k] = taylor.derivatives[difference_at((enum difference_id)k)->order + 1];
    return EVALUATED;
}

/* Five-point differences with the usual step reach so far, in relation to the unknown. */
static const double near_kink = 2e-3;
/* How much larger than predicted an error is where a kink has made it. */
static const double beyond_prediction = 100;

/* Whether a kink that was met makes differences wrong: it may lie inside a function that is smooth as a
 * whole, as |x| does in softplus, or in no direction of an unknown. */
static bool is_met(struct laboratory *lab, size_t point) {
    const struct difference *formula = difference_at(DIFFERENCE_FIVE_POINT);
    for (size_t k = 0; k < lab->partial_count; k++) {
        const struct bench_truth *truth = &lab->truths[point * lab->partial_count + k];
        double h = difference_usual_step(formula, lab->point[lab->partials[k].place]), error, ulps;
        if (!truth->known) continue;
        bench_error(truth, bench_difference(lab, formula, k, h), &error, &ulps);
        double predicted = difference_truncation(formula, h, truth->higher[DIFFERENCE_FIVE_POINT]) +
                           difference_rounding(formula, h, truth->noise);
        if (error * fabs(truth->value) > beyond_prediction * predicted) return true;
    }
    return false;
}

static enum evaluation find_at(struct laboratory *lab, size_t point) {
    struct gradc_bench *bench = lab->bench;
    struct stand s = {.lab = lab};
    enum evaluation done = stand_open(&s) ? EVALUATED : EVALUATION_MEMORY;
    for (size_t k = 0; done == EVALUATED && k < lab->partial_count; k++) {
        struct bench_truth *truth = &lab->truths[point * lab->partial_count + k];
        double points = (double)bench->point_count;
        bench_progress(lab, "reference", ((double)point + (double)k / (double)lab->partial_count) / points);
        done = find(&s, &lab->partials[k], truth);
        bench->compared += truth->known;
        bench->kinked += !truth->known;
        if (truth->known && truth->value == 0) bench->zeros++;
    }
    double kink = done == EVALUATED ? fmin(judge_kink(&s.judge), reference_kink(&s.reference)) : HUGE_VAL;
    if (kink < bench->kink && kink < near_kink && is_met(lab, point)) {
        bench->kink = kink;
        bench->kink_point = point;
    }
    stand_close(&s);
    return done;
}

static double noise_in_ulps(const struct bench_truth *truth) {
    int exponent = 0;
    if (truth->size == 0) return 0;
    frexp(truth->size, &exponent);
    return truth->noise / ldexp(1, exponent - 53);
}

static bool sum_up_noise(struct laboratory *lab) {
    size_t all = lab->bench->point_count * lab->partial_count, count = 0;
    double *noises = ARENA_ARRAY(lab->arena, double, all + 1);
    for (size_t k = 0; noises && k < all; k++)
        if (lab->truths[k].known) noises[count++] = noise_in_ulps(&lab->truths[k]);
    if (count) lab->bench->noise = bench_median(noises, count);
    return noises != NULL;
}

enum gradc_outcome bench_find_truth(struct laboratory *lab) {
    const struct model *model = lab->e->owner->model;
    lab->truths =
        ARENA_ARRAY(lab->arena, struct bench_truth, lab->bench->point_count * lab->partial_count + 1);
    if (!lab->truths) return GRADC_EXHAUSTED;
    for (size_t point = 0; point < lab->bench->point_count && !lab->bench->too_large; point++) {
        if (!lab->defined[point]) continue;
        if (!bench_stand(lab, point) || find_at(lab, point) != EVALUATED)
            return diag_has_errors(&model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
    }
    return sum_up_noise(lab) ? GRADC_DONE : GRADC_EXHAUSTED;
}
