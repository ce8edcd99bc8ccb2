#include <string.h>

#include "emit/listing.h"

/* In the templates # is the name of the matrix, ? its number of kinds of terms, and $ the least row that an
 * entry of a column may have; ~ declares the weights of the Lagrangian and ^ hands them on. */

/* ---- Matrices from their elements ---- */

static const char order_template[] =
    "/* Whether term a of a matrix stands before term b: by row, by column, and by number. */\n"
    "static int @P_is_before(const int64_t *rows, const int64_t *columns, int64_t a, int64_t b) {\n"
    "    if (rows[a] != rows[b]) return rows[a] < rows[b];\n"
    "    if (columns[a] != columns[b]) return columns[a] < columns[b];\n"
    "    return a < b;\n"
    "}\n\n"
    "/* Lets a term sink to its place in the heap below `count`. */\n"
    "static void @P_sink(const int64_t *rows, const int64_t *columns, int64_t *order, int64_t at, int64_t "
    "count) {\n"
    "    const int64_t term = order[at];\n"
    "    int64_t child = 2 * at + 1;\n"
    "    while (child < count) {\n"
    "        if (child + 1 < count && @P_is_before(rows, columns, order[child], order[child + 1])) child++;\n"
    "        if (!@P_is_before(rows, columns, term, order[child])) break;\n"
    "        order[at] = order[child];\n"
    "        at = child;\n"
    "        child = 2 * at + 1;\n"
    "    }\n"
    "    order[at] = term;\n"
    "}\n\n"
    "/* Sorts terms by their places: heapsort, which takes neither memory nor recursion. */\n"
    "static void @P_sort(const int64_t *rows, const int64_t *columns, int64_t *order, int64_t count) {\n"
    "    for (int64_t k = count / 2; k > 0; k--) @P_sink(rows, columns, order, k - 1, count);\n"
    "    for (int64_t k = count - 1; k > 0; k--) {\n"
    "        const int64_t largest = order[0];\n"
    "        order[0] = order[k];\n"
    "        order[k] = largest;\n"
    "        @P_sink(rows, columns, order, 0, k);\n"
    "    }\n"
    "}\n";

/* An order by runs is -1 less their number; of each kind its first entry and the step to the next, -1 for a
 * kind that is not one run; of each other run its first term, length, target and step. */
static const char runs_template[] =
    "/* How many targets stand at one distance: twice an entry, 1 more where it is added; -1: none. */\n"
    "static int64_t @P_run_length(const int64_t *targets, int64_t count) {\n"
    "    int64_t length = 1;\n"
    "    if (count < 2 || targets[0] < 0 || (targets[1] - targets[0]) % 2 != 0) return 1;\n"
    "    while (length < count && targets[length] >= 0 &&\n"
    "           targets[length] - targets[length - 1] == targets[1] - targets[0])\n"
    "        length++;\n"
    "    return length;\n"
    "}\n"
    "\n"
    "/* Tells the order by runs, where that is short: where each kind goes, then what is added elsewhere. "
    "*/\n"
    "static void @P_find_runs(const int64_t *begins, int64_t kinds, const int64_t *targets, int64_t *runs, "
    "int64_t *order) {\n"
    "    const int64_t most = begins[kinds] / 2;\n"
    "    int64_t end = 2 * kinds + 1;\n"
    "    if (end > most) return;\n"
    "    runs[0] = -1;\n"
    "    for (int64_t kind = 0; kind < kinds; kind++) {\n"
    "        const int64_t first = begins[kind];\n"
    "        const int64_t count = begins[kind + 1] - first;\n"
    "        const int64_t *const target = targets + first;\n"
    "        const int direct = count > 0 && target[0] >= 0 && target[0] % 2 == 0 &&\n"
    "            @P_run_length(target, count) == count;\n"
    "        runs[2 * kind + 1] = direct ? target[0] / 2 : -1;\n"
    "        runs[2 * kind + 2] = direct && count > 1 ? (target[1] - target[0]) / 2 : 1;\n"
    "        for (int64_t k = 0, length = 0; k < count && !direct; k += length) {\n"
    "            length = @P_run_length(target + k, count - k);\n"
    "            if (target[k] < 0) continue;\n"
    "            if (end + 4 > most) return;\n"
    "            runs[0]--;\n"
    "            runs[end++] = first + k;\n"
    "            runs[end++] = length;\n"
    "            runs[end++] = target[k];\n"
    "            runs[end++] = length > 1 ? (target[k + 1] - target[k]) / 2 : 1;\n"
    "        }\n"
    "    }\n"
    "    for (int64_t k = 0; k < end; k++) order[k] = runs[k];\n"
    "}\n"
    "\n"
    "/* Where the terms of each kind go: to their entries, or among the others. */\n"
    "static void @P_find_targets(const int64_t *order, const int64_t *begins, int64_t kinds, @R *values, @R "
    "*terms, @R **target, int64_t *step) {\n"
    "    for (int64_t kind = 0; kind < kinds; kind++) {\n"
    "        const int direct = order[0] < 0 && order[2 * kind + 1] >= 0;\n"
    "        target[kind] = direct ? values + order[2 * kind + 1] : terms + begins[kind];\n"
    "        step[kind] = direct ? order[2 * kind + 2] : 1;\n"
    "    }\n"
    "}\n"
    "\n"
    "static void @P_add_run(const int64_t *run, const @R *GRADC_RESTRICT term, @R *GRADC_RESTRICT entry) {\n"
    "    const int64_t count = run[1];\n"
    "    const int64_t step = run[3];\n"
    "    if (run[2] % 2 == 0)\n"
    "        for (int64_t k = 0; k < count; k++) entry[k * step] = term[k];\n"
    "    else\n"
    "        for (int64_t k = 0; k < count; k++) entry[k * step] += term[k];\n"
    "}\n"
    "\n"
    "/* Forms the entries from those terms that are not in place. */\n"
    "static void @P_add_terms(const int64_t *order, int64_t kinds, int64_t count, const @R *terms, @R "
    "*values) {\n"
    "    const int64_t *run = order + 2 * kinds + 1;\n"
    "    int64_t entry = -1;\n"
    "    for (int64_t k = order[0]; k < -1; k++, run += 4) @P_add_run(run, terms + run[0], values + run[2] / "
    "2);\n"
    "    for (int64_t k = 0; order[0] >= 0 && k < count && order[k] < count; k++) {\n"
    "        if (order[k] >= 0)\n"
    "            values[++entry] = terms[order[k]];\n"
    "        else\n"
    "            values[entry] += terms[-1 - order[k]];\n"
    "    }\n"
    "}\n";

/* The tables of runs stand on the stack, which is short on a microcontroller. With more kinds of terms than
 * this, and with none, a matrix has no such tables: its terms stand one after the other in the workspace, and
 * the order gathers each. */
enum { MOST_KINDS_BY_RUNS = 64 };

/* At each %s stands what a pattern by runs has besides. */
static const char pattern_template[] =
    "size_t @P_#_pattern(@Sint64_t *row, int64_t *column, int64_t *order, int64_t *scratch@W) {\n"
    "    const int64_t terms = (int64_t)@P_#_terms(@v);\n"
    "    int64_t *const rows = scratch;\n"
    "    int64_t *const columns = scratch + terms;\n"
    "%s"
    "    int64_t count = 0;\n"
    "    int64_t entries = 0;\n"
    "%s"
    "    @P_#_places(@Irows, columns%s@w);\n"
    "    for (int64_t k = 0; k < terms; k++) {\n"
    "        const int placed = columns[k] >= 0 && rows[k] >= $;\n"
    "        order[k] = terms;\n"
    "        if (placed)\n"
    "            order[count++] = k;\n"
    "        else\n"
    "            rows[k] = -1;\n"
    "    }\n"
    "    @P_sort(rows, columns, order, count);\n"
    "    for (int64_t k = 0; k < count; k++) {\n"
    "        const int64_t term = order[k];\n"
    "        const int added = entries > 0 && row[entries - 1] == rows[term] && column[entries - 1] == "
    "columns[term];\n"
    "        if (added) {\n"
    "            order[k] = -1 - term;\n"
    "        } else {\n"
    "            row[entries] = rows[term];\n"
    "            column[entries] = columns[term];\n"
    "            entries++;\n"
    "        }\n"
    "        rows[term] = 2 * (entries - 1) + added;\n"
    "    }\n"
    "%s"
    "    return (size_t)entries;\n"
    "}\n";

static const char *const pattern_by_runs[] = {"    int64_t begins[? + 1];\n", "    @P_#_begins(@Ibegins);\n",
                                              ", begins",
                                              "    @P_find_runs(begins, ?, rows, columns, order);\n"};
static const char *const pattern_gathered[] = {"", "", "", ""};

static const char values_by_runs[] =
    "void @P_#(@Sconst @R *point, ~const int64_t *order, @R *values@W) {\n"
    "    const int64_t terms = (int64_t)@P_#_terms(@v);\n"
    "    int64_t begins[? + 1];\n"
    "    int64_t step[?];\n"
    "    @R *target[?];\n"
    "    if (terms == 0) return;\n"
    "    @P_#_begins(@Ibegins);\n"
    "    @P_find_targets(order, begins, ?, values, workspace, target, step);\n"
    "    @P_#_values(@Ipoint, ^target, step, workspace + terms);\n"
    "    @P_add_terms(order, ?, terms, workspace, values);\n"
    "}\n";

static const char values_gathered[] = "void @P_#(@Sconst @R *point, ~const int64_t *order, @R *values@W) {\n"
                                      "    const int64_t terms = (int64_t)@P_#_terms(@v);\n"
                                      "    int64_t entry = -1;\n"
                                      "    if (terms == 0) return;\n"
                                      "    @P_#_values(@Ipoint, ^workspace, workspace + terms);\n"
                                      "    for (int64_t k = 0; k < terms && order[k] < terms; k++) {\n"
                                      "        if (order[k] >= 0)\n"
                                      "            values[++entry] = workspace[order[k]];\n"
                                      "        else\n"
                                      "            values[entry] += workspace[-1 - order[k]];\n"
                                      "    }\n"
                                      "}\n";

/* ---- Matrices from products ---- */

static const char dense_hessian_template[] =
    "void @P_#(@Sconst @R *point, ~const int64_t *order, @R *values@W) {\n"
    "    const int64_t dimension = (int64_t)@P_dimension(@v);\n"
    "    @R *const direction = workspace;\n"
    "    @R *const product = workspace + dimension;\n"
    "    for (int64_t k = 0; k < dimension; k++) direction[k] = 0.0@F;\n"
    "    for (int64_t j = 0; j < dimension; j++) {\n"
    "        direction[j] = 1.0@F;\n"
    "        @P_#_times(@Ipoint, ^direction, product, product + dimension);\n"
    "        direction[j] = 0.0@F;\n"
    "        for (int64_t i = j; i < dimension; i++) values[order[i * (i + 1) / 2 + j]] = product[i];\n"
    "    }\n"
    "}\n";

static const char dense_jacobian_template[] =
    "void @P_#_jacobian(@Sconst @R *point, const int64_t *order, @R *values@W) {\n"
    "    const int64_t columns = (int64_t)@P_dimension(@v);\n"
    "    const int64_t rows = (int64_t)@P_#_count(@v);\n"
    "    @R *const direction = workspace;\n"
    "    @R *const product = workspace + columns;\n"
    "    for (int64_t k = 0; k < columns; k++) direction[k] = 0.0@F;\n"
    "    for (int64_t j = 0; j < columns; j++) {\n"
    "        direction[j] = 1.0@F;\n"
    "        @P_#_times(@Ipoint, direction, product, product + rows);\n"
    "        direction[j] = 0.0@F;\n"
    "        for (int64_t i = 0; i < rows; i++) values[order[i * columns + j]] = product[i];\n"
    "    }\n"
    "}\n";

/* Its rows and the columns of one. */
struct dense {
    const char *rows, *columns, *terms;
};
static const struct dense dense_hessian = {"@P_dimension(@v)", "i + 1", "rows * (rows + 1) / 2"};
static const struct dense dense_jacobian = {"@P_#_count(@v)", "(int64_t)@P_dimension(@v)",
                                            "rows * @P_dimension(@v)"};

static const char dense_pattern_template[] =
    "size_t @P_#_pattern(@Sint64_t *row, int64_t *column, int64_t *order, int64_t *scratch@W) {\n"
    "    const int64_t rows = (int64_t)%s;\n"
    "    int64_t entry = 0;\n"
    "    (void)scratch;\n"
    "    (void)workspace;\n"
    "    for (int64_t i = 0; i < rows; i++) {\n"
    "        const int64_t columns = %s;\n"
    "        for (int64_t j = 0; j < columns; j++) {\n"
    "            row[entry] = i;\n"
    "            column[entry] = j;\n"
    "            order[entry] = entry;\n"
    "            entry++;\n"
    "        }\n"
    "    }\n"
    "    return (size_t)entry;\n"
    "}\n";

static const char dense_terms_template[] = "size_t @P_#_terms(@V) {\n"
                                           "    const size_t rows = %s;\n"
                                           "    return %s;\n"
                                           "}\n";

/* ---- What they have in common ---- */

static const char terms_comment[] =
    "How many terms the %s is the sum of: at least as many as it has entries. So long are `order`, `row`, "
    "`column` and the values; the scratch memory of the pattern has twice that length.";
static const char pattern_comment[] = "The pattern of the %s: places of %s, counted from 0, sorted by row "
                                      "and then by column; gives how many there "
                                      "are. They are the same at every point. `order` is filled for the "
                                      "function below; `scratch` may be used for "
                                      "something else afterwards.";
static const char values_comment[] =
    "The entries of the %s at a point, in the order of the pattern, from which `order` comes.";

/* A matrix of the file. */
struct matrix {
    const char *name, *title, *entries; /* "hessian", "Hessian", "the entries on and below the diagonal" */
    const struct source_matrix *source;
    struct tally *terms;
    bool lower;
    const struct source_lagrangian *weighted; /* NULL: it takes no weights */
};

static bool goes_by_runs(const struct matrix *m) {
    return m->source->count > 0 && m->source->count <= MOST_KINDS_BY_RUNS;
}

/* The text with the name for each #, and so on. */
static const char *filled(const struct listing *l, const char *text, const char *name, size_t kinds,
                          bool lower, bool weighted) {
    struct text out = {0};
    for (const char *at = text; *at; at++) {
        if (*at == '#')
            text_add(&out, name);
        else if (*at == '?')
            text_addf(&out, "%zu", kinds);
        else if (*at == '$')
            text_add(&out, lower ? "columns[k]" : "0");
        else if (*at == '~')
            text_add(&out, weighted ? "@R factor, const @R *multipliers, " : "");
        else if (*at == '^')
            text_add(&out, weighted ? "&factor, multipliers, " : "");
        else
            text_add_bytes(&out, at, 1);
    }
    const char *copy = arena_text(l->unit.arena, text_string(&out), out.length);
    text_free(&out);
    return copy ? copy : "";
}

static const char *with_name(const struct listing *l, const char *text, const char *name) {
    return filled(l, text, name, 0, false, false);
}

static bool add_template(struct listing *l, const struct matrix *m, const char *comment, const char *text) {
    return listing_template(l, comment,
                            filled(l, text, m->name, m->source->count, m->lower, m->weighted != NULL));
}

static const char *comment_on(struct listing *l, const char *form, const struct matrix *m) {
    struct text text = {0};
    for (const char *at = form; *at; at++) {
        bool hole = at[0] == '%' && at[1] == 's', second = hole && strstr(text_string(&text), m->title);
        if (!hole)
            text_add_bytes(&text, at, 1);
        else
            text_add(&text, second ? m->entries : m->title);
        at += hole;
    }
    const char *copy = arena_text(l->unit.arena, text_string(&text), text.length);
    text_free(&text);
    return copy ? copy : "";
}

static struct routine_part *parts_of(struct listing *l, const struct source_matrix *m, size_t offset) {
    struct routine_part *parts = ARENA_ARRAY(l->unit.arena, struct routine_part, m->count + 1);
    for (size_t k = 0; parts && k < m->count; k++) {
        const struct source_element *e = &m->elements[k];
        array_id array = offset == 0 ? e->value : offset == 1 ? e->row : e->column;
        parts[k] = (struct routine_part){array, array};
    }
    return parts;
}

/* A function that tells where each kind of terms begins. */
static bool add_begins(struct listing *l, const struct matrix *m, const array_id *terms) {
    struct text text = {0}, statements = {0};
    bool uses_inputs = false;
    bool good = tally_begins(&statements, &l->unit, m->source->values, terms, m->source->count, &uses_inputs);
    text_addf(&text, "static void @P_%s_begins(@Sint64_t *begins) {\n%s", m->name, uses_inputs ? "" : "#");
    text_add(&text, text_string(&statements));
    text_add(&text, "}\n");
    const char *copy = good ? arena_text(l->unit.arena, text_string(&text), text.length) : NULL;
    good = copy && !text.failed && listing_template(l, NULL, copy);
    text_free(&statements);
    text_free(&text);
    return good || unit_out_of_memory(&l->unit);
}

static bool count_terms(struct listing *l, const struct matrix *m) {
    array_id *terms = ARENA_ARRAY(l->unit.arena, array_id, m->source->count + 1);
    if (!terms) return unit_out_of_memory(&l->unit);
    for (size_t k = 0; k < m->source->count; k++) terms[k] = m->source->elements[k].value;
    return (!goes_by_runs(m) || add_begins(l, m, terms)) &&
           tally_make(m->terms, &l->unit, m->source->values, terms, m->source->count, 0) &&
           listing_count(l, with_name(l, "@P_#_terms", m->name), m->terms, comment_on(l, terms_comment, m));
}

/* What a routine of the Lagrangian is called with beside the point. */
static void add_weights(struct routine *r, const struct source_lagrangian *w) {
    listing_add_vector(r, "factor", &w->factor, w->factor.array ? 1 : 0, false);
    listing_add_vector(r, "multipliers", w->multipliers, w->multiplier_count, false);
}

static bool add_element_routines(struct listing *l, const struct matrix *m) {
    const struct source_matrix *source = m->source;
    struct routine_part *values = parts_of(l, source, 0), *rows = parts_of(l, source, 1);
    struct routine_part *columns = parts_of(l, source, 2);
    if (!values || !rows || !columns) return unit_out_of_memory(&l->unit);
    struct routine *places = listing_add(l, with_name(l, "#_places", m->name), source->places, NULL);
    struct routine *entries = listing_add(l, with_name(l, "#_values", m->name), source->values, NULL);
    if (!places || !entries) return false;
    places->is_static = entries->is_static = places->is_seldom = true;
    l->unit.needs.helpers[HELPER_SELDOM] = true;
    l->unit.needs.helpers[HELPER_RESTRICT] = true;
    listing_add_vector(places, "rows", rows, source->count, true);
    listing_add_vector(places, "columns", columns, source->count, true);
    places->vectors[0].is_integer = places->vectors[1].is_integer = true;
    if (goes_by_runs(m)) places->vectors[0].layout = places->vectors[1].layout = LAYOUT_PLACED;
    listing_add_vector(entries, "point", l->request->point, l->request->unknown_count, false);
    if (m->weighted) add_weights(entries, m->weighted);
    listing_add_vector(entries, "terms", values, source->count, true);
    if (goes_by_runs(m)) entries->vectors[entries->vector_count - 1].layout = LAYOUT_APART;
    return listing_demand(l, (struct demand){.routine = places}) &&
           listing_demand(l, (struct demand){entries, {with_name(l, "@P_#_terms(@v)", m->name)}, {m->terms}});
}

static bool has_template(const struct listing *l, const char *text) {
    for (size_t k = 0; k < l->entries.count; k++)
        if (l->entries.at[k].template == text) return true;
    return false;
}

/* What matrices share stands in the file once. */
static bool add_shared(struct listing *l, const char *text) {
    return has_template(l, text) || listing_template(l, NULL, text);
}

static bool add_elements(struct listing *l, const struct matrix *m) {
    const char *const *parts = goes_by_runs(m) ? pattern_by_runs : pattern_gathered;
    const char *pattern =
        arena_format(l->unit.arena, pattern_template, parts[0], parts[1], parts[2], parts[3]);
    if (!pattern) return unit_out_of_memory(&l->unit);
    return add_shared(l, order_template) && (!goes_by_runs(m) || add_shared(l, runs_template)) &&
           count_terms(l, m) && add_element_routines(l, m) &&
           add_template(l, m, comment_on(l, pattern_comment, m), pattern) &&
           add_template(l, m, comment_on(l, values_comment, m),
                        goes_by_runs(m) ? values_by_runs : values_gathered);
}

static bool add_dense(struct listing *l, const struct matrix *m, const struct dense *d, const char *values) {
    struct arena *arena = l->unit.arena;
    const char *terms = arena_format(arena, dense_terms_template, d->rows, d->terms);
    const char *pattern = arena_format(arena, dense_pattern_template, d->rows, d->columns);
    if (!terms || !pattern) return unit_out_of_memory(&l->unit);
    return add_template(l, m, comment_on(l, terms_comment, m), terms) &&
           add_template(l, m, comment_on(l, pattern_comment, m), pattern) &&
           add_template(l, m, comment_on(l, values_comment, m), values);
}

/* ---- The Hessian ---- */

bool listing_add_hessian(struct listing *l) {
    static const char dimension[] = "@P_dimension(@v)";
    const struct matrix m = {"hessian",
                             "Hessian",
                             "the entries on and below the diagonal",
                             &l->request->hessian,
                             &l->hessian_terms,
                             true,
                             NULL};
    const struct routine *product = NULL;
    if (m.source->values) return add_elements(l, &m);
    for (size_t k = 0; k < l->routine_count; k++)
        if (l->routines[k].program == l->request->product) product = &l->routines[k];
    return add_dense(l, &m, &dense_hessian, dense_hessian_template) &&
           listing_demand(l,
                          (struct demand){product, {dimension, dimension}, {&l->dimension, &l->dimension}});
}

/* ---- The Lagrangian ---- */

static bool add_weighted_product(struct listing *l, const struct source_lagrangian *w) {
    static const char dimension[] = "@P_dimension(@v)";
    const struct source_request *q = l->request;
    struct routine *product = listing_add(l, "lagrangian_times", w->product, NULL);
    if (!product) return false;
    product->is_static = true;
    listing_add_vector(product, "point", q->point, q->unknown_count, false);
    add_weights(product, w);
    listing_add_vector(product, "direction", w->direction, q->unknown_count, false);
    listing_add_vector(product, "product", w->curvature, q->unknown_count, true);
    return listing_demand(l,
                          (struct demand){product, {dimension, dimension}, {&l->dimension, &l->dimension}});
}

bool listing_add_lagrangian(struct listing *l) {
    const struct source_lagrangian *w = l->request->lagrangian;
    const struct matrix m = {"lagrangian",
                             "Hessian of factor*objective + the sum of multipliers times constraints",
                             "the entries on and below the diagonal",
                             &w->matrix,
                             &l->lagrangian_terms,
                             true,
                             w};
    if (w->matrix.values) return add_elements(l, &m);
    return add_weighted_product(l, w) && add_dense(l, &m, &dense_hessian, dense_hessian_template);
}

/* ---- Jacobians ---- */

static bool add_row_product(struct listing *l, size_t k) {
    const struct source_request *q = l->request;
    const struct source_rows *rows = &q->rows[k];
    struct routine *product = listing_add(l, with_name(l, "#_times", rows->name), rows->tangent, NULL);
    if (!product) return false;
    product->is_static = true;
    listing_add_vector(product, "point", q->point, q->unknown_count, false);
    listing_add_vector(product, "direction", rows->direction, q->unknown_count, false);
    listing_add_vector(product, "product", rows->product, rows->count, true);
    return listing_demand(l, (struct demand){product,
                                             {"@P_dimension(@v)", with_name(l, "@P_#_count(@v)", rows->name)},
                                             {&l->dimension, &l->counts[k]}});
}

/* In dense templates # is the name of the rows. */
static bool add_dense_jacobian(struct listing *l, const struct matrix *m, const char *rows) {
    const struct dense named = {with_name(l, dense_jacobian.rows, rows), dense_jacobian.columns,
                                dense_jacobian.terms};
    return add_dense(l, m, &named, with_name(l, dense_jacobian_template, rows));
}

static bool add_jacobian(struct listing *l, size_t k) {
    const struct source_rows *rows = &l->request->rows[k];
    const char *title = arena_format(l->unit.arena, "Jacobian of the %s", rows->name);
    const struct matrix m = {with_name(l, "#_jacobian", rows->name),
                             title ? title : "",
                             "the entries",
                             &rows->jacobian,
                             &l->jacobian_terms[k],
                             false,
                             NULL};
    if (m.source->values) return add_elements(l, &m);
    return add_row_product(l, k) && add_dense_jacobian(l, &m, rows->name);
}

static bool add_values(struct listing *l, size_t k) {
    const struct source_request *q = l->request;
    const struct source_rows *rows = &q->rows[k];
    const char *comment = arena_format(
        l->unit.arena, "At a point, %s, in the order of the file, arrays row by row.", rows->title);
    struct routine *values = listing_add(l, rows->name, rows->function, comment);
    if (!values) return false;
    listing_add_vector(values, "point", q->point, q->unknown_count, false);
    listing_add_vector(values, rows->name, rows->values, rows->count, true);
    return listing_demand(l, (struct demand){.routine = values});
}

bool listing_add_rows(struct listing *l, size_t k) {
    const struct source_rows *rows = &l->request->rows[k];
    struct arena *arena = l->unit.arena;
    array_id *arrays = ARENA_ARRAY(arena, array_id, rows->count + 1);
    if (!arrays) return unit_out_of_memory(&l->unit);
    for (size_t i = 0; i < rows->count; i++) arrays[i] = rows->values[i].array;
    const char *comment =
        arena_format(arena, "How many %s there are: the rows of their Jacobian.", rows->name);
    return tally_make(&l->counts[k], &l->unit, rows->function, arrays, rows->count, 0) &&
           listing_count(l, with_name(l, "@P_#_count", rows->name), &l->counts[k], comment) &&
           add_values(l, k) && add_jacobian(l, k);
}
