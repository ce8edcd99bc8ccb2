#include "api/elements.h"

#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "diff/entries.h"
#include "diff/gradient.h"
#include "diff/inline.h"
#include "diff/window.h"
#include "support/number.h"

void elements_free(struct elements *h) {
    runner_release(&h->runner);
    scatter_release(&h->scatter);
    free(h->cursors);
    free(h->row_sizes);
    elements_release(&h->matrix);
    pattern_release(&h->pattern);
    free(h->values);
    *h = (struct elements){.ready = false};
}

static enum gradc_outcome failure(const struct gradc_evaluator *e) {
    return diag_has_errors(&e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

/* ---- Places ---- */

/* What the rows are: of a Hessian the unknowns. */
struct layout {
    const struct model *model;
    const struct product_rows *rows; /* NULL: a Hessian */
    size_t row_count, total;
};

/* The places of the entries of a kind; both are -1 where there is none. */
struct places {
    bool symmetric;
    const int64_t *rows, *columns;
    size_t count;
    int64_t row_offset, column_offset;
};

static int64_t offset_of(const struct model *model, array_id unknown) {
    for (size_t k = 0; k < model->unknowns.count; k++)
        if (model->unknowns.at[k].shape.array == unknown) return (int64_t)model->unknowns.at[k].offset;
    return 0;
}

static int64_t row_offset(const struct layout *l, array_id array) {
    for (size_t k = 0; l->rows && k < l->row_count; k++)
        if (l->rows[k].array == array) return (int64_t)l->rows[k].offset;
    return offset_of(l->model, array);
}

static struct places places_of(const struct elements *h, const struct layout *l, const struct runner *r,
                               size_t kind) {
    const struct element_kind *k = &h->matrix.kinds.at[kind];
    const struct bound_array *rows = &r->binding.arrays[k->row], *columns = &r->binding.arrays[k->column];
    return (struct places){.symmetric = l->rows == NULL,
                           .rows = rows->at.integer,
                           .columns = columns->at.integer,
                           .count = rows->count,
                           .row_offset = row_offset(l, k->row_of),
                           .column_offset = offset_of(l->model, k->column_of)};
}

/* The place of an element in the matrix; false where it has none, or of a Hessian none in the lower triangle.
 */
static bool place(const struct places *p, size_t element, size_t *row, uint32_t *column) {
    int64_t i = p->rows[element], j = p->columns[element];
    if (i < 0 || j < 0 || (p->symmetric && i + p->row_offset < j + p->column_offset)) return false;
    *row = (size_t)(i + p->row_offset);
    *column = (uint32_t)(j + p->column_offset);
    return true;
}

/* ---- The pattern ---- */

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Sorts each row and keeps each column once. */
static void tidy_rows(struct pattern *p) {
    size_t kept = 0, begin = 0;
    for (size_t row = 0; row < p->rows; row++) {
        size_t end = p->starts[row + 1], first = kept;
        if (end - begin > 1) qsort(p->entry + begin, end - begin, sizeof *p->entry, ascending);
        for (size_t k = begin; k < end; k++)
            if (kept == first || p->entry[kept - 1] != p->entry[k]) p->entry[kept++] = p->entry[k];
        begin = end;
        p->starts[row + 1] = kept;
    }
}

static bool fill_pattern(struct elements *h, const struct layout *l, const struct runner *r) {
    struct pattern *p = &h->pattern;
    size_t row, *next = calloc(p->rows + 1, sizeof *next);
    uint32_t column;
    for (size_t k = 0; k < h->matrix.kinds.count; k++) {
        struct places places = places_of(h, l, r, k);
        for (size_t i = 0; i < places.count; i++)
            if (place(&places, i, &row, &column)) p->starts[row + 1]++;
    }
    for (row = 0; row < p->rows; row++) p->starts[row + 1] += p->starts[row];
    p->entry = malloc((pattern_count(p) + 1) * sizeof *p->entry);
    bool good = next && p->entry;
    if (good) memcpy(next, p->starts, p->rows * sizeof *next);
    for (size_t k = 0; good && k < h->matrix.kinds.count; k++) {
        struct places places = places_of(h, l, r, k);
        for (size_t i = 0; i < places.count; i++)
            if (place(&places, i, &row, &column)) p->entry[next[row]++] = column;
    }
    if (good) tidy_rows(p);
    free(next);
    return good;
}

static bool find_pattern(struct elements *h, const struct layout *l, const struct runner *r) {
    h->pattern = (struct pattern){.rows = l->total, .columns = l->model->dimension};
    h->pattern.starts = calloc(l->total + 1, sizeof *h->pattern.starts);
    return h->pattern.starts && fill_pattern(h, l, r);
}

/* ---- Destinations ---- */

/* The place among all entries, by element of a kind; NULL where memory is exhausted. */
static size_t *destinations_of(const struct elements *h, const struct places *places) {
    size_t row, *at = malloc((places->count + 1) * sizeof *at);
    uint32_t column;
    for (size_t i = 0; at && i < places->count; i++)
        at[i] = place(places, i, &row, &column) ? pattern_find(&h->pattern, row, column) : SIZE_MAX;
    return at;
}

/* Elements stand in rows by their first subscript. */
static void note_rows(struct elements *h, const struct bound_array *places, size_t kind) {
    size_t rows =
        h->matrix.values.arrays.at[h->matrix.kinds.at[kind].value].rank ? (size_t)places->extent[0] : 1;
    if (rows > h->row_count) h->row_count = rows;
    h->row_sizes[kind] = rows ? places->count / rows : 0;
}

static bool find_destinations(struct elements *h, const struct layout *l, const struct runner *r) {
    size_t count = h->matrix.kinds.count;
    h->row_sizes = calloc(count + 1, sizeof *h->row_sizes);
    bool good = h->row_sizes && scatter_init(&h->scatter, count, pattern_count(&h->pattern));
    for (size_t k = 0; good && k < count; k++) {
        struct places places = places_of(h, l, r, k);
        size_t *at = destinations_of(h, &places);
        good = at && scatter_set(&h->scatter, k, at, places.count);
        note_rows(h, &r->binding.arrays[h->matrix.kinds.at[k].row], k);
    }
    return good;
}

/* ---- The program of values ---- */

/* A distance that is large without a sign goes down. */
static bool goes_down(const struct scatter_run *run) {
    return run->count > 1 && run->stride > SIZE_MAX / 2;
}

/* Whether all entries stand at the same distances. */
static bool common_stride(const struct elements *h, size_t *stride) {
    *stride = 0;
    for (size_t k = 0; k < h->matrix.kinds.count; k++) {
        const struct scatter_run *run = scatter_only_run(&h->scatter, k);
        if (h->scatter.kinds[k].count == 0) continue;
        if (!run) return false;
        size_t distance = goes_down(run) ? -run->stride : run->stride;
        if (run->count < 2) continue;
        if (distance == 0 || (*stride && distance != *stride)) return false;
        *stride = distance;
    }
    return *stride > 0;
}

/* For sums of parts. */
static bool make_room(struct elements *h) {
    h->values = calloc(h->scatter.entry_count + 1, sizeof *h->values);
    h->cursors = calloc(h->scatter.kind_count + 1, sizeof *h->cursors);
    return h->values && h->cursors;
}

/* Elements that take more memory than the first number of bytes are computed in windows of about the second,
 * which stay in a cache. */
static const size_t enough_for_windows = (size_t)1 << 19, window_bytes = (size_t)1 << 16;

/* How many rows of elements to compute at a time; 0: all. The order of sums is that of the program where
 * arithmetic is strict. */
static size_t choose_window(const struct elements *h, const struct gradc_evaluator_options *options) {
    size_t row_bytes = 0;
    for (size_t k = 0; k < h->matrix.kinds.count; k++) row_bytes += h->row_sizes[k] * sizeof(double);
    bool worthwhile = options->arithmetic != GRADC_STRICT && !options->interpret && row_bytes > 0 &&
                      h->row_count > enough_for_windows / row_bytes;
    if (!worthwhile || !window_suits(&h->matrix)) return 0;
    return row_bytes < window_bytes ? window_bytes / row_bytes : 1;
}

/* Entries go to arrays of their kinds, for all elements or for some at a time. */
static bool take_values(struct elements *h, const struct gradc_evaluator_options *options) {
    h->window = choose_window(h, options);
    if (h->window) {
        struct window w = {.begin = 0};
        bool good = window_make(&w, &h->matrix, (int64_t)h->window);
        h->runner.program = w.program;
        h->begin = w.begin;
        return good && make_room(h);
    }
    h->runner.program = h->matrix.values;
    h->matrix.values = (struct program){0};
    return make_room(h);
}

/* The places of the kinds, all of which stand at equal distances; NULL where memory is exhausted. */
static struct entry_place *entry_places_of(const struct elements *h) {
    size_t count = h->matrix.kinds.count;
    struct entry_place *places = calloc(count + 1, sizeof *places);
    for (size_t k = 0; places && k < count; k++) {
        const struct scatter_run *run = scatter_only_run(&h->scatter, k);
        if (run) places[k] = (struct entry_place){run->first, run->count, goes_down(run)};
    }
    return places;
}

/* Takes the program over, in which entries go to arrays of their kinds, or where they belong. */
static bool take_program(struct elements *h, const struct gradc_evaluator_options *options) {
    struct entry_places places = {.count = h->scatter.entry_count};
    h->runner.has_program = true;
    if (!common_stride(h, &places.stride)) return take_values(h, options);
    struct entry_place *kinds = entry_places_of(h);
    places.kinds = kinds;
    bool good = kinds && entries_put(&h->runner.program, &h->matrix, &places, &h->entries);
    h->runner.checked = h->entries;
    free(kinds);
    return good;
}

/* ---- The whole ---- */

static enum gradc_outcome find_places(struct elements *h, struct gradc_evaluator *e, const struct layout *l) {
    struct runner r = {.program = h->matrix.places, .has_program = true};
    struct gradc_evaluator_options once = {.evaluations = 1, .arithmetic = GRADC_STRICT};
    h->matrix.places = (struct program){0};
    enum gradc_outcome outcome = runner_prepare(&r, e->owner, e->point, &once);
    if (outcome == GRADC_DONE) outcome = runner_run(&r);
    if (outcome == GRADC_DONE && (!find_pattern(h, l, &r) || !find_destinations(h, l, &r)))
        outcome = GRADC_EXHAUSTED;
    runner_release(&r);
    return outcome;
}

/* The programs have been derived; the watch measures that. */
static enum gradc_outcome make_ready(struct elements *h, struct gradc_evaluator *e, const struct layout *l,
                                     struct stopwatch watch) {
    phase_add(e->owner, "derive", watch);
    h->tried = true;
    if (!h->matrix.suits) return GRADC_DONE;
    watch = stopwatch_start();
    enum gradc_outcome outcome = find_places(h, e, l);
    if (outcome != GRADC_DONE) return outcome;
    phase_add(e->owner, "pattern", watch);
    struct gradc_evaluator_options options = e->options;
    if (!take_program(h, &options)) return GRADC_EXHAUSTED;
    if (h->window) options.evaluations *= h->row_count / h->window + 1;
    outcome = runner_prepare(&h->runner, e->owner, e->point, &options);
    h->ready = outcome == GRADC_DONE;
    return outcome;
}

enum gradc_outcome elements_prepare(struct elements *h, struct gradc_evaluator *e,
                                    const struct program *gradient) {
    struct model *model = e->owner->model;
    struct layout layout = {.model = model, .total = model->dimension};
    if (h->tried) return GRADC_DONE;
    struct stopwatch watch = stopwatch_start();
    array_id *ids = model_unknown_ids(model);
    bool good = ids && elements_of_hessian(&h->matrix, gradient, ids, model->unknowns.count, &model->diags);
    free(ids);
    return good ? make_ready(h, e, &layout, watch) : failure(e);
}

static bool derive_inlined(struct elements *h, struct model *model) {
    array_id *ids = model_unknown_ids(model);
    size_t n = model->unknowns.count;
    struct program written = {0}, gradient = {0};
    struct gradient_request request = {.output = model->objective, .wrt = ids, .wrt_count = n};
    elements_release(&h->matrix);
    bool good = ids && program_inline(&written, &model->program, &model->objective, 1, ids, n) &&
                differentiate(&gradient, &written, &request, &model->diags) &&
                elements_of_hessian(&h->matrix, &gradient, ids, n, &model->diags);
    program_release(&written);
    program_release(&gradient);
    free(ids);
    return good;
}

enum gradc_outcome elements_prepare_inlined(struct elements *h, struct gradc_evaluator *e) {
    struct model *model = e->owner->model;
    struct layout layout = {.model = model, .total = model->dimension};
    if (h->ready || h->tried_inlined) return GRADC_DONE;
    h->tried_inlined = true;
    struct stopwatch watch = stopwatch_start();
    return derive_inlined(h, model) ? make_ready(h, e, &layout, watch) : failure(e);
}

static bool derive_jacobian(struct elements *h, struct model *model, const struct product_rows *rows,
                            size_t row_count) {
    array_id *ids = model_unknown_ids(model), *outputs = calloc(row_count + 1, sizeof *outputs);
    struct program written = {0};
    bool good = ids && outputs;
    for (size_t k = 0; good && k < row_count; k++) outputs[k] = rows[k].array;
    good = good &&
           program_inline(&written, &model->program, outputs, row_count, ids, model->unknowns.count) &&
           elements_of_jacobian(&h->matrix, &written, outputs, row_count, ids, model->unknowns.count,
                                &model->diags);
    program_release(&written);
    free(ids);
    free(outputs);
    return good;
}

enum gradc_outcome elements_prepare_jacobian(struct elements *h, struct gradc_evaluator *e,
                                             const struct product_rows *rows, size_t row_count,
                                             size_t total) {
    struct layout layout = {e->owner->model, rows, row_count, total};
    if (h->tried) return GRADC_DONE;
    if (!model_inputs(e->owner)) return failure(e);
    struct stopwatch watch = stopwatch_start();
    return derive_jacobian(h, e->owner->model, rows, row_count) ? make_ready(h, e, &layout, watch)
                                                                : failure(e);
}

static bool add_all(struct elements *h) {
    for (size_t k = 0; k < h->matrix.kinds.count; k++)
        h->cursors[k].from = runner_values(&h->runner, h->matrix.kinds.at[k].value);
    return scatter_add(&h->scatter, h->cursors, h->values);
}

static enum gradc_outcome run_windows(struct elements *h, struct gradc_evaluator *e, const double *point) {
    scatter_start(&h->scatter, h->cursors, h->values);
    for (size_t row = 0; row < h->row_count; row += h->window) {
        *h->runner.binding.arrays[h->begin].at.integer = (int64_t)row;
        enum gradc_outcome outcome = evaluator_run_at(e, &h->runner, point);
        if (outcome != GRADC_DONE) return outcome;
        for (size_t k = 0; k < h->matrix.kinds.count; k++) {
            size_t size = h->row_sizes[k];
            h->cursors[k].from = runner_values(&h->runner, h->matrix.kinds.at[k].value);
            scatter_add_some(&h->scatter, k, &h->cursors[k], row * size, (row + h->window) * size, h->values);
        }
    }
    h->result = h->values;
    return numbers_are_finite(h->result, h->scatter.entry_count) ? GRADC_DONE : GRADC_UNDEFINED;
}

enum gradc_outcome elements_run(struct elements *h, struct gradc_evaluator *e, const double *point) {
    if (h->window) return run_windows(h, e, point);
    enum gradc_outcome outcome = evaluator_run_at(e, &h->runner, point);
    if (outcome != GRADC_DONE) return outcome;
    h->result = h->values ? h->values : runner_values(&h->runner, h->entries);
    bool finite = h->values ? add_all(h)
                            : runner_is_known_finite(&h->runner) ||
                                  numbers_are_finite(h->result, h->scatter.entry_count);
    return finite ? GRADC_DONE : GRADC_UNDEFINED;
}

/* ---- For other threads ---- */

bool elements_share(struct elements *h, const struct elements *from, double *point) {
    *h = *from;
    h->runner = (struct runner){.ready = false};
    h->result = NULL;
    h->values = NULL;
    h->cursors = NULL;
    return (!from->values || make_room(h)) && runner_share(&h->runner, &from->runner, point);
}

void elements_release_shared(struct elements *h) {
    runner_release(&h->runner);
    free(h->values);
    free(h->cursors);
    *h = (struct elements){.ready = false};
}
