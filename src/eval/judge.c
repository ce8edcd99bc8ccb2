#include "eval/judge.h"

#include <math.h>

enum { JUDGE_BITS = 464, STEP_BITS = 130, MOST_EXTRA_BITS = 1100 };

/* What the smallest unknown lies below 1: its step must still show in results of size 1. */
static mpfr_prec_t extra_bits(const struct program *p, const struct binding *b) {
    int smallest = 0;
    for (array_id a = 1; a < p->arrays.count; a++) {
        if (p->arrays.at[a].role != ROLE_UNKNOWN) continue;
        for (size_t i = 0; i < b->arrays[a].count; i++) {
            int exponent = 0;
            double value = b->arrays[a].at.real[i];
            if (isfinite(value) && value != 0) frexp(value, &exponent);
            if (exponent < smallest) smallest = exponent;
        }
    }
    return -smallest < MOST_EXTRA_BITS ? -smallest : MOST_EXTRA_BITS;
}

bool judge_init_with(struct judge *j, const struct program *p, struct binding *b, struct judge_effort effort,
                     struct diag_list *diags) {
    *j = (struct judge){.step = effort.step, .precision = effort.bits + extra_bits(p, b)};
    mpfr_init2(j->half_distance, j->precision);
    bool room = precise_cache_init(&j->cache, j->precision) &&
                reference_init(&j->above, p, b, j->precision, diags) &&
                reference_init(&j->below, p, b, j->precision, diags);
    reference_use_cache(&j->above, &j->cache);
    reference_use_cache(&j->below, &j->cache);
    if (!room) judge_release(j);
    return room;
}

bool judge_init(struct judge *j, const struct program *p, struct binding *b, struct diag_list *diags) {
    return judge_init_with(j, p, b, (struct judge_effort){JUDGE_BITS, STEP_BITS}, diags);
}

void judge_release(struct judge *j) {
    reference_release(&j->above);
    reference_release(&j->below);
    if (j->stands) reference_release(&j->centre);
    precise_cache_release(&j->cache);
    mpfr_clear(j->half_distance);
    VEC_FREE(&j->moved);
}

/* On both sides of the point no unknown is a short number: every operation rounds. */
static bool blur_unknowns(struct judge *j) {
    const struct program *p = j->centre.walk.program;
    const struct binding *b = j->centre.walk.binding;
    bool good = true;
    for (array_id a = 1; a < p->arrays.count; a++) {
        if (p->arrays.at[a].role != ROLE_UNKNOWN || !b->arrays[a].at.real) continue;
        for (size_t i = 0; good && i < b->arrays[a].count; i++) {
            double size = fabs(b->arrays[a].at.real[i]);
            good = reference_set_error(&j->centre, a, i, fmax(size, ldexp(1, -(int)j->step)));
        }
    }
    return good;
}

enum evaluation judge_stand(struct judge *j) {
    const struct walk *w = &j->above.walk;
    if (!j->stands && !reference_init(&j->centre, w->program, w->binding, j->precision, w->diags))
        return EVALUATION_MEMORY;
    j->stands = true;
    reference_use_cache(&j->centre, &j->cache);
    reference_measure_errors(&j->centre);
    return blur_unknowns(j) ? reference_run(&j->centre) : EVALUATION_MEMORY;
}

/* ---- Moves ---- */

static double value_at(const struct judge *j, const struct judge_component *c) {
    return j->above.walk.binding->arrays[c->array].at.real[c->element];
}

static bool set_sides(struct judge *j, const struct judge_component *c, mpfr_srcptr above,
                      mpfr_srcptr below) {
    return reference_set(&j->above, c->array, c->element, above) &&
           reference_set(&j->below, c->array, c->element, below);
}

static bool move_back(struct judge *j) {
    bool good = true;
    mpfr_t x;
    mpfr_init2(x, j->precision);
    for (size_t k = 0; k < j->moved.count; k++) {
        mpfr_set_d(x, value_at(j, &j->moved.at[k]), MPFR_RNDN);
        good &= set_sides(j, &j->moved.at[k], x, x);
    }
    mpfr_clear(x);
    j->moved.count = 0;
    return good;
}

static bool move(struct judge *j, const struct judge_component *c) {
    mpfr_t step, above, below;
    mpfr_inits2(j->precision, step, above, below, (mpfr_ptr)0);
    mpfr_set_d(step, c->weight, MPFR_RNDN);
    mpfr_div_2ui(step, step, j->step, MPFR_RNDN);
    mpfr_set_d(above, value_at(j, c), MPFR_RNDN);
    mpfr_sub(below, above, step, MPFR_RNDN);
    mpfr_add(above, above, step, MPFR_RNDN);
    bool good = set_sides(j, c, above, below) && VEC_PUSH(&j->moved, *c);
    mpfr_clears(step, above, below, (mpfr_ptr)0);
    return good;
}

static enum evaluation run(struct judge *j, const struct judge_component *components, size_t count,
                           double unit) {
    bool good = move_back(j);
    for (size_t k = 0; good && k < count; k++) good = move(j, &components[k]);
    if (!good) return EVALUATION_MEMORY;
    mpfr_set_d(j->half_distance, unit, MPFR_RNDN);
    mpfr_div_2ui(j->half_distance, j->half_distance, j->step, MPFR_RNDN);
    enum evaluation result = reference_run(&j->above);
    return result == EVALUATED ? reference_run(&j->below) : result;
}

enum evaluation judge_move(struct judge *j, array_id unknown, size_t element) {
    struct judge_component c = {unknown, element, 1};
    double at = value_at(j, &c);
    if (at != 0) c.weight = fabs(at);
    return run(j, &c, 1, c.weight);
}

enum evaluation judge_move_along(struct judge *j, const struct judge_component *components, size_t count) {
    return run(j, components, count, 1);
}

/* ---- What was found ---- */

void judge_get(const struct judge *j, array_id output, size_t element, mpfr_ptr partial) {
    mpfr_t above, below;
    mpfr_inits2(j->precision, above, below, (mpfr_ptr)0);
    reference_get(&j->above, output, element, above);
    reference_get(&j->below, output, element, below);
    mpfr_sub(above, above, below, MPFR_RNDN);
    mpfr_div_2ui(above, above, 1, MPFR_RNDN);
    mpfr_div(partial, above, j->half_distance, MPFR_RNDN);
    mpfr_clears(above, below, (mpfr_ptr)0);
}

double judge_value(const struct judge *j, array_id output, size_t element) {
    mpfr_t partial;
    mpfr_init2(partial, j->precision);
    judge_get(j, output, element, partial);
    double result = mpfr_get_d(partial, MPFR_RNDN);
    mpfr_clear(partial);
    return result;
}

static double quotient(const struct judge *j, const struct reference *high, const struct reference *low,
                       array_id output, size_t element) {
    mpfr_t a, b;
    mpfr_inits2(j->precision, a, b, (mpfr_ptr)0);
    reference_get(high, output, element, a);
    reference_get(low, output, element, b);
    mpfr_sub(a, a, b, MPFR_RNDN);
    mpfr_div(a, a, j->half_distance, MPFR_RNDN);
    double result = mpfr_get_d(a, MPFR_RNDN);
    mpfr_clears(a, b, (mpfr_ptr)0);
    return result;
}

void judge_sides(const struct judge *j, array_id output, size_t element, double *below, double *above) {
    *below = quotient(j, &j->centre, &j->below, output, element);
    *above = quotient(j, &j->above, &j->centre, output, element);
}

double judge_error(const struct judge *j, array_id output, size_t element) {
    mpfr_t error;
    mpfr_init2(error, 64);
    mpfr_set_d(error, reference_error(&j->centre, output, element), MPFR_RNDU);
    mpfr_div_2ui(error, error, (unsigned long)j->precision, MPFR_RNDU);
    mpfr_div(error, error, j->half_distance, MPFR_RNDU);
    double result = mpfr_get_d(error, MPFR_RNDU);
    mpfr_clear(error);
    return result;
}

bool judge_is_smooth(const struct judge *j) {
    uint64_t decisions = reference_decisions(&j->centre);
    return reference_decisions(&j->above) == decisions && reference_decisions(&j->below) == decisions;
}

double judge_work(const struct judge *j) {
    return j->above.precise.work + j->below.precise.work;
}

double judge_kink(const struct judge *j) {
    return fmin(reference_kink(&j->above), reference_kink(&j->below));
}

enum evaluation judge_partial(const struct program *p, struct binding *b, array_id output, size_t element,
                              array_id unknown, size_t unknown_element, double *partial,
                              struct diag_list *diags) {
    struct judge j;
    if (!judge_init(&j, p, b, diags)) return EVALUATION_MEMORY;
    enum evaluation result = judge_move(&j, unknown, unknown_element);
    if (result == EVALUATED) *partial = judge_value(&j, output, element);
    judge_release(&j);
    return result;
}
