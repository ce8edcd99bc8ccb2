#include "ir/graph.h"

#include <stdlib.h>
#include <string.h>

#include "ir/stable.h"

void graph_init(struct graph *g) {
    *g = (struct graph){0};
    struct node none = {0};
    struct span nowhere = {0};
    LARGE_PUSH(&g->nodes, none);
    LARGE_PUSH(&g->spans, nowhere);

    g->failed = g->nodes.failed || g->spans.failed;
    mpq_t zero;
    mpq_init(zero);
    graph_rational(g, zero); /* node 1 */
    mpq_clear(zero);
}

void graph_release(struct graph *g) {
    for (size_t i = 0; i < g->rational_count; i++) mpq_clear(g->rationals[i]);
    free(g->rationals);
    large_free(g->slots, g->slot_count, sizeof *g->slots);
    LARGE_FREE(&g->nodes);
    LARGE_FREE(&g->operands);
    LARGE_FREE(&g->spans);
    VEC_FREE(&g->integers);
    *g = (struct graph){0};
}

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash ^= value + 0x9E3779B97F4A7C15U + (hash << 6) + (hash >> 2);
    return hash * 0xBF58476D1CE4E5B9U;
}

/* Constants are hashed by their value, since their pool place is made with them. */
static uint32_t hash_node(enum op op, enum value_type type, const node_id *operands, uint32_t count,
                          uint64_t payload) {
    uint64_t hash = mix(mix((uint64_t)op * 4 + (uint64_t)type, count), payload);
    for (uint32_t i = 0; i < count; i++) hash = mix(hash, operands[i]);
    return (uint32_t)(hash ^ hash >> 32);
}

static uint64_t hash_rational(const mpq_t value) {
    uint64_t hash = (uint64_t)mpq_sgn(value) + 7;
    for (size_t i = 0; i < mpz_size(mpq_numref(value)); i++)
        hash = mix(hash, mpz_getlimbn(mpq_numref(value), (mp_size_t)i));
    hash = mix(hash, 1);
    for (size_t i = 0; i < mpz_size(mpq_denref(value)); i++)
        hash = mix(hash, mpz_getlimbn(mpq_denref(value), (mp_size_t)i));
    return hash;
}

/* Where the search for a hash begins: slots stand in the order of hashes, so that a longer table is filled
 * from its beginning to its end. */
static inline size_t first_slot(const struct graph *g, uint32_t hash) {
    return (size_t)((uint64_t)hash * g->slot_count >> 32);
}

static inline size_t next_slot(const struct graph *g, size_t slot) {
    return slot + 1 < g->slot_count ? slot + 1 : 0;
}

enum { LEAST_SLOTS = 256 };

/* At most four of five slots are taken. */
static bool grow_slots(struct graph *g) {
    if (g->slots_taken * 5 < g->slot_count * 4) return true;
    struct graph_slot *old = g->slots;
    size_t old_count = g->slot_count, count = old_count ? old_count + old_count / 2 : LEAST_SLOTS;
    struct graph_slot *slots = large_new(count, sizeof *slots);
    if (!slots || count > UINT32_MAX) {
        large_free(slots, count, sizeof *slots);
        return false;
    }
    g->slots = slots;
    g->slot_count = count;
    for (size_t k = 0; k < old_count; k++) {
        if (!old[k].node) continue;
        size_t i = first_slot(g, old[k].hash);
        while (slots[i].node) i = next_slot(g, i);
        slots[i] = old[k];
    }
    large_free(old, old_count, sizeof *old);
    return true;
}

/* Makes room for more operands, which may be those of another node: then they move with it. */
static const node_id *reserve_operands(struct graph *g, const node_id *operands, uint32_t count) {
    size_t wanted = g->operands.count + count;
    if (wanted <= g->operands.room) return operands;
    bool any = count > 0 && g->operands.count > 0;
    bool own = any && operands >= g->operands.at && operands < g->operands.at + g->operands.count;
    size_t place = own ? (size_t)(operands - g->operands.at) : 0;
    if (wanted >= UINT32_MAX || !LARGE_RESERVE(&g->operands, wanted)) g->failed = true;
    return own ? g->operands.at + place : operands;
}

static node_id append(struct graph *g, struct node node, const node_id *operands) {
    operands = reserve_operands(g, operands, node.count);
    if (g->nodes.count >= UINT32_MAX - 1) g->failed = true;
    if (g->failed) return 1;
    node.first = (uint32_t)g->operands.count;
    node.constant_first = node.count > 0 && node_op(g, operands[0]) == OP_CONST;
    node.may_be_stable = stable_may_be(g, (enum op)node.op, operands);
    for (uint32_t i = 0; i < node.count; i++) g->operands.at[g->operands.count++] = operands[i];
    LARGE_PUSH(&g->nodes, node);
    LARGE_PUSH(&g->spans, g->here);
    if (g->nodes.failed || g->spans.failed) g->failed = true;
    return g->failed ? 1 : (node_id)(g->nodes.count - 1);
}

static node_id take_slot(struct graph *g, size_t slot, uint32_t hash, node_id n) {
    g->slots[slot] = (struct graph_slot){hash, n};
    g->slots_taken++;
    return n;
}

static bool same_node(const struct graph *g, node_id n, const struct node *like, const node_id *operands) {
    const struct node *node = &g->nodes.at[n];
    return node->op == like->op && node->type == like->type && node->count == like->count &&
           node->payload == like->payload &&
           (like->count == 0 ||
            memcmp(g->operands.at + node->first, operands, like->count * sizeof *operands) == 0);
}

static node_id latest_of(const node_id *operands, uint32_t count) {
    node_id latest = operands[0];
    for (uint32_t k = 1; k < count; k++)
        if (operands[k] > latest) latest = operands[k];
    return latest;
}

static uint16_t filter_bit(const struct node *node, const node_id *operands) {
    uint32_t hash = (node->op + operands[0] + node->payload) * UINT32_C(0x9E3779B9) +
                    operands[node->count - 1] * UINT32_C(0x85EBCA6B);
    return (uint16_t)(1U << (hash >> 28));
}

/* Looks in the list of an operand's users; 0: not there. */
static node_id find_user(const struct graph *g, node_id operand, const struct node *like,
                         const node_id *operands, uint16_t bit) {
    if (!(g->nodes.at[operand].filter & bit)) return 0;
    for (node_id n = g->nodes.at[operand].user; n; n = g->nodes.at[n].next)
        if (same_node(g, n, like, operands)) return n;
    return 0;
}

static node_id append_user(struct graph *g, node_id operand, struct node node, const node_id *operands,
                           uint16_t bit) {
    node.next = g->nodes.at[operand].user;
    node_id n = append(g, node, operands);
    struct node *of = &g->nodes.at[operand];
    if (g->failed) return n;
    of->user = n;
    of->filter |= bit;
    of->chained = (of->chained + 1U) & GRAPH_MOST_CHAINED;
    return n;
}

static node_id intern_in_table(struct graph *g, const struct node *like, const node_id *operands) {
    if (!grow_slots(g)) {
        g->failed = true;
        return 1;
    }
    uint32_t hash =
        hash_node((enum op)like->op, (enum value_type)like->type, operands, like->count, like->payload);
    size_t i = first_slot(g, hash);
    for (; g->slots[i].node; i = next_slot(g, i)) {
        if (g->slots[i].hash == hash && same_node(g, g->slots[i].node, like, operands))
            return g->slots[i].node;
    }
    return take_slot(g, i, hash, append(g, *like, operands));
}

node_id graph_intern(struct graph *g, enum op op, enum value_type type, const node_id *operands,
                     uint32_t count, uint32_t payload) {
    if (g->failed) return 1;
    struct node like = {.op = (uint8_t)op, .type = type & 3U, .count = count, .payload = payload};
    if (count == 0) return intern_in_table(g, &like, operands);
    node_id latest = latest_of(operands, count);
    uint16_t bit = filter_bit(&like, operands);
    node_id n = find_user(g, latest, &like, operands, bit);
    if (n) return n;
    if (g->nodes.at[latest].chained < GRAPH_MOST_CHAINED) return append_user(g, latest, like, operands, bit);
    return intern_in_table(g, &like, operands);
}

static bool grow_rationals(struct graph *g) {
    if (g->rational_count < g->rational_capacity) return true;
    size_t capacity = g->rational_capacity ? g->rational_capacity * 2 : 32;
    mpq_t *moved = realloc(g->rationals, capacity * sizeof *moved);
    if (!moved) return false;
    g->rationals = moved;
    g->rational_capacity = capacity;
    return true;
}

/* Remembers a new constant that is found without looking. */
static node_id note_number(struct graph *g, node_id n) {
    mpq_srcptr value = g->failed ? NULL : node_rational(g, n);
    if (!value || mpz_cmp_ui(mpq_denref(value), 1) != 0 || !mpz_fits_slong_p(mpq_numref(value))) return n;
    long number = mpz_get_si(mpq_numref(value));
    if (number >= GRAPH_LEAST_NUMBER && number < GRAPH_LEAST_NUMBER + GRAPH_NUMBERS)
        g->numbers[number - GRAPH_LEAST_NUMBER] = n;
    return n;
}

node_id graph_rational(struct graph *g, const mpq_t value) {
    if (g->failed || !grow_slots(g) || !grow_rationals(g)) {
        g->failed = true;
        return 1;
    }
    mpq_t *fresh = &g->rationals[g->rational_count];
    mpq_init(*fresh);
    mpq_set(*fresh, value);
    mpq_canonicalize(*fresh);
    uint32_t hash = hash_node(OP_CONST, TYPE_REAL, NULL, 0, hash_rational(*fresh));
    size_t i = first_slot(g, hash);
    for (; g->slots[i].node; i = next_slot(g, i)) {
        node_id n = g->slots[i].node;
        if (g->slots[i].hash == hash && node_op(g, n) == OP_CONST && mpq_equal(node_rational(g, n), *fresh)) {
            mpq_clear(*fresh);
            return n;
        }
    }
    struct node node = {.op = OP_CONST, .type = TYPE_REAL, .payload = (uint32_t)g->rational_count};
    g->rational_count++;
    return note_number(g, take_slot(g, i, hash, append(g, node, NULL)));
}

node_id graph_integer(struct graph *g, int64_t value) {
    if (g->failed || !grow_slots(g)) {
        g->failed = true;
        return 1;
    }
    uint32_t hash = hash_node(OP_INT, TYPE_INT, NULL, 0, (uint64_t)value);
    size_t i = first_slot(g, hash);
    for (; g->slots[i].node; i = next_slot(g, i)) {
        if (g->slots[i].hash == hash && node_is_int(g, g->slots[i].node, value)) return g->slots[i].node;
    }
    struct node node = {.op = OP_INT, .type = TYPE_INT, .payload = (uint32_t)g->integers.count};
    VEC_PUSH(&g->integers, value);
    if (g->integers.failed) g->failed = true;
    return take_slot(g, i, hash, append(g, node, NULL));
}

bool graph_compare_number(const struct graph *g, node_id n, long value) {
    return node_op(g, n) == OP_CONST && mpq_cmp_si(node_rational(g, n), value, 1) == 0;
}
