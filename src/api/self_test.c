#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/emit.h"
#include "check/points.h"
#include "diff/tangent.h"
#include "eval/doubles.h"
#include "eval/reference.h"

enum { POINTS = 4, TRIES = 20, PRECISION = 160, MARGIN = 64, MULTIPLE = 1024 };

/* Figures are taken where no branch is near that rounding could take; where there is no such point, where
 * doubles come to them. */
static const double nearest_kink = 1e-6;

/* One run of a program at a point in high precision. */
struct run {
    struct making_c *m;
    struct binding binding;
    struct reference reference;
};

static void set_array(struct binding *b, array_id array, const double *values, size_t count) {
    if (array && b->arrays[array].at.real) memcpy(b->arrays[array].at.real, values, count * sizeof *values);
}

/* Factor and multipliers, where the program has a Lagrangian. */
static void set_weights(struct run *r, const struct program *p) {
    const struct source_lagrangian *w = r->m->request.lagrangian;
    const struct self_test *t = &r->m->test;
    size_t offset = 0;
    if (!w || p != w->product) return;
    set_array(&r->binding, w->factor.array, &t->factor, 1);
    for (size_t k = 0; k < w->multiplier_count; k++) {
        size_t count = r->m->model->constraints.at[k].shape.count;
        set_array(&r->binding, w->multipliers[k].array, t->multipliers + offset, count);
        offset += count;
    }
}

static bool bind(struct run *r, const struct program *p, const double *point, const double *direction) {
    const struct model *model = r->m->model;
    if (!binding_init(&r->binding, p)) return false;
    binding_share_inputs(&r->binding, &model->binding);
    for (size_t k = 0; k < model->unknowns.count; k++)
        binding_set_real(&r->binding, model->unknowns.at[k].shape.array,
                         (double *)point + model->unknowns.at[k].offset, model->unknowns.at[k].shape.count);
    bool good = binding_allocate(&r->binding, &r->m->model->diags);
    for (size_t k = 0; good && k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        set_array(&r->binding, tangent_direction(p, u->shape.array), direction + u->offset, u->shape.count);
    }
    if (good) set_weights(r, p);
    return good;
}

/* In single precision every number that comes in is rounded. */
static bool round_inputs(struct run *r, const struct program *p) {
    bool good = true;
    for (array_id a = 1; good && r->m->request.single && a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (!role_is_input(array->role) || array->type != TYPE_REAL) continue;
        const struct bound_array *bound = &r->binding.arrays[a];
        for (size_t k = 0; good && bound->at.real && k < bound->count; k++)
            good = reference_set_error(&r->reference, a, k, fabs(bound->at.real[k]));
    }
    return good;
}

static bool run_begin(struct run *r, struct making_c *m, const struct program *p, const double *point,
                      const double *direction) {
    *r = (struct run){.m = m};
    if (!bind(r, p, point, direction)) return false;
    if (!reference_init(&r->reference, p, &r->binding, PRECISION, &m->model->diags)) return false;
    reference_measure_errors(&r->reference);
    return round_inputs(r, p) && reference_run(&r->reference) == EVALUATED;
}

static void run_end(struct run *r) {
    reference_release(&r->reference);
    binding_release(&r->binding);
}

/* The same in doubles; the results stand in the binding. */
static bool run_doubles(struct run *r, const struct program *p) {
    struct doubles d;
    bool good = doubles_init(&d, p, &r->binding, &r->m->model->diags) && doubles_evaluate(&d) == EVALUATED;
    doubles_release(&d);
    return good;
}

/* ---- Figures ---- */

/* Whether a figure is a number that floats can hold. */
static bool is_usable(const struct making_c *m, double value, double tolerance) {
    if (!isfinite(value) || !isfinite(tolerance)) return false;
    return !m->request.single || fmax(fabs(value), tolerance) < (double)FLT_MAX / 16;
}

/* An array, or zeros where there is none. False where a number does not serve. */
static bool take(const struct run *r, array_id array, double *values, double *tolerances, size_t count) {
    double unit = r->m->request.single ? 0x1p-24 : 0x1p-53;
    double least = r->m->request.single ? (double)FLT_MIN : DBL_MIN;
    bool good = true;
    for (size_t k = 0; k < count; k++) {
        values[k] = array ? reference_value(&r->reference, array, k) : 0;
        double error = array ? reference_error(&r->reference, array, k) : 0;
        tolerances[k] = MARGIN * unit * (error + fabs(values[k])) + least;
        good &= isfinite(values[k]) != 0;
    }
    return good;
}

/* The bound of an error grows with each step of a recurrence, whatever the error does. Where doubles come
 * much nearer, a large multiple of their distance is the tolerance; where they do not come near at all, they
 * have taken another branch. */
static bool tighten(const struct run *r, array_id array, const double *values, double *tolerances,
                    size_t count) {
    double ratio = r->m->request.single ? 0x1p29 : 1, worst = 0x1p-53;
    const double *got = array ? r->binding.arrays[array].at.real : NULL;
    bool good = true;
    for (size_t k = 0; got && k < count; k++)
        if (values[k] != 0)
            worst = fmax(worst, fabs(got[k] - values[k]) / fabs(values[k])); /* NaN is no maximum */
    for (size_t k = 0; got && k < count; k++) {
        double distance = fmax(fabs(got[k] - values[k]), worst * fabs(values[k]));
        good &= distance <= tolerances[k];
        if (values[k] != 0) tolerances[k] = fmin(tolerances[k], MULTIPLE * ratio * distance);
        good &= is_usable(r->m, values[k], tolerances[k]);
    }
    return good;
}

struct wanted {
    const char *function;
    const struct program *program;
    const struct routine_part *parts; /* NULL: one number, */
    array_id number;
    size_t part_count;
};

static size_t elements_of(struct run *r, const struct program *p, array_id like) {
    size_t count;
    return elements_here(p, &r->binding, like, &count, &r->m->model->diags) ? count : 0;
}

static bool take_figure(struct making_c *m, struct test_point *at, const struct wanted *w) {
    struct run r;
    size_t count = w->parts ? 0 : 1, offset = 0;
    bool good = run_begin(&r, m, w->program, at->point, m->test.direction);
    for (size_t k = 0; good && k < w->part_count; k++) count += elements_of(&r, w->program, w->parts[k].like);
    double *values = ARENA_ARRAY(&m->model->arena, double, count + 1);
    double *tolerances = ARENA_ARRAY(&m->model->arena, double, count + 1);
    good = good && values && tolerances && (at->near_kinks || reference_kink(&r.reference) > nearest_kink) &&
           run_doubles(&r, w->program);
    if (good && !w->parts)
        good = take(&r, w->number, values, tolerances, 1) && tighten(&r, w->number, values, tolerances, 1);
    for (size_t k = 0; good && k < w->part_count; k++) {
        size_t length = elements_of(&r, w->program, w->parts[k].like);
        array_id array = w->parts[k].array;
        good = take(&r, array, values + offset, tolerances + offset, length) &&
               tighten(&r, array, values + offset, tolerances + offset, length);
        offset += length;
    }
    run_end(&r);
    at->figures[at->figure_count++] = (struct figure){w->function, count, values, tolerances};
    return good;
}

static const char *function_of_rows(struct making_c *m, const struct source_rows *rows) {
    const char *name = arena_format(&m->model->arena, "%s_jacobian", rows->name);
    return name ? name : rows->name;
}

/* All figures of a point; false where it does not serve. */
static bool take_figures(struct making_c *m, struct test_point *at) {
    const struct source_request *q = &m->request;
    size_t n = q->unknown_count;
    bool good = true;
    at->figure_count = 0;
    if (q->value) good = take_figure(m, at, &(struct wanted){"value", q->value, NULL, q->objective, 0});
    if (good && q->gradient)
        good = take_figure(m, at, &(struct wanted){"gradient", q->gradient, q->derivatives, 0, n});
    if (good && q->wants_product)
        good = take_figure(m, at, &(struct wanted){"hessian_times", &m->product, m->curvature, 0, n});
    if (good && q->wants_hessian)
        good = take_figure(m, at, &(struct wanted){"hessian", &m->product, m->curvature, 0, n});
    const struct source_lagrangian *w = q->lagrangian;
    if (good && w) good = take_figure(m, at, &(struct wanted){"lagrangian", w->product, w->curvature, 0, n});
    for (size_t k = 0; k < q->rows_count; k++) {
        const struct source_rows *rows = &q->rows[k];
        if (good)
            good = take_figure(m, at,
                               &(struct wanted){rows->name, rows->function, rows->values, 0, rows->count});
        if (good)
            good = take_figure(
                m, at,
                &(struct wanted){function_of_rows(m, rows), rows->tangent, rows->product, 0, rows->count});
    }
    return good;
}

/* ---- Points ---- */

static void round_point(const struct making_c *m, double *point, size_t n) {
    for (size_t k = 0; m->request.single && k < n; k++) point[k] = (double)(float)point[k];
}

/* The start, then points at random, which come nearer to the start as long as they do not serve. */
static bool find_point(struct making_c *m, struct chance *chance, size_t which, bool near_kinks,
                       struct test_point *at) {
    const struct model *model = m->model;
    size_t n = model->dimension;
    double *point = ARENA_ARRAY(&m->model->arena, double, n + 1);
    if (!point) return false;
    at->point = point;
    at->near_kinks = near_kinks;
    memcpy(point, model->start, n * sizeof *point);
    if (which > 0) point_draw(chance, model->start, model->lower, model->upper, n, point);
    for (int k = 0; k < TRIES; k++) {
        round_point(m, point, n);
        if (take_figures(m, at)) return true;
        if (which == 0) return false;
        point_approach(point, model->start, n);
    }
    return false;
}

/* The direction and the weights of the Lagrangian: numbers that floats hold exactly. */
static bool choose_arguments(struct making_c *m) {
    struct model *model = m->model;
    size_t n = model->dimension, rows = 0;
    for (size_t k = 0; m->request.lagrangian && k < model->constraints.count; k++)
        rows += model->constraints.at[k].shape.count;
    double *direction = ARENA_ARRAY(&model->arena, double, n + 1);
    double *multipliers = ARENA_ARRAY(&model->arena, double, rows + 1);
    if (!direction || !multipliers) return false;
    for (size_t k = 0; k < n; k++) direction[k] = 0.5 + 0.25 * (double)(k % 5);
    for (size_t k = 0; k < rows; k++) multipliers[k] = 0.75 + 0.25 * (double)(k % 3);
    m->test = (struct self_test){.dimension = n,
                                 .direction = direction,
                                 .factor = 0.625,
                                 .multipliers = multipliers,
                                 .multiplier_count = rows};
    return true;
}

bool making_c_test(struct making_c *m) {
    struct model *model = m->model;
    struct chance chance = {2};
    struct test_point *points = ARENA_ARRAY(&model->arena, struct test_point, POINTS);
    unsigned errors = model->diags.errors;
    if (!points || !choose_arguments(m)) return false;
    m->test.points = points;
    for (int kinks = 0; kinks < 2 && m->test.point_count == 0; kinks++)
        for (size_t k = 0; k < POINTS; k++)
            if (find_point(m, &chance, k, kinks > 0, &points[m->test.point_count])) m->test.point_count++;
    m->request.test = &m->test;
    if (m->test.point_count > 0) return true;
    if (model->diags.errors == errors) {
        struct diag *diag =
            diag_error(&model->diags, "no-point", (struct span){0},
                       "there is no point at which a self-test could compare numbers: near the start they "
                       "are not finite, or rounding leaves too little of them");
        diag_hint(&model->diags, diag, "choose another start, or fewer functions (--what)");
    }
    return false;
}
