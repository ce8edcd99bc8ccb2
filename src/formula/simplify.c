#include "formula/simplify.h"

#include "formula/algebra.h"
#include "ir/build.h"

enum { FACTORED_TERMS = 64, LONG_PRODUCT = 300, MOST_EFFORT = 1 << 19 };

static struct graph *graph_of(const struct simplifier *s) {
    return s->program->graph;
}

static node_id image_of(const struct simplifier *s, node_id n) {
    return node_type(graph_of(s), n) == TYPE_INT ? n : node_map_get(&s->images, n);
}

bool simplify_may_try(struct simplifier *s, size_t cost) {
    s->effort += cost;
    return s->effort <= MOST_EFFORT;
}

/* ---- Regions ---- */

/* A part of a sum, or of a product with its exponent. */
struct leaf {
    node_id node;
    int64_t exponent;
    bool alone; /* nothing else uses it */
};

struct leaves {
    VEC(struct leaf) all, open;
};

/* Whether an operation is part of the one around it only. */
static bool is_alone(const struct simplifier *s, node_id n) {
    return node_map_get(&s->users, n) <= 1;
}

static void take_sum(const struct simplifier *s, node_id root, struct leaves *leaves) {
    const struct graph *g = graph_of(s);
    VEC_PUSH(&leaves->open, ((struct leaf){root, 1, true}));
    while (leaves->open.count > 0) {
        struct leaf at = VEC_POP(&leaves->open);
        at.alone = is_alone(s, at.node);
        if (node_op(g, at.node) != OP_ADD || (at.node != root && !at.alone)) {
            VEC_PUSH(&leaves->all, at);
            continue;
        }
        for (uint32_t k = 2; k > 0; k--)
            VEC_PUSH(&leaves->open, ((struct leaf){node_operand(g, at.node, k - 1), 1, true}));
    }
}

static bool is_power(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_POWI && node_op(g, node_operand(g, n, 1)) == OP_INT;
}

/* For show a product is one, even where others share parts of it. */
static bool is_taken_apart(const struct simplifier *s, node_id n, const struct leaves *leaves) {
    enum { MOST_LEAVES = 64 };
    bool few = leaves->all.count + leaves->open.count < MOST_LEAVES;
    return is_alone(s, n) || (s->mode == SIMPLIFY_TO_SHOW && few);
}

static void take_product(const struct simplifier *s, node_id root, struct leaves *leaves) {
    const struct graph *g = graph_of(s);
    VEC_PUSH(&leaves->open, ((struct leaf){root, 1, true}));
    while (leaves->open.count > 0) {
        struct leaf at = VEC_POP(&leaves->open);
        enum op op = node_op(g, at.node);
        bool inside = at.node == root || is_taken_apart(s, at.node, leaves);
        int64_t product;
        if (inside && (op == OP_MUL || op == OP_DIV)) {
            int64_t second = op == OP_DIV ? -at.exponent : at.exponent;
            VEC_PUSH(&leaves->open, ((struct leaf){node_operand(g, at.node, 1), second, true}));
            VEC_PUSH(&leaves->open, ((struct leaf){node_operand(g, at.node, 0), at.exponent, true}));
        } else if (inside && is_power(g, at.node) &&
                   !__builtin_mul_overflow(node_integer(g, node_operand(g, at.node, 1)), at.exponent,
                                           &product)) {
            VEC_PUSH(&leaves->open, ((struct leaf){node_operand(g, at.node, 0), product, true}));
        } else {
            at.alone = is_alone(s, at.node);
            VEC_PUSH(&leaves->all, at);
        }
    }
}

static bool is_product(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    return op == OP_MUL || op == OP_DIV || is_power(g, n);
}

static void take(struct simplifier *s, node_id n, struct leaves *leaves) {
    if (node_op(graph_of(s), n) == OP_ADD)
        take_sum(s, n, leaves);
    else
        take_product(s, n, leaves);
    s->failed |= leaves->all.failed || leaves->open.failed;
}

static void leaves_release(struct leaves *leaves) {
    VEC_FREE(&leaves->all);
    VEC_FREE(&leaves->open);
}

/* ---- Sums ---- */

static node_id rewrite_sum(struct simplifier *s, struct sum *sum) {
    node_id better = cancel_guarded(s, sum);
    if (!better) better = join_squares(s, sum);
    if (!better) better = join_choices(s, sum);
    if (!better) better = factor_out(s, sum);
    if (better || sum->terms.count > FACTORED_TERMS || !simplify_may_try(s, sum->terms.count)) return better;
    node_id current = sum_node(s, sum);
    better = expand_products(s, sum, current);
    if (!better) better = factor_groups(s, sum, current);
    return better ? better : put_together(s, sum, current);
}

static node_id result_of_sum(struct simplifier *s, struct sum *sum, bool *again) {
    if (sum->terms.count == 0) return mk_zero(graph_of(s));
    if (sum->terms.count == 1) return summand_node(s, &sum->terms.at[0]);
    if (s->mode == SIMPLIFY_TO_SHOW) return sum_node(s, sum);
    node_id better = rewrite_sum(s, sum);
    *again = better != 0;
    return better ? better : with_content(s, sum);
}

static node_id combine_sum(struct simplifier *s, const struct leaves *leaves, bool *again) {
    struct sum sum = {.terms = {0}};
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    for (size_t k = 0; k < leaves->all.count; k++)
        sum_add(s, &sum, image_of(s, leaves->all.at[k].node), one, leaves->all.at[k].alone);
    mpq_clear(one);
    sum_tidy(&sum);
    node_id result = result_of_sum(s, &sum, again);
    sum_release(&sum);
    return result;
}

/* ---- Products ---- */

/* A long product that others share is one factor: n factors have n derivatives, each with n - 1 of them. */
static void keep_whole(struct simplifier *s, node_id n) {
    const struct graph *g = graph_of(s);
    if (node_op(g, n) == OP_MUL && node_op(g, node_operand(g, n, 0)) == OP_CONST) n = node_operand(g, n, 1);
    enum op op = node_op(g, n);
    if ((op == OP_MUL || op == OP_DIV) && weight_of(&s->weights, n) > LONG_PRODUCT)
        s->failed |= !node_map_set(&s->whole, n, 1);
}

static void multiply_all(struct simplifier *s, const struct leaves *leaves, struct monomial *m) {
    monomial_init(m);
    for (size_t k = 0; k < leaves->all.count; k++) {
        const struct leaf *leaf = &leaves->all.at[k];
        node_id image = image_of(s, leaf->node);
        if (!leaf->alone) keep_whole(s, image);
        monomial_multiply(s, m, image, leaf->exponent);
    }
}

/* What is found for a product may change it while it is tried. */
static node_id combine_product(struct simplifier *s, const struct leaves *leaves, bool *again) {
    typedef node_id (*rule)(struct simplifier * s, struct monomial * m, node_id current);
    static const rule to_share[] = {move_product_into_choice, use_guards,        put_factor_together,
                                    expand_factors,           square_hypotenuse, NULL};
    static const rule to_show[] = {move_product_into_choice, distribute, NULL};
    bool show = s->mode == SIMPLIFY_TO_SHOW;
    struct monomial m, tried;
    multiply_all(s, leaves, &m);
    bool zero = mpq_sgn(m.coefficient) == 0;
    node_id result = zero ? mk_zero(graph_of(s)) : monomial_node(s, &m), better = 0;
    for (const rule *r = show ? to_show : to_share; *r && !zero && !better; r++) {
        if (!simplify_may_try(s, m.powers.count)) break;
        monomial_copy(s, &tried, &m);
        better = (*r)(s, &tried, result);
        monomial_release(&tried);
    }
    monomial_release(&m);
    *again = better != 0 && !show;
    return better ? better : result;
}

/* ---- Everything else ---- */

/* Whole numbers as real ones: their sums and products are those of reals. */
static node_id real_of_whole(struct simplifier *s, node_id n, bool *again) {
    struct graph *g = graph_of(s);
    node_id inner = node_operand(g, n, 0);
    enum op op = node_op(g, inner);
    if (op != OP_IADD && op != OP_IMUL) return n;
    node_id a = mk_to_real(g, node_operand(g, inner, 0)), b = mk_to_real(g, node_operand(g, inner, 1));
    *again = true;
    return op == OP_IADD ? mk_add(g, a, b) : mk_mul(g, a, b);
}

static node_id show_reduction(struct simplifier *s, node_id read) {
    struct reduction *r = reduction_of(s->reductions, node_payload(graph_of(s), read));
    r->value = image_of(s, r->value);
    for (uint32_t k = 0; k < r->count; k++) r->ranges[k].filter = image_of(s, r->ranges[k].filter);
    return read;
}

static node_id combine_operands(struct simplifier *s, node_id n, bool *again) {
    struct graph *g = graph_of(s);
    uint32_t count = node_count(g, n);
    enum op op = node_op(g, n);
    bool reduced = op == OP_READ && s->reductions && reduction_of(s->reductions, node_payload(g, n));
    if (reduced && s->mode == SIMPLIFY_TO_SHOW) return show_reduction(s, n);
    if (reduced) return settle(s, n, again);
    if (op == OP_TO_REAL) return s->mode == SIMPLIFY_TO_SHOW ? n : real_of_whole(s, n, again);
    if (count == 0 || op == OP_READ) return n;
    node_id *operands = malloc(count * sizeof *operands), result = n;
    if (!operands) {
        s->failed = true;
        return n;
    }
    for (uint32_t k = 0; k < count; k++) operands[k] = image_of(s, node_operand(g, n, k));
    if (s->mode == SIMPLIFY_TO_SHOW)
        result = mk_again(g, n, operands);
    else if (op == OP_SELECT)
        result = simplify_choice(s, operands[0], operands[1], operands[2], again);
    else if (node_type(g, n) == TYPE_BOOL)
        result = simplify_condition(s, n, operands, again);
    else
        result = simplify_call(s, n, operands, count, again);
    free(operands);
    return result;
}

static void want(struct simplifier *s, node_id n) {
    if (!image_of(s, n)) VEC_PUSH(&s->stack, n);
}

static bool is_region(const struct graph *g, node_id n) {
    return node_op(g, n) == OP_ADD || is_product(g, n);
}

static void want_parts(struct simplifier *s, node_id n) {
    const struct graph *g = graph_of(s);
    if (is_region(g, n)) {
        struct leaves leaves = {.all = {0}};
        take(s, n, &leaves);
        for (size_t k = leaves.all.count; k > 0; k--) want(s, leaves.all.at[k - 1].node);
        leaves_release(&leaves);
        return;
    }
    const struct reduction *r =
        node_op(g, n) == OP_READ && s->reductions ? reduction_of(s->reductions, node_payload(g, n)) : NULL;
    if (r) want(s, r->value);
    for (uint32_t k = r ? r->count : 0; k > 0; k--) want(s, r->ranges[k - 1].filter);
    for (uint32_t k = node_count(g, n); k > 0 && !r; k--) want(s, node_operand(g, n, k - 1));
}

static node_id combine(struct simplifier *s, node_id n, bool *again) {
    if (!is_region(graph_of(s), n)) return combine_operands(s, n, again);
    struct leaves leaves = {.all = {0}};
    take(s, n, &leaves);
    node_id result = node_op(graph_of(s), n) == OP_ADD ? combine_sum(s, &leaves, again)
                                                       : combine_product(s, &leaves, again);
    leaves_release(&leaves);
    return result;
}

/* ---- From parts up ---- */

static void set_image(struct simplifier *s, node_id n, node_id image) {
    s->failed |= !node_map_set(&s->images, n, image);
    if (!node_map_get(&s->images, image)) s->failed |= !node_map_set(&s->images, image, image);
}

/* What was found for a node has been simplified by now, or leads back to it. */
static void follow(struct simplifier *s, node_id n, node_id next) {
    node_id image = image_of(s, next);
    set_image(s, n, image ? image : next);
}

static void advance(struct simplifier *s, node_id n) {
    size_t top = s->stack.count;
    bool again = false;
    node_id next = node_map_get(&s->next, n);
    if (next) {
        follow(s, n, next);
        return;
    }
    want_parts(s, n);
    if (s->stack.count > top) return;
    node_id result = combine(s, n, &again);
    if (!again || result == n) {
        set_image(s, n, result);
        return;
    }
    s->failed |= !node_map_set(&s->next, n, result);
    want(s, result);
}

node_id simplify(struct simplifier *s, node_id root) {
    size_t floor = s->stack.count;
    want(s, root);
    while (s->stack.count > floor && !s->failed && !s->stack.failed) {
        node_id n = VEC_LAST(&s->stack);
        if (image_of(s, n))
            s->stack.count--;
        else
            advance(s, n);
    }
    node_id image = image_of(s, root);
    s->failed |= s->stack.failed || !image;
    return image ? image : root;
}

/* ---- Users ---- */

static void use(struct simplifier *s, node_id n, bool *first) {
    uint32_t users = node_map_get(&s->users, n);
    *first = users == 0;
    s->failed |= !node_map_set(&s->users, n, users + 1);
}

static void count_node(struct simplifier *s, node_id n) {
    bool first;
    if (!n) return;
    use(s, n, &first);
    if (first) VEC_PUSH(&s->stack, n);
}

bool simplify_count(struct simplifier *s, node_id root) {
    const struct graph *g = graph_of(s);
    size_t floor = s->stack.count;
    count_node(s, root);
    while (s->stack.count > floor && !s->failed) {
        node_id n = VEC_POP(&s->stack);
        const struct reduction *r = node_op(g, n) == OP_READ && s->reductions
                                        ? reduction_of(s->reductions, node_payload(g, n))
                                        : NULL;
        for (uint32_t k = 0; r && k < r->count; k++) count_node(s, r->ranges[k].filter);
        if (r) count_node(s, r->value);
        for (uint32_t k = 0; k < node_count(g, n); k++) count_node(s, node_operand(g, n, k));
    }
    return !s->failed && !s->stack.failed;
}

void simplifier_release(struct simplifier *s) {
    weights_release(&s->weights);
    node_map_release(&s->users);
    node_map_release(&s->images);
    node_map_release(&s->next);
    node_map_release(&s->whole);
    node_map_release(&s->settled);
    node_map_release(&s->final);
    node_map_release(&s->hashes);
    VEC_FREE(&s->structures);
    VEC_FREE(&s->stack);
    VEC_FREE(&s->nonzero);
    VEC_FREE(&s->positive);
    node_map_release(&s->domain);
}
