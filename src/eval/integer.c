#include "eval/integer.h"

#include <string.h>

static int64_t floor_quotient(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* What floor_quotient leaves: 0 or of the sign of b. */
static int64_t floor_rest(int64_t a, int64_t b) {
    int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/* Divisions by -1 are negations: the hardware may trap on the one that overflows. */
static const char *divide(enum op op, int64_t a, int64_t b, int64_t *value, const char **message) {
    if (b == 0) {
        *message = op == OP_IMOD ? "remainder of a division by zero" : "integer division by zero";
        return "division-by-zero";
    }
    if (b == -1) {
        *message = "integer overflow";
        *value = 0;
        return op != OP_IMOD && __builtin_sub_overflow((int64_t)0, a, value) ? "integer-overflow" : NULL;
    }
    *value = op == OP_IMOD ? floor_rest(a, b) : floor_quotient(a, b);
    *message = "the division of integers does not come out even";
    return op == OP_IDIV && a % b != 0 ? "inexact-division" : NULL;
}

const char *integer_apply(enum op op, int64_t a, int64_t b, int64_t *value, const char **message) {
    bool overflow = false;
    *message = "integer overflow";
    switch ((int)op) {
    case OP_IADD: overflow = __builtin_add_overflow(a, b, value); break;
    case OP_IMUL: overflow = __builtin_mul_overflow(a, b, value); break;
    case OP_IDIV:
    case OP_IFLOOR:
    case OP_IMOD: return divide(op, a, b, value, message);
    case OP_IMIN: *value = a < b ? a : b; break;
    case OP_IMAX: *value = a > b ? a : b; break;
    case OP_IABS:
        *value = a;
        overflow = a < 0 && __builtin_sub_overflow((int64_t)0, a, value);
        break;
    case OP_ILT: *value = a < b; break;
    case OP_ILE: *value = a <= b; break;
    case OP_IEQ: *value = a == b; break;
    case OP_INE: *value = a != b; break;
    case OP_NOT: *value = !a; break;
    default: *message = "this is not an integer operation"; return "not-an-integer";
    }
    return overflow ? "integer-overflow" : NULL;
}

bool integer_evaluate(const struct binding *b, const int64_t *index_values, node_id n, int64_t *value,
                      struct diag_list *diags) {
    struct walk w;
    if (!walk_init(&w, b->program, b, NULL, NULL, diags)) return false;
    size_t count = b->program->indices.count;
    if (index_values && count) memcpy(w.index_values, index_values, count * sizeof *index_values);
    bool done = walk_evaluate(&w, n);
    if (done) *value = w.integers[n];
    walk_release(&w);
    return done;
}
