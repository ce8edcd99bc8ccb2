#include "api/elements.h"

#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "diff/entries.h"
#include "diff/gradient.h"
#include "diff/inline.h"
#include "support/number.h"

void elements_free(struct elements *h) {
    runner_release(&h->runner);
    for (size_t k = 0; h->destinations && k < h->matrix.kinds.count; k++) free(h->destinations[k].at);
    free(h->destinations);
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

/* Places at equal distances need no table. */
static void compress(struct destination *d) {
    d->first = d->count ? d->at[0] : 0;
    d->stride = d->count > 1 ? d->at[1] - d->at[0] : 0;
    for (size_t k = 0; k < d->count; k++)
        if (d->at[k] == SIZE_MAX || d->at[k] != d->first + k * d->stride) return;
    free(d->at);
    d->at = NULL;
}

static bool find_destination(const struct elements *h, const struct places *places, struct destination *d) {
    size_t row;
    uint32_t column;
    *d = (struct destination){.at = malloc((places->count + 1) * sizeof *d->at), .count = places->count};
    if (!d->at) return false;
    for (size_t i = 0; i < places->count; i++)
        d->at[i] = place(places, i, &row, &column) ? pattern_find(&h->pattern, row, column) : SIZE_MAX;
    compress(d);
    return true;
}

static bool find_destinations(struct elements *h, const struct layout *l, const struct runner *r) {
    size_t count = h->matrix.kinds.count;
    h->destinations = calloc(count + 1, sizeof *h->destinations);
    bool good = h->destinations != NULL;
    for (size_t k = 0; good && k < count; k++) {
        struct places places = places_of(h, l, r, k);
        good = find_destination(h, &places, &h->destinations[k]);
    }
    return good;
}

/* ---- The program of values ---- */

/* A distance that is large without a sign goes down. */
static bool goes_down(const struct destination *d) {
    return d->count > 1 && d->stride > SIZE_MAX / 2;
}

/* Whether all entries stand at the same distances. */
static bool common_stride(const struct elements *h, size_t *stride) {
    *stride = 0;
    for (size_t k = 0; k < h->matrix.kinds.count; k++) {
        const struct destination *d = &h->destinations[k];
        size_t distance = goes_down(d) ? -d->stride : d->stride;
        if (d->at || (d->count > 1 && *stride && distance != *stride)) return false;
        if (d->count > 1) *stride = distance;
        if (d->count > 1 && distance == 0) return false;
    }
    return *stride > 0;
}

/* Takes the program over, in which entries go to arrays of their kinds, or where they belong. */
static bool take_program(struct elements *h) {
    size_t count = h->matrix.kinds.count;
    struct entry_places places = {.count = pattern_count(&h->pattern)};
    size_t *first = calloc(count + 1, sizeof *first);
    bool *down = calloc(count + 1, sizeof *down), good = first && down;
    h->runner.has_program = true;
    if (good && common_stride(h, &places.stride)) {
        for (size_t k = 0; k < count; k++) first[k] = h->destinations[k].first;
        for (size_t k = 0; k < count; k++) down[k] = goes_down(&h->destinations[k]);
        places.first = first;
        places.down = down;
        good = entries_put(&h->runner.program, &h->matrix, &places, &h->entries);
    } else if (good) {
        h->runner.program = h->matrix.values;
        h->matrix.values = (struct program){0};
        h->values = calloc(places.count + 1, sizeof *h->values);
        good = h->values != NULL;
    }
    free(first);
    free(down);
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
    if (!take_program(h)) return GRADC_EXHAUSTED;
    outcome = runner_prepare(&h->runner, e->owner, e->point, &e->options);
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

static void add_values(const struct destination *d, const double *from, double *values) {
    if (!d->at) {
        for (size_t k = 0; k < d->count; k++) values[d->first + k * d->stride] += from[k];
        return;
    }
    for (size_t k = 0; k < d->count; k++)
        if (d->at[k] != SIZE_MAX) values[d->at[k]] += from[k];
}

static void add_all(struct elements *h, size_t count) {
    memset(h->values, 0, count * sizeof *h->values);
    for (size_t k = 0; k < h->matrix.kinds.count; k++)
        add_values(&h->destinations[k], runner_values(&h->runner, h->matrix.kinds.at[k].value), h->values);
}

enum gradc_outcome elements_run(struct elements *h) {
    size_t count = pattern_count(&h->pattern);
    enum gradc_outcome outcome = runner_run(&h->runner);
    if (outcome != GRADC_DONE) return outcome;
    if (h->values) add_all(h, count);
    h->result = h->values ? h->values : runner_values(&h->runner, h->entries);
    return numbers_are_finite(h->result, count) ? GRADC_DONE : GRADC_UNDEFINED;
}

/* ---- For other threads ---- */

bool elements_share(struct elements *h, const struct elements *from, double *point) {
    *h = *from;
    h->runner = (struct runner){.ready = false};
    h->result = NULL;
    h->values = from->values ? calloc(pattern_count(&from->pattern) + 1, sizeof *h->values) : NULL;
    return (h->values || !from->values) && runner_share(&h->runner, &from->runner, point);
}

void elements_release_shared(struct elements *h) {
    runner_release(&h->runner);
    free(h->values);
    *h = (struct elements){.ready = false};
}
