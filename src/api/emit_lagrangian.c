#include <stdlib.h>

#include "api/emit.h"
#include "api/handle.h"
#include "diff/gradient.h"
#include "diff/tangent.h"

static bool differentiate_lagrangian(struct making_c *m) {
    struct model *model = m->model;
    size_t n = model->unknowns.count;
    struct gradient_request request = {m->lagrangian.value, m->unknowns, n, false};
    return differentiate(&m->lagrangian_gradient, &m->lagrangian.program, &request, &model->diags) &&
           elements_of_hessian(&m->lagrangian_elements, &m->lagrangian_gradient, m->unknowns, n,
                               &model->diags) &&
           making_c_elements(m, &m->lagrangian_elements, m->unknowns, &m->lagrangian_places,
                             &m->of_lagrangian.matrix);
}

/* For products with unit vectors, where the matrix does not come from elements, and for tests. */
static bool make_product(struct making_c *m) {
    struct model *model = m->model;
    size_t n = model->unknowns.count, count = 0;
    array_id *rows = calloc(n + 1, sizeof *rows);
    struct routine_part *along = ARENA_ARRAY(&model->arena, struct routine_part, n + 1);
    struct routine_part *changes = ARENA_ARRAY(&model->arena, struct routine_part, n + 1);
    bool good = rows && along && changes;
    for (size_t k = 0; good && k < n; k++) {
        array_id gradient = gradient_array(&m->lagrangian_gradient, m->unknowns[k]);
        if (gradient) rows[count++] = gradient;
    }
    struct tangent_request request = {rows, count, m->unknowns, n, false};
    good =
        good && differentiate_along(&m->lagrangian_product, &m->lagrangian_gradient, &request, &model->diags);
    for (size_t k = 0; good && k < n; k++) {
        array_id gradient = gradient_array(&m->lagrangian_gradient, m->unknowns[k]);
        array_id change = gradient ? tangent_array(&m->lagrangian_product, gradient) : 0;
        along[k] =
            (struct routine_part){tangent_direction(&m->lagrangian_product, m->unknowns[k]), m->unknowns[k]};
        changes[k] = (struct routine_part){change, m->unknowns[k]};
    }
    free(rows);
    m->of_lagrangian.product = &m->lagrangian_product;
    m->of_lagrangian.direction = along;
    m->of_lagrangian.curvature = changes;
    return good;
}

bool making_c_lagrangian(struct making_c *m, bool with_product) {
    struct model *model = m->model;
    size_t count = model->constraints.count;
    array_id *arrays = ARENA_ARRAY(&model->arena, array_id, count + 1);
    struct routine_part *multipliers = ARENA_ARRAY(&model->arena, struct routine_part, count + 1);
    if (!arrays || !multipliers) return false;
    for (size_t k = 0; k < count; k++) arrays[k] = model->constraints.at[k].shape.array;
    struct lagrangian_request request = {model->objective, arrays, count};
    if (!lagrangian_make(&m->lagrangian, &model->program, &request) || !differentiate_lagrangian(m))
        return false;
    for (size_t k = 0; k < count; k++)
        multipliers[k] = (struct routine_part){m->lagrangian.weights[k], arrays[k]};
    struct source_lagrangian *w = &m->of_lagrangian;
    w->factor = (struct routine_part){m->lagrangian.factor, model->objective};
    w->multipliers = multipliers;
    w->multiplier_count = count;
    m->request.lagrangian = w;
    return (w->matrix.values && !with_product) || make_product(m);
}

void making_c_lagrangian_release(struct making_c *m) {
    lagrangian_release(&m->lagrangian);
    program_release(&m->lagrangian_gradient);
    program_release(&m->lagrangian_product);
    program_release(&m->lagrangian_places);
    elements_release(&m->lagrangian_elements);
}
