#include "check/path.h"

#include "eval/doubles.h"
#include "eval/reference.h"
#include "ir/expand.h"

enum { PATH_BITS = 256 };

/* Each with what it decides; the interpreters take the structures for their own. */
struct doubles_path {
    struct doubles doubles;
    uint64_t decisions;
};
struct reference_path {
    struct reference reference;
    struct walk_reals original;
    uint64_t decisions;
};

static void add(uint64_t *decisions, int64_t decision) {
    *decisions = (*decisions ^ (uint64_t)decision) * 0x9E3779B97F4A7C15u;
    *decisions ^= *decisions >> 29;
}

/* An operation that decides something, and what. */
static void add_operation(uint64_t *decisions, enum op op, double operand, double value) {
    bool whole = op == OP_FLOOR || op == OP_CEIL || op == OP_ROUND || op == OP_TRUNC;
    if (op == OP_ABS) add(decisions, (operand > 0) - (operand < 0));
    if (whole && value > -0x1p62 && value < 0x1p62) add(decisions, (int64_t)value);
}

static bool compare_doubles(void *context, node_id n) {
    struct doubles_path *path = context;
    bool holds = doubles_compare(&path->doubles, n);
    add(&path->decisions, holds);
    return holds;
}

static bool operate_doubles(void *context, node_id n) {
    struct doubles_path *path = context;
    const struct doubles *d = &path->doubles;
    bool done = doubles_operation(&path->doubles, n);
    if (node_count(d->walk.graph, n) == 1 && node_op(d->walk.graph, n) != OP_TO_REAL)
        add_operation(&path->decisions, node_op(d->walk.graph, n),
                      d->values[node_operand(d->walk.graph, n, 0)], d->values[n]);
    return done;
}

/* What is constant is never compared in doubles. */
static bool compare_exactly(void *context, node_id n) {
    struct reference_path *path = context;
    bool holds = path->original.compare(&path->reference, n);
    if (!path->reference.constant[n]) add(&path->decisions, holds);
    return holds;
}

static bool operate_exactly(void *context, node_id n) {
    struct reference_path *path = context;
    const struct reference *r = &path->reference;
    bool done = path->original.operation(&path->reference, n);
    if (done && node_count(r->walk.graph, n) == 1 && node_op(r->walk.graph, n) != OP_TO_REAL &&
        !r->constant[n])
        add_operation(&path->decisions, node_op(r->walk.graph, n),
                      mpfr_sgn(r->values[node_operand(r->walk.graph, n, 0)].value),
                      mpfr_get_d(r->values[n].value, MPFR_RNDN));
    return done;
}

static bool run_doubles(const struct program *p, struct binding *b, uint64_t *decisions,
                        struct diag_list *diags) {
    struct doubles_path path = {.decisions = 0};
    if (!doubles_init(&path.doubles, p, b, diags)) return false;
    struct walk_reals reals = *path.doubles.walk.reals;
    reals.compare = compare_doubles;
    reals.operation = operate_doubles;
    path.doubles.walk.reals = &reals;
    bool done = doubles_evaluate(&path.doubles) == EVALUATED;
    *decisions = path.decisions;
    doubles_release(&path.doubles);
    return done;
}

static bool run_exactly(const struct program *expanded, struct binding *b, uint64_t *decisions,
                        struct diag_list *diags) {
    struct reference_path path = {.decisions = 0};
    if (!reference_init(&path.reference, expanded, b, PATH_BITS, diags)) return false;
    struct walk_reals reals = *path.reference.walk.reals;
    path.original = reals;
    reals.compare = compare_exactly;
    reals.operation = operate_exactly;
    path.reference.walk.reals = &reals;
    path.reference.walk.context = &path;
    bool done = reference_run(&path.reference) == EVALUATED;
    *decisions = path.decisions;
    reference_release(&path.reference);
    return done;
}

bool paths_differ(const struct program *p, struct binding *b, bool *differ, struct diag_list *diags) {
    struct program expanded = {0};
    uint64_t in_doubles = 0, exactly = 0;
    bool done = run_doubles(p, b, &in_doubles, diags) && program_expand(&expanded, p) &&
                run_exactly(&expanded, b, &exactly, diags);
    program_release(&expanded);
    *differ = in_doubles != exactly;
    return done;
}
