#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descend/interior.h"
#include "descend/press.h"
#include "sparse/lapack_load.h"
#include "sparse/least_squares.h"

/* Systems beyond this are left as they are: their singular values would take seconds. */
enum { MOST_UNKNOWNS = 300, ROUNDS = 20 };
/* What counts as touching, beside the size of a bound: guesses, one after the other. And by how much a
 * refined point may be off. */
static const double touching[] = {1e-6, 1e-4, 1e-3}, good = 1e-7;

/* What an unknown or a constraint stands on. */
enum stand { STANDS_FREE, STANDS_LOWER, STANDS_UPPER, STANDS_EQUAL };

/* Newton's method for slopes = 0 over the free unknowns and value = bound over the active constraints. */
struct refinement {
    struct interior *s;
    enum stand *unknowns, *constraints; /* the second by row */
    size_t *free, free_count;
    size_t *active, active_count;
    double *bound;                                     /* by active constraint */
    double *x, *gradient, *multipliers;                /* before it */
    double *kept_x, *kept_gradient, *kept_multipliers; /* the best so far */
    double value, kept_value, error, steepness;
    double *numbers; /* all of the above */
    double *matrix, *step;
};

static double unit(double bound) {
    return fmax(1, fabs(bound));
}

/* ---- What holds the point ---- */

static bool is_pressed(const struct refinement *r, double distance, double force, double bound,
                       double touch) {
    return isfinite(bound) && fabs(distance) <= touch * unit(bound) &&
           bound_presses(distance, bound, force, r->steepness);
}

static double lower_of(const struct interior *s, size_t j) {
    return s->o->lower ? s->o->lower[j] : -INFINITY;
}

static double upper_of(const struct interior *s, size_t j) {
    return s->o->upper ? s->o->upper[j] : INFINITY;
}

static void choose_unknowns(struct refinement *r, double touch) {
    const struct interior *s = r->s;
    for (size_t j = 0; j < s->n; j++) {
        double x = s->d.current.x[j], lower = lower_of(s, j), upper = upper_of(s, j);
        r->unknowns[j] = STANDS_FREE;
        if (lower >= upper)
            r->unknowns[j] = STANDS_EQUAL;
        else if (is_pressed(r, x - lower, s->lower_forces[j], lower, touch))
            r->unknowns[j] = STANDS_LOWER;
        else if (is_pressed(r, upper - x, s->upper_forces[j], upper, touch))
            r->unknowns[j] = STANDS_UPPER;
    }
}

static void choose_constraints(struct refinement *r, double touch) {
    const struct interior *s = r->s;
    for (size_t row = 0; row < s->rows; row++) {
        size_t k = s->constraint[row];
        double lower = s->o->constraint_lower[k], upper = s->o->constraint_upper[k],
               force = s->multipliers[k];
        r->constraints[row] = STANDS_FREE;
        if (!(lower < upper))
            r->constraints[row] = STANDS_EQUAL;
        else if (is_pressed(r, upper - s->values[k], force, upper, touch))
            r->constraints[row] = STANDS_UPPER;
        else if (is_pressed(r, s->values[k] - lower, -force, lower, touch))
            r->constraints[row] = STANDS_LOWER;
    }
}

/* What is held is set on its bound; what presses nothing has no force. */
static void settle(struct refinement *r) {
    struct interior *s = r->s;
    r->free_count = r->active_count = 0;
    for (size_t j = 0; j < s->n; j++) {
        if (r->unknowns[j] == STANDS_FREE)
            r->free[r->free_count++] = j;
        else
            s->d.current.x[j] = r->unknowns[j] == STANDS_UPPER ? upper_of(s, j) : lower_of(s, j);
    }
    for (size_t row = 0; row < s->rows; row++) {
        size_t k = s->constraint[row];
        bool above = r->constraints[row] == STANDS_UPPER || r->constraints[row] == STANDS_EQUAL;
        if (r->constraints[row] == STANDS_FREE) {
            s->multipliers[k] = 0;
            continue;
        }
        r->bound[r->active_count] = above ? s->o->constraint_upper[k] : s->o->constraint_lower[k];
        r->active[r->active_count++] = k;
    }
}

/* What a step has led onto a bound stands there from now on. Returns whether that changed anything. */
static bool hold(struct refinement *r) {
    const struct interior *s = r->s;
    bool changed = false;
    for (size_t j = 0; j < s->n; j++) {
        if (r->unknowns[j] != STANDS_FREE) continue;
        double x = s->d.current.x[j];
        if (x <= lower_of(s, j)) r->unknowns[j] = STANDS_LOWER;
        if (x >= upper_of(s, j)) r->unknowns[j] = STANDS_UPPER;
        changed |= r->unknowns[j] != STANDS_FREE;
    }
    return changed;
}

/* Where the conditions hold, an unknown that pulls instead of pressing lets go. */
static bool release(struct refinement *r) {
    const struct interior *s = r->s;
    bool changed = false;
    for (size_t j = 0; j < s->n; j++) {
        bool pulls = (r->unknowns[j] == STANDS_LOWER && -s->slopes[j] > good) ||
                     (r->unknowns[j] == STANDS_UPPER && s->slopes[j] > good);
        if (pulls) r->unknowns[j] = STANDS_FREE;
        changed |= pulls;
    }
    return changed;
}

/* Likewise a constraint; one that is violated becomes active. */
static bool revise(struct refinement *r) {
    static const double rounding = 1e-12;
    const struct interior *s = r->s;
    bool changed = false;
    for (size_t row = 0; row < s->rows; row++) {
        size_t k = s->constraint[row];
        enum stand was = r->constraints[row], *is = &r->constraints[row];
        double lower = s->o->constraint_lower[k], upper = s->o->constraint_upper[k];
        double force = s->multipliers[k], value = s->values[k];
        if (was == STANDS_FREE && value < lower - rounding * unit(lower)) *is = STANDS_LOWER;
        if (was == STANDS_FREE && value > upper + rounding * unit(upper)) *is = STANDS_UPPER;
        if ((was == STANDS_LOWER && force > good) || (was == STANDS_UPPER && -force > good))
            *is = STANDS_FREE;
        changed |= *is != was;
    }
    return changed;
}

/* Whether something else holds the point than before. */
static bool change_what_holds(struct refinement *r, bool is_solved) {
    if (hold(r)) return true;
    if (!is_solved) return false;
    bool released = release(r), revised = revise(r);
    return released || revised;
}

/* ---- The system ---- */

static size_t order_of(const struct refinement *r) {
    return r->free_count + r->active_count;
}

/* An entry and its mirror image, of a matrix by columns. */
static void enter(const struct refinement *r, size_t i, size_t j, double value) {
    size_t order = order_of(r);
    r->matrix[i * order + j] = r->matrix[j * order + i] = value;
}

/* Where each number stands among those chosen, plus 1; 0: nowhere. */
static size_t *places(const size_t *chosen, size_t count, size_t all) {
    size_t *place = calloc(all + 1, sizeof *place);
    for (size_t k = 0; place && k < count; k++) place[chosen[k]] = k + 1;
    return place;
}

static void fill_hessian(const struct refinement *r, const struct descent_matrix *lower,
                         const size_t *place) {
    for (size_t i = 0; i < lower->rows; i++)
        for (size_t k = lower->starts[i]; k < lower->starts[i + 1]; k++)
            if (place[i] && place[lower->column[k]])
                enter(r, place[i] - 1, place[lower->column[k]] - 1, lower->values[k]);
}

static void fill_jacobian(const struct refinement *r, const struct descent_matrix *jacobian,
                          const size_t *place) {
    for (size_t a = 0; a < r->active_count; a++)
        for (size_t k = jacobian->starts[r->active[a]]; k < jacobian->starts[r->active[a] + 1]; k++)
            if (place[jacobian->column[k]])
                enter(r, r->free_count + a, place[jacobian->column[k]] - 1, jacobian->values[k]);
}

static bool fill(struct refinement *r) {
    struct interior *s = r->s;
    const struct objective *o = s->o;
    struct descent_matrix lower, jacobian;
    size_t order = order_of(r), *place = places(r->free, r->free_count, s->n);
    bool done =
        place && o->lagrangian(o->context, s->d.current.x, o->maximize ? -1 : 1, s->multipliers, &lower);
    memset(r->matrix, 0, order * order * sizeof *r->matrix);
    if (done) fill_hessian(r, &lower, place);
    if (s->m > 0) done = done && o->constraint_jacobian(o->context, s->d.current.x, &jacobian);
    if (done && s->m > 0) fill_jacobian(r, &jacobian, place);
    free(place);
    double *right = r->matrix + order * order;
    for (size_t k = 0; k < r->free_count; k++) right[k] = s->slopes[r->free[k]];
    for (size_t a = 0; a < r->active_count; a++)
        right[r->free_count + a] = s->values[r->active[a]] - r->bound[a];
    return done;
}

/* ---- Steps ---- */

/* Values, slopes and how far the conditions are from holding; infinite where something is not finite. */
static bool evaluate(struct refinement *r) {
    struct interior *s = r->s;
    r->error = INFINITY;
    if (!interior_measure(s, s->d.current.x, &s->violation)) return false;
    if (!descent_evaluate(&s->d, &s->d.current)) return false;
    if (!interior_slopes(s, s->d.current.x, s->d.current.gradient)) return false;
    if (!point_is_finite(&s->d, &s->d.current)) return true;
    double largest = 0, scale = fmax(1, descent_norm(s->d.current.gradient, s->n));
    for (size_t k = 0; k < r->free_count; k++) largest = fmax(largest, fabs(s->slopes[r->free[k]]) / scale);
    for (size_t a = 0; a < r->active_count; a++)
        largest = fmax(largest, fabs(s->values[r->active[a]] - r->bound[a]) / unit(r->bound[a]));
    r->error = isnan(largest) ? INFINITY : largest;
    return true;
}

static bool step(struct refinement *r) {
    struct interior *s = r->s;
    struct least_squares parts = {.columns = 0};
    size_t order = order_of(r);
    bool done = fill(r) && least_squares_decompose(&parts, r->matrix, order, order);
    if (done) least_squares_solve(&parts, least_squares_rank(&parts, (double)order), 0, r->step);
    least_squares_release(&parts);
    if (!done) return false;
    for (size_t k = 0; k < r->free_count; k++) {
        size_t j = r->free[k];
        s->d.current.x[j] = descent_project(&s->d, j, s->d.current.x[j] + r->step[k]);
    }
    for (size_t a = 0; a < r->active_count; a++) s->multipliers[r->active[a]] += r->step[r->free_count + a];
    return evaluate(r);
}

static void keep(struct refinement *r) {
    const struct interior *s = r->s;
    memcpy(r->kept_x, s->d.current.x, s->n * sizeof(double));
    memcpy(r->kept_gradient, s->d.current.gradient, s->n * sizeof(double));
    memcpy(r->kept_multipliers, s->multipliers, s->m * sizeof(double));
    r->kept_value = s->d.current.value;
}

static void put(struct refinement *r, const double *x, const double *gradient, const double *multipliers,
                double value) {
    struct interior *s = r->s;
    memcpy(s->d.current.x, x, s->n * sizeof(double));
    memcpy(s->d.current.gradient, gradient, s->n * sizeof(double));
    memcpy(s->multipliers, multipliers, s->m * sizeof(double));
    s->d.current.value = value;
}

/* ---- Whether it is the same point, only better ---- */

static bool forces_keep_signs(const struct refinement *r, double scale) {
    const struct interior *s = r->s;
    const struct objective *o = s->o;
    for (size_t a = 0; a < r->active_count; a++) {
        size_t k = r->active[a];
        if (!(o->constraint_lower[k] < o->constraint_upper[k])) continue;
        bool above = !(r->bound[a] < o->constraint_upper[k]);
        if ((above ? -s->multipliers[k] : s->multipliers[k]) > good * scale) return false;
    }
    for (size_t j = 0; j < s->n; j++) {
        double x = s->d.current.x[j];
        if (o->lower && o->upper && o->lower[j] >= o->upper[j]) continue;
        bool at_lower = o->lower && x <= o->lower[j], at_upper = o->upper && x >= o->upper[j];
        if ((at_lower && s->slopes[j] < -good * scale) || (at_upper && s->slopes[j] > good * scale))
            return false;
    }
    return true;
}

static bool is_near(const struct refinement *r) {
    const struct interior *s = r->s;
    for (size_t j = 0; j < s->n; j++)
        if (!(fabs(s->d.current.x[j] - r->x[j]) <= 1e-3 * fmax(1, fabs(r->x[j])))) return false;
    return true;
}

static bool is_better(const struct refinement *r, double former_violation) {
    const struct interior *s = r->s;
    double scale = fmax(1, descent_norm(s->d.current.gradient, s->n));
    double allowed = fmax(former_violation, 1e-14 * unit(s->m ? s->values[s->worst] : 0));
    return r->error <= good && s->violation <= allowed && is_near(r) && forces_keep_signs(r, scale);
}

/* ---- The whole ---- */

static bool open_room(struct refinement *r) {
    struct interior *s = r->s;
    r->free = calloc(s->n + s->m + 1, sizeof *r->free);
    r->unknowns = calloc(s->n + s->rows + 1, sizeof *r->unknowns);
    r->numbers = calloc(4 * s->n + 3 * s->m + 1, sizeof *r->numbers);
    r->matrix = malloc((MOST_UNKNOWNS * (MOST_UNKNOWNS + 1) + 1) * sizeof *r->matrix);
    r->step = malloc((MOST_UNKNOWNS + 1) * sizeof *r->step);
    if (!r->free || !r->unknowns || !r->numbers || !r->matrix || !r->step) return false;
    r->constraints = r->unknowns + s->n;
    r->active = r->free + s->n;
    r->x = r->numbers;
    r->gradient = r->x + s->n;
    r->kept_x = r->gradient + s->n;
    r->kept_gradient = r->kept_x + s->n;
    r->multipliers = r->kept_gradient + s->n;
    r->kept_multipliers = r->multipliers + s->m;
    r->bound = r->kept_multipliers + s->m;
    return true;
}

/* Rounds in which something else holds the point begin anew. */
static bool iterate(struct refinement *r) {
    double least = INFINITY;
    bool done = evaluate(r);
    keep(r);
    for (size_t k = 0; done && k <= ROUNDS && order_of(r) > 0; k++) {
        bool goes_on = r->error < 0.5 * least && r->error > 0;
        if (k > 0 && change_what_holds(r, r->error <= good && !goes_on)) {
            settle(r);
            least = INFINITY;
            goes_on = true;
            done = order_of(r) <= MOST_UNKNOWNS && evaluate(r);
            if (!done || order_of(r) == 0) break;
        }
        if (r->error < least) keep(r);
        if (!goes_on || !is_near(r) || k == ROUNDS) break;
        least = r->error;
        done = step(r);
    }
    if (order_of(r) == 0) keep(r);
    if (!done) return false;
    put(r, r->kept_x, r->kept_gradient, r->kept_multipliers, r->kept_value);
    return evaluate(r);
}

static bool refine(struct refinement *r, double touch, double former) {
    choose_unknowns(r, touch);
    choose_constraints(r, touch);
    settle(r);
    if (order_of(r) > MOST_UNKNOWNS || !lapack_load()) return false;
    return iterate(r) && is_better(r, former);
}

void interior_refine(struct interior *s) {
    struct refinement r = {.s = s, .value = s->d.current.value};
    double former = s->violation;
    bool room = open_room(&r);
    for (size_t j = 0; j < s->n; j++) r.steepness = fmax(r.steepness, fabs(s->d.current.gradient[j]));
    if (room) {
        memcpy(r.x, s->d.current.x, s->n * sizeof(double));
        memcpy(r.gradient, s->d.current.gradient, s->n * sizeof(double));
        memcpy(r.multipliers, s->multipliers, s->m * sizeof(double));
    }
    for (size_t k = 0; room && k < sizeof touching / sizeof *touching; k++) {
        s->is_refined = refine(&r, touching[k], former);
        if (s->is_refined) break;
        put(&r, r.x, r.gradient, r.multipliers, r.value);
        if (!interior_measure(s, s->d.current.x, &s->violation)) break;
    }
    free(r.matrix);
    free(r.step);
    free(r.free);
    free(r.unknowns);
    free(r.numbers);
}
