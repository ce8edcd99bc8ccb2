#include <math.h>
#include <stdlib.h>

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "differential/comparison.h"
#include "eval/doubles.h"

struct column {
    struct comparison *c;
    struct program tangent;
    struct binding at_interpreter, at_native;
    struct kernel *kernel;
    array_id unknown;
    size_t element;
    array_id *unknowns, *gradients; /* of the model, 0: none */
    size_t count;
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
    return differentiate_along(&h->tangent, &c->gradient, &request, &c->model->diags) &&
           comparison_verify(c, &h->tangent, "differentiate_along");
}

/* The direction is a unit vector. */
static void plant_direction(const struct column *h, struct binding *b) {
    array_id direction = tangent_direction(&h->tangent, h->unknown);
    if (direction && h->element < b->arrays[direction].count) b->arrays[direction].at.real[h->element] = 1;
}

static bool run(struct column *h) {
    struct comparison *c = h->c;
    if (!comparison_bind(c, &h->at_interpreter, &h->tangent) ||
        !comparison_bind(c, &h->at_native, &h->tangent))
        return false;
    plant_direction(h, &h->at_interpreter);
    plant_direction(h, &h->at_native);
    h->kernel = kernel_compile(&h->tangent, NULL, NULL, &c->model->diags);
    if (!h->kernel || doubles_run(&h->tangent, &h->at_interpreter, &c->model->diags) != EVALUATED)
        return false;
    h->kernel->run(h->at_native.slots);
    return true;
}

static void compare_bits(const struct column *h, array_id tangent) {
    for (size_t e = 0; e < h->at_native.arrays[tangent].count; e++) {
        double native = h->at_native.arrays[tangent].at.real[e];
        double interpreted = h->at_interpreter.arrays[tangent].at.real[e];
        if (!same_bits(native, interpreted))
            comparison_differs(h->c, "along a direction native code and interpreter differ",
                               h->tangent.arrays.at[tangent].name, e, native, interpreted);
    }
}

static void compare_judge(const struct column *h, const struct reference *r, const struct judge *j,
                          array_id gradient) {
    array_id tangent = tangent_array(&h->tangent, gradient);
    mpfr_t expected, got;
    mpfr_inits2(600, expected, got, (mpfr_ptr)0);
    for (size_t e = 0; e < h->c->at_gradient.arrays[gradient].count; e++) {
        judge_get(j, gradient, e, expected);
        mpfr_set_zero(got, 1);
        if (tangent) reference_get(r, tangent, e, got);
        double scale = fabs(judge_value(j, gradient, e)) + (tangent ? reference_error(r, tangent, e) : 0);
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
    struct binding at_tangent = h->at_interpreter;
    if (!reference_init(&r, &h->tangent, &at_tangent, 256, &c->model->diags)) return false;
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

void compare_hessian_column(struct comparison *c, array_id unknown, size_t element) {
    struct column h = {.c = c, .unknown = unknown, .element = element};
    if (!derive(&h)) {
        comparison_fails(c, "cannot be differentiated twice");
    } else if (!run(&h)) {
        comparison_fails(c, "the second derivative does not run");
    } else {
        for (size_t i = 0; i < h.count; i++) {
            array_id tangent = tangent_array(&h.tangent, h.gradients[i]);
            if (tangent) compare_bits(&h, tangent);
        }
        if (!compare_exact(&h)) comparison_fails(c, "the second derivative cannot be compared");
    }
    if (h.kernel) kernel_free(h.kernel);
    binding_release(&h.at_interpreter);
    binding_release(&h.at_native);
    program_release(&h.tangent);
    free(h.unknowns);
    free(h.gradients);
}
