#include "cli/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/assign.h"
#include "cli/print.h"

/* What the options -D and --data say, in the form of the library. */
struct givens {
    struct assignments assignments;
    struct gradc_param_value *params;
    struct gradc_table_path *tables;
    char **names;
    struct gradc_load_options options;
};

static bool read_params(const struct request *request, struct givens *g) {
    const struct option_values *values = &request->values[OPTION_DEFINE];
    for (size_t k = 0; k < values->count; k++)
        if (!assignments_read(&g->assignments, values->at[k], "-D", false)) return false;
    g->params = allocate(g->assignments.count, sizeof *g->params);
    for (size_t k = 0; k < g->assignments.count; k++) {
        const struct assignment *a = &g->assignments.at[k];
        g->params[k] = (struct gradc_param_value){a->name, a->values, a->count};
    }
    g->options.params = g->params;
    g->options.param_count = g->assignments.count;
    return true;
}

static bool read_tables(const struct request *request, struct givens *g) {
    const struct option_values *values = &request->values[OPTION_DATA];
    g->tables = allocate(values->count, sizeof *g->tables);
    g->names = allocate(values->count, sizeof *g->names);
    for (size_t k = 0; k < values->count; k++) {
        const char *equals = strchr(values->at[k], '=');
        if (!equals || equals == values->at[k] || !equals[1]) {
            complain("bad-assignment", "write NAME=FILE", "`--data` does not understand `%s`", values->at[k]);
            return false;
        }
        g->names[k] = copy_text(values->at[k], (size_t)(equals - values->at[k]));
        g->tables[k] = (struct gradc_table_path){g->names[k], equals + 1};
        g->options.table_count++;
    }
    g->options.tables = g->tables;
    return true;
}

static void givens_free(struct givens *g) {
    for (size_t k = 0; k < g->options.table_count; k++) free(g->names[k]);
    free(g->names);
    free(g->tables);
    free(g->params);
    assignments_free(&g->assignments);
}

static struct gradc_model *load_input(const struct gradc_load_options *options) {
    size_t length;
    char *text = read_stream(stdin, &length);
    if (!text) {
        complain("cannot-read", NULL, "cannot read standard input: %s", strerror(errno));
        return NULL;
    }
    struct gradc_model *model = gradc_load_text("<stdin>", ".", text, length, options);
    free(text);
    return model;
}

static struct gradc_model *load(const struct request *request, const struct gradc_load_options *options) {
    const char *expression = option_value(request, OPTION_EXPRESSION);
    if (expression && gradc_looks_like_file(expression))
        return gradc_load_text("<expression>", ".", expression, strlen(expression), options);
    if (expression) return gradc_load_expression(expression, options);
    if (strcmp(request->file, "-") == 0) return load_input(options);
    return gradc_load_file(request->file, options);
}

/* NULL after an error, which is printed, or where the machine fails. */
static struct gradc_model *load_given(const struct request *request, enum exit_status *status) {
    struct givens givens = {0};
    struct gradc_model *model = NULL;
    *status = EXIT_WRONG;
    if (read_params(request, &givens) && read_tables(request, &givens)) {
        model = load(request, &givens.options);
        if (!model) *status = EXIT_MACHINE;
    }
    givens_free(&givens);
    return model;
}

struct gradc_model *load_model_again(const struct request *request) {
    enum exit_status status;
    if (request->file && strcmp(request->file, "-") == 0) return NULL;
    struct gradc_model *model = load_given(request, &status);
    if (!model || !gradc_has_errors(model)) return model;
    gradc_free(model);
    return NULL;
}

struct gradc_model *load_model(const struct request *request, enum exit_status *status) {
    struct gradc_model *model = load_given(request, status);
    if (!model) return NULL;
    print_diagnostics(model, 0);
    if (!gradc_has_errors(model)) {
        *status = EXIT_FINE;
        return model;
    }
    gradc_free(model);
    return NULL;
}

double *copy_point(const struct gradc_model *model, const double *point) {
    size_t n = gradc_dimension(model);
    double *copy = allocate(n, sizeof *copy);
    if (n) memcpy(copy, point, n * sizeof *copy);
    return copy;
}

/* ---- Phases ---- */

enum { PHASE_COLUMN = 20, SIZE_COLUMN = 9, INSTRUCTION_COLUMN = 19 };

/* The library's names in words. */
static const char *phase_in_words(const char *name) {
    static const char *const words[][2] = {
        {"frontend", "reading, checking"},
        {"inputs", "starts and params"},
        {"derive", "deriving"},
        {"compile", "compiling"},
        {"emit", "writing C"},
        {"run", "descending"},
        {"bench", "measuring"},
        {"check", "comparing, proving"},
    };
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (strcmp(words[k][0], name) == 0) return words[k][1];
    return name;
}

/* 0 stays blank. */
static void print_size(size_t size, int width) {
    if (size)
        fprintf(stderr, "%*zu", width, size);
    else
        fprintf(stderr, "%*s", width, "");
}

static bool has_sizes(const struct gradc_phase *phase) {
    return phase->steps || phase->nodes || phase->instructions;
}

static void print_phase(const struct gradc_phase *phase) {
    fprintf(stderr, "%-*s%9.3f ms", PHASE_COLUMN, phase_in_words(phase->name), 1e3 * phase->seconds);
    if (has_sizes(phase)) {
        print_size(phase->steps, SIZE_COLUMN);
        print_size(phase->nodes, SIZE_COLUMN);
    }
    if (phase->instructions) print_size(phase->instructions, INSTRUCTION_COLUMN);
    fputc('\n', stderr);
}

void print_phases(const struct request *request, const struct gradc_model *model, const char *last,
                  double seconds) {
    if (!option_given(request, OPTION_VERBOSE)) return;
    fprintf(stderr, "%-*s%12s%*s%*s%*s\n", PHASE_COLUMN, "phase", "time", SIZE_COLUMN, "steps", SIZE_COLUMN,
            "nodes", INSTRUCTION_COLUMN, "LLVM instructions");
    for (size_t k = 0; k < gradc_phase_count(model); k++) {
        struct gradc_phase phase = gradc_phase_at(model, k);
        print_phase(&phase);
    }
    if (last) print_phase(&(struct gradc_phase){.name = last, .seconds = seconds});
}

double phases_total(const struct gradc_model *model) {
    double seconds = 0;
    for (size_t k = 0; k < gradc_phase_count(model); k++) seconds += gradc_phase_at(model, k).seconds;
    return seconds;
}

double clock_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double phase_seconds(const struct gradc_model *model, const char *name) {
    for (size_t k = 0; k < gradc_phase_count(model); k++)
        if (strcmp(gradc_phase_at(model, k).name, name) == 0) return gradc_phase_at(model, k).seconds;
    return 0;
}
