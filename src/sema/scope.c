#include "sema/scope.h"

#include <string.h>

#include "ir/ops.h"
#include "support/intern.h"
#include "support/text.h"

void scope_release(struct scope *scope) {
    LARGE_FREE(&scope->symbols);
    VEC_FREE(&scope->functions);
    VEC_FREE(&scope->locals);
    LARGE_FREE(&scope->later);
    name_map_release(&scope->later_places);
    name_map_release(&scope->later_functions);
    name_map_release(&scope->symbol_places);
    name_map_release(&scope->function_places);
}

struct symbol *scope_symbol(const struct scope *scope, const char *name) {
    uint32_t place = name_map_get(&scope->symbol_places, name);
    return place == NAME_NONE ? NULL : &scope->symbols.at[place];
}

struct function *scope_function(const struct scope *scope, const char *name) {
    uint32_t place = name_map_get(&scope->function_places, name);
    return place == NAME_NONE ? NULL : &scope->functions.at[place];
}

const struct local *scope_local(const struct scope *scope, const char *name) {
    for (size_t k = scope->locals.count; k > scope->hidden; k--)
        if (scope->locals.at[k - 1].name == name) return &scope->locals.at[k - 1];
    return NULL;
}

static void duplicate(const char *name, struct span span, struct span first, struct diag_list *diags) {
    struct diag *diag = diag_error(diags, "duplicate-name", span, "`%s` is declared already", name);
    diag_note(diags, diag, first, "the first declaration of `%s`", name);
}

struct symbol *scope_declare(struct scope *scope, struct symbol symbol, struct diag_list *diags) {
    const struct symbol *first = scope_symbol(scope, symbol.name);
    if (first) {
        duplicate(symbol.name, symbol.span, first->span, diags);
    } else if (!name_map_set(&scope->symbol_places, symbol.name, (uint32_t)scope->symbols.count)) {
        scope->symbols.failed = true;
    }
    return LARGE_PUSH(&scope->symbols, symbol) ? &VEC_LAST(&scope->symbols) : NULL;
}

void scope_declare_function(struct scope *scope, struct function function, struct diag_list *diags) {
    const struct function *first = scope_function(scope, function.name);
    if (first) {
        duplicate(function.name, function.span, first->span, diags);
        return;
    }
    if (op_find(function.name) != OP_NONE)
        diag_add(diags, SEVERITY_NOTE, "hidden-name", function.span, "`%s` hides the built-in function",
                 function.name);
    if (!name_map_set(&scope->function_places, function.name, (uint32_t)scope->functions.count) ||
        !VEC_PUSH(&scope->functions, function))
        scope->functions.failed = true;
}

void scope_push(struct scope *scope, struct local local, struct diag_list *diags) {
    const struct symbol *hidden = scope_symbol(scope, local.name);
    if (hidden && local.integer) {
        struct diag *diag = diag_add(diags, SEVERITY_NOTE, "hidden-name", local.span,
                                     "the index `%s` hides `%s`", local.name, local.name);
        diag_note(diags, diag, hidden->span, "`%s` is declared here", local.name);
    }
    VEC_PUSH(&scope->locals, local);
}

const char *scope_nearest(const char *name, const char *const *known, size_t count) {
    const char *near = count ? nearest_name(name, known, count) : NULL;
    bool letters = near && !near[1] && !name[1];
    return letters && (near[0] ^ name[0]) != ('a' ^ 'A') ? NULL : near;
}

static bool suggest(const char *name, const char *const *known, size_t count, struct diag *diag,
                    struct diag_list *diags) {
    const char *near = scope_nearest(name, known, count);
    if (near) diag_hint(diags, diag, "did you mean `%s`?", near);
    return near != NULL;
}

/* The first of them, of a fit that reads another name. */
static void list_columns(const struct scope *scope, struct diag *diag, struct diag_list *diags) {
    enum { SHOWN = 8 };
    struct text text = {0};
    size_t named = 0;
    if (scope->column_count == 1 && scope->columns[0] && strpbrk(scope->columns[0], " \t;")) {
        diag_hint(diags, diag, "the table has one column, `%s`: cells are separated by commas",
                  scope->columns[0]);
        return;
    }
    for (size_t k = 0; k < scope->column_count; k++) {
        if (!scope->columns[k] || named++ >= SHOWN) continue;
        text_addf(&text, "%s%s", named > 1 ? ", " : "", scope->columns[k]);
    }
    if (named)
        diag_hint(diags, diag, "the table has the columns %s%s", text_string(&text),
                  named > SHOWN ? ", ..." : "");
    text_free(&text);
}

static void foresee(struct scope *scope, struct name_map *places, const char *name,
                    struct declared_later later) {
    if (!name || name_map_get(places, name) != NAME_NONE) return;
    if (!name_map_set(places, name, (uint32_t)scope->later.count) || !LARGE_PUSH(&scope->later, later))
        scope->symbols.failed = true;
}

void scope_foresee(struct scope *scope, const char *name, struct span span, bool advances) {
    foresee(scope, &scope->later_places, name, (struct declared_later){span, advances});
}

void scope_foresee_function(struct scope *scope, const char *name, struct span span) {
    foresee(scope, &scope->later_functions, name, (struct declared_later){span, false});
}

/* Says so where a name is declared further below. */
static bool is_declared_below(const struct scope *scope, const struct name_map *places, const char *name,
                              struct diag *diag, struct diag_list *diags) {
    uint32_t later = name_map_get(places, name);
    if (later == NAME_NONE) return false;
    diag_hint(diags, diag, "it is declared below; a name is declared before it is used%s",
              scope->later.at[later].advances
                  ? ", and arrays that read each other share one `let`: let a[..] = .., b[..] = .."
                  : "");
    diag_note(diags, diag, scope->later.at[later].span, "`%s` is declared here", name);
    return true;
}

/* Functions that other languages call by another name. */
static const char *function_elsewhere(const char *name) {
    static const struct {
        const char *theirs, *ours;
    } names[] = {
        {"ln", "log"},
        {"arcsin", "asin"},
        {"arccos", "acos"},
        {"arctan", "atan"},
        {"sgn", "sign"},
        {"fabs", "abs"},
        {"power", "pow"},
        {"ceiling", "ceil"},
        {"int", "trunc"},
        {"floor_div", "div"},
        {"product", "prod"},
        {"maximum", "max"},
        {"minimum", "min"},
        {"arcsinh", "asinh"},
        {"inv_logit", "sigmoid"},
        {"expit", "sigmoid"},
        {"log_sum_exp", "logsumexp"},
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(name, names[k].theirs) == 0) return names[k].ours;
    return NULL;
}

void scope_unknown(const struct scope *scope, const char *name, struct span span, struct diag_list *diags) {
    struct diag *diag = diag_error(diags, "unknown-name", span, "nothing here is called `%s`", name);
    if (is_declared_below(scope, &scope->later_places, name, diag, diags)) return;
    if (strcmp(name, "e") == 0 && op_find("exp") != OP_NONE) {
        diag_hint(diags, diag, "write exp(x), and exp(1) for the number itself");
        return;
    }
    if (scope_function(scope, name) || op_find(name) != OP_NONE) {
        diag_hint(diags, diag, "`%s` is a function: write %s(...)", name, name);
        return;
    }
    VEC(const char *) known = {0};
    for (size_t k = scope->locals.count; k > scope->hidden; k--)
        VEC_PUSH(&known, scope->locals.at[k - 1].name);
    for (size_t k = 0; k < scope->symbols.count; k++) VEC_PUSH(&known, scope->symbols.at[k].name);
    for (size_t k = 0; k < scope->column_count; k++)
        if (scope->columns[k]) VEC_PUSH(&known, scope->columns[k]);
    if (!suggest(name, known.at, known.count, diag, diags) && scope->column_count)
        list_columns(scope, diag, diags);
    VEC_FREE(&known);
}

void scope_unknown_function(const struct scope *scope, const char *name, struct span span,
                            struct diag_list *diags) {
    struct diag *diag = diag_error(diags, "unknown-function", span, "there is no function `%s`", name);
    if (is_declared_below(scope, &scope->later_functions, name, diag, diags)) return;
    const struct symbol *value = scope_symbol(scope, name);
    const char *known_as = function_elsewhere(name);
    if (value && value->is_array && !scope_local(scope, name)) {
        diag_hint(diags, diag, "`%s` is an array: an element is %s[...]", name, name);
        return;
    }
    if (known_as && !value) {
        diag_hint(diags, diag, "it is called `%s` here", known_as);
        return;
    }
    if (value || scope_local(scope, name)) {
        diag_hint(diags, diag, "`%s` is a value; a product needs `*`: %s*(...)", name, name);
        return;
    }
    static const char *const reductions[] = {"sum", "prod", "logsumexp", "norm", "dot"};
    VEC(const char *) known = {0};
    for (size_t k = 0; k < scope->functions.count; k++) VEC_PUSH(&known, scope->functions.at[k].name);
    for (size_t k = 0; k < sizeof reductions / sizeof *reductions; k++) VEC_PUSH(&known, reductions[k]);
    for (int op = OP_NONE + 1; op < OP_COUNT; op++)
        if (op_info((enum op)op)->is_function) VEC_PUSH(&known, op_info((enum op)op)->name);
    suggest(name, known.at, known.count, diag, diags);
    VEC_FREE(&known);
}
