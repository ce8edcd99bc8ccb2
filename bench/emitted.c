/* Emitted C against native code: emitted [-c FLAGS] FOLDER MODEL.grad [NAME=VALUE]...
 *
 * Emits value and gradient of each model with frozen data into the folder, compiles them by gcc with the
 * flags
 * (-O3 -fno-math-errno -ffp-contract=off), and measures one evaluation beside one of the strict native code:
 * alternating batches, the least of each. Results are compared, bit for bit, before anything is timed. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contest/compiled.h"
#include "gradc/gradc.h"
#include "measure.h"

enum { BATCHES = 15 };
static const double BATCH_SECONDS = 0.1;

typedef double gradient_function(const double *point, double *gradient, double *workspace);
typedef size_t count_function(void);

struct emitted {
    void *library;
    gradient_function *gradient;
    double *workspace;
};

struct contest {
    struct gradc_evaluator *native;
    struct emitted c;
    const double *point;
    double *gradient;
};

static bool compile(struct gradc_model *model, const char *folder, const char *flags, struct emitted *c,
                    double *seconds) {
    struct gradc_emit_options options = {.value = true, .gradient = true, .freeze = true, .workspace = true};
    count_function *room;
    double began = compiled_seconds();
    c->library = compiled_load(model, options, folder, "model", flags);
    *seconds = compiled_seconds() - began;
    if (!c->library || !compiled_find(c->library, "model_workspace", (void *)&room)) return false;
    c->workspace = calloc(room() + 1, sizeof *c->workspace);
    return c->workspace && compiled_find(c->library, "model_gradient", (void *)&c->gradient);
}

static double run_emitted(const struct contest *c) {
    return c->c.gradient(c->point, c->gradient, c->c.workspace);
}

static double run_native(const struct contest *c) {
    double value = 0;
    gradc_evaluate(c->native, c->point, &value, c->gradient);
    return value;
}

static double batch(const struct contest *c, double (*run)(const struct contest *)) {
    double began = read_clock(CLOCK_PROCESS_CPUTIME_ID), spent = 0;
    size_t count = 0;
    for (size_t next = 1; spent < BATCH_SECONDS; next *= 2) {
        for (size_t k = 0; k < next; k++) run(c);
        count += next;
        spent = read_clock(CLOCK_PROCESS_CPUTIME_ID) - began;
    }
    return spent / (double)count;
}

static bool agree(struct contest *c, size_t n) {
    double *other = calloc(n + 1, sizeof *other);
    double native = run_native(c);
    if (!other) return false;
    memcpy(other, c->gradient, n * sizeof *other);
    double emitted = run_emitted(c);
    bool same =
        memcmp(&native, &emitted, sizeof native) == 0 && memcmp(other, c->gradient, n * sizeof *other) == 0;
    free(other);
    return same;
}

static void report(const char *path, struct contest *c, size_t n, double seconds) {
    const char *base = strrchr(path, '/');
    bool same = agree(c, n);
    double native = 1e300, emitted = 1e300;
    for (int k = 0; k < BATCHES; k++) {
        double a = batch(c, run_native), b = batch(c, run_emitted);
        if (a < native) native = a;
        if (b < emitted) emitted = b;
    }
    printf("%-18s %9zu  gcc %5.2f s  native %11.3f us  emitted %11.3f us  ratio %5.2f  %s\n",
           base ? base + 1 : path, n, seconds, 1e6 * native, 1e6 * emitted, emitted / native,
           same ? "same bits" : "OTHER BITS");
}

static bool measure(const char *path, const struct gradc_load_options *load, const char *folder,
                    const char *flags) {
    struct gradc_model *model = gradc_load_file(path, load);
    struct gradc_evaluator_options how = {.evaluations = 1000000, .native = true, .arithmetic = GRADC_STRICT};
    struct contest c = {.native = NULL};
    double seconds;
    bool good = model && !gradc_has_errors(model) && gradc_start(model) &&
                compile(model, folder, flags, &c.c, &seconds);
    if (good) {
        size_t n = gradc_dimension(model);
        c.native = gradc_evaluator_new(model, &how);
        c.point = gradc_start(model);
        c.gradient = calloc(n + 1, sizeof *c.gradient);
        good = c.native && c.gradient;
        if (good) report(path, &c, n, seconds);
    } else {
        fprintf(stderr, "%s: cannot be emitted and compiled\n", path);
    }
    gradc_evaluator_free(c.native);
    gradc_free(model);
    free(c.gradient);
    free(c.c.workspace);
    if (c.c.library) dlclose(c.c.library);
    return good;
}

int main(int argc, char **argv) {
    struct gradc_param_value params[16];
    double values[16];
    struct gradc_load_options load = {.params = params};
    bool good = true;
    const char *flags = "-O3 -fno-math-errno -ffp-contract=off";
    int first = argc > 2 && strcmp(argv[1], "-c") == 0 ? 3 : 1;
    if (first == 3) flags = argv[2];
    if (argc < first + 2) {
        fprintf(stderr, "usage: emitted [-c FLAGS] FOLDER MODEL.grad [NAME=VALUE]... [MODEL.grad ..]\n");
        return 2;
    }
    for (int k = first + 1; k < argc;) {
        const char *path = argv[k++];
        load.param_count = 0;
        for (char *equals; k < argc && load.param_count < 16 && (equals = strchr(argv[k], '=')); k++) {
            *equals = 0;
            values[load.param_count] = strtod(equals + 1, NULL);
            params[load.param_count] = (struct gradc_param_value){argv[k], &values[load.param_count], 1};
            load.param_count++;
        }
        good &= measure(path, &load, argv[first], flags);
    }
    return good ? 0 : 1;
}
