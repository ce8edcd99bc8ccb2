#include "jit/lane.h"

enum {
    MOST_COPIES = 4096, /* of instructions, about, in all inner loops of one loop in lanes */
    MOST_TRIPS = 32
};

static const struct instruction *at(const struct generator *g, uint32_t i) {
    return &g->code->instructions.at[i];
}

static bool is_constant(LLVMValueRef value, int64_t *number) {
    if (!LLVMIsAConstantInt(value)) return false;
    *number = (int64_t)LLVMConstIntGetSExtValue(value);
    return true;
}

/* A loop by 1 with constant ends and few iterations. */
static bool is_short(struct generator *g, uint32_t loop, struct lane_copies *copies) {
    int64_t by, trips;
    const struct instruction *in = at(g, loop);
    copies->loop = loop;
    return is_constant(function_use(g, in->c), &by) && by == 1 &&
           is_constant(function_use(g, in->a), &copies->index) &&
           is_constant(function_use(g, in->b), &copies->last) &&
           !__builtin_sub_overflow(copies->last, copies->index, &trips) && trips < MOST_TRIPS;
}

/* How many instructions the copies of a loop have. An inner loop of whose iterations nothing is known has
 * ends that depend on this one's index, as the rows of a triangle have: half as many iterations, on average.
 */
static double size_of_copies(const struct generator *g, uint32_t loop, double trips) {
    double size = 0, around[MOST_TRIPS], times = trips;
    unsigned depth = 0;
    for (uint32_t i = loop + 1; i < at(g, loop)->partner; i++) {
        size += times;
        if (at(g, i)->kind == CODE_LOOP_END) times = around[--depth];
        if (at(g, i)->kind != CODE_LOOP) continue;
        if (depth == MOST_TRIPS) return MOST_COPIES + 1;
        int64_t most = trips_at_most(g->code, i, g->sizes);
        around[depth++] = times;
        times *= most < MOST_TRIPS ? (double)most : trips / 2;
    }
    return size;
}

static bool is_worth_it(struct generator *g, const struct lane_copies *copies) {
    if (g->lane->copies.count > 0) return true;
    if (!g->lane->full) return false;
    double trips = (double)(copies->last - copies->index + 1);
    double size = trips > 0 ? size_of_copies(g, copies->loop, trips) : 0;
    if (g->lane->copied + size > MOST_COPIES) return false;
    g->lane->copied += size;
    return true;
}

static void set_index(struct generator *g, const struct lane_copies *copies) {
    g->registers[copies->loop] = LLVMConstInt(g->integer, (unsigned long long)copies->index, 1);
}

bool lane_unroll_open(struct generator *g, uint32_t *i) {
    struct lane_copies copies;
    if (!is_short(g, *i, &copies) || !is_worth_it(g, &copies)) return false;
    if (copies.index > copies.last) {
        *i = at(g, *i)->partner + 1;
        return true;
    }
    copies.round = ++g->lane->rounds;
    affine_find(&g->lanes->inner, copies.loop);
    set_index(g, &copies);
    VEC_PUSH(&g->lane->copies, copies);
    ++*i;
    return true;
}

bool lane_unroll_close(struct generator *g, uint32_t *i) {
    if (g->lane->copies.count == 0) return false;
    struct lane_copies *copies = &VEC_LAST(&g->lane->copies);
    if (copies->loop != at(g, *i)->partner) return false;
    if (copies->index++ == copies->last) {
        (void)VEC_POP(&g->lane->copies);
        ++*i;
        return true;
    }
    set_index(g, copies);
    *i = copies->loop + 1;
    return true;
}
