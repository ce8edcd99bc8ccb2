#include "emit/unroll.h"

/* Iterations (as the helper says), instructions of all of them, and loops in each other. */
enum { MOST_ITERATIONS = 16, MOST_INSTRUCTIONS = 256, DEEPEST = 8, DEEPEST_SUM = 3 };

static const struct instruction *at(const struct body *b, uint32_t i) {
    return &b->code->instructions.at[i];
}

/* Whether a whole number is known: a constant, a frozen param or size, or a short sum or product of such. */
static bool is_known(const struct body *b, code_register r, unsigned depth, int64_t *value) {
    const struct instruction *in = at(b, r);
    int64_t x, y;
    if (in->kind == CODE_INTEGER) {
        *value = in->constant.integer;
        return true;
    }
    if (in->kind == CODE_LOAD) {
        const struct array *array = program_array_at(b->code->program, in->source);
        bool frozen = b->frozen && role_is_input(array->role) && array->rank == 0 && array->type == TYPE_INT;
        if (frozen) *value = *b->frozen->arrays[in->source].at.integer;
        return frozen;
    }
    bool sum = in->op == OP_IADD, fits = in->kind == CODE_VALUE && (sum || in->op == OP_IMUL) && depth > 0;
    if (!fits || !is_known(b, in->a, depth - 1, &x) || !is_known(b, in->b, depth - 1, &y)) return false;
    return sum ? !__builtin_add_overflow(x, y, value) : !__builtin_mul_overflow(x, y, value);
}

/* How many iterations a loop has; more than MOST_ITERATIONS: many, or it is not known. */
static uint32_t iterations(const struct body *b, uint32_t loop) {
    const struct instruction *in = at(b, loop);
    int64_t first, last, by, distance;
    if (!is_known(b, in->a, DEEPEST_SUM, &first) || !is_known(b, in->b, DEEPEST_SUM, &last) ||
        !is_known(b, in->c, DEEPEST_SUM, &by) || by == 0 || __builtin_sub_overflow(last, first, &distance) ||
        distance == INT64_MIN)
        return MOST_ITERATIONS + 1;
    int64_t further = (distance < 0) != (by < 0) && distance != 0 ? -1 : distance / by;
    return further < MOST_ITERATIONS ? (uint32_t)(further + 1) : MOST_ITERATIONS + 1;
}

bool unroll_suits(const struct body *b, uint32_t loop) {
    uint32_t times[DEEPEST], depth = 0, weight = 0;
    times[0] = iterations(b, loop);
    if (!b->frozen || times[0] < 2 || times[0] > MOST_ITERATIONS) return false;
    for (uint32_t i = loop + 1; i < at(b, loop)->partner && weight <= MOST_INSTRUCTIONS; i++) {
        uint8_t kind = at(b, i)->kind;
        if (kind == CODE_LOOP) {
            uint32_t inner = iterations(b, i);
            if (++depth == DEEPEST) return false;
            times[depth] = times[depth - 1] * (inner > MOST_ITERATIONS ? 1 : inner);
        } else if (kind == CODE_LOOP_END) {
            depth--;
        } else if (kind == CODE_VALUE || kind == CODE_LOAD || kind == CODE_STORE) {
            weight += times[depth];
        }
    }
    return weight <= MOST_INSTRUCTIONS;
}
