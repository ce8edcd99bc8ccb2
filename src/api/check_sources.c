#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/check.h"
#include "diff/gradient.h"
#include "diff/tangent.h"

/* Up to so many unknowns a matrix is asked for as a whole, as its users do; beyond, single products are. */
enum { WHOLE_MATRIX = 1000 };

static const struct model *model_of(const struct check_matrix *m) {
    return m->checking->e->owner->model;
}

static enum gradc_outcome failure(const struct model *model) {
    return diag_has_errors(&model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

/* ---- Blocks ---- */

static struct check_block *blocks(struct check_matrix *m, size_t count) {
    return ARENA_ARRAY(&m->checking->memory->arena, struct check_block, count + 1);
}

static bool make_columns(struct check_matrix *m) {
    const struct model *model = model_of(m);
    struct check_block *columns = blocks(m, model->unknowns.count);
    for (size_t k = 0; columns && k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        columns[k] =
            (struct check_block){.array = u->shape.array, .offset = u->offset, .count = u->shape.count};
    }
    m->source.at.unknowns = columns;
    m->source.at.unknown_blocks = model->unknowns.count;
    m->source.at.dimension = model->dimension;
    return columns != NULL;
}

static struct check_block *rows_of_kind(struct check_matrix *m) {
    const struct model *model = model_of(m);
    size_t count = model_count(model, m->kind);
    struct check_block *rows = blocks(m, count);
    for (size_t k = 0; rows && k < count; k++) {
        const struct model_array *shape = model_shape(model, m->kind, k);
        rows[k] =
            (struct check_block){.array = shape->array, .offset = m->source.row_count, .count = shape->count};
        m->source.row_count += shape->count;
    }
    m->source.row_blocks = count;
    return rows;
}

/* The elements of the gradient; one that is 0 everywhere has no array. */
static struct check_block *rows_of_gradient(struct check_matrix *m, const struct program *gradient) {
    const struct model *model = model_of(m);
    struct check_block *rows = blocks(m, model->unknowns.count);
    for (size_t k = 0; rows && k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        array_id array = gradient_array(gradient, u->shape.array);
        if (array)
            rows[m->source.row_blocks++] =
                (struct check_block){.array = array, .offset = u->offset, .count = u->shape.count};
    }
    m->source.row_count = model->dimension;
    return rows;
}

/* ---- Formulas ---- */

/* Differentiates the function along directions of all unknowns. */
static bool differentiate_all(struct check_matrix *m, struct check_block *rows, struct check_block *columns) {
    struct model *model = m->checking->e->owner->model;
    array_id *ids = model_unknown_ids(model), *arrays = calloc(m->source.row_blocks + 1, sizeof *arrays);
    for (size_t k = 0; arrays && k < m->source.row_blocks; k++) arrays[k] = rows[k].array;
    struct tangent_request request = {arrays, m->source.row_blocks, ids, model->unknowns.count, false};
    bool good = ids && arrays && differentiate_along(&m->made, m->source.function, &request, &model->diags);
    for (size_t k = 0; good && k < m->source.row_blocks; k++)
        rows[k].derivative = tangent_array(&m->made, rows[k].array);
    for (size_t k = 0; good && k < m->source.at.unknown_blocks; k++)
        columns[k].derivative = tangent_direction(&m->made, columns[k].array);
    free(ids);
    free(arrays);
    m->source.formula = &m->made;
    m->source.along = true;
    return good;
}

static enum gradc_outcome init_gradient(struct check_matrix *m, struct check_block *columns) {
    struct gradc_evaluator *e = m->checking->e;
    struct check_block *row = blocks(m, 1);
    m->gradient = ARENA_ARRAY(&m->checking->memory->arena, double, m->source.at.dimension + 1);
    enum gradc_outcome outcome = row && m->gradient ? evaluator_prepare_value(e) : GRADC_EXHAUSTED;
    if (outcome == GRADC_DONE) outcome = evaluator_prepare_gradient(e);
    if (outcome != GRADC_DONE) return outcome;
    *row = (struct check_block){.array = e->owner->model->objective, .count = 1};
    m->source.function = &e->value.program;
    m->source.formula = &e->gradient.program;
    m->source.rows = row;
    m->source.row_blocks = m->source.row_count = 1;
    for (size_t k = 0; k < m->source.at.unknown_blocks; k++)
        columns[k].derivative = gradient_array(&e->gradient.program, columns[k].array);
    return GRADC_DONE;
}

static enum gradc_outcome init_products(struct check_matrix *m, struct check_block *columns) {
    struct gradc_evaluator *e = m->checking->e;
    bool hessian = m->order == 2;
    enum gradc_outcome outcome =
        hessian ? evaluator_prepare_gradient(e) : evaluator_prepare_arrays(e, m->kind);
    if (outcome != GRADC_DONE) return outcome;
    m->source.function = hessian ? &e->gradient.program : &e->arrays[m->kind].program;
    struct check_block *rows = hessian ? rows_of_gradient(m, &e->gradient.program) : rows_of_kind(m);
    m->source.rows = rows;
    return rows && differentiate_all(m, rows, columns) ? GRADC_DONE : failure(model_of(m));
}

/* ---- Values in doubles ---- */

static double entry(const struct gradc_matrix *matrix, size_t row, size_t column) {
    for (size_t k = matrix->starts[row]; k < matrix->starts[row + 1]; k++)
        if (matrix->column[k] == column) return matrix->values[k];
    return 0;
}

static void falsify(const struct check_matrix *m, size_t column, double *rows) {
    const struct check_hooks *hooks = m->checking->hooks;
    for (size_t k = 0; hooks && hooks->falsify && k < m->source.row_count; k++)
        hooks->falsify(hooks->context, m->order, k, column, &rows[k]);
}

static enum gradc_outcome times(struct check_matrix *m, const double *direction, double *rows) {
    struct gradc_evaluator *e = m->checking->e;
    return m->order == 2 ? gradc_hessian_times(e, m->source.at.point, direction, rows)
                         : gradc_jacobian_times(e, m->kind, m->source.at.point, direction, rows);
}

static bool column_of(void *context, size_t column, double *rows) {
    struct check_matrix *m = context;
    size_t n = m->source.at.dimension;
    enum gradc_outcome outcome = GRADC_DONE;
    if (!m->source.along) {
        rows[0] = m->gradient[column];
        return true;
    }
    if (m->has_matrix) {
        for (size_t row = 0; row < m->source.row_count; row++)
            rows[row] = m->order == 2 && row < column ? entry(&m->matrix, column, row)
                                                      : entry(&m->matrix, row, column);
    } else {
        double *direction = calloc(n + 1, sizeof *direction);
        if (!direction) return false;
        direction[column] = 1;
        outcome = times(m, direction, rows);
        free(direction);
    }
    falsify(m, column, rows);
    return outcome <= GRADC_UNDEFINED;
}

static bool product_with(void *context, const double *direction, double *rows) {
    return times(context, direction, rows) <= GRADC_UNDEFINED;
}

enum gradc_outcome check_matrix_at(struct check_matrix *m, const double *point) {
    struct gradc_evaluator *e = m->checking->e;
    double value;
    enum gradc_outcome outcome = GRADC_DONE;
    if (m->source.at.dimension) memcpy(m->source.at.point, point, m->source.at.dimension * sizeof *point);
    if (!m->source.along) {
        outcome = gradc_evaluate(e, point, &value, m->gradient);
        const struct check_hooks *hooks = m->checking->hooks;
        for (size_t k = 0; hooks && hooks->falsify && k < m->source.at.dimension; k++)
            hooks->falsify(hooks->context, 1, 0, k, &m->gradient[k]);
    } else if (m->source.at.dimension <= WHOLE_MATRIX) {
        outcome = m->order == 2 ? gradc_hessian(e, point, &m->matrix)
                                : gradc_jacobian(e, m->kind, point, &m->matrix);
        m->has_matrix = true;
    }
    return outcome == GRADC_UNDEFINED ? GRADC_DONE : outcome;
}

/* ---- Life ---- */

static const char *name_of(unsigned order, enum gradc_kind kind) {
    if (order == 2) return "hessian";
    return kind == GRADC_OUTPUTS     ? "outputs"
           : kind == GRADC_RESIDUALS ? "residuals"
           : kind == GRADC_UNKNOWNS  ? "gradient"
                                     : "constraints";
}

enum gradc_outcome check_matrix_init(struct check_matrix *m, struct checking *c, unsigned order,
                                     enum gradc_kind kind) {
    struct model *model = c->e->owner->model;
    *m = (struct check_matrix){.checking = c, .what = name_of(order, kind), .order = order, .kind = kind};
    m->source.at.inputs = &model->binding;
    m->source.at.diags = &model->diags;
    m->source.doubles = column_of;
    m->source.doubles_along = product_with;
    m->source.context = m;
    m->source.at.point = ARENA_ARRAY(&c->memory->arena, double, model->dimension + 1);
    if (!m->source.at.point || !make_columns(m)) return GRADC_EXHAUSTED;
    struct check_block *columns = (struct check_block *)m->source.at.unknowns;
    bool gradient = order == 1 && kind == GRADC_UNKNOWNS;
    return gradient ? init_gradient(m, columns) : init_products(m, columns);
}

void check_matrix_release(struct check_matrix *m) {
    program_release(&m->made);
}
