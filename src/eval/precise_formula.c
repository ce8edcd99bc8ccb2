#include "eval/integer.h"
#include "eval/precise.h"

/* Marks what lies below the root; place is 0 elsewhere. */
static bool mark(const struct graph *g, node_id root, uint32_t *place) {
    VEC(node_id) stack = {0};
    VEC_PUSH(&stack, root);
    place[root] = 1;
    while (stack.count && !stack.failed) {
        node_id n = VEC_POP(&stack);
        for (uint32_t k = 0; k < node_count(g, n); k++) {
            node_id operand = node_operand(g, n, k);
            if (!place[operand]) VEC_PUSH(&stack, operand);
            place[operand] = 1;
        }
    }
    bool enough = !stack.failed;
    VEC_FREE(&stack);
    return enough;
}

/* Numbers the marked nodes in order of their ids, operands first. */
static void number(const struct graph *g, struct precise_formula *f, size_t *most_operands) {
    for (node_id n = 1; n <= f->root; n++) {
        if (!f->place[n]) continue;
        f->place[n] = (uint32_t)f->count;
        f->nodes[f->count++] = n;
        if (node_count(g, n) > *most_operands) *most_operands = node_count(g, n);
    }
}

static size_t count_marked(const struct precise_formula *f) {
    size_t count = 0;
    for (node_id n = 1; n <= f->root; n++) count += f->place[n];
    return count;
}

bool precise_formula_init(struct precise *pr, const struct graph *g, node_id root,
                          struct precise_formula *f) {
    size_t most_operands = 1;
    *f = (struct precise_formula){.root = root};
    f->place = calloc((size_t)root + 1, sizeof *f->place);
    if (!f->place || !mark(g, root, f->place)) return false;
    size_t count = count_marked(f);
    f->nodes = malloc(count * sizeof *f->nodes);
    f->values = malloc(count * sizeof *f->values);
    f->integers = calloc(count, sizeof *f->integers);
    if (!f->nodes || !f->values || !f->integers) return false;
    number(g, f, &most_operands);
    f->operands = calloc(most_operands, sizeof *f->operands);
    for (; f->made < count; f->made++) precise_value_init(&f->values[f->made], pr->precision);
    return f->operands != NULL;
}

void precise_formula_release(struct precise_formula *f) {
    for (size_t i = 0; i < f->made; i++) precise_value_clear(&f->values[i]);
    free(f->nodes);
    free(f->place);
    free(f->values);
    free(f->integers);
    free(f->operands);
    *f = (struct precise_formula){.root = 0};
}

static struct precise_value *value_of(struct precise_formula *f, const struct graph *g, node_id n,
                                      uint32_t k) {
    return &f->values[f->place[node_operand(g, n, k)]];
}

static int64_t integer_of(const struct precise_formula *f, const struct graph *g, node_id n, uint32_t k) {
    return f->integers[f->place[node_operand(g, n, k)]];
}

static void copy(struct precise_value *to, const struct precise_value *from) {
    mpfr_set(to->value, from->value, MPFR_RNDN);
    to->error = from->error;
}

static bool real_node(struct precise *pr, const struct graph *g, struct precise_formula *f, size_t i,
                      const struct precise_value *const *inputs) {
    node_id n = f->nodes[i];
    enum op op = node_op(g, n);
    uint32_t count = op == OP_POWI ? 1 : node_count(g, n);
    int64_t exponent = op == OP_POWI ? integer_of(f, g, n, 1) : 0;
    switch ((int)op) {
    case OP_CONST:
    case OP_PI:
    case OP_INFINITY: precise_leaf(pr, g, n, &f->values[i]); return true;
    case OP_READ: copy(&f->values[i], inputs[node_payload(g, n) - 1]); return true;
    case OP_TO_REAL: precise_integer(pr, integer_of(f, g, n, 0), &f->values[i]); return true;
    case OP_SELECT: copy(&f->values[i], value_of(f, g, n, integer_of(f, g, n, 0) ? 1 : 2)); return true;
    default: break;
    }
    for (uint32_t k = 0; k < count; k++) f->operands[k] = value_of(f, g, n, k);
    return precise_operation(pr, op, f->operands, count, exponent, &f->values[i]);
}

/* Both operands of a condition have been computed: nothing here can fail but integers. */
static bool other_node(struct precise *pr, const struct graph *g, struct precise_formula *f, size_t i) {
    node_id n = f->nodes[i];
    enum op op = node_op(g, n);
    int64_t *value = &f->integers[i];
    int64_t a = node_count(g, n) > 0 ? integer_of(f, g, n, 0) : 0;
    int64_t b = node_count(g, n) > 1 ? integer_of(f, g, n, 1) : 0;
    const char *message;
    switch ((int)op) {
    case OP_INT: *value = node_integer(g, n); return true;
    case OP_BOOL: *value = node_payload(g, n); return true;
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE: *value = precise_compare(pr, op, value_of(f, g, n, 0), value_of(f, g, n, 1)); return true;
    case OP_AND: *value = a && b; return true;
    case OP_OR: *value = a || b; return true;
    case OP_ISELECT: *value = a ? b : integer_of(f, g, n, 2); return true;
    default: return integer_apply(op, a, b, value, &message) == NULL;
    }
}

const struct precise_value *precise_formula_evaluate(struct precise *pr, const struct graph *g,
                                                     struct precise_formula *f,
                                                     const struct precise_value *const *inputs) {
    for (size_t i = 0; i < f->count; i++) {
        bool done =
            node_type(g, f->nodes[i]) == TYPE_REAL ? real_node(pr, g, f, i, inputs) : other_node(pr, g, f, i);
        if (!done) return NULL;
    }
    return &f->values[f->place[f->root]];
}
