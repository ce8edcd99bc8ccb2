#include "check/verdict.h"

#include <math.h>

enum { MOST_DIGITS = 16, FEW_DIGITS = 3 };

/* Below this distance there is nothing to explain: 12 digits. */
static const double near_enough = 0x1p-40;
/* Correctly working doubles stay within so many times their first-order bound. */
static const double slack = 64 * 0x1p-53;
/* Two high-precision values of the same thing are as close as that. */
static const double same = 0x1p-80;
/* What differences leave of a derivative 0 (the square of the step, and some). */
static const double vanishing = 0x1p-220;

unsigned digits_of(double distance, double scale) {
    if (!(distance > 0)) return MOST_DIGITS;
    double digits = floor(-log10(distance / scale));
    return digits < 0 ? 0 : digits > MOST_DIGITS ? MOST_DIGITS : (unsigned)digits;
}

static enum need settle(struct judgement *j, enum checked verdict, enum doubt doubt) {
    j->verdict = verdict;
    j->doubt = doubt;
    return NEED_NOTHING;
}

static double reach(const struct measurement *m) {
    return fmax(fabs(m->below), fabs(m->above));
}

/* The derivatives from both sides differ. Where they vanish with the step there is no kink but a stationary
 * point; only a repetition with a smaller step can tell. */
static bool has_sides(const struct measurement *m) {
    return !m->smooth && fabs(m->above - m->below) > near_enough * reach(m) + 4 * m->judge_error;
}

static bool is_zero(const struct measurement *m) {
    bool vanishes = m->repeated && fabs(m->expected) <= near_enough * fabs(m->first);
    return vanishes || fabs(m->expected) <= fmax(vanishing, 4 * m->judge_error);
}

static enum need decide_undefined(const struct measurement *m, struct judgement *j) {
    if (!isfinite(m->value)) return settle(j, CHECKED_CANNOT_TELL, DOUBT_NOT_FINITE);
    bool one_side = isfinite(m->below) || isfinite(m->above);
    return settle(j, CHECKED_CANNOT_TELL, one_side ? DOUBT_EDGE : DOUBT_JUDGE);
}

/* Differences over a jump grow as the step shrinks. */
static bool grows(const struct measurement *m) {
    return reach(m) > 0x1p100 * m->reaches;
}

static enum need decide_sides(const struct measurement *m, struct judgement *j) {
    if (!m->repeated) return NEED_REPETITION;
    if (grows(m)) return settle(j, CHECKED_CANNOT_TELL, DOUBT_JUMP);
    if (reach(m) > 0.5 * m->reaches) return settle(j, CHECKED_CANNOT_TELL, DOUBT_KINK);
    return NEED_FORMULA;
}

/* Where two steps do not lead to one limit nothing is known. */
static bool is_reliable(const struct measurement *m) {
    double scale = fabs(m->expected) + fabs(m->first);
    return is_zero(m) || fabs(m->expected - m->first) <= near_enough * scale + 4 * m->judge_error;
}

/* Differences may be too coarse for a derivative that is small beside the function's value. */
static bool is_resolved(const struct measurement *m) {
    return 4 * m->judge_error <= near_enough * fabs(m->formula) || !(fabs(m->formula) > 0);
}

/* The formula is compared with differences, the value with the formula. */
static enum need decide_formula(const struct measurement *m, struct judgement *j) {
    double size = fabs(m->formula), bound = slack * (m->error + size);
    bool right = m->formula_distance <= same * (size + m->error) + 4 * m->judge_error + vanishing;
    bool within = m->value_distance <= bound;
    j->condition = size > 0 ? m->error / size : HUGE_VAL;
    j->digits = digits_of(m->value_distance, size > vanishing || m->error <= 0 ? size : m->error);
    if (!isfinite(m->error)) return settle(j, CHECKED_CANNOT_TELL, DOUBT_CANCELS);
    if (!m->repeated && !is_resolved(m)) return NEED_REPETITION;
    if (right && within && (j->digits >= FEW_DIGITS || is_zero(m)))
        return settle(j, CHECKED_AGREES, DOUBT_NONE);
    if (right && within) return settle(j, CHECKED_CANNOT_TELL, DOUBT_CANCELS);
    if (!m->repeated) return NEED_REPETITION;
    if (!m->smooth) return settle(j, CHECKED_CANNOT_TELL, grows(m) ? DOUBT_JUMP : DOUBT_KINK);
    if (!is_reliable(m)) return settle(j, CHECKED_CANNOT_TELL, DOUBT_JUDGE);
    if (!right) return settle(j, CHECKED_DISAGREES, DOUBT_FORMULA);
    return m->other_side ? settle(j, CHECKED_CANNOT_TELL, DOUBT_SIDE)
                         : settle(j, CHECKED_DISAGREES, DOUBT_ARITHMETIC);
}

enum need verdict_decide(const struct measurement *m, struct judgement *j) {
    *j = (struct judgement){0};
    if (!isfinite(m->value) || !isfinite(m->expected) || !isfinite(m->below) || !isfinite(m->above))
        return decide_undefined(m, j);
    if (!isfinite(m->judge_error) && !(m->distance <= near_enough * fabs(m->expected)))
        return settle(j, CHECKED_CANNOT_TELL, DOUBT_JUDGE);
    if (has_sides(m)) {
        enum need need = decide_sides(m, j);
        if (need != NEED_FORMULA) return need;
    }
    if (m->distance <= near_enough * fabs(m->expected) || (m->value <= 0 && m->value >= 0 && is_zero(m))) {
        j->digits = digits_of(m->distance, fmax(fabs(m->expected), m->distance));
        if (is_zero(m)) j->digits = MOST_DIGITS;
        return settle(j, CHECKED_AGREES, DOUBT_NONE);
    }
    return m->has_formula ? decide_formula(m, j) : NEED_FORMULA;
}
