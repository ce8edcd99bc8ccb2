#include "eval/reference.h"

#include <math.h>

#include "eval/constant.h"
#include "eval/precise_error.h"

static struct precise_value *value_of(struct reference *r, node_id n) {
    if (!r->made[n]) precise_value_init(&r->values[n], r->precise.precision);
    r->made[n] = true;
    return &r->values[n];
}

static void copy(struct precise_value *to, const struct precise_value *from) {
    mpfr_set(to->value, from->value, MPFR_RNDN);
    to->error = from->error;
}

static bool constant(void *context, node_id n) {
    struct reference *r = context;
    const struct graph *g = r->walk.graph;
    if (node_count(g, n) > 0 || node_op(g, n) == OP_READ) return false;
    precise_leaf(&r->precise, g, n, value_of(r, n));
    return true;
}

/* A constant subexpression becomes one double: its error is one rounding. */
static void forget_inner_errors(struct precise_value *v) {
    double rounded = mpfr_get_d(v->value, MPFR_RNDN);
    v->error = mpfr_cmp_d(v->value, rounded) == 0 ? 0 : fabs(rounded);
}

static bool operation(void *context, node_id n) {
    struct reference *r = context;
    const struct graph *g = r->walk.graph;
    enum op op = node_op(g, n);
    struct precise_value *result = value_of(r, n);
    uint32_t count = op == OP_POWI ? 1 : node_count(g, n);
    int64_t exponent = op == OP_POWI ? r->walk.integers[node_operand(g, n, 1)] : 0;
    if (op == OP_TO_REAL) {
        precise_integer(&r->precise, r->walk.integers[node_operand(g, n, 0)], result);
        return true;
    }
    r->operands.count = 0;
    if (!VEC_RESERVE(&r->operands, count)) return false;
    for (uint32_t k = 0; k < count; k++) r->operands.at[k] = &r->values[node_operand(g, n, k)];
    bool done = precise_operation(&r->precise, op, r->operands.at, count, exponent, result);
    if (r->precise.errors && r->constant[n]) forget_inner_errors(result);
    return done;
}

static void read(void *context, node_id n, array_id array, size_t element) {
    struct reference *r = context;
    struct precise_value *result = value_of(r, n);
    if (r->stored[array]) {
        copy(result, &r->stored[array][element]);
        return;
    }
    reference_get(r, array, element, result->value);
    result->error = 0;
}

static void select(void *context, node_id n, node_id taken) {
    struct reference *r = context;
    copy(value_of(r, n), value_of(r, taken));
}

static bool compare(void *context, node_id n) {
    struct reference *r = context;
    const struct graph *g = r->walk.graph;
    return precise_compare(&r->precise, node_op(g, n), &r->values[node_operand(g, n, 0)],
                           &r->values[node_operand(g, n, 1)]);
}

/* The storage of an array that the program computes, made when it is first written. */
static struct precise_value *storage(struct reference *r, array_id array) {
    if (r->stored[array]) return r->stored[array];
    size_t count = r->walk.binding->arrays[array].count;
    struct precise_value *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; values && i < count; i++) precise_value_init(&values[i], r->precise.precision);
    if (!values) r->walk.exhausted = true;
    return r->stored[array] = values;
}

static void accumulate(struct reference *r, struct precise_value *target, const struct precise_value *value) {
    mpfr_add(target->value, target->value, value->value, MPFR_RNDN);
    target->error += value->error;
    if (r->precise.errors) target->error += error_of_sum(&r->precise, target->value, target->error);
}

static void extremum(struct precise_value *target, const struct precise_value *value, bool largest) {
    double error = fmax(target->error, value->error);
    bool keep = mpfr_nan_p(target->value) || (largest ? mpfr_greater_p(target->value, value->value)
                                                      : mpfr_less_p(target->value, value->value));
    if (!keep) mpfr_set(target->value, value->value, MPFR_RNDN);
    target->error = error;
}

static void update(void *context, const struct step *step, size_t element) {
    struct reference *r = context;
    struct precise_value *array = storage(r, step->array), *value = value_of(r, step->value);
    if (!array) return;
    /* A shift that only stabilises is chosen at will: nothing has a kink where two values tie for it. */
    bool extremum_counts =
        step->op >= UPDATE_MAX && !r->walk.program->arrays.at[step->array].constant_in_derivatives;
    if (extremum_counts) kink_between(&r->precise, array[element].value, value->value);
    switch (step->op) {
    case UPDATE_SET: copy(&array[element], value); break;
    case UPDATE_ADD: accumulate(r, &array[element], value); break;
    case UPDATE_MAX: extremum(&array[element], value, true); break;
    case UPDATE_MIN: extremum(&array[element], value, false); break;
    }
}

static void clear(void *context, const struct step *step) {
    struct reference *r = context;
    struct precise_value *array = storage(r, step->array);
    size_t count = r->walk.binding->arrays[step->array].count;
    for (size_t i = 0; array && i < count; i++) copy(&array[i], value_of(r, step->value));
}

static const struct walk_reals reals = {
    .constant = constant,
    .operation = operation,
    .read = read,
    .select = select,
    .compare = compare,
    .update = update,
    .clear = clear,
};

bool reference_init(struct reference *r, const struct program *p, const struct binding *b,
                    mpfr_prec_t precision, struct diag_list *diags) {
    size_t nodes = graph_count(p->graph);
    *r = (struct reference){.values = NULL};
    precise_init(&r->precise, precision);
    r->values = malloc(nodes * sizeof *r->values);
    r->made = calloc(nodes, sizeof *r->made);
    r->constant = constant_nodes(p->graph);
    r->stored = calloc(p->arrays.count, sizeof *r->stored);
    bool enough = walk_init(&r->walk, p, b, &reals, r, diags);
    if (enough && r->values && r->made && r->constant && r->stored) return true;
    reference_release(r);
    return false;
}

static void release_stored(struct reference *r, array_id array) {
    if (!r->stored[array]) return;
    for (size_t i = 0; i < r->walk.binding->arrays[array].count; i++)
        precise_value_clear(&r->stored[array][i]);
    free(r->stored[array]);
}

void reference_release(struct reference *r) {
    for (node_id n = 1; r->made && n < r->walk.capacity; n++) {
        if (r->made[n]) precise_value_clear(&r->values[n]);
    }
    for (array_id a = 1; r->walk.program && r->stored && a < r->walk.program->arrays.count; a++)
        release_stored(r, a);
    free(r->values);
    free(r->made);
    free(r->constant);
    free(r->stored);
    VEC_FREE(&r->operands);
    walk_release(&r->walk);
    precise_release(&r->precise);
    *r = (struct reference){.values = NULL};
}

void reference_use_cache(struct reference *r, struct precise_cache *cache) {
    r->precise.cache = cache;
}

void reference_measure_errors(struct reference *r) {
    r->precise.errors = true;
}

void reference_add_in_any_order(struct reference *r) {
    r->precise.any_order = true;
}

/* The storage of an input, made of what is bound when it is first asked for. */
static struct precise_value *input_storage(struct reference *r, array_id array) {
    bool known = r->stored[array] != NULL;
    const struct bound_array *bound = &r->walk.binding->arrays[array];
    struct precise_value *values = storage(r, array);
    for (size_t i = 0; values && !known && i < bound->count; i++)
        mpfr_set_d(values[i].value, bound->at.real[i], MPFR_RNDN);
    return values;
}

bool reference_set(struct reference *r, array_id array, size_t element, mpfr_srcptr value) {
    struct precise_value *values = input_storage(r, array);
    if (values) mpfr_set(values[element].value, value, MPFR_RNDN);
    return values != NULL;
}

bool reference_set_error(struct reference *r, array_id array, size_t element, double error) {
    struct precise_value *values = input_storage(r, array);
    if (values) values[element].error = error;
    return values != NULL;
}

enum evaluation reference_run(struct reference *r) {
    r->precise.decisions = 0;
    return execute(&r->walk);
}

void reference_get(const struct reference *r, array_id array, size_t element, mpfr_ptr value) {
    const struct bound_array *bound = &r->walk.binding->arrays[array];
    if (r->stored[array]) {
        mpfr_set(value, r->stored[array][element].value, MPFR_RNDN);
    } else if (role_is_input(program_array_at(r->walk.program, array)->role)) {
        mpfr_set_d(value, bound->at.real[element], MPFR_RNDN);
    } else {
        mpfr_set_nan(value);
    }
}

double reference_value(const struct reference *r, array_id array, size_t element) {
    mpfr_t value;
    mpfr_init2(value, r->precise.precision);
    reference_get(r, array, element, value);
    double result = mpfr_get_d(value, MPFR_RNDN);
    mpfr_clear(value);
    return result;
}

double reference_error(const struct reference *r, array_id array, size_t element) {
    return r->stored[array] ? r->stored[array][element].error : 0;
}

double reference_kink(const struct reference *r) {
    return r->precise.kink;
}

uint64_t reference_decisions(const struct reference *r) {
    return r->precise.decisions;
}
