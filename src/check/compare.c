#include "check/compare.h"

#include <math.h>
#include <stdlib.h>

#include "check/path.h"

static const struct judge_effort efforts[2] = {{464, 130}, {1400, 420}};

/* ---- Preparation ---- */

static bool prepare_judge(struct comparer *c, struct look *look) {
    const struct check_source *s = c->source;
    if (look->has_judge) return true;
    struct judge_effort effort = efforts[look - c->looks];
    look->has_judge = judge_init_with(&look->judge, s->function, &c->at_function, effort, s->at.diags);
    return look->has_judge && judge_stand(&look->judge) == EVALUATED;
}

enum evaluation comparer_open(struct comparer *c, const struct check_source *source) {
    *c = (struct comparer){.source = source};
    c->components = calloc(source->at.dimension + 1, sizeof *c->components);
    c->direction = calloc(source->at.dimension + 1, sizeof *c->direction);
    c->rows = calloc(source->row_count + 1, sizeof *c->rows);
    if (!c->components || !c->direction || !c->rows) return EVALUATION_MEMORY;
    c->has_function = subject_bind(&source->at, &c->at_function, source->function);
    if (!c->has_function || !prepare_judge(c, &c->looks[0])) return EVALUATION_MEMORY;
    return EVALUATED;
}

void comparer_close(struct comparer *c) {
    for (size_t k = 0; k < 2; k++) {
        if (c->looks[k].has_judge) judge_release(&c->looks[k].judge);
        if (c->looks[k].has_formula) reference_release(&c->looks[k].formula);
    }
    if (c->has_function) binding_release(&c->at_function);
    if (c->has_formula) binding_release(&c->at_formula);
    free(c->components);
    free(c->direction);
    free(c->rows);
}

/* ---- The columns to be moved ---- */

static bool set_components(struct comparer *c, const double *direction) {
    const struct check_source *s = c->source;
    c->component_count = 0;
    for (size_t k = 0; k < s->at.unknown_blocks; k++) {
        for (size_t i = 0; i < s->at.unknowns[k].count; i++) {
            double weight = direction[s->at.unknowns[k].offset + i];
            if (weight != 0)
                c->components[c->component_count++] =
                    (struct judge_component){s->at.unknowns[k].array, i, weight};
        }
    }
    for (size_t k = 0; k < 2; k++) {
        c->looks[k].moved = false;
        if (s->along) c->looks[k].derived = false;
    }
    if (s->along) c->path_known = false;
    return c->component_count > 0;
}

static enum evaluation look_moves(struct comparer *c, struct look *look) {
    if (look->moved) return EVALUATED;
    if (!prepare_judge(c, look)) return EVALUATION_MEMORY;
    look->moved = true;
    const struct judge_component *first = c->components;
    double before = judge_work(&look->judge);
    enum evaluation done = c->component_count == 1 && first->weight == 1
                               ? judge_move(&look->judge, first->array, first->element)
                               : judge_move_along(&look->judge, c->components, c->component_count);
    c->work = judge_work(&look->judge) - before;
    return done;
}

enum evaluation comparer_measure_work(struct comparer *c, double *work) {
    enum evaluation done = EVALUATED;
    for (size_t k = 0; done == EVALUATED && k < 2; k++) {
        for (size_t i = 0; i < c->source->at.dimension; i++) c->direction[i] = i == 0;
        set_components(c, c->direction);
        done = look_moves(c, &c->looks[0]);
    }
    *work = c->work;
    return done;
}

/* ---- The formula ---- */

static bool bind_formula(struct comparer *c) {
    if (!c->has_formula) c->has_formula = subject_bind(&c->source->at, &c->at_formula, c->source->formula);
    return c->has_formula;
}

static void plant_direction(struct comparer *c) {
    const struct check_source *s = c->source;
    for (size_t k = 0; s->along && k < s->at.unknown_blocks; k++) {
        if (!s->at.unknowns[k].derivative) continue;
        double *at = c->at_formula.arrays[s->at.unknowns[k].derivative].at.real;
        for (size_t i = 0; i < s->at.unknowns[k].count; i++) at[i] = 0;
    }
    for (size_t k = 0; s->along && k < c->component_count; k++) {
        const struct judge_component *m = &c->components[k];
        for (size_t b = 0; b < s->at.unknown_blocks; b++)
            if (s->at.unknowns[b].array == m->array && s->at.unknowns[b].derivative)
                c->at_formula.arrays[s->at.unknowns[b].derivative].at.real[m->element] = m->weight;
    }
}

static enum evaluation look_derives(struct comparer *c, struct look *look) {
    if (look->derived) return EVALUATED;
    if (!bind_formula(c)) return EVALUATION_MEMORY;
    plant_direction(c);
    if (!look->has_formula) {
        mpfr_prec_t bits = efforts[look - c->looks].bits;
        look->has_formula =
            reference_init(&look->formula, c->source->formula, &c->at_formula, bits, c->source->at.diags);
        if (!look->has_formula) return EVALUATION_MEMORY;
        if (look->has_judge && look->judge.precision == look->formula.precise.precision)
            reference_use_cache(&look->formula, &look->judge.cache);
        reference_measure_errors(&look->formula);
    }
    look->derived = true;
    return reference_run(&look->formula);
}

/* The element of the formula for a row and, where there is only one row, a column. */
static array_id derivative_of(const struct comparer *c, size_t row, size_t *element) {
    const struct check_source *s = c->source;
    const struct check_block *rows = block_of(s->rows, s->row_blocks, row);
    *element = row - rows->offset;
    if (s->along) return rows->derivative;
    for (size_t k = 0; k < s->at.unknown_blocks; k++) {
        if (s->at.unknowns[k].array != c->components[0].array) continue;
        *element = c->components[0].element;
        return s->at.unknowns[k].derivative;
    }
    return 0;
}

static double distance_between(mpfr_srcptr a, mpfr_srcptr b) {
    mpfr_t difference;
    mpfr_init2(difference, 64);
    mpfr_sub(difference, a, b, MPFR_RNDA);
    double distance = fabs(mpfr_get_d(difference, MPFR_RNDA));
    mpfr_clear(difference);
    return distance;
}

static enum evaluation measure_formula(struct comparer *c, struct look *look, size_t row,
                                       mpfr_srcptr expected, struct measurement *m) {
    size_t element;
    array_id derivative = derivative_of(c, row, &element);
    enum evaluation done = look_derives(c, look);
    if (done != EVALUATED) return done;
    mpfr_t value, in_doubles;
    mpfr_inits2(mpfr_get_prec(expected), value, in_doubles, (mpfr_ptr)0);
    mpfr_set_zero(value, 1);
    mpfr_set_d(in_doubles, m->value, MPFR_RNDN);
    if (derivative) reference_get(&look->formula, derivative, element, value);
    m->formula = mpfr_get_d(value, MPFR_RNDN);
    m->formula_distance = distance_between(value, expected);
    m->value_distance = distance_between(in_doubles, value);
    m->error = derivative ? reference_error(&look->formula, derivative, element) : 0;
    m->has_formula = true;
    mpfr_clears(value, in_doubles, (mpfr_ptr)0);
    return EVALUATED;
}

/* ---- Measuring ---- */

static enum evaluation measure(struct comparer *c, struct look *look, size_t row, struct measurement *m,
                               bool formula) {
    const struct check_block *block = block_of(c->source->rows, c->source->row_blocks, row);
    size_t element = row - block->offset;
    enum evaluation done = look_moves(c, look);
    if (done != EVALUATED) return done;
    const struct judge *j = &look->judge;
    mpfr_t expected, value;
    mpfr_inits2(j->precision, expected, value, (mpfr_ptr)0);
    judge_get(j, block->array, element, expected);
    mpfr_set_d(value, m->value, MPFR_RNDN);
    m->expected = mpfr_get_d(expected, MPFR_RNDN);
    m->distance = distance_between(value, expected);
    judge_sides(j, block->array, element, &m->below, &m->above);
    m->judge_error = judge_error(j, block->array, element);
    m->smooth = judge_is_smooth(j);
    if (formula) done = measure_formula(c, look, row, expected, m);
    mpfr_clears(expected, value, (mpfr_ptr)0);
    return done;
}

/* Known once for a column, or for all of them. */
static bool decides_otherwise(struct comparer *c) {
    if (c->path_known) return c->other_side;
    c->path_known = true;
    c->other_side = false;
    if (!bind_formula(c)) return false;
    plant_direction(c);
    if (!paths_differ(c->source->formula, &c->at_formula, &c->other_side, c->source->at.diags))
        c->other_side = false;
    return c->other_side;
}

static enum evaluation compare_row(struct comparer *c, size_t row, struct compared *found) {
    struct measurement *m = &found->measured;
    *m = (struct measurement){.value = c->rows[row]};
    enum evaluation done = measure(c, &c->looks[0], row, m, false);
    struct look *look = &c->looks[0];
    for (;;) {
        enum need need = done == EVALUATED ? verdict_decide(m, &found->judgement) : NEED_NOTHING;
        if (need == NEED_NOTHING) return done;
        if (need == NEED_REPETITION) {
            look = &c->looks[1];
            m->first = m->expected;
            m->reaches = fmax(fabs(m->below), fabs(m->above));
            m->repeated = true;
            m->other_side = decides_otherwise(c);
        }
        done = measure(c, look, row, m, need == NEED_FORMULA || m->has_formula);
    }
}

static enum evaluation compare_rows(struct comparer *c, const size_t *rows, size_t count,
                                    struct compared *found) {
    enum evaluation done = EVALUATED;
    for (size_t k = 0; done == EVALUATED && k < count; k++) done = compare_row(c, rows[k], &found[k]);
    return done;
}

enum evaluation comparer_column(struct comparer *c, size_t column, const size_t *rows, size_t count,
                                struct compared *found) {
    for (size_t k = 0; k < c->source->at.dimension; k++) c->direction[k] = 0;
    c->direction[column] = 1;
    if (!set_components(c, c->direction) || !c->source->doubles(c->source->context, column, c->rows))
        return EVALUATION_MEMORY;
    return compare_rows(c, rows, count, found);
}

enum evaluation comparer_along(struct comparer *c, const double *direction, const size_t *rows, size_t count,
                               struct compared *found) {
    if (!set_components(c, direction) || !c->source->doubles_along(c->source->context, direction, c->rows))
        return EVALUATION_MEMORY;
    return compare_rows(c, rows, count, found);
}

/* ---- Many columns at once ---- */

/* Columns in an order, and how far each moves: so that every derivative counts alike in their sum. */
struct group_test {
    struct comparer *c;
    const double *gradient;
    struct judge judge;
    double *weights, *errors; /* errors: of the gradient, by column, in units of 2^-53 */
    size_t *columns, count;
};

static double unit_of(const struct check_source *s, size_t column) {
    double at = fabs(s->at.point[column]);
    return at > 0 ? at : 1;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How much a derivative counts where its unknown moves by its own size. */
static double size_of(const struct group_test *t, size_t column) {
    return (fabs(t->gradient[column]) + t->errors[column]) * unit_of(t->c->source, column);
}

/* What a derivative of 0 is measured by: the middle one. */
static double middle_size(struct group_test *t) {
    size_t count = 0;
    for (size_t k = 0; k < t->count; k++) {
        double size = size_of(t, t->columns[k]);
        if (size > 0 && isfinite(size)) t->weights[count++] = size;
    }
    qsort(t->weights, count, sizeof *t->weights, by_size);
    return count ? t->weights[count / 2] : 1;
}

enum { MOST_SPREAD = 300 };

/* Steps relative to the unknowns are at most the judge's, and no less than 2^-MOST_SPREAD of it. */
static unsigned choose_weights(struct group_test *t) {
    const struct check_source *s = t->c->source;
    double middle = middle_size(t), largest = 0, smallest = HUGE_VAL;
    for (size_t k = 0; k < t->count; k++) {
        double size = size_of(t, t->columns[k]);
        t->weights[k] = size > 0 ? 1 / size : 1 / middle;
        largest = fmax(largest, t->weights[k]);
    }
    for (size_t k = 0; k < t->count; k++) {
        t->weights[k] = fmax(t->weights[k] / largest, ldexp(1, -MOST_SPREAD));
        smallest = fmin(smallest, t->weights[k]);
        double sign = k % 2 ? -1 : 1, stretch = 1 + 0.5 * (double)(k % 7) / 7;
        t->weights[k] *= sign * stretch * unit_of(s, t->columns[k]);
    }
    int exponent = 0;
    frexp(smallest, &exponent);
    return (unsigned)(exponent < 0 ? -exponent : 0);
}

static bool group_is_good(struct group_test *t, size_t first, size_t count, bool *good) {
    struct comparer *c = t->c;
    const struct check_source *s = c->source;
    const struct check_block *row = s->rows;
    for (size_t k = 0; k < s->at.dimension; k++) c->direction[k] = 0;
    for (size_t k = first; k < first + count; k++) c->direction[t->columns[k]] = t->weights[k];
    set_components(c, c->direction);
    if (judge_move_along(&t->judge, c->components, c->component_count) != EVALUATED) return false;
    mpfr_t sum, part, expected;
    mpfr_inits2(t->judge.precision, sum, part, expected, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    double bound = 4 * judge_error(&t->judge, row->array, 0);
    for (size_t k = first; k < first + count; k++) {
        double value = t->gradient[t->columns[k]], error = t->errors[t->columns[k]];
        mpfr_set_d(part, value, MPFR_RNDN);
        mpfr_mul_d(part, part, t->weights[k], MPFR_RNDN);
        mpfr_add(sum, sum, part, MPFR_RNDN);
        bound += 64 * 0x1p-53 * (error + fabs(value)) * fabs(t->weights[k]);
    }
    judge_get(&t->judge, row->array, 0, expected);
    *good = distance_between(sum, expected) <= bound;
    mpfr_clears(sum, part, expected, (mpfr_ptr)0);
    return true;
}

struct span_of_columns {
    size_t first, count;
};

/* Halves groups that are not good until single columns are left. */
static bool bisect(struct group_test *t, size_t *suspects, size_t most, size_t *found) {
    VEC(struct span_of_columns) open = {0};
    bool done = VEC_PUSH(&open, ((struct span_of_columns){0, t->count}));
    *found = 0;
    while (done && open.count && *found < most) {
        struct span_of_columns at = VEC_POP(&open);
        bool good = true;
        if (at.count) done = group_is_good(t, at.first, at.count, &good);
        if (!done || good) continue;
        size_t half = at.count / 2;
        if (at.count == 1)
            suspects[(*found)++] = t->columns[at.first];
        else
            done = VEC_PUSH(&open, ((struct span_of_columns){at.first + half, at.count - half})) &&
                   VEC_PUSH(&open, ((struct span_of_columns){at.first, half}));
    }
    VEC_FREE(&open);
    return done;
}

/* Columns whose error is not finite say nothing, and would hide the others. */
static void choose_columns(struct group_test *t) {
    const struct check_source *s = t->c->source;
    for (size_t b = 0; b < s->at.unknown_blocks; b++) {
        const struct check_block *block = &s->at.unknowns[b];
        for (size_t i = 0; i < block->count; i++) {
            double *error = &t->errors[block->offset + i];
            if (block->derivative) *error = reference_error(&t->c->looks[0].formula, block->derivative, i);
            if (isfinite(t->gradient[block->offset + i]) && isfinite(*error))
                t->columns[t->count++] = block->offset + i;
        }
    }
}

enum evaluation comparer_suspects(struct comparer *c, const double *gradient, size_t *suspects, size_t most,
                                  size_t *count) {
    const struct check_source *s = c->source;
    struct group_test t = {.c = c, .gradient = gradient};
    t.weights = calloc(s->at.dimension + 1, sizeof *t.weights);
    t.errors = calloc(s->at.dimension + 1, sizeof *t.errors);
    t.columns = calloc(s->at.dimension + 1, sizeof *t.columns);
    *count = 0;
    bool done = t.weights && t.errors && t.columns && look_derives(c, &c->looks[0]) == EVALUATED;
    if (done) choose_columns(&t);
    if (done && t.count) {
        struct judge_effort effort = efforts[0];
        effort.bits += choose_weights(&t);
        done = judge_init_with(&t.judge, s->function, &c->at_function, effort, s->at.diags);
        if (done) {
            done = judge_stand(&t.judge) == EVALUATED && bisect(&t, suspects, most, count);
            judge_release(&t.judge);
        }
    }
    free(t.weights);
    free(t.errors);
    free(t.columns);
    return done ? EVALUATED : EVALUATION_MEMORY;
}
