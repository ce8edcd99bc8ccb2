#include "eval/tape.h"

#include <math.h>

#include "eval/power.h"
#include "eval/tape_record.h"
#include "ir/program.h"

static double truth(bool holds) {
    return holds ? 1 : 0;
}

static void update(double *target, enum update_op op, double value) {
    double old = *target;
    switch (op) {
    case UPDATE_SET: *target = value; break;
    case UPDATE_ADD: *target = old + value; break;
    case UPDATE_MAX: *target = old > value || old != old ? old : value; break;
    case UPDATE_MIN: *target = old < value || old != old ? old : value; break;
    }
}

static void clear(const struct bound_array *bound, double value) {
    for (size_t k = 0; k < bound->count; k++) bound->at.real[k] = value;
}

void tape_run(const struct tape *tape, const struct binding *b) {
    double *slots = tape->slots;
    const struct tape_record *records = tape->records.at;
    bool chosen = false;
    for (size_t k = 0; k < tape->records.count; k++) {
        const struct tape_record *r = &records[k];
        switch ((enum tape_kind)r->kind) {
        case TAPE_ADD: slots[r->to] = slots[r->a] + slots[r->b]; break;
        case TAPE_MUL: slots[r->to] = slots[r->a] * slots[r->b]; break;
        case TAPE_DIV: slots[r->to] = slots[r->a] / slots[r->b]; break;
        case TAPE_MULTIPLIED: slots[r->to] = power_multiplied(slots[r->a], (int32_t)r->b); break;
        case TAPE_HALVES: slots[r->to] = power_halves(slots[r->a], (int32_t)r->b); break;
        case TAPE_POW: slots[r->to] = pow(slots[r->a], slots[r->b]); break;
        case TAPE_CALL1: slots[r->to] = op_info((enum op)r->what)->libm1(slots[r->a]); break;
        case TAPE_CALL2: slots[r->to] = op_info((enum op)r->what)->libm2(slots[r->a], slots[r->b]); break;
        case TAPE_LOAD: slots[r->to] = b->arrays[r->a].at.real[r->b]; break;
        case TAPE_UPDATE:
            update(&b->arrays[r->to].at.real[r->b], (enum update_op)r->what, slots[r->a]);
            break;
        case TAPE_CLEAR: clear(&b->arrays[r->to], slots[r->a]); break;
        case TAPE_LT: slots[r->to] = truth(slots[r->a] < slots[r->b]); break;
        case TAPE_LE: slots[r->to] = truth(slots[r->a] <= slots[r->b]); break;
        case TAPE_EQ: slots[r->to] = truth(slots[r->a] == slots[r->b]); break;
        case TAPE_NE: slots[r->to] = truth(slots[r->a] != slots[r->b]); break;
        case TAPE_AND: slots[r->to] = truth(slots[r->a] != 0 && slots[r->b] != 0); break;
        case TAPE_OR: slots[r->to] = truth(slots[r->a] != 0 || slots[r->b] != 0); break;
        case TAPE_NOT: slots[r->to] = truth(slots[r->a] == 0); break;
        case TAPE_TEST: chosen = slots[r->a] != 0; break;
        case TAPE_PICK: slots[r->to] = slots[chosen ? r->a : r->b]; break;
        case TAPE_UNLESS:
            if (slots[r->a] == 0) k = r->b;
            break;
        case TAPE_END: break;
        }
    }
}

void tape_release(struct tape *tape) {
    LARGE_FREE(&tape->records);
    free(tape->slots);
    tape->slots = NULL;
}
