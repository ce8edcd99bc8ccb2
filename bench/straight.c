/* Straight-line programs: random graphs of operations in ten unknowns, a fifth of them transcendental.
 *
 * For each size a child process reads the program as text, derives it, and evaluates value and gradient in
 * the interpreter or natively; it reports times and its peak memory. The table ends with exponents: how each
 * figure grows from 1e4 to the largest size (1: linear). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gradc/gradc.h"
#include "measure.h"

enum { UNKNOWNS = 10, LONGEST_LINE = 64, SIZES = 4, BATCHES = 7 };
static const size_t sizes[SIZES] = {1000, 10000, 100000, 1000000};
static const double BATCH_SECONDS = 0.05;

/* What a child reports. Times in seconds of the processor. */
struct measurement {
    double operations, function_nodes, gradient_nodes;
    double front_end, derive, compile, first, evaluation;
    double wall;   /* of what is behind the front end, by the clock on the wall */
    double memory; /* in bytes beyond an empty process */
};

static double peak_memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

/* ---- Random programs ---- */

struct drawing {
    uint64_t state;
    char *text, *end;
    double *values;
    bool *used;
    size_t count, sinks; /* of values, and of those that nothing uses yet */
};

static double draw(struct drawing *d) {
    return draw_number(&d->state);
}

static void use(struct drawing *d, size_t k) {
    d->sinks -= !d->used[k];
    d->used[k] = true;
}

static void add_value(struct drawing *d, double value, int length) {
    d->end += length;
    d->values[d->count] = value;
    d->used[d->count++] = false;
    d->sinks++;
}

static void add_unary(struct drawing *d, const char *name, size_t a, double value) {
    use(d, a);
    add_value(d, value, sprintf(d->end, "let v%zu = %s(v%zu)\n", d->count, name, a));
}

static void add_binary(struct drawing *d, char sign, size_t a, size_t b, double value) {
    use(d, a);
    use(d, b);
    add_value(d, value, sprintf(d->end, "let v%zu = v%zu%cv%zu\n", d->count, a, sign, b));
}

/* One operation over any of the values so far, such that values stay small. */
static void add_operation(struct drawing *d) {
    size_t a = (size_t)(draw(d) * (double)d->count), b = (size_t)(draw(d) * (double)d->count);
    double choice = draw(d), x = d->values[a], y = d->values[b];
    if (choice < 0.35 && fabs(x * y) < 3)
        add_binary(d, '*', a, b, x * y);
    else if (choice >= 0.35 && choice < 0.60 && fabs(x + y) < 3)
        add_binary(d, '+', a, b, x + y);
    else if (choice >= 0.60 && choice < 0.75 && fabs(x - y) < 3)
        add_binary(d, '-', a, b, x - y);
    else if (choice >= 0.75 && choice < 0.80 && fabs(y) > 0.3 && fabs(x / y) < 3)
        add_binary(d, '/', a, b, x / y);
    else if (choice >= 0.80 && choice < 0.85 && x < 1)
        add_unary(d, "exp", a, exp(x));
    else if (choice >= 0.92)
        add_unary(d, "cos", a, cos(x));
    else
        add_unary(d, "sin", a, sin(x));
}

/* The sum of everything that nothing uses is minimised. */
static void end_program(struct drawing *d) {
    const char *separator = "minimize ";
    size_t in_line = 0;
    for (size_t k = 0; k < d->count; k++) {
        if (d->used[k]) continue;
        d->end += sprintf(d->end, "%sv%zu", separator, k);
        separator = ++in_line % 16 ? " + " : " +\n  ";
    }
    d->end += sprintf(d->end, "\n");
}

/* The text of a program of about so many operations; the caller frees it. */
static char *draw_program(size_t operations) {
    struct drawing d = {.state = operations, .text = malloc((operations + 2 * UNKNOWNS) * LONGEST_LINE)};
    d.end = d.text;
    d.values = calloc(operations + 2 * UNKNOWNS, sizeof *d.values);
    d.used = calloc(operations + 2 * UNKNOWNS, sizeof *d.used);
    if (d.text && d.values && d.used) {
        for (size_t k = 0; k < UNKNOWNS; k++) {
            double start = 0.5 + draw(&d);
            add_value(&d, start, sprintf(d.end, "var v%zu = %.17g\n", k, start));
        }
        while (d.count - UNKNOWNS + d.sinks - 1 < operations) add_operation(&d);
        end_program(&d);
    }
    free(d.values);
    free(d.used);
    return d.text;
}

/* ---- One measurement, in a process of its own ---- */

/* Phases are measured by a clock on the wall; `share` is the processor's part of that time. */
static void read_phases(const struct gradc_model *model, double share, struct measurement *m) {
    for (size_t k = 0; k < gradc_phase_count(model); k++) {
        struct gradc_phase phase = gradc_phase_at(model, k);
        if (strcmp(phase.name, "derive") == 0) m->derive += share * phase.seconds;
        if (strcmp(phase.name, "compile") == 0) m->compile += share * phase.seconds;
        if (strcmp(phase.name, "frontend") == 0) m->function_nodes = (double)phase.nodes;
        if (strcmp(phase.name, "derive") == 0) m->gradient_nodes = (double)phase.nodes;
    }
}

static void time_evaluation(struct gradc_evaluator *e, const double *point, struct measurement *m) {
    double value, gradient[UNKNOWNS];
    size_t count = 1;
    m->evaluation = INFINITY;
    for (int batch = 0; batch < BATCHES; batch++) {
        double began = read_clock(CLOCK_PROCESS_CPUTIME_ID);
        for (size_t k = 0; k < count; k++) gradc_evaluate(e, point, &value, gradient);
        double each = (read_clock(CLOCK_PROCESS_CPUTIME_ID) - began) / (double)count;
        if (each < m->evaluation) m->evaluation = each;
        if (each * (double)count < BATCH_SECONDS) count = (size_t)(BATCH_SECONDS / each) + 1;
    }
}

static bool measure(size_t operations, bool native, struct measurement *m) {
    char *text = draw_program(operations);
    if (!text) return false;
    double idle = peak_memory(), value, gradient[UNKNOWNS], began = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    struct gradc_model *model = gradc_load_text("bench", ".", text, strlen(text), NULL);
    if (!model || gradc_has_errors(model)) return false;
    m->front_end = read_clock(CLOCK_PROCESS_CPUTIME_ID) - began;
    double seen = read_clock(CLOCK_MONOTONIC);
    struct gradc_evaluator_options options = {
        .evaluations = 1, .native = native, .interpret = !native, .arithmetic = GRADC_STRICT};
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    if (!e || gradc_evaluate(e, gradc_start(model), &value, gradient) != GRADC_DONE) return false;
    m->first = read_clock(CLOCK_PROCESS_CPUTIME_ID) - began;
    m->wall = read_clock(CLOCK_MONOTONIC) - seen;
    m->memory = peak_memory() - idle;
    m->operations = (double)operations;
    read_phases(model, fmin(1, (m->first - m->front_end) / m->wall), m);
    time_evaluation(e, gradc_start(model), m);
    gradc_evaluator_free(e);
    gradc_free(model);
    free(text);
    return true;
}

static bool measure_apart(size_t operations, bool native, struct measurement *m) {
    int ends[2], status = 1;
    if (pipe(ends) != 0) return false;
    pid_t child = fork();
    if (child == 0) {
        bool good = measure(operations, native, m) && write(ends[1], m, sizeof *m) == (ssize_t)sizeof *m;
        _exit(good ? 0 : 1);
    }
    close(ends[1]);
    bool good = child > 0 && read(ends[0], m, sizeof *m) == (ssize_t)sizeof *m;
    close(ends[0]);
    if (child > 0) waitpid(child, &status, 0);
    return good && status == 0;
}

/* Of some processes the one that was least disturbed. */
static bool measure_best(size_t operations, bool native, struct measurement *m) {
    enum { LARGE = 1000000, REPEATS = 5 };
    int repeats = operations < LARGE ? REPEATS : native ? 1 : 2;
    for (int k = 0; k < repeats; k++) {
        struct measurement again = {0};
        if (!measure_apart(operations, native, &again)) return false;
        if (k == 0 || again.wall < m->wall) *m = again;
    }
    return true;
}

/* ---- Tables ---- */

static void print_row(const struct measurement *m) {
    double n = m->operations, total = m->function_nodes + m->gradient_nodes;
    printf("| %7.0f | %5.2f | %5.0f | %5.0f | %5.2f | %7.0f | %5.0f | %8.2f | %8.1f | %6.1f |\n", n,
           m->gradient_nodes / n, 1e9 * m->front_end / n, 1e9 * m->derive / n, total / m->derive / 1e6,
           1e9 * m->compile / m->gradient_nodes, 1e9 * (m->first - m->front_end) / n, 1e3 * m->first,
           1e6 * m->evaluation, m->memory / n);
}

static void print_exponents(const struct measurement *from, const struct measurement *to) {
    double by = log(to->operations / from->operations);
    printf("exponents from %.0f to %.0f: front end %.2f, derivation %.2f, compilation %.2f, first gradient "
           "%.2f, "
           "evaluation %.2f, memory %.2f\n",
           from->operations, to->operations, log(to->front_end / from->front_end) / by,
           log(to->derive / from->derive) / by, log(to->compile / from->compile) / by,
           log(to->first / from->first) / by, log(to->evaluation / from->evaluation) / by,
           log(to->memory / from->memory) / by);
}

static bool print_table(bool native, size_t count) {
    struct measurement m[SIZES] = {0};
    printf("\n%s\n\n", native ? "native code" : "interpreter");
    printf("| ops | nodes of the gradient per op | front end ns/op | derivation ns/op | million nodes/s | "
           "compilation ns/node of the gradient | first gradient, beyond the front end, ns/op | first "
           "gradient ms | "
           "evaluation us | bytes/op |\n");
    printf("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t k = 0; k < count; k++) {
        if (!measure_best(sizes[k], native, &m[k])) return false;
        print_row(&m[k]);
        fflush(stdout);
    }
    if (count > 2) print_exponents(&m[1], &m[count - 1]);
    return true;
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : SIZES;
    if (count < 1 || count > SIZES) {
        fprintf(stderr, "usage: straight [COUNT]: the first COUNT of %d sizes\n", SIZES);
        return 1;
    }
    printf("value and gradient of random programs\n");
    return print_table(false, count) && print_table(true, count) ? 0 : 1;
}
