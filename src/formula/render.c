#include "formula/render.h"

#include <stdlib.h>
#include <string.h>

#include "formula/compare.h"
#include "formula/condition.h"
#include "formula/product.h"
#include "ir/build.h"

static struct graph *graph_of(const struct renderer *r) {
    return r->program->graph;
}

/* ---- Text ---- */

static const char *keep(struct renderer *r, struct text *text) {
    const char *copy = text->failed ? NULL : arena_text(r->program->arena, text_string(text), text->length);
    text_free(text);
    if (!copy) r->failed = true;
    return copy ? copy : "?";
}

/* The text of a node that has been rendered, with its sign and the brackets it needs. */
static void add(struct renderer *r, struct text *out, node_id n, enum binding_strength least) {
    const struct rendered *node = &r->nodes.at[n];
    enum binding_strength strength = node->negative ? BINDS_SIGN : node->strength;
    if (node->negative && node->strength == BINDS_SUM) strength = BINDS_SUM;
    if (node->negative && least > BINDS_SUM) strength = BINDS_IF; /* a sign stands first or in brackets */
    bool brackets = strength < least;
    if (brackets) text_add(out, "(");
    if (node->negative) text_add(out, "-");
    text_add(out, node->text ? node->text : "?");
    if (brackets) text_add(out, ")");
}

static void set(struct renderer *r, node_id n, struct text *text, enum binding_strength strength) {
    const char *kept = keep(r, text);
    r->nodes.at[n] = (struct rendered){.text = kept, .strength = strength};
}

/* ---- Elements ---- */

/* "obs.2" of a table without names is obs[i, 2]. */
static bool is_numbered_column(const char *name, size_t *length) {
    const char *dot = strrchr(name, '.');
    if (!dot || dot[1] < '0' || dot[1] > '9') return false;
    *length = (size_t)(dot - name);
    return true;
}

const char *render_element(struct renderer *r, array_id array, const node_id *subscripts, uint32_t rank) {
    struct text text = {0};
    const char *name = r->program->arrays.at[array].name;
    size_t length;
    bool numbered = rank == 1 && is_numbered_column(name, &length);
    if (numbered)
        text_add_bytes(&text, name, length);
    else
        text_add(&text, name);
    for (uint32_t k = 0; k < rank; k++) {
        text_add(&text, k ? ", " : "[");
        add(r, &text, subscripts[k], BINDS_IF);
    }
    if (numbered) text_addf(&text, ", %s", name + length + 1);
    if (rank) text_add(&text, "]");
    return keep(r, &text);
}

static void render_read(struct renderer *r, node_id n) {
    array_id array = node_payload(graph_of(r), n);
    uint32_t rank = node_count(graph_of(r), n);
    enum binding_strength strength = BINDS_ATOM;
    const char *text =
        r->inlined ? r->inlined(r->context, array, node_operands(graph_of(r), n), rank, &strength) : NULL;
    if (!text) text = render_element(r, array, node_operands(graph_of(r), n), rank);
    r->nodes.at[n] = (struct rendered){.text = text, .strength = strength, .degree = 1};
}

/* ---- Numbers ---- */

static void add_rational(struct text *out, const mpq_t value) {
    char *digits = mpq_get_str(NULL, 10, value);
    if (!digits) {
        out->failed = true;
        return;
    }
    text_add(out, digits);
    void (*release)(void *, size_t);
    mp_get_memory_functions(NULL, NULL, &release);
    release(digits, strlen(digits) + 1);
}

static void render_constant(struct renderer *r, node_id n) {
    struct text text = {0};
    mpq_t value;
    mpq_init(value);
    mpq_abs(value, node_rational(graph_of(r), n));
    bool negative = mpq_sgn(node_rational(graph_of(r), n)) < 0, whole = mpz_cmp_ui(mpq_denref(value), 1) == 0;
    add_rational(&text, value);
    mpq_clear(value);
    set(r, n, &text, whole ? BINDS_ATOM : BINDS_PRODUCT);
    r->nodes.at[n].negative = negative;
}

/* ---- Products ---- */

static bool is_sum_like(const struct renderer *r, node_id n) {
    return r->nodes.at[n].strength <= BINDS_SUM;
}

/* Params and whole numbers first, then names in the order of their declaration, sums in brackets, functions.
 */
static uint64_t rank_of(const struct renderer *r, const struct factor *f) {
    const struct graph *g = graph_of(r);
    enum op op = node_op(g, f->base);
    if (is_sum_like(r, f->base)) return (uint64_t)2 << 32;
    if (op_info(op)->is_function && op != OP_SQRT) return (uint64_t)3 << 32;
    if (op != OP_READ) return node_type(g, f->base) == TYPE_REAL && op != OP_TO_REAL ? (uint64_t)1 << 32 : 0;
    array_id array = node_payload(g, f->base);
    bool param = r->program->arrays.at[array].role == ROLE_PARAM && node_count(g, f->base) == 0;
    return param ? 0 : ((uint64_t)1 << 32) + array;
}

static void sort_factors(const struct renderer *r, struct factor *factors, size_t count) {
    for (size_t k = 1; k < count; k++) {
        struct factor f = factors[k];
        size_t at = k;
        for (; at > 0 && rank_of(r, &factors[at - 1]) > rank_of(r, &f); at--) factors[at] = factors[at - 1];
        factors[at] = f;
    }
}

/* Equal bases that stand side by side become one power. */
static void join_factors(struct renderer *r, struct factor *factors, size_t *count) {
    struct graph *g = graph_of(r);
    size_t kept = 0;
    for (size_t k = 0; k < *count; k++) {
        size_t at = 0;
        while (at < kept && factors[at].base != factors[k].base) at++;
        if (at == kept) {
            factors[kept++] = factors[k];
            continue;
        }
        node_id one = mk_int(g, 1);
        node_id a = factors[at].exponent ? factors[at].exponent : one;
        factors[at].exponent = mk_iadd(g, a, factors[k].exponent ? factors[k].exponent : one);
    }
    *count = kept;
}

/* x/x^2 is 1/x: below the line x stays, so that it is undefined where it was. */
static void cancel_factors(struct renderer *r, struct product *p) {
    struct graph *g = graph_of(r);
    for (size_t k = 0; k < p->above.count; k++) {
        struct factor *a = &p->above.at[k], *b = p->below.at;
        size_t at = 0;
        while (at < p->below.count && b[at].base != a->base) at++;
        if (at == p->below.count || !b[at].exponent || node_op(g, b[at].exponent) != OP_INT) continue;
        if (a->exponent && node_op(g, a->exponent) != OP_INT) continue;
        int64_t above = a->exponent ? node_integer(g, a->exponent) : 1,
                below = node_integer(g, b[at].exponent);
        if (above < 1 || above >= below) continue;
        b[at].exponent = below - above == 1 ? 0 : mk_int(g, below - above);
        p->above.at[k--] = p->above.at[--p->above.count];
    }
}

static void add_factor(struct renderer *r, struct text *out, const struct factor *f, bool first,
                       enum binding_strength least) {
    if (!first) text_add(out, "*");
    add(r, out, f->base, f->exponent ? BINDS_ATOM : first ? least : BINDS_POWER);
    if (!f->exponent) return;
    text_add(out, "^");
    text_add(out, render(r, f->exponent, BINDS_ATOM));
}

static void add_factors(struct renderer *r, struct text *out, const struct factor *factors, size_t count,
                        mpz_srcptr number, enum binding_strength least) {
    bool one = mpz_cmp_ui(number, 1) == 0;
    if (!one || count == 0) {
        mpq_t value;
        mpq_init(value);
        mpq_set_z(value, number);
        add_rational(out, value);
        mpq_clear(value);
    }
    for (size_t k = 0; k < count; k++) add_factor(r, out, &factors[k], one && k == 0, least);
}

static int degree_of(const struct renderer *r, const struct product *p) {
    int degree = 0;
    for (size_t k = 0; k < p->above.count; k++) {
        const struct factor *f = &p->above.at[k];
        bool plain = node_op(graph_of(r), f->base) == OP_READ;
        bool power = plain && f->exponent && node_op(graph_of(r), f->exponent) == OP_INT;
        int64_t exponent = power ? node_integer(graph_of(r), f->exponent) : 1;
        degree += exponent < 1000 ? (int)exponent : 1000;
    }
    return degree;
}

static bool is_single(const struct factor *factors, size_t count, mpz_srcptr number) {
    return (count == 1 && mpz_cmp_ui(number, 1) == 0 && factors != NULL) || count == 0;
}

static void render_product(struct renderer *r, node_id n, struct product *p) {
    struct text text = {0};
    bool negative = mpq_sgn(p->coefficient) < 0;
    mpq_abs(p->coefficient, p->coefficient);
    join_factors(r, p->above.at, &p->above.count);
    join_factors(r, p->below.at, &p->below.count);
    cancel_factors(r, p);
    sort_factors(r, p->above.at, p->above.count);
    sort_factors(r, p->below.at, p->below.count);
    mpz_srcptr above = mpq_numref(p->coefficient), below = mpq_denref(p->coefficient);
    add_factors(r, &text, p->above.at, p->above.count, above, BINDS_PRODUCT);
    bool quotient = p->below.count > 0 || mpz_cmp_ui(below, 1) != 0;
    if (quotient) {
        bool single = is_single(p->below.at, p->below.count, below);
        text_add(&text, single ? "/" : "/(");
        add_factors(r, &text, p->below.at, p->below.count, below, BINDS_POWER);
        if (!single) text_add(&text, ")");
    }
    bool lone = !quotient && p->above.count == 1 && mpz_cmp_ui(above, 1) == 0;
    enum binding_strength strength = BINDS_PRODUCT;
    if (lone) strength = p->above.at[0].exponent ? BINDS_POWER : BINDS_ATOM;
    if (lone && !p->above.at[0].exponent && r->nodes.at[p->above.at[0].base].strength < BINDS_POWER)
        strength = BINDS_ATOM; /* in brackets already */
    int degree = degree_of(r, p);
    set(r, n, &text, strength);
    r->nodes.at[n].negative = negative;
    r->nodes.at[n].degree = degree;
}

/* ---- Sums ---- */

struct placed_term {
    node_id node;
    int degree;
    size_t place;
};

static int by_falling_degree(const void *a, const void *b) {
    const struct placed_term *x = a, *y = b;
    if (x->degree != y->degree) return x->degree > y->degree ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* By falling degree; the first is not negative where another is not. */
static void sort_terms(struct renderer *r, node_id *terms, size_t count) {
    struct placed_term *placed = calloc(count, sizeof *placed);
    if (!placed) {
        r->failed = true;
        return;
    }
    for (size_t k = 0; k < count; k++)
        placed[k] = (struct placed_term){terms[k], r->nodes.at[terms[k]].degree, k};
    qsort(placed, count, sizeof *placed, by_falling_degree);
    for (size_t k = 0; k < count; k++) terms[k] = placed[k].node;
    free(placed);
    size_t lead = 0;
    while (lead < count && r->nodes.at[terms[lead]].negative) lead++;
    if (lead == count) return;
    node_id first = terms[lead];
    memmove(terms + 1, terms, lead * sizeof *terms);
    terms[0] = first;
}

static void render_sum(struct renderer *r, node_id n, node_id *terms, size_t count) {
    struct text text = {0};
    sort_terms(r, terms, count);
    for (size_t k = 0; k < count; k++) {
        struct rendered *term = &r->nodes.at[terms[k]];
        bool minus = term->negative;
        if (k > 0) text_add(&text, minus ? " - " : " + ");
        if (k == 0 && minus) text_add(&text, "-");
        bool brackets = term->strength < (minus ? BINDS_PRODUCT : BINDS_SUM);
        text_addf(&text, brackets ? "(%s)" : "%s", term->text);
    }
    int degree = r->nodes.at[terms[0]].degree;
    set(r, n, &text, BINDS_SUM);
    r->nodes.at[n].degree = degree;
}

/* ---- Everything else ---- */

static void render_binary(struct renderer *r, node_id n, const char *sign, enum binding_strength strength,
                          enum binding_strength left, enum binding_strength right) {
    struct text text = {0};
    add(r, &text, node_operand(graph_of(r), n, 0), left);
    text_add(&text, sign);
    add(r, &text, node_operand(graph_of(r), n, 1), right);
    set(r, n, &text, strength);
}

static void render_call(struct renderer *r, node_id n, const char *name) {
    struct text text = {0};
    text_addf(&text, "%s(", name);
    for (uint32_t k = 0; k < node_count(graph_of(r), n); k++) {
        if (k) text_add(&text, ", ");
        add(r, &text, node_operand(graph_of(r), n, k), BINDS_IF);
    }
    text_add(&text, ")");
    set(r, n, &text, BINDS_ATOM);
}

static void render_select(struct renderer *r, node_id n) {
    struct text text = {0};
    text_add(&text, "if ");
    add(r, &text, node_operand(graph_of(r), n, 0), BINDS_OR);
    text_add(&text, " then ");
    add(r, &text, node_operand(graph_of(r), n, 1), BINDS_IF);
    text_add(&text, " else ");
    add(r, &text, node_operand(graph_of(r), n, 2), BINDS_IF);
    set(r, n, &text, BINDS_IF);
}

static void render_sides(struct renderer *r, node_id on, struct comparison c) {
    struct text text = {0};
    text_addf(&text, "%s%s", render(r, c.left, BINDS_SUM), c.sign);
    text_add(&text, render(r, c.right, BINDS_SUM));
    set(r, on, &text, BINDS_COMPARISON);
}

static bool is_number(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    if (op == OP_MUL)
        return is_number(g, node_operand(g, n, 0)) && node_op(g, node_operand(g, n, 1)) == OP_INFINITY;
    return op == OP_CONST || op == OP_INFINITY;
}

/* Numbers stand on the right, and computed sides on the left of names. */
static bool stands_right(const struct graph *g, node_id n) {
    return is_number(g, n) || (node_op(g, n) == OP_READ && node_count(g, n) == 0);
}

static void render_comparison(struct renderer *r, node_id n, node_id on, bool turned) {
    struct graph *g = graph_of(r);
    enum op op = node_op(g, n);
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    bool equality = op == OP_EQ || op == OP_NE;
    bool swap =
        (is_number(g, a) && !is_number(g, b)) || (equality && stands_right(g, a) && !stands_right(g, b));
    const char *sign = op == OP_LT ? (swap ? " > " : " < ") : swap ? " >= " : " <= ";
    if (equality) sign = (op == OP_EQ) != turned ? " == " : " != ";
    render_sides(r, on, (struct comparison){swap ? b : a, sign, swap ? a : b});
}

/* Whether n compares whole numbers; then it has been rendered. */
static bool render_whole_comparison(struct renderer *r, node_id n) {
    enum op op;
    node_id d;
    struct graph *g = graph_of(r);
    if (!is_whole_comparison(g, n, &op, &d)) return false;
    render_sides(r, n, compare_whole(g, op, d, r->first_element));
    return true;
}

static void render_not(struct renderer *r, node_id n) {
    struct graph *g = graph_of(r);
    node_id inner = node_operand(g, n, 0);
    enum op op = node_op(g, inner);
    if (render_whole_comparison(r, n)) return;
    if (op == OP_EQ || op == OP_NE) {
        render_comparison(r, inner, n, true);
        return;
    }
    struct text text = {0};
    text_add(&text, "not ");
    add(r, &text, inner, BINDS_NOT);
    set(r, n, &text, BINDS_NOT);
}

/* Sums of whole numbers: k + 1, n - k. */
static void render_whole_sum(struct renderer *r, node_id n) {
    struct graph *g = graph_of(r);
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    struct text text = {0};
    bool swap = r->nodes.at[a].negative && !r->nodes.at[b].negative;
    if (swap) {
        node_id c = a;
        a = b, b = c;
    }
    add(r, &text, a, BINDS_SUM);
    text_add(&text, r->nodes.at[b].negative ? " - " : " + ");
    const struct rendered *second = &r->nodes.at[b];
    text_addf(&text, second->strength < BINDS_PRODUCT ? "(%s)" : "%s", second->text);
    set(r, n, &text, BINDS_SUM);
}

static void render_whole_product(struct renderer *r, node_id n) {
    struct graph *g = graph_of(r);
    node_id a = node_operand(g, n, 0);
    if (node_is_int(g, a, -1)) {
        struct text text = {0};
        add(r, &text, node_operand(g, n, 1), BINDS_PRODUCT);
        set(r, n, &text, BINDS_PRODUCT);
        r->nodes.at[n].negative = true;
        return;
    }
    render_binary(r, n, "*", BINDS_PRODUCT, BINDS_PRODUCT, BINDS_SIGN);
    if (node_op(g, a) != OP_INT || node_integer(g, a) >= 0) return;
    /* "-2*k": the sign is the product's. */
    r->nodes.at[n].text = r->nodes.at[n].text[0] == '-' ? r->nodes.at[n].text + 1 : r->nodes.at[n].text;
    struct text text = {0};
    text_addf(&text, "%lld*", -(long long)node_integer(g, a));
    add(r, &text, node_operand(g, n, 1), BINDS_SIGN);
    set(r, n, &text, BINDS_PRODUCT);
    r->nodes.at[n].negative = true;
}

static void render_whole_number(struct renderer *r, node_id n) {
    struct text text = {0};
    int64_t value = node_integer(graph_of(r), n);
    bool negative = value < 0 && value != INT64_MIN;
    text_addf(&text, "%lld", negative ? -(long long)value : (long long)value);
    set(r, n, &text, BINDS_ATOM);
    r->nodes.at[n].negative = negative;
}

static void render_power(struct renderer *r, node_id n) {
    struct text text = {0};
    add(r, &text, node_operand(graph_of(r), n, 0), BINDS_ATOM);
    text_add(&text, "^");
    add(r, &text, node_operand(graph_of(r), n, 1), BINDS_ATOM);
    set(r, n, &text, BINDS_POWER);
}

static void set_text(struct renderer *r, node_id n, const char *text, enum binding_strength strength) {
    r->nodes.at[n] = (struct rendered){.text = text, .strength = strength};
}

static void render_other(struct renderer *r, node_id n) {
    struct graph *g = graph_of(r);
    enum op op = node_op(g, n);
    switch ((int)op) {
    case OP_CONST: render_constant(r, n); break;
    case OP_PI: set_text(r, n, "pi", BINDS_ATOM); break;
    case OP_INFINITY: set_text(r, n, "inf", BINDS_ATOM); break;
    case OP_BOOL: set_text(r, n, node_payload(g, n) ? "0 == 0" : "0 == 1", BINDS_COMPARISON); break;
    case OP_READ: render_read(r, n); break;
    case OP_TO_REAL: r->nodes.at[n] = r->nodes.at[node_operand(g, n, 0)]; break;
    case OP_INT: render_whole_number(r, n); break;
    case OP_INDEX: set_text(r, n, r->index_names[node_payload(g, n)], BINDS_ATOM); break;
    case OP_IADD: render_whole_sum(r, n); break;
    case OP_IMUL: render_whole_product(r, n); break;
    case OP_IDIV: render_binary(r, n, "/", BINDS_PRODUCT, BINDS_PRODUCT, BINDS_SIGN); break;
    case OP_IMOD: render_binary(r, n, " % ", BINDS_PRODUCT, BINDS_PRODUCT, BINDS_SIGN); break;
    case OP_IFLOOR: render_call(r, n, "div"); break;
    case OP_IMIN: render_call(r, n, "min"); break;
    case OP_IMAX: render_call(r, n, "max"); break;
    case OP_IABS: render_call(r, n, "abs"); break;
    case OP_SELECT:
    case OP_ISELECT: render_select(r, n); break;
    case OP_AND: render_binary(r, n, " and ", BINDS_AND, BINDS_AND, BINDS_NOT); break;
    case OP_OR: render_binary(r, n, " or ", BINDS_OR, BINDS_OR, BINDS_AND); break;
    case OP_NOT: render_not(r, n); break;
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE: render_comparison(r, n, n, false); break;
    case OP_ILT:
    case OP_ILE:
    case OP_IEQ:
    case OP_INE: render_whole_comparison(r, n); break;
    case OP_POW: render_power(r, n); break;
    default: render_call(r, n, op_info(op)->name); break;
    }
}

/* ---- From operands up ---- */

static bool make_room(struct renderer *r) {
    size_t count = graph_count(graph_of(r)), old = r->nodes.count;
    if (count <= old) return true;
    if (!VEC_RESERVE(&r->nodes, count)) {
        r->failed = true;
        return false;
    }
    memset(r->nodes.at + old, 0, (count - old) * sizeof *r->nodes.at);
    r->nodes.count = count;
    return true;
}

static bool want(struct renderer *r, node_id n) {
    if (!make_room(r) || r->nodes.at[n].text) return false;
    if (!VEC_PUSH(&r->stack, n)) r->failed = true;
    return true;
}

static bool want_factors(struct renderer *r, const struct factor *factors, size_t count) {
    bool waiting = false;
    for (size_t k = 0; k < count; k++) {
        waiting |= want(r, factors[k].base);
        if (factors[k].exponent) waiting |= want(r, factors[k].exponent);
    }
    return waiting;
}

/* Each returns whether the node still waits for others. */
static bool advance_product(struct renderer *r, node_id n) {
    struct product p;
    product_init(&p);
    product_take(r, &p, n);
    bool waiting = want_factors(r, p.above.at, p.above.count);
    waiting |= want_factors(r, p.below.at, p.below.count);
    if (!waiting) render_product(r, n, &p);
    product_release(&p);
    return waiting;
}

static bool advance_sum(struct renderer *r, node_id n) {
    node_id *terms;
    size_t count;
    bool waiting = false;
    sum_take(r, n, &terms, &count);
    for (size_t k = 0; k < count; k++) waiting |= want(r, terms[k]);
    if (!waiting && count > 0) render_sum(r, n, terms, count);
    free(terms);
    return waiting;
}

static bool advance(struct renderer *r, node_id n) {
    enum op op = node_op(graph_of(r), n);
    if (op == OP_MUL || op == OP_DIV || op == OP_POWI) return advance_product(r, n);
    if (op == OP_ADD) return advance_sum(r, n);
    bool waiting = false;
    for (uint32_t k = 0; k < node_count(graph_of(r), n); k++)
        waiting |= want(r, node_operand(graph_of(r), n, k));
    if (op == OP_NOT && !waiting) {
        node_id inner = node_operand(graph_of(r), n, 0);
        for (uint32_t k = 0; k < node_count(graph_of(r), inner); k++)
            waiting |= want(r, node_operand(graph_of(r), inner, k));
    }
    if (!waiting) render_other(r, n);
    return waiting;
}

struct rendered render_node(struct renderer *r, node_id root) {
    size_t bottom = r->stack.count;
    want(r, root);
    while (r->stack.count > bottom && !r->failed) {
        node_id n = VEC_LAST(&r->stack);
        if (n < r->names.count && r->names.at[n] && !r->nodes.at[n].text)
            r->nodes.at[n] = (struct rendered){.text = r->names.at[n], .strength = BINDS_ATOM, .degree = 1};
        if (r->nodes.at[n].text || !advance(r, n)) r->stack.count--;
    }
    if (r->failed || !make_room(r) || !r->nodes.at[root].text)
        return (struct rendered){.text = "?", .strength = BINDS_ATOM};
    return r->nodes.at[root];
}

const char *render(struct renderer *r, node_id n, enum binding_strength least) {
    struct text text = {0};
    render_node(r, n);
    if (r->failed) return "?";
    add(r, &text, n, least);
    return keep(r, &text);
}

void renderer_release(struct renderer *r) {
    VEC_FREE(&r->names);
    VEC_FREE(&r->nodes);
    VEC_FREE(&r->stack);
    VEC_FREE(&r->pieces);
    VEC_FREE(&r->others);
}
