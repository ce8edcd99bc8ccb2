#include "check/witness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/points.h"
#include "check/sides.h"
#include "eval/reference.h"

enum {
    WITNESS_BITS = 160,
    MOST_UNKNOWNS = 30, /* moved one by one */
    RANDOM_POINTS = 30,
    SWEEPS = 2,
    BISECTIONS = 80
};

/* All additions that the search may cost. */
static const double most_work = 5e6;

/* What is known of a target so far. */
struct chase {
    double margin;    /* the least distance from leaving the domain that was seen */
    double *nearest;  /* where */
    double *signs[2]; /* points with an operand below and above 0 */
    bool has_nearest, has_sign[2];
    /* In the present run: */
    double now;
    bool met[2];
};

struct hunt {
    struct reference reference; /* first: the interpreter takes this for its own */
    struct walk_reals reals, original;
    const struct witness_request *request;
    struct target *targets;
    struct chase *chases;
    size_t count;
    uint32_t *of_node; /* by node: the first target there plus 1; 0: none */
    struct binding binding;
    bool failed;
};

/* ---- How near an operation is to leaving its domain ---- */

static double value_of(const struct hunt *h, node_id n) {
    const struct graph *g = h->reference.walk.graph;
    if (node_type(g, n) != TYPE_REAL) return (double)h->reference.walk.integers[n];
    double value = mpfr_get_d(h->reference.values[n].value, MPFR_RNDN);
    /* What is not 0 must not become it. */
    if (value >= 0 && value <= 0 && !mpfr_zero_p(h->reference.values[n].value))
        value = mpfr_sgn(h->reference.values[n].value) * 0x1p-1074;
    return value;
}

static double margin_in_range(double x, struct range range) {
    double low = x - range.low, high = range.high - x, margin = fmin(low, high);
    bool outside = low < 0 || high < 0 || (range.low_open && low <= 0) || (range.high_open && high <= 0);
    return outside ? -1 - fabs(margin) : margin;
}

static double margin_of_pole(double x) {
    double away = fabs(x - fmin(round(x), 0));
    return away > 0 ? away : -1;
}

static double margin_of_power(double base, double exponent) {
    bool whole = exponent >= floor(exponent) && exponent <= floor(exponent);
    if (whole && exponent >= 0) return HUGE_VAL;
    if (whole || base >= 0) return fabs(base) > 0 || exponent > 0 ? fabs(base) : -1;
    return -1;
}

/* Negative: it has left its domain. */
static double margin(const struct hunt *h, const struct target *t) {
    const struct graph *g = h->reference.walk.graph;
    double x = value_of(h, node_operand(g, t->node, t->requirement.operand));
    if (isnan(x)) return HUGE_VAL;
    switch (t->requirement.kind) {
    case REQUIRES_RANGE: return margin_in_range(x, t->requirement.range);
    case REQUIRES_NO_POLE: return margin_of_pole(x);
    case REQUIRES_NO_TANGENT_POLE: return HUGE_VAL;
    case REQUIRES_POWER: return margin_of_power(x, value_of(h, node_operand(g, t->node, 1)));
    case REQUIRES_NOT_BOTH_0: x = hypot(x, value_of(h, node_operand(g, t->node, 1))); break;
    case REQUIRES_NOT_ZERO: break;
    }
    if (node_op(g, t->node) == OP_POWI && value_of(h, node_operand(g, t->node, 1)) >= 0) return HUGE_VAL;
    return fabs(x) > 0 ? fabs(x) : -1;
}

static double operand_of(const struct hunt *h, const struct target *t) {
    return value_of(h, node_operand(h->reference.walk.graph, t->node, t->requirement.operand));
}

static void look_at(struct hunt *h, size_t k) {
    struct chase *chase = &h->chases[k];
    struct target *t = &h->targets[k];
    double now = margin(h, t), x = operand_of(h, t);
    if (now < chase->now) {
        chase->now = now;
        if (!t->found) t->operand = x;
    }
    chase->met[0] |= x < 0;
    chase->met[1] |= x > 0;
}

static bool operation(void *context, node_id n) {
    struct hunt *h = context;
    for (size_t k = h->of_node[n]; k && k <= h->count && h->targets[k - 1].node == n; k++) look_at(h, k - 1);
    return h->original.operation(&h->reference, n);
}

/* ---- Trying points ---- */

static bool keep(struct hunt *h, double **place, const double *point) {
    size_t n = h->request->subject->dimension;
    if (!*place) *place = ARENA_ARRAY(h->request->arena, double, n + 1);
    if (*place && n) memcpy(*place, point, n * sizeof *point);
    h->failed |= !*place;
    return *place != NULL;
}

static void judge(struct hunt *h, size_t k, const double *point) {
    struct chase *chase = &h->chases[k];
    struct target *t = &h->targets[k];
    if (t->found) return;
    if (chase->now < 0) t->found = keep(h, &t->point, point);
    if (chase->now < chase->margin) {
        chase->margin = chase->now;
        chase->has_nearest = keep(h, &chase->nearest, point);
    }
    for (int side = 0; side < 2; side++)
        if (chase->met[side] && !chase->has_sign[side])
            chase->has_sign[side] = keep(h, &chase->signs[side], point);
}

static bool is_spent(const struct hunt *h) {
    return h->failed || h->reference.precise.work > most_work;
}

/* Evaluates the program at a point and looks at all targets. */
static void try_point(struct hunt *h, const double *point) {
    const struct subject *s = h->request->subject;
    mpfr_t zero;
    if (is_spent(h)) return;
    for (size_t k = 0; k < h->count; k++) {
        h->chases[k].now = HUGE_VAL;
        h->chases[k].met[0] = h->chases[k].met[1] = false;
    }
    mpfr_init2(zero, 53);
    mpfr_set_zero(zero, 1);
    if (!line_place(s, point, point, SIZE_MAX, zero, &h->reference)) h->failed = true;
    mpfr_clear(zero);
    if (h->failed || reference_run(&h->reference) != EVALUATED) return;
    for (size_t k = 0; k < h->count; k++) judge(h, k, point);
}

/* ---- Points to begin with ---- */

/* An end of what an unknown may be, or a place far from its start. */
static double far_end(const struct witness_request *q, size_t k, bool high, double reach) {
    double bound = high ? q->upper[k] : q->lower[k], start = q->points[k],
           size = reach * fmax(1, fabs(start));
    if (isfinite(bound)) return bound;
    double other = high ? q->lower[k] : q->upper[k], from = isfinite(other) ? other : start;
    return high ? from + size : from - size;
}

static double within(const struct witness_request *q, size_t k, double value) {
    return fmin(fmax(value, q->lower[k]), q->upper[k]);
}

static void try_all_at(struct hunt *h, double *point) {
    const struct witness_request *q = h->request;
    size_t n = q->subject->dimension;
    static const double reaches[] = {10, 100};
    for (size_t k = 0; k < q->point_count; k++) try_point(h, q->points + k * n);
    for (int corner = 0; corner < 4; corner++) {
        for (size_t k = 0; k < n; k++) point[k] = far_end(q, k, corner & 1, reaches[corner / 2]);
        try_point(h, point);
    }
    for (size_t k = 0; k < n; k++) point[k] = within(q, k, 0);
    try_point(h, point);
    for (size_t k = 0; k < n; k++) point[k] = (far_end(q, k, false, 1) + far_end(q, k, true, 1)) / 2;
    try_point(h, point);
}

static void try_each_at(struct hunt *h, double *point) {
    const struct witness_request *q = h->request;
    size_t n = q->subject->dimension, count = n < MOST_UNKNOWNS ? n : MOST_UNKNOWNS;
    if (n) memcpy(point, q->points, n * sizeof *point);
    try_point(h, point);
    for (size_t i = 0; i < count; i++) {
        size_t k = (size_t)((double)i * ((double)n / (double)count));
        const double values[] = {far_end(q, k, false, 10), far_end(q, k, true, 10), within(q, k, 0),
                                 within(q, k, 1), within(q, k, -1)};
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            point[k] = values[v];
            try_point(h, point);
        }
        point[k] = q->points[k];
    }
}

static void try_random(struct hunt *h, double *point) {
    const struct witness_request *q = h->request;
    struct chance chance = {q->seed + 1};
    for (int k = 0; k < RANDOM_POINTS; k++) {
        point_draw(&chance, q->points, q->lower, q->upper, q->subject->dimension, point);
        try_point(h, point);
    }
}

/* ---- Going on ---- */

/* From the nearest point along one unknown after the other. */
static void approach(struct hunt *h, size_t target, double *point) {
    const struct witness_request *q = h->request;
    size_t n = q->subject->dimension, count = n < MOST_UNKNOWNS ? n : MOST_UNKNOWNS;
    static const double steps[] = {-1, 1, -0.25, 0.25, -0.01, 0.01};
    struct chase *chase = &h->chases[target];
    for (size_t i = 0; i < count && !h->targets[target].found && chase->has_nearest; i++) {
        size_t k = (size_t)((double)i * ((double)n / (double)count));
        memcpy(point, chase->nearest, n * sizeof *point);
        double at = point[k], size = fmax(1, fabs(at));
        for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
            point[k] = within(q, k, at + steps[s] * size);
            try_point(h, point);
        }
    }
}

/* Between two points with operands of different sign. */
static void bisect(struct hunt *h, size_t target, double *point) {
    const struct witness_request *q = h->request;
    size_t n = q->subject->dimension;
    struct chase *chase = &h->chases[target];
    struct target *t = &h->targets[target];
    const double *from = chase->signs[0], *to = chase->signs[1];
    double low = 0, high = 1;
    for (int k = 0; k < BISECTIONS && !t->found && !is_spent(h); k++) {
        double middle = (low + high) / 2;
        for (size_t i = 0; i < n; i++) point[i] = from[i] * (1 - middle) + to[i] * middle;
        try_point(h, point);
        if (!t->found && !chase->met[0] && !chase->met[1]) return;
        if (chase->met[0])
            low = middle;
        else
            high = middle;
    }
    if (t->found || is_spent(h)) return;
    t->found = t->crosses = keep(h, &t->point, point);
    t->operand = 0;
}

static void go_on(struct hunt *h, double *point) {
    for (size_t k = 0; k < h->count && !is_spent(h); k++) {
        struct target *t = &h->targets[k];
        for (int sweep = 0; sweep < SWEEPS && !t->found; sweep++) approach(h, k, point);
        bool signs = h->chases[k].has_sign[0] && h->chases[k].has_sign[1];
        bool zero = t->requirement.kind == REQUIRES_NOT_ZERO || t->requirement.kind == REQUIRES_NO_POLE;
        if (!t->found && zero && signs) bisect(h, k, point);
    }
}

/* ---- The whole ---- */

static bool hunt_init(struct hunt *h, const struct witness_request *q) {
    size_t nodes = graph_count(q->program->graph);
    h->chases = calloc(h->count + 1, sizeof *h->chases);
    h->of_node = calloc(nodes, sizeof *h->of_node);
    bool good = subject_bind(q->subject, &h->binding, q->program) && h->chases && h->of_node &&
                reference_init(&h->reference, q->program, &h->binding, WITNESS_BITS, q->subject->diags);
    if (!good) return false;
    for (size_t k = h->count; k-- > 0;) {
        h->of_node[h->targets[k].node] = (uint32_t)k + 1;
        h->chases[k].margin = HUGE_VAL;
    }
    h->original = h->reals = *h->reference.walk.reals;
    h->reals.operation = operation;
    h->reference.walk.reals = &h->reals;
    h->reference.walk.context = h;
    return true;
}

static void hunt_release(struct hunt *h) {
    reference_release(&h->reference);
    binding_release(&h->binding);
    free(h->chases);
    free(h->of_node);
}

static int by_node(const void *a, const void *b) {
    node_id x = ((const struct target *)a)->node, y = ((const struct target *)b)->node;
    return (x > y) - (x < y);
}

enum evaluation witness_find(const struct witness_request *q, struct target *targets, size_t count) {
    struct hunt h = {.request = q, .targets = targets, .count = count};
    double *point = calloc(q->subject->dimension + 1, sizeof *point);
    if (count) qsort(targets, count, sizeof *targets, by_node);
    bool good = point && hunt_init(&h, q);
    if (good && count) {
        try_each_at(&h, point);
        try_all_at(&h, point);
        try_random(&h, point);
        go_on(&h, point);
    }
    hunt_release(&h);
    free(point);
    return good && !h.failed ? EVALUATED : EVALUATION_MEMORY;
}
