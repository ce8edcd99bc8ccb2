#include <stdlib.h>
#include <string.h>

#include "formula/product.h"
#include "formula/sheet.h"
#include "formula/rewrite.h"
#include "ir/build.h"

/* A summand of a formula. */
struct summand {
    const char *text;
    enum binding_strength strength;
    bool negative;
};

struct summands {
    struct sheet *s;
    VEC(struct summand) all;
};

static struct graph *graph_of(const struct sheet *s) {
    return s->program->graph;
}

static const char *keep(struct sheet *s, struct text *text) {
    const char *copy = text->failed ? NULL : arena_text(s->program->arena, text_string(text), text->length);
    text_free(text);
    if (!copy) s->failed = true;
    return copy ? copy : "?";
}

/* ---- Wrappers ---- */

/* The loops first seen of the indices that a condition uses; conditions stand behind the last of them. */
static size_t place_of_condition(const struct sheet *s, const struct term *term, node_id condition) {
    size_t place = 0;
    for (uint32_t k = 0; k < term->count; k++)
        if (term->wrappers[k].index && uses_index(graph_of(s), condition, term->wrappers[k].index))
            place = k + 1;
    return place;
}

static bool is_about_indices(const struct sheet *s, node_id condition) {
    enum op op;
    node_id d;
    return is_whole_comparison(graph_of(s), condition, &op, &d);
}

/* The conditions that belong directly behind wrapper number `place` - 1, those on indices first: what the
 * others read may exist only there. */
static node_id conditions_at(const struct sheet *s, const struct term *term, size_t place) {
    node_id all = mk_bool(graph_of(s), true);
    for (int about_indices = 1; about_indices >= 0; about_indices--) {
        for (uint32_t k = 0; k < term->count; k++) {
            const struct wrapper *w = &term->wrappers[k];
            if (w->index || place_of_condition(s, term, w->condition) != place) continue;
            if (is_about_indices(s, w->condition) == (about_indices == 1))
                all = mk_and(graph_of(s), all, w->condition);
        }
    }
    return all;
}

static bool is_true(const struct sheet *s, node_id n) {
    return node_op(graph_of(s), n) == OP_BOOL && node_payload(graph_of(s), n);
}

static bool has_loops(const struct term *term) {
    for (uint32_t k = 0; k < term->count; k++)
        if (term->wrappers[k].index) return true;
    return false;
}

/* ---- Reductions ---- */

static void add_range(struct sheet *s, struct text *out, const struct wrapper *w, node_id filter,
                      bool first) {
    struct renderer *r = &s->renderer;
    text_addf(out, "%s%s in %s..%s", first ? "" : ", ", r->index_names[w->index],
              render(r, w->lower, BINDS_SUM), render(r, w->upper, BINDS_SUM));
    if (!node_is_int(graph_of(s), w->by, 1)) text_addf(out, " by %s", render(r, w->by, BINDS_SUM));
    if (!is_true(s, filter)) text_addf(out, " if %s", render(r, filter, BINDS_OR));
}

/* "sum(VALUE for i in 1..n, ...)" */
static const char *reduction(struct sheet *s, const struct term *term, const char *name, node_id value) {
    struct text text = {0};
    bool first = true;
    text_addf(&text, "%s(%s for ", name, render(&s->renderer, value, BINDS_IF));
    for (uint32_t k = 0; k < term->count; k++) {
        if (!term->wrappers[k].index) continue;
        add_range(s, &text, &term->wrappers[k], conditions_at(s, term, k + 1), first);
        first = false;
    }
    text_add(&text, ")");
    return keep(s, &text);
}

/* `not a <= b` of real numbers, which is more than `a > b`. */
static bool is_negated(const struct sheet *s, node_id condition) {
    enum op op;
    node_id d;
    return node_op(graph_of(s), condition) == OP_NOT && !is_whole_comparison(graph_of(s), condition, &op, &d);
}

static void conditional(struct sheet *s, struct summand *summand, node_id condition) {
    struct text text = {0};
    if (is_true(s, condition)) return;
    const char *sign = summand->negative ? "-" : "";
    if (is_negated(s, condition))
        text_addf(&text, "if %s then 0 else %s%s",
                  render(&s->renderer, node_operand(graph_of(s), condition, 0), BINDS_OR), sign,
                  summand->text);
    else
        text_addf(&text, "if %s then %s%s else 0", render(&s->renderer, condition, BINDS_OR), sign,
                  summand->text);
    *summand = (struct summand){.text = keep(s, &text), .strength = BINDS_IF};
}

/* A term whose value is 0 but for a condition has that as a condition of its own. */
static struct term with_filter(struct sheet *s, const struct term *term) {
    struct graph *g = graph_of(s);
    struct term result = *term;
    while (node_op(g, result.value) == OP_SELECT) {
        node_id condition = node_operand(g, result.value, 0), then = node_operand(g, result.value, 1);
        node_id other = node_operand(g, result.value, 2);
        bool turned = node_is_number(g, then, 0);
        if (!turned && !node_is_number(g, other, 0)) break;
        struct wrapper *wrappers = ARENA_ARRAY(s->program->arena, struct wrapper, result.count + 1);
        if (!wrappers) break;
        memcpy(wrappers, result.wrappers, result.count * sizeof *wrappers);
        wrappers[result.count++] = (struct wrapper){.condition = turned ? mk_not(g, condition) : condition};
        result.wrappers = wrappers;
        result.value = turned ? other : then;
    }
    return result;
}

/* "2*SUM/3" */
static void scale(struct sheet *s, struct summand *summand, const mpq_t factor) {
    struct text text = {0};
    char *above = mpz_get_str(NULL, 10, mpq_numref(factor)),
         *below = mpz_get_str(NULL, 10, mpq_denref(factor));
    if (!above || !below) s->failed = true;
    if (mpz_cmp_ui(mpq_numref(factor), 1) != 0) text_addf(&text, "%s*", above ? above : "?");
    text_add(&text, summand->text);
    if (mpz_cmp_ui(mpq_denref(factor), 1) != 0) text_addf(&text, "/%s", below ? below : "?");
    free(above);
    free(below);
    summand->text = keep(s, &text);
    summand->strength = BINDS_PRODUCT;
}

/* A sum over loops, with its constant factor in front. */
static void add_looped(struct summands *all, const struct term *whole) {
    struct sheet *s = all->s;
    const struct term filtered = with_filter(s, whole), *term = &filtered;
    struct graph *g = graph_of(s);
    struct product p;
    product_init(&p);
    product_take(&s->renderer, &p, term->value);
    struct summand summand = {.strength = BINDS_ATOM, .negative = mpq_sgn(p.coefficient) < 0};
    mpq_abs(p.coefficient, p.coefficient);
    bool plain = mpq_sgn(p.coefficient) == 0 || mpq_cmp_ui(p.coefficient, 1, 1) == 0;
    node_id value = term->value;
    if (summand.negative) value = mk_neg(g, value);
    if (!plain) {
        mpq_t inverse;
        mpq_init(inverse);
        mpq_inv(inverse, p.coefficient);
        value = mk_mul(g, graph_rational(g, inverse), value);
        mpq_clear(inverse);
    }
    summand.text = reduction(s, term, "sum", value);
    if (!plain) scale(s, &summand, p.coefficient);
    product_release(&p);
    conditional(s, &summand, conditions_at(s, term, 0));
    if (!VEC_PUSH(&all->all, summand)) s->failed = true;
}

/* ---- Terms without loops ---- */

static struct summand plain_summand(struct sheet *s, node_id value) {
    struct rendered r = render_node(&s->renderer, value);
    return (struct summand){r.text, r.strength, r.negative};
}

static void add_plain(struct summands *all, node_id value, node_id condition) {
    struct summand summand = plain_summand(all->s, value);
    conditional(all->s, &summand, condition);
    if (!VEC_PUSH(&all->all, summand)) all->s->failed = true;
}

/* Values and the conditions under which they count. */
struct alternative {
    node_id value, condition; /* value 0: it has been joined to another */
};

struct alternatives {
    VEC(struct alternative) all;
};

/* Terms under the same condition are one expression, so that like terms are collected. */
static void collect_straight(struct sheet *s, const struct definition *def, struct alternatives *a) {
    for (size_t k = 0; k < def->terms.count; k++) {
        const struct term *term = &def->terms.at[k];
        if (has_loops(term)) continue;
        node_id condition = conditions_at(s, term, 0);
        size_t at = 0;
        while (at < a->all.count && a->all.at[at].condition != condition) at++;
        if (at == a->all.count)
            VEC_PUSH(&a->all, ((struct alternative){term->value, condition}));
        else
            a->all.at[at].value = mk_add(graph_of(s), a->all.at[at].value, term->value);
    }
    s->failed |= a->all.failed;
}

/* `(if k == n then a else 0) + (if k < n then b else 0)` is `if k == n then a else b`. */
static void join_opposites(struct sheet *s, const struct definition *def, struct alternatives *a) {
    enum { MOST_JOINED = 16 };
    struct graph *g = graph_of(s);
    struct known *known = &s->definitions.known;
    known->ranges.count = 0;
    for (uint32_t k = 0; k < def->rank; k++)
        known_add(known, def->indices[k], def->ranges[k].lower, def->ranges[k].upper);
    for (size_t i = 0; i < a->all.count && a->all.count <= MOST_JOINED; i++) {
        struct alternative *first = &a->all.at[i];
        if (!first->value || is_true(s, first->condition)) continue;
        node_id opposite = known_simplify(known, mk_not(g, first->condition));
        for (size_t j = 0; j < a->all.count; j++) {
            struct alternative *second = &a->all.at[j];
            if (j == i || !second->value || second->condition != opposite) continue;
            first->value = mk_select(g, first->condition, first->value, second->value);
            first->condition = mk_bool(g, true);
            second->value = 0;
            break;
        }
    }
}

static bool is_equation(const struct sheet *s, node_id condition) {
    return node_op(graph_of(s), condition) == OP_IEQ;
}

static void add_straight(struct summands *all, const struct definition *def) {
    struct sheet *s = all->s;
    struct alternatives a = {0};
    collect_straight(s, def, &a);
    /* Equations first: their opposites are found from them. */
    for (size_t k = 1; k < a.all.count; k++) {
        struct alternative moved = a.all.at[k];
        size_t at = k;
        for (; is_equation(s, moved.condition) && at > 0 && !is_equation(s, a.all.at[at - 1].condition); at--)
            a.all.at[at] = a.all.at[at - 1];
        a.all.at[at] = moved;
    }
    join_opposites(s, def, &a);
    for (size_t k = 0; k < a.all.count; k++)
        if (a.all.at[k].value) add_plain(all, a.all.at[k].value, a.all.at[k].condition);
    VEC_FREE(&a.all);
}

/* ---- Definitions ---- */

static const char *join(struct summands *all, enum binding_strength *strength) {
    struct text text = {0};
    size_t lead = 0;
    if (all->all.count == 0) {
        *strength = BINDS_ATOM;
        return "0";
    }
    while (lead < all->all.count && all->all.at[lead].negative) lead++;
    if (lead == all->all.count) lead = 0;
    for (size_t k = 0; k < all->all.count; k++) {
        const struct summand *part = &all->all.at[k == 0 ? lead : k <= lead ? k - 1 : k];
        bool alone = all->all.count == 1 && !part->negative;
        bool brackets = !alone && part->strength < (part->negative ? BINDS_PRODUCT : BINDS_SUM);
        text_add(&text, k > 0 ? (part->negative ? " - " : " + ") : part->negative ? "-" : "");
        text_addf(&text, brackets ? "(%s)" : "%s", part->text);
        *strength = all->all.count > 1 ? BINDS_SUM : part->negative ? BINDS_SUM : part->strength;
    }
    return keep(all->s, &text);
}

/* Whether a condition is one of those that another joins by `and`. */
static bool is_conjunct(const struct sheet *s, node_id all, node_id condition) {
    const struct graph *g = graph_of(s);
    while (node_op(g, all) == OP_AND) {
        if (node_operand(g, all, 1) == condition) return true;
        all = node_operand(g, all, 0);
    }
    return all == condition;
}

/* Splits the condition of a term into what all terms of the definition ask for, and the rest. */
static void split_condition(struct sheet *s, const struct definition *def, const struct term *term,
                            node_id *common, node_id *rest) {
    struct graph *g = graph_of(s);
    *common = *rest = mk_bool(g, true);
    for (uint32_t w = 0; w < term->count; w++) {
        node_id condition = term->wrappers[w].condition;
        bool shared = true;
        for (size_t k = 0; k < def->terms.count; k++)
            shared &= is_conjunct(s, conditions_at(s, &def->terms.at[k], 0), condition);
        if (shared)
            *common = mk_and(g, *common, condition);
        else
            *rest = mk_and(g, *rest, condition);
    }
}

/* Elements that are set case by case; the last needs no condition, for together they are complete where what
 * they have in common holds. */
static const char *cases(struct sheet *s, const struct definition *def, enum binding_strength *strength) {
    struct text text = {0};
    node_id common, rest;
    split_condition(s, def, &def->terms.at[0], &common, &rest);
    bool always = is_true(s, common);
    if (!always) text_addf(&text, "if %s then ", render(&s->renderer, common, BINDS_OR));
    for (size_t k = 0; k < def->terms.count; k++) {
        const struct term *term = &def->terms.at[k];
        bool last = k + 1 == def->terms.count;
        split_condition(s, def, term, &common, &rest);
        if (!last) text_addf(&text, "if %s then ", render(&s->renderer, rest, BINDS_OR));
        text_add(&text, render(&s->renderer, term->value, BINDS_IF));
        if (!last) text_add(&text, " else ");
    }
    if (!always) text_add(&text, " else 0");
    *strength = BINDS_IF;
    return keep(s, &text);
}

/* Under a condition that does not hold, an extremum is that of nothing. */
static const char *extremum(struct sheet *s, const struct definition *def, enum binding_strength *strength) {
    bool largest = def->terms.at[0].op == UPDATE_MAX, several = def->terms.count > 1;
    const char *name = largest ? "max" : "min";
    struct text text = {0};
    if (several) text_addf(&text, "%s(", name);
    for (size_t k = 0; k < def->terms.count; k++) {
        const struct term *term = &def->terms.at[k];
        node_id condition = conditions_at(s, term, 0);
        bool always = is_true(s, condition);
        if (k) text_add(&text, ", ");
        if (!always) text_addf(&text, "if %s then ", render(&s->renderer, condition, BINDS_OR));
        text_add(&text, has_loops(term) ? reduction(s, term, name, term->value)
                                        : render(&s->renderer, term->value, BINDS_IF));
        if (!always) text_add(&text, largest ? " else -inf" : " else inf");
        if (!several) *strength = always ? BINDS_ATOM : BINDS_IF;
    }
    if (several) text_add(&text, ")");
    return keep(s, &text);
}

const char *sheet_formula(struct sheet *s, const struct definition *def, enum binding_strength *strength) {
    struct summands all = {.s = s};
    bool set = true;
    *strength = BINDS_ATOM;
    for (size_t k = 0; k < def->terms.count; k++)
        set &= def->terms.at[k].op == UPDATE_SET && !has_loops(&def->terms.at[k]);
    if (def->terms.count > 0 && def->terms.at[0].op >= UPDATE_MAX) return extremum(s, def, strength);
    bool plain = def->terms.count == 1 && is_true(s, conditions_at(s, &def->terms.at[0], 0));
    if (set && def->terms.count > 0 && !plain) return cases(s, def, strength);
    if (set && plain) {
        const struct rendered value = render_node(&s->renderer, def->terms.at[0].value);
        *strength = value.negative ? BINDS_SUM : value.strength;
        return render(&s->renderer, def->terms.at[0].value, BINDS_IF);
    }
    for (size_t k = 0; k < def->terms.count; k++)
        if (has_loops(&def->terms.at[k])) add_looped(&all, &def->terms.at[k]);
    add_straight(&all, def);
    const char *text = join(&all, strength);
    VEC_FREE(&all.all);
    return text;
}
