#include <math.h>
#include <stdlib.h>

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "differential/derived.h"
#include "ir/prune.h"

static const double nearest_kink = 1e-6;

struct products {
    struct comparison *c;
    struct program function; /* the outputs alone */
    struct binding at_function;
    array_id *outputs, *unknowns;
    size_t output_count, unknown_count;
    struct derived forward;
    double *direction; /* by element of the point: eighths */
    bool passed_over;  /* too near to a kink, or not finite */
};

/* Eighths between -1 and 1 that depend on their place only. */
static double eighth(size_t place) {
    return ((double)((place * 7 + 3) % 17) - 8) / 8;
}

static bool collect(struct products *p) {
    const struct model *m = p->c->model;
    p->outputs = calloc(m->outputs.count + 1, sizeof *p->outputs);
    p->unknowns = calloc(m->unknowns.count + 1, sizeof *p->unknowns);
    p->direction = calloc(m->dimension + 1, sizeof *p->direction);
    if (!p->outputs || !p->unknowns || !p->direction) return false;
    for (; p->output_count < m->outputs.count; p->output_count++)
        p->outputs[p->output_count] = m->outputs.at[p->output_count].array;
    for (; p->unknown_count < m->unknowns.count; p->unknown_count++)
        p->unknowns[p->unknown_count] = m->unknowns.at[p->unknown_count].shape.array;
    for (size_t k = 0; k < m->dimension; k++) p->direction[k] = eighth(k);
    return program_prune(&p->function, &m->program, p->outputs, p->output_count) &&
           comparison_verify(p->c, &p->function, "prune") &&
           comparison_bind(p->c, &p->at_function, &p->function);
}

/* ---- Forward: J*v ---- */

static bool derive_forward(struct products *p) {
    struct tangent_request request = {p->outputs, p->output_count, p->unknowns, p->unknown_count, false};
    return differentiate_along(&p->forward.program, &p->function, &request, &p->c->model->diags) &&
           comparison_verify(p->c, &p->forward.program, "differentiate_along");
}

static bool run_forward(struct products *p) {
    if (!derived_bind(&p->forward, p->c)) return false;
    derived_plant_direction(&p->forward, p->c, p->direction);
    return derived_run(&p->forward, p->c);
}

static bool move(const struct products *p, struct judge *j) {
    const struct model *m = p->c->model;
    struct judge_component *components = calloc(m->dimension + 1, sizeof *components);
    if (!components) return false;
    for (size_t k = 0; k < m->unknowns.count; k++) {
        const struct model_unknown *u = &m->unknowns.at[k];
        for (size_t e = 0; e < u->shape.count; e++)
            components[u->offset + e] =
                (struct judge_component){u->shape.array, e, p->direction[u->offset + e]};
    }
    bool moved = judge_move_along(j, components, m->dimension) == EVALUATED;
    free(components);
    return moved;
}

static void judge_output(struct products *p, const struct reference *r, const struct judge *j,
                         array_id output) {
    array_id tangent = tangent_array(&p->forward.program, output);
    mpfr_t expected, got;
    mpfr_inits2(600, expected, got, (mpfr_ptr)0);
    for (size_t e = 0; e < p->at_function.arrays[output].count; e++) {
        double judged = judge_value(j, output, e);
        double scale = fabs(judged) + (tangent ? reference_error(r, tangent, e) : 0);
        judge_get(j, output, e, expected);
        mpfr_set_zero(got, 1);
        if (tangent) reference_get(r, tangent, e, got);
        if (isfinite(judged) && !comparison_is_derivative(got, expected, scale))
            comparison_differs(p->c, "the product with the Jacobian is wrong",
                               p->function.arrays.at[output].name, e, mpfr_get_d(got, MPFR_RNDN), judged);
    }
    mpfr_clears(expected, got, (mpfr_ptr)0);
}

static bool check_forward(struct products *p, const struct reference *r) {
    struct judge j;
    if (!judge_init(&j, &p->function, &p->at_function, &p->c->model->diags)) return false;
    bool moved = move(p, &j);
    p->passed_over = moved && judge_kink(&j) < nearest_kink;
    for (size_t k = 0; moved && !p->passed_over && k < p->output_count; k++)
        judge_output(p, r, &j, p->outputs[k]);
    judge_release(&j);
    for (size_t k = 0; moved && !p->passed_over && k < p->output_count; k++)
        derived_compare_reference(&p->forward, p->c, r, tangent_array(&p->forward.program, p->outputs[k]));
    return moved;
}

/* ---- Reverse: J'*w ---- */

static bool derive_reverse(struct products *p, struct derived *d, array_id output) {
    struct gradient_request request = {output, p->unknowns, p->unknown_count, true};
    if (!differentiate(&d->program, &p->function, &request, &p->c->model->diags) ||
        !comparison_verify(p->c, &d->program, "differentiate") || !derived_bind(d, p->c))
        return false;
    array_id seed = gradient_seed(&d->program, output);
    for (size_t e = 0; e < p->at_function.arrays[output].count; e++) derived_plant(d, seed, e, eighth(e + 5));
    return derived_run(d, p->c);
}

/* Adds weight times an element; the error of the element in the same way to `error`. */
static void add_element(mpfr_ptr sum, double *error, const struct reference *r, array_id array,
                        size_t element, double weight) {
    mpfr_t value;
    mpfr_init2(value, 600);
    reference_get(r, array, element, value);
    mpfr_mul_d(value, value, weight, MPFR_RNDN);
    mpfr_add(sum, sum, value, MPFR_RNDN);
    mpfr_clear(value);
    *error += fabs(weight) * (fabs(reference_value(r, array, element)) + reference_error(r, array, element));
}

/* w.(J*v) of one output against (J'*w).v. */
static void compare_sides(struct products *p, const struct reference *forward, const struct derived *d,
                          const struct reference *reverse, array_id output) {
    const struct model *m = p->c->model;
    array_id tangent = tangent_array(&p->forward.program, output);
    mpfr_t left, right;
    double scale = 0;
    mpfr_inits2(600, left, right, (mpfr_ptr)0);
    mpfr_set_zero(left, 1);
    mpfr_set_zero(right, 1);
    for (size_t e = 0; tangent && e < p->at_function.arrays[output].count; e++)
        add_element(left, &scale, forward, tangent, e, eighth(e + 5));
    for (size_t k = 0; k < m->unknowns.count; k++) {
        const struct model_unknown *u = &m->unknowns.at[k];
        array_id gradient = gradient_array(&d->program, u->shape.array);
        for (size_t e = 0; gradient && e < u->shape.count; e++)
            add_element(right, &scale, reverse, gradient, e, p->direction[u->offset + e]);
    }
    if (!comparison_is_derivative(left, right, scale))
        comparison_differs(p->c, "products with the Jacobian from both sides differ",
                           p->function.arrays.at[output].name, 0, mpfr_get_d(right, MPFR_RNDN),
                           mpfr_get_d(left, MPFR_RNDN));
    mpfr_clears(left, right, (mpfr_ptr)0);
}

static bool check_reverse(struct products *p, const struct reference *forward, array_id output) {
    struct derived d = {.kernel = NULL};
    struct reference r;
    bool good = derive_reverse(p, &d, output) &&
                reference_init(&r, &d.program, &d.at_interpreter, 256, &p->c->model->diags);
    if (good) {
        reference_measure_errors(&r);
        good = reference_run(&r) == EVALUATED;
        if (good) compare_sides(p, forward, &d, &r, output);
        for (size_t k = 0; good && k < p->unknown_count; k++) {
            derived_compare_bits(&d, p->c, gradient_array(&d.program, p->unknowns[k]));
            derived_compare_reference(&d, p->c, &r, gradient_array(&d.program, p->unknowns[k]));
        }
        reference_release(&r);
    }
    derived_release(&d);
    return good;
}

/* ---- Both ---- */

static bool compare(struct products *p) {
    struct reference r;
    if (!collect(p) || !derive_forward(p) || !run_forward(p)) return false;
    for (size_t k = 0; k < p->output_count; k++)
        derived_compare_bits(&p->forward, p->c, tangent_array(&p->forward.program, p->outputs[k]));
    if (!reference_init(&r, &p->forward.program, &p->forward.at_interpreter, 256, &p->c->model->diags))
        return false;
    reference_measure_errors(&r);
    bool good = reference_run(&r) == EVALUATED && check_forward(p, &r);
    for (size_t k = 0; good && !p->passed_over && k < p->output_count; k++)
        good = check_reverse(p, &r, p->outputs[k]);
    reference_release(&r);
    return good;
}

void compare_jacobian(struct comparison *c) {
    struct products p = {.c = c};
    if (c->model->outputs.count && !compare(&p)) comparison_fails(c, "the outputs cannot be compared");
    derived_release(&p.forward);
    binding_release(&p.at_function);
    program_release(&p.function);
    free(p.outputs);
    free(p.unknowns);
    free(p.direction);
}
