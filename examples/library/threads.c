/* Two threads share one compiled function, each with a workspace of its own.
 *
 *     cc -o threads threads.c $(pkg-config --cflags --libs gradc) -pthread */
#include <gradc/gradc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 2, CALLS = 1000, N = 50 };

static const char chain[] = "var x[i in 1..50] = 0.1*i\n"
                            "minimize sum(100*(x[i] - x[i - 1]^2)^2 + (1 - x[i - 1])^2 for i in 2..50)\n";

struct walk {
    const struct gradc_compiled *function;
    const double *start;
    double value;
};

/* Some steps downhill from the start. */
static void *go(void *data) {
    struct walk *walk = data;
    double point[N], gradient[N];
    struct gradc_workspace *workspace = gradc_workspace_new(walk->function);
    memcpy(point, walk->start, sizeof point);
    for (int k = 0; workspace && k < CALLS; k++) {
        if (gradc_call(workspace, point, &walk->value, gradient) != GRADC_DONE) break;
        for (int i = 0; i < N; i++) point[i] -= 1e-6 * gradient[i];
    }
    gradc_workspace_free(workspace);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    struct walk walks[THREADS];
    struct gradc_model *model = gradc_load_text("chain", ".", chain, strlen(chain), NULL);
    struct gradc_compiled *function = gradc_has_errors(model) ? NULL : gradc_compile(model, NULL);
    if (!function) return fputs(gradc_diagnostic_at(model, 0).message, stderr), 1;
    for (int k = 0; k < THREADS; k++) {
        walks[k] = (struct walk){.function = function, .start = gradc_start(model)};
        if (pthread_create(&threads[k], NULL, go, &walks[k])) return 1;
    }
    for (int k = 0; k < THREADS; k++) pthread_join(threads[k], NULL);
    bool same = walks[0].value == walks[1].value;
    printf("%s, downhill to %.3f\n", same ? "both threads found the same" : "the threads differ",
           walks[0].value);
    gradc_compiled_free(function);
    gradc_free(model);
    return !same;
}
