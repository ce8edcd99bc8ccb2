#include <math.h>

#include "check/proof_state.h"

#define FOREVER UINT32_MAX

enum {
    FUNCTION_WORK = 30,
    MOST_ROOT_WORK = 200000 /* for one expression with its sides told apart */
};

bool proving_known(const struct proving *s, node_id n) {
    return s->epochs[n] == s->epoch || s->epochs[n] == FOREVER;
}

void proving_begin(struct proving *s) {
    s->epoch = ++s->newest;
}

static bool want(struct proving *s, node_id n) {
    if (proving_known(s, n)) return false;
    struct visit visit = {.node = n};
    if (!VEC_PUSH(&s->visits, visit)) s->exhausted = true;
    return true;
}

/* ---- Sides of conditions ---- */

/* Goes to one side, if it can be reached. */
static bool enter(struct proving *s, node_id condition, bool holds) {
    struct visit *v = &VEC_LAST(&s->visits);
    v->epoch = s->epoch;
    v->assumptions = s->assumptions.count;
    v->inside = v->reached = true;
    if (s->flat) return true;
    v->reached = proving_assume(s, condition, holds);
    s->epoch = ++s->newest;
    return VEC_LAST(&s->visits).reached;
}

static void leave(struct proving *s) {
    struct visit *v = &VEC_LAST(&s->visits);
    if (v->inside) {
        proving_forget(s, v->assumptions);
        s->epoch = v->epoch;
    }
    v->inside = false;
}

static void settle(struct proving *s, node_id n, struct cell value) {
    value.real = proving_limit(s, n, value.real);
    s->values[n] = value;
    s->epochs[n] = s->epoch;
}

enum { CONDITION, FIRST, SECOND };

/* Both sides of a select that can be reached, one after the other. */
static void advance_select(struct proving *s) {
    struct visit *v = &VEC_LAST(&s->visits);
    node_id n = v->node;
    const node_id *operands = node_operands(s->graph, n);
    if (v->phase == CONDITION) {
        if (want(s, operands[0])) return;
        v->truth = s->truths[operands[0]];
        v->first = cell_empty();
        v->phase = FIRST;
        if ((v->truth & MAY_HOLD) && enter(s, operands[0], true) && want(s, operands[1])) return;
    }
    v = &VEC_LAST(&s->visits);
    if (v->phase == FIRST) {
        if (v->inside && v->reached && proving_known(s, operands[1])) v->first = s->values[operands[1]];
        leave(s);
        v->phase = SECOND;
        if ((v->truth & MAY_FAIL) && enter(s, operands[0], false) && want(s, operands[2])) return;
    }
    v = &VEC_LAST(&s->visits);
    struct cell second = cell_empty();
    if (v->inside && v->reached && proving_known(s, operands[2])) second = s->values[operands[2]];
    struct cell first = v->first;
    leave(s);
    settle(s, n, cell_join(first, second));
}

/* The second operand is looked at where the first does not decide. */
static void advance_logic(struct proving *s) {
    struct visit *v = &VEC_LAST(&s->visits);
    node_id n = v->node;
    const node_id *operands = node_operands(s->graph, n);
    bool conjunction = node_op(s->graph, n) == OP_AND;
    enum truth goes_on = conjunction ? MAY_HOLD : MAY_FAIL, decides = conjunction ? MAY_FAIL : MAY_HOLD;
    if (v->phase == CONDITION) {
        if (want(s, operands[0])) return;
        v->truth = s->truths[operands[0]];
        v->phase = FIRST;
        if ((v->truth & goes_on) && enter(s, operands[0], conjunction) && want(s, operands[1])) return;
    }
    v = &VEC_LAST(&s->visits);
    enum truth second = NEVER;
    if (v->inside && v->reached && proving_known(s, operands[1])) second = s->truths[operands[1]];
    enum truth result = (v->truth & decides) | second;
    leave(s);
    s->truths[n] = proving_truth(s, n, result ? result : decides);
    s->epochs[n] = s->epoch;
}

/* ---- Other nodes ---- */

static bool want_operands(struct proving *s, node_id n) {
    const struct graph *g = s->graph;
    bool waiting = false;
    for (uint32_t k = node_count(g, n); k-- > 0;) waiting |= want(s, node_operand(g, n, k));
    if (node_op(g, n) != OP_READ || !s->moving[node_payload(g, n)]) return waiting;
    const struct array *array = program_array_at(s->program, node_payload(g, n));
    for (uint32_t k = 0; k < array->rank; k++) {
        waiting |= want(s, array->dims[k].lower);
        waiting |= want(s, array->dims[k].upper);
    }
    return waiting;
}

static enum truth compare_integers(enum op op, struct interval a, struct interval b) {
    bool single = a.low == a.high && b.low == b.high;
    enum truth equal = (a.low <= b.high && b.low <= a.high ? MAY_HOLD : NEVER) |
                       (single && a.low == b.low ? NEVER : MAY_FAIL);
    switch ((int)op) {
    case OP_ILT: return (a.low < b.high ? MAY_HOLD : NEVER) | (a.high >= b.low ? MAY_FAIL : NEVER);
    case OP_ILE: return (a.low <= b.high ? MAY_HOLD : NEVER) | (a.high > b.low ? MAY_FAIL : NEVER);
    case OP_IEQ: return equal;
    default: return ((equal & MAY_HOLD) ? MAY_FAIL : NEVER) | ((equal & MAY_FAIL) ? MAY_HOLD : NEVER);
    }
}

static enum truth compare_reals(const struct proving *s, node_id n) {
    node_id left = node_operand(s->graph, n, 0), right = node_operand(s->graph, n, 1);
    struct range a = s->values[left].real, b = s->values[right].real;
    enum op op = node_op(s->graph, n);
    if (left == right) return op == OP_LE || op == OP_EQ ? MAY_HOLD : MAY_FAIL;
    if (op == OP_LT) return range_less(a, b);
    if (op == OP_LE) return range_less_or_equal(a, b);
    enum truth equal = range_same(a, b);
    if (op == OP_EQ) return equal;
    return ((equal & MAY_HOLD) ? MAY_FAIL : NEVER) | ((equal & MAY_FAIL) ? MAY_HOLD : NEVER);
}

static enum truth opposite(enum truth truth) {
    return ((truth & MAY_HOLD) ? MAY_FAIL : NEVER) | ((truth & MAY_FAIL) ? MAY_HOLD : NEVER);
}

static void compute_condition(struct proving *s, node_id n) {
    const struct graph *g = s->graph;
    enum op op = node_op(g, n);
    if (op == OP_BOOL)
        s->truths[n] = node_payload(g, n) ? MAY_HOLD : MAY_FAIL;
    else if (op == OP_NOT)
        s->truths[n] = opposite(s->truths[node_operand(g, n, 0)]);
    else if (node_compares_reals(g, n))
        s->truths[n] = compare_reals(s, n);
    else
        s->truths[n] = compare_integers(op, s->values[node_operand(g, n, 0)].integer,
                                        s->values[node_operand(g, n, 1)].integer);
    s->truths[n] = proving_truth(s, n, s->truths[n]);
    s->epochs[n] = s->epoch;
}

static struct interval compute_integer(struct proving *s, node_id n) {
    const struct graph *g = s->graph;
    switch ((int)node_op(g, n)) {
    case OP_INT: return (struct interval){node_integer(g, n), node_integer(g, n)};
    case OP_INDEX: return s->indices[node_payload(g, n)];
    case OP_READ: return proving_read(s, node_payload(g, n), node_operands(g, n)).integer;
    default: break;
    }
    struct interval a = s->values[node_operand(g, n, 0)].integer;
    struct interval b = node_count(g, n) > 1 ? s->values[node_operand(g, n, 1)].integer : a;
    return interval_operation(node_op(g, n), a, b);
}

/* ---- Real numbers ---- */

static void find(struct proving *s, node_id n, enum op op) {
    struct requirement requirements[MOST_REQUIREMENTS];
    struct finding *finding = &s->proof->findings[n];
    size_t count = requirements_of(op, requirements);
    for (uint32_t k = 0; k < count; k++) {
        enum safety safety = requirement_holds(&requirements[k], s->operands.at);
        struct range operand = s->operands.at[requirements[k].operand];
        if (safety == SAFETY_NONE || safety < finding->safety) continue;
        if (safety > finding->safety)
            *finding = (struct finding){safety, k, operand};
        else if (k == finding->requirement)
            finding->operand = range_hull(finding->operand, operand);
    }
}

static struct range power(struct proving *s, node_id n) {
    struct range base = s->operands.at[0], result = range_empty();
    struct interval exponent = s->values[node_operand(s->graph, n, 1)].integer;
    if (exponent.low < 0) find(s, n, OP_POWI);
    if (exponent.low == exponent.high) return range_power(&s->ranger, base, exponent.low);
    if (exponent.high - exponent.low > 8 || exponent.high < exponent.low) {
        bool positive = base.low > 0 || (base.low >= 0 && exponent.low >= 0);
        return positive ? range_of(0, HUGE_VAL) : range_everything();
    }
    for (int64_t k = exponent.low; k <= exponent.high; k++)
        result = range_hull(result, range_power(&s->ranger, base, k));
    return result;
}

static struct range sum(const struct proving *s) {
    struct range result = s->operands.at[0];
    for (size_t k = 1; k < s->operands.count; k++) result = range_add(result, s->operands.at[k]);
    return result;
}

static struct range product(const struct proving *s) {
    struct range result = s->operands.at[0];
    for (size_t k = 1; k < s->operands.count; k++) result = range_mul(result, s->operands.at[k]);
    return result;
}

static struct range whole(struct interval a) {
    struct range result = {(double)a.low, (double)a.high, false, false, false};
    if (a.low > a.high) return range_empty();
    if (a.low < -((int64_t)1 << 53))
        result.low = a.low == INT64_MIN ? -HUGE_VAL : nextafter(result.low, -HUGE_VAL);
    if (a.high > (int64_t)1 << 53)
        result.high = a.high == INT64_MAX ? HUGE_VAL : nextafter(result.high, HUGE_VAL);
    return result;
}

static struct range operate(struct proving *s, node_id n) {
    const struct graph *g = s->graph;
    enum op op = node_op(g, n);
    s->operands.count = 0;
    for (uint32_t k = 0; k < node_count(g, n); k++)
        if (!VEC_PUSH(&s->operands, s->values[node_operand(g, n, k)].real)) s->exhausted = true;
    if (s->exhausted) return range_everything();
    switch ((int)op) {
    case OP_ADD: return sum(s);
    case OP_MUL: return product(s);
    case OP_POWI: return power(s, n);
    default: break;
    }
    find(s, n, op);
    if (op == OP_DIV) return range_div(s->operands.at[0], s->operands.at[1]);
    s->work += FUNCTION_WORK;
    return range_function(&s->ranger, op, s->operands.at, (uint32_t)s->operands.count);
}

static struct range compute_real(struct proving *s, node_id n) {
    const struct graph *g = s->graph;
    switch ((int)node_op(g, n)) {
    case OP_CONST:
    case OP_PI:
    case OP_INFINITY: return range_constant(g, n);
    case OP_TO_REAL: return whole(s->values[node_operand(g, n, 0)].integer);
    case OP_READ: return proving_read(s, node_payload(g, n), node_operands(g, n)).real;
    default: return operate(s, n);
    }
}

static void compute(struct proving *s, node_id n) {
    const struct graph *g = s->graph;
    if (node_type(g, n) == TYPE_BOOL) {
        compute_condition(s, n);
        return;
    }
    struct cell value = {.real = range_everything(), .integer = {INT64_MIN, INT64_MAX}};
    if (node_type(g, n) == TYPE_INT)
        value.integer = compute_integer(s, n);
    else
        value.real = compute_real(s, n);
    settle(s, n, value);
    enum op op = node_op(g, n);
    if (op == OP_CONST || op == OP_PI || op == OP_INFINITY || op == OP_INT) s->epochs[n] = FOREVER;
}

/* ---- Expressions ---- */

static void advance(struct proving *s) {
    node_id n = VEC_LAST(&s->visits).node;
    enum op op = node_op(s->graph, n);
    if (op == OP_SELECT || op == OP_ISELECT)
        advance_select(s);
    else if (op == OP_AND || op == OP_OR)
        advance_logic(s);
    else if (!want_operands(s, n))
        compute(s, n);
}

/* Leaves all sides, to begin again without telling them apart. */
static void flatten(struct proving *s, node_id root) {
    while (s->visits.count) {
        leave(s);
        s->visits.count--;
    }
    s->flat = true;
    s->root_work = 0;
    proving_begin(s);
    want(s, root);
}

bool proving_evaluate(struct proving *s, node_id root) {
    s->visits.count = 0;
    s->root_work = 0;
    want(s, root);
    while (s->visits.count && !s->exhausted && s->work <= s->most_work) {
        struct visit *v = &VEC_LAST(&s->visits);
        /* Within a side the node itself is found in another epoch. */
        if (!v->inside && v->phase == CONDITION && proving_known(s, v->node)) {
            s->visits.count--;
            continue;
        }
        size_t depth = s->visits.count;
        s->work++;
        if (++s->root_work > MOST_ROOT_WORK && !s->flat) {
            flatten(s, root);
            continue;
        }
        advance(s);
        if (s->visits.count == depth && !VEC_LAST(&s->visits).inside &&
            proving_known(s, VEC_LAST(&s->visits).node))
            s->visits.count--;
    }
    s->flat = false;
    return !s->exhausted && s->visits.count == 0;
}
