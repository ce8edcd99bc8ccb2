#include "eval/interval.h"

#include <stdlib.h>

static const struct interval empty = {INT64_MAX, INT64_MIN};
static const struct interval everything = {INT64_MIN, INT64_MAX};

static bool is_empty(struct interval a) {
    return a.low > a.high;
}

static int64_t lesser(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static struct interval hull(struct interval a, struct interval b) {
    return (struct interval){lesser(a.low, b.low), greater(a.high, b.high)};
}

static int64_t sum(int64_t a, int64_t b) {
    int64_t value;
    if (__builtin_add_overflow(a, b, &value)) return a < 0 ? INT64_MIN : INT64_MAX;
    return value;
}

static int64_t product(int64_t a, int64_t b) {
    int64_t value;
    if (__builtin_mul_overflow(a, b, &value)) return (a < 0) != (b < 0) ? INT64_MIN : INT64_MAX;
    return value;
}

static int64_t quotient(int64_t a, int64_t b) {
    if (b == -1) return a == INT64_MIN ? INT64_MAX : -a;
    int64_t value = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? value - 1 : value;
}

/* The extremes of an operation that is monotonic in each operand lie at the corners. */
static struct interval corners(int64_t (*operation)(int64_t, int64_t), struct interval a, struct interval b) {
    struct interval low = {operation(a.low, b.low), operation(a.low, b.low)};
    struct interval result = low;
    const int64_t others[] = {operation(a.low, b.high), operation(a.high, b.low), operation(a.high, b.high)};
    for (size_t i = 0; i < 3; i++) result = hull(result, (struct interval){others[i], others[i]});
    return result;
}

/* Divisors below and above zero apart; zero itself gives no value. */
static struct interval divide(struct interval a, struct interval b) {
    struct interval result = empty;
    struct interval negative = {b.low, lesser(b.high, -1)}, positive = {greater(b.low, 1), b.high};
    if (!is_empty(negative)) result = corners(quotient, a, negative);
    if (!is_empty(positive)) result = hull(result, corners(quotient, a, positive));
    return result;
}

static struct interval remainder_of(struct interval a, struct interval b) {
    if (a.low >= 0 && a.high < b.low) return a;
    struct interval result = {0, 0};
    if (b.high > 0) result.high = b.high - 1;
    if (b.low < 0) result.low = b.low + 1;
    return result;
}

static struct interval magnitude(struct interval a) {
    if (a.low >= 0) return a;
    struct interval mirrored = {product(a.high, -1), product(a.low, -1)};
    if (a.high <= 0) return mirrored;
    return (struct interval){0, greater(mirrored.high, a.high)};
}

struct interval interval_operation(enum op op, struct interval a, struct interval b) {
    if (is_empty(a) || is_empty(b)) return empty;
    switch ((int)op) {
    case OP_IADD: return (struct interval){sum(a.low, b.low), sum(a.high, b.high)};
    case OP_IMUL: return corners(product, a, b);
    case OP_IDIV:
    case OP_IFLOOR: return divide(a, b);
    case OP_IMOD: return remainder_of(a, b);
    case OP_IMIN: return (struct interval){lesser(a.low, b.low), lesser(a.high, b.high)};
    case OP_IMAX: return (struct interval){greater(a.low, b.low), greater(a.high, b.high)};
    case OP_IABS: return magnitude(a);
    default: return everything;
    }
}

static struct interval scan_elements(const struct binding *b, array_id a) {
    const struct bound_array *array = &b->arrays[a];
    if (!role_is_input(b->program->arrays.at[a].role) || !array->at.integer) return everything;
    struct interval result = empty;
    for (size_t i = 0; i < array->count; i++)
        result = hull(result, (struct interval){array->at.integer[i], array->at.integer[i]});
    return result;
}

/* The interval of an array's elements, found once. */
static struct interval of_elements(struct intervals *v, array_id a) {
    size_t count = v->binding->program->arrays.count;
    if (!v->elements) {
        v->elements = calloc(count, sizeof *v->elements);
        v->scanned = calloc(count, sizeof *v->scanned);
    }
    if (!v->elements || !v->scanned || a >= count) return everything;
    if (!v->scanned[a]) v->elements[a] = scan_elements(v->binding, a);
    v->scanned[a] = true;
    return v->elements[a];
}

/* Whether a read is of one element, which the binding has. */
static bool one_element(const struct intervals *v, node_id read, int64_t *value) {
    const struct program *p = v->binding->program;
    array_id a = node_payload(p->graph, read);
    const struct bound_array *array = &v->binding->arrays[a];
    size_t place = 0;
    if (!role_is_input(p->arrays.at[a].role) || !array->at.integer || !array->extent) return false;
    for (uint32_t k = 0; k < node_count(p->graph, read); k++) {
        struct interval at = v->values[node_operand(p->graph, read, k)];
        if (at.low != at.high || !bound_step(array, k, at.low, &place)) return false;
    }
    if (place >= array->count) return false;
    *value = array->at.integer[place];
    return true;
}

static struct interval of_read(struct intervals *v, node_id read) {
    int64_t value;
    if (one_element(v, read, &value)) return (struct interval){value, value};
    return of_elements(v, node_payload(v->binding->program->graph, read));
}

static bool want(struct intervals *v, node_id n) {
    if (node_type(v->binding->program->graph, n) != TYPE_INT || v->known[n]) return false;
    VEC_PUSH(&v->stack, n);
    return true;
}

static struct interval compute(struct intervals *v, node_id n) {
    const struct graph *g = v->binding->program->graph;
    const node_id *operands = node_operands(g, n);
    switch ((int)node_op(g, n)) {
    case OP_INT: return (struct interval){node_integer(g, n), node_integer(g, n)};
    case OP_INDEX: return v->indices ? v->indices[node_payload(g, n)] : everything;
    case OP_READ: return of_read(v, n);
    case OP_ISELECT: return hull(v->values[operands[1]], v->values[operands[2]]);
    default: break;
    }
    struct interval a = v->values[operands[0]];
    return interval_operation(node_op(g, n), a, node_count(g, n) > 1 ? v->values[operands[1]] : a);
}

static bool walk(struct intervals *v, node_id root) {
    const struct graph *g = v->binding->program->graph;
    v->stack.count = 0;
    want(v, root);
    while (v->stack.count && !v->stack.failed) {
        node_id n = VEC_LAST(&v->stack);
        bool waiting = false;
        for (uint32_t k = 0; k < node_count(g, n); k++) waiting |= want(v, node_operand(g, n, k));
        if (waiting) continue;
        v->values[n] = compute(v, n);
        v->known[n] = true;
        v->stack.count--;
    }
    return !v->stack.failed;
}

/* Makes room for nodes up to n. */
static bool make_room(struct intervals *v, node_id n) {
    if (n < v->capacity) return true;
    size_t wanted = (size_t)n + 1 > 2 * v->capacity ? (size_t)n + 1 : 2 * v->capacity;
    struct interval *values = realloc(v->values, wanted * sizeof *values);
    if (values) v->values = values;
    bool *known = realloc(v->known, wanted * sizeof *known);
    if (known) v->known = known;
    if (!values || !known) return false;
    for (size_t k = v->capacity; k < wanted; k++) v->known[k] = false;
    v->capacity = wanted;
    return true;
}

bool intervals_get(struct intervals *v, node_id n, struct interval *result) {
    *result = everything;
    if (node_type(v->binding->program->graph, n) != TYPE_INT) return true;
    if (!make_room(v, n) || !walk(v, n)) return false;
    *result = v->values[n];
    return true;
}

void intervals_release(struct intervals *v) {
    free(v->values);
    free(v->known);
    free(v->elements);
    free(v->scanned);
    VEC_FREE(&v->stack);
    *v = (struct intervals){0};
}

bool interval_of(const struct binding *b, const struct interval *indices, node_id n,
                 struct interval *result) {
    struct intervals v = {.binding = b, .indices = indices};
    bool done = intervals_get(&v, n, result);
    intervals_release(&v);
    return done;
}

bool interval_of_loop(const struct binding *b, const struct interval *indices, const struct step *loop,
                      struct interval *result) {
    struct interval lower, upper, by;
    if (!interval_of(b, indices, loop->lower, &lower) || !interval_of(b, indices, loop->upper, &upper) ||
        !interval_of(b, indices, loop->by, &by))
        return false;
    if (by.low > 0) {
        *result = (struct interval){lower.low, upper.high};
    } else if (by.high < 0) {
        *result = (struct interval){upper.low, lower.high};
    } else {
        *result = hull(lower, upper);
    }
    if (is_empty(lower) || is_empty(upper) || is_empty(*result)) *result = empty;
    return true;
}

/* Bounds are short expressions; where no memory is left for the search, moving is the safe answer. */
static bool depends_on_index(const struct graph *g, node_id root) {
    VEC(node_id) stack = {0};
    bool found = !VEC_PUSH(&stack, root);
    while (stack.count && !found) {
        node_id n = VEC_POP(&stack);
        found = node_op(g, n) == OP_INDEX;
        for (uint32_t k = 0; k < node_count(g, n) && !found; k++)
            found = !VEC_PUSH(&stack, node_operand(g, n, k));
    }
    VEC_FREE(&stack);
    return found;
}

bool array_is_moving(const struct program *p, array_id array) {
    const struct array *a = program_array_at(p, array);
    for (uint32_t k = 0; a->owner && k < a->rank; k++) {
        if (depends_on_index(p->graph, a->dims[k].lower) || depends_on_index(p->graph, a->dims[k].upper))
            return true;
    }
    return false;
}
