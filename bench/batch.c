/* Value and gradient at many points: one call for all of them against a loop of single calls.
 *
 * Both sides run the same model on the same points, in turn, on one thread; times are those of the processor,
 * medians over the rounds. Before that, the results are compared. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gradc/gradc.h"
#include "measure.h"

enum { POINTS = 1000000, ROUNDS = 15 };
static const char *const usual[] = {GRADC_BENCH_MODELS "/hamiltonian.grad",
                                    GRADC_BENCH_MODELS "/polynomial.grad"};

struct contest {
    struct gradc_model *model;
    struct gradc_compiled *compiled;
    struct gradc_workspace *workspace;
    size_t n;
    double *points, *values, *gradients;
};

static void *room(size_t count) {
    void *memory = calloc(count + 1, sizeof(double));
    if (memory) return memory;
    fputs("memory is exhausted\n", stderr);
    exit(4);
}

static void begin(struct contest *c, const char *path, enum gradc_arithmetic arithmetic) {
    struct gradc_compile_options options = {
        .value = true, .gradient = true, .batch = true, .arithmetic = arithmetic};
    uint64_t state = 1;
    c->model = gradc_load_file(path, NULL);
    if (!c->model || gradc_has_errors(c->model)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    c->compiled = gradc_compile(c->model, &options);
    c->workspace = c->compiled ? gradc_workspace_new(c->compiled) : NULL;
    if (!c->workspace) {
        fprintf(stderr, "%s: cannot be compiled\n", path);
        exit(1);
    }
    c->n = gradc_dimension(c->model);
    c->points = room(POINTS * c->n);
    c->values = room(POINTS);
    c->gradients = room(POINTS * c->n);
    for (size_t k = 0; k < POINTS * c->n; k++)
        c->points[k] = gradc_start(c->model)[k % c->n] + draw_number(&state);
}

static void end(struct contest *c) {
    gradc_workspace_free(c->workspace);
    gradc_compiled_free(c->compiled);
    gradc_free(c->model);
    free(c->points);
    free(c->values);
    free(c->gradients);
}

/* ---- The sides ---- */

static void call_each(struct contest *c, bool gradient) {
    for (size_t p = 0; p < POINTS; p++)
        gradc_call(c->workspace, c->points + p * c->n, &c->values[p],
                   gradient ? c->gradients + p * c->n : NULL);
}

static void call_batch(struct contest *c, bool gradient) {
    gradc_call_batch(c->workspace, POINTS, c->points, c->values, gradient ? c->gradients : NULL);
}

static double seconds(struct contest *c, void (*side)(struct contest *c, bool gradient), bool gradient) {
    double began = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    side(c, gradient);
    return read_clock(CLOCK_PROCESS_CPUTIME_ID) - began;
}

/* The largest difference between the sides, in units of the last place of the larger one. */
static double difference(struct contest *c) {
    size_t count = POINTS * (c->n + 1);
    double *each = room(count), worst = 0;
    call_each(c, true);
    memcpy(each, c->values, POINTS * sizeof *each);
    memcpy(each + POINTS, c->gradients, POINTS * c->n * sizeof *each);
    call_batch(c, true);
    for (size_t k = 0; k < count; k++) {
        double other = k < POINTS ? c->values[k] : c->gradients[k - POINTS];
        double size = fmax(fabs(each[k]), fabs(other));
        if (each[k] != other) worst = fmax(worst, fabs(each[k] - other) / (nextafter(size, INFINITY) - size));
    }
    free(each);
    return worst;
}

static void measure(struct contest *c, bool gradient) {
    double each[ROUNDS], batch[ROUNDS];
    for (int k = 0; k < ROUNDS; k++) {
        each[k] = seconds(c, call_each, gradient);
        batch[k] = seconds(c, call_batch, gradient);
    }
    double alone = median_of(each, ROUNDS), together = median_of(batch, ROUNDS), by_point = 1e9 / POINTS;
    printf("    %-18s one by one %6.2f ns, batch %6.2f ns a point: %.2f times\n",
           gradient ? "value and gradient" : "value", alone * by_point, together * by_point,
           alone / together);
}

static void contest(const char *path, enum gradc_arithmetic arithmetic) {
    static const char *const names[] = {"lanes", "strict"};
    struct contest c;
    begin(&c, path, arithmetic);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    printf("%s, %s: %zu unknowns, %d points, results differ by at most %.2g ULP\n", name, names[arithmetic],
           c.n, (int)POINTS, difference(&c));
    measure(&c, true);
    measure(&c, false);
    end(&c);
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? (size_t)argc - 1 : sizeof usual / sizeof *usual;
    const char *const *paths = argc > 1 ? (const char *const *)argv + 1 : usual;
    for (size_t k = 0; k < count; k++) {
        contest(paths[k], GRADC_LANES);
        contest(paths[k], GRADC_STRICT);
    }
    return 0;
}
