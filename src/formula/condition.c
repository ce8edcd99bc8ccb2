#include "formula/condition.h"

#include "ir/build.h"

int64_t coefficient_of(const struct graph *g, node_id sum, index_id index) {
    for (node_id n = sum; n;) {
        bool is_sum = node_op(g, n) == OP_IADD;
        node_id term = is_sum ? node_operand(g, n, 1) : n;
        if (node_op(g, term) == OP_INDEX && node_payload(g, term) == index) return 1;
        if (node_op(g, term) == OP_IMUL && node_op(g, node_operand(g, term, 0)) == OP_INT) {
            node_id atom = node_operand(g, term, 1);
            if (node_op(g, atom) == OP_INDEX && node_payload(g, atom) == index)
                return node_integer(g, node_operand(g, term, 0));
        }
        n = is_sum ? node_operand(g, n, 0) : 0;
    }
    return 0;
}

node_id without_index(struct graph *g, node_id sum, index_id index, int64_t coefficient) {
    return mk_isub(g, sum, mk_imul(g, mk_int(g, coefficient), mk_index(g, index)));
}

static bool is_declared(enum array_role role) {
    return role == ROLE_UNKNOWN || role == ROLE_PARAM || role == ROLE_COLUMN || role == ROLE_LET;
}

void known_init(struct known *known, struct program *p) {
    struct graph *g = p->graph;
    *known = (struct known){.p = p};
    for (array_id a = 1; a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (!is_declared(array->role) || array->owner) continue;
        for (uint32_t k = 0; k < array->rank; k++) {
            node_id size = mk_iadd(g, mk_isub(g, array->dims[k].upper, array->dims[k].lower), mk_int(g, 1));
            bool have = node_op(g, size) == OP_INT;
            for (size_t i = 0; i < known->facts.count; i++) have |= known->facts.at[i] == size;
            if (!have) VEC_PUSH(&known->facts, size);
        }
    }
}

void known_release(struct known *known) {
    VEC_FREE(&known->facts);
    VEC_FREE(&known->ranges);
}

bool known_add(struct known *known, index_id index, node_id lower, node_id upper) {
    return VEC_PUSH(&known->ranges, ((struct known_range){index, lower, upper}));
}

static bool is_at_least_zero(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_INT && node_integer(g, n) >= 0;
}

/* max(a, b) is at least a; min(a, b) is not. */
static bool follows_from_facts(struct known *known, node_id number) {
    struct graph *g = known->p->graph;
    bool found = is_at_least_zero(g, number);
    for (size_t k = 0; !found && k < known->facts.count; k++)
        found = is_at_least_zero(g, mk_isub(g, number, known->facts.at[k]));
    for (size_t k = 0; !found && k < known->ranges.count; k++) {
        const struct known_range *r = &known->ranges.at[k];
        node_id extent = mk_isub(g, r->upper, r->lower);
        found = is_at_least_zero(g, mk_isub(g, number, extent));
    }
    return found;
}

bool known_not_negative(struct known *known, node_id number) {
    struct graph *g = known->p->graph;
    for (size_t k = known->ranges.count; k > 0; k--) {
        const struct known_range *r = &known->ranges.at[k - 1];
        int64_t c = coefficient_of(g, number, r->index);
        if (c == 0) continue;
        if (follows_from_facts(known, number)) return true;
        node_id least = mk_imul(g, mk_int(g, c), c > 0 ? r->lower : r->upper);
        number = mk_iadd(g, without_index(g, number, r->index, c), least);
    }
    return follows_from_facts(known, number);
}

bool is_whole_comparison(struct graph *g, node_id condition, enum op *op, node_id *d) {
    bool turned = node_op(g, condition) == OP_NOT;
    node_id n = turned ? node_operand(g, condition, 0) : condition;
    *op = node_op(g, n);
    if (*op != OP_ILT && *op != OP_ILE && *op != OP_IEQ && *op != OP_INE) return false;
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1), one = mk_int(g, 1);
    *d = mk_isub(g, b, a);
    if (*op == OP_IEQ || *op == OP_INE) {
        if (turned) *op = *op == OP_IEQ ? OP_INE : OP_IEQ;
        return true;
    }
    if (turned) *d = mk_isub(g, a, b);
    /* a < b is b - a - 1 >= 0; not a <= b is a - b - 1 >= 0; not a < b is a - b >= 0. */
    if ((*op == OP_ILT) != turned) *d = mk_isub(g, *d, one);
    *op = OP_ILE;
    return true;
}

static node_id simplify_order(struct known *known, node_id d) {
    struct graph *g = known->p->graph;
    node_id below = mk_isub(g, mk_int(g, -1), d);
    if (known_not_negative(known, d)) return mk_bool(g, true);
    if (known_not_negative(known, below)) return mk_bool(g, false);
    return mk_ile(g, mk_int(g, 0), d);
}

/* max(a, b) == a is b <= a, min(a, b) == a is b >= a. `0 <= d` says so; 0: d is no such difference. */
static node_id extremum_equals(struct graph *g, node_id d) {
    for (int sign = 1; sign >= -1; sign -= 2) {
        node_id turned = mk_imul(g, mk_int(g, sign), d);
        for (node_id sum = turned; sum;) {
            bool is_sum = node_op(g, sum) == OP_IADD;
            node_id term = is_sum ? node_operand(g, sum, 1) : sum;
            sum = is_sum ? node_operand(g, sum, 0) : 0;
            if (node_op(g, term) != OP_IMAX && node_op(g, term) != OP_IMIN) continue;
            node_id other = mk_isub(g, term, turned), a = node_operand(g, term, 0),
                    b = node_operand(g, term, 1);
            if (other != a && other != b) continue;
            node_id rest = other == a ? b : a;
            return node_op(g, term) == OP_IMAX ? mk_isub(g, other, rest) : mk_isub(g, rest, other);
        }
    }
    return 0;
}

/* Where one side is never passed, "different" is an order. */
static node_id simplify_equality(struct known *known, node_id d, bool equal) {
    struct graph *g = known->p->graph;
    node_id minus_d = mk_imul(g, mk_int(g, -1), d), one = mk_int(g, 1), zero = mk_int(g, 0);
    node_id above = mk_isub(g, d, one), below = mk_isub(g, minus_d, one);
    if (known_not_negative(known, above) || known_not_negative(known, below)) return mk_bool(g, !equal);
    node_id reached = extremum_equals(g, d);
    if (reached) return simplify_order(known, equal ? reached : mk_isub(g, mk_int(g, -1), reached));
    if (!equal && known_not_negative(known, d)) return mk_ile(g, zero, above);
    if (!equal && known_not_negative(known, minus_d)) return mk_ile(g, zero, below);
    if (minus_d < d) d = minus_d;
    return equal ? mk_ieq(g, d, zero) : mk_ine(g, d, zero);
}

/* `(if c then 1 else 0) != 0` is c; 0 for anything else. */
static node_id counted(struct graph *g, node_id n) {
    if (node_op(g, n) != OP_NE) return 0;
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    if (node_is_number(g, a, 0)) {
        node_id c = a;
        a = b, b = c;
    }
    if (!node_is_number(g, b, 0) || node_op(g, a) != OP_SELECT) return 0;
    node_id condition = node_operand(g, a, 0), then = node_operand(g, a, 1), other = node_operand(g, a, 2);
    if (node_is_number(g, then, 1) && node_is_number(g, other, 0)) return condition;
    return node_is_number(g, then, 0) && node_is_number(g, other, 1) ? mk_not(g, condition) : 0;
}

node_id known_simplify(struct known *known, node_id condition) {
    struct graph *g = known->p->graph;
    enum op op;
    node_id d, inner;
    while ((inner = counted(g, condition))) condition = inner;
    if (!is_whole_comparison(g, condition, &op, &d)) return condition;
    return op == OP_ILE ? simplify_order(known, d) : simplify_equality(known, d, op == OP_IEQ);
}
