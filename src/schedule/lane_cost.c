#include "schedule/lane_cost.h"

enum {
    LANES = 4,        /* to reckon with */
    ENTRY = 30,       /* of a loop in lanes: its rest, and its sums */
    CALL = 20,        /* of a function */
    CALL_IN_LANE = 5, /* the share of one lane */
    UNKNOWN_TRIPS = 32,
    VARYING_TRIPS = 8 /* where sizes are known: the bounds depend on other loops */
};

/* How much better the inner loops have to be. */
static const double advantage = 0.7;

static const struct instruction *at(const struct lanes *l, uint32_t i) {
    return &l->affine.code->instructions.at[i];
}

static bool is_call(const struct instruction *in) {
    const struct op_info *info = op_info((enum op)in->op);
    return in->kind == CODE_VALUE && info->is_function && !info->intrinsic;
}

/* Steps of an instruction in a scalar loop. */
static double cost_alone(const struct instruction *in) {
    switch ((enum code_kind)in->kind) {
    case CODE_VALUE: return is_call(in) ? CALL : 1;
    case CODE_STORE: return in->update == UPDATE_SET ? 1 : 3;
    case CODE_LOAD:
    case CODE_IF: return 1;
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH:
    case CODE_CLEAR:
    case CODE_LOOP:
    case CODE_LOOP_END:
    case CODE_ELSE:
    case CODE_IF_END:
    case CODE_CHOICE: break;
    }
    return 0;
}

static bool is_apart(enum lane_access access) {
    return access == ACCESS_STRIDED || access == ACCESS_SCATTERED;
}

/* Steps of an instruction for all lanes of a loop, the last one looked at. */
static double cost_in_lanes(const struct lanes *l, uint32_t loop, uint32_t i) {
    const struct instruction *in = at(l, i);
    bool memory = in->kind == CODE_LOAD || in->kind == CODE_STORE;
    enum lane_access access = memory ? lanes_access(l, loop, i) : ACCESS_FIXED;
    if (in->kind == CODE_LOAD && is_apart(access)) return 1.5 * LANES;
    if (in->kind == CODE_STORE && is_apart(access)) return 3.0 * LANES;
    if (in->kind == CODE_STORE && access == ACCESS_SHARED) return 4;
    bool varies = affine_of(&l->affine, loop, i).kind == VARIATION_ANY;
    return is_call(in) && varies ? CALL_IN_LANE * LANES : cost_alone(in);
}

static double trips_of(const struct lanes *l, uint32_t loop) {
    if (at(l, at(l, loop)->c)->kind != CODE_INTEGER) return UNKNOWN_TRIPS;
    int64_t trips = trips_at_most(l->affine.code, loop, l->inputs);
    return trips < INT64_MAX ? (double)trips : l->inputs ? VARYING_TRIPS : UNKNOWN_TRIPS;
}

/* By one iteration of the loop in lanes. */
static double cost_here(const struct lanes *l, uint32_t loop) {
    double cost = 0, times = 1;
    for (uint32_t i = loop + 1; i < at(l, loop)->partner; i++) {
        const struct instruction *in = at(l, i);
        if (in->kind == CODE_LOOP) times *= trips_of(l, i) + 0x1p-20;
        if (in->kind == CODE_LOOP_END) times /= trips_of(l, in->partner) + 0x1p-20;
        cost += times * cost_in_lanes(l, loop, i);
    }
    return cost / LANES;
}

static bool is_innermost(const struct lanes *l, uint32_t loop) {
    for (uint32_t i = loop + 1; i < at(l, loop)->partner; i++)
        if (at(l, i)->kind == CODE_LOOP) return false;
    return true;
}

/* Of a whole innermost loop. */
static double cost_of_innermost(struct lanes *l, uint32_t loop) {
    double trips = trips_of(l, loop), alone = 0, vectors = (double)(int64_t)((trips + LANES - 1) / LANES);
    for (uint32_t i = loop + 1; i < at(l, loop)->partner; i++) alone += cost_alone(at(l, i));
    if (!lanes_suits(l, loop)) return trips * alone;
    double all = 0;
    for (uint32_t i = loop + 1; i < at(l, loop)->partner; i++) all += cost_in_lanes(l, loop, i);
    double in_lanes = ENTRY + vectors * all;
    return in_lanes < trips * alone ? in_lanes : trips * alone;
}

/* By one iteration, with lanes in the innermost loops. */
static double cost_inside(struct lanes *l, uint32_t loop) {
    double cost = 0, times = 1;
    for (uint32_t i = loop + 1; i < at(l, loop)->partner; i++) {
        const struct instruction *in = at(l, i);
        if (in->kind == CODE_LOOP && is_innermost(l, i)) {
            cost += times * cost_of_innermost(l, i);
            i = in->partner;
            continue;
        }
        if (in->kind == CODE_LOOP) times *= trips_of(l, i) + 0x1p-20;
        if (in->kind == CODE_LOOP_END) times /= trips_of(l, in->partner) + 0x1p-20;
        cost += times * cost_alone(in);
    }
    return cost;
}

bool lane_cost_prefers_inner(struct lanes *l, uint32_t loop) {
    if (is_innermost(l, loop)) return false;
    double here = cost_here(l, loop);
    return cost_inside(l, loop) < advantage * here;
}
