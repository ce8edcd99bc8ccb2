#include "lower/affine.h"

#include "ir/build.h"

enum { MOST_VISITS = 256, MOST_TERMS = 32 };

bool affine_holds(const struct graph *g, node_id root, bool (*is_one)(const void *context, index_id index),
                  const void *context) {
    node_id stack[MOST_VISITS];
    size_t count = 1, visits = 0;
    stack[0] = root;
    while (count > 0) {
        node_id n = stack[--count];
        if (++visits > MOST_VISITS || count + node_count(g, n) > MOST_VISITS) return true;
        if (node_op(g, n) == OP_INDEX && is_one(context, node_payload(g, n))) return true;
        for (uint32_t k = 0; k < node_count(g, n); k++) stack[count++] = node_operand(g, n, k);
    }
    return false;
}

static bool is_same(const void *context, index_id index) {
    return *(const index_id *)context == index;
}

bool affine_holds_index(const struct graph *g, node_id n, index_id index) {
    return affine_holds(g, n, is_same, &index);
}

/* A term of a sum: a constant times the index, or free of it. */
static bool term(const struct graph *g, node_id n, index_id index, int64_t *coefficient) {
    int64_t factor = 1;
    if (node_op(g, n) == OP_IMUL && node_op(g, node_operand(g, n, 0)) == OP_INT) {
        factor = node_integer(g, node_operand(g, n, 0));
        n = node_operand(g, n, 1);
    }
    if (node_op(g, n) == OP_INDEX && node_payload(g, n) == index)
        return !__builtin_add_overflow(*coefficient, factor, coefficient);
    return !affine_holds_index(g, n, index);
}

bool affine_in(struct graph *g, node_id n, index_id index, int64_t *coefficient, node_id *rest) {
    node_id sum = n;
    *coefficient = 0;
    for (unsigned terms = 0; node_op(g, sum) == OP_IADD; terms++) {
        if (terms > MOST_TERMS || !term(g, node_operand(g, sum, 1), index, coefficient)) return false;
        sum = node_operand(g, sum, 0);
    }
    if (!term(g, sum, index, coefficient)) return false;
    *rest = n;
    if (*coefficient) *rest = mk_isub(g, n, mk_imul(g, mk_int(g, *coefficient), mk_index(g, index)));
    return !affine_holds_index(g, *rest, index);
}

bool affine_difference(struct graph *g, node_id a, node_id b, int64_t *difference) {
    if (a == b) {
        *difference = 0;
        return true;
    }
    node_id n = mk_isub(g, a, b);
    if (node_op(g, n) != OP_INT) return false;
    *difference = node_integer(g, n);
    return true;
}
