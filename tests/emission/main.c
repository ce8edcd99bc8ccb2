/* emission FOLDER [-f] FILE...
 * emission FOLDER [-f] -s FIRST COUNT: models as C, with what they have to compute.
 *
 * For model K of the files, or of the random programs from seed FIRST on, it writes mK.c and mK.h into the
 * folder, and check_K.c, which includes mK.c and compares value, gradient, Hessian, products and Jacobians at
 * the start with the bits of the strict evaluator. check.c calls them all and counts. With -f sizes, params
 * and tables are frozen. Every eighth model is evaluated by native code, the others by the interpreter, whose
 * bits are the same (tests/differential). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/emit.h"
#include "api/handle.h"
#include "differential/generate.h"

struct run {
    const char *folder;
    bool frozen, light;
    size_t count, skipped;
    struct text calls;
};

static bool save(const char *folder, const char *name, const char *text) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    bool good = file && fputs(text, file) >= 0;
    if (file && fclose(file) != 0) good = false;
    if (!good) fprintf(stderr, "cannot write %s\n", path);
    return good;
}

/* ---- Expected numbers ---- */

static void add_numbers(struct text *out, const char *name, const double *numbers, size_t count) {
    text_addf(out, "static const double %s[%zu] = {", name, count ? count : 1);
    for (size_t k = 0; k < count; k++) {
        text_add(out, k % 4 ? " " : "\n    ");
        if (isnan(numbers[k]))
            text_add(out, "NAN,");
        else if (isinf(numbers[k]))
            text_add(out, numbers[k] > 0 ? "HUGE_VAL," : "-HUGE_VAL,");
        else
            text_addf(out, "%a,", numbers[k]);
    }
    text_add(out, count ? "\n};\n" : "0};\n");
}

static const char checking[] =
    "#include <stdio.h>\n"
    "#include <string.h>\n\n"
    "static int same(const char *what, const double *got, const double *expected, size_t count) {\n"
    "    for (size_t k = 0; k < count; k++) {\n"
    "        if (isnan(got[k]) && isnan(expected[k])) continue;\n"
    "        if (memcmp(&got[k], &expected[k], sizeof *got) == 0) continue;\n"
    "        printf(\"%s[%zu]: %a for %a\\n\", what, k, got[k], expected[k]);\n"
    "        return 0;\n"
    "    }\n"
    "    return 1;\n"
    "}\n\n";

/* A matrix may hold zeros of either sign. From products an entry may be its mirror image, within the
 * tolerance. */
static const char comparing[] =
    "static int equal(const char *what, const double *got, const double *expected, size_t count, double "
    "tolerance) {\n"
    "    double largest = 0;\n"
    "    for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(expected[k]));\n"
    "    for (size_t k = 0; k < count; k++) {\n"
    "        if (got[k] == expected[k] || (isnan(got[k]) && isnan(expected[k]))) continue;\n"
    "        if (fabs(got[k] - expected[k]) <= tolerance * (fabs(expected[k]) + largest)) continue;\n"
    "        printf(\"%s[%zu]: %a for %a\\n\", what, k, got[k], expected[k]);\n"
    "        return 0;\n"
    "    }\n"
    "    return 1;\n"
    "}\n\n";

struct checking {
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    const double *point;
    size_t n;
    const char *inputs; /* "inputs, " or "" */
    const char *work;   /* ", work" or "" */
    char prefix[24];
    struct text *data, *body;
};

static bool check_gradient(struct checking *c) {
    double value, *gradient = calloc(c->n + 1, sizeof *gradient);
    enum gradc_outcome outcome = gradc_evaluate(c->evaluator, c->point, &value, gradient);
    bool good = outcome == GRADC_DONE || outcome == GRADC_UNDEFINED;
    if (good) {
        add_numbers(c->data, "expected_value", &value, 1);
        add_numbers(c->data, "expected_gradient", gradient, c->n);
        text_addf(
            c->body,
            "    value = %s_value(%spoint%s);\n    good &= same(\"value\", &value, expected_value, 1);\n",
            c->prefix, c->inputs, c->work);
        text_addf(c->body,
                  "    value = %s_gradient(%spoint, vector%s);\n    good &= same(\"value\", &value, "
                  "expected_value, 1);\n",
                  c->prefix, c->inputs, c->work);
        text_add(c->body, "    good &= same(\"gradient\", vector, expected_gradient, DIMENSION);\n");
    }
    free(gradient);
    return good;
}

static bool check_product(struct checking *c) {
    double *direction = calloc(c->n + 1, sizeof *direction), *product = calloc(c->n + 1, sizeof *product);
    for (size_t k = 0; k < c->n; k++) direction[k] = 0.5 + 0.25 * (double)(k % 7);
    enum gradc_outcome outcome = gradc_hessian_times(c->evaluator, c->point, direction, product);
    bool good = outcome == GRADC_DONE || outcome == GRADC_UNDEFINED;
    if (good) {
        add_numbers(c->data, "direction", direction, c->n);
        add_numbers(c->data, "expected_product", product, c->n);
        text_addf(c->body, "    %s_hessian_times(%spoint, direction, vector%s);\n", c->prefix, c->inputs,
                  c->work);
        text_add(c->body, "    good &= same(\"product\", vector, expected_product, DIMENSION);\n");
    }
    free(direction);
    free(product);
    return good;
}

static void add_dense(struct checking *c, const char *name, const struct gradc_matrix *m) {
    double *dense = calloc(m->rows * m->columns + 1, sizeof *dense);
    for (size_t i = 0; i < m->rows; i++)
        for (size_t e = m->starts[i]; e < m->starts[i + 1]; e++)
            dense[i * m->columns + m->column[e]] = m->values[e];
    add_numbers(c->data, name, dense, m->rows * m->columns);
    free(dense);
}

/* Compares a matrix of the file with one that is expected, both written out; `weights` stand behind the
 * point. */
static void add_matrix(struct checking *c, const char *name, const char *rows, const char *weights) {
    const char *inputs = c->inputs[0] ? "inputs" : "";
    text_addf(
        c->body,
        "    {\n        const size_t terms = %s_%s_terms(%s), rows = %s;\n"
        "        int64_t *places = calloc(5 * terms + 1, sizeof *places);\n"
        "        double *entries = calloc(terms + 1, sizeof *entries), *dense = calloc(rows * DIMENSION + 1, "
        "sizeof *dense);\n",
        c->prefix, name, inputs, rows);
    text_addf(c->body,
              "        const size_t count = %s_%s_pattern(%splaces, places + terms, places + 2 * terms, "
              "places + 3 * terms%s);\n",
              c->prefix, name, c->inputs, c->work);
    text_addf(c->body,
              "        %s_%s(%spoint, %splaces + 2 * terms, entries%s);\n"
              "        for (size_t k = 0; k < count; k++)\n"
              "            dense[(size_t)places[k] * DIMENSION + (size_t)places[terms + k]] += entries[k];\n"
              "        good &= equal(\"%s\", dense, expected_%s, rows * DIMENSION, 1e-9);\n"
              "        free(places);\n        free(entries);\n        free(dense);\n    }\n",
              c->prefix, name, c->inputs, weights, c->work, name, name);
}

static bool check_hessian(struct checking *c) {
    struct gradc_matrix h;
    if (c->n > 60) return true;
    enum gradc_outcome outcome = gradc_hessian(c->evaluator, c->point, &h);
    if (outcome == GRADC_UNDEFINED) return true; /* a dense matrix has NaN where a sparse one has no entry */
    if (outcome != GRADC_DONE) return false;
    add_dense(c, "expected_hessian", &h);
    add_matrix(c, "hessian", "DIMENSION", "");
    return true;
}

static bool check_lagrangian(struct checking *c) {
    struct gradc_matrix h;
    size_t rows = gradc_constraint_count(c->model);
    if (rows == 0 || c->n > 60) return true;
    double *multipliers = calloc(rows, sizeof *multipliers);
    for (size_t k = 0; k < rows; k++) multipliers[k] = 0.5 - 0.25 * (double)(k % 7);
    enum gradc_outcome outcome = gradc_lagrangian(c->evaluator, c->point, 0.75, multipliers, &h);
    if (outcome == GRADC_DONE) {
        add_numbers(c->data, "multipliers", multipliers, rows);
        add_dense(c, "expected_lagrangian", &h);
        add_matrix(c, "lagrangian", "DIMENSION", "0.75, multipliers, ");
    }
    free(multipliers);
    return outcome == GRADC_DONE || outcome == GRADC_UNDEFINED;
}

static bool check_values(struct checking *c, enum gradc_kind kind, const char *name, size_t rows) {
    size_t at = 0;
    char expected[40];
    enum gradc_outcome outcome = gradc_evaluate_arrays(c->evaluator, kind, c->point);
    if (outcome != GRADC_DONE && outcome != GRADC_UNDEFINED) return false;
    double *values = calloc(rows + 1, sizeof *values);
    for (size_t k = 0; k < gradc_count(c->model, kind); k++) {
        size_t count = gradc_array_at(c->model, kind, k).count;
        if (count) memcpy(values + at, gradc_values(c->evaluator, kind, k), count * sizeof *values);
        at += count;
    }
    snprintf(expected, sizeof expected, "expected_%s", name);
    add_numbers(c->data, expected, values, rows);
    free(values);
    text_addf(c->body,
              "    {\n        const size_t rows = %s_%s_count(%s);\n"
              "        double *values = calloc(rows + 1, sizeof *values);\n"
              "        %s_%s(%spoint, values%s);\n"
              "        good &= rows == %zu && same(\"%s\", values, expected_%s, rows);\n"
              "        free(values);\n    }\n",
              c->prefix, name, c->inputs[0] ? "inputs" : "", c->prefix, name, c->inputs, c->work, rows, name,
              name);
    return true;
}

static bool check_rows(struct checking *c, enum gradc_kind kind, const char *name) {
    struct gradc_matrix j;
    char expected[60], rows[60];
    if (gradc_count(c->model, kind) == 0 || c->n > 60) return true;
    enum gradc_outcome outcome = gradc_jacobian(c->evaluator, kind, c->point, &j);
    if (outcome == GRADC_UNDEFINED) return true;
    if (outcome != GRADC_DONE) return false;
    if (j.rows > 2000) return true;
    snprintf(expected, sizeof expected, "expected_%s_jacobian", name);
    snprintf(rows, sizeof rows, "%zu", j.rows);
    add_dense(c, expected, &j);
    add_matrix(c, expected + sizeof "expected_" - 1, rows, "");
    return check_values(c, kind, name, j.rows);
}

/* ---- One model ---- */

static bool check_all(struct checking *c, bool thorough) {
    add_numbers(c->data, "start", c->point, c->n);
    if (!check_gradient(c)) return false;
    return !thorough || (check_product(c) && check_hessian(c) && check_rows(c, GRADC_OUTPUTS, "outputs") &&
                         check_rows(c, GRADC_RESIDUALS, "residuals") &&
                         check_rows(c, GRADC_CONSTRAINTS, "constraints") && check_lagrangian(c));
}

static void add_check(struct checking *c, const char *inputs, struct text *out) {
    text_addf(out, "#include \"%s.c\"\n\n#include <stdlib.h>\n%s%s%s", c->prefix, checking, comparing,
              inputs);
    text_addf(out, "enum { DIMENSION = %zu };\n%s\n", c->n, text_string(c->data));
    text_addf(out, "int %s_check(void);\nint %s_check(void) {\n", c->prefix, c->prefix);
    /* Compilers must not know the data, or they compute functions of them themselves, rounded another way. */
    text_add(
        out,
        "    const double *volatile hidden_start = start;\n    const double *const point = hidden_start;\n");
    if (inputs[0])
        text_addf(out,
                  "    const struct %s_inputs *volatile hidden = &%s_here;\n    const struct %s_inputs "
                  "*const inputs = hidden;\n",
                  c->prefix, c->prefix, c->prefix);
    text_addf(out, "    const size_t room = %s_workspace(%s);\n", c->prefix, c->inputs[0] ? "inputs" : "");
    text_add(out, "    double value, *vector = calloc(DIMENSION + 1, sizeof *vector), *work = calloc(room + "
                  "1, sizeof *work);\n"
                  "    int good = 1;\n    work[room] = 12345.678;\n    vector[DIMENSION] = 12345.678;\n");
    text_addf(out, "    good &= %s_dimension(%s) == DIMENSION;\n%s", c->prefix, c->inputs[0] ? "inputs" : "",
              text_string(c->body));
    text_add(out, "    good &= work[room] == 12345.678 && vector[DIMENSION] == 12345.678;\n"
                  "    (void)equal;\n    free(vector);\n    free(work);\n    return good;\n}\n");
}

/* Where the strict evaluator itself refuses, there is nothing to compare. */
static bool take_model(struct run *run, struct gradc_model *model) {
    struct text source = {0}, header = {0}, inputs = {0}, data = {0}, body = {0}, check = {0};
    struct making_c m;
    struct checking c = {.model = model, .n = gradc_dimension(model), .data = &data, .body = &body};
    struct gradc_evaluator_options how = {
        .native = run->count % 8 == 0, .interpret = run->count % 8 != 0, .arithmetic = GRADC_STRICT};
    char header_name[32], file[32], check_file[40];
    snprintf(c.prefix, sizeof c.prefix, "m%zu", run->count);
    snprintf(header_name, sizeof header_name, "%s.h", c.prefix);
    snprintf(file, sizeof file, "%s.c", c.prefix);
    snprintf(check_file, sizeof check_file, "check_%zu.c", run->count);
    struct gradc_emit_options options = {
        .prefix = c.prefix, .header = header_name, .value = true, .gradient = true, .freeze = run->frozen};
    bool thorough = !run->light || run->count % 4 == 0;
    options.hessian = options.hessian_times = thorough;
    options.lagrangian = thorough && gradc_count(model, GRADC_CONSTRAINTS) > 0;
    options.jacobian =
        options.lagrangian ||
        (thorough && gradc_count(model, GRADC_OUTPUTS) + gradc_count(model, GRADC_RESIDUALS) > 0);
    c.point = gradc_start(model);
    c.evaluator = gradc_evaluator_new(model, &how);
    bool good = making_c_begin(&m, model, &options) &&
                emit_source(&m.request, &model->model->diags, &source, &header, &inputs);
    making_c_end(&m);
    c.inputs = inputs.length ? "inputs, " : "";
    c.work = strstr(text_string(&header), "double *workspace") ? ", work" : "";
    bool known = good && check_all(&c, thorough);
    if (known) {
        add_check(&c, text_string(&inputs), &check);
        good = save(run->folder, header_name, text_string(&header)) &&
               save(run->folder, file, text_string(&source)) &&
               save(run->folder, check_file, text_string(&check));
        text_addf(&run->calls, "CHECK(%s)\n", c.prefix);
    }
    run->skipped += good && !known;
    run->count++;
    gradc_evaluator_free(c.evaluator);
    text_free(&source);
    text_free(&header);
    text_free(&inputs);
    text_free(&data);
    text_free(&body);
    text_free(&check);
    return good;
}

static bool take_text(struct run *run, const char *name, const char *text) {
    struct gradc_model *model = gradc_load_text(name, ".", text, strlen(text), NULL);
    bool good = model && !gradc_has_errors(model) && take_model(run, model);
    if (!good) printf("%s: no C could be made\n%s\n", name, text);
    gradc_free(model);
    return good;
}

static bool take_file(struct run *run, const char *path) {
    struct gradc_model *model = gradc_load_file(path, NULL);
    bool good = model && !gradc_has_errors(model) && take_model(run, model);
    if (!good) printf("%s: no C could be made\n", path);
    gradc_free(model);
    return good;
}

static bool take_seeds(struct run *run, unsigned long first, unsigned long count) {
    bool good = true;
    for (unsigned long seed = first; seed < first + count; seed++) {
        struct text text = {0};
        char name[40];
        snprintf(name, sizeof name, "seed %lu", seed);
        generate_program(seed, &text);
        good &= take_text(run, name, text_string(&text));
        text_free(&text);
    }
    return good;
}

static bool save_main(const struct run *run) {
    struct text text = {0};
    text_addf(
        &text,
        "#include <stdio.h>\n\n#define CHECK(m) int m##_check(void);\n%s#undef CHECK\n\nint main(void) {\n",
        text_string(&run->calls));
    text_add(&text, "    int passed = 0, failed = 0;\n#define CHECK(m) if (m##_check()) passed++; else { "
                    "failed++; puts(#m); }\n");
    text_addf(&text,
              "%s    printf(\"%%d passed, %%d failed\\n\", passed, failed);\n    return failed > 0;\n}\n",
              text_string(&run->calls));
    bool good = save(run->folder, "check.c", text_string(&text));
    text_free(&text);
    return good;
}

int main(int argc, char **argv) {
    struct run run = {.folder = argc > 1 ? argv[1] : NULL};
    int at = 2;
    if (at < argc && strcmp(argv[at], "-f") == 0) {
        run.frozen = true;
        at++;
    }
    if (at >= argc) {
        fprintf(stderr, "usage: emission FOLDER [-f] FILE... | emission FOLDER [-f] -s FIRST COUNT\n");
        return 2;
    }
    bool good = true;
    if (strcmp(argv[at], "-s") == 0 && at + 2 < argc) {
        run.light = true;
        good = take_seeds(&run, strtoul(argv[at + 1], NULL, 10), strtoul(argv[at + 2], NULL, 10));
    } else
        for (; at < argc; at++) good &= take_file(&run, argv[at]);
    good &= save_main(&run);
    printf("%zu models, %zu of them not to be evaluated\n", run.count, run.skipped);
    text_free(&run.calls);
    return good ? 0 : 1;
}
