#include "schedule/count.h"

#include <math.h>

#include "eval/integer.h"

/* About how long it takes, in nanoseconds, in code of good quality. */
static const double simple_time = 0.3, division_time = 1.5, call_time = 10, access_time = 0.2;

struct open_loop {
    double weight, lanes; /* what counted around it */
};

struct counting {
    struct code_counts *counts;
    const struct code *code;
    const struct binding *inputs;
    const struct lanes *lanes;
    unsigned lane_count;
    int64_t *values; /* by register, where it is known */
    bool *known;
    VEC(struct open_loop) open;
    double weight, in_lanes; /* in_lanes: how many iterations an instruction makes at once */
};

static void set_known(struct counting *c, uint32_t i, int64_t value) {
    c->values[i] = value;
    c->known[i] = true;
}

/* ---- Whole numbers ---- */

static void find_loaded(struct counting *c, uint32_t i) {
    const struct instruction *in = &c->code->instructions.at[i];
    bool given = in->source < c->inputs->array_count &&
                 role_is_input(program_array_at(c->code->program, in->source)->role);
    const struct bound_array *bound = given ? &c->inputs->arrays[in->source] : NULL;
    int64_t element = c->known[in->a] ? c->values[in->a] : -1;
    if (in->type == TYPE_INT && bound && bound->at.integer && element >= 0 &&
        (uint64_t)element < bound->count)
        set_known(c, i, bound->at.integer[element]);
}

static void find_computed(struct counting *c, uint32_t i) {
    const struct instruction *in = &c->code->instructions.at[i];
    const char *message;
    int64_t value;
    bool operands = c->known[in->a] && (in->count < 2 || c->known[in->b]) && in->count <= 2;
    if (operands && !integer_apply((enum op)in->op, c->values[in->a], in->count > 1 ? c->values[in->b] : 0,
                                   &value, &message))
        set_known(c, i, value);
}

/* ---- Loops ---- */

static double trips(const struct counting *c, const struct instruction *loop) {
    if (!c->known[loop->a] || !c->known[loop->b] || !c->known[loop->c] || c->values[loop->c] == 0) return NAN;
    double distance = (double)c->values[loop->b] - (double)c->values[loop->a];
    return fmax(0, floor(distance / (double)c->values[loop->c]) + 1);
}

static bool open_loop(struct counting *c, uint32_t i) {
    const struct instruction *in = &c->code->instructions.at[i];
    bool in_lanes = c->lanes && c->lanes->chosen && c->lanes->chosen[i];
    double times = trips(c, in);
    struct code_loop loop = {.index = in->source,
                             .depth = (uint32_t)c->open.count,
                             .times = c->weight * times,
                             .ordered = order_is_sequential((enum loop_order)in->order),
                             .shared = in->order == ORDER_APART,
                             .in_lanes = in_lanes};
    struct open_loop around = {c->weight, c->in_lanes};
    if (!isnan(times)) c->weight *= times;
    if (in_lanes) c->in_lanes = c->lane_count;
    if (c->known[in->a] && c->known[in->b])
        set_known(c, i, c->values[in->a] + (c->values[in->b] - c->values[in->a]) / 2);
    return VEC_PUSH(&c->open, around) && VEC_PUSH(&c->counts->loops, loop);
}

static void close_loop(struct counting *c) {
    struct open_loop around = VEC_POP(&c->open);
    c->weight = around.weight;
    c->in_lanes = around.lanes;
}

/* ---- Instructions ---- */

static void add(struct counting *c, double *count, double time) {
    *count += c->weight;
    c->counts->seconds += 1e-9 * time * c->weight / c->in_lanes;
}

static bool is_negation(const struct counting *c, const struct instruction *in) {
    const struct instruction *a = &c->code->instructions.at[in->a];
    return a->kind == CODE_REAL && a->constant.real == -1;
}

static void count_value(struct counting *c, uint32_t i) {
    const struct instruction *in = &c->code->instructions.at[i];
    struct code_counts *counts = c->counts;
    enum op op = (enum op)in->op;
    if (in->type != TYPE_REAL) find_computed(c, i);
    if (op == OP_ADD)
        add(c, &counts->additions, simple_time);
    else if (op == OP_MUL && !is_negation(c, in)) /* a difference is one operation */
        add(c, &counts->multiplications, simple_time);
    else if (op == OP_DIV)
        add(c, &counts->divisions, division_time);
    else if (op_info(op)->is_function)
        add(c, &counts->calls[op], op_info(op)->intrinsic ? division_time : call_time);
    else if (op != OP_MUL)
        add(c, &counts->others, simple_time);
}

static bool count_instruction(struct counting *c, uint32_t i) {
    const struct instruction *in = &c->code->instructions.at[i];
    switch ((enum code_kind)in->kind) {
    case CODE_INTEGER:
    case CODE_TRUTH: set_known(c, i, in->constant.integer); break;
    case CODE_VALUE: count_value(c, i); break;
    case CODE_LOAD: find_loaded(c, i); /* fall through */
    case CODE_STORE:
        if (!code_is_local(c->code->program, in->source)) add(c, &c->counts->accesses, access_time);
        if (in->kind == CODE_STORE && in->update == UPDATE_ADD) add(c, &c->counts->additions, simple_time);
        break;
    case CODE_CLEAR:
        if (c->known[in->a]) c->counts->accesses += c->weight * (double)c->values[in->a];
        break;
    case CODE_LOOP: return open_loop(c, i);
    case CODE_LOOP_END: close_loop(c); break;
    case CODE_NONE:
    case CODE_REAL:
    case CODE_IF:
    case CODE_ELSE:
    case CODE_IF_END:
    case CODE_CHOICE: break;
    }
    return true;
}

bool code_count(struct code_counts *counts, const struct code *code, const struct binding *inputs,
                const struct lanes *lanes, unsigned lane_count) {
    size_t count = code->instructions.count;
    struct counting c = {
        .counts = counts, .code = code, .inputs = inputs, .lanes = lanes, .lane_count = lane_count};
    *counts = (struct code_counts){0};
    c.weight = c.in_lanes = 1;
    c.values = calloc(count + 1, sizeof *c.values);
    c.known = calloc(count + 1, sizeof *c.known);
    bool good = c.values && c.known;
    for (uint32_t i = 1; good && i < count; i++) good = count_instruction(&c, i);
    free(c.values);
    free(c.known);
    VEC_FREE(&c.open);
    return good;
}

void code_counts_release(struct code_counts *counts) {
    VEC_FREE(&counts->loops);
}
