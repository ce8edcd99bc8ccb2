#include "differential/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diff/gradient.h"
#include "eval/doubles.h"
#include "ir/prune.h"
#include "ir/verify.h"

static const double nearest_kink = 1e-6;
static const double tolerance = 64;           /* times the measured amplification, in units of 2^-53 */
static const double underflow = 1e-300;       /* next to the smallest normal double digits are lost */
static const double derivation_error = 1e-30; /* both sides have more than 200 bits */

void comparison_differs(struct comparison *c, const char *what, const char *array, size_t element, double got,
                        double expected) {
    text_addf(c->report, "%s: %s: %s[%zu] is ", c->name, what, array, element);
    text_add_double(c->report, got);
    text_add(c->report, ", expected ");
    text_add_double(c->report, expected);
    text_add(c->report, "\n");
    c->verdict = VERDICT_DISAGREES;
}

void comparison_fails(struct comparison *c, const char *what) {
    text_addf(c->report, "%s: %s\n", c->name, what);
    struct diag_list *diags = &c->model->diags;
    for (size_t i = 0; i < diags->items.count; i++) diag_render(diags, &diags->items.at[i], false, c->report);
    c->verdict = VERDICT_DISAGREES;
}

bool comparison_verify(struct comparison *c, const struct program *p, const char *pass) {
    if (program_verify(p, pass, &c->model->diags)) return true;
    struct text listing = {0};
    program_dump(p, &listing);
    text_add(c->report, text_string(&listing));
    text_free(&listing);
    comparison_fails(c, "the verifier objects");
    return false;
}

static bool derive(struct comparison *c) {
    struct model *m = c->model;
    array_id *wrt = calloc(m->unknowns.count + 1, sizeof *wrt);
    if (!wrt) return false;
    for (size_t i = 0; i < m->unknowns.count; i++) wrt[i] = m->unknowns.at[i].shape.array;
    struct gradient_request request = {.output = m->objective, .wrt = wrt, .wrt_count = m->unknowns.count};
    bool done = program_prune(&c->function, &m->program, &m->objective, 1) &&
                comparison_verify(c, &c->function, "prune") &&
                differentiate(&c->gradient, &m->program, &request, &m->diags) &&
                comparison_verify(c, &c->gradient, "differentiate");
    free(wrt);
    return done;
}

bool comparison_bind(struct comparison *c, struct binding *b, const struct program *p) {
    if (!binding_init(b, p)) return false;
    binding_share_inputs(b, &c->model->binding);
    return binding_allocate(b, &c->model->diags);
}

bool same_bits(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Calls visit for the objective and each element of each gradient. */
static void each_result(struct comparison *c, const void *context,
                        void (*visit)(struct comparison *, const void *, array_id, size_t)) {
    for (array_id a = 1; a < c->gradient.arrays.count; a++) {
        enum array_role role = c->gradient.arrays.at[a].role;
        if (role != ROLE_GRADIENT && a != c->model->objective) continue;
        for (size_t e = 0; e < c->at_gradient.arrays[a].count; e++) visit(c, context, a, e);
    }
}

static void compare_bits(struct comparison *c, const void *context, array_id a, size_t e) {
    (void)context;
    double native = c->at_native.arrays[a].at.real[e], interpreted = c->at_gradient.arrays[a].at.real[e];
    if (!same_bits(native, interpreted))
        comparison_differs(c, "native code and interpreter differ", c->gradient.arrays.at[a].name, e, native,
                           interpreted);
}

bool comparison_is_exact(double got, double exact, double error) {
    double bound = tolerance * (error + fabs(exact)) * 0x1p-53 + underflow;
    return fabs(got - exact) <= bound || !isfinite(bound);
}

static void compare_reference(struct comparison *c, const void *context, array_id a, size_t e) {
    const struct reference *r = context;
    double native = c->at_gradient.arrays[a].at.real[e], exact = reference_value(r, a, e);
    if (!comparison_is_exact(native, exact, reference_error(r, a, e)))
        comparison_differs(c, "native code is less exact than it should be", c->gradient.arrays.at[a].name, e,
                           native, exact);
}

static bool run_all(struct comparison *c) {
    struct diag_list *diags = &c->model->diags;
    if (!comparison_bind(c, &c->at_function, &c->function) ||
        !comparison_bind(c, &c->at_gradient, &c->gradient) ||
        !comparison_bind(c, &c->at_native, &c->gradient))
        return false;
    if (doubles_run(&c->gradient, &c->at_gradient, diags) != EVALUATED) return false;
    if (c->how.level < 0) return true;
    struct kernel_options options = {.level = c->how.level};
    c->kernel = kernel_compile(&c->gradient, &options, NULL, diags);
    if (!c->kernel) return false;
    c->kernel->run(c->at_native.slots);
    each_result(c, NULL, compare_bits);
    return true;
}

bool comparison_is_derivative(mpfr_srcptr derived, mpfr_srcptr judged, double scale) {
    mpfr_t difference;
    mpfr_init2(difference, 600);
    mpfr_sub(difference, derived, judged, MPFR_RNDN);
    double distance = fabs(mpfr_get_d(difference, MPFR_RNDN));
    mpfr_clear(difference);
    return !isfinite(scale) || distance <= derivation_error * (scale + 1);
}

/* The derived gradient against differences, one partial. */
static void compare_judge(struct comparison *c, const struct reference *r, const struct judge *j,
                          array_id unknown, size_t element) {
    array_id derived = gradient_array(&c->gradient, unknown);
    mpfr_t expected, got;
    mpfr_inits2(600, expected, got, (mpfr_ptr)0);
    judge_get(j, c->model->objective, 0, expected);
    reference_get(r, derived, element, got);
    double scale = fabs(judge_value(j, c->model->objective, 0)) + reference_error(r, derived, element);
    if (!comparison_is_derivative(got, expected, scale))
        comparison_differs(c, "the derivative is wrong", c->gradient.arrays.at[derived].name, element,
                           reference_value(r, derived, element), judge_value(j, c->model->objective, 0));
    mpfr_clears(expected, got, (mpfr_ptr)0);
}

static void judge_gradient(struct comparison *c, const struct reference *r, struct judge *j) {
    for (size_t i = 0; i < c->model->unknowns.count; i++) {
        const struct model_array *shape = &c->model->unknowns.at[i].shape;
        for (size_t e = 0; e < shape->count; e++) {
            if (judge_move(j, shape->array, e) != EVALUATED) {
                comparison_fails(c, "the judge cannot evaluate");
                return;
            }
            if (!c->how.through_kinks && judge_kink(j) < nearest_kink) {
                if (c->verdict == VERDICT_AGREES) c->verdict = VERDICT_REDRAWN;
                return;
            }
            compare_judge(c, r, j, shape->array, e);
        }
    }
}

/* A column of the Hessian, which one depending on the program. */
static void compare_second_order(struct comparison *c) {
    size_t chosen = c->gradient.steps.count % (c->model->dimension ? c->model->dimension : 1);
    for (size_t i = 0; i < c->model->unknowns.count; i++) {
        const struct model_unknown *unknown = &c->model->unknowns.at[i];
        if (chosen - unknown->offset < unknown->shape.count)
            compare_hessian_column(c, unknown, chosen - unknown->offset);
    }
}

/* The kinks that count are the function's: a gradient also compares values that are equal by their making, as
 * a maximum with its operands. */
static bool compare_exact(struct comparison *c) {
    struct reference r;
    struct judge j;
    struct diag_list *diags = &c->model->diags;
    bool done = reference_init(&r, &c->gradient, &c->at_gradient, 256, diags);
    if (!done) return false;
    reference_measure_errors(&r);
    done = reference_run(&r) == EVALUATED && judge_init(&j, &c->function, &c->at_function, diags);
    if (done) {
        judge_gradient(c, &r, &j);
        if (!isfinite(reference_value(&r, c->model->objective, 0)) && c->verdict == VERDICT_AGREES)
            c->verdict = VERDICT_REDRAWN;
        if (c->verdict == VERDICT_AGREES) each_result(c, &r, compare_reference);
        if (c->how.lanes && c->verdict == VERDICT_AGREES) compare_lanes(c, &r);
        if (c->how.second_order && c->verdict == VERDICT_AGREES) compare_second_order(c);
        judge_release(&j);
    }
    reference_release(&r);
    return done;
}

/* Takes the model; NULL: it could not be made. */
static enum verdict compare_model(const char *name, struct model *model, struct thoroughness how,
                                  const char *source, struct text *report) {
    struct comparison c = {.name = name, .report = report, .model = model, .how = how};
    if (!model) return VERDICT_DISAGREES;
    if (diag_has_errors(&c.model->diags))
        comparison_fails(&c, "does not load");
    else if (!derive(&c))
        comparison_fails(&c, "cannot be differentiated");
    else if (!run_all(&c))
        comparison_fails(&c, "does not run");
    else if (!compare_exact(&c))
        comparison_fails(&c, "cannot be compared");
    if (c.how.second_order && c.verdict == VERDICT_AGREES) compare_jacobian(&c);
    if (c.how.matrices && source && c.verdict == VERDICT_AGREES) compare_matrices(&c, source);
    if (c.kernel) kernel_free(c.kernel);
    binding_release(&c.at_function);
    binding_release(&c.at_gradient);
    binding_release(&c.at_native);
    program_release(&c.function);
    program_release(&c.gradient);
    model_free(c.model);
    return c.verdict;
}

enum verdict compare_readers(const char *name, const char *source, struct thoroughness how,
                             struct text *report) {
    struct model_options none = {0};
    return compare_model(name, model_load_text(name, ".", source, strlen(source), &none), how, source,
                         report);
}

enum verdict compare_readers_on_file(const char *path, struct thoroughness how, struct text *report) {
    struct model_options none = {0};
    return compare_model(path, model_load(path, &none), how, NULL, report);
}
