#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/assign.h"
#include "cli/csv.h"
#include "cli/eval.h"
#include "cli/print.h"

/* One batch: where each column of the input goes, and the output. */
struct batch {
    struct evaluation *evaluation;
    const char *path;
    struct csv_reader reader;
    size_t *places, column_count;
    FILE *out;
    bool failed_before;
};

static bool read_head(struct batch *b) {
    char **cells;
    size_t first, count;
    if (!csv_read_row(&b->reader, &cells, &b->column_count)) {
        complain("empty-table", NULL, "%s: expected a first line with the names of unknowns", b->path);
        return false;
    }
    bool good = true;
    b->places = allocate(b->column_count, sizeof *b->places);
    for (size_t k = 0; k < b->column_count && good; k++) {
        good = find_elements(b->evaluation->model, cells[k], "--batch", &first, &count);
        if (good && count != 1) {
            complain("bad-column", NULL, "%s: column `%s` is an array; a column per element is needed",
                     b->path, cells[k]);
            good = false;
        }
        if (good) b->places[k] = first;
    }
    csv_free_row(cells, b->column_count);
    return good;
}

static bool read_cells(struct batch *b, char **cells, size_t count, size_t line) {
    if (count != b->column_count) {
        complain("ragged-table", NULL, "%s:%zu: %zu cells, %zu expected", b->path, line, count,
                 b->column_count);
        return false;
    }
    for (size_t k = 0; k < count; k++) {
        if (gradc_number_parse(cells[k], strlen(cells[k]), &b->evaluation->point[b->places[k]])) continue;
        complain("bad-cell", NULL, "%s:%zu: expected a number in column %zu, found `%s`", b->path, line,
                 k + 1, cells[k]);
        return false;
    }
    return true;
}

static void write_head(const struct batch *b) {
    const struct gradc_model *model = b->evaluation->model;
    fputs("objective", b->out);
    for (size_t k = 0; b->evaluation->order && k < gradc_count(model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(model, GRADC_UNKNOWNS, k);
        for (size_t i = 0; i < unknown.count; i++) {
            char *name = require_text(gradc_element_name(&unknown, i));
            char *title = allocate(strlen(name) + 3, 1);
            memcpy(title, "d ", 2);
            memcpy(title + 2, name, strlen(name));
            fputc(',', b->out);
            csv_write_text(b->out, title);
            free(title);
            free(name);
        }
    }
    fputc('\n', b->out);
}

static void write_row(const struct batch *b) {
    const struct evaluation *e = b->evaluation;
    print_number(b->out, e->value);
    for (size_t k = 0; e->order && k < gradc_dimension(e->model); k++) {
        fputc(',', b->out);
        print_number(b->out, e->gradient[k]);
    }
    fputc('\n', b->out);
}

/* Evaluates the point just read; only the first one outside the domain is explained. */
static enum exit_status evaluate_row(struct batch *b, size_t line) {
    struct evaluation *e = b->evaluation;
    enum gradc_outcome outcome =
        gradc_evaluate(e->evaluator, e->point, &e->value, e->order ? e->gradient : NULL);
    if (outcome > GRADC_UNDEFINED) return outcome == GRADC_REFUSED ? EXIT_WRONG : EXIT_MACHINE;
    write_row(b);
    if (outcome == GRADC_DONE) return EXIT_FINE;
    if (!b->failed_before) {
        complain("domain-error", NULL, "%s:%zu: the objective or its gradient is not finite there", b->path,
                 line);
        gradc_explain(e->evaluator, e->point);
    }
    b->failed_before = true;
    return EXIT_DOMAIN;
}

static enum exit_status evaluate_rows(struct batch *b) {
    enum exit_status status = EXIT_FINE, worst = EXIT_FINE;
    char **cells;
    size_t count;
    while (status <= EXIT_FINE || status == EXIT_DOMAIN) {
        if (!csv_read_row(&b->reader, &cells, &count)) return worst;
        size_t line = b->reader.line;
        status = read_cells(b, cells, count, line) ? evaluate_row(b, line) : EXIT_WRONG;
        csv_free_row(cells, count);
        if (status > worst) worst = status;
    }
    return status;
}

static enum exit_status write_batch(struct batch *b) {
    const char *path = option_value(b->evaluation->request, OPTION_OUTPUT);
    b->out = path ? fopen(path, "w") : stdout;
    if (!b->out) {
        complain("cannot-write", NULL, "cannot write `%s`: %s", path, strerror(errno));
        return EXIT_MACHINE;
    }
    write_head(b);
    enum exit_status status = evaluate_rows(b);
    bool failed = fflush(b->out) != 0 || ferror(b->out);
    if (path && fclose(b->out) != 0) failed = true;
    if (!failed) return status;
    complain("cannot-write", NULL, "cannot write `%s`", path ? path : "standard output");
    return EXIT_MACHINE;
}

enum exit_status eval_batch(struct evaluation *e) {
    struct batch b = {.evaluation = e, .path = option_value(e->request, OPTION_BATCH)};
    size_t length;
    if (!gradc_has_objective(e->model)) {
        complain("no-objective", NULL, "`--batch` evaluates an objective, and there is none");
        return EXIT_WRONG;
    }
    char *text = read_file(b.path, &length);
    if (!text) return EXIT_WRONG;
    b.reader = (struct csv_reader){.at = text, .line = 1};
    enum exit_status status = read_head(&b) ? write_batch(&b) : EXIT_WRONG;
    print_diagnostics(e->model, e->told);
    free(b.places);
    free(text);
    return status;
}
