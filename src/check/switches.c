#include "check/switches.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/sides.h"
#include "check/watch.h"

enum {
    SWITCH_BITS = 400,
    SHUT = 110, /* a switch is enclosed within 2^-SHUT of the line */
    MOST_ROUNDS = 120,
    SEGMENTS = 8,
    MOST_LINES = 30,
    MOST_SIGHTINGS = 4, /* of one comparison, to be looked at */
    MOST_INSTANCES = 20000
};

/* All additions that the search may cost. */
static const double most_work = 2e7;

/* A comparison in one iteration, and which side is larger. */
struct instance {
    node_id node;
    int sign;
    uint64_t iteration;
};

struct instances {
    VEC(struct instance) all;
};

struct line {
    const double *from, *to;
    size_t moved; /* SIZE_MAX: all */
};

struct search {
    const struct switches_request *request;
    struct switches *switches;
    struct binding binding;
    struct watched watched;
    struct instances *noted; /* where met() puts what it sees; NULL: it looks for the target only */
    struct instance target;
    mpfr_t difference; /* of the target's two sides */
    bool seen;
    struct sides sides;
    unsigned *sightings; /* by node */
};

/* Equality holds on no side. */
static bool is_switch(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_LT || node_op(g, n) == OP_LE;
}

/* ---- Runs on a line ---- */

static void note(struct search *s, node_id node, int sign, uint64_t iteration) {
    struct instance instance = {node, (sign > 0) - (sign < 0), iteration};
    if (s->noted->all.count < MOST_INSTANCES) VEC_PUSH(&s->noted->all, instance);
}

static void met(void *context, struct watched *w, const struct watch_event *event) {
    struct search *s = context;
    const struct graph *g = w->reference.walk.graph;
    if (!event->node || !is_switch(g, event->node)) return;
    uint64_t iteration = watched_iteration(w);
    if (s->noted) {
        note(s, event->node, mpfr_cmp(event->a->value, event->b->value), iteration);
    } else if (event->node == s->target.node && iteration == s->target.iteration) {
        mpfr_sub(s->difference, event->a->value, event->b->value, MPFR_RNDN);
        s->seen = true;
    }
}

static enum evaluation run_at(struct search *s, const struct line *line, mpfr_srcptr t) {
    if (!line_place(s->request->subject, line->from, line->to, line->moved, t, &s->watched.reference))
        return EVALUATION_MEMORY;
    return reference_run(&s->watched.reference);
}

static enum evaluation note_at(struct search *s, const struct line *line, double t, struct instances *noted) {
    mpfr_t place;
    mpfr_init2(place, SWITCH_BITS);
    mpfr_set_d(place, t, MPFR_RNDN);
    noted->all.count = 0;
    s->noted = noted;
    enum evaluation done = run_at(s, line, place);
    s->noted = NULL;
    mpfr_clear(place);
    return done == EVALUATED && noted->all.failed ? EVALUATION_MEMORY : done;
}

/* The sign of the target's difference; false where it is not compared there. */
static bool sign_at(struct search *s, const struct line *line, mpfr_srcptr t, int *sign) {
    s->seen = false;
    if (run_at(s, line, t) != EVALUATED || !s->seen || mpfr_nan_p(s->difference)) return false;
    *sign = mpfr_sgn(s->difference) < 0 ? -1 : 1;
    return true;
}

/* ---- Enclosing a switch ---- */

struct enclosure {
    mpfr_t low, high, at_low, at_high, step, try;
    int sign; /* at low */
};

static void enclosure_init(struct enclosure *e, double low, double high, int sign) {
    mpfr_inits2(SWITCH_BITS, e->low, e->high, e->at_low, e->at_high, e->step, e->try, (mpfr_ptr)0);
    mpfr_set_d(e->low, low, MPFR_RNDN);
    mpfr_set_d(e->high, high, MPFR_RNDN);
    mpfr_set_ui_2exp(e->step, 1, -SHUT - 1, MPFR_RNDN);
    e->sign = sign;
}

static void enclosure_release(struct enclosure *e) {
    mpfr_clears(e->low, e->high, e->at_low, e->at_high, e->step, e->try, (mpfr_ptr)0);
}

/* Takes the place in e->try for one of the ends. */
static bool narrow(struct search *s, const struct line *line, struct enclosure *e) {
    int sign;
    if (mpfr_lessequal_p(e->try, e->low) || mpfr_greaterequal_p(e->try, e->high)) return true;
    if (!sign_at(s, line, e->try, &sign)) return false;
    mpfr_set(sign == e->sign ? e->low : e->high, e->try, MPFR_RNDN);
    mpfr_set(sign == e->sign ? e->at_low : e->at_high, s->difference, MPFR_RNDN);
    return true;
}

static bool is_shut(const struct enclosure *e) {
    mpfr_t width;
    mpfr_init2(width, 64);
    mpfr_sub(width, e->high, e->low, MPFR_RNDN);
    bool shut = mpfr_cmp_ui_2exp(width, 1, -SHUT) <= 0;
    mpfr_clear(width);
    return shut;
}

/* Where a straight line between the ends is 0. */
static void try_secant(struct enclosure *e) {
    mpfr_t gap;
    mpfr_init2(gap, SWITCH_BITS);
    mpfr_sub(gap, e->at_low, e->at_high, MPFR_RNDN);
    mpfr_sub(e->try, e->high, e->low, MPFR_RNDN);
    mpfr_mul(e->try, e->try, e->at_low, MPFR_RNDN);
    mpfr_div(e->try, e->try, gap, MPFR_RNDN);
    mpfr_add(e->try, e->try, e->low, MPFR_RNDN);
    if (mpfr_nan_p(e->try)) mpfr_set(e->try, e->low, MPFR_RNDN);
    mpfr_clear(gap);
}

/* Secants with a place tried on both sides of each, and every other time the middle. */
static bool enclose(struct search *s, const struct line *line, struct enclosure *e) {
    int sign;
    if (!sign_at(s, line, e->low, &sign)) return false;
    mpfr_set(e->at_low, s->difference, MPFR_RNDN);
    if (!sign_at(s, line, e->high, &sign) || sign == e->sign) return false;
    mpfr_set(e->at_high, s->difference, MPFR_RNDN);
    for (int round = 0; round < MOST_ROUNDS && !is_shut(e); round++) {
        mpfr_t place;
        bool good;
        mpfr_init2(place, SWITCH_BITS);
        try_secant(e);
        mpfr_set(place, e->try, MPFR_RNDN);
        mpfr_sub(e->try, place, e->step, MPFR_RNDN);
        good = narrow(s, line, e);
        mpfr_add(e->try, place, e->step, MPFR_RNDN);
        good = good && narrow(s, line, e);
        mpfr_add(e->try, e->low, e->high, MPFR_RNDN);
        mpfr_div_2ui(e->try, e->try, 1, MPFR_RNDN);
        good = good && (is_shut(e) || narrow(s, line, e));
        mpfr_clear(place);
        if (!good) return false;
    }
    return is_shut(e);
}

/* ---- What else switches there ---- */

static int by_instance(const void *a, const void *b) {
    const struct instance *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    return (x->iteration > y->iteration) - (x->iteration < y->iteration);
}

/* Calls visit for comparisons that were met at both places with different signs. */
static void each_change(struct instances *a, struct instances *b, void *context,
                        void (*visit)(void *context, const struct instance *before)) {
    if (!a->all.count || !b->all.count) return;
    qsort(a->all.at, a->all.count, sizeof *a->all.at, by_instance);
    qsort(b->all.at, b->all.count, sizeof *b->all.at, by_instance);
    for (size_t i = 0, k = 0; i < a->all.count && k < b->all.count;) {
        int order = by_instance(&a->all.at[i], &b->all.at[k]);
        if (order == 0 && a->all.at[i].sign * b->all.at[k].sign < 0) visit(context, &a->all.at[i]);
        i += order <= 0;
        k += order >= 0;
    }
}

struct company {
    const struct search *search;
    bool found;
};

static void look_for_company(void *context, const struct instance *before) {
    struct company *c = context;
    c->found |= before->node != c->search->target.node;
}

/* ---- One switch ---- */

static bool is_worse(const struct crossing *a, const struct crossing *b) {
    return b->order < a->order || (b->order == a->order && a->together && !b->together);
}

static bool take(struct search *s, const struct crossing *found) {
    for (size_t k = 0; k < s->switches->all.count; k++) {
        struct crossing *known = &s->switches->all.at[k];
        if (known->node != found->node) continue;
        if (is_worse(known, found)) *known = *found;
        return true;
    }
    return VEC_PUSH(&s->switches->all, *found);
}

/* What is as small as the enclosure is 0. */
static double coordinate(double from, double to, mpfr_srcptr t) {
    mpfr_t value;
    mpfr_init2(value, SWITCH_BITS);
    mpfr_set_d(value, to, MPFR_RNDN);
    mpfr_sub_d(value, value, from, MPFR_RNDN);
    mpfr_mul(value, value, t, MPFR_RNDN);
    mpfr_add_d(value, value, from, MPFR_RNDN);
    double result = mpfr_get_d(value, MPFR_RNDN);
    mpfr_clear(value);
    return fabs(result) < 1e-25 * (fabs(from) + fabs(to)) ? 0 : result;
}

static double *point_at(const struct search *s, const struct line *line, mpfr_srcptr t) {
    size_t n = s->request->subject->dimension;
    double *point = ARENA_ARRAY(s->request->arena, double, n + 1);
    for (size_t k = 0; point && k < n; k++) {
        bool moves = line->moved == SIZE_MAX || line->moved == k;
        point[k] = moves ? coordinate(line->from[k], line->to[k], t) : line->from[k];
    }
    return point;
}

static enum evaluation find_company(struct search *s, const struct line *line, const struct enclosure *e,
                                    bool *together) {
    struct instances before = {0}, after = {0};
    struct company company = {s, false};
    s->noted = &before;
    enum evaluation done = run_at(s, line, e->low);
    s->noted = &after;
    if (done == EVALUATED) done = run_at(s, line, e->high);
    s->noted = NULL;
    each_change(&before, &after, &company, look_for_company);
    *together = company.found;
    VEC_FREE(&before.all);
    VEC_FREE(&after.all);
    return done;
}

static enum evaluation examine(struct search *s, const struct line *line, struct enclosure *e) {
    const struct graph *g = s->request->program->graph;
    struct crossing found = {.node = s->target.node,
                             .span = node_span(g, s->target.node),
                             .moved = line->moved,
                             .point = point_at(s, line, e->high)};
    enum evaluation done = find_company(s, line, e, &found.together);
    struct sides_place place = {line->from, line->to, line->moved, e->low, e->high};
    struct sides_jump jump;
    if (done == EVALUATED) done = sides_compare(&s->sides, &place, &jump);
    if (done != EVALUATED) return done;
    found.order = jump.order;
    found.row = jump.row;
    found.column = jump.column;
    found.before = jump.before;
    found.after = jump.after;
    return found.point && (jump.undefined || take(s, &found)) ? EVALUATED : EVALUATION_MEMORY;
}

/* ---- The search ---- */

struct sighting {
    struct search *search;
    VEC(struct instance) all;
};

static void sight(void *context, const struct instance *before) {
    struct sighting *sighting = context;
    unsigned *count = &sighting->search->sightings[before->node];
    if (*count >= MOST_SIGHTINGS) return;
    ++*count;
    VEC_PUSH(&sighting->all, *before);
}

static bool is_exhausted(const struct search *s) {
    return s->watched.reference.precise.work + s->sides.work > most_work;
}

static enum evaluation search_segment(struct search *s, const struct line *line, double low, double high,
                                      struct instances *before, struct instances *after) {
    struct sighting sighting = {.search = s};
    enum evaluation done = note_at(s, line, high, after);
    if (done == EVALUATED) each_change(before, after, &sighting, sight);
    for (size_t k = 0; done == EVALUATED && k < sighting.all.count && !is_exhausted(s); k++) {
        struct enclosure e;
        s->target = sighting.all.at[k];
        enclosure_init(&e, low, high, s->target.sign);
        if (enclose(s, line, &e)) done = examine(s, line, &e);
        enclosure_release(&e);
    }
    VEC_FREE(&sighting.all);
    return done;
}

/* Not at round places: switches lie there. */
static double segment_end(int k) {
    return k % SEGMENTS == 0 ? k / SEGMENTS : (k + 0.0137) / SEGMENTS;
}

static enum evaluation search_line(struct search *s, const struct line *line) {
    struct instances before = {0}, after = {0};
    enum evaluation done = note_at(s, line, 0, &before);
    for (int k = 0; done == EVALUATED && k < SEGMENTS && !is_exhausted(s); k++) {
        double low = segment_end(k), high = segment_end(k + 1);
        done = search_segment(s, line, low, high, &before, &after);
        struct instances passed = before;
        before = after;
        after = passed;
    }
    VEC_FREE(&before.all);
    VEC_FREE(&after.all);
    return done;
}

/* From the start along one unknown, as far as its bounds or some way. */
static enum evaluation search_unknown(struct search *s, size_t k, double *from, double *to) {
    const struct switches_request *q = s->request;
    size_t n = q->subject->dimension;
    const double *start = q->points;
    double reach = 10 * fmax(1, fabs(start[k]));
    bool bounded = isfinite(q->lower[k]) && isfinite(q->upper[k]);
    memcpy(from, start, n * sizeof *from);
    memcpy(to, start, n * sizeof *to);
    from[k] = bounded ? q->lower[k] : fmax(q->lower[k], start[k] - 0.9 * reach);
    to[k] = bounded ? q->upper[k] : fmin(q->upper[k], start[k] + reach);
    struct line line = {from, to, k};
    return from[k] < to[k] ? search_line(s, &line) : EVALUATED;
}

static enum evaluation search_unknowns(struct search *s) {
    size_t n = s->request->subject->dimension, count = n < MOST_LINES ? n : MOST_LINES;
    double *from = calloc(n + 1, sizeof *from), *to = calloc(n + 1, sizeof *to);
    enum evaluation done = from && to ? EVALUATED : EVALUATION_MEMORY;
    for (size_t k = 0; done == EVALUATED && k < count && !is_exhausted(s); k++)
        done = search_unknown(s, (size_t)((double)k * ((double)n / (double)count)), from, to);
    free(from);
    free(to);
    return done;
}

static enum evaluation search_between_points(struct search *s) {
    const struct switches_request *q = s->request;
    size_t n = q->subject->dimension;
    enum evaluation done = EVALUATED;
    for (size_t k = 0; done == EVALUATED && k + 1 < q->point_count && !is_exhausted(s); k++) {
        struct line line = {q->points + k * n, q->points + (k + 1) * n, SIZE_MAX};
        done = search_line(s, &line);
    }
    return done;
}

static size_t count_comparisons(const struct switches_request *q) {
    const struct graph *g = q->program->graph;
    size_t count = 0;
    for (node_id n = 1; n < q->reach->node_count; n++)
        count += q->reach->used[n] && is_switch(g, n) && reach_operand_varies(q->reach, g, n);
    return count;
}

enum evaluation switches_find(struct switches *switches, const struct switches_request *request) {
    struct search s = {.request = request, .switches = switches};
    const struct subject *subject = request->subject;
    switches->comparisons = count_comparisons(request);
    if (switches->comparisons == 0 || subject->dimension == 0) return EVALUATED;
    s.watched = (struct watched){.reach = request->reach, .met = met, .context = &s};
    s.sightings = calloc(request->reach->node_count, sizeof *s.sightings);
    memcpy(subject->point, request->points, subject->dimension * sizeof *subject->point);
    mpfr_init2(s.difference, SWITCH_BITS);
    enum evaluation done = EVALUATION_MEMORY;
    bool bound = subject_bind(subject, &s.binding, request->program);
    if (bound && s.sightings && sides_init(&s.sides, request, SWITCH_BITS)) {
        if (watched_init(&s.watched, request->program, &s.binding, SWITCH_BITS, subject->diags)) {
            done = search_unknowns(&s);
            if (done == EVALUATED) done = search_between_points(&s);
            watched_release(&s.watched);
        }
        sides_release(&s.sides);
    }
    binding_release(&s.binding);
    mpfr_clear(s.difference);
    free(s.sightings);
    return done == EVALUATED && switches->all.failed ? EVALUATION_MEMORY : done;
}
