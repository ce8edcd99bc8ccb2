#include <math.h>

#include "check/proof_state.h"
#include "ir/build.h"

enum { MOST_CONSEQUENCES = 64 };

struct consequence {
    node_id node;
    struct range range;
};

/* What follows, to be taken in turn. */
struct consequences {
    struct consequence at[MOST_CONSEQUENCES];
    size_t count, done;
};

static void follow(struct consequences *c, node_id node, struct range range) {
    if (c->count < MOST_CONSEQUENCES) c->at[c->count++] = (struct consequence){node, range};
}

struct range proving_limit(const struct proving *s, node_id n, struct range value) {
    return s->assumed[n] ? range_meet(value, s->assumptions.at[s->assumed[n] - 1].range) : value;
}

enum truth proving_truth(const struct proving *s, node_id n, enum truth truth) {
    return s->assumed[n] ? s->assumptions.at[s->assumed[n] - 1].truth : truth;
}

void proving_forget(struct proving *s, size_t count) {
    while (s->assumptions.count > count) {
        const struct assumption *last = &VEC_LAST(&s->assumptions);
        s->assumed[last->node] = last->previous;
        s->assumptions.count--;
    }
}

/* The value as far as it is known at present. */
static struct range value_of(const struct proving *s, node_id n) {
    struct range value = proving_known(s, n) ? s->values[n].real : range_everything();
    return proving_limit(s, n, value);
}

/* ---- What a value says of its operands ---- */

/* Of a sum: each operand is the sum without the others. */
static void invert_sum(const struct proving *s, node_id n, struct range range, struct consequences *c) {
    const struct graph *g = s->graph;
    for (uint32_t k = 0; k < node_count(g, n) && node_count(g, n) <= 4; k++) {
        struct range rest = range;
        for (uint32_t i = 0; i < node_count(g, n); i++)
            if (i != k) rest = range_add(rest, range_neg(value_of(s, node_operand(g, n, i))));
        if (node_op(g, node_operand(g, n, k)) != OP_CONST) follow(c, node_operand(g, n, k), rest);
    }
}

static void invert_product(const struct proving *s, node_id n, struct range range, struct consequences *c) {
    const struct graph *g = s->graph;
    if (node_count(g, n) != 2) return;
    for (uint32_t k = 0; k < 2; k++) {
        struct range other = value_of(s, node_operand(g, n, 1 - k));
        if (!range_contains(other, 0) && node_op(g, node_operand(g, n, k)) != OP_CONST)
            follow(c, node_operand(g, n, k), range_div(range, other));
    }
}

/* |x| within a range that begins above 0 leaves x one of two sides, if its own is known. */
static struct range invert_size(struct range value, struct range size) {
    struct range both = {-size.high, size.high, size.high_open, size.high_open, false};
    if (value.low >= 0) return size;
    if (value.high <= 0) return range_neg(size);
    return both;
}

static struct range root_of(struct proving *s, struct range range, int64_t exponent) {
    struct range root, exponents = range_div(range_point(1), range_point((double)exponent));
    struct range operands[2] = {range_meet(range, range_of(0, HUGE_VAL)), exponents};
    root = exponent == 2 ? range_function(&s->ranger, OP_SQRT, operands, 1)
                         : range_function(&s->ranger, OP_POW, operands, 2);
    root.low_open &= range.low_open;
    return root;
}

static void invert_power(struct proving *s, node_id n, struct range range, struct consequences *c) {
    const struct graph *g = s->graph;
    node_id base = node_operand(g, n, 0), exponent = node_operand(g, n, 1);
    if (node_op(g, exponent) != OP_INT) return;
    int64_t whole = node_integer(g, exponent);
    if (whole < 2 || whole > 64 || whole % 2) return;
    follow(c, base, invert_size(value_of(s, base), root_of(s, range, whole)));
}

static void invert(struct proving *s, node_id n, struct range range, struct consequences *c) {
    const struct graph *g = s->graph;
    node_id operand = node_count(g, n) ? node_operand(g, n, 0) : 0;
    switch ((int)node_op(g, n)) {
    case OP_ADD: invert_sum(s, n, range, c); break;
    case OP_MUL: invert_product(s, n, range, c); break;
    case OP_DIV: {
        struct range divisor = value_of(s, node_operand(g, n, 1));
        follow(c, operand, range_mul(range, divisor));
        break;
    }
    case OP_ABS: follow(c, operand, invert_size(value_of(s, operand), range)); break;
    case OP_POWI: invert_power(s, n, range, c); break;
    case OP_SQRT:
        follow(c, operand, range_power(&s->ranger, range_meet(range, range_of(0, HUGE_VAL)), 2));
        break;
    case OP_EXP: follow(c, operand, range_function(&s->ranger, OP_LOG, &range, 1)); break;
    case OP_LOG: follow(c, operand, range_function(&s->ranger, OP_EXP, &range, 1)); break;
    default: break;
    }
}

static void push(struct proving *s, node_id n, struct range range, enum truth truth) {
    struct assumption assumption = {n, s->assumed[n], range, truth};
    if (VEC_PUSH(&s->assumptions, assumption))
        s->assumed[n] = (uint32_t)s->assumptions.count;
    else
        s->exhausted = true;
}

static bool take(struct proving *s, node_id n, struct range range, struct consequences *c) {
    struct range before = value_of(s, n), after = range_meet(before, range);
    if (range_is_empty(after)) return false;
    if (range_equal(before, after)) return true;
    push(s, n, range_meet(range, proving_limit(s, n, range_everything())), NEVER);
    invert(s, n, after, c);
    return true;
}

/* ---- What a comparison says ---- */

static struct range below(struct range b, bool strictly) {
    return (struct range){-HUGE_VAL, b.high, true, strictly || b.high_open, false};
}

static struct range above(struct range b, bool strictly) {
    return (struct range){b.low, HUGE_VAL, strictly || b.low_open, true, false};
}

static struct range unlike(struct range a, struct range b) {
    return range_is_point(b) ? range_without(a, b.low) : a;
}

void differences_of(struct graph *g, node_id comparison, node_id differences[2]) {
    node_id left = node_operand(g, comparison, 0), right = node_operand(g, comparison, 1);
    differences[0] = mk_sub(g, right, left);
    differences[1] = mk_sub(g, left, right);
}

/* b - a and a - b where a < b or a <= b holds or fails. */
static void compare_differences(const struct proving *s, node_id n, bool holds, struct consequences *c) {
    enum op op = node_op(s->graph, n);
    node_id differences[2];
    if (op == OP_EQ || op == OP_NE) return;
    differences_of(s->program->graph, n, differences);
    struct range positive = {0, HUGE_VAL, (op == OP_LT) == holds, true, false};
    for (int k = 0; k < 2; k++) {
        bool upwards = holds == (k == 0);
        if (differences[k] < s->node_count)
            follow(c, differences[k], upwards ? positive : range_neg(positive));
    }
}

static void compare(const struct proving *s, node_id n, bool holds, struct consequences *c) {
    const struct graph *g = s->graph;
    enum op op = node_op(g, n);
    node_id left = node_operand(g, n, 0), right = node_operand(g, n, 1);
    struct range a = value_of(s, left), b = value_of(s, right);
    compare_differences(s, n, holds, c);
    if (op == OP_EQ || op == OP_NE) {
        bool equal = (op == OP_EQ) == holds;
        follow(c, left, equal ? b : unlike(a, b));
        follow(c, right, equal ? a : unlike(b, a));
    } else if (holds) {
        follow(c, left, below(b, op == OP_LT));
        follow(c, right, above(a, op == OP_LT));
    } else {
        follow(c, left, above(b, op == OP_LE));
        follow(c, right, below(a, op == OP_LE));
    }
}

struct claim {
    node_id node;
    bool holds;
};

/* The comparisons that must hold or fail for the condition to. */
static void gather(struct proving *s, node_id condition, bool holds, struct consequences *c) {
    const struct graph *g = s->graph;
    VEC(struct claim) open = {0};
    VEC_PUSH(&open, ((struct claim){condition, holds}));
    while (open.count && !open.failed) {
        struct claim at = VEC_POP(&open);
        if (!s->assumed[at.node]) push(s, at.node, range_everything(), at.holds ? MAY_HOLD : MAY_FAIL);
        switch ((int)node_op(g, at.node)) {
        case OP_NOT: VEC_PUSH(&open, ((struct claim){node_operand(g, at.node, 0), !at.holds})); break;
        case OP_AND:
        case OP_OR:
            if (at.holds != (node_op(g, at.node) == OP_AND)) break;
            VEC_PUSH(&open, ((struct claim){node_operand(g, at.node, 0), at.holds}));
            VEC_PUSH(&open, ((struct claim){node_operand(g, at.node, 1), at.holds}));
            break;
        case OP_LT:
        case OP_LE:
        case OP_EQ:
        case OP_NE: compare(s, at.node, at.holds, c); break;
        default: break;
        }
    }
    s->exhausted |= open.failed;
    VEC_FREE(&open);
}

/* What one comparison says may sharpen what another one does: twice round. */
bool proving_assume(struct proving *s, node_id condition, bool holds) {
    for (int round = 0; round < 2; round++) {
        struct consequences c = {.count = 0};
        gather(s, condition, holds, &c);
        for (; c.done < c.count; c.done++)
            if (!take(s, c.at[c.done].node, c.at[c.done].range, &c)) return false;
        if (node_compares_reals(s->graph, condition)) break;
    }
    return true;
}
