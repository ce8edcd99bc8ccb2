#include <stdlib.h>
#include <string.h>

#include "cli/eval.h"
#include "cli/print.h"

enum { SHOWN_ELEMENTS = 10 };

static void print_line(const char *left, double value) {
    printf("%s = ", left);
    print_number(stdout, value);
    putchar('\n');
}

/* Lines such as "df/dx[2] = 3". */
static void print_elements(const char *before, const struct gradc_array *array, const double *values) {
    for (size_t k = 0; k < array->count && k < SHOWN_ELEMENTS; k++) {
        char *name = require_text(gradc_element_name(array, k));
        fputs(before, stdout);
        print_line(name, values[k]);
        free(name);
    }
    if (array->count > SHOWN_ELEMENTS)
        printf("... %zu more of %s%s (--json shows all)\n", array->count - SHOWN_ELEMENTS, before,
               array->name);
}

void eval_print_text(struct evaluation *e) {
    bool has_objective = gradc_has_objective(e->model);
    for (size_t k = 0; k < gradc_count(e->model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(e->model, GRADC_UNKNOWNS, k);
        print_elements("", &unknown, e->point + unknown.offset);
    }
    if (has_objective) print_line("f", e->value);
    for (size_t k = 0; has_objective && e->order && k < gradc_count(e->model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(e->model, GRADC_UNKNOWNS, k);
        print_elements("df/d", &unknown, e->gradient + unknown.offset);
    }
    for (size_t k = 0; k < gradc_count(e->model, GRADC_OUTPUTS); k++) {
        struct gradc_array output = gradc_array_at(e->model, GRADC_OUTPUTS, k);
        print_elements("", &output, gradc_values(e->evaluator, GRADC_OUTPUTS, k));
    }
}

static void print_variables(const struct evaluation *e) {
    bool first = true;
    fputs("\"variables\": [", stdout);
    for (size_t k = 0; k < gradc_count(e->model, GRADC_UNKNOWNS); k++) {
        struct gradc_array unknown = gradc_array_at(e->model, GRADC_UNKNOWNS, k);
        for (size_t i = 0; i < unknown.count; i++, first = false) {
            char *name = require_text(gradc_element_name(&unknown, i));
            if (!first) fputs(", ", stdout);
            print_json_text(stdout, name);
            free(name);
        }
    }
    fputs("], \"x\": ", stdout);
    print_json_point(stdout, e->model, e->point);
}

/* The entries of a sparse matrix, 0-based and sorted; zeros are left out. */
struct entries {
    size_t *rows, *columns, count, room;
    double *values;
};

static void add_entry(struct entries *m, size_t row, size_t column, double value) {
    if (m->count == m->room) {
        m->room = m->room ? 2 * m->room : 16;
        m->rows = allocate_again(m->rows, m->room * sizeof *m->rows);
        m->columns = allocate_again(m->columns, m->room * sizeof *m->columns);
        m->values = allocate_again(m->values, m->room * sizeof *m->values);
    }
    m->rows[m->count] = row;
    m->columns[m->count] = column;
    m->values[m->count++] = value;
}

static void print_places(const char *key, const size_t *places, size_t count) {
    printf(", \"%s\": [", key);
    for (size_t k = 0; k < count; k++) printf("%s%zu", k ? ", " : "", places[k]);
    putchar(']');
}

/* Each row costs an evaluation of all of them. */
enum { JACOBIAN_ROWS = 2000 };

static void add_rows(struct evaluation *e, enum gradc_kind kind, size_t k, size_t before, struct entries *m) {
    size_t n = gradc_dimension(e->model), count = gradc_array_at(e->model, kind, k).count;
    double *row = allocate(n, sizeof *row);
    for (size_t i = 0; i < count; i++) {
        if (gradc_element_gradient(e->evaluator, kind, k, i, e->point, row) > GRADC_UNDEFINED) break;
        for (size_t j = 0; j < n; j++)
            if (!(row[j] <= 0 && row[j] >= 0)) add_entry(m, before + i, j, row[j]);
    }
    free(row);
}

/* The derivatives of the declarations first .. last-1 of a kind, one below the other. */
static void print_jacobian(struct evaluation *e, enum gradc_kind kind, size_t first, size_t last) {
    struct entries m = {0};
    size_t rows = 0;
    for (size_t k = first; k < last; k++) rows += gradc_array_at(e->model, kind, k).count;
    if (!e->order || rows > JACOBIAN_ROWS) return;
    size_t before = 0;
    for (size_t k = first; k < last; k++) {
        add_rows(e, kind, k, before, &m);
        before += gradc_array_at(e->model, kind, k).count;
    }
    printf(", \"jacobian\": {\"shape\": [%zu, %zu]", rows, gradc_dimension(e->model));
    print_places("rows", m.rows, m.count);
    print_places("cols", m.columns, m.count);
    fputs(", \"values\": ", stdout);
    print_json_list(stdout, m.values, m.count);
    putchar('}');
    free(m.rows);
    free(m.columns);
    free(m.values);
}

static void print_outputs(struct evaluation *e) {
    fputs(", \"outputs\": {", stdout);
    for (size_t k = 0; k < gradc_count(e->model, GRADC_OUTPUTS); k++) {
        struct gradc_array output = gradc_array_at(e->model, GRADC_OUTPUTS, k);
        if (k) fputs(", ", stdout);
        print_json_text(stdout, output.name);
        fputs(": {\"value\": ", stdout);
        print_json_array(stdout, &output, gradc_values(e->evaluator, GRADC_OUTPUTS, k));
        print_jacobian(e, GRADC_OUTPUTS, k, k + 1);
        putchar('}');
    }
    putchar('}');
}

/* Residuals, or constraints: the elements of all of them in one list. */
static void print_group(struct evaluation *e, enum gradc_kind kind, const char *key) {
    size_t declared = gradc_count(e->model, kind);
    bool first = true;
    if (declared == 0) return;
    printf(", \"%s\": {\"value\": [", key);
    for (size_t k = 0; k < declared; k++) {
        const double *values = gradc_values(e->evaluator, kind, k);
        for (size_t i = 0; i < gradc_array_at(e->model, kind, k).count; i++, first = false) {
            if (!first) fputs(", ", stdout);
            print_json_number(stdout, values[i]);
        }
    }
    putchar(']');
    print_jacobian(e, kind, 0, declared);
    putchar('}');
}

void eval_print_json(struct evaluation *e) {
    printf("{\"gradc\": \"%s\", ", gradc_version());
    if (gradc_has_objective(e->model)) {
        fputs("\"objective\": ", stdout);
        print_json_number(stdout, e->value);
        fputs(", ", stdout);
    }
    print_variables(e);
    if (gradc_has_objective(e->model) && e->order) {
        fputs(", \"gradient\": ", stdout);
        print_json_list(stdout, e->gradient, gradc_dimension(e->model));
    }
    print_group(e, GRADC_RESIDUALS, "residuals");
    print_group(e, GRADC_CONSTRAINTS, "constraints");
    print_outputs(e);
    puts("}");
}
