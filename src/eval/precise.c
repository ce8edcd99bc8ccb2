#include "eval/precise.h"

#include <math.h>

#include "eval/precise_cache.h"
#include "eval/precise_error.h"
#include "eval/special.h"
#include "ir/build.h"

/* The mpfr column of the table. */
struct row {
    int (*one)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    int (*two)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);
    int (*ordered)(mpfr_ptr, long, mpfr_srcptr, mpfr_rnd_t);
    int (*three)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);
    int (*many)(mpfr_ptr, const mpfr_srcptr *, uint32_t);
};

static const struct row rows[OP_COUNT] = {
#define OP_FN1(id, name, libm, intrinsic, lanes, mpfr, ...) [OP_##id] = {.one = mpfr},
#define OP_FN2(id, name, libm, intrinsic, lanes, mpfr, ...) [OP_##id] = {.two = mpfr},
#define OP_FNI(id, name, libm, mpfr, ...) [OP_##id] = {.ordered = mpfr},
#define OP_FN3(id, name, mpfr, ...) [OP_##id] = {.three = mpfr},
#define OP_FNV(id, name, mpfr, ...) [OP_##id] = {.many = mpfr},
#include "ir/ops.def"
};

void precise_init(struct precise *pr, mpfr_prec_t precision) {
    *pr = (struct precise){.precision = precision, .kink = HUGE_VAL};
    graph_init(&pr->graph);
    pr->graph.plain = true;
}

void precise_release(struct precise *pr) {
    for (int op = 0; op < OP_COUNT; op++) precise_formula_release(&pr->formulas[op]);
    graph_release(&pr->graph);
}

void precise_value_init(struct precise_value *v, mpfr_prec_t precision) {
    mpfr_init2(v->value, precision);
    v->error = 0;
}

void precise_value_clear(struct precise_value *v) {
    mpfr_clear(v->value);
}

void precise_leaf(struct precise *pr, const struct graph *g, node_id n, struct precise_value *result) {
    (void)pr;
    switch ((int)node_op(g, n)) {
    case OP_CONST: mpfr_set_q(result->value, node_rational(g, n), MPFR_RNDN); break;
    case OP_PI: mpfr_const_pi(result->value, MPFR_RNDN); break;
    default: mpfr_set_inf(result->value, 1); break;
    }
    result->error = error_of_rounding(result->value, 0);
}

void precise_integer(struct precise *pr, int64_t integer, struct precise_value *result) {
    (void)pr;
    mpfr_set_si(result->value, (long)integer, MPFR_RNDN);
    result->error = error_of_rounding(result->value, 0);
}

static bool has_row(enum op op) {
    return rows[op].one || rows[op].two || rows[op].ordered || rows[op].three || rows[op].many;
}

static void apply_ordered(const struct row *row, mpfr_srcptr order, mpfr_srcptr x, mpfr_ptr result) {
    if (mpfr_integer_p(order) && mpfr_fits_slong_p(order, MPFR_RNDN))
        row->ordered(result, mpfr_get_si(order, MPFR_RNDN), x, MPFR_RNDN);
    else
        mpfr_set_nan(result);
}

static bool apply_row(enum op op, const mpfr_srcptr *operands, uint32_t count, mpfr_ptr result) {
    const struct row *row = &rows[op];
    if (row->one) row->one(result, operands[0], MPFR_RNDN);
    if (row->two) row->two(result, operands[0], operands[1], MPFR_RNDN);
    if (row->ordered) apply_ordered(row, operands[0], operands[1], result);
    if (row->three) row->three(result, operands[0], operands[1], operands[2], MPFR_RNDN);
    if (row->many) row->many(result, operands, count);
    return has_row(op);
}

/* What an elementary function costs, in additions. */
enum { FUNCTION_WORK = 40 };

static bool is_cheap(enum op op) {
    return op == OP_ABS || op == OP_SQRT || op == OP_FLOOR || op == OP_CEIL || op == OP_ROUND ||
           op == OP_TRUNC || rows[op].many;
}

/* The same, unless it is known from before. */
static bool apply_known(struct precise *pr, enum op op, const mpfr_srcptr *operands, uint32_t count,
                        mpfr_ptr result) {
    if (!has_row(op) || is_cheap(op)) return apply_row(op, operands, count, result);
    bool cached = pr->cache && count <= CACHED_OPERANDS;
    if (cached && precise_cache_find(pr->cache, op, operands, count, result)) return true;
    pr->work += FUNCTION_WORK;
    apply_row(op, operands, count, result);
    if (cached) precise_cache_keep(pr->cache, op, operands, count, result);
    return true;
}

/* The expansion over placeholders, made at its first use; again where the number of operands differs. */
static struct precise_formula *formula_of(struct precise *pr, enum op op, uint32_t count) {
    struct precise_formula *formula = &pr->formulas[op];
    if (formula->nodes && formula->input_count == count) return formula;
    precise_formula_release(formula);
    node_id *placeholders = malloc(count * sizeof *placeholders);
    if (!placeholders) return NULL;
    for (uint32_t k = 0; k < count; k++) placeholders[k] = mk_read(&pr->graph, k + 1, TYPE_REAL, NULL, 0);
    node_id root = op_info(op)->expand(&pr->graph, placeholders, count);
    free(placeholders);
    if (pr->graph.failed || !precise_formula_init(pr, &pr->graph, root, formula)) return NULL;
    formula->input_count = count;
    return formula;
}

/* A composite function: its error is that of the operations it is made of. */
static bool composite(struct precise *pr, enum op op, const struct precise_value *const *operands,
                      uint32_t count, struct precise_value *result) {
    struct precise_formula *formula = formula_of(pr, op, count);
    const struct precise_value *value =
        formula ? precise_formula_evaluate(pr, &pr->graph, formula, operands) : NULL;
    if (!value) return false;
    result->error = value->error;
    if (!has_row(op)) mpfr_set(result->value, value->value, MPFR_RNDN);
    return true;
}

static bool function(struct precise *pr, enum op op, const struct precise_value *const *operands,
                     uint32_t count, struct precise_value *result) {
    bool expands = op_info(op)->expand != NULL && !rows[op].many;
    VEC(mpfr_srcptr) values = {0};
    if (!VEC_RESERVE(&values, count)) return false;
    for (uint32_t k = 0; k < count; k++) values.at[k] = operands[k]->value;
    kink_of_function(pr, op, values.at, count);
    bool done = apply_known(pr, op, values.at, count, result->value) || expands;
    if (expands && (!has_row(op) || pr->errors)) {
        done = composite(pr, op, operands, count, result);
    } else if (pr->errors) {
        error_of_function(pr, op, apply_row, operands, values.at, count, result);
    }
    VEC_FREE(&values);
    return done;
}

static void add_all(const struct precise_value *const *operands, uint32_t count, mpfr_ptr result) {
    mpfr_set(result, operands[0]->value, MPFR_RNDN);
    for (uint32_t k = 1; k < count; k++) mpfr_add(result, result, operands[k]->value, MPFR_RNDN);
}

static void multiply_all(const struct precise_value *const *operands, uint32_t count, mpfr_ptr result) {
    mpfr_set(result, operands[0]->value, MPFR_RNDN);
    for (uint32_t k = 1; k < count; k++) mpfr_mul(result, result, operands[k]->value, MPFR_RNDN);
}

bool precise_operation(struct precise *pr, enum op op, const struct precise_value *const *operands,
                       uint32_t count, int64_t exponent, struct precise_value *result) {
    pr->work++;
    switch ((int)op) {
    case OP_ADD: add_all(operands, count, result->value); break;
    case OP_MUL: multiply_all(operands, count, result->value); break;
    case OP_DIV: mpfr_div(result->value, operands[0]->value, operands[1]->value, MPFR_RNDN); break;
    case OP_POWI: mpfr_pow_si(result->value, operands[0]->value, (long)exponent, MPFR_RNDN); break;
    default: return function(pr, op, operands, count, result);
    }
    if (pr->errors) error_of_arithmetic(pr, op, operands, count, exponent, result);
    return true;
}

bool precise_compare(struct precise *pr, enum op op, const struct precise_value *a,
                     const struct precise_value *b) {
    if (a != b) kink_between(pr, a->value, b->value);
    switch ((int)op) {
    case OP_LT: return mpfr_less_p(a->value, b->value) != 0;
    case OP_LE: return mpfr_lessequal_p(a->value, b->value) != 0;
    case OP_EQ: return mpfr_equal_p(a->value, b->value) != 0;
    default: return mpfr_equal_p(a->value, b->value) == 0;
    }
}

void precise_forget(void) {
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
}
