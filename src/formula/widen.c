#include "formula/widen.h"

#include "formula/definition.h"
#include "ir/rewrite.h"
#include "ir/build.h"

enum { DEEPEST = 40 };

/* An index and its range. */
struct free_index {
    index_id index;
    struct dimension range;
};

/* The largest or smallest that a number becomes while the index runs; 0: not found. */
static node_id extreme(struct graph *g, node_id n, const struct free_index *over, bool largest, int depth) {
    if (!uses_index(g, n, over->index)) return n;
    enum op op = node_op(g, n);
    if (op == OP_INDEX) return largest ? over->range.upper : over->range.lower;
    bool scaled = op == OP_IMUL && node_op(g, node_operand(g, n, 0)) == OP_INT;
    if (depth == DEEPEST || (!scaled && op != OP_IADD && op != OP_IMAX && op != OP_IMIN)) return 0;
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    if (scaled) {
        node_id other = extreme(g, b, over, largest == (node_integer(g, a) > 0), depth + 1);
        return other ? mk_imul(g, a, other) : 0;
    }
    a = extreme(g, a, over, largest, depth + 1);
    b = a ? extreme(g, b, over, largest, depth + 1) : 0;
    if (!b) return 0;
    return op == OP_IADD ? mk_iadd(g, a, b) : op == OP_IMAX ? mk_imax(g, a, b) : mk_imin(g, a, b);
}

struct dimension widest_range(struct graph *g, const index_id *indices, const struct dimension *ranges,
                              uint32_t k) {
    struct dimension wide = ranges[k];
    for (uint32_t j = k; j > 0 && wide.lower && wide.upper; j--) {
        const struct free_index over = {indices[j - 1], ranges[j - 1]};
        wide.lower = extreme(g, wide.lower, &over, false, 0);
        wide.upper = extreme(g, wide.upper, &over, true, 0);
    }
    return wide;
}

node_id widen_ranges(struct program *p, const index_id *indices, struct dimension *ranges, uint32_t rank) {
    struct graph *g = p->graph;
    node_id inside = mk_bool(g, true);
    for (uint32_t k = 1; k < rank; k++) {
        const struct dimension wide = widest_range(g, indices, ranges, k), narrow = ranges[k];
        if (!wide.lower || !wide.upper) continue;
        node_id index = mk_index(g, indices[k]);
        if (wide.lower != narrow.lower) inside = mk_and(g, inside, mk_ile(g, narrow.lower, index));
        if (wide.upper != narrow.upper) inside = mk_and(g, inside, mk_ile(g, index, narrow.upper));
        ranges[k] = wide;
    }
    return inside;
}
