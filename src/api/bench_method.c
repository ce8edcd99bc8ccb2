#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/bench.h"

/* ---- Errors ---- */

void bench_error(const struct bench_truth *truth, double value, double *error, double *ulps) {
    double distance = fabs((value - truth->value) - truth->rest);
    int exponent = 0;
    if (distance <= truth->resolution) distance = 0;
    *error = *ulps = distance; /* 0, NaN or infinite */
    if (distance == 0 || !isfinite(distance)) return;
    *error = *ulps = HUGE_VAL;
    if (truth->value == 0) return;
    frexp(truth->value, &exponent);
    *error = distance / fabs(truth->value);
    *ulps = distance / ldexp(1, exponent - 53);
}

static int nan_last(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count) {
    qsort(values, count, sizeof *values, nan_last);
    return values[count / 2];
}

/* Right bits of 53. */
static double bits_of(double error) {
    if (!(error < 1)) return 0;
    return error <= 0x1p-53 ? 53 : -log2(error);
}

struct errors {
    double *errors, *ulps;
    size_t count;
};

static void sum_up(struct errors *e, struct gradc_bench_way *way) {
    if (e->count == 0) return;
    way->median_error = bench_median(e->errors, e->count);
    way->median_ulps = bench_median(e->ulps, e->count);
    way->worst_error = e->errors[e->count - 1];
    way->worst_ulps = e->ulps[e->count - 1];
    way->worst_bits = bits_of(way->worst_error);
    way->median_bits = bits_of(way->median_error);
}

static bool compare(struct bench_method *m, struct errors *e, double *values, struct gradc_bench_way *way) {
    struct laboratory *lab = m->lab;
    size_t points = 0;
    double before = lab->evaluations;
    for (size_t p = 0; p < lab->bench->point_count; p++) {
        if (!lab->defined[p]) continue;
        const struct bench_truth *truths = &lab->truths[p * lab->partial_count];
        if (!bench_stand(lab, p) || !m->run(m, lab->partial_count, values)) return false;
        points++;
        for (size_t k = 0; k < lab->partial_count; k++) {
            if (!truths[k].known) continue;
            bench_error(&truths[k], values[k], &e->errors[e->count], &e->ulps[e->count]);
            e->count++;
            if (!isfinite(values[k])) way->undefined++;
        }
    }
    if (m->kind == GRADC_BENCH_CARRIED) way->evaluations = (double)lab->bench->dimension;
    if (m->kind != GRADC_BENCH_NUMERIC || points == 0) return true;
    double by_partial = (lab->evaluations - before) / ((double)points * (double)lab->partial_count);
    way->evaluations = by_partial * (double)lab->bench->dimension;
    if (m->formula && m->formula->nodes[0] == 0) way->evaluations += 1;
    return true;
}

/* ---- Times ---- */

struct timed {
    struct bench_method *m;
    size_t count;
    double *values;
};

static bool run_timed(void *context) {
    const struct timed *t = context;
    return t->m->run(t->m, t->count, t->values);
}

/* What a run that is timed may take, in seconds. */
static const double affordable = 0.02;

/* Ways that go from partial to partial are timed by as many as can be afforded, the first ones of the sample.
 */
static size_t timed_partials(const struct bench_method *m, const struct gradc_bench_way *way) {
    const struct laboratory *lab = m->lab;
    if (m->kind == GRADC_BENCH_EXACT) return lab->bench->dimension;
    double value = way->interpreted ? lab->bench->interpreted_seconds : lab->bench->value_seconds;
    double each = fmax(way->evaluations / (double)lab->bench->dimension, 1) * value;
    double most = affordable / (each + 1e-12);
    if (most < 1) return 1;
    return most < (double)lab->partial_count ? (size_t)most : lab->partial_count;
}

static bool time_it(struct bench_method *m, double *values, struct gradc_bench_way *way) {
    const struct gradc_bench *bench = m->lab->bench;
    struct timed timed = {m, timed_partials(m, way), values};
    struct bench_time time;
    if (m->lab->options->no_times) return true;
    if (!bench_stand(m->lab, m->lab->first) || !bench_time(run_timed, &timed, &time)) return false;
    double times = (double)bench->dimension / (double)timed.count;
    double value = way->interpreted ? bench->interpreted_seconds : bench->value_seconds;
    way->timed = timed.count;
    way->seconds = time.median * times;
    way->spread = time.spread * times;
    way->ratio = value > 0 ? way->seconds / value : 0;
    return true;
}

/* ---- The whole ---- */

enum gradc_outcome bench_measure(struct bench_method *m) {
    struct laboratory *lab = m->lab;
    size_t most = lab->bench->point_count * lab->partial_count;
    struct errors e = {calloc(most + 1, sizeof(double)), calloc(most + 1, sizeof(double)), 0};
    double *values = calloc(lab->partial_count + 1, sizeof *values);
    struct gradc_bench_way way = {
        .name = m->name, .kind = m->kind, .interpreted = m->kind == GRADC_BENCH_CARRIED};
    bool good = e.errors && e.ulps && values;
    way.obstacle = m->other && !m->other->gradient ? m->other->obstacle : NULL;
    bench_progress(lab, m->name, 0);
    if (good && !way.obstacle) {
        good = compare(m, &e, values, &way);
        sum_up(&e, &way);
        if (good) good = time_it(m, values, &way);
    }
    free(e.errors);
    free(e.ulps);
    free(values);
    if (good) good = VEC_PUSH(&lab->bench->memory->ways, way);
    if (good) return GRADC_DONE;
    return diag_has_errors(&lab->e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}
