#include "api/products.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "diff/skeleton.h"
#include "diff/tangent.h"
#include "eval/dependence.h"
#include "sparse/colour.h"

/* Patterns beyond this are refused: their values alone would take 4 GiB. */
static const size_t most_entries = (size_t)1 << 29;

void products_release(struct products *p) {
    runner_release(&p->runner);
    pattern_release(&p->pattern);
    free(p->parts);
    free(p->directions);
    free(p->values);
    free(p->colour);
    free(p->first_of);
    free(p->order);
    free(p->row_of);
    free(p->product);
    *p = (struct products){.rows = 0};
}

static enum gradc_outcome failure(const struct gradc_evaluator *e) {
    return diag_has_errors(&e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

/* ---- The pattern ---- */

static struct dependence_part *parts_of_unknowns(const struct model *model) {
    struct dependence_part *parts = calloc(model->unknowns.count + 1, sizeof *parts);
    for (size_t k = 0; parts && k < model->unknowns.count; k++)
        parts[k] = (struct dependence_part){model->unknowns.at[k].shape.array, model->unknowns.at[k].offset};
    return parts;
}

static struct dependence_part *parts_of_rows(const struct products *p) {
    struct dependence_part *parts = calloc(p->part_count + 1, sizeof *parts);
    for (size_t k = 0; parts && k < p->part_count; k++)
        parts[k] = (struct dependence_part){p->parts[k].array, p->parts[k].offset};
    return parts;
}

static array_id *arrays_of_rows(const struct products *p) {
    array_id *arrays = calloc(p->part_count + 1, sizeof *arrays);
    for (size_t k = 0; arrays && k < p->part_count; k++) arrays[k] = p->parts[k].array;
    return arrays;
}

static bool run_skeleton(const struct program *skeleton, struct gradc_evaluator *e,
                         const struct dependence_request *request, struct pattern *pattern) {
    struct model *model = e->owner->model;
    struct binding binding;
    bool good = binding_init(&binding, skeleton);
    if (!good) return false;
    binding_share_inputs(&binding, &model->binding);
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        binding_set_real(&binding, u->shape.array, e->point + u->offset, u->shape.count);
    }
    good = binding_allocate(&binding, &model->diags) &&
           dependence_find(pattern, skeleton, &binding, request, &model->diags) == EVALUATED;
    binding_release(&binding);
    return good;
}

static bool find_pattern(const struct products *p, struct gradc_evaluator *e,
                         const struct products_request *q, struct pattern *pattern) {
    const struct model *model = e->owner->model;
    struct dependence_part *unknowns = parts_of_unknowns(model), *rows = parts_of_rows(p);
    array_id *ids = model_unknown_ids(model), *arrays = arrays_of_rows(p);
    struct program skeleton = {0};
    bool good = unknowns && rows && ids && arrays &&
                skeleton_make(&skeleton, q->function, arrays, p->part_count, ids, model->unknowns.count);
    struct dependence_request request = {.unknowns = unknowns,
                                         .outputs = rows,
                                         .unknown_count = model->unknowns.count,
                                         .output_count = p->part_count,
                                         .rows = q->rows,
                                         .columns = model->dimension,
                                         .most = most_entries};
    good = good && run_skeleton(&skeleton, e, &request, pattern);
    program_release(&skeleton);
    free(unknowns);
    free(rows);
    free(ids);
    free(arrays);
    return good;
}

/* ---- Colours ---- */

/* Where an entry is read: in the product with the columns of a colour. */
struct reading {
    uint32_t colour;
    size_t row;
};

/* Sorts entries by the colour whose product they are read from. */
static bool sort_entries(struct products *p, const struct reading *readings) {
    size_t count = pattern_count(&p->pattern), *next = calloc((size_t)p->colour_count + 1, sizeof *next);
    p->first_of = calloc((size_t)p->colour_count + 1, sizeof *p->first_of);
    p->order = malloc((count + 1) * sizeof *p->order);
    p->row_of = malloc((count + 1) * sizeof *p->row_of);
    bool good = next && p->first_of && p->order && p->row_of;
    for (size_t e = 0; good && e < count; e++) p->first_of[readings[e].colour + 1]++;
    for (uint32_t c = 0; good && c < p->colour_count; c++) {
        p->first_of[c + 1] += p->first_of[c];
        next[c + 1] = p->first_of[c + 1];
    }
    for (size_t e = 0; good && e < count; e++) {
        p->order[next[readings[e].colour]++] = e;
        p->row_of[e] = readings[e].row;
    }
    free(next);
    return good;
}

/* Columns that share no row: each entry stands alone in the product of its column's colour. */
static bool colour_any(struct products *p, const struct pattern *whole) {
    struct colouring c;
    size_t count = pattern_count(whole);
    struct reading *readings = calloc(count + 1, sizeof *readings);
    p->pattern = *whole;
    if (!readings || !colour_columns(&c, whole)) {
        free(readings);
        return false;
    }
    p->colour = c.colour;
    p->colour_count = c.count;
    for (size_t row = 0; row < whole->rows; row++)
        for (size_t e = whole->starts[row]; e < whole->starts[row + 1]; e++)
            readings[e] = (struct reading){c.colour[whole->entry[e]], row};
    bool good = sort_entries(p, readings);
    free(readings);
    return good;
}

/* Keeps the entries on and below the diagonal, each with one of its two readings. */
static bool keep_lower(struct products *p, const struct pattern *whole, const struct colouring *c,
                       const bool *stands_alone) {
    size_t count = 0;
    struct reading *readings = calloc(pattern_count(whole) + 1, sizeof *readings);
    p->pattern = (struct pattern){.rows = whole->rows, .columns = whole->columns};
    p->pattern.starts = calloc(whole->rows + 1, sizeof *p->pattern.starts);
    p->pattern.entry = malloc((pattern_count(whole) + 1) * sizeof *p->pattern.entry);
    bool good = readings && p->pattern.starts && p->pattern.entry;
    for (size_t row = 0; good && row < whole->rows; row++) {
        for (size_t e = whole->starts[row]; e < whole->starts[row + 1] && whole->entry[e] <= row; e++) {
            uint32_t column = whole->entry[e];
            readings[count] = stands_alone[e] ? (struct reading){c->colour[column], row}
                                              : (struct reading){c->colour[row], column};
            p->pattern.entry[count++] = column;
        }
        p->pattern.starts[row + 1] = count;
    }
    good = good && sort_entries(p, readings);
    free(readings);
    return good;
}

static bool colour_mirrored(struct products *p, const struct pattern *found) {
    struct pattern whole;
    struct colouring c = {.colour = NULL};
    if (!pattern_symmetric(&whole, found)) return false;
    bool *stands_alone = colour_symmetric(&c, &whole) ? colour_readings(&c, &whole) : NULL;
    p->colour = c.colour;
    p->colour_count = c.count;
    bool good = stands_alone && keep_lower(p, &whole, &c, stands_alone);
    free(stands_alone);
    pattern_release(&whole);
    return good;
}

static bool choose_colours(struct products *p, struct pattern *found, bool symmetric) {
    bool good = symmetric ? colour_mirrored(p, found) : colour_any(p, found);
    if (symmetric) pattern_release(found);
    p->values = calloc(pattern_count(&p->pattern) + 1, sizeof *p->values);
    return good && p->values;
}

/* ---- The program ---- */

static bool differentiate_rows(struct products *p, struct gradc_evaluator *e,
                               const struct products_request *q) {
    struct model *model = e->owner->model;
    array_id *ids = model_unknown_ids(model), *arrays = arrays_of_rows(p);
    p->directions = calloc(model->unknowns.count + 1, sizeof *p->directions);
    struct tangent_request request = {arrays, p->part_count, ids, model->unknowns.count, false};
    bool good = ids && arrays && p->directions &&
                differentiate_along(&p->runner.program, q->function, &request, &model->diags);
    p->runner.has_program = good;
    for (size_t k = 0; good && k < p->part_count; k++)
        p->parts[k].tangent = tangent_array(&p->runner.program, arrays[k]);
    for (size_t k = 0; good && k < model->unknowns.count; k++)
        p->directions[k] = tangent_direction(&p->runner.program, ids[k]);
    free(ids);
    free(arrays);
    return good;
}

static bool take_parts(struct products *p, const struct products_request *q) {
    if (p->parts) return true;
    p->parts = calloc(q->part_count + 1, sizeof *p->parts);
    p->part_count = q->part_count;
    p->rows = q->rows;
    p->product = calloc(q->rows + 1, sizeof *p->product);
    if (p->parts && q->part_count) memcpy(p->parts, q->parts, q->part_count * sizeof *q->parts);
    return p->parts && p->product;
}

enum gradc_outcome products_find_pattern(struct products *p, struct gradc_evaluator *e,
                                         const struct products_request *q) {
    struct pattern found = {.rows = 0};
    if (p->has_pattern) return GRADC_DONE;
    if (!model_inputs(e->owner)) return failure(e);
    struct stopwatch watch = stopwatch_start();
    if (!take_parts(p, q) || !find_pattern(p, e, q, &found) || !choose_colours(p, &found, q->symmetric))
        return failure(e);
    phase_add(e->owner, "pattern", watch);
    p->has_pattern = true;
    return GRADC_DONE;
}

enum gradc_outcome products_make_program(struct products *p, struct gradc_evaluator *e,
                                         const struct products_request *q) {
    if (p->has_program) return GRADC_DONE;
    if (!model_inputs(e->owner)) return failure(e);
    struct stopwatch watch = stopwatch_start();
    if (!take_parts(p, q) || !differentiate_rows(p, e, q)) return failure(e);
    struct gradc_phase *phase = phase_add(e->owner, "derive", watch);
    if (phase) phase->steps += p->runner.program.steps.count;
    struct gradc_evaluator_options options = e->options;
    if (p->colour_count) options.evaluations *= p->colour_count;
    enum gradc_outcome outcome = runner_prepare(&p->runner, e->owner, e->point, &options);
    p->has_program = outcome == GRADC_DONE;
    return outcome;
}

/* ---- For other threads ---- */

bool products_share(struct products *p, const struct products *from, double *point) {
    *p = *from;
    p->runner = (struct runner){.ready = false};
    p->values = from->has_pattern ? calloc(pattern_count(&from->pattern) + 1, sizeof *p->values) : NULL;
    p->product = calloc(from->rows + 1, sizeof *p->product);
    return (p->values || !from->has_pattern) && p->product && runner_share(&p->runner, &from->runner, point);
}

void products_release_shared(struct products *p) {
    runner_release(&p->runner);
    free(p->values);
    free(p->product);
    *p = (struct products){.rows = 0};
}

/* ---- Runs ---- */

static enum gradc_outcome run(struct products *p) {
    enum gradc_outcome outcome = runner_run(&p->runner);
    for (size_t k = 0; outcome == GRADC_DONE && k < p->part_count; k++) {
        const double *values = runner_values(&p->runner, p->parts[k].tangent);
        double *rows = p->product + p->parts[k].offset;
        if (values)
            memcpy(rows, values, p->parts[k].count * sizeof *rows);
        else
            memset(rows, 0, p->parts[k].count * sizeof *rows);
    }
    return outcome;
}

static void plant_colour(struct products *p, const struct model *model, uint32_t colour) {
    for (size_t k = 0; k < model->unknowns.count; k++) {
        if (!p->directions[k]) continue;
        struct bound_array *bound = &p->runner.binding.arrays[p->directions[k]];
        const uint32_t *colours = p->colour + model->unknowns.at[k].offset;
        for (size_t i = 0; i < bound->count; i++) bound->at.real[i] = colours[i] == colour ? 1 : 0;
    }
}

enum gradc_outcome products_run(struct products *p, const struct gradc_evaluator *e) {
    bool finite = true;
    for (uint32_t colour = 0; colour < p->colour_count; colour++) {
        plant_colour(p, e->owner->model, colour);
        enum gradc_outcome outcome = run(p);
        if (outcome != GRADC_DONE) return outcome;
        for (size_t k = p->first_of[colour]; k < p->first_of[colour + 1]; k++) {
            double value = p->product[p->row_of[p->order[k]]];
            p->values[p->order[k]] = value;
            finite &= isfinite(value) != 0;
        }
    }
    return finite ? GRADC_DONE : GRADC_UNDEFINED;
}

enum gradc_outcome products_along(struct products *p, const struct gradc_evaluator *e,
                                  const double *direction, double *result) {
    const struct model *model = e->owner->model;
    bool finite = true;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        if (!p->directions[k]) continue;
        struct bound_array *bound = &p->runner.binding.arrays[p->directions[k]];
        memcpy(bound->at.real, direction + model->unknowns.at[k].offset, bound->count * sizeof *direction);
    }
    enum gradc_outcome outcome = run(p);
    if (outcome != GRADC_DONE) return outcome;
    for (size_t row = 0; row < p->rows; row++) {
        result[row] = p->product[row];
        finite &= isfinite(result[row]) != 0;
    }
    return finite ? GRADC_DONE : GRADC_UNDEFINED;
}
