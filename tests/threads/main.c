/* Threads that do everything with models of their own at the same time, and threads that call one compiled
 * function: all have to find the same. It says something when it is built with -fsanitize=thread too
 * (threads_test.py).
 *
 * Usage: threads [ROUNDS] */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"

enum { THREADS = 2, CALLS = 200, N = 24 };

static const char chain[] = "param a = 100\nvar x[i in 1..24] = 0.1*i\n"
                            "minimize sum(a*(x[i] - x[i - 1]^2)^2 + (1 - x[i - 1])^2 for i in 2..24)\n"
                            "output g[i in 1..23] = x[i]*exp(-x[i + 1]^2)\n";
/* Long enough for threads to share its loop. */
static const char long_loop[] =
    "param t[k in 1..20000] = sin(k)\nvar x[i in 1..24] = 0.1*i\n"
    "minimize sum((x[1 + k % 24]*t[k] - exp(x[1 + k*7 % 24]/9))^2 for k in 1..20000)/1000\n"
    "output g[i in 1..23] = x[i]*exp(-x[i + 1]^2)\n";
static const char fit[] =
    "data obs from \"memory\"\nvar b = 3, c = 0.1\nfit y ~ b*(1 - exp(-c*t)) over obs\n";
static const char special[] =
    "var x = 0.7, y = 2\nminimize (besselj(1, x) - 0.4)^2 + (lambertw(y) - 0.5)^2\n";
static const char bounded[] = "var x[2] in [0, 5] = 1\nminimize (x[1] - 3)^2 + (x[2] - 2)^2 + x[1]*x[2]\n"
                              "subject to total: x[1] + x[2] <= 4\n";
static const char settled[] = "var x = 5\nminimize x^2\nsolve with rate = 0.1, tolerance = 1e-6\n";
/* A file that needs another one. */
static const char rows[] = "t,y\n1,0.3\n2,0.55\n4,0.9\n8,1.5\n16,2.1\n";
static const char wrong[] = "var alpha\nminimize 2x + alhpa^2\n";

static struct gradc_model *load(const char *text) {
    static const double cells[] = {1, 0.3, 2, 0.55, 4, 0.9, 8, 1.5, 16, 2.1};
    static const char *const names[] = {"t", "y"};
    static const struct gradc_table_values table = {"obs", 5, 2, names, cells};
    struct gradc_load_options options = {.numbers = &table, .number_count = strstr(text, "data") ? 1 : 0};
    return gradc_load_text("model", ".", text, strlen(text), &options);
}

static void diagnose(struct finding *f) {
    struct gradc_model *model = load(wrong);
    for (size_t k = 0; k < gradc_diagnostic_count(model); k++) {
        char *text = gradc_diagnostic_text(model, k, false), *json = gradc_diagnostic_json(model, k);
        find_text(f, "message", text);
        find_text(f, "JSON", json);
        free(text);
        free(json);
    }
    gradc_free(model);
}

static void derive(struct finding *f, struct gradc_model *model) {
    char *first = gradc_formulas(model, NULL, 0, 1, GRADC_FORMULA_TEXT);
    char *second = gradc_formulas(model, NULL, 0, 2, GRADC_FORMULA_LATEX);
    find_text(f, "gradient", first);
    find_text(f, "Hessian", second);
    free(first);
    free(second);
}

static void evaluate(struct finding *f, struct gradc_model *model, bool native) {
    struct gradc_evaluator_options options = {
        .evaluations = 10, .native = native, .interpret = !native, .threads = 2};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    const double *x = gradc_start(model);
    double value, gradient[N] = {0};
    struct gradc_matrix matrix;
    find(f, "outcome %d\n", (int)gradc_evaluate(e, x, &value, gradient));
    find_numbers(f, "value", &value, 1);
    find_numbers(f, "gradient", gradient, gradc_dimension(model));
    gradc_hessian(e, x, &matrix);
    find_numbers(f, "Hessian", matrix.values, matrix.count);
    if (gradc_hessian_times(e, x, x, gradient) == GRADC_DONE)
        find_numbers(f, "product", gradient, gradc_dimension(model));
    if (gradc_jacobian(e, GRADC_OUTPUTS, x, &matrix) == GRADC_DONE)
        find_numbers(f, "Jacobian", matrix.values, matrix.count);
    gradc_evaluator_free(e);
}

static bool count(void *context, const struct gradc_iteration *iteration) {
    *(size_t *)context += iteration->iteration + 1;
    return true;
}

static void descend(struct finding *f, struct gradc_model *model, const char *method) {
    size_t seen = 0;
    struct gradc_descent end;
    struct gradc_critical_point kind;
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    struct gradc_descent_options options = {
        .method = method, .tolerance = 1e-8, .max_iterations = 200, .observe = count, .context = &seen};
    gradc_descend(e, &options, &end);
    find(f, "%s by %s, %zu seen\n", gradc_status_name(end.status), end.method, seen);
    if (end.point) find_numbers(f, "end", end.point, gradc_dimension(model));
    if (end.point && gradc_examine(e, end.point, NULL, NULL, end.multipliers, &kind) == GRADC_DONE) {
        find(f, "%s\n", gradc_critical_name(kind.kind));
        gradc_critical_point_free(&kind);
    }
    gradc_descent_free(&end);
    gradc_evaluator_free(e);
}

/* From several starts, in threads of its own. */
static void search(struct finding *f) {
    struct gradc_model *models[2] = {load(special), load(special)};
    struct gradc_evaluator *evaluators[2] = {gradc_evaluator_new(models[0], NULL),
                                             gradc_evaluator_new(models[1], NULL)};
    struct gradc_descent_options descent = {.tolerance = 1e-6, .max_iterations = 50};
    struct gradc_multistart_options options = {.descent = &descent, .starts = 6, .seed = 1};
    struct gradc_multistart found;
    if (gradc_multistart(evaluators, 2, &options, &found) == GRADC_DONE) {
        find(f, "%zu basins of %zu starts\n", found.basin_count, found.starts);
        if (found.basin_count) find_numbers(f, "best", found.basins[0].point, gradc_dimension(models[0]));
        gradc_multistart_free(&found);
    }
    for (int k = 0; k < 2; k++) gradc_evaluator_free(evaluators[k]);
    for (int k = 0; k < 2; k++) gradc_free(models[k]);
}

/* With code that is kept in a folder, which the other thread may just have made. */
static void keep(struct finding *f, const char *folder) {
    struct gradc_model *model = load(chain);
    struct gradc_evaluator_options options = {.native = true, .cache = folder};
    double value = 0, gradient[N];
    for (int k = 0; k < 3; k++) {
        struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
        gradc_evaluate(e, gradc_start(model), &value, gradient);
        find_numbers(f, "kept", gradient, N);
        gradc_evaluator_free(e);
    }
    gradc_free(model);
}

static void emit(struct finding *f, struct gradc_model *model) {
    struct gradc_emit_options what = {
        .value = true, .gradient = true, .hessian = true, .hessian_times = true};
    struct gradc_object_options object = {.format = GRADC_ASSEMBLY};
    struct gradc_emitted file;
    bool good = gradc_emit_c(model, &what, &file);
    find_text(f, "C", file.source);
    gradc_emitted_free(&file);
    if (good && gradc_emit_object(model, &what, &object, &file)) find_text(f, "assembly", file.source);
    gradc_emitted_free(&file);
}

static void check(struct finding *f, struct gradc_model *model) {
    struct gradc_check_options options = {.points = 1, .seed = 1};
    struct gradc_check result;
    struct gradc_evaluator *e = gradc_evaluator_new(model, NULL);
    gradc_check(e, &options, &result);
    for (size_t k = 0; k < result.derivative_count; k++)
        find(f, "%s %d\n", result.derivatives[k].name, (int)result.derivatives[k].verdict);
    gradc_check_free(&result);
    gradc_evaluator_free(e);
}

/* A file that the other thread reads too, with code that it may be keeping there as well. */
static void look(struct finding *f, const char *folder) {
    char path[5000];
    struct gradc_cache cache;
    snprintf(path, sizeof path, "%s.grad", folder);
    struct gradc_model *model = gradc_load_file(path, NULL);
    find(f, "%d %d\n", gradc_has_errors(model), gradc_cache_look(folder, &cache));
    ask_model(f, model);
    ask_fit(f, model);
    gradc_free(model);
}

static void build(struct finding *f) {
    struct gradc_model *model = build_all(f);
    if (!model || gradc_has_errors(model)) exit(1);
    ask_model(f, model);
    ask_evaluator(f, model);
    descend(f, model, NULL);
    gradc_free(model);
}

static void do_all(struct finding *f, const char *folder) {
    static const char *const texts[] = {chain, fit, special};
    double a = 50;
    diagnose(f);
    ask_library(f);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct gradc_model *model = load(texts[k]);
        ask_model(f, model);
        derive(f, model);
        evaluate(f, model, false);
        evaluate(f, model, true);
        if (texts[k] == chain && gradc_set_param(model, "a", &a, 1)) evaluate(f, model, true);
        ask_evaluator(f, model);
        descend(f, model, NULL);
        emit(f, model);
        if (texts[k] != chain) check(f, model);
        if (texts[k] == special) ask_laboratory(f, model);
        gradc_free(model);
    }
    search(f);
    keep(f, folder);
    look(f, folder);
    build(f);
    struct gradc_model *model = load(bounded);
    descend(f, model, NULL);
    ask_evaluator(f, model);
    gradc_free(model);
    model = load(settled);
    ask_model(f, model);
    gradc_free(model);
    model = load(long_loop);
    evaluate(f, model, true);
    gradc_free(model);
}

/* ---- Threads ---- */

struct job {
    struct finding found;
    const struct gradc_compiled *function; /* NULL: it does everything by itself */
    size_t rounds;
    const char *folder; /* for code that is kept */
};

static void call(struct job *job) {
    struct gradc_workspace *w = gradc_workspace_new(job->function);
    double x[N], value, gradient[N];
    struct gradc_matrix matrix;
    for (int k = 0; k < N; k++) x[k] = 0.1 * (k + 1);
    for (int k = 0; k < CALLS; k++) {
        if (gradc_call(w, x, &value, gradient) != GRADC_DONE) exit(1);
        for (int i = 0; i < N; i++) x[i] -= 1e-5 * gradient[i];
        if (gradc_call_hessian(w, x, &matrix) != GRADC_DONE) exit(1);
    }
    find_numbers(&job->found, "end", x, N);
    find_numbers(&job->found, "Hessian", matrix.values, matrix.count);
    gradc_call_jacobian(w, GRADC_OUTPUTS, x, &matrix);
    find_numbers(&job->found, "Jacobian", matrix.values, matrix.count);
    if (gradc_call_batch(w, 1, x, &value, gradient) != GRADC_DONE) exit(1);
    find_numbers(&job->found, "value at a point", &value, 1);
    if (gradc_call_arrays(w, GRADC_OUTPUTS, x, gradient) != GRADC_DONE) exit(1);
    find_numbers(&job->found, "outputs", gradient, N - 1);
    gradc_call_hessian_times(w, x, x, gradient);
    find_numbers(&job->found, "product", gradient, N);
    gradc_workspace_free(w);
}

static void *work(void *data) {
    struct job *job = data;
    for (size_t k = 0; k < job->rounds; k++) {
        if (job->function)
            call(job);
        else
            do_all(&job->found, job->folder);
    }
    return NULL;
}

/* Runs a job in several threads, and something else meanwhile; whether all have found the same. */
static bool run(const char *what, struct job job, struct gradc_model *used_meanwhile) {
    pthread_t threads[THREADS];
    struct job jobs[THREADS];
    bool same = true;
    for (int k = 0; k < THREADS; k++) {
        jobs[k] = job;
        if (pthread_create(&threads[k], NULL, work, &jobs[k])) exit(1);
    }
    if (used_meanwhile) evaluate(&job.found, used_meanwhile, true);
    free(job.found.text);
    for (int k = 0; k < THREADS; k++) pthread_join(threads[k], NULL);
    for (int k = 0; k < THREADS; k++)
        same &= jobs[k].found.text && strcmp(jobs[k].found.text, jobs[0].found.text) == 0;
    printf("%s: %s\n", what, same ? "all found the same" : "FAILED: they differ");
    for (int k = 0; !same && k < THREADS; k++) printf("--- thread %d\n%s", k, jobs[k].found.text);
    if (same && getenv("THREADS_SHOW")) printf("%s", jobs[0].found.text);
    for (int k = 0; k < THREADS; k++) free(jobs[k].found.text);
    return same;
}

/* Writes a file beside the folder; without a text it is removed. */
static bool put_beside(const char *folder, const char *end, const char *text) {
    char path[5000];
    snprintf(path, sizeof path, "%s%s", folder, end);
    if (!text) return remove(path) == 0;
    FILE *file = fopen(path, "w");
    bool good = file && fputs(text, file) >= 0;
    return file && fclose(file) == 0 && good;
}

/* A folder for kept code, and beside it a model with its table. */
static bool make_folder(char *folder, size_t size) {
    const char *place = getenv("TMPDIR");
    char text[5000];
    int length = snprintf(folder, size, "%s/gradc-threads-XXXXXX", place ? place : "/tmp");
    if (length >= (int)size || !mkdtemp(folder)) return false;
    snprintf(text, sizeof text, "data obs from \"%s.csv\"\nvar b = 3, c = 0.1\nfit y ~ b*t^c over obs\n",
             strrchr(folder, '/') + 1);
    return put_beside(folder, ".grad", text) && put_beside(folder, ".csv", rows);
}

static bool remove_folder(const char *folder) {
    struct gradc_cache removed;
    bool good = gradc_cache_clear(folder, &removed) && removed.files > 0;
    remove(folder);
    return put_beside(folder, ".grad", NULL) && put_beside(folder, ".csv", NULL) && good;
}

/* All functions of a model, compiled once. */
static bool run_compiled(const char *what, const char *text, size_t rounds, unsigned shared_by) {
    struct gradc_model *model = load(text);
    struct gradc_compile_options all = {.value = true,
                                        .gradient = true,
                                        .hessian = true,
                                        .hessian_times = true,
                                        .jacobian = true,
                                        .batch = true,
                                        .threads = shared_by};
    struct gradc_compiled *function = gradc_compile(model, &all);
    bool good = function && run(what, (struct job){.function = function, .rounds = rounds}, model);
    gradc_compiled_free(function);
    gradc_free(model);
    return good;
}

int main(int argc, char **argv) {
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    char folder[4096];
    if (!make_folder(folder, sizeof folder)) return 1;
    bool good = run("models of their own", (struct job){.rounds = rounds, .folder = folder}, NULL);
    good &= remove_folder(folder);
    good &= run_compiled("one compiled function", chain, rounds, 0);
    good &= run_compiled("one compiled function whose loops are shared", long_loop, rounds, 2);
    printf("%d passed, %d failed\n", good, !good);
    return !good;
}
