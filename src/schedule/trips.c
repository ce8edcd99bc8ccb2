#include "schedule/trips.h"

enum { DEEPEST = 12 /* expressions within each other that are looked into */ };

static const struct instruction *at(const struct code *code, code_register r) {
    return &code->instructions.at[r];
}

/* ---- Known numbers ---- */

bool trips_input(const struct program *p, const struct binding *inputs, array_id a, int64_t *value) {
    const struct array *array = program_array_at(p, a);
    if (!inputs || a >= inputs->array_count || array->rank > 0 || array->type != TYPE_INT) return false;
    if (!role_is_input(array->role) || !inputs->arrays[a].at.integer) return false;
    int64_t given = inputs->arrays[a].at.integer[0];
    *value = given > TRIPS_LARGE ? TRIPS_LARGE : given < -TRIPS_LARGE ? -TRIPS_LARGE : given;
    return true;
}

static bool known_operation(enum op op, int64_t a, int64_t b, int64_t *value) {
    switch ((int)op) {
    case OP_IADD: return !__builtin_add_overflow(a, b, value);
    case OP_IMUL: return !__builtin_mul_overflow(a, b, value);
    case OP_IMIN: *value = a < b ? a : b; return true;
    case OP_IMAX: *value = a > b ? a : b; return true;
    default: return false;
    }
}

static bool known(const struct code *code, const struct binding *inputs, code_register r, unsigned depth,
                  int64_t *value) {
    const struct instruction *in = at(code, r);
    int64_t a, b;
    if (in->kind == CODE_INTEGER) {
        *value = in->constant.integer;
        return true;
    }
    if (in->kind == CODE_LOAD) return trips_input(code->program, inputs, in->source, value);
    if (in->kind != CODE_VALUE || in->count != 2 || depth == 0) return false;
    return known(code, inputs, in->a, depth - 1, &a) && known(code, inputs, in->b, depth - 1, &b) &&
           known_operation((enum op)in->op, a, b, value);
}

/* ---- Differences of unknown ones ---- */

/* A register plus a constant. */
struct shifted {
    code_register r; /* 0: the constant alone */
    int64_t by;
};

static struct shifted shifted(const struct code *code, code_register r) {
    struct shifted result = {r, 0};
    for (unsigned depth = 0; depth < DEEPEST && result.r; depth++) {
        const struct instruction *in = at(code, result.r);
        if (in->kind == CODE_INTEGER) {
            if (__builtin_add_overflow(result.by, in->constant.integer, &result.by))
                return (struct shifted){r, 0};
            result.r = 0;
        } else if (in->kind == CODE_VALUE && in->op == OP_IADD && at(code, in->b)->kind == CODE_INTEGER) {
            if (__builtin_add_overflow(result.by, at(code, in->b)->constant.integer, &result.by))
                return (struct shifted){r, 0};
            result.r = in->a;
        } else {
            break;
        }
    }
    return result;
}

bool trips_distance(const struct code *code, code_register a, code_register b, int64_t *distance) {
    struct shifted from = shifted(code, a), to = shifted(code, b);
    return from.r == to.r && !__builtin_sub_overflow(to.by, from.by, distance);
}

/* The register itself and, where it is the extremum of two, these. */
static unsigned parts_of(const struct code *code, code_register r, enum op extremum, code_register parts[3]) {
    const struct instruction *in = at(code, r);
    parts[0] = r;
    if (in->kind != CODE_VALUE || in->op != extremum) return 1;
    parts[1] = in->a;
    parts[2] = in->b;
    return 3;
}

/* high is a minimum, low a maximum: the distance is at most that of any two of their operands. */
static int64_t greatest_distance(const struct code *code, code_register low, code_register high) {
    code_register lows[3], highs[3];
    unsigned low_count = parts_of(code, low, OP_IMAX, lows),
             high_count = parts_of(code, high, OP_IMIN, highs);
    int64_t least = INT64_MAX, distance;
    for (unsigned i = 0; i < low_count; i++) {
        for (unsigned k = 0; k < high_count; k++) {
            struct shifted a = shifted(code, lows[i]), b = shifted(code, highs[k]);
            if (a.r == b.r && !__builtin_sub_overflow(b.by, a.by, &distance) && distance < least)
                least = distance;
        }
    }
    return least;
}

int64_t trips_at_most(const struct code *code, uint32_t loop, const struct binding *inputs) {
    const struct instruction *in = at(code, loop);
    int64_t step = at(code, in->c)->constant.integer, from, to, distance;
    code_register low = step > 0 ? in->a : in->b, high = step > 0 ? in->b : in->a;
    if (known(code, inputs, low, DEEPEST, &from) && known(code, inputs, high, DEEPEST, &to)) {
        if (__builtin_sub_overflow(to, from, &distance)) return INT64_MAX;
    } else {
        distance = greatest_distance(code, low, high);
    }
    if (distance < 0) return 0;
    uint64_t size = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    return distance == INT64_MAX ? INT64_MAX : (int64_t)((uint64_t)distance / size) + 1;
}
