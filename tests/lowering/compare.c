#include "lowering/compare.h"

#include <math.h>
#include <stdlib.h>

#include "diff/gradient.h"
#include "diff/tangent.h"
#include "eval/doubles.h"
#include "eval/reference.h"
#include "ir/prune.h"
#include "ir/verify.h"
#include "lower/lower.h"

static const double tolerance = 64;        /* times the measured amplification, in units of 2^-53 */
static const double nearest_kink = 1e-6;   /* nearer ones doubles may take the other way */
static const double underflow = 1e-300;    /* next to the smallest normal double digits are lost */
static const double rearrangement = 1e-40; /* both sides have 256 bits */

struct comparison {
    const char *name;
    struct model *model;
    bool each_pass;
    struct text *report;
    enum agreement agreement;
};

/* One program in both forms. */
struct side {
    struct program program;
    struct binding binding;
    struct reference reference;
    bool bound, has_reference;
};

static void fails(struct comparison *c, const char *what, const struct program *p) {
    text_addf(c->report, "%s: %s\n", c->name, what);
    struct diag_list *diags = &c->model->diags;
    for (size_t i = 0; i < diags->items.count; i++) diag_render(diags, &diags->items.at[i], false, c->report);
    if (p) program_dump(p, c->report);
    c->agreement = DISAGREES;
}

static double planted(size_t place) {
    return ((double)((place * 7 + 3) % 17) - 8) / 8;
}

/* Binds the inputs of the model; seeds and directions are eighths. */
static bool bind(struct comparison *c, struct side *s) {
    if (!binding_init(&s->binding, &s->program)) return false;
    s->bound = true;
    binding_share_inputs(&s->binding, &c->model->binding);
    if (!binding_allocate(&s->binding, &c->model->diags)) return false;
    for (array_id a = 1; a < s->program.arrays.count; a++) {
        enum array_role role = s->program.arrays.at[a].role;
        if (role != ROLE_SEED && role != ROLE_DIRECTION) continue;
        for (size_t e = 0; e < s->binding.arrays[a].count; e++)
            s->binding.arrays[a].at.real[e] = planted(e + a);
    }
    return true;
}

static void release_side(struct side *s) {
    if (s->has_reference) reference_release(&s->reference);
    if (s->bound) binding_release(&s->binding);
    program_release(&s->program);
}

static bool run_exactly(struct comparison *c, struct side *s, bool with_errors) {
    s->has_reference = reference_init(&s->reference, &s->program, &s->binding, 256, &c->model->diags);
    if (!s->has_reference) return false;
    if (with_errors) reference_measure_errors(&s->reference);
    return reference_run(&s->reference) == EVALUATED;
}

static void differs(struct comparison *c, const char *what, const struct side *s, array_id a, size_t e,
                    double got, double expected) {
    text_addf(c->report, "%s: %s: %s[%zu] is %.17g, expected %.17g\n", c->name, what,
              s->program.arrays.at[a].name, e, got, expected);
    c->agreement = DISAGREES;
}

static void compare_element(struct comparison *c, const struct side *original, const struct side *lowered,
                            array_id a, size_t e) {
    double expected = reference_value(&original->reference, a, e),
           got = reference_value(&lowered->reference, a, e);
    double error = reference_error(&lowered->reference, a, e) + fabs(expected), computed;
    computed = lowered->binding.arrays[a].at.real[e];
    if (isnan(expected) || isinf(expected)) {
        if (!(isnan(expected) ? isnan(got) : got == expected))
            differs(c, "the lowered program is wrong", lowered, a, e, got, expected);
        return;
    }
    mpfr_t x, y;
    mpfr_inits2(300, x, y, (mpfr_ptr)0);
    reference_get(&original->reference, a, e, x);
    reference_get(&lowered->reference, a, e, y);
    mpfr_sub(x, x, y, MPFR_RNDN);
    double difference = fabs(mpfr_get_d(x, MPFR_RNDN));
    mpfr_clears(x, y, (mpfr_ptr)0);
    if (isnan(got) || (isfinite(error) && !(difference <= rearrangement * (error + 1))))
        differs(c, "the lowered program is wrong", lowered, a, e, got, expected);
    double bound = tolerance * error * 0x1p-53 + underflow;
    /* Functions that lose their digits here do so in either. */
    bool judged = isfinite(bound) && fabs(original->binding.arrays[a].at.real[e] - expected) <= bound;
    if (reference_kink(&original->reference) > nearest_kink && judged && !(fabs(computed - got) <= bound))
        differs(c, "the lowered program is less exact than it should be", lowered, a, e, computed, got);
}

static void compare_results(struct comparison *c, const struct side *original, const struct side *lowered) {
    for (array_id a = 1; a < original->program.arrays.count; a++) {
        const struct array *array = &original->program.arrays.at[a];
        if (!role_is_output(array->role) || array->unused || array->type != TYPE_REAL) continue;
        for (size_t e = 0; e < original->binding.arrays[a].count && c->agreement == AGREES; e++)
            compare_element(c, original, lowered, a, e);
    }
}

static bool verify_passes(struct comparison *c, const struct program *p) {
    for (unsigned pass = c->each_pass ? 0 : lower_pass_count(); pass <= lower_pass_count(); pass++) {
        struct program lowered = {0};
        bool good = lower_program_until(&lowered, p, pass) &&
                    program_verify(&lowered, pass ? lower_pass_name(pass - 1) : "remember", &c->model->diags);
        if (!good) fails(c, "the verifier objects", &lowered);
        program_release(&lowered);
        if (!good) return false;
    }
    return true;
}

/* Takes the program over. */
static void compare_program(struct comparison *c, struct program program) {
    struct side original = {.program = program}, lowered = {.bound = false};
    if (!bind(c, &original) || !run_exactly(c, &original, false)) {
        if (c->agreement == AGREES) c->agreement = DOES_NOT_RUN;
    } else if (verify_passes(c, &original.program)) {
        if (!lower_program(&lowered.program, &original.program))
            fails(c, "cannot be lowered", NULL);
        else if (!bind(c, &lowered) || !run_exactly(c, &lowered, true) ||
                 doubles_run(&original.program, &original.binding, &c->model->diags) != EVALUATED ||
                 doubles_run(&lowered.program, &lowered.binding, &c->model->diags) != EVALUATED)
            fails(c, "does not run when lowered", &lowered.program);
        else
            compare_results(c, &original, &lowered);
    }
    release_side(&original);
    release_side(&lowered);
}

static bool differentiate_objective(struct comparison *c, const array_id *wrt, struct program *gradient) {
    struct model *m = c->model;
    struct gradient_request request = {.output = m->objective, .wrt = wrt, .wrt_count = m->unknowns.count};
    return differentiate(gradient, &m->program, &request, &m->diags);
}

static void compare_second_order(struct comparison *c, const struct program *gradient, const array_id *wrt) {
    struct model *m = c->model;
    array_id *gradients = calloc(m->unknowns.count + 1, sizeof *gradients);
    struct tangent_request request = {gradients, 0, wrt, m->unknowns.count, false};
    struct program products;
    for (size_t k = 0; gradients && k < m->unknowns.count; k++) {
        array_id array = gradient_array(gradient, wrt[k]);
        if (array) gradients[request.output_count++] = array;
    }
    if (gradients && differentiate_along(&products, gradient, &request, &m->diags))
        compare_program(c, products);
    free(gradients);
}

static void compare_jacobian(struct comparison *c, const array_id *wrt) {
    struct model *m = c->model;
    array_id *outputs = calloc(m->outputs.count + 1, sizeof *outputs);
    struct program program, function;
    for (size_t k = 0; outputs && k < m->outputs.count; k++) outputs[k] = m->outputs.at[k].array;
    if (outputs && m->outputs.count && program_prune(&function, &m->program, outputs, m->outputs.count)) {
        struct tangent_request forward = {outputs, m->outputs.count, wrt, m->unknowns.count, true};
        if (differentiate_along(&program, &function, &forward, &m->diags)) compare_program(c, program);
        for (size_t k = 0; k < m->outputs.count && c->agreement == AGREES; k++) {
            struct gradient_request reverse = {outputs[k], wrt, m->unknowns.count, true};
            if (differentiate(&program, &function, &reverse, &m->diags)) compare_program(c, program);
        }
        program_release(&function);
    }
    free(outputs);
}

static array_id *unknowns_of(const struct model *m) {
    array_id *wrt = calloc(m->unknowns.count + 1, sizeof *wrt);
    for (size_t i = 0; wrt && i < m->unknowns.count; i++) wrt[i] = m->unknowns.at[i].shape.array;
    return wrt;
}

enum agreement compare_lowered(const char *name, struct model *model, bool each_pass, struct text *report) {
    struct comparison c = {name, model, each_pass, report, AGREES};
    struct program gradient, copy;
    array_id *wrt = model ? unknowns_of(model) : NULL;
    if (!wrt || diag_has_errors(&model->diags)) {
        c.agreement = DOES_NOT_RUN;
    } else if (differentiate_objective(&c, wrt, &gradient)) {
        if (differentiate_objective(&c, wrt, &copy)) compare_program(&c, copy);
        if (c.agreement == AGREES) compare_second_order(&c, &gradient, wrt);
        if (c.agreement == AGREES) compare_jacobian(&c, wrt);
        program_release(&gradient);
    } else {
        fails(&c, "cannot be differentiated", NULL);
    }
    free(wrt);
    if (model) model_free(model);
    return c.agreement;
}

void show_lowered(struct model *model, struct text *out) {
    struct comparison c = {"", model, false, out, AGREES};
    struct program gradient, lowered;
    array_id *wrt = model ? unknowns_of(model) : NULL;
    if (wrt && !diag_has_errors(&model->diags) && differentiate_objective(&c, wrt, &gradient)) {
        program_dump(&gradient, out);
        if (lower_program(&lowered, &gradient)) {
            text_add(out, "lowered:\n");
            program_dump(&lowered, out);
            program_release(&lowered);
        }
        program_release(&gradient);
    }
    free(wrt);
    if (model) model_free(model);
}
