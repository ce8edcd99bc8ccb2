#include "schedule/values.h"

#include <math.h>
#include <string.h>

#include "eval/constant.h"
#include "eval/power.h"
#include "ir/build.h"

static bool same_value(const struct value *a, const struct value *b) {
    return a->op == b->op && a->type == b->type && a->lazy == b->lazy && a->payload == b->payload &&
           a->constant.integer == b->constant.integer &&
           memcmp(a->operands, b->operands, sizeof a->operands) == 0;
}

static size_t hash_value(const struct value *value) {
    uint64_t parts[] = {((uint64_t)value->op << 8) | value->type,
                        value->operands[0],
                        value->operands[1],
                        value->operands[2],
                        value->payload,
                        (uint64_t)value->constant.integer};
    uint64_t hash = 7;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hash = (hash ^ parts[i]) * 0xBF58476D1CE4E5B9U;
        hash ^= hash >> 29;
    }
    return (size_t)hash;
}

static bool grow_slots(struct values *v) {
    if (v->all.count * 2 < v->slots.count) return true;
    size_t count = v->slots.count ? v->slots.count * 2 : 1024;
    if (!VEC_RESERVE(&v->slots, count)) return false;
    v->slots.count = count;
    memset(v->slots.at, 0, count * sizeof *v->slots.at);
    for (value_id id = 1; id < v->all.count; id++) {
        size_t i = hash_value(&v->all.at[id]) & (count - 1);
        while (v->slots.at[i]) i = (i + 1) & (count - 1);
        v->slots.at[i] = id;
    }
    return true;
}

/* The value with these parts, made where it is new. */
static value_id intern(struct values *v, struct value value) {
    if (!grow_slots(v)) v->failed = true;
    if (v->failed) return 0;
    value.unsafe = value.may_fail;
    for (unsigned k = 0; k < value.count; k++) value.unsafe |= v->all.at[value.operands[k]].unsafe;
    size_t i = hash_value(&value) & (v->slots.count - 1);
    for (; v->slots.at[i]; i = (i + 1) & (v->slots.count - 1)) {
        if (same_value(&v->all.at[v->slots.at[i]], &value)) return v->slots.at[i];
    }
    if (v->all.count >= UINT32_MAX - 1 || !VEC_PUSH(&v->all, value)) v->failed = true;
    return v->failed ? 0 : (v->slots.at[i] = (value_id)(v->all.count - 1));
}

static value_id real_constant(struct values *v, node_id n, double real) {
    struct value value = {.op = OP_CONST, .type = TYPE_REAL, .node = n};
    value.constant.real = real;
    return intern(v, value);
}

static value_id integer_constant(struct values *v, node_id n, int64_t integer) {
    struct value value = {.op = OP_INT, .type = TYPE_INT, .node = n};
    value.constant.integer = integer;
    return intern(v, value);
}

static value_id truth(struct values *v, node_id n, bool holds) {
    struct value value = {.op = OP_BOOL, .type = TYPE_BOOL, .node = n};
    value.constant.integer = holds;
    return intern(v, value);
}

static value_id binary(struct values *v, enum op op, enum value_type type, node_id n, value_id a,
                       value_id b) {
    return intern(
        v,
        (struct value){.op = (uint8_t)op, .type = (uint8_t)type, .count = 2, .operands = {a, b}, .node = n});
}

static value_id unary(struct values *v, enum op op, enum value_type type, node_id n, value_id a) {
    return intern(
        v, (struct value){.op = (uint8_t)op, .type = (uint8_t)type, .count = 1, .operands = {a}, .node = n});
}

static value_id choice(struct values *v, node_id n, enum value_type type, value_id condition, value_id a,
                       value_id b) {
    return intern(v, (struct value){.op = type == TYPE_INT ? OP_ISELECT : OP_SELECT,
                                    .type = (uint8_t)type,
                                    .count = 3,
                                    .lazy = true,
                                    .operands = {condition, a, b},
                                    .node = n});
}

/* eval/power.h says in which order. */
static value_id positive_power(struct values *v, node_id n, value_id x, int exponent) {
    value_id result = x;
    int bit = 1;
    while (2 * bit <= exponent) bit *= 2;
    for (bit /= 2; bit > 0; bit /= 2) {
        result = binary(v, OP_MUL, TYPE_REAL, n, result, result);
        if (exponent & bit) result = binary(v, OP_MUL, TYPE_REAL, n, result, x);
    }
    return result;
}

static value_id inverse(struct values *v, node_id n, value_id x) {
    return binary(v, OP_DIV, TYPE_REAL, n, real_constant(v, 0, 1), x);
}

static value_id power(struct values *v, node_id n) {
    const struct graph *g = v->p->graph;
    value_id x = v->image.at[node_operand(g, n, 0)];
    int exponent;
    if (power_is_multiplied(g, n, &exponent)) {
        if (exponent == 0) return real_constant(v, n, 1);
        value_id result = positive_power(v, n, x, exponent < 0 ? -exponent : exponent);
        return exponent < 0 ? inverse(v, n, result) : result;
    }
    value_id real = unary(v, OP_TO_REAL, TYPE_REAL, n, v->image.at[node_operand(g, n, 1)]);
    return binary(v, OP_POW, TYPE_REAL, n, x, real);
}

static value_id power_of_halves(struct values *v, node_id n, int halves) {
    value_id x = v->image.at[node_operand(v->p->graph, n, 0)];
    int whole = (halves < 0 ? -halves : halves) / 2;
    value_id result = unary(v, OP_SQRT, TYPE_REAL, n, x);
    if (whole > 0) result = binary(v, OP_MUL, TYPE_REAL, n, positive_power(v, n, x, whole), result);
    return halves < 0 ? inverse(v, n, result) : result;
}

static node_id extent_of(struct graph *g, const struct array *array, uint32_t k) {
    node_id span = mk_isub(g, array->dims[k].upper, array->dims[k].lower);
    return mk_iadd(g, span, mk_int(g, 1));
}

/* Row by row, counted from the lower bounds. */
static node_id offset_of(struct graph *g, const struct array *array, const node_id *subscripts) {
    node_id offset = mk_int(g, 0);
    for (uint32_t k = 0; k < array->rank; k++) {
        offset = mk_imul(g, offset, extent_of(g, array, k));
        offset = mk_iadd(g, offset, mk_isub(g, subscripts[k], array->dims[k].lower));
    }
    return offset;
}

/* Bounds that move with a loop may cross, which is an empty array. */
static node_id size_of(struct graph *g, const struct array *array) {
    node_id size = mk_int(g, 1);
    for (uint32_t k = 0; k < array->rank; k++) {
        node_id extent = extent_of(g, array, k);
        size = mk_imul(g, size, array->owner ? mk_imax(g, mk_int(g, 0), extent) : extent);
    }
    return size;
}

static node_id offset_at(struct values *v, array_id a, const node_id *subscripts, uint32_t rank) {
    /* Building moves the pool the subscripts may stand in. */
    VEC(node_id) copy = {0};
    for (uint32_t k = 0; k < rank; k++) VEC_PUSH(&copy, subscripts[k]);
    v->failed |= copy.failed;
    node_id offset = copy.failed ? 1 : offset_of(v->p->graph, program_array_at(v->p, a), copy.at);
    VEC_FREE(&copy);
    return offset;
}

static bool grow_image(struct values *v) {
    size_t count = graph_count(v->p->graph);
    if (v->image.count >= count) return true;
    if (v->p->graph->failed || !VEC_RESERVE(&v->image, count)) {
        v->failed = true;
        return false;
    }
    memset(v->image.at + v->image.count, 0, (count - v->image.count) * sizeof *v->image.at);
    v->image.count = count;
    return true;
}

/* Asks for a node's value; true where it must be made first. */
static bool want(struct values *v, node_id n) {
    if (!grow_image(v)) return false;
    if (v->image.at[n]) return false;
    if (!VEC_PUSH(&v->stack, n)) v->failed = true;
    return true;
}

static value_id element(struct values *v, node_id n, node_id offset, node_id size) {
    const struct graph *g = v->p->graph;
    struct value value = {.op = OP_READ,
                          .type = (uint8_t)node_type(g, n),
                          .count = 1,
                          .payload = node_payload(g, n),
                          .operands = {v->image.at[offset]},
                          .node = n};
    if (node_count(g, n) > 0) {
        value_id from = binary(v, OP_ILE, TYPE_BOOL, n, integer_constant(v, 0, 0), v->image.at[offset]);
        value_id to = binary(v, OP_ILT, TYPE_BOOL, n, v->image.at[offset], v->image.at[size]);
        value.may_fail = true;
        value.check = binary(v, OP_AND, TYPE_BOOL, n, from, to);
    }
    return intern(v, value);
}

/* 0 while the offset and the size wait. */
static value_id read(struct values *v, node_id n) {
    struct graph *g = v->p->graph;
    array_id a = node_payload(g, n);
    struct span here = g->here;
    g->here = node_span(g, n);
    node_id offset = offset_at(v, a, node_operands(g, n), node_count(g, n));
    node_id size = size_of(g, program_array_at(v->p, a));
    g->here = here;
    bool waiting = want(v, offset);
    waiting |= want(v, size);
    return waiting || v->failed ? 0 : element(v, n, offset, size);
}

static bool is_function_of(enum op op, uint32_t count) {
    const struct op_info *info = op_info(op);
    return info->is_function && ((count == 1 && info->libm1) || (count == 2 && info->libm2));
}

static value_id division(struct values *v, node_id n, value_id a, value_id b) {
    struct value value = {
        .op = (uint8_t)node_op(v->p->graph, n), .type = TYPE_INT, .count = 2, .operands = {a, b}, .node = n};
    const struct value *divisor = value_at(v, b);
    value.may_fail = divisor->op != OP_INT || divisor->constant.integer == 0;
    if (value.may_fail) value.check = binary(v, OP_INE, TYPE_BOOL, n, b, integer_constant(v, 0, 0));
    return intern(v, value);
}

/* From the left, two at a time. */
static value_id chain(struct values *v, node_id n) {
    const struct graph *g = v->p->graph;
    value_id result = v->image.at[node_operand(g, n, 0)];
    for (uint32_t k = 1; k < node_count(g, n); k++)
        result = binary(v, node_op(g, n), TYPE_REAL, n, result, v->image.at[node_operand(g, n, k)]);
    return result;
}

static value_id logic(struct values *v, node_id n, value_id a, value_id b) {
    enum op op = node_op(v->p->graph, n);
    if (!value_at(v, b)->unsafe) return binary(v, op, TYPE_BOOL, n, a, b);
    return op == OP_AND ? choice(v, n, TYPE_BOOL, a, b, truth(v, 0, false))
                        : choice(v, n, TYPE_BOOL, a, truth(v, 0, true), b);
}

static value_id function(struct values *v, node_id n, value_id a, value_id b) {
    const struct graph *g = v->p->graph;
    enum op op = node_op(g, n);
    int halves;
    if (power_is_halves(g, n, &halves)) return power_of_halves(v, n, halves);
    if (is_function_of(op, node_count(g, n)))
        return b ? binary(v, op, TYPE_REAL, n, a, b) : unary(v, op, TYPE_REAL, n, a);
    v->strange = n;
    v->failed = true;
    return 0;
}

/* The operands have values. */
static value_id translate(struct values *v, node_id n) {
    const struct graph *g = v->p->graph;
    uint32_t count = node_count(g, n);
    value_id a = count > 0 ? v->image.at[node_operand(g, n, 0)] : 0;
    value_id b = count > 1 ? v->image.at[node_operand(g, n, 1)] : 0;
    enum op op = node_op(g, n);
    switch ((int)op) {
    case OP_INFINITY: return real_constant(v, n, HUGE_VAL);
    case OP_INT: return integer_constant(v, n, node_integer(g, n));
    case OP_BOOL: return truth(v, n, node_payload(g, n) != 0);
    case OP_INDEX:
        return intern(
            v, (struct value){.op = OP_INDEX, .type = TYPE_INT, .payload = node_payload(g, n), .node = n});
    case OP_ADD:
    case OP_MUL: return chain(v, n);
    case OP_POWI: return power(v, n);
    case OP_SELECT:
    case OP_ISELECT: return choice(v, n, node_type(g, n), a, b, v->image.at[node_operand(g, n, 2)]);
    case OP_IDIV:
    case OP_IFLOOR:
    case OP_IMOD: return division(v, n, a, b);
    case OP_AND:
    case OP_OR: return logic(v, n, a, b);
    case OP_TO_REAL:
    case OP_IABS:
    case OP_NOT: return unary(v, op, node_type(g, n), n, a);
    default: break;
    }
    if (op_info(op)->is_function) return function(v, n, a, b);
    if (count == 2) return binary(v, op, node_type(g, n), n, a, b);
    v->strange = n;
    v->failed = true;
    return 0;
}

static bool want_operands(struct values *v, node_id n) {
    bool waiting = false;
    for (uint32_t k = node_count(v->p->graph, n); k-- > 0;)
        waiting |= want(v, node_operand(v->p->graph, n, k));
    return waiting;
}

static value_id translate_or_wait(struct values *v, node_id n) {
    double real;
    if (n < v->constant_count && v->constant[n] && node_type(v->p->graph, n) == TYPE_REAL &&
        constant_value(v->p->graph, n, &real))
        return real_constant(v, n, real);
    if (want_operands(v, n)) return 0;
    return node_op(v->p->graph, n) == OP_READ ? read(v, n) : translate(v, n);
}

static value_id value_of(struct values *v, node_id root) {
    v->stack.count = 0;
    want(v, root);
    while (v->stack.count && !v->failed) {
        node_id n = VEC_LAST(&v->stack);
        value_id value = v->image.at[n] ? v->image.at[n] : translate_or_wait(v, n);
        if (!value) continue;
        v->image.at[n] = value;
        v->stack.count--;
    }
    return v->failed ? 0 : v->image.at[root];
}

static void translate_step(struct values *v, const struct step *s) {
    struct graph *g = v->p->graph;
    value_id of = 0, at = 0, size = 0;
    g->here = s->span;
    switch (s->kind) {
    case STEP_UPDATE:
        at = value_of(
            v, offset_at(v, s->array, step_subscripts(v->p, s), program_array_at(v->p, s->array)->rank));
        of = value_of(v, s->value);
        break;
    case STEP_CLEAR:
        at = value_of(v, size_of(g, program_array_at(v->p, s->array)));
        of = value_of(v, s->value);
        break;
    case STEP_LOOP:
        of = value_of(v, s->lower);
        at = value_of(v, s->upper);
        size = value_of(v, s->by);
        break;
    case STEP_WHEN:
    case STEP_END:
        if (s->condition) of = value_of(v, s->condition);
        break;
    }
    if (!VEC_PUSH(&v->of_step, of) || !VEC_PUSH(&v->at_step, at) || !VEC_PUSH(&v->step_size, size))
        v->failed = true;
}

bool values_make(struct values *v, const struct program *p) {
    *v = (struct values){.p = p, .constant_count = graph_count(p->graph)};
    struct value none = {.op = OP_NONE};
    struct span here = p->graph->here;
    v->constant = constant_nodes(p->graph);
    if (!v->constant || !VEC_PUSH(&v->all, none)) v->failed = true;
    for (size_t i = 0; i < p->steps.count && !v->failed; i++) translate_step(v, &p->steps.at[i]);
    p->graph->here = here;
    v->failed |= p->graph->failed;
    return !v->failed;
}

void values_release(struct values *v) {
    free(v->constant);
    VEC_FREE(&v->all);
    VEC_FREE(&v->image);
    VEC_FREE(&v->slots);
    VEC_FREE(&v->stack);
    VEC_FREE(&v->of_step);
    VEC_FREE(&v->at_step);
    VEC_FREE(&v->step_size);
}
