#include "lower/regroup.h"

#include <stdlib.h>

#include "ir/build.h"
#include "ir/ops.h"
#include "ir/rewrite.h"

enum { MOST_FACTORS = 8 };

/* A product: a constant and powers of other nodes. */
struct product {
    node_id constant; /* 0: 1 */
    unsigned count;
    struct {
        node_id base;
        int64_t exponent;
    } powers[MOST_FACTORS];
};

/* ---- Products ---- */

static bool add_power(struct product *product, node_id base, int64_t exponent) {
    unsigned k = 0;
    while (k < product->count && product->powers[k].base != base) k++;
    if (k == MOST_FACTORS) return false;
    if (k == product->count) {
        product->powers[product->count++].base = base;
        product->powers[k].exponent = 0;
    }
    product->powers[k].exponent += exponent;
    return true;
}

static bool add_factor(const struct graph *g, struct product *product, node_id n) {
    if (node_op(g, n) == OP_CONST) {
        if (product->constant) return false;
        product->constant = n;
        return true;
    }
    bool power = node_op(g, n) == OP_POWI && node_op(g, node_operand(g, n, 1)) == OP_INT;
    int64_t exponent = power ? node_integer(g, node_operand(g, n, 1)) : 1;
    if (!power || exponent < 1 || exponent > MOST_FACTORS) return add_power(product, n, 1);
    return add_power(product, node_operand(g, n, 0), exponent);
}

/* False where there are too many factors. */
static bool read_product(const struct graph *g, node_id n, struct product *product) {
    node_id stack[2 * MOST_FACTORS];
    unsigned open = 0;
    *product = (struct product){0};
    stack[open++] = n;
    while (open > 0) {
        node_id top = stack[--open];
        if (node_op(g, top) != OP_MUL) {
            if (!add_factor(g, product, top)) return false;
            continue;
        }
        if (open + node_count(g, top) > sizeof stack / sizeof *stack) return false;
        for (uint32_t k = 0; k < node_count(g, top); k++) stack[open++] = node_operand(g, top, k);
    }
    return true;
}

static node_id write_product(struct graph *g, const struct product *product) {
    node_id result = product->constant ? product->constant : mk_one(g);
    for (unsigned k = 0; k < product->count; k++) {
        int64_t exponent = product->powers[k].exponent;
        if (exponent == 0) continue;
        result = mk_mul(g, result, mk_powi(g, product->powers[k].base, mk_int(g, exponent)));
    }
    return result;
}

/* Takes out what both have. */
static bool take_common(struct product *a, struct product *b, struct product *common) {
    *common = (struct product){0};
    for (unsigned i = 0; i < a->count; i++) {
        for (unsigned k = 0; k < b->count; k++) {
            if (a->powers[i].base != b->powers[k].base) continue;
            int64_t least =
                a->powers[i].exponent < b->powers[k].exponent ? a->powers[i].exponent : b->powers[k].exponent;
            add_power(common, a->powers[i].base, least);
            a->powers[i].exponent -= least;
            b->powers[k].exponent -= least;
        }
    }
    return common->count > 0;
}

static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    struct graph *g = w->p->graph;
    struct product a, b, common;
    bool sum = node_op(g, n) == OP_ADD && node_count(g, n) == 2 && read_product(g, operands[0], &a) &&
               read_product(g, operands[1], &b) && take_common(&a, &b, &common);
    if (!sum) return rewrite_same(w, n, operands, same);
    return mk_mul(g, write_product(g, &common), mk_add(g, write_product(g, &a), write_product(g, &b)));
}

/* ---- The program ---- */

/* Whether a node compares nothing, by itself or in what it will be expanded to. */
static bool is_plain(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    if (node_type(g, n) == TYPE_INT) return true;
    if (op_info(op)->is_function) return !op_info(op)->expand;
    return node_type(g, n) == TYPE_REAL && op != OP_SELECT;
}

/* Whether nothing that the steps compute is compared; false too where memory is exhausted. */
static bool compares_nothing(const struct program *p) {
    const struct graph *g = p->graph;
    bool *reached = calloc(graph_count(g), sizeof *reached), plain = reached != NULL;
    for (size_t i = 0; plain && i < p->steps.count; i++) {
        const struct step *s = &p->steps.at[i];
        plain = s->kind != STEP_WHEN && s->op != UPDATE_MAX && s->op != UPDATE_MIN;
        reached[s->value] = true;
    }
    for (size_t n = graph_count(g); plain && n-- > 1;) {
        if (!reached[n]) continue;
        plain = is_plain(g, (node_id)n);
        for (uint32_t k = 0; k < node_count(g, (node_id)n); k++)
            reached[node_operand(g, (node_id)n, k)] = true;
    }
    free(reached);
    return plain;
}

bool program_regroup(struct program *out, const struct program *p) {
    bool applies = compares_nothing(p);
    struct rewriting w = {.p = out, .image = image};
    program_like(out, p);
    for (size_t i = 0; i < p->steps.count && !out->failed; i++) {
        struct step s = p->steps.at[i];
        if (applies) s.value = rewrite(&w, s.value);
        if (applies && s.kind == STEP_END) s.condition = rewrite(&w, s.condition);
        program_copy_step(out, p, &s);
    }
    rewriting_release(&w);
    return !out->failed && !out->graph->failed;
}
