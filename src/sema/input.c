#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "sema/declare.h"
#include "support/number.h"

/* ---- Params ---- */

static const struct given_param *find_given(struct checker *c, const char *name) {
    const struct given_param *found = NULL;
    for (size_t k = 0; c->options && k < c->options->param_count; k++) {
        if (strcmp(c->options->params[k].name, name) != 0) continue;
        found = &c->options->params[k];
        c->given.at[k] = true;
    }
    return found;
}

static double *given_values(struct checker *c, const struct given_param *given,
                            const struct model_array *shape) {
    if (given->count != shape->count) {
        diag_error(c->diags, "shape-mismatch", shape->span, "`%s` is %s, but %zu value%s given", shape->name,
                   shape_text(c, shape->array), given->count, given->count == 1 ? " is" : "s are");
        return NULL;
    }
    double *values = calloc(shape->count + 1, sizeof *values);
    if (values && given->count) memcpy(values, given->values, given->count * sizeof *values);
    return values;
}

static double *param_values(struct checker *c, const struct ast_declaration *d,
                            const struct given_param *given, const struct model_array *shape) {
    if (given) return given_values(c, given, shape);
    if (d->value) return declared_values(c, d, d->value, shape, "a param");
    struct diag *diag =
        diag_error(c->diags, "missing-param", d->name_span, "the param `%s` has no value", d->name);
    diag_hint(c->diags, diag, "give it one: -D %s=%s", d->name, shape->rank ? "[...]" : "...");
    return NULL;
}

/* Keeps values until the model is released. */
static bool keep(struct checker *c, array_id array, double *values, size_t count) {
    if (!VEC_PUSH(&c->model->owned, values)) {
        free(values);
        return false;
    }
    contents_set_real(c, array, values, count);
    return true;
}

static bool define_param(struct checker *c, const struct ast_declaration *d, struct model_array *shape) {
    bool whole = usage_of(&c->usage, d->name).integer;
    const struct given_param *given = find_given(c, d->name);
    if (!declare_array(c, d, ROLE_PARAM, whole ? TYPE_INT : TYPE_REAL, shape)) return false;
    c->may_wait = !whole;
    double *values = param_values(c, d, given, shape);
    c->may_wait = false;
    if (!values) return false;
    if (!whole) return keep(c, shape->array, values, shape->count);
    bool good = set_whole(c, shape, values);
    free(values);
    return good;
}

void declare_params(struct checker *c, const struct ast_statement *s) {
    for (uint32_t k = 0; k < s->declaration_count; k++) {
        const struct ast_declaration *d = &s->declarations[k];
        struct model_array shape;
        bool good = define_param(c, d, &shape);
        declare_symbol(c, d, good ? SYMBOL_PARAM : SYMBOL_BROKEN, good ? shape.array : 0, false);
        if (good) VEC_PUSH(&c->model->params, shape);
    }
}

/* ---- Unknowns ---- */

/* An element of an array, "b[2]", in the arena. */
static const char *element_text(struct model *model, const struct model_array *shape, size_t element) {
    struct text text = {0};
    text_add(&text, shape->name);
    size_t below = shape->count;
    for (uint32_t k = 0; k < shape->rank; k++) {
        below /= (size_t)shape->extent[k];
        text_addf(&text, "%s%lld", k ? "," : "[", (long long)(shape->lower[k] + (int64_t)(element / below)));
        element %= below;
    }
    if (shape->rank) text_add(&text, "]");
    const char *copy = arena_text(&model->arena, text_string(&text), strlen(text_string(&text)));
    text_free(&text);
    return copy ? copy : shape->name;
}

static bool check_bounds(struct model *model, const struct ast_declaration *d, struct model_unknown *u) {
    for (size_t k = 0; k < u->shape.count; k++) {
        if (u->lower[k] <= u->upper[k]) continue;
        char low[NUMBER_CHARS], high[NUMBER_CHARS];
        number_format(u->lower[k], low);
        number_format(u->upper[k], high);
        diag_error(&model->diags, "crossed-bounds", span_join(d->lower->span, d->upper->span),
                   "the lower bound of `%s`, %s, is above the upper one, %s",
                   element_text(model, &u->shape, k), low, high);
        return false;
    }
    return true;
}

/* False where memory is exhausted. */
static bool move_start(struct model *model, const struct ast_declaration *d, struct model_unknown *u) {
    bool noted = d->value == NULL;
    for (size_t k = 0; k < u->shape.count; k++) {
        double start = u->start[k];
        double inside = start < u->lower[k] ? u->lower[k] : start > u->upper[k] ? u->upper[k] : start;
        if (inside == start) continue;
        u->start[k] = inside;
        if (!u->outside) u->outside = calloc(u->shape.count, sizeof *u->outside);
        if (!u->outside) return false;
        u->outside[k] = true;
        if (noted) continue;
        char digits[NUMBER_CHARS];
        number_format(inside, digits);
        diag_add(&model->diags, SEVERITY_NOTE, "start-moved", d->value->span,
                 "the start of `%s` is outside its bounds and moves to %s", element_text(model, &u->shape, k),
                 digits);
        noted = true;
    }
    return true;
}

static bool check_start(struct model *model, const struct ast_declaration *d, const struct model_unknown *u) {
    for (size_t k = 0; k < u->shape.count; k++) {
        if (isfinite(u->start[k])) continue;
        diag_error(&model->diags, "start-not-finite", d->value ? d->value->span : d->span,
                   "the start of `%s` is not a finite number", element_text(model, &u->shape, k));
        return false;
    }
    return true;
}

static bool check_unknown(struct model *model, const struct ast_declaration *d, struct model_unknown *u) {
    if (u->lower && u->upper) {
        if (!check_bounds(model, d, u)) return false;
        if (!move_start(model, d, u)) {
            diag_error(&model->diags, "out-of-memory", d->span, "memory is exhausted");
            return false;
        }
    }
    return check_start(model, d, u);
}

bool model_check_point(struct model *model) {
    bool good = true;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        struct model_unknown *u = &model->unknowns.at[k];
        if (u->unchecked && !check_unknown(model, u->unchecked, u)) good = false;
        u->unchecked = NULL;
    }
    return good;
}

/* The values of a bound or a start; notes whether they wait. */
static double *values_of(struct checker *c, const struct ast_declaration *d, const struct ast *ast,
                         const char *what, struct model_unknown *u) {
    c->may_wait = true;
    double *values = declared_values(c, d, ast, &u->shape, what);
    c->may_wait = false;
    if (c->waits) u->unchecked = d;
    return values;
}

static bool define_unknown(struct checker *c, const struct ast_declaration *d, struct model_unknown *u) {
    if (!declare_array(c, d, ROLE_UNKNOWN, TYPE_REAL, &u->shape)) return false;
    if (d->lower) u->lower = values_of(c, d, d->lower, "a bound", u);
    if (d->lower && !u->lower) return false;
    if (d->upper) u->upper = values_of(c, d, d->upper, "a bound", u);
    if (d->upper && !u->upper) return false;
    u->start =
        d->value ? values_of(c, d, d->value, "a start", u) : calloc(u->shape.count + 1, sizeof *u->start);
    if (!u->start) return false;
    bool zeros = !d->value && !(u->lower && u->upper);
    return u->unchecked || zeros || check_unknown(c->model, d, u);
}

static void add_unknown(struct checker *c, const struct ast_declaration *d) {
    struct model_unknown u = {.offset = c->model->dimension};
    bool good = define_unknown(c, d, &u);
    if (good && VEC_PUSH(&c->model->unknowns, u)) {
        contents_set_real(c, u.shape.array, u.start, u.shape.count);
        c->model->dimension += u.shape.count;
    } else {
        good = false;
        free(u.start);
        free(u.lower);
        free(u.upper);
        free(u.outside);
    }
    declare_symbol(c, d, good ? SYMBOL_UNKNOWN : SYMBOL_BROKEN, good ? u.shape.array : 0, true);
}

void declare_unknowns(struct checker *c, const struct ast_statement *s) {
    for (uint32_t k = 0; k < s->declaration_count; k++) add_unknown(c, &s->declarations[k]);
}

void declare_free_name(struct checker *c, const struct ast *name) {
    struct ast_declaration d = {.name = name->name, .name_span = name->span, .span = name->span};
    add_unknown(c, &d);
}
