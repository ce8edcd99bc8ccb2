#include "formula/layout.h"

#include <stdlib.h>
#include <string.h>

#include "formula/compare.h"
#include "formula/condition.h"
#include "formula/decimal.h"
#include "ir/build.h"

static struct graph *graph_of(const struct layout *l) {
    return l->program->graph;
}

/* ---- Forms that are there ---- */

struct form *layout_made(const struct layout *l, node_id n) {
    uint32_t place = node_map_get(&l->place_of, n);
    return place ? l->forms.at[place - 1] : NULL;
}

bool layout_want(struct layout *l, node_id n) {
    if (layout_made(l, n)) return false;
    if (!VEC_PUSH(&l->stack, n)) l->failed = true;
    return true;
}

struct form *layout_make(struct layout *l, struct form form, struct form *const *parts, uint32_t count) {
    struct form *f = form_make(l->program->arena, form, parts, count);
    if (!f) l->failed = true;
    return f;
}

static struct form *leaf(struct layout *l, enum form_kind kind, const char *text, int degree) {
    return layout_make(l, (struct form){.kind = kind, .strength = BINDS_ATOM, .text = text, .degree = degree},
                       NULL, 0);
}

/* ---- Numbers ---- */

struct form *layout_number(struct layout *l, mpz_srcptr number) {
    char *digits = mpz_get_str(NULL, 10, number);
    if (!digits) {
        l->failed = true;
        return NULL;
    }
    const char *positive = digits[0] == '-' ? digits + 1 : digits;
    const char *text = arena_text(l->program->arena, positive, strlen(positive));
    void (*release)(void *, size_t);
    mp_get_memory_functions(NULL, NULL, &release);
    release(digits, strlen(digits) + 1);
    if (!text) l->failed = true;
    return text ? leaf(l, FORM_NUMBER, text, 0) : NULL;
}

struct form *layout_decimal(struct layout *l, mpq_srcptr number) {
    char digits[DECIMAL_ROOM];
    if (!decimal_text(number, digits)) return NULL;
    const char *text = arena_text(l->program->arena, digits, strlen(digits));
    if (!text) l->failed = true;
    return text ? leaf(l, FORM_NUMBER, text, 0) : NULL;
}

static struct form *rational(struct layout *l, mpq_srcptr number) {
    struct form *parts[2] = {layout_number(l, mpq_numref(number)), NULL};
    if (mpz_cmp_ui(mpq_denref(number), 1) == 0 || !parts[0]) return parts[0];
    parts[1] = layout_number(l, mpq_denref(number));
    struct form quotient = {.kind = FORM_PRODUCT, .strength = BINDS_PRODUCT, .above = 1};
    if (!parts[1]) return NULL;
    struct form *fraction = layout_make(l, quotient, parts, 2), *decimal = layout_decimal(l, number);
    bool better = fraction && decimal && decimal_is_better(number, decimal->length, fraction->length);
    return better ? decimal : fraction;
}

static struct form *signed_form(struct layout *l, struct form *form, bool negative) {
    struct form *f = form ? form_signed(l->program->arena, form, negative) : NULL;
    if (!f) l->failed = true;
    return f;
}

static struct form *constant(struct layout *l, node_id n) {
    mpq_srcptr value = node_rational(graph_of(l), n);
    bool negative = mpq_sgn(value) < 0;
    return signed_form(l, rational(l, value), negative);
}

static struct form *whole_number(struct layout *l, node_id n) {
    int64_t value = node_integer(graph_of(l), n);
    uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    const char *text = arena_format(l->program->arena, "%llu", (unsigned long long)size);
    if (!text) l->failed = true;
    return text ? signed_form(l, leaf(l, FORM_NUMBER, text, 0), value < 0) : NULL;
}

/* ---- Operands ---- */

/* Whether an operand waits for its form. */
static bool want_operands(struct layout *l, node_id n) {
    bool waiting = false;
    for (uint32_t k = 0; k < node_count(graph_of(l), n); k++)
        waiting |= layout_want(l, node_operand(graph_of(l), n, k));
    return waiting;
}

static struct form *turned_choice(struct layout *l, struct form *f, int depth);

/* The opposite of a branch. */
static struct form *opposite_branch(struct layout *l, struct form *f, int depth) {
    enum { DEEPEST = 8 };
    if (f->kind == FORM_NUMBER && strcmp(f->text, "0") == 0) return f;
    struct form *opposite = signed_form(l, f, !f->negative);
    if (f->kind == FORM_CHOICE)
        return opposite && opposite->negative && depth < DEEPEST ? turned_choice(l, opposite, depth + 1)
                                                                 : opposite;
    struct form *turned = f->negative ? NULL : layout_turned(l, f);
    return turned ? turned : opposite;
}

/* A choice with a minus sign in front as one with the sign in its branches. Else-branches that are choices
 * make a chain, whose end comes first. */
static struct form *turned_choice(struct layout *l, struct form *f, int depth) {
    VEC(struct form *) chain = {0};
    struct form *at = f;
    for (; at->kind == FORM_CHOICE && (at == f || !at->negative); at = at->parts[2]) VEC_PUSH(&chain, at);
    struct form *result = chain.failed ? NULL : opposite_branch(l, at, depth);
    for (size_t k = chain.count; k > 0 && result; k--) {
        struct form choice = *chain.at[k - 1], *then = opposite_branch(l, choice.parts[1], depth);
        struct form *parts[3] = {choice.parts[0], then, result};
        choice.negative = false;
        result = then ? layout_make(l, choice, parts, 3) : NULL;
    }
    l->failed |= !result;
    VEC_FREE(&chain);
    return result;
}

struct form *layout_alone(struct layout *l, struct form *f) {
    return f && f->kind == FORM_CHOICE && f->negative ? turned_choice(l, f, 0) : f;
}

/* A form of all operands; NULL while some wait. */
static struct form *of_operands(struct layout *l, node_id n, struct form form) {
    uint32_t count = node_count(graph_of(l), n);
    if (want_operands(l, n)) return NULL;
    struct form **parts = malloc((count + 1) * sizeof *parts);
    if (!parts) {
        l->failed = true;
        return NULL;
    }
    bool alone = form.kind == FORM_CHOICE || form.kind == FORM_CALL, good = true;
    for (uint32_t k = 0; good && k < count; k++) {
        parts[k] = layout_made(l, node_operand(graph_of(l), n, k));
        if (alone) parts[k] = layout_alone(l, parts[k]);
        good = parts[k] != NULL;
    }
    struct form *f = good ? layout_make(l, form, parts, count) : NULL;
    free(parts);
    return f;
}

static struct form *call(struct layout *l, node_id n, const char *name) {
    struct form form = {
        .kind = FORM_CALL, .strength = BINDS_ATOM, .op = node_op(graph_of(l), n), .text = name, .degree = 1};
    return of_operands(l, n, form);
}

static struct form *pair(struct layout *l, node_id n, enum form_kind kind, enum binding_strength strength) {
    return of_operands(l, n, (struct form){.kind = kind, .strength = strength});
}

/* ---- Elements and reductions ---- */

/* "obs.2" of a table without names is obs[i, 2]. */
static const char *number_of_column(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && dot[1] >= '0' && dot[1] <= '9' ? dot : NULL;
}

static struct form *numbered_element(struct layout *l, node_id n, const char *dot) {
    const char *name = l->program->arrays.at[node_payload(graph_of(l), n)].name;
    const char *text = arena_text(l->program->arena, name, (size_t)(dot - name));
    struct form *parts[2] = {layout_made(l, node_operand(graph_of(l), n, 0)),
                             leaf(l, FORM_NUMBER, dot + 1, 0)};
    struct form form = {.kind = FORM_ELEMENT, .strength = BINDS_ATOM, .text = text, .degree = 1};
    return text && parts[1] ? layout_make(l, form, parts, 2) : NULL;
}

static struct form *element(struct layout *l, node_id n) {
    const struct array *array = &l->program->arrays.at[node_payload(graph_of(l), n)];
    uint32_t rank = node_count(graph_of(l), n);
    if (rank == 0) return leaf(l, FORM_NAME, array->name, array->role != ROLE_PARAM);
    const char *dot = rank == 1 ? number_of_column(array->name) : NULL;
    if (dot) return want_operands(l, n) ? NULL : numbered_element(l, n, dot);
    struct form form = {.kind = FORM_ELEMENT, .strength = BINDS_ATOM, .text = array->name, .degree = 1};
    return of_operands(l, n, form);
}

static bool is_true(const struct layout *l, node_id n) {
    return node_op(graph_of(l), n) == OP_BOOL && node_payload(graph_of(l), n);
}

static bool want_range(struct layout *l, const struct reduction_range *range) {
    bool waiting = layout_want(l, range->lower);
    waiting |= layout_want(l, range->upper);
    if (!node_is_int(graph_of(l), range->by, 1)) waiting |= layout_want(l, range->by);
    if (!is_true(l, range->filter)) waiting |= layout_want(l, range->filter);
    return waiting;
}

static struct form *range_form(struct layout *l, const struct reduction_range *range) {
    struct form *parts[4] = {layout_made(l, range->lower), layout_made(l, range->upper)};
    if (!node_is_int(graph_of(l), range->by, 1)) parts[2] = layout_made(l, range->by);
    if (!is_true(l, range->filter)) parts[3] = layout_made(l, range->filter);
    struct form form = {.kind = FORM_RANGE, .text = l->indices->names.at[range->index]};
    return layout_make(l, form, parts, 4);
}

static struct form *reduction(struct layout *l, node_id n) {
    struct reduction r;
    if (!reduction_move(l->reductions, n, &r)) {
        l->failed = true;
        return NULL;
    }
    bool waiting = layout_want(l, r.value);
    for (uint32_t k = 0; k < r.count; k++) waiting |= want_range(l, &r.ranges[k]);
    if (waiting) return NULL;
    struct form **parts = ARENA_ARRAY(l->program->arena, struct form *, r.count + 1);
    if (!parts) {
        l->failed = true;
        return NULL;
    }
    parts[0] = layout_alone(l, layout_made(l, r.value));
    for (uint32_t k = 0; k < r.count; k++) parts[k + 1] = range_form(l, &r.ranges[k]);
    const char *name = r.op == UPDATE_ADD ? "sum" : r.op == UPDATE_MAX ? "max" : "min";
    enum op op = r.op == UPDATE_ADD ? OP_ADD : r.op == UPDATE_MAX ? OP_MAX : OP_MIN;
    struct form form = {.kind = FORM_REDUCTION, .strength = BINDS_ATOM, .op = op, .text = name, .degree = 1};
    return l->failed ? NULL : layout_make(l, form, parts, r.count + 1);
}

static struct form *read(struct layout *l, node_id n) {
    bool reduced = l->reductions && reduction_of(l->reductions, node_payload(graph_of(l), n));
    return reduced ? reduction(l, n) : element(l, n);
}

/* ---- Conditions ---- */

/* x > y rather than y < x. */
static void turn_names(struct layout *l, struct form **parts, const char **sign) {
    static const char *const signs[][2] = {
        {" < ", " > "}, {" <= ", " >= "}, {" == ", " == "}, {" != ", " != "}};
    bool plain = true;
    for (int k = 0; k < 2; k++) {
        bool name = parts[k]->kind == FORM_NAME && strcmp(parts[k]->text, "inf") != 0;
        plain &= name || parts[k]->kind == FORM_ELEMENT;
    }
    if (!plain || layout_compare(l, parts[0], parts[1]) <= 0) return;
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
        if (strcmp(signs[k][0], *sign) != 0) continue;
        struct form *first = parts[0];
        parts[0] = parts[1];
        parts[1] = first;
        *sign = signs[k][1];
        return;
    }
}

static struct form *sides(struct layout *l, struct comparison c, bool whole) {
    bool waiting = layout_want(l, c.left);
    waiting |= layout_want(l, c.right);
    if (waiting) return NULL;
    struct form *parts[2] = {layout_made(l, c.left), layout_made(l, c.right)};
    if (!whole) turn_names(l, parts, &c.sign);
    return layout_make(
        l, (struct form){.kind = FORM_COMPARISON, .strength = BINDS_COMPARISON, .text = c.sign}, parts, 2);
}

static bool is_number(const struct graph *g, node_id n) {
    enum op op = node_op(g, n);
    if (op == OP_MUL)
        return node_op(g, node_operand(g, n, 0)) == OP_CONST &&
               node_op(g, node_operand(g, n, 1)) == OP_INFINITY;
    return op == OP_CONST || op == OP_INFINITY;
}

/* Numbers stand on the right, and computed sides on the left of names. */
static bool stands_right(const struct graph *g, node_id n) {
    return is_number(g, n) || (node_op(g, n) == OP_READ && node_count(g, n) == 0);
}

static struct form *comparison(struct layout *l, node_id n, bool turned) {
    struct graph *g = graph_of(l);
    enum op op = node_op(g, n);
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    bool equality = op == OP_EQ || op == OP_NE;
    bool swap =
        (is_number(g, a) && !is_number(g, b)) || (equality && stands_right(g, a) && !stands_right(g, b));
    const char *sign = op == OP_LT ? (swap ? " > " : " < ") : swap ? " >= " : " <= ";
    if (equality) sign = (op == OP_EQ) != turned ? " == " : " != ";
    return sides(l, (struct comparison){swap ? b : a, sign, swap ? a : b}, false);
}

static struct form *whole_comparison(struct layout *l, node_id n) {
    enum op op;
    node_id d;
    is_whole_comparison(graph_of(l), n, &op, &d);
    return sides(l, compare_whole(graph_of(l), op, d, l->first_element), true);
}

static struct form *negation(struct layout *l, node_id n) {
    struct graph *g = graph_of(l);
    node_id inner = node_operand(g, n, 0), d;
    enum op op = node_op(g, inner), whole;
    if (is_whole_comparison(g, n, &whole, &d)) return whole_comparison(l, n);
    if (op == OP_EQ || op == OP_NE) return comparison(l, inner, true);
    return pair(l, n, FORM_NOT, BINDS_NOT);
}

static struct form *truth(struct layout *l, node_id n) {
    struct graph *g = graph_of(l);
    node_id zero = mk_int(g, 0), other = mk_int(g, node_payload(g, n) ? 0 : 1);
    return sides(l, (struct comparison){zero, " == ", other}, true);
}

/* ---- Whole numbers ---- */

static struct form *quotient(struct layout *l, struct form *above, struct form *below) {
    struct form *parts[2] = {signed_form(l, above, false), below};
    struct form form = {
        .kind = FORM_PRODUCT, .strength = BINDS_PRODUCT, .above = 1, .negative = above->negative};
    return l->failed ? NULL : layout_make(l, form, parts, 2);
}

static struct form *whole_product(struct layout *l, node_id n) {
    struct graph *g = graph_of(l);
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    if (want_operands(l, n)) return NULL;
    struct form *parts[2] = {layout_made(l, a), layout_made(l, b)};
    bool negative = parts[0]->negative != parts[1]->negative;
    if (node_is_int(g, a, -1) && !parts[1]->negative) return signed_form(l, parts[1], true);
    parts[0] = signed_form(l, parts[0], false);
    parts[1] = signed_form(l, parts[1], false);
    if (node_op(g, a) != OP_INT) layout_sort_factors(l, parts, 2);
    struct form form = {.kind = FORM_PRODUCT, .strength = BINDS_PRODUCT, .above = 2, .negative = negative};
    return l->failed ? NULL : layout_make(l, form, parts, 2);
}

static struct form *whole(struct layout *l, node_id n) {
    struct graph *g = graph_of(l);
    switch ((int)node_op(g, n)) {
    case OP_INT: return whole_number(l, n);
    case OP_INDEX: return leaf(l, FORM_NAME, l->indices->names.at[node_payload(g, n)], 0);
    case OP_IADD: return layout_whole_sum(l, n);
    case OP_IMUL: return whole_product(l, n);
    case OP_IDIV:
        return want_operands(l, n) ? NULL
                                   : quotient(l, layout_made(l, node_operand(g, n, 0)),
                                              layout_made(l, node_operand(g, n, 1)));
    case OP_IMOD: return pair(l, n, FORM_REMAINDER, BINDS_PRODUCT);
    case OP_IFLOOR: return call(l, n, "div");
    case OP_IMIN: return call(l, n, "min");
    case OP_IMAX: return call(l, n, "max");
    default: return call(l, n, "abs");
    }
}

/* ---- Everything ---- */

static struct form *make(struct layout *l, node_id n) {
    struct graph *g = graph_of(l);
    enum op op = node_op(g, n);
    switch ((int)op) {
    case OP_CONST: return constant(l, n);
    case OP_PI: return leaf(l, FORM_NAME, "pi", 0);
    case OP_INFINITY: return leaf(l, FORM_NAME, "inf", 0);
    case OP_BOOL: return truth(l, n);
    case OP_READ: return read(l, n);
    case OP_TO_REAL: return want_operands(l, n) ? NULL : layout_made(l, node_operand(g, n, 0));
    case OP_ADD: return layout_sum(l, n);
    case OP_MUL:
    case OP_DIV:
    case OP_POWI: return layout_product(l, n);
    case OP_POW:
        return of_operands(l, n, (struct form){.kind = FORM_POWER, .strength = BINDS_POWER, .degree = 1});
    case OP_SELECT:
    case OP_ISELECT: return pair(l, n, FORM_CHOICE, BINDS_IF);
    case OP_AND: return pair(l, n, FORM_AND, BINDS_AND);
    case OP_OR: return pair(l, n, FORM_OR, BINDS_OR);
    case OP_NOT: return negation(l, n);
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE: return comparison(l, n, false);
    case OP_ILT:
    case OP_ILE:
    case OP_IEQ:
    case OP_INE: return whole_comparison(l, n);
    default: break;
    }
    return op_info(op)->is_function ? call(l, n, op_info(op)->name) : whole(l, n);
}

struct form *layout_form(struct layout *l, node_id root) {
    size_t floor = l->stack.count;
    layout_want(l, root);
    while (l->stack.count > floor && !l->failed) {
        node_id n = VEC_LAST(&l->stack);
        size_t top = l->stack.count;
        if (layout_made(l, n)) {
            l->stack.count--;
            continue;
        }
        struct form *form = make(l, n);
        if (!form && l->stack.count == top) l->failed = true; /* nothing to wait for */
        if (!form) continue;
        l->failed |= !VEC_PUSH(&l->forms, form);
        l->failed |= !node_map_set(&l->place_of, n, (uint32_t)l->forms.count);
    }
    return l->failed ? NULL : layout_alone(l, layout_made(l, root));
}

void layout_release(struct layout *l) {
    node_map_release(&l->place_of);
    VEC_FREE(&l->forms);
    VEC_FREE(&l->stack);
}
