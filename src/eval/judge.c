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

bool judge_init(struct judge *j, const struct program *p, struct binding *b, struct diag_list *diags) {
    mpfr_prec_t precision = JUDGE_BITS + extra_bits(p, b);
    if (!reference_init(&j->above, p, b, precision, diags)) return false;
    if (!reference_init(&j->below, p, b, precision, diags)) {
        reference_release(&j->above);
        return false;
    }
    mpfr_init2(j->twice_step, precision);
    return true;
}

void judge_release(struct judge *j) {
    reference_release(&j->above);
    reference_release(&j->below);
    mpfr_clear(j->twice_step);
}

/* Undoes the last move and makes this one. */
static bool set_side(struct reference *r, array_id array, size_t element, mpfr_srcptr value) {
    for (size_t i = 0; i < r->overrides.count; i++) mpfr_clear(r->overrides.at[i].value);
    r->overrides.count = 0;
    return reference_set(r, array, element, value);
}

enum evaluation judge_move(struct judge *j, array_id unknown, size_t element) {
    double at = j->above.walk.binding->arrays[unknown].at.real[element];
    mpfr_prec_t precision = mpfr_get_prec(j->twice_step);
    mpfr_t x, step, moved;
    mpfr_inits2(precision, x, step, moved, (mpfr_ptr)0);
    mpfr_set_d(x, at, MPFR_RNDN);
    mpfr_set_d(step, at != 0 ? fabs(at) : 1, MPFR_RNDN);
    mpfr_div_2ui(step, step, STEP_BITS, MPFR_RNDN);
    mpfr_mul_2ui(j->twice_step, step, 1, MPFR_RNDN);
    mpfr_add(moved, x, step, MPFR_RNDN);
    bool set = set_side(&j->above, unknown, element, moved);
    mpfr_sub(moved, x, step, MPFR_RNDN);
    set = set_side(&j->below, unknown, element, moved) && set;
    mpfr_clears(x, step, moved, (mpfr_ptr)0);
    if (!set) return EVALUATION_MEMORY;
    enum evaluation result = reference_run(&j->above);
    return result == EVALUATED ? reference_run(&j->below) : result;
}

void judge_get(const struct judge *j, array_id output, size_t element, mpfr_ptr partial) {
    mpfr_t above, below;
    mpfr_inits2(mpfr_get_prec(j->twice_step), above, below, (mpfr_ptr)0);
    reference_get(&j->above, output, element, above);
    reference_get(&j->below, output, element, below);
    mpfr_sub(above, above, below, MPFR_RNDN);
    mpfr_div(partial, above, j->twice_step, MPFR_RNDN);
    mpfr_clears(above, below, (mpfr_ptr)0);
}

double judge_value(const struct judge *j, array_id output, size_t element) {
    mpfr_t partial;
    mpfr_init2(partial, mpfr_get_prec(j->twice_step));
    judge_get(j, output, element, partial);
    double result = mpfr_get_d(partial, MPFR_RNDN);
    mpfr_clear(partial);
    return result;
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
