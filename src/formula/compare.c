#include "formula/compare.h"

#include "formula/condition.h"
#include "ir/build.h"

static bool is_unit(int64_t c) {
    return c == 1 || c == -1;
}

/* The next summand of a sum of whole numbers as coefficient and atom, from the last to the first. */
static node_id next_summand(const struct graph *g, node_id *sum, int64_t *coefficient) {
    bool is_sum = node_op(g, *sum) == OP_IADD;
    node_id term = is_sum ? node_operand(g, *sum, 1) : *sum;
    *sum = is_sum ? node_operand(g, *sum, 0) : 0;
    *coefficient = 1;
    if (node_op(g, term) != OP_IMUL || node_op(g, node_operand(g, term, 0)) != OP_INT) return term;
    *coefficient = node_integer(g, node_operand(g, term, 0));
    return node_operand(g, term, 1);
}

/* Loops come before elements, and among each the inner ones first; then names without subscripts. */
static int rank_of(const struct graph *g, node_id atom, index_id first_element, bool elements) {
    if (node_op(g, atom) == OP_READ) return node_count(g, atom) == 0 || elements ? 1 : 0;
    if (node_op(g, atom) != OP_INDEX) return 0;
    return node_payload(g, atom) < first_element ? 3 : 2;
}

static node_id choose(const struct graph *g, node_id d, index_id first_element, bool elements,
                      int64_t *sign) {
    node_id best = 0;
    int most = 0;
    for (node_id sum = d; sum;) {
        int64_t c;
        node_id atom = next_summand(g, &sum, &c);
        int rank = is_unit(c) ? rank_of(g, atom, first_element, elements) : 0;
        bool inner = best && rank == most && rank > 1 && node_payload(g, atom) > node_payload(g, best);
        if (rank < most || (rank == most && !inner)) continue;
        best = atom;
        most = rank;
        *sign = c;
    }
    return best;
}

/* x >= y + 1 is x > y, x <= y - 1 is x < y. */
static void sharpen(struct graph *g, struct comparison *c, bool at_least) {
    bool sum = node_op(g, c->right) == OP_IADD && node_op(g, node_operand(g, c->right, 1)) == OP_INT;
    int64_t added = sum ? node_integer(g, node_operand(g, c->right, 1)) : 0;
    c->sign = at_least ? " >= " : " <= ";
    if (added != (at_least ? 1 : -1)) return;
    c->right = node_operand(g, c->right, 0);
    c->sign = at_least ? " > " : " < ";
}

/* What is added on one side, what is subtracted on the other. */
static struct comparison in_halves(struct graph *g, node_id d, enum op op) {
    struct comparison c = {mk_int(g, 0),
                           op == OP_ILE   ? " >= "
                           : op == OP_IEQ ? " == "
                                          : " != ",
                           mk_int(g, 0)};
    for (node_id sum = d; sum;) {
        int64_t factor;
        node_id atom = next_summand(g, &sum, &factor);
        bool number = node_op(g, atom) == OP_INT, left = factor > 0 && !number;
        node_id term = mk_imul(g, mk_int(g, left ? factor : -factor), atom);
        if (left)
            c.left = mk_iadd(g, term, c.left);
        else
            c.right = mk_iadd(g, term, c.right);
    }
    return c;
}

struct comparison compare_whole(struct graph *g, enum op op, node_id d, index_id first_element) {
    int64_t sign = 0;
    node_id chosen = choose(g, d, first_element, op == OP_ILE, &sign);
    if (!chosen) return in_halves(g, d, op);
    node_id rest = mk_isub(g, d, mk_imul(g, mk_int(g, sign), chosen));
    node_id bound = sign > 0 ? mk_imul(g, mk_int(g, -1), rest) : rest;
    struct comparison c = {chosen, op == OP_IEQ ? " == " : " != ", bound};
    if (op == OP_ILE) {
        sharpen(g, &c, sign > 0);
        return c;
    }
    bool computed = node_op(g, bound) == OP_IMUL || (node_op(g, bound) == OP_READ && node_count(g, bound));
    if (computed) {
        c.left = bound;
        c.right = chosen;
    }
    return c;
}
