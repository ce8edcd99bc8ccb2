#include <math.h>
#include <stdlib.h>

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "api/handle.h"
#include "differential/derived.h"

struct arrays {
    array_id *at;
    size_t count;
};

/* Adds what rounding may make of each element, in units of 2^-53, to `bound`. */
static void add_bounds(const struct reference *r, const struct derived *d, array_id array, double *bound) {
    for (size_t e = 0; array && e < d->at_interpreter.arrays[array].count; e++)
        bound[e] += reference_error(r, array, e) + fabs(reference_value(r, array, e));
}

static bool run_reference(struct reference *r, struct derived *d, struct comparison *c) {
    if (!reference_init(r, &d->program, &d->at_interpreter, 256, &c->model->diags)) return false;
    reference_measure_errors(r);
    return reference_run(r) == EVALUATED;
}

/* The program differentiated along the direction; the results one after another, `counts` their lengths. */
static bool bound_forward(struct comparison *c, const struct program *function, const struct arrays *results,
                          const size_t *counts, const double *direction, double *bound) {
    const struct model *m = c->model;
    array_id *wrt = model_unknown_ids(m);
    struct tangent_request request = {results->at, results->count, wrt, m->unknowns.count, false};
    struct derived d = {.kernel = NULL};
    struct reference r = {0};
    bool good =
        wrt && differentiate_along(&d.program, function, &request, &c->model->diags) && derived_bind(&d, c);
    if (good) derived_plant_direction(&d, c, direction);
    good = good && run_reference(&r, &d, c);
    for (size_t k = 0; good && k < results->count; bound += counts[k++])
        if (results->at[k]) add_bounds(&r, &d, tangent_array(&d.program, results->at[k]), bound);
    if (r.values) reference_release(&r);
    derived_release(&d);
    free(wrt);
    return good;
}

bool bound_hessian_product(struct comparison *c, const double *direction, double *bound) {
    const struct model *m = c->model;
    bool good = true;
    for (size_t k = 0; good && k < m->unknowns.count; k++) {
        const struct model_unknown *u = &m->unknowns.at[k];
        array_id gradient = gradient_array(&c->gradient, u->shape.array);
        struct arrays results = {&gradient, 1};
        if (gradient)
            good = bound_forward(c, &c->gradient, &results, &u->shape.count, direction, bound + u->offset);
    }
    return good;
}

bool bound_jacobian_product(struct comparison *c, const double *direction, double *bound) {
    const struct model *m = c->model;
    bool good = true;
    for (size_t k = 0; good && k < m->outputs.count; bound += m->outputs.at[k++].count) {
        array_id output = m->outputs.at[k].array;
        struct arrays results = {&output, 1};
        good = bound_forward(c, &m->program, &results, &m->outputs.at[k].count, direction, bound);
    }
    return good;
}

static bool bound_reverse(struct comparison *c, array_id output, size_t count, const double *weight,
                          double *bound) {
    const struct model *m = c->model;
    array_id *wrt = model_unknown_ids(m);
    struct gradient_request request = {output, wrt, m->unknowns.count, true};
    struct derived d = {.kernel = NULL};
    struct reference r = {0};
    bool good =
        wrt && differentiate(&d.program, &m->program, &request, &c->model->diags) && derived_bind(&d, c);
    for (size_t e = 0; good && e < count; e++)
        derived_plant(&d, gradient_seed(&d.program, output), e, weight[e]);
    good = good && run_reference(&r, &d, c);
    for (size_t k = 0; good && k < m->unknowns.count; k++)
        add_bounds(&r, &d, gradient_array(&d.program, wrt[k]), bound + m->unknowns.at[k].offset);
    if (r.values) reference_release(&r);
    derived_release(&d);
    free(wrt);
    return good;
}

bool bound_product_with_jacobian(struct comparison *c, const double *weight, double *bound) {
    const struct model *m = c->model;
    bool good = true;
    for (size_t k = 0; good && k < m->outputs.count; weight += m->outputs.at[k++].count)
        good = bound_reverse(c, m->outputs.at[k].array, m->outputs.at[k].count, weight, bound);
    return good;
}
