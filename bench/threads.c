/* What threads gain: value and gradient by one thread and by several, in one run.
 *
 * Usage: threads [MOST] [BATCHES], by default 2 and 200. Batches of both sides alternate; times are those of
 * the clock on the wall, least of all batches, for other work on the machine makes them longer. All sides
 * must have the same bits. */
#define _DEFAULT_SOURCE
#include <gradc/gradc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"

enum { MOST_SIDES = 65, MOST_PARAMS = 3 };
static const double batch_seconds = 0.004;

static const struct workload {
    const char *title, *file;
    const char *names[MOST_PARAMS];
    double values[MOST_PARAMS];
} workloads[] = {
    {"W4 mixture d=2 K=5", "gmm.grad", {"d", "K", "N"}, {2, 5, 1000}},
    {"W4 mixture d=10 K=25", "gmm.grad", {"d", "K", "N"}, {10, 25, 1000}},
    {"W6 fit of 1e6 rows", "fit.grad", {"m"}, {1e6}},
    {"W10 logistic, 1e6 x 20", "logistic.grad", {"m"}, {1e6}},
    {"W2 Rosenbrock n=1e6", "rosenbrock.grad", {"n"}, {1e6}},
};

struct side {
    struct gradc_evaluator *evaluator;
    double value, *gradient, least;
    size_t times; /* evaluations in a batch */
};

static struct gradc_model *load(const struct workload *w) {
    char path[4096];
    struct gradc_param_value params[MOST_PARAMS];
    struct gradc_load_options options = {.params = params};
    snprintf(path, sizeof path, "%s/%s", GRADC_BENCH_MODELS, w->file);
    for (size_t k = 0; k < MOST_PARAMS && w->names[k]; k++)
        params[options.param_count++] =
            (struct gradc_param_value){.name = w->names[k], .values = &w->values[k], .count = 1};
    return gradc_load_file(path, &options);
}

static double batch(struct side *s, const double *point) {
    double began = read_clock(CLOCK_MONOTONIC);
    for (size_t k = 0; k < s->times; k++) gradc_evaluate(s->evaluator, point, &s->value, s->gradient);
    return (read_clock(CLOCK_MONOTONIC) - began) / (double)s->times;
}

static bool open_side(struct side *s, struct gradc_model *model, unsigned threads) {
    struct gradc_evaluator_options options = {.native = true, .evaluations = 1000000, .threads = threads};
    *s = (struct side){.evaluator = gradc_evaluator_new(model, &options), .least = INFINITY, .times = 1};
    s->gradient = calloc(gradc_dimension(model) + 1, sizeof *s->gradient);
    if (!s->evaluator || !s->gradient ||
        gradc_evaluate(s->evaluator, gradc_start(model), &s->value, s->gradient) != GRADC_DONE)
        return false;
    s->times = 1 + (size_t)(batch_seconds / batch(s, gradc_start(model)));
    return true;
}

static bool same(const struct side *a, const struct side *b, size_t n) {
    return memcmp(&a->value, &b->value, sizeof a->value) == 0 &&
           memcmp(a->gradient, b->gradient, n * sizeof *a->gradient) == 0;
}

static bool measure(const struct workload *w, unsigned most, int batches) {
    struct side sides[MOST_SIDES];
    struct gradc_model *model = load(w);
    bool good = model && !gradc_has_errors(model) && gradc_start(model);
    unsigned count = 0;
    while (good && count < most) good = open_side(&sides[count], model, count + 1), count++;
    for (int k = 0; good && k < batches; k++)
        for (unsigned s = 0; s < count; s++)
            sides[s].least = fmin(sides[s].least, batch(&sides[s], gradc_start(model)));
    printf("%-24s", w->title);
    for (unsigned s = 0; good && s < count; s++) {
        good = same(&sides[0], &sides[s], gradc_dimension(model));
        if (s == 0) printf(" %10.2f us", 1e6 * sides[s].least);
        if (s > 0)
            printf("  %u threads %10.2f us, %.2f times", s + 1, 1e6 * sides[s].least,
                   sides[0].least / sides[s].least);
    }
    puts(good ? "" : "  failed, or differs");
    for (unsigned s = 0; s < count; s++) {
        gradc_evaluator_free(sides[s].evaluator);
        free(sides[s].gradient);
    }
    gradc_free(model);
    return good;
}

int main(int argc, char **argv) {
    unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 10) : 2;
    int batches = argc > 2 ? atoi(argv[2]) : 200;
    bool good = true;
    if (most < 1 || most >= MOST_SIDES || batches < 1) return 2;
    for (size_t k = 0; k < sizeof workloads / sizeof *workloads; k++) {
        good &= measure(&workloads[k], (unsigned)most, batches);
        fflush(stdout);
    }
    return good ? 0 : 1;
}
