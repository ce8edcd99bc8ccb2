#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/assign.h"
#include "cli/csv.h"
#include "cli/eval.h"
#include "cli/print.h"

enum { MOST_ROWS = 1024, BLOCK_NUMBERS = 1 << 18 };

/* One batch: where each column of the input goes, the rows that are evaluated at a time, and the output. */
struct batch {
    struct evaluation *evaluation;
    const char *path;
    struct csv_reader reader;
    size_t *places, column_count;
    size_t n, rows, most_rows;
    double *points, *values, *gradients; /* by row */
    size_t *lines;
    char *text; /* room for a row of the output */
    FILE *out;
    bool failed_before;
};

/* ---- The head ---- */

static bool read_column(struct batch *b, const struct csv_cell *cell) {
    size_t first, count;
    char *name = copy_text(cell->text, cell->length);
    bool good = find_elements(b->evaluation->model, name, "--batch", &first, &count);
    if (good && count != 1) {
        complain("bad-column", NULL, "%s: column `%s` is an array; a column per element is needed", b->path,
                 name);
        good = false;
    }
    free(name);
    if (!good) return false;
    b->places = allocate_again(b->places, (b->column_count + 1) * sizeof *b->places);
    b->places[b->column_count++] = first;
    return true;
}

static bool read_head(struct batch *b) {
    struct csv_cell cell;
    if (!csv_begin_row(&b->reader)) {
        complain("empty-table", NULL, "%s: expected a first line with the names of unknowns", b->path);
        return false;
    }
    while (csv_read_cell(&b->reader, &cell))
        if (!read_column(b, &cell)) return false;
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

/* ---- Rows ---- */

static bool is_ragged(const struct batch *b, size_t count) {
    if (count == b->column_count) return false;
    complain("ragged-table", NULL, "%s:%zu: %zu cells, %zu expected", b->path, b->reader.line, count,
             b->column_count);
    return true;
}

/* Reads a point from the row that has begun; false after an error, which is printed. */
static bool read_row(struct batch *b, double *point) {
    struct csv_cell cell;
    size_t count = 0, bad = 0;
    char *text = NULL;
    if (b->n) memcpy(point, b->evaluation->point, b->n * sizeof *point);
    for (; csv_read_cell(&b->reader, &cell); count++) {
        if (count >= b->column_count || text ||
            gradc_number_parse(cell.text, cell.length, &point[b->places[count]]))
            continue;
        text = copy_text(cell.text, cell.length);
        bad = count + 1;
    }
    bool good = !is_ragged(b, count) && !text;
    if (text && count == b->column_count)
        complain("bad-cell", NULL, "%s:%zu: expected a number in column %zu, found `%s`", b->path,
                 b->reader.line, bad, text);
    free(text);
    return good;
}

static char *write_number(char *to, double value) {
    gradc_number_format(value, to);
    return to + strlen(to);
}

static void write_row(const struct batch *b, size_t row) {
    char *at = write_number(b->text, b->values[row]);
    for (size_t k = 0; b->evaluation->order && k < b->n; k++) {
        *at++ = ',';
        at = write_number(at, b->gradients[row * b->n + k]);
    }
    *at++ = '\n';
    fwrite(b->text, 1, (size_t)(at - b->text), b->out);
}

static bool is_defined(const struct batch *b, size_t row) {
    bool defined = isfinite(b->values[row]);
    for (size_t k = 0; b->evaluation->order && k < b->n; k++)
        defined = defined && isfinite(b->gradients[row * b->n + k]);
    return defined;
}

/* Only the first point outside the domain is explained. */
static void explain(struct batch *b) {
    size_t row = 0;
    if (b->failed_before) return;
    b->failed_before = true;
    while (row + 1 < b->rows && is_defined(b, row)) row++;
    complain("domain-error", NULL, "%s:%zu: the objective or its gradient is not finite there", b->path,
             b->lines[row]);
    gradc_explain(b->evaluation->evaluator, b->points + row * b->n);
}

/* Evaluates the points that have been read. */
static enum exit_status evaluate_block(struct batch *b) {
    struct evaluation *e = b->evaluation;
    enum gradc_outcome outcome =
        gradc_evaluate_batch(e->evaluator, b->rows, b->points, b->values, e->order ? b->gradients : NULL);
    if (outcome > GRADC_UNDEFINED) return outcome == GRADC_REFUSED ? EXIT_WRONG : EXIT_MACHINE;
    for (size_t row = 0; row < b->rows; row++) write_row(b, row);
    if (outcome == GRADC_UNDEFINED) explain(b);
    b->rows = 0;
    return outcome == GRADC_DONE ? EXIT_FINE : EXIT_DOMAIN;
}

/* Reads as many rows as go into a block; false after an error. */
static bool read_block(struct batch *b) {
    while (b->rows < b->most_rows && csv_begin_row(&b->reader)) {
        if (!read_row(b, b->points + b->rows * b->n)) return false;
        b->lines[b->rows++] = b->reader.line;
    }
    return true;
}

static enum exit_status evaluate_rows(struct batch *b) {
    enum exit_status worst = EXIT_FINE;
    for (bool good = true; good;) {
        good = read_block(b);
        if (b->rows == 0) return good ? worst : EXIT_WRONG;
        enum exit_status status = evaluate_block(b);
        if (status > worst) worst = status;
        if (worst == EXIT_WRONG || worst == EXIT_MACHINE) return worst;
        if (!good) return EXIT_WRONG;
    }
    return worst;
}

/* ---- The whole ---- */

static void make_room(struct batch *b) {
    b->n = gradc_dimension(b->evaluation->model);
    b->most_rows = BLOCK_NUMBERS / (b->n + 1);
    if (b->most_rows > MOST_ROWS) b->most_rows = MOST_ROWS;
    if (b->most_rows == 0) b->most_rows = 1;
    b->points = allocate(b->most_rows * b->n, sizeof *b->points);
    b->values = allocate(b->most_rows, sizeof *b->values);
    b->gradients = allocate(b->most_rows * b->n, sizeof *b->gradients);
    b->lines = allocate(b->most_rows, sizeof *b->lines);
    b->text = allocate(b->n + 1, GRADC_NUMBER_CHARS + 1);
}

static void release(struct batch *b) {
    csv_release(&b->reader);
    free(b->places);
    free(b->points);
    free(b->values);
    free(b->gradients);
    free(b->lines);
    free(b->text);
}

static enum exit_status write_batch(struct batch *b) {
    const char *path = option_value(b->evaluation->request, OPTION_OUTPUT);
    b->out = path ? fopen(path, "w") : stdout;
    if (!b->out) {
        complain("cannot-write", NULL, "cannot write `%s`: %s", path, strerror(errno));
        return EXIT_MACHINE;
    }
    make_room(b);
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
    release(&b);
    free(text);
    return status;
}
