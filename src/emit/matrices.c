#include <string.h>

#include "emit/listing.h"

/* ---- The Hessian from its elements ---- */

static const char order_template[] =
    "/* Whether term a of the Hessian stands before term b: by row, by column, and by number. */\n"
    "static int @P_hessian_before(const int64_t *rows, const int64_t *columns, int64_t a, int64_t b) {\n"
    "    if (rows[a] != rows[b]) return rows[a] < rows[b];\n"
    "    if (columns[a] != columns[b]) return columns[a] < columns[b];\n"
    "    return a < b;\n"
    "}\n\n"
    "/* Lets a term sink to its place in the heap below `count`. */\n"
    "static void @P_hessian_sink(const int64_t *rows, const int64_t *columns, int64_t *order, int64_t at, "
    "int64_t count) {\n"
    "    const int64_t term = order[at];\n"
    "    int64_t child = 2 * at + 1;\n"
    "    while (child < count) {\n"
    "        if (child + 1 < count && @P_hessian_before(rows, columns, order[child], order[child + 1])) "
    "child++;\n"
    "        if (!@P_hessian_before(rows, columns, term, order[child])) break;\n"
    "        order[at] = order[child];\n"
    "        at = child;\n"
    "        child = 2 * at + 1;\n"
    "    }\n"
    "    order[at] = term;\n"
    "}\n\n"
    "/* Sorts terms by their places: heapsort, which takes neither memory nor recursion. */\n"
    "static void @P_hessian_sort(const int64_t *rows, const int64_t *columns, int64_t *order, int64_t count) "
    "{\n"
    "    for (int64_t k = count / 2; k > 0; k--) @P_hessian_sink(rows, columns, order, k - 1, count);\n"
    "    for (int64_t k = count - 1; k > 0; k--) {\n"
    "        const int64_t largest = order[0];\n"
    "        order[0] = order[k];\n"
    "        order[k] = largest;\n"
    "        @P_hessian_sink(rows, columns, order, 0, k);\n"
    "    }\n"
    "}\n";

static const char pattern_template[] =
    "size_t @P_hessian_pattern(@Sint64_t *row, int64_t *column, int64_t *order, int64_t *scratch@W) {\n"
    "    const int64_t terms = (int64_t)@P_hessian_terms(@v);\n"
    "    int64_t *const rows = scratch;\n"
    "    int64_t *const columns = scratch + terms;\n"
    "    int64_t count = 0;\n"
    "    size_t entries = 0;\n"
    "    @P_hessian_places(@Irows, columns@w);\n"
    "    for (int64_t k = 0; k < terms; k++) {\n"
    "        order[k] = terms;\n"
    "        if (columns[k] >= 0 && rows[k] >= columns[k]) order[count++] = k;\n"
    "    }\n"
    "    @P_hessian_sort(rows, columns, order, count);\n"
    "    for (int64_t k = 0; k < count; k++) {\n"
    "        const int64_t term = order[k];\n"
    "        if (entries > 0 && row[entries - 1] == rows[term] && column[entries - 1] == columns[term]) {\n"
    "            order[k] = -1 - term;\n"
    "        } else {\n"
    "            row[entries] = rows[term];\n"
    "            column[entries] = columns[term];\n"
    "            entries++;\n"
    "        }\n"
    "    }\n"
    "    return entries;\n"
    "}\n";

static const char values_template[] =
    "void @P_hessian(@Sconst @R *point, const int64_t *order, @R *values@W) {\n"
    "    const int64_t terms = (int64_t)@P_hessian_terms(@v);\n"
    "    @R *const term = workspace;\n"
    "    int64_t entry = -1;\n"
    "    @P_hessian_values(@Ipoint, term, workspace + terms);\n"
    "    for (int64_t k = 0; k < terms && order[k] < terms; k++) {\n"
    "        if (order[k] >= 0)\n"
    "            values[++entry] = term[order[k]];\n"
    "        else\n"
    "            values[entry] += term[-1 - order[k]];\n"
    "    }\n"
    "}\n";

/* ---- The Hessian from products ---- */

static const char dense_terms_template[] = "size_t @P_hessian_terms(@V) {\n"
                                           "    const size_t dimension = @P_dimension(@v);\n"
                                           "    return dimension * (dimension + 1) / 2;\n"
                                           "}\n";

static const char dense_pattern_template[] =
    "size_t @P_hessian_pattern(@Sint64_t *row, int64_t *column, int64_t *order, int64_t *scratch@W) {\n"
    "    const int64_t dimension = (int64_t)@P_dimension(@v);\n"
    "    int64_t entry = 0;\n"
    "    (void)scratch;\n"
    "    (void)workspace;\n"
    "    for (int64_t i = 0; i < dimension; i++) {\n"
    "        for (int64_t j = 0; j <= i; j++) {\n"
    "            row[entry] = i;\n"
    "            column[entry] = j;\n"
    "            order[entry] = entry;\n"
    "            entry++;\n"
    "        }\n"
    "    }\n"
    "    return (size_t)entry;\n"
    "}\n";

static const char dense_values_template[] =
    "void @P_hessian(@Sconst @R *point, const int64_t *order, @R *values@W) {\n"
    "    const int64_t dimension = (int64_t)@P_dimension(@v);\n"
    "    @R *const direction = workspace;\n"
    "    @R *const product = workspace + dimension;\n"
    "    for (int64_t k = 0; k < dimension; k++) direction[k] = 0.0@F;\n"
    "    for (int64_t j = 0; j < dimension; j++) {\n"
    "        direction[j] = 1.0@F;\n"
    "        @P_hessian_times(@Ipoint, direction, product, product + dimension);\n"
    "        direction[j] = 0.0@F;\n"
    "        for (int64_t i = j; i < dimension; i++) values[order[i * (i + 1) / 2 + j]] = product[i];\n"
    "    }\n"
    "}\n";

static const char terms_comment[] =
    "How many terms the Hessian is the sum of: at least as many as it has entries. So long are `order`, "
    "`row`,\n"
    "`column` and the values; the scratch memory of the pattern has twice that length.";
static const char pattern_comment[] =
    "The pattern of the Hessian: places of the entries on and below the diagonal, counted from 0, sorted by "
    "row\n"
    "and then by column; gives how many there are. They are the same at every point. `order` is filled for\n"
    "the function below; `scratch` may be used for something else afterwards.";
static const char values_comment[] =
    "The entries of the Hessian at a point, in the order of the pattern, from which `order` comes.";

static bool add_element_routines(struct listing *l) {
    const struct source_request *q = l->request;
    struct arena *arena = l->unit.arena;
    size_t count = q->element_count;
    struct routine_part *values = ARENA_ARRAY(arena, struct routine_part, count + 1);
    struct routine_part *rows = ARENA_ARRAY(arena, struct routine_part, count + 1);
    struct routine_part *columns = ARENA_ARRAY(arena, struct routine_part, count + 1);
    array_id *terms = ARENA_ARRAY(arena, array_id, count + 1);
    if (!values || !rows || !columns || !terms) return unit_out_of_memory(&l->unit);
    for (size_t k = 0; k < count; k++) {
        const struct source_element *e = &q->elements[k];
        values[k] = (struct routine_part){e->value, e->value};
        rows[k] = (struct routine_part){e->row, e->row};
        columns[k] = (struct routine_part){e->column, e->column};
        terms[k] = e->value;
    }
    if (!tally_make(&l->terms, &l->unit, q->hessian_values, terms, count, 0)) return false;
    if (!listing_count(l, "@P_hessian_terms", &l->terms, terms_comment)) return false;
    struct routine *places = listing_add(l, "hessian_places", q->hessian_places, NULL);
    if (!places) return false;
    places->is_static = true;
    listing_add_vector(places, "rows", rows, count, true);
    listing_add_vector(places, "columns", columns, count, true);
    places->vectors[0].is_integer = places->vectors[1].is_integer = true;
    struct routine *entries = listing_add(l, "hessian_values", q->hessian_values, NULL);
    if (!entries) return false;
    entries->is_static = true;
    listing_add_vector(entries, "point", q->point, q->unknown_count, false);
    listing_add_vector(entries, "terms", values, count, true);
    return listing_demand(l, (struct demand){.routine = places}) &&
           listing_demand(l, (struct demand){entries, {"@P_hessian_terms(@v)"}, {&l->terms}});
}

bool listing_add_hessian(struct listing *l) {
    if (l->request->hessian_values)
        return add_element_routines(l) && listing_template(l, NULL, order_template) &&
               listing_template(l, pattern_comment, pattern_template) &&
               listing_template(l, values_comment, values_template);
    const struct routine *product = NULL;
    for (size_t k = 0; k < l->routine_count; k++)
        if (l->routines[k].program == l->request->product) product = &l->routines[k];
    static const char dimension[] = "@P_dimension(@v)";
    return listing_template(l, terms_comment, dense_terms_template) &&
           listing_template(l, pattern_comment, dense_pattern_template) &&
           listing_template(l, values_comment, dense_values_template) &&
           listing_demand(l,
                          (struct demand){product, {dimension, dimension}, {&l->dimension, &l->dimension}});
}

/* ---- Jacobians ---- */

static const char jacobian_template[] =
    "void @P_#_jacobian(@Sconst @R *point, @R *jacobian@W) {\n"
    "    const int64_t columns = (int64_t)@P_dimension(@v);\n"
    "    const int64_t rows = (int64_t)@P_#_count(@v);\n"
    "    @R *const direction = workspace;\n"
    "    @R *const product = workspace + columns;\n"
    "    for (int64_t k = 0; k < columns; k++) direction[k] = 0.0@F;\n"
    "    for (int64_t j = 0; j < columns; j++) {\n"
    "        direction[j] = 1.0@F;\n"
    "        @P_#_times(@Ipoint, direction, product, product + rows);\n"
    "        direction[j] = 0.0@F;\n"
    "        for (int64_t i = 0; i < rows; i++) jacobian[i * columns + j] = product[i];\n"
    "    }\n"
    "}\n";

/* The text with NAME for each #. */
static const char *with_name(const struct listing *l, const char *text, const char *name) {
    struct text out = {0};
    for (const char *at = text; *at; at++) {
        if (*at == '#')
            text_add(&out, name);
        else
            text_add_bytes(&out, at, 1);
    }
    const char *copy = arena_text(l->unit.arena, text_string(&out), out.length);
    text_free(&out);
    return copy ? copy : "";
}

static bool add_row_routines(struct listing *l, size_t k, const char *comment) {
    const struct source_request *q = l->request;
    const struct source_rows *rows = &q->rows[k];
    struct routine *values = listing_add(l, rows->name, rows->function, comment);
    if (!values) return false;
    listing_add_vector(values, "point", q->point, q->unknown_count, false);
    listing_add_vector(values, rows->name, rows->values, rows->count, true);
    struct routine *product = listing_add(l, with_name(l, "#_times", rows->name), rows->tangent, NULL);
    if (!product) return false;
    product->is_static = true;
    listing_add_vector(product, "point", q->point, q->unknown_count, false);
    listing_add_vector(product, "direction", rows->direction, q->unknown_count, false);
    listing_add_vector(product, "product", rows->product, rows->count, true);
    return listing_demand(l, (struct demand){.routine = values}) &&
           listing_demand(l, (struct demand){product,
                                             {"@P_dimension(@v)", with_name(l, "@P_#_count(@v)", rows->name)},
                                             {&l->dimension, &l->counts[k]}});
}

bool listing_add_rows(struct listing *l, size_t k) {
    const struct source_rows *rows = &l->request->rows[k];
    struct arena *arena = l->unit.arena;
    array_id *arrays = ARENA_ARRAY(arena, array_id, rows->count + 1);
    if (!arrays) return unit_out_of_memory(&l->unit);
    for (size_t i = 0; i < rows->count; i++) arrays[i] = rows->values[i].array;
    const char *count_comment =
        arena_format(arena, "How many numbers %s are: the rows of their Jacobian.", rows->title);
    const char *comment =
        arena_format(arena, "At a point, %s, in the order of the file, arrays row by row.", rows->title);
    const char *matrix = arena_format(
        arena, "Their derivatives by the elements of the point: a dense matrix, row by row, with a column "
               "for each\nelement of the point. Costs a product with a direction per column.");
    return tally_make(&l->counts[k], &l->unit, rows->function, arrays, rows->count, 0) &&
           listing_count(l, with_name(l, "@P_#_count", rows->name), &l->counts[k], count_comment) &&
           add_row_routines(l, k, comment) &&
           listing_template(l, matrix, with_name(l, jacobian_template, rows->name));
}
