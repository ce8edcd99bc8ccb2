#include <math.h>
#include <stdlib.h>

#include "api/check.h"
#include "check/points.h"

enum { MOST_COLUMNS = 200, MOST_JACOBIAN_ROWS = 50, MOST_HESSIAN_ROWS = 200, MOST_SUSPECTS = 20 };

/* What the judge may compute for the gradient, and for any other matrix, in additions (0.1 to 0.2
 * microseconds each). */
static const double work_of_gradient = 2.5e7, work_of_matrix = 1e7;

/* A derivative over the points: the worst that was found. */
struct record {
    struct compared worst;
    size_t point, agreed, points;
    unsigned digits; /* the fewest where it agrees */
};

/* One that stood out where all columns were compared together. */
struct outsider {
    size_t row, column;
    struct record record;
};

struct sample {
    size_t *rows, *columns;
    size_t row_count, column_count;
    struct record *records; /* by column, then row */
    struct compared *found; /* by row */
    VEC(struct outsider) outsiders;
};

/* `count` numbers below `all`, spread evenly. */
static size_t *spread(struct arena *arena, size_t all, size_t count) {
    size_t *numbers = ARENA_ARRAY(arena, size_t, count + 1);
    for (size_t k = 0; numbers && k < count; k++)
        numbers[k] = (size_t)((double)k * ((double)all / (double)count));
    return numbers;
}

static size_t lesser(size_t a, size_t b) {
    return a < b ? a : b;
}

static bool choose_sample(struct sample *s, const struct check_matrix *m, double work) {
    struct arena *arena = &m->checking->memory->arena;
    size_t points = m->checking->check->point_count, columns = m->source.at.dimension;
    double affordable = (m->source.along ? work_of_matrix : work_of_gradient) / ((work + 1) * (double)points);
    s->column_count = lesser(columns, MOST_COLUMNS);
    if (affordable < (double)s->column_count) s->column_count = lesser(columns, 1 + (size_t)affordable);
    s->row_count = lesser(m->source.row_count, m->order == 2 ? MOST_HESSIAN_ROWS : MOST_JACOBIAN_ROWS);
    s->rows = spread(arena, m->source.row_count, s->row_count);
    s->columns = spread(arena, columns, s->column_count);
    s->records = ARENA_ARRAY(arena, struct record, s->row_count * s->column_count + 1);
    s->found = ARENA_ARRAY(arena, struct compared, s->row_count + 1);
    return s->rows && s->columns && s->records && s->found;
}

/* Whether b is worse than a. */
static bool is_worse(const struct judgement *a, const struct judgement *b) {
    if (a->verdict != b->verdict) return b->verdict > a->verdict;
    return b->digits < a->digits;
}

static void take(struct record *record, const struct compared *found, size_t point) {
    bool first = record->points++ == 0;
    if (found->judgement.verdict == CHECKED_AGREES) {
        if (record->agreed++ == 0 || found->judgement.digits < record->digits)
            record->digits = found->judgement.digits;
    }
    if (!first && !is_worse(&record->worst.judgement, &found->judgement)) return;
    record->worst = *found;
    record->point = point;
}

static bool give(const struct check_matrix *m, const struct record *record, const char *name) {
    struct gradc_check_memory *memory = m->checking->memory;
    const struct judgement *j = &record->worst.judgement;
    static const enum gradc_verdict verdicts[] = {[CHECKED_AGREES] = GRADC_AGREES,
                                                  [CHECKED_CANNOT_TELL] = GRADC_CANNOT_TELL,
                                                  [CHECKED_DISAGREES] = GRADC_DISAGREES};
    struct gradc_checked checked = {.name = name,
                                    .order = m->order,
                                    .verdict = verdicts[j->verdict],
                                    .agreed = record->agreed,
                                    .points = record->points,
                                    .digits = record->digits,
                                    .point = record->point,
                                    .value = record->worst.measured.value,
                                    .expected = record->worst.measured.expected,
                                    .condition = j->condition,
                                    .reason = check_reason(j->doubt),
                                    .detail = check_detail(&memory->arena, &record->worst)};
    return name && VEC_PUSH(&memory->derivatives, checked);
}

static enum gradc_outcome outcome_of(const struct checking *c, enum evaluation done) {
    if (done == EVALUATED) return GRADC_DONE;
    return diag_has_errors(&c->e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

/* ---- One point ---- */

static bool is_sampled(const struct sample *s, size_t column) {
    for (size_t k = 0; k < s->column_count; k++)
        if (s->columns[k] == column) return true;
    return false;
}

static bool take_outsider(struct sample *s, size_t row, size_t column, const struct compared *found,
                          size_t point) {
    if (found->judgement.verdict == CHECKED_AGREES) return true;
    for (size_t k = 0; k < s->outsiders.count; k++) {
        struct outsider *known = &s->outsiders.at[k];
        if (known->row != row || known->column != column) continue;
        take(&known->record, found, point);
        return true;
    }
    struct outsider outsider = {.row = row, .column = column};
    take(&outsider.record, found, point);
    return VEC_PUSH(&s->outsiders, outsider);
}

/* Derivatives that are not compared one by one: all together; those that stand out are. */
static enum evaluation compare_others(struct check_matrix *m, struct comparer *comparer, struct sample *s,
                                      size_t point) {
    size_t suspects[MOST_SUSPECTS], count = 0, row = 0;
    enum evaluation done = comparer_suspects(comparer, m->gradient, suspects, MOST_SUSPECTS, &count);
    for (size_t k = 0; done == EVALUATED && k < count; k++) {
        struct compared found;
        if (is_sampled(s, suspects[k])) continue;
        done = comparer_column(comparer, suspects[k], &row, 1, &found);
        if (done == EVALUATED && !take_outsider(s, row, suspects[k], &found, point)) done = EVALUATION_MEMORY;
    }
    return done;
}

static enum evaluation compare_products(struct check_matrix *m, struct comparer *comparer,
                                        const struct sample *s, size_t point) {
    size_t n = m->source.at.dimension;
    struct chance chance = {point + 1};
    double *direction = calloc(n + 1, sizeof *direction);
    if (!direction) return EVALUATION_MEMORY;
    for (size_t k = 0; k < n; k++) {
        double unit = fabs(m->source.at.point[k]);
        direction[k] = (chance_unit(&chance) + 0.5) * (unit > 0 ? unit : 1);
    }
    enum evaluation done = comparer_along(comparer, direction, s->rows, s->row_count, s->found);
    free(direction);
    return done;
}

static enum evaluation compare_point(struct check_matrix *m, struct comparer *comparer, struct sample *s,
                                     size_t point) {
    enum evaluation done = EVALUATED;
    for (size_t c = 0; done == EVALUATED && c < s->column_count; c++) {
        double points = (double)m->checking->check->point_count;
        check_progress(m->checking, m->what, ((double)point + (double)c / (double)s->column_count) / points);
        done = comparer_column(comparer, s->columns[c], s->rows, s->row_count, s->found);
        for (size_t r = 0; done == EVALUATED && r < s->row_count; r++)
            take(&s->records[c * s->row_count + r], &s->found[r], point);
    }
    if (done != EVALUATED || s->column_count == m->source.at.dimension) return done;
    if (!m->source.along) return compare_others(m, comparer, s, point);
    done = compare_products(m, comparer, s, point);
    for (size_t r = 0; done == EVALUATED && r < s->row_count; r++) {
        bool wrong = s->found[r].judgement.verdict == CHECKED_DISAGREES;
        if (wrong && !take_outsider(s, s->rows[r], CHECK_ALL_COLUMNS, &s->found[r], point))
            done = EVALUATION_MEMORY;
    }
    return done;
}

/* ---- One matrix ---- */

static enum gradc_outcome compare_at(struct check_matrix *m, struct sample *s, size_t point) {
    struct comparer comparer;
    enum gradc_outcome outcome = check_matrix_at(m, m->checking->points + point * m->source.at.dimension);
    if (outcome != GRADC_DONE) return outcome;
    enum evaluation done = comparer_open(&comparer, &m->source);
    if (done == EVALUATED && !s->rows) {
        double work;
        done = comparer_measure_work(&comparer, &work);
        if (done == EVALUATED && !choose_sample(s, m, work)) done = EVALUATION_MEMORY;
    }
    if (done == EVALUATED) done = compare_point(m, &comparer, s, point);
    comparer_close(&comparer);
    return outcome_of(m->checking, done);
}

/* Of a whole Hessian the lower triangle will do. */
static bool give_all(const struct check_matrix *m, const struct sample *s) {
    bool all = m->order == 2 && s->row_count == m->source.row_count && s->column_count == s->row_count;
    bool done = true;
    for (size_t c = 0; done && c < s->column_count; c++) {
        for (size_t r = 0; done && r < s->row_count; r++) {
            if (!all || s->rows[r] >= s->columns[c])
                done = give(m, &s->records[c * s->row_count + r], check_name(m, s->rows[r], s->columns[c]));
        }
    }
    for (size_t k = 0; done && k < s->outsiders.count; k++) {
        const struct outsider *o = &s->outsiders.at[k];
        done = give(m, &o->record, check_name(m, o->row, o->column));
    }
    struct gradc_check_scope scope = {.what = m->what,
                                      .rows = s->row_count,
                                      .columns = s->column_count,
                                      .all_rows = m->source.row_count,
                                      .all_columns = m->source.at.dimension,
                                      .together = s->column_count < m->source.at.dimension};
    return done && VEC_PUSH(&m->checking->memory->scopes, scope);
}

static enum gradc_outcome check_matrix(struct checking *c, unsigned order, enum gradc_kind kind) {
    struct check_matrix m;
    struct sample s = {0};
    enum gradc_outcome outcome = check_matrix_init(&m, c, order, kind);
    for (size_t point = 0; outcome == GRADC_DONE && point < c->check->point_count; point++) {
        if (c->point_defined[point]) outcome = compare_at(&m, &s, point);
    }
    if (outcome == GRADC_DONE && s.rows && !give_all(&m, &s)) outcome = GRADC_EXHAUSTED;
    VEC_FREE(&s.outsiders);
    check_matrix_release(&m);
    return outcome;
}

enum gradc_outcome check_derivatives(struct checking *c) {
    struct gradc_model *owner = c->e->owner;
    enum gradc_outcome outcome = GRADC_DONE;
    bool objective = gradc_has_objective(owner);
    if (gradc_dimension(owner) == 0) return outcome;
    if (objective) outcome = check_matrix(c, 1, GRADC_UNKNOWNS);
    for (enum gradc_kind kind = GRADC_OUTPUTS; outcome == GRADC_DONE && kind <= GRADC_CONSTRAINTS; kind++)
        if (gradc_count(owner, kind) > 0) outcome = check_matrix(c, 1, kind);
    if (objective && outcome == GRADC_DONE) outcome = check_matrix(c, 2, GRADC_UNKNOWNS);
    return outcome;
}
