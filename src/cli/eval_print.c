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

/* Lines such as "d2f/dxdy = 3", "d2f/dx[2]2 = 1" for the entries that may differ from 0. */
static void print_hessian(const struct evaluation *e) {
    enum { SHOWN_ENTRIES = 30 };
    const struct gradc_matrix *m = &e->hessian;
    size_t shown = 0;
    for (size_t row = 0; row < m->rows && shown < SHOWN_ENTRIES; row++) {
        char *first = element_name(e->model, row);
        for (size_t k = m->starts[row]; k < m->starts[row + 1] && shown < SHOWN_ENTRIES; k++, shown++) {
            char *second = element_name(e->model, m->column[k]);
            if (m->column[k] == row)
                printf("d2f/d%s^2 = ", first);
            else
                printf("d2f/d%s d%s = ", second, first);
            print_number(stdout, m->values[k]);
            putchar('\n');
            free(second);
        }
        free(first);
    }
    if (m->count > shown) printf("... %zu more second derivatives (--json shows all)\n", m->count - shown);
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
    if (e->hessian.starts) print_hessian(e);
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

/* ---- Matrices: entries by rows, 0-based; zeros are left out ---- */

static bool is_zero(double value) {
    return value <= 0 && value >= 0;
}

static void print_rows(const struct gradc_matrix *m, size_t first, size_t last) {
    bool begun = false;
    fputs(", \"rows\": [", stdout);
    for (size_t row = first; row < last; row++)
        for (size_t k = m->starts[row]; k < m->starts[row + 1]; k++) {
            if (is_zero(m->values[k])) continue;
            printf("%s%zu", begun ? ", " : "", row - first);
            begun = true;
        }
    putchar(']');
}

static void print_columns(const struct gradc_matrix *m, size_t begin, size_t end) {
    bool begun = false;
    fputs(", \"cols\": [", stdout);
    for (size_t k = begin; k < end; k++) {
        if (is_zero(m->values[k])) continue;
        printf("%s%u", begun ? ", " : "", (unsigned)m->column[k]);
        begun = true;
    }
    putchar(']');
}

static void print_entries(const struct gradc_matrix *m, size_t begin, size_t end) {
    bool begun = false;
    fputs(", \"values\": [", stdout);
    for (size_t k = begin; k < end; k++) {
        if (is_zero(m->values[k])) continue;
        if (begun) fputs(", ", stdout);
        print_json_number(stdout, m->values[k]);
        begun = true;
    }
    putchar(']');
}

/* The rows first .. last-1 as a matrix. */
static void print_matrix(const struct gradc_matrix *m, size_t first, size_t last) {
    size_t begin = m->count ? m->starts[first] : 0, end = m->count ? m->starts[last] : 0;
    printf("{\"shape\": [%zu, %zu]", last - first, m->columns);
    print_rows(m, first, m->count ? last : first);
    print_columns(m, begin, end);
    print_entries(m, begin, end);
    putchar('}');
}

/* The derivatives of the declarations first .. last-1 of a kind, one below the other. */
static void print_jacobian(struct evaluation *e, enum gradc_kind kind, size_t first, size_t last) {
    struct gradc_matrix m;
    size_t before = 0, rows = 0;
    if (!e->order || gradc_jacobian(e->evaluator, kind, e->point, &m) > GRADC_UNDEFINED) return;
    for (size_t k = 0; k < last; k++) {
        size_t count = gradc_array_at(e->model, kind, k).count;
        before += k < first ? count : 0;
        rows += k < first ? 0 : count;
    }
    fputs(", \"jacobian\": ", stdout);
    print_matrix(&m, before, before + rows);
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
    if (e->hessian.starts) {
        fputs(", \"hessian\": ", stdout);
        print_matrix(&e->hessian, 0, e->hessian.rows);
    }
    print_group(e, GRADC_RESIDUALS, "residuals");
    print_group(e, GRADC_CONSTRAINTS, "constraints");
    print_outputs(e);
    puts("}");
}
