#include <stdlib.h>
#include <string.h>

#include "formula/decimal.h"
#include "formula/layout.h"
#include "formula/product.h"
#include "ir/build.h"

static struct graph *graph_of(const struct layout *l) {
    return l->program->graph;
}

/* The forms of a product. */
struct fraction {
    VEC(struct form *) above, below;
    bool negative;
    int degree;
};

/* ---- Factors ---- */

static bool want_factors(struct layout *l, const struct factor *factors, size_t count) {
    bool waiting = false;
    for (size_t k = 0; k < count; k++) {
        waiting |= layout_want(l, factors[k].base);
        if (factors[k].exponent) waiting |= layout_want(l, factors[k].exponent);
    }
    return waiting;
}

static bool is_even(const struct graph *g, node_id exponent) {
    return exponent && node_op(g, exponent) == OP_INT && node_integer(g, exponent) % 2 == 0;
}

/* The form of a factor; a sign goes to the whole. */
static struct form *factor_form(struct layout *l, const struct factor *f, bool *negative) {
    struct form *base = layout_made(l, f->base);
    bool known = !f->exponent || node_op(graph_of(l), f->exponent) == OP_INT;
    if (base->negative && base->strength >= BINDS_PRODUCT && known) {
        if (!is_even(graph_of(l), f->exponent)) *negative = !*negative;
        base = form_signed(l->program->arena, base, false);
    }
    if (!base || !f->exponent) return base;
    struct form *parts[2] = {base, layout_made(l, f->exponent)};
    return layout_make(l, (struct form){.kind = FORM_POWER, .strength = BINDS_POWER, .degree = 1}, parts, 2);
}

static int degree_of_factor(const struct graph *g, const struct factor *f, const struct form *base) {
    int64_t exponent = f->exponent && node_op(g, f->exponent) == OP_INT ? node_integer(g, f->exponent) : 1;
    if (base->kind == FORM_NUMBER || base->degree == 0) return 0;
    return exponent < 1000 ? (int)exponent : 1000;
}

static bool add_factors(struct layout *l, struct fraction *q, const struct product *p) {
    const struct graph *g = graph_of(l);
    bool good = true;
    for (size_t k = 0; good && k < p->above.count + p->below.count; k++) {
        bool above = k < p->above.count;
        const struct factor *f = above ? &p->above.at[k] : &p->below.at[k - p->above.count];
        struct form *form = factor_form(l, f, &q->negative);
        if (above) q->degree += degree_of_factor(g, f, layout_made(l, f->base));
        good = form && (above ? VEC_PUSH(&q->above, form) : VEC_PUSH(&q->below, form));
    }
    layout_sort_factors(l, q->above.at, q->above.count);
    layout_sort_factors(l, q->below.at, q->below.count);
    return good;
}

/* Numbers stand first. */
static bool add_number(struct fraction *q, struct form *form, bool below) {
    if (!form) return false;
    if (!(below ? VEC_PUSH(&q->below, form) : VEC_PUSH(&q->above, form))) return false;
    struct form **all = below ? q->below.at : q->above.at;
    for (size_t k = (below ? q->below.count : q->above.count) - 1; k > 0; k--) all[k] = all[k - 1];
    all[0] = form;
    return true;
}

/* ---- Signs ---- */

static bool is_odd_number(const struct form *f) {
    if (f->kind != FORM_NUMBER || f->negative) return false;
    size_t length = strspn(f->text, "0123456789");
    return !f->text[length] && (f->text[length - 1] - '0') % 2 == 1;
}

/* A form with another in the place of one of its parts. */
static struct form *with_part(struct layout *l, const struct form *f, uint32_t place, struct form *part) {
    struct form **parts = ARENA_ARRAY(l->program->arena, struct form *, f->count);
    if (!parts || !part) return NULL;
    for (uint32_t k = 0; k < f->count; k++) parts[k] = k == place ? part : f->parts[k];
    return layout_make(l, *f, parts, f->count);
}

static struct form *turned(struct layout *l, struct form *f, int depth) {
    enum { DEEPEST = 4 };
    if (f->negative) return form_signed(l->program->arena, f, false);
    if (depth > DEEPEST) return NULL;
    if (f->kind == FORM_SUM) {
        struct form *opposite = layout_opposite(l, f);
        return opposite && opposite->length <= f->length ? opposite : NULL;
    }
    bool power = f->kind == FORM_POWER && is_odd_number(f->parts[1]);
    bool sum = f->kind == FORM_REDUCTION && f->op == OP_ADD;
    if (power || sum) return with_part(l, f, 0, turned(l, f->parts[0], depth + 1));
    for (uint32_t k = 0; f->kind == FORM_PRODUCT && k < f->above; k++) {
        struct form *part = turned(l, f->parts[k], depth + 1);
        if (part) return with_part(l, f, k, part);
    }
    return NULL;
}

struct form *layout_turned(struct layout *l, struct form *f) {
    return turned(l, f, 0);
}

/* -2*(a - b) is 2*(b - a). */
static void turn_sign(struct layout *l, struct fraction *q) {
    for (size_t k = 0; q->negative && k < q->above.count + q->below.count; k++) {
        bool above = k < q->above.count;
        struct form **at = above ? &q->above.at[k] : &q->below.at[k - q->above.count];
        struct form *opposite = turned(l, *at, 0);
        if (!opposite) continue;
        *at = opposite;
        q->negative = false;
    }
}

/* ---- Products ---- */

static struct form *assemble(struct layout *l, struct fraction *q) {
    VEC(struct form *) parts = {0};
    for (size_t k = 0; k < q->above.count; k++) VEC_PUSH(&parts, q->above.at[k]);
    for (size_t k = 0; k < q->below.count; k++) VEC_PUSH(&parts, q->below.at[k]);
    struct form *form = NULL;
    if (parts.count == 1 && q->above.count == 1) {
        struct form single = *parts.at[0];
        single.negative = single.negative != q->negative;
        form = layout_make(l, single, single.parts, single.count);
    } else if (!parts.failed) {
        struct form product = {.kind = FORM_PRODUCT,
                               .strength = BINDS_PRODUCT,
                               .above = (uint32_t)q->above.count,
                               .negative = q->negative,
                               .degree = q->degree};
        form = layout_make(l, product, parts.at, (uint32_t)parts.count);
    }
    if (form) form->degree = q->degree;
    l->failed |= !form;
    VEC_FREE(&parts);
    return form;
}

/* The numeric factor as a decimal, where that is better than a number above and one below the line. */
static struct form *decimal_factor(struct layout *l, const struct fraction *q, mpq_srcptr factor) {
    struct form *decimal = mpz_cmp_ui(mpq_denref(factor), 1) == 0 ? NULL : layout_decimal(l, factor);
    if (!decimal) return NULL;
    bool alone = q->above.count == 0, one = mpz_cmp_ui(mpq_numref(factor), 1) == 0;
    size_t above = one && !alone ? 0 : mpz_sizeinbase(mpq_numref(factor), 10) + !alone;
    size_t below = mpz_sizeinbase(mpq_denref(factor), 10) + 1;
    if (q->below.count > 0) below += q->below.count == 1 ? 2 : 0;
    return decimal_is_better(factor, decimal->length + !alone, above + below) ? decimal : NULL;
}

static bool add_numbers(struct layout *l, struct fraction *q, mpq_srcptr factor) {
    mpz_srcptr above = mpq_numref(factor), below = mpq_denref(factor);
    struct form *decimal = decimal_factor(l, q, factor);
    bool good = true;
    if (decimal) return add_number(q, decimal, false);
    if (mpz_cmp_ui(above, 1) != 0 || (q->above.count == 0 && q->below.count == 0))
        good = add_number(q, layout_number(l, above), false);
    if (good && mpz_cmp_ui(below, 1) != 0) good = add_number(q, layout_number(l, below), true);
    return good;
}

static struct form *fraction_form(struct layout *l, struct product *p) {
    struct fraction q = {.negative = mpq_sgn(p->coefficient) < 0};
    mpq_abs(p->coefficient, p->coefficient);
    bool good = add_factors(l, &q, p);
    if (good) turn_sign(l, &q);
    good = good && add_numbers(l, &q, p->coefficient);
    struct form *form = good ? assemble(l, &q) : NULL;
    l->failed |= !form;
    VEC_FREE(&q.above);
    VEC_FREE(&q.below);
    return form;
}

/* Whether a factor is what a root is of, or its opposite. */
static bool is_under(const struct graph *g, node_id root, node_id base, bool *opposite) {
    node_id inner = node_operand(g, root, 0);
    *opposite = inner != base && node_op(g, inner) == OP_MUL &&
                node_is_number(g, node_operand(g, inner, 0), -1) && node_operand(g, inner, 1) == base;
    return inner == base || *opposite;
}

/* u*sqrt(u) is u^(3/2). */
static bool join_root(struct graph *g, struct product *p, struct factor *factors, size_t count,
                      node_id root) {
    for (size_t at = 0; at < count; at++) {
        struct factor *f = &factors[at];
        bool opposite, whole = !f->exponent || node_op(g, f->exponent) == OP_INT;
        if (!f->base || !whole || !is_under(g, root, f->base, &opposite)) continue;
        int64_t power = f->exponent ? node_integer(g, f->exponent) : 1;
        if (power < 1 || power > 1000) continue;
        if (opposite && power % 2) mpq_neg(p->coefficient, p->coefficient);
        *f = (struct factor){node_operand(g, root, 0), mk_ratio(g, (long)(2 * power + 1), 2)};
        return true;
    }
    return false;
}

static void join_roots(struct graph *g, struct product *p, struct factor *factors, size_t *count) {
    size_t kept = 0;
    for (size_t k = 0; k < *count; k++) {
        bool root = node_op(g, factors[k].base) == OP_SQRT && !factors[k].exponent;
        if (root && join_root(g, p, factors, *count, factors[k].base)) factors[k].base = 0;
    }
    for (size_t k = 0; k < *count; k++)
        if (factors[k].base) factors[kept++] = factors[k];
    *count = kept;
}

struct form *layout_product(struct layout *l, node_id n) {
    struct product p;
    struct form *form = NULL;
    product_init(&p);
    if (!product_take(graph_of(l), &p, n)) l->failed = true;
    join_roots(graph_of(l), &p, p.above.at, &p.above.count);
    join_roots(graph_of(l), &p, p.below.at, &p.below.count);
    bool waiting = want_factors(l, p.above.at, p.above.count);
    waiting |= want_factors(l, p.below.at, p.below.count);
    if (!waiting && !l->failed) form = fraction_form(l, &p);
    product_release(&p);
    return form;
}
