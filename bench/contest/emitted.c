/* Emitted C as a contestant: FOLDER MODEL.grad KIND [NAME=VALUE...], where KIND is gradient, jacobian,
 * hessian or descent; the rest are sizes of the model. The C is emitted with frozen data into the folder,
 * compiled by gcc with what follows, and loaded. Its preparation is that all. */
#include <gradc/gradc.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contest/compiled.h"
#include "contest/contest.h"
#include "contest/model.h"

#define FLAGS "-O2 -ffp-contract=off"
/* More numbers in tables than this take gcc too long. */
enum { MOST_NUMBERS = 500000 };

typedef double value_function(const double *point, double *workspace);
typedef double gradient_function(const double *point, double *gradient, double *workspace);
typedef void outputs_function(const double *point, double *outputs, double *workspace);
typedef size_t pattern_function(int64_t *row, int64_t *column, int64_t *order, int64_t *scratch,
                                double *workspace);
typedef void entries_function(const double *point, const int64_t *order, double *values, double *workspace);
typedef size_t count_function(void);

struct side {
    void *library;
    value_function *value;
    gradient_function *gradient;
    outputs_function *outputs;
    entries_function *entries;
    const double *start;
    double *point, *workspace, *result, *values;
    int64_t *order;
    size_t dimension, count;
};

static void find(void *library, const char *name, void *function) {
    if (!compiled_find(library, name, function)) contest_skip("a function is missing in the emitted C");
}

static size_t call_count(void *library, const char *name) {
    count_function *count;
    find(library, name, (void *)&count);
    return count();
}

static void run_value(void *state) {
    struct side *s = state;
    s->result[0] = s->value(s->point, s->workspace);
}

static void run_gradient(void *state) {
    struct side *s = state;
    s->result[0] = s->gradient(s->point, s->result + 1, s->workspace);
}

static void run_outputs(void *state) {
    struct side *s = state;
    s->outputs(s->point, s->values, s->workspace);
}

/* Beside a Hessian: its result stays. */
static void run_gradient_apart(void *state) {
    struct side *s = state;
    s->gradient(s->point, s->values, s->workspace);
}

static void run_entries(void *state) {
    struct side *s = state;
    s->entries(s->point, s->order, s->result, s->workspace);
}

/* Fixed steps against the gradient: until all change their element by at most the tolerance. */
static void run_descent(void *state) {
    static const double rate = 0.001, tolerance = 1e-6;
    struct side *s = state;
    double largest = 1;
    memcpy(s->point, s->start, s->dimension * sizeof *s->point);
    for (unsigned k = 0; k < 100000 && largest > tolerance; k++) {
        s->gradient(s->point, s->values, s->workspace);
        largest = 0;
        for (size_t i = 0; i < s->dimension; i++) {
            double step = rate * s->values[i];
            s->point[i] -= step;
            largest = fmax(largest, fabs(step));
        }
    }
    memcpy(s->result, s->point, s->dimension * sizeof *s->point);
}

/* ---- Kinds ---- */

static void open_gradient(struct side *s) {
    find(s->library, "model_value", (void *)&s->value);
    find(s->library, "model_gradient", (void *)&s->gradient);
    s->values = contest_memory(s->dimension);
    s->count = s->dimension + 1;
}

static void open_descent(struct side *s) {
    open_gradient(s);
    s->count = s->dimension;
}

/* The pattern of a matrix: what the function of its values goes by. */
static void open_entries(struct side *s, const char *terms, const char *pattern, const char *values) {
    size_t most = call_count(s->library, terms);
    pattern_function *find_pattern;
    find(s->library, pattern, (void *)&find_pattern);
    find(s->library, values, (void *)&s->entries);
    int64_t *places = (int64_t *)contest_memory(4 * most);
    s->order = (int64_t *)contest_memory(most);
    s->count = find_pattern(places, places + most, s->order, places + 2 * most, s->workspace);
    s->values = contest_memory(most + s->dimension);
    free(places);
}

static void open_jacobian(struct side *s) {
    find(s->library, "model_outputs", (void *)&s->outputs);
    open_entries(s, "model_outputs_jacobian_terms", "model_outputs_jacobian_pattern",
                 "model_outputs_jacobian");
}

static void open_hessian(struct side *s) {
    open_entries(s, "model_hessian_terms", "model_hessian_pattern", "model_hessian");
    find(s->library, "model_gradient", (void *)&s->gradient);
}

static const struct kind {
    const char *name;
    struct gradc_emit_options options;
    void (*open)(struct side *s);
    void (*value)(void *), (*derivative)(void *);
} kinds[] = {{"gradient", {.value = true, .gradient = true}, open_gradient, run_value, run_gradient},
             {"jacobian", {.jacobian = true}, open_jacobian, run_outputs, run_entries},
             {"hessian", {.gradient = true, .hessian = true}, open_hessian, run_gradient_apart, run_entries},
             {"descent", {.value = true, .gradient = true}, open_descent, NULL, run_descent}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void open_side(struct side *s, const struct kind *kind, struct gradc_model *model,
                      const char *folder) {
    s->start = gradc_start(model);
    s->dimension = gradc_dimension(model);
    struct gradc_emit_options options = kind->options;
    options.freeze = options.workspace = true;
    s->library = compiled_load(model, options, folder, "emitted", FLAGS);
    if (!s->library) contest_skip("it cannot be emitted, compiled and loaded");
    s->workspace = contest_memory(call_count(s->library, "model_workspace"));
    s->point = contest_memory(s->dimension);
    memcpy(s->point, s->start, s->dimension * sizeof *s->point);
    kind->open(s);
    s->result = contest_memory(s->count + s->dimension);
}

int main(int argc, char **argv) {
    struct side s = {.library = NULL};
    size_t k = 0;
    if (argc < 4) return 2;
    while (k < KINDS && strcmp(kinds[k].name, argv[3]) != 0) k++;
    if (k == KINDS) return 2;
    double start = contest_seconds();
    struct gradc_model *model = contest_model(argv[2], argc, argv);
    if (gradc_frozen_count(model) > MOST_NUMBERS)
        contest_skip("its frozen data are more than gcc takes in seconds");
    open_side(&s, &kinds[k], model, argv[1]);
    kinds[k].derivative(&s);
    double preparation = contest_seconds() - start + compiled_seconds();
    struct contest c = {&s, kinds[k].value, kinds[k].derivative, s.result, s.count};
    int status = contest_serve(&c, preparation);
    gradc_free(model);
    return status;
}
