#include "ir/graph.h"

#include <stdlib.h>
#include <string.h>

void graph_init(struct graph *g) {
    *g = (struct graph){0};
    struct node none = {0};
    struct span nowhere = {0};
    VEC_PUSH(&g->nodes, none);
    VEC_PUSH(&g->spans, nowhere);
    VEC_PUSH(&g->hashes, 0);
    g->failed = g->nodes.failed || g->spans.failed || g->hashes.failed;
    mpq_t zero;
    mpq_init(zero);
    graph_rational(g, zero); /* node 1 */
    mpq_clear(zero);
}

void graph_release(struct graph *g) {
    for (size_t i = 0; i < g->rational_count; i++) mpq_clear(g->rationals[i]);
    free(g->rationals);
    free(g->slots);
    VEC_FREE(&g->nodes);
    VEC_FREE(&g->operands);
    VEC_FREE(&g->spans);
    VEC_FREE(&g->hashes);
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

static bool grow_slots(struct graph *g) {
    if (g->nodes.count * 2 < g->slot_count) return true;
    size_t count = g->slot_count ? g->slot_count * 2 : 256;
    node_id *slots = calloc(count, sizeof *slots);
    if (!slots) return false;
    for (node_id n = 1; n < g->nodes.count; n++) {
        size_t i = g->hashes.at[n] & (count - 1);
        while (slots[i]) i = (i + 1) & (count - 1);
        slots[i] = n;
    }
    free(g->slots);
    g->slots = slots;
    g->slot_count = count;
    return true;
}

/* The operands may be those of another node, which move when there is no room for more. */
static node_id append(struct graph *g, struct node node, const node_id *operands, uint32_t hash) {
    bool any = node.count > 0 && g->operands.count > 0;
    bool own = any && operands >= g->operands.at && operands < g->operands.at + g->operands.count;
    size_t place = own ? (size_t)(operands - g->operands.at) : 0;
    if (g->nodes.count >= UINT32_MAX - 1 || g->operands.count + node.count >= UINT32_MAX) g->failed = true;
    node.first = (uint32_t)g->operands.count;
    for (uint32_t i = 0; i < node.count && !g->failed; i++) {
        node_id operand = own ? g->operands.at[place + i] : operands[i];
        VEC_PUSH(&g->operands, operand);
    }
    VEC_PUSH(&g->nodes, node);
    VEC_PUSH(&g->spans, g->here);
    VEC_PUSH(&g->hashes, hash);
    if (g->nodes.failed || g->operands.failed || g->spans.failed || g->hashes.failed) g->failed = true;
    return g->failed ? 1 : (node_id)(g->nodes.count - 1);
}

static bool same_node(const struct graph *g, node_id n, const struct node *like, const node_id *operands) {
    const struct node *node = &g->nodes.at[n];
    return node->op == like->op && node->type == like->type && node->count == like->count &&
           node->payload == like->payload &&
           (like->count == 0 ||
            memcmp(g->operands.at + node->first, operands, like->count * sizeof *operands) == 0);
}

node_id graph_intern(struct graph *g, enum op op, enum value_type type, const node_id *operands,
                     uint32_t count, uint32_t payload) {
    if (g->failed || !grow_slots(g)) {
        g->failed = true;
        return 1;
    }
    struct node like = {.op = (uint16_t)op, .type = (uint8_t)type, .count = count, .payload = payload};
    uint32_t hash = hash_node(op, type, operands, count, payload);
    size_t i = hash & (g->slot_count - 1);
    for (; g->slots[i]; i = (i + 1) & (g->slot_count - 1)) {
        if (g->hashes.at[g->slots[i]] == hash && same_node(g, g->slots[i], &like, operands))
            return g->slots[i];
    }
    return g->slots[i] = append(g, like, operands, hash);
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
    size_t i = hash & (g->slot_count - 1);
    for (; g->slots[i]; i = (i + 1) & (g->slot_count - 1)) {
        node_id n = g->slots[i];
        if (node_op(g, n) == OP_CONST && mpq_equal(node_rational(g, n), *fresh)) {
            mpq_clear(*fresh);
            return n;
        }
    }
    struct node node = {.op = OP_CONST, .type = TYPE_REAL, .payload = (uint32_t)g->rational_count};
    g->rational_count++;
    return g->slots[i] = append(g, node, NULL, hash);
}

node_id graph_integer(struct graph *g, int64_t value) {
    if (g->failed || !grow_slots(g)) {
        g->failed = true;
        return 1;
    }
    uint32_t hash = hash_node(OP_INT, TYPE_INT, NULL, 0, (uint64_t)value);
    size_t i = hash & (g->slot_count - 1);
    for (; g->slots[i]; i = (i + 1) & (g->slot_count - 1)) {
        if (node_is_int(g, g->slots[i], value)) return g->slots[i];
    }
    struct node node = {.op = OP_INT, .type = TYPE_INT, .payload = (uint32_t)g->integers.count};
    VEC_PUSH(&g->integers, value);
    if (g->integers.failed) g->failed = true;
    return g->slots[i] = append(g, node, NULL, hash);
}

bool node_is_number(const struct graph *g, node_id n, long value) {
    return node_op(g, n) == OP_CONST && mpq_cmp_si(node_rational(g, n), value, 1) == 0;
}
