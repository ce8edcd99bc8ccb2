#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "formula/layout.h"
#include "ir/build.h"

static struct graph *graph_of(const struct layout *l) {
    return l->program->graph;
}

/* ---- Order ---- */

static int by_number(const char *a, const char *b) {
    size_t x = strspn(a, "0123456789"), y = strspn(b, "0123456789");
    if (x != y) return x < y ? -1 : 1;
    return strncmp(a, b, x);
}

/* Letters before other characters, numbers by their size: x[2] stands before x[10]. */
static int by_text(const char *a, const char *b) {
    while (*a && *b) {
        bool x = isdigit((unsigned char)*a), y = isdigit((unsigned char)*b);
        if (x && y) {
            int numbers = by_number(a, b);
            if (numbers) return numbers;
            size_t length = strspn(a, "0123456789");
            a += length;
            b += length;
            continue;
        }
        /* x^2 stands before x*y. */
        if (*a != *b && (*a == '^' || *b == '^')) return *a == '^' ? -1 : 1;
        if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        a++;
        b++;
    }
    return *a ? 1 : *b ? -1 : 0;
}

/* Exponentials come first, then functions of x before those of y, then as in the table of operations. */
static int by_function(const struct form *x, const struct form *y) {
    bool exponential_x = x->op == OP_EXP || x->op == OP_EXP2,
         exponential_y = y->op == OP_EXP || y->op == OP_EXP2;
    if (exponential_x != exponential_y) return exponential_x ? -1 : 1;
    const char *a = x->count ? x->parts[0]->head : NULL, *b = y->count ? y->parts[0]->head : NULL;
    int arguments = by_text(a ? a : "", b ? b : "");
    return arguments ? arguments : x->op < y->op ? -1 : x->op > y->op;
}

static const struct form *base_of(const struct form *f) {
    return f->kind == FORM_POWER ? f->parts[0] : f;
}

static int by_structure(const struct form *x, const struct form *y) {
    const struct form *p = base_of(x), *q = base_of(y);
    int functions = p->kind == FORM_CALL && q->kind == FORM_CALL ? by_function(p, q) : 0;
    if (functions) return functions;
    int text = by_text(x->head ? x->head : "", y->head ? y->head : "");
    if (text) return text;
    return x->structure < y->structure ? -1 : x->structure > y->structure;
}

static bool is_number(const struct form *f) {
    bool fraction = f->kind == FORM_PRODUCT && f->count == 2 && f->above == 1;
    return f->kind == FORM_NUMBER ||
           (fraction && f->parts[0]->kind == FORM_NUMBER && f->parts[1]->kind == FORM_NUMBER);
}

/* Numbers come last. */
static int by_falling_degree(const void *a, const void *b) {
    const struct form *x = *(struct form *const *)a, *y = *(struct form *const *)b;
    if (is_number(x) != is_number(y)) return is_number(x) ? 1 : -1;
    if (x->degree != y->degree) return x->degree > y->degree ? -1 : 1;
    return by_structure(x, y);
}

/* What an order by text asks for. */
static void write_heads(struct layout *l, struct form **forms, size_t count) {
    for (size_t k = 0; k < count; k++) {
        struct form *base = forms[k]->kind == FORM_POWER ? forms[k]->parts[0] : forms[k];
        form_head(l->program->arena, forms[k]);
        if (base->kind == FORM_CALL && base->count) form_head(l->program->arena, base->parts[0]);
    }
}

int layout_compare(struct layout *l, struct form *x, struct form *y) {
    struct form *forms[2] = {x, y};
    write_heads(l, forms, 2);
    return by_structure(x, y);
}

/* The first is not negative where another is not. */
static void lead_with_positive(struct form **terms, size_t count) {
    size_t lead = 0;
    while (lead < count && terms[lead]->negative) lead++;
    if (lead == count) return;
    struct form *first = terms[lead];
    memmove(terms + 1, terms, lead * sizeof *terms);
    terms[0] = first;
}

struct form *layout_terms(struct layout *l, struct form **terms, size_t count) {
    write_heads(l, terms, count);
    qsort(terms, count, sizeof *terms, by_falling_degree);
    lead_with_positive(terms, count);
    struct form form = {.kind = FORM_SUM, .strength = BINDS_SUM};
    for (size_t k = 0; k < count; k++)
        if (terms[k]->degree > form.degree) form.degree = terms[k]->degree;
    return layout_make(l, form, terms, (uint32_t)count);
}

struct form *layout_opposite(struct layout *l, const struct form *sum) {
    struct form **terms = malloc(sum->count * sizeof *terms), *result = NULL;
    bool good = terms != NULL;
    for (uint32_t k = 0; good && k < sum->count; k++) {
        terms[k] = form_signed(l->program->arena, sum->parts[k], !sum->parts[k]->negative);
        good = terms[k] != NULL;
    }
    if (good) result = layout_terms(l, terms, sum->count);
    l->failed |= !result;
    free(terms);
    return result;
}

/* ---- Sums ---- */

/* A summand: the node, or its opposite. */
struct summand {
    node_id node;
    bool opposite;
};

struct summands {
    VEC(struct summand) open;
    VEC(node_id) all;
};

/* The sum behind -1*(a + b); 0: something else. */
static node_id negated_sum(const struct graph *g, node_id n) {
    if (node_op(g, n) != OP_MUL || !node_is_number(g, node_operand(g, n, 0), -1)) return 0;
    node_id inner = node_operand(g, n, 1);
    return node_op(g, inner) == OP_ADD ? inner : 0;
}

static bool take_summands(struct layout *l, node_id root, struct summands *s) {
    struct graph *g = graph_of(l);
    VEC_PUSH(&s->open, ((struct summand){root, false}));
    while (s->open.count > 0) {
        struct summand at = VEC_POP(&s->open);
        node_id negated = negated_sum(g, at.node);
        if (negated) at = (struct summand){negated, !at.opposite};
        if (node_op(g, at.node) != OP_ADD) {
            VEC_PUSH(&s->all, at.opposite ? mk_neg(g, at.node) : at.node);
            continue;
        }
        for (uint32_t k = 2; k > 0; k--)
            VEC_PUSH(&s->open, ((struct summand){node_operand(g, at.node, k - 1), at.opposite}));
    }
    return !s->open.failed && !s->all.failed;
}

/* The sum of nodes; NULL while one waits. */
static struct form *sum_of(struct layout *l, const node_id *all, size_t count) {
    bool waiting = false;
    for (size_t k = 0; k < count; k++) waiting |= layout_want(l, all[k]);
    if (waiting) return NULL;
    struct form **terms = malloc((count + 1) * sizeof *terms), *result = NULL;
    for (size_t k = 0; terms && k < count; k++) terms[k] = layout_made(l, all[k]);
    if (terms) result = layout_terms(l, terms, count);
    l->failed |= !result;
    free(terms);
    return result;
}

struct form *layout_sum(struct layout *l, node_id n) {
    struct summands s = {.open = {0}};
    struct form *result = NULL;
    if (take_summands(l, n, &s))
        result = sum_of(l, s.all.at, s.all.count);
    else
        l->failed = true;
    VEC_FREE(&s.open);
    VEC_FREE(&s.all);
    return result;
}

/* ---- Sums of whole numbers ---- */

static int by_text_alone(const void *a, const void *b) {
    const struct form *x = *(struct form *const *)a, *y = *(struct form *const *)b;
    return is_number(x) != is_number(y) ? (is_number(x) ? 1 : -1) : by_structure(x, y);
}

struct form *layout_whole_sum(struct layout *l, node_id n) {
    struct graph *g = graph_of(l);
    VEC(struct form *) terms = {0};
    bool waiting = false;
    for (node_id at = n; at;) {
        bool is_sum = node_op(g, at) == OP_IADD;
        node_id term = is_sum ? node_operand(g, at, 1) : at;
        waiting |= layout_want(l, term);
        if (!waiting) VEC_PUSH(&terms, layout_made(l, term));
        at = is_sum ? node_operand(g, at, 0) : 0;
    }
    struct form *result = NULL;
    if (!waiting && !terms.failed) {
        write_heads(l, terms.at, terms.count);
        qsort(terms.at, terms.count, sizeof *terms.at, by_text_alone);
        lead_with_positive(terms.at, terms.count);
        result = layout_make(l, (struct form){.kind = FORM_SUM, .strength = BINDS_SUM}, terms.at,
                             (uint32_t)terms.count);
    }
    l->failed |= terms.failed;
    VEC_FREE(&terms);
    return result;
}

/* ---- Factors ---- */

/* Params and whole numbers, names, sums in brackets, x^(n - 1), functions. */
static int class_of(const struct form *f) {
    const struct form *base = base_of(f);
    if (f->kind == FORM_POWER && f->parts[1]->kind != FORM_NUMBER && base->degree > 0) return 4;
    switch (base->kind) {
    case FORM_NUMBER: return 0;
    case FORM_NAME: return base->degree == 0 ? 1 : 2;
    case FORM_ELEMENT: return 2;
    case FORM_SUM: return base->degree == 0 ? 1 : 3;
    case FORM_CALL: return base->op == OP_SQRT && base->parts[0]->kind == FORM_NUMBER ? 1 : 5;
    case FORM_PRODUCT:
    case FORM_POWER: return 2;
    case FORM_REDUCTION: return 6;
    case FORM_CHOICE: return 7;
    case FORM_COMPARISON:
    case FORM_AND:
    case FORM_OR:
    case FORM_NOT:
    case FORM_REMAINDER:
    case FORM_RANGE: break;
    }
    return 3;
}

static int by_class(const void *a, const void *b) {
    const struct form *x = *(struct form *const *)a, *y = *(struct form *const *)b;
    int p = class_of(x), q = class_of(y);
    return p != q ? (p < q ? -1 : 1) : by_structure(x, y);
}

void layout_sort_factors(struct layout *l, struct form **factors, size_t count) {
    if (count < 2) return;
    write_heads(l, factors, count);
    qsort(factors, count, sizeof *factors, by_class);
}
