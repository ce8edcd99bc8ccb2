#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/run.h"

enum { SHOWN_BASINS = 20, SHOWN_UNKNOWNS = 4, NUMBER_WIDTH = 24, KIND_WIDTH = 14, COUNT_WIDTH = 8 };

/* ---- The search ---- */

/* Each thread has a model of its own. */
struct team {
    struct gradc_model **models; /* the first belongs to the run */
    struct gradc_evaluator **evaluators;
    size_t count;
};

static size_t thread_count(const struct run *run, const struct gradc_evaluator_options *options) {
    size_t threads = options->threads;
    return threads < run->search.starts ? threads : run->search.starts;
}

/* Those that cannot be had are done without: what is found does not depend on it. */
static void gather(struct team *team, const struct run *run, const struct gradc_evaluator_options *options,
                   size_t threads) {
    struct gradc_evaluator_options alone = *options;
    alone.threads = 1;
    team->models = allocate(threads, sizeof *team->models);
    team->evaluators = allocate(threads, sizeof *team->evaluators);
    team->evaluators[team->count++] = run->evaluator;
    while (team->count < threads) {
        struct gradc_model *model = load_model_again(run->request);
        struct gradc_evaluator *evaluator = model ? gradc_evaluator_new(model, &alone) : NULL;
        if (!evaluator) {
            gradc_free(model);
            return;
        }
        team->models[team->count] = model;
        team->evaluators[team->count++] = evaluator;
    }
}

static void dismiss(struct team *team) {
    for (size_t t = 1; t < team->count; t++) {
        gradc_evaluator_free(team->evaluators[t]);
        gradc_free(team->models[t]);
    }
    free(team->models);
    free(team->evaluators);
}

/* Whether progress is shown, and when it was last. */
struct display {
    bool (*proceed)(void *context);
    struct progress progress;
};

static bool pass_on(void *context) {
    const struct display *display = context;
    return display->proceed(NULL);
}

static void show(void *context, size_t done, size_t starts) {
    struct display *display = context;
    if (!progress_is_due(&display->progress)) return;
    fprintf(stderr, "\r%zu of %zu starts \033[K", done, starts);
}

bool run_search(struct run *run, const struct gradc_evaluator_options *options,
                bool (*proceed)(void *context)) {
    struct team team = {.count = 0};
    if (run->search.starts == 0) return true;
    struct display display = {.proceed = proceed, .progress = progress_begin(run->request)};
    gather(&team, run, options, thread_count(run, options));
    run->search.descent = &run->options;
    run->search.proceed = pass_on;
    run->search.progress = show;
    run->search.context = &display;
    bool good = gradc_multistart(team.evaluators, team.count, &run->search, &run->found) == GRADC_DONE;
    dismiss(&team);
    progress_end(&display.progress);
    if (!good) complain("failed", NULL, "there are too many starts for the memory of this machine");
    if (good && run->found.basin_count > 0) {
        memcpy(run->start, run->found.basins[0].start, gradc_dimension(run->model) * sizeof *run->start);
        if (run->found.basins[0].number > 0) run->options.outside = NULL;
    }
    return good;
}

/* ---- What was found ---- */

static void print_point(const struct run *run, const double *point) {
    size_t n = gradc_dimension(run->model);
    for (size_t j = 0; j < n && j < SHOWN_UNKNOWNS; j++) {
        if (j) fputs(", ", stdout);
        printf("%.10g", point[j]);
    }
    fputs(n > SHOWN_UNKNOWNS ? ", ...\n" : "\n", stdout);
}

static void print_basin_head(const struct run *run) {
    size_t n = gradc_dimension(run->model);
    print_padded(stdout, "objective", NUMBER_WIDTH);
    print_padded(stdout, "kind", KIND_WIDTH);
    print_padded(stdout, "starts", COUNT_WIDTH);
    for (size_t j = 0; j < n && j < SHOWN_UNKNOWNS; j++) {
        char *name = element_name(run->model, j);
        printf("%s%s", j ? ", " : "", name);
        free(name);
    }
    putchar('\n');
}

static void print_basin(const struct run *run, const struct gradc_basin *basin) {
    char text[GRADC_NUMBER_CHARS];
    gradc_number_format(basin->objective, text);
    print_padded(stdout, text, NUMBER_WIDTH);
    snprintf(text, sizeof text, "%s", gradc_critical_name(basin->kind));
    for (char *c = text; *c; c++) *c = *c == '_' ? ' ' : *c;
    print_padded(stdout, text, KIND_WIDTH);
    snprintf(text, sizeof text, "%zu", basin->count);
    print_padded(stdout, text, COUNT_WIDTH);
    print_point(run, basin->point);
}

void run_print_basins(const struct run *run) {
    const struct gradc_multistart *found = &run->found;
    if (run->search.starts == 0) return;
    printf("\n%zu start%s, %zu basin%s", found->starts, found->starts == 1 ? "" : "s", found->basin_count,
           found->basin_count == 1 ? "" : "s");
    if (found->unfinished) printf("; %zu did not converge", found->unfinished);
    if (found->undefined) printf("; %zu had no value", found->undefined);
    putchar('\n');
    if (found->basin_count) print_basin_head(run);
    for (size_t b = 0; b < found->basin_count && b < SHOWN_BASINS; b++) print_basin(run, &found->basins[b]);
    if (found->basin_count > SHOWN_BASINS)
        printf("... %zu more (--json shows all)\n", found->basin_count - SHOWN_BASINS);
}

void run_print_starts(const struct run *run) {
    putchar('[');
    for (size_t b = 0; b < run->found.basin_count; b++) {
        const struct gradc_basin *basin = &run->found.basins[b];
        fputs(b ? ", {\"x\": " : "{\"x\": ", stdout);
        print_json_point(stdout, run->model, basin->point);
        fputs(", \"objective\": ", stdout);
        print_json_number(stdout, basin->objective);
        printf(", \"kind\": \"%s\", \"count\": %zu}", gradc_critical_name(basin->kind), basin->count);
    }
    putchar(']');
}
