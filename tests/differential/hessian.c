#include <math.h>
#include <stdlib.h>

#include "diff/gradient.h"
#include "diff/skeleton.h"
#include "diff/tangent.h"
#include "differential/derived.h"
#include "eval/dependence.h"

struct column {
    struct comparison *c;
    struct derived tangent;
    array_id unknown;
    size_t element;
    uint32_t place;                 /* of the element in the point */
    array_id *unknowns, *gradients; /* of the model, 0: none */
    size_t count;
    struct pattern pattern; /* rows: elements of the gradients, columns: the point */
};

static bool derive(struct column *h) {
    struct comparison *c = h->c;
    size_t n = c->model->unknowns.count;
    h->unknowns = calloc(n + 1, sizeof *h->unknowns);
    h->gradients = calloc(n + 1, sizeof *h->gradients);
    if (!h->unknowns || !h->gradients) return false;
    for (size_t i = 0; i < n; i++) {
        h->unknowns[i] = c->model->unknowns.at[i].shape.array;
        array_id gradient = gradient_array(&c->gradient, h->unknowns[i]);
        if (gradient) h->gradients[h->count++] = gradient;
    }
    struct tangent_request request = {h->gradients, h->count, h->unknowns, n, false};
    return differentiate_along(&h->tangent.program, &c->gradient, &request, &c->model->diags) &&
           comparison_verify(c, &h->tangent.program, "differentiate_along");
}

/* Where the Hessian may have entries. */
static bool find_pattern(struct column *h) {
    struct comparison *c = h->c;
    const struct model *m = c->model;
    struct dependence_part *unknowns = calloc(m->unknowns.count + 1, sizeof *unknowns);
    struct dependence_part *rows = calloc(h->count + 1, sizeof *rows);
    struct dependence_request request = {unknowns,     rows,   m->unknowns.count, h->count, 0,
                                         m->dimension, 1000000};
    struct program skeleton = {0};
    struct binding b = {0};
    bool good =
        unknowns && rows &&
        skeleton_make(&skeleton, &c->gradient, h->gradients, h->count, h->unknowns, m->unknowns.count);
    for (size_t i = 0; good && i < m->unknowns.count; i++)
        unknowns[i] = (struct dependence_part){h->unknowns[i], m->unknowns.at[i].offset};
    for (size_t i = 0; good && i < h->count; i++) {
        rows[i] = (struct dependence_part){h->gradients[i], request.rows};
        request.rows += c->at_gradient.arrays[h->gradients[i]].count;
    }
    good = good && comparison_bind(c, &b, &skeleton) &&
           dependence_find(&h->pattern, &skeleton, &b, &request, &c->model->diags) == EVALUATED;
    binding_release(&b);
    program_release(&skeleton);
    free(unknowns);
    free(rows);
    return good;
}

/* The direction is a unit vector. */
static bool run(struct column *h) {
    if (!derived_bind(&h->tangent, h->c)) return false;
    derived_plant(&h->tangent, tangent_direction(&h->tangent.program, h->unknown), h->element, 1);
    return derived_run(&h->tangent, h->c);
}

static void compare_judge(const struct column *h, const struct reference *r, const struct judge *j,
                          array_id gradient) {
    array_id tangent = tangent_array(&h->tangent.program, gradient);
    mpfr_t expected, got;
    mpfr_inits2(600, expected, got, (mpfr_ptr)0);
    size_t row = 0;
    for (size_t i = 0; h->gradients[i] != gradient; i++)
        row += h->c->at_gradient.arrays[h->gradients[i]].count;
    for (size_t e = 0; e < h->c->at_gradient.arrays[gradient].count; e++) {
        judge_get(j, gradient, e, expected);
        mpfr_set_zero(got, 1);
        if (tangent) reference_get(r, tangent, e, got);
        double scale = fabs(judge_value(j, gradient, e)) + (tangent ? reference_error(r, tangent, e) : 0);
        bool differs_from_0 = fabs(judge_value(j, gradient, e)) > 1e-30 * (1 + scale);
        if (differs_from_0 && pattern_find(&h->pattern, row + e, h->place) == SIZE_MAX)
            comparison_differs(h->c, "the pattern of the Hessian lacks an entry",
                               h->c->gradient.arrays.at[gradient].name, e, 0, judge_value(j, gradient, e));
        if (!comparison_is_derivative(got, expected, scale))
            comparison_differs(h->c, "the second derivative is wrong",
                               h->c->gradient.arrays.at[gradient].name, e, mpfr_get_d(got, MPFR_RNDN),
                               judge_value(j, gradient, e));
    }
    mpfr_clears(expected, got, (mpfr_ptr)0);
}

static bool compare_exact(const struct column *h) {
    struct comparison *c = h->c;
    struct reference r;
    struct judge j;
    struct binding at_tangent = h->tangent.at_interpreter;
    if (!reference_init(&r, &h->tangent.program, &at_tangent, 256, &c->model->diags)) return false;
    reference_measure_errors(&r);
    bool done =
        reference_run(&r) == EVALUATED && judge_init(&j, &c->gradient, &c->at_gradient, &c->model->diags);
    if (done) {
        bool moved = judge_move(&j, h->unknown, h->element) == EVALUATED;
        for (size_t i = 0; moved && i < h->count; i++) compare_judge(h, &r, &j, h->gradients[i]);
        judge_release(&j);
        done = moved;
    }
    reference_release(&r);
    return done;
}

void compare_hessian_column(struct comparison *c, const struct model_unknown *unknown, size_t element) {
    struct column h = {.c = c,
                       .unknown = unknown->shape.array,
                       .element = element,
                       .place = (uint32_t)(unknown->offset + element)};
    if (!derive(&h) || !find_pattern(&h)) {
        comparison_fails(c, "cannot be differentiated twice");
    } else if (!run(&h)) {
        comparison_fails(c, "the second derivative does not run");
    } else {
        for (size_t i = 0; i < h.count; i++)
            derived_compare_bits(&h.tangent, c, tangent_array(&h.tangent.program, h.gradients[i]));
        if (!compare_exact(&h)) comparison_fails(c, "the second derivative cannot be compared");
    }
    derived_release(&h.tangent);
    pattern_release(&h.pattern);
    free(h.unknowns);
    free(h.gradients);
}
