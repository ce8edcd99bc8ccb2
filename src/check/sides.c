#include "check/sides.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/switches.h"
#include "diff/tangent.h"

enum { MOST_ROWS = 1000, MOST_COLUMNS = 30 };
/* What changes like this between two distances, of which one is 2^20 of the other, has the limit 0, or none.
 */
enum { VANISHING = 1024, GROWING = 8 };

/* What differs by less, in relation to its size or to what it is made of, is the same. */
static const double same = 1e-15;

/* ---- Places ---- */

static void place_element(double from, double to, mpfr_srcptr t, mpfr_ptr value) {
    mpfr_set_d(value, to, MPFR_RNDN);
    mpfr_sub_d(value, value, from, MPFR_RNDN);
    mpfr_mul(value, value, t, MPFR_RNDN);
    mpfr_add_d(value, value, from, MPFR_RNDN);
}

bool line_place(const struct subject *s, const double *from, const double *to, size_t moved, mpfr_srcptr t,
                struct reference *r) {
    bool good = true;
    mpfr_t value;
    mpfr_init2(value, r->precise.precision);
    for (size_t b = 0; b < s->unknown_blocks; b++) {
        const struct check_block *block = &s->unknowns[b];
        for (size_t i = 0; good && i < block->count; i++) {
            size_t k = block->offset + i;
            if (moved == SIZE_MAX || moved == k)
                place_element(from[k], to[k], t, value);
            else
                mpfr_set_d(value, from[k], MPFR_RNDN);
            good = reference_set(r, block->array, i, value);
        }
    }
    mpfr_clear(value);
    return good;
}

/* ---- Programs ---- */

static array_id *unknown_ids(const struct subject *s) {
    array_id *ids = calloc(s->unknown_blocks + 1, sizeof *ids);
    for (size_t k = 0; ids && k < s->unknown_blocks; k++) ids[k] = s->unknowns[k].array;
    return ids;
}

/* The derivative array of `of` that a pass has added behind the first `before` arrays; 0: none. */
static array_id added(const struct program *p, size_t before, enum array_role role, array_id of) {
    for (size_t a = before; a < p->arrays.count; a++)
        if (p->arrays.at[a].role == role && p->arrays.at[a].of == of) return (array_id)a;
    return 0;
}

static bool derive_first(struct sides *s, const array_id *ids) {
    const struct switches_request *q = s->request;
    array_id *rows = calloc(q->row_blocks + 1, sizeof *rows);
    for (size_t k = 0; rows && k < q->row_blocks; k++) rows[k] = q->rows[k].array;
    struct tangent_request request = {rows, q->row_blocks, ids, q->subject->unknown_blocks, false};
    bool good = rows && differentiate_along(&s->first, q->program, &request, q->subject->diags);
    free(rows);
    return good;
}

static bool derive_second(struct sides *s, const array_id *ids) {
    const struct switches_request *q = s->request;
    array_id *rows = calloc(q->row_blocks + 1, sizeof *rows);
    struct tangent_request request = {rows, 0, ids, q->subject->unknown_blocks, false};
    for (size_t k = 0; rows && k < q->row_blocks; k++) {
        array_id tangent = tangent_array(&s->first, q->rows[k].array);
        if (tangent) rows[request.output_count++] = tangent;
    }
    bool good = rows && differentiate_along(&s->second, &s->first, &request, q->subject->diags);
    free(rows);
    return good;
}

static bool pair_init(struct sides *s, struct pair *pair, const struct program *p) {
    const struct subject *subject = s->request->subject;
    bool good = true;
    pair->program = p;
    for (size_t k = 0; good && k < 2; k++) {
        good = subject_bind(subject, &pair->bindings[k], p) &&
               reference_init(&pair->at[k], p, &pair->bindings[k], s->bits, subject->diags);
        if (good)
            pair->made++;
        else
            binding_release(&pair->bindings[k]);
        if (good) reference_measure_errors(&pair->at[k]);
    }
    return good;
}

static void pair_release(struct pair *pair) {
    for (size_t k = 0; k < pair->made; k++) {
        reference_release(&pair->at[k]);
        binding_release(&pair->bindings[k]);
    }
}

bool sides_init(struct sides *s, const struct switches_request *request, mpfr_prec_t bits) {
    *s = (struct sides){.request = request, .bits = bits};
    s->gaps = calloc(MOST_ROWS, sizeof *s->gaps);
    array_id *ids = unknown_ids(request->subject);
    bool good = ids && s->gaps && derive_first(s, ids) && derive_second(s, ids) &&
                pair_init(s, &s->values, request->program) && pair_init(s, &s->firsts, &s->first) &&
                pair_init(s, &s->seconds, &s->second);
    free(ids);
    if (!good) sides_release(s);
    return good;
}

void sides_release(struct sides *s) {
    pair_release(&s->values);
    pair_release(&s->firsts);
    pair_release(&s->seconds);
    program_release(&s->first);
    program_release(&s->second);
    free(s->gaps);
}

/* ---- Comparisons ---- */

static void plant(struct pair *pair, const struct subject *s, size_t before, const double *direction) {
    for (size_t b = 0; b < s->unknown_blocks; b++) {
        array_id array = added(pair->program, before, ROLE_DIRECTION, s->unknowns[b].array);
        for (size_t k = 0; array && k < 2; k++)
            memcpy(pair->bindings[k].arrays[array].at.real, direction + s->unknowns[b].offset,
                   s->unknowns[b].count * sizeof *direction);
    }
}

static enum evaluation run_pair(struct sides *s, struct pair *pair, const struct sides_place *place) {
    enum evaluation done = EVALUATED;
    for (size_t k = 0; done == EVALUATED && k < 2; k++) {
        struct reference *r = &pair->at[k];
        double before = r->precise.work;
        bool placed = line_place(s->request->subject, place->from, place->to, place->moved,
                                 k ? place->high : place->low, r);
        done = placed ? reference_run(r) : EVALUATION_MEMORY;
        s->work += r->precise.work - before;
    }
    return done;
}

static struct gap gap_of(const struct pair *pair, array_id array, size_t element) {
    struct gap gap = {.before = reference_value(&pair->at[0], array, element),
                      .after = reference_value(&pair->at[1], array, element)};
    mpfr_t a, b;
    mpfr_inits2(pair->at[0].precise.precision, a, b, (mpfr_ptr)0);
    reference_get(&pair->at[0], array, element, a);
    reference_get(&pair->at[1], array, element, b);
    mpfr_sub(a, a, b, MPFR_RNDN);
    gap.absolute = fabs(mpfr_get_d(a, MPFR_RNDN));
    double size =
        fmax(fmax(fabs(gap.before), fabs(gap.after)), fmax(reference_error(&pair->at[0], array, element),
                                                           reference_error(&pair->at[1], array, element)));
    gap.relative = gap.absolute > 0 ? gap.absolute / size : gap.absolute;
    mpfr_clears(a, b, (mpfr_ptr)0);
    return gap;
}

/* The array of a row in the program of its order; 0: it is 0. */
static array_id array_of(const struct sides *s, const struct check_block *row, unsigned order) {
    array_id array = row->array;
    if (order >= 1) array = tangent_array(&s->first, array);
    return order == 2 && array ? added(&s->second, s->first.arrays.count, ROLE_TANGENT, array) : array;
}

static size_t row_limit(const struct check_block *row) {
    if (row->offset >= MOST_ROWS) return 0;
    return row->count < MOST_ROWS - row->offset ? row->count : MOST_ROWS - row->offset;
}

/* Notes the gaps of all rows; whether there are some. */
static bool note_gaps(struct sides *s, const struct pair *pair, unsigned order, bool *undefined) {
    const struct switches_request *q = s->request;
    bool found = false;
    for (size_t b = 0; b < q->row_blocks; b++) {
        array_id array = array_of(s, &q->rows[b], order);
        for (size_t i = 0; array && i < row_limit(&q->rows[b]); i++) {
            struct gap gap = gap_of(pair, array, i);
            s->gaps[q->rows[b].offset + i] = gap;
            found |= gap.relative > same;
            *undefined |= isnan(gap.before) || isnan(gap.after);
        }
    }
    return found;
}

/* Where a value that was seen nearer and farther from the switch goes to. */
static double limit_of(double near, double apart) {
    if (fabs(near) > GROWING * fabs(apart)) return copysign(HUGE_VAL, near);
    return VANISHING * fabs(near) < fabs(apart) ? 0 : near;
}

/* Of the gaps noted the largest that is as large at a distance: others vanish towards the switch. */
static void choose_gap(const struct sides *s, const struct pair *pair, unsigned order, size_t column,
                       struct sides_jump *jump) {
    const struct switches_request *q = s->request;
    double largest = 0;
    for (size_t b = 0; b < q->row_blocks; b++) {
        array_id array = array_of(s, &q->rows[b], order);
        for (size_t i = 0; array && i < row_limit(&q->rows[b]); i++) {
            size_t row = q->rows[b].offset + i;
            struct gap near = s->gaps[row], apart = gap_of(pair, array, i);
            bool vanishes = apart.absolute > VANISHING * near.absolute;
            if (!(near.relative > same) || vanishes || near.relative <= largest) continue;
            largest = near.relative;
            *jump = (struct sides_jump){.order = order,
                                        .row = row,
                                        .column = column,
                                        .before = limit_of(near.before, apart.before),
                                        .after = limit_of(near.after, apart.after),
                                        .undefined = jump->undefined};
        }
    }
}

/* Both places twenty binary orders of magnitude farther apart. */
static void move_apart(const struct sides_place *place, mpfr_ptr low, mpfr_ptr high) {
    mpfr_sub(high, place->high, place->low, MPFR_RNDN);
    mpfr_mul_2ui(high, high, 20, MPFR_RNDN);
    mpfr_sub(low, place->low, high, MPFR_RNDN);
    mpfr_add(high, place->high, high, MPFR_RNDN);
}

static enum evaluation compare_rows(struct sides *s, struct pair *pair, const struct sides_place *place,
                                    unsigned order, size_t column, struct sides_jump *jump) {
    enum evaluation done = run_pair(s, pair, place);
    if (done != EVALUATED || !note_gaps(s, pair, order, &jump->undefined)) return done;
    mpfr_t low, high;
    mpfr_inits2(s->bits, low, high, (mpfr_ptr)0);
    move_apart(place, low, high);
    struct sides_place apart = {place->from, place->to, place->moved, low, high};
    done = run_pair(s, pair, &apart);
    if (done == EVALUATED) choose_gap(s, pair, order, column, jump);
    mpfr_clears(low, high, (mpfr_ptr)0);
    return done;
}

static enum evaluation compare_firsts(struct sides *s, const struct sides_place *place, double *direction,
                                      struct sides_jump *jump) {
    const struct subject *subject = s->request->subject;
    size_t n = subject->dimension, first = 0, count = n < MOST_COLUMNS ? n : MOST_COLUMNS;
    if (place->moved != SIZE_MAX) first = place->moved, count = 1;
    for (size_t k = 0; k < count; k++) {
        memset(direction, 0, n * sizeof *direction);
        direction[first + k] = 1;
        plant(&s->firsts, subject, 0, direction);
        enum evaluation done = compare_rows(s, &s->firsts, place, 1, first + k, jump);
        if (done != EVALUATED || jump->order != SWITCH_SMOOTH) return done;
    }
    return EVALUATED;
}

static enum evaluation compare_seconds(struct sides *s, const struct sides_place *place, double *direction,
                                       struct sides_jump *jump) {
    const struct subject *subject = s->request->subject;
    for (size_t k = 0; k < subject->dimension; k++)
        direction[k] = place->moved == SIZE_MAX ? place->to[k] - place->from[k] : k == place->moved;
    plant(&s->seconds, subject, 0, direction);
    plant(&s->seconds, subject, s->first.arrays.count, direction);
    return compare_rows(s, &s->seconds, place, 2, place->moved, jump);
}

enum evaluation sides_compare(struct sides *s, const struct sides_place *place, struct sides_jump *jump) {
    *jump = (struct sides_jump){.order = SWITCH_SMOOTH};
    double *direction = calloc(s->request->subject->dimension + 1, sizeof *direction);
    enum evaluation done =
        direction ? compare_rows(s, &s->values, place, 0, SIZE_MAX, jump) : EVALUATION_MEMORY;
    if (done == EVALUATED && jump->order == SWITCH_SMOOTH) done = compare_firsts(s, place, direction, jump);
    if (done == EVALUATED && jump->order == SWITCH_SMOOTH) done = compare_seconds(s, place, direction, jump);
    free(direction);
    return done;
}
