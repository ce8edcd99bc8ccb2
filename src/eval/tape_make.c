#include <math.h>

#include "eval/constant.h"
#include "eval/power.h"
#include "eval/tape.h"
#include "eval/tape_record.h"
#include "ir/expand.h"
#include "support/bits.h"

/* While a tape is made, slots are the numbers of the records that set them (plus 1), behind the constants;
 * share_slots makes them few at the end. */
struct maker {
    struct tape *tape;
    const struct program *p; /* expanded */
    const struct graph *g;
    size_t nodes; /* of it */
    const struct binding *b;
    bool *constant;           /* by node */
    uint64_t *reached;        /* bits by node: a step needs its value */
    uint32_t *value_of;       /* by node: its constant or record, plus 1; 0: not computed */
    VEC(double) constants;    /* by number */
    VEC(node_id) stack, made; /* made: in the order in which they were, within conditions */
    uint32_t conditions;      /* that are open */
    bool unfit;
};

/* Numbers of constants have the highest bit. */
static const uint32_t constant_bit = (uint32_t)1 << 31;

static uint32_t add_record(struct maker *m, enum tape_kind kind, uint32_t what, uint32_t a, uint32_t b) {
    struct tape_record record = {.kind = (uint16_t)kind, .what = (uint16_t)what, .a = a, .b = b};
    LARGE_PUSH(&m->tape->records, record);
    if (m->tape->records.count >= constant_bit - 1) m->unfit = true;
    return (uint32_t)m->tape->records.count;
}

static void add_effect(struct maker *m, enum tape_kind kind, uint32_t what, array_id array, uint32_t a,
                       uint32_t b) {
    add_record(m, kind, what, a, b);
    if (!m->tape->records.failed) VEC_LAST(&m->tape->records).to = array;
}

static uint32_t add_constant(struct maker *m, double value) {
    VEC_PUSH(&m->constants, value);
    return (uint32_t)m->constants.count | constant_bit;
}

static uint32_t operand(const struct maker *m, node_id n, uint32_t k) {
    return m->value_of[node_operand(m->g, n, k)];
}

/* ---- Elements ---- */

/* Where an element stands whose subscripts are constants. */
static bool find_element(struct maker *m, array_id array, const node_id *subscripts, uint32_t rank,
                         uint32_t *element) {
    const struct bound_array *bound = &m->b->arrays[array];
    size_t place = 0;
    bool good = bound->at.real && (rank == 0 || bound->lower) && array < UINT32_MAX;
    for (uint32_t k = 0; good && k < rank; k++)
        good = node_op(m->g, subscripts[k]) == OP_INT &&
               bound_step(bound, k, node_integer(m->g, subscripts[k]), &place);
    good = good && place < UINT32_MAX;
    m->unfit |= !good;
    *element = good ? (uint32_t)place : 0;
    return good;
}

static uint32_t add_load(struct maker *m, node_id n) {
    uint32_t element, array = node_payload(m->g, n);
    find_element(m, array, node_operands(m->g, n), node_count(m->g, n), &element);
    return add_record(m, TAPE_LOAD, 0, array, element);
}

/* ---- Operations ---- */

static uint32_t add_chain(struct maker *m, enum tape_kind kind, node_id n) {
    uint32_t value = operand(m, n, 0);
    for (uint32_t k = 1; k < node_count(m->g, n); k++)
        value = add_record(m, kind, 0, value, operand(m, n, k));
    return value;
}

static uint32_t add_power(struct maker *m, node_id n) {
    int exponent;
    node_id power = node_operand(m->g, n, 1);
    if (power_is_multiplied(m->g, n, &exponent))
        return add_record(m, TAPE_MULTIPLIED, 0, operand(m, n, 0), (uint32_t)exponent);
    m->unfit |= node_op(m->g, power) != OP_INT;
    double value = m->unfit ? 0 : (double)node_integer(m->g, power);
    return add_record(m, TAPE_POW, 0, operand(m, n, 0), add_constant(m, value));
}

static uint32_t add_function(struct maker *m, node_id n) {
    enum op op = node_op(m->g, n);
    const struct op_info *info = op_info(op);
    int halves;
    if (info->libm1) return add_record(m, TAPE_CALL1, (uint32_t)op, operand(m, n, 0), 0);
    if (power_is_halves(m->g, n, &halves))
        return add_record(m, TAPE_HALVES, 0, operand(m, n, 0), (uint32_t)halves);
    if (info->libm2) return add_record(m, TAPE_CALL2, (uint32_t)op, operand(m, n, 0), operand(m, n, 1));
    m->unfit = true;
    return 1;
}

static uint32_t add_choice(struct maker *m, node_id n) {
    add_record(m, TAPE_TEST, 0, operand(m, n, 0), 0);
    return add_record(m, TAPE_PICK, 0, operand(m, n, 1), operand(m, n, 2));
}

static uint32_t add_condition(struct maker *m, node_id n) {
    static const enum tape_kind kinds[OP_COUNT] = {
        [OP_LT] = TAPE_LT,   [OP_LE] = TAPE_LE, [OP_EQ] = TAPE_EQ,  [OP_NE] = TAPE_NE,
        [OP_AND] = TAPE_AND, [OP_OR] = TAPE_OR, [OP_NOT] = TAPE_NOT};
    enum op op = node_op(m->g, n);
    if (op == OP_BOOL) return add_constant(m, node_payload(m->g, n) ? 1 : 0);
    m->unfit |= kinds[op] == 0;
    return add_record(m, kinds[op], 0, operand(m, n, 0), node_count(m->g, n) > 1 ? operand(m, n, 1) : 0);
}

static uint32_t add_operation(struct maker *m, node_id n) {
    if (node_type(m->g, n) == TYPE_BOOL) return add_condition(m, n);
    switch ((int)node_op(m->g, n)) {
    case OP_READ: return add_load(m, n);
    case OP_ADD: return add_chain(m, TAPE_ADD, n);
    case OP_MUL: return add_chain(m, TAPE_MUL, n);
    case OP_DIV: return add_record(m, TAPE_DIV, 0, operand(m, n, 0), operand(m, n, 1));
    case OP_POWI: return add_power(m, n);
    case OP_SELECT: return add_choice(m, n);
    case OP_INFINITY: return add_constant(m, HUGE_VAL);
    case OP_TO_REAL: m->unfit = true; return 1;
    default: return add_function(m, n);
    }
}

/* Whether it must be computed, and so must be asked for. Integers are looked at by their users. */
static bool is_missing(struct maker *m, node_id n) {
    if (m->value_of[n] || node_type(m->g, n) == TYPE_INT) return false;
    double value;
    if (node_type(m->g, n) != TYPE_REAL || !m->constant[n] || !constant_value(m->g, n, &value)) return true;
    m->value_of[n] = add_constant(m, value);
    return false;
}

static bool ask_for_operands(struct maker *m, node_id n) {
    bool waiting = false;
    for (uint32_t k = node_count(m->g, n); k-- > 0;) {
        node_id wanted = node_operand(m->g, n, k);
        if (is_missing(m, wanted)) waiting = VEC_PUSH(&m->stack, wanted);
    }
    return waiting;
}

/* Records that compute a node; returns its value. */
static uint32_t add_value(struct maker *m, node_id root) {
    m->unfit |= node_type(m->g, root) == TYPE_INT;
    if (is_missing(m, root)) VEC_PUSH(&m->stack, root);
    while (m->stack.count && !m->stack.failed && !m->unfit) {
        node_id n = VEC_LAST(&m->stack);
        if (!m->value_of[n] && ask_for_operands(m, n)) continue;
        m->stack.count--;
        if (m->value_of[n]) continue;
        m->value_of[n] = add_operation(m, n);
        if (m->conditions) VEC_PUSH(&m->made, n);
    }
    return m->value_of[root];
}

/* Whether no value depends on when it is computed: there are no conditions, and what is read is given. */
static bool is_timeless(const struct maker *m) {
    for (size_t i = 0; i < m->p->steps.count; i++)
        if (m->p->steps.at[i].kind == STEP_WHEN) return false;
    for (node_id n = 1; n < graph_count(m->g); n++)
        if (node_op(m->g, n) == OP_READ && bits_get(m->reached, n) &&
            !role_is_input(program_array_at(m->p, node_payload(m->g, n))->role))
            return false;
    return true;
}

/* Users stand behind their operands: one walk downwards marks all. */
static void mark_reached(struct maker *m) {
    for (size_t i = 0; i < m->p->steps.count; i++) {
        bits_set(m->reached, m->p->steps.at[i].value);
        bits_set(m->reached, m->p->steps.at[i].condition);
    }
    for (size_t n = graph_count(m->g); n-- > 1;) {
        if (!bits_get(m->reached, n) || m->constant[n]) continue;
        for (uint32_t k = 0; k < node_count(m->g, (node_id)n); k++)
            bits_set(m->reached, node_operand(m->g, (node_id)n, k));
    }
}

enum { AHEAD = 12 }; /* in a long program, memory is asked for so many nodes or records before it is needed */

/* Whether all operands have been computed. */
static bool operands_stand(struct maker *m, node_id n) {
    for (uint32_t k = 0; k < node_count(m->g, n); k++)
        if (is_missing(m, node_operand(m->g, n, k))) return false;
    return true;
}

/* All values in the order in which their nodes were made, which keeps together what belongs together. */
static void add_values_in_order(struct maker *m) {
    mark_reached(m);
    if (!is_timeless(m)) return;
    for (node_id n = 1; n < graph_count(m->g) && !m->unfit; n++) {
        graph_ask_beside(m->g, (size_t)n + AHEAD, m->value_of, sizeof *m->value_of);
        if (!bits_get(m->reached, n) || (m->constant[n] && node_type(m->g, n) == TYPE_REAL) ||
            node_type(m->g, n) == TYPE_INT)
            continue;
        if (operands_stand(m, n))
            m->value_of[n] = add_operation(m, n);
        else
            add_value(m, n);
    }
}

/* ---- Steps ---- */

static void add_update(struct maker *m, const struct step *s) {
    uint32_t element, value = add_value(m, s->value);
    const struct array *array = program_array_at(m->p, s->array);
    m->unfit |= array->type != TYPE_REAL;
    if (find_element(m, s->array, step_subscripts(m->p, s), array->rank, &element))
        add_effect(m, TAPE_UPDATE, s->op, s->array, value, element);
}

static void add_clear(struct maker *m, const struct step *s) {
    uint32_t value = add_value(m, s->value);
    m->unfit |= program_array_at(m->p, s->array)->type != TYPE_REAL;
    add_effect(m, TAPE_CLEAR, 0, s->array, value, 0);
}

/* What a condition holds for: its record, and how much had been made when it began. */
struct opening {
    uint32_t record;
    size_t made;
};

static void add_steps(struct maker *m) {
    VEC(struct opening) open = {0};
    for (size_t i = 0; i < m->p->steps.count && !m->unfit; i++) {
        const struct step *s = &m->p->steps.at[i];
        if (s->kind == STEP_UPDATE) add_update(m, s);
        if (s->kind == STEP_CLEAR) add_clear(m, s);
        m->unfit |= s->kind == STEP_LOOP;
        if (s->kind == STEP_WHEN) {
            uint32_t condition = add_value(m, s->condition);
            struct opening opening = {add_record(m, TAPE_UNLESS, 0, condition, 0), m->made.count};
            m->conditions++;
            m->unfit |= !VEC_PUSH(&open, opening);
        }
        if (s->kind != STEP_END || m->unfit || open.count == 0) continue;
        struct opening opening = VEC_POP(&open);
        m->conditions--;
        uint32_t end = add_record(m, TAPE_END, 0, 0, 0) - 1;
        if (!m->tape->records.failed) m->tape->records.at[opening.record - 1].b = end;
        while (m->made.count > opening.made) m->value_of[VEC_POP(&m->made)] = 0;
    }
    VEC_FREE(&open);
}

/* ---- Slots ---- */

static bool sets_slot(enum tape_kind kind) {
    return kind != TAPE_UPDATE && kind != TAPE_CLEAR && kind != TAPE_TEST && kind != TAPE_UNLESS &&
           kind != TAPE_END;
}

static bool reads_a(enum tape_kind kind) {
    return kind != TAPE_LOAD && kind != TAPE_END;
}

static bool reads_b(enum tape_kind kind) {
    switch (kind) {
    case TAPE_MULTIPLIED:
    case TAPE_HALVES:
    case TAPE_CALL1:
    case TAPE_LOAD:
    case TAPE_UPDATE:
    case TAPE_CLEAR:
    case TAPE_NOT:
    case TAPE_TEST:
    case TAPE_UNLESS:
    case TAPE_END: return false;
    case TAPE_ADD:
    case TAPE_MUL:
    case TAPE_DIV:
    case TAPE_POW:
    case TAPE_CALL2:
    case TAPE_LT:
    case TAPE_LE:
    case TAPE_EQ:
    case TAPE_NE:
    case TAPE_AND:
    case TAPE_OR:
    case TAPE_PICK: break;
    }
    return true;
}

/* Slots are given out from the end to the beginning: the last use of a value, which is met first, takes a
 * slot, and the record that sets it gives it back. */
struct sharing {
    struct tape *tape;
    uint32_t *slot_of; /* by record: the slot of what it sets, plus 1; 0: nothing behind reads it */
    VEC(uint32_t) vacant;
    uint32_t count; /* of slots */
};

/* Asks for what is known of an earlier record's operands. */
static void ask_slots(const struct sharing *s, size_t k) {
    const struct tape_record *r = &s->tape->records.at[k];
    enum tape_kind kind = (enum tape_kind)r->kind;
    if (reads_a(kind) && !(r->a & constant_bit)) __builtin_prefetch(&s->slot_of[r->a - 1], 1);
    if (reads_b(kind) && !(r->b & constant_bit)) __builtin_prefetch(&s->slot_of[r->b - 1], 1);
}

static uint32_t new_slot(struct sharing *s) {
    return s->vacant.count ? VEC_POP(&s->vacant) : s->count++;
}

static uint32_t slot_of_operand(struct sharing *s, uint32_t value) {
    if (value & constant_bit) return (value & ~constant_bit) - 1;
    if (!s->slot_of[value - 1]) s->slot_of[value - 1] = new_slot(s) + 1;
    return s->slot_of[value - 1] - 1;
}

static void share_slots(struct sharing *s) {
    for (size_t k = s->tape->records.count; k-- > 0;) {
        struct tape_record *r = &s->tape->records.at[k];
        enum tape_kind kind = (enum tape_kind)r->kind;
        if (k >= AHEAD) ask_slots(s, k - AHEAD);
        if (sets_slot(kind)) {
            r->to = s->slot_of[k] ? s->slot_of[k] - 1 : new_slot(s);
            VEC_PUSH(&s->vacant, r->to);
        }
        if (reads_a(kind)) r->a = slot_of_operand(s, r->a);
        if (reads_b(kind)) r->b = slot_of_operand(s, r->b);
    }
}

static bool finish(struct maker *m) {
    size_t count = m->tape->records.count;
    struct sharing s = {.tape = m->tape,
                        .slot_of = large_new(count + 1, sizeof *s.slot_of),
                        .count = (uint32_t)m->constants.count};
    bool good = s.slot_of != NULL;
    if (good) {
        share_slots(&s);
        m->tape->slots = malloc(((size_t)s.count + 1) * sizeof *m->tape->slots);
        good = m->tape->slots && !s.vacant.failed;
        for (size_t k = 0; good && k < m->constants.count; k++) m->tape->slots[k] = m->constants.at[k];
    }
    large_free(s.slot_of, count + 1, sizeof *s.slot_of);
    VEC_FREE(&s.vacant);
    return good;
}

/* ---- The whole ---- */

bool tape_may_fit(const struct program *p) {
    for (size_t i = 0; i < p->steps.count; i++)
        if (p->steps.at[i].kind == STEP_LOOP) return false;
    return true;
}

/* What is known by node: records are all that is looked at from then on. */
static void forget_nodes(struct maker *m) {
    free(m->constant);
    free(m->reached);
    large_free(m->value_of, m->nodes, sizeof *m->value_of);
    m->constant = NULL;
    m->reached = NULL;
    m->value_of = NULL;
}

static enum tape_fit make(struct maker *m) {
    m->nodes = graph_count(m->g);
    m->constant = constant_nodes(m->g);
    m->value_of = large_new(m->nodes, sizeof *m->value_of);
    m->reached = calloc(bits_words(m->nodes), sizeof *m->reached);
    if (!m->constant || !m->value_of || !m->reached) return TAPE_MEMORY;
    add_values_in_order(m);
    add_steps(m);
    if (m->unfit) return TAPE_UNFIT;
    forget_nodes(m);
    bool failed = m->stack.failed || m->made.failed || m->constants.failed || m->tape->records.failed;
    return !failed && finish(m) ? TAPE_FITS : TAPE_MEMORY;
}

enum tape_fit tape_make(struct tape *tape, const struct program *p, const struct binding *b) {
    struct program expanded;
    *tape = (struct tape){.slots = NULL};
    if (!tape_may_fit(p)) return TAPE_UNFIT;
    if (!program_expand(&expanded, p)) {
        program_release(&expanded);
        return TAPE_MEMORY;
    }
    struct maker m = {.tape = tape, .p = &expanded, .g = expanded.graph, .b = b};
    enum tape_fit fit = make(&m);
    if (fit != TAPE_FITS) tape_release(tape);
    forget_nodes(&m);
    VEC_FREE(&m.constants);
    VEC_FREE(&m.stack);
    VEC_FREE(&m.made);
    program_release(&expanded);
    return fit;
}
