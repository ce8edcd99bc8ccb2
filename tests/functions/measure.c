#include "functions/measure.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ir/build.h"

static const mpfr_prec_t precisions[LEVELS] = {192, 384, 2600};

static array_id scalar(struct subject *s, const char *name, enum array_role role) {
    return program_array(&s->program, (struct array){.name = name, .role = role, .type = TYPE_REAL});
}

static void add_result(struct subject *s, node_id value, uint32_t operand) {
    array_id result = scalar(s, "result", ROLE_OUTPUT);
    program_update(&s->program, result, NULL, UPDATE_SET, value, (struct span){0});
    s->operand_of[s->result_count] = operand;
    s->results[s->result_count++] = result;
}

static void build(struct subject *s) {
    const struct op_info *info = op_info(s->op);
    node_id operands[MOST_OPERANDS];
    for (uint32_t k = 0; k < s->count; k++) {
        s->x[k] = scalar(s, "x", ROLE_UNKNOWN);
        operands[k] = mk_read(&s->graph, s->x[k], TYPE_REAL, NULL, 0);
    }
    node_id value = mk_call(&s->graph, s->op, operands, s->count);
    add_result(s, value, 0);
    for (uint32_t k = 0; k < s->count; k++)
        if (!op_is_fixed(s->op, k)) add_result(s, info->partial(&s->graph, operands, s->count, value, k), k);
}

static bool bind(struct subject *s) {
    if (!binding_init(&s->binding, &s->program)) return false;
    for (uint32_t k = 0; k < s->count; k++) binding_set_real(&s->binding, s->x[k], &s->operands[k], 1);
    if (!binding_allocate(&s->binding, &s->diags)) return false;
    bool good = doubles_init(&s->doubles, &s->program, &s->binding, &s->diags);
    for (int level = 0; good && level < LEVELS; level++)
        good = reference_init(&s->references[level], &s->program, &s->binding, precisions[level], &s->diags);
    return good;
}

bool subject_open(struct subject *s, enum op op) {
    memset(s, 0, sizeof *s);
    s->op = op;
    s->count = op_info(op)->arity == ARITY_VARIADIC ? 2 : op_info(op)->arity;
    arena_init(&s->arena);
    graph_init(&s->graph);
    source_set_init(&s->sources, &s->arena);
    diag_init(&s->diags, &s->arena, &s->sources);
    program_init(&s->program, &s->graph, &s->arena);
    build(s);
    return !s->graph.failed && !s->program.failed && bind(s);
}

void subject_close(struct subject *s) {
    for (int level = 0; level < LEVELS; level++) reference_release(&s->references[level]);
    doubles_release(&s->doubles);
    binding_release(&s->binding);
    program_release(&s->program);
    diag_release(&s->diags);
    source_set_release(&s->sources);
    graph_release(&s->graph);
    arena_release(&s->arena);
}

/* ---- Errors ---- */

static double last_place(double size) {
    return ldexp(1, (size < DBL_MIN ? DBL_MIN_EXP - 1 : ilogb(size)) - (DBL_MANT_DIG - 1));
}

/* Whether an infinite or huge exact value has been met. */
static bool is_beyond(double got, mpfr_srcptr exact) {
    return isnan(got) || (got * mpfr_sgn(exact) > 0 && fabs(got) >= 0.999 * DBL_MAX);
}

static double error_of(double got, mpfr_srcptr exact, double scale) {
    double rounded = mpfr_get_d(exact, MPFR_RNDN), size = fabs(rounded);
    if (isinf(scale)) return 0;
    if (mpfr_nan_p(exact)) return isnan(got) ? 0 : HUGE_VAL;
    if (isinf(rounded)) return is_beyond(got, exact) && (mpfr_inf_p(exact) || !isnan(got)) ? 0 : HUGE_VAL;
    if (isinf(got) && size > 0.25 * DBL_MAX) return 0;
    if (!isfinite(got)) return HUGE_VAL;
    if (size < DBL_MIN && fabs(got) <= DBL_MIN) return 0;
    mpfr_t difference;
    mpfr_init2(difference, 64);
    mpfr_sub_d(difference, exact, got, MPFR_RNDN);
    double error = fabs(mpfr_get_d(difference, MPFR_RNDN)) / last_place(fmax(size, scale));
    mpfr_clear(difference);
    return error;
}

static double scale_of(const struct subject *s, uint32_t result) {
    const struct op_accuracy *accuracy = &op_info(s->op)->accuracy;
    double (*scale)(const double *, uint32_t) = result ? accuracy->partial_scale : accuracy->value_scale;
    double size = scale ? fabs(scale(s->operands, s->operand_of[result])) : 0;
    return size;
}

static bool agree(mpfr_srcptr a, mpfr_srcptr b) {
    if (mpfr_nan_p(a) || mpfr_nan_p(b)) return mpfr_nan_p(a) && mpfr_nan_p(b);
    if (mpfr_cmp(a, b) == 0) return true;
    if (!mpfr_regular_p(a) || !mpfr_regular_p(b)) return false;
    mpfr_t difference;
    mpfr_init2(difference, 64);
    mpfr_sub(difference, a, b, MPFR_RNDN);
    bool near = mpfr_get_exp(difference) < mpfr_get_exp(b) - 70;
    mpfr_clear(difference);
    return near;
}

/* Runs the reference at one precision; whether all results agree with those before. */
static bool run_level(struct subject *s, int level, mpfr_t *exact, bool *same) {
    struct reference *r = &s->references[level];
    mpfr_t value;
    if (reference_run(r) != EVALUATED) return false;
    mpfr_init2(value, precisions[level]);
    *same = level > 0;
    for (uint32_t k = 0; k < s->result_count; k++) {
        reference_get(r, s->results[k], 0, value);
        *same = *same && agree(exact[k], value);
        mpfr_set_prec(exact[k], precisions[level]);
        mpfr_set(exact[k], value, MPFR_RNDN);
    }
    mpfr_clear(value);
    return true;
}

static bool has_subnormal(const struct subject *s) {
    for (uint32_t k = 0; k < s->count; k++)
        if (fpclassify(s->operands[k]) == FP_SUBNORMAL) return true;
    return false;
}

bool subject_measure(struct subject *s, double errors[1 + MOST_OPERANDS]) {
    mpfr_t exact[1 + MOST_OPERANDS];
    for (int k = 0; k < 1 + MOST_OPERANDS; k++) mpfr_init2(exact[k], precisions[0]);
    mpfr_clear_underflow();
    bool good = doubles_evaluate(&s->doubles) == EVALUATED, same = false;
    for (int level = 0; good && !same && level < LEVELS; level++) good = run_level(s, level, exact, &same);
    /* Where the value leaves the domain or the range of doubles, so may what its derivative is made of, and
     * beside subnormal numbers. */
    double value = mpfr_get_d(exact[0], MPFR_RNDN);
    bool zero = mpfr_zero_p(exact[0]) && !mpfr_underflow_p();
    bool derives = (zero || (isfinite(value) && fabs(value) >= DBL_MIN)) && !has_subnormal(s);
    for (uint32_t k = 0; good && k < (derives ? s->result_count : 1); k++)
        errors[k] = error_of(*s->binding.arrays[s->results[k]].at.real, exact[k], scale_of(s, k));
    for (int k = 0; k < 1 + MOST_OPERANDS; k++) mpfr_clear(exact[k]);
    return good;
}
