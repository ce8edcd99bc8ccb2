#include "ir/build.h"
#include "sema/declare.h"
#include "sema/family.h"
#include "sema/objective.h"

/* ---- Fits ---- */

static node_id row_count(struct checker *c, const struct table_source *t) {
    return mk_read(c->graph, t->rows, TYPE_INT, NULL, 0);
}

static array_id row_array(struct checker *c, const struct table_source *t, const char *name,
                          enum array_role role, struct span span) {
    struct dimension dim = {mk_int(c->graph, 1), row_count(c, t)};
    struct dimensions dims = {.at = &dim, .rank = 1};
    return new_array(c, name, role, TYPE_REAL, &dims, span);
}

static void report_no_table(struct checker *c, const struct ast_statement *s) {
    struct diag *diag =
        diag_error(c->diags, "unknown-name", s->name_span, "nothing here is called `%s`", s->name);
    diag_hint(c->diags, diag, "a table comes from a file: data %s from \"%s.csv\"", s->name, s->name);
}

static struct table_source *fitted_table(struct checker *c, const struct ast_statement *s) {
    const struct symbol *symbol = scope_symbol(&c->scope, s->name);
    if (!symbol) {
        if (c->model->tables.count)
            scope_unknown(&c->scope, s->name, s->name_span, c->diags);
        else
            report_no_table(c, s);
        return NULL;
    }
    if (symbol->kind == SYMBOL_BROKEN) return NULL;
    if (symbol->kind != SYMBOL_TABLE) {
        struct diag *diag = diag_error(c->diags, "not-a-table", s->name_span, "`%s` is no table", s->name);
        diag_note(c->diags, diag, symbol->span, "`%s` is declared here", s->name);
        return NULL;
    }
    if (symbol->table->table.rows > 0) return symbol->table;
    diag_error(c->diags, "no-rows", s->name_span, "the table `%s` has no rows to fit", s->name);
    return NULL;
}

/* What a fit computes for a row. */
struct fit_row {
    node_id observed, fitted, weight; /* weight 0: none */
};

static void update_row(struct checker *c, array_id array, node_id value, struct span span) {
    bodies_update(&c->bodies, array, &c->fit_row, 1, UPDATE_SET, value, span);
}

static void write_row(struct checker *c, const struct ast_statement *s, const struct fit_row *row,
                      const struct model_residual *r, array_id objective) {
    struct graph *g = c->graph;
    g->here = s->span;
    node_id residual = mk_sub(g, row->observed, row->fitted);
    node_id square = mk_square(g, residual);
    node_id weighted = row->weight ? mk_mul(g, mk_call1(g, OP_SQRT, row->weight), residual) : residual;
    node_id term = row->weight ? mk_mul(g, row->weight, square) : square;
    bodies_update(&c->bodies, objective, NULL, 0, UPDATE_ADD, term, s->span);
    update_row(c, r->observed, row->observed, s->span);
    update_row(c, r->fitted, row->fitted, s->span);
    update_row(c, r->shape.array, weighted, s->span);
}

static void fit_rows(struct checker *c, const struct ast_statement *s, struct table_source *t,
                     const struct model_residual *r, array_id objective) {
    struct graph *g = c->graph;
    uint32_t back = c->bodies.current;
    index_id index = program_index(c->program, "row", s->name_span);
    struct step loop = {.index = index,
                        .lower = mk_int(g, 1),
                        .upper = row_count(c, t),
                        .by = mk_int(g, 1),
                        .order = ORDER_FREE,
                        .span = s->span};
    bodies_open_loop(&c->bodies, loop);
    c->fit = t;
    c->fit_row = mk_index(g, index);
    struct fit_row row = {.observed = lower(c, s->expression, WANT_REAL)};
    row.fitted = lower(c, s->model, WANT_REAL);
    if (s->weight) row.weight = lower(c, s->weight, WANT_REAL);
    write_row(c, s, &row, r, objective);
    c->fit = NULL;
    bodies_close(&c->bodies, back);
}

void state_fit(struct checker *c, const struct ast_statement *s) {
    array_id objective = least_squares_objective(c, s);
    struct table_source *t = fitted_table(c, s);
    if (!objective || !t || !s->expression || !s->model) return;
    struct model_residual r = {.is_fit = true};
    r.observed = row_array(c, t, "observed", ROLE_OUTPUT, s->span);
    r.fitted = row_array(c, t, "fitted", ROLE_OUTPUT, s->span);
    array_id residual = row_array(c, t, "residual", ROLE_OUTPUT, s->span);
    if (!shape_of(c, residual, NULL, s->span, &r.shape)) return;
    fit_rows(c, s, t, &r, objective);
    if (!VEC_PUSH(&c->model->residuals, r)) c->arena->failed = true;
}

/* ---- Explicit residuals ---- */

void state_residual(struct checker *c, const struct ast_statement *s) {
    array_id objective = least_squares_objective(c, s);
    if (!objective || !s->expression || !name_result(c, s->name, s->name_span)) return;
    struct family family;
    struct model_residual r = {0};
    const char *name = s->name ? s->name : "residual";
    if (family_open(c, &family, s)) {
        node_id value = lower(c, s->expression, WANT_REAL);
        array_id array = family_array(c, &family, name, s->span);
        c->graph->here = s->span;
        bodies_update(&c->bodies, objective, NULL, 0, UPDATE_ADD, mk_square(c->graph, value), s->span);
        family_set(c, &family, array, value, s->span);
        bool good = shape_of(c, array, s->name, s->span, &r.shape);
        family_close(c, &family);
        if (good && !VEC_PUSH(&c->model->residuals, r)) c->arena->failed = true;
    }
}

/* ---- Constraints ---- */

struct sides {
    node_id value[3];
    bool depends[3];
};

static node_id lower_side(struct checker *c, const struct ast *ast, bool *depends) {
    c->depends = false;
    node_id value = lower(c, ast, WANT_REAL);
    *depends = c->depends;
    return value;
}

/* Which parts are the constrained expression and its bounds; -1: none. A bound that depends on unknowns goes
 * to the other side. */
struct roles {
    int expression, lower, upper;
    bool difference; /* of parts 0 and 1, against 0 */
};

static struct roles roles_of(const struct ast_statement *s, const struct sides *sides) {
    bool turned = s->comparison == AST_AT_LEAST || s->comparison == AST_BETWEEN_DOWN;
    if (s->comparison == AST_BETWEEN || s->comparison == AST_BETWEEN_DOWN)
        return (struct roles){1, turned ? 2 : 0, turned ? 0 : 2, false};
    struct roles roles = {0, -1, -1, sides->depends[0] && sides->depends[1]};
    if (!roles.difference && sides->depends[1]) roles.expression = 1;
    int bound = 1 - roles.expression;
    bool above = (roles.expression == 0) != turned; /* the bound is above the expression */
    if (s->comparison == AST_EQUAL || above) roles.upper = bound;
    if (s->comparison == AST_EQUAL || !above) roles.lower = bound;
    return roles;
}

static bool check_bounds(struct checker *c, const struct ast_statement *s, const struct sides *sides) {
    if (!s->parts[2]) return true;
    for (int k = 0; k < 3; k += 2) {
        if (!sides->depends[k]) continue;
        struct diag *diag = diag_error(c->diags, "bound-depends-on-unknown", s->parts[k]->span,
                                       "the outer parts of `A <= E <= B` may not depend on unknowns");
        diag_hint(c->diags, diag, "write it as two constraints");
        return false;
    }
    return true;
}

static array_id write_part(struct checker *c, const struct ast_statement *s, const struct family *family,
                           const char *name, node_id value) {
    array_id array = family_array(c, family, name, s->span);
    family_set(c, family, array, value, s->span);
    return array;
}

static void write_constraint(struct checker *c, const struct ast_statement *s, const struct family *family,
                             const struct sides *sides, struct model_constraint *constraint) {
    struct roles roles = roles_of(s, sides);
    struct graph *g = c->graph;
    node_id expression = sides->value[roles.expression];
    g->here = s->span;
    if (roles.difference) expression = mk_sub(g, sides->value[0], sides->value[1]);
    array_id array = write_part(c, s, family, s->name ? s->name : "constraint", expression);
    if (roles.lower >= 0) {
        node_id bound = roles.difference ? mk_zero(g) : sides->value[roles.lower];
        constraint->lower = write_part(c, s, family, "lower", bound);
    }
    if (roles.upper >= 0 && roles.upper == roles.lower) {
        constraint->upper = constraint->lower;
    } else if (roles.upper >= 0) {
        node_id bound = roles.difference ? mk_zero(g) : sides->value[roles.upper];
        constraint->upper = write_part(c, s, family, "upper", bound);
    }
    if (!family->regular) constraint->members = write_part(c, s, family, "members", mk_one(g));
    shape_of(c, array, s->name, s->span, &constraint->shape);
}

void state_constraint(struct checker *c, const struct ast_statement *s) {
    struct family family;
    struct sides sides = {0};
    struct model_constraint constraint = {0};
    if (!s->parts[0] || !s->parts[1] || !name_result(c, s->name, s->name_span)) return;
    if (!family_open(c, &family, s)) return;
    for (int k = 0; k < 3; k++)
        if (s->parts[k]) sides.value[k] = lower_side(c, s->parts[k], &sides.depends[k]);
    bool good = check_bounds(c, s, &sides);
    if (good) write_constraint(c, s, &family, &sides, &constraint);
    family_close(c, &family);
    if (good && constraint.shape.array && !VEC_PUSH(&c->model->constraints, constraint))
        c->arena->failed = true;
}
