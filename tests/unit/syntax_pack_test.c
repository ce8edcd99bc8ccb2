/* Statements that are kept as bytes: the trees made of them are those that were parsed. */
#include "syntax_fixture.h"

static void parse_good(struct parsed *p, const char *text) {
    parse(p, text, strlen(text));
    cr_assert_eq(p->diags.errors, 0);
}

/* The text of a place. */
static void check_place(const struct parsed *p, struct span span, const char *text) {
    cr_expect_eq(span.source, 1);
    cr_assert_leq(span.end, strlen(p->text));
    cr_expect(strlen(text) == span.end - span.begin && strncmp(p->text + span.begin, text, strlen(text)) == 0,
              "`%.*s` instead of `%s`", (int)(span.end - span.begin), p->text + span.begin, text);
}

static const struct ast *check_node(const struct parsed *p, const struct ast *ast, enum ast_kind kind,
                                    uint32_t count, const char *place, const char *name_place) {
    cr_assert_not_null(ast);
    cr_expect_eq(ast->kind, kind, "%s", place);
    cr_assert_eq(ast->count, count, "%s", place);
    check_place(p, ast->span, place);
    check_place(p, ast->name_span, name_place);
    return ast;
}

static void check_leaf(const struct parsed *p, const struct ast *ast, enum ast_kind kind, const char *name) {
    check_node(p, ast, kind, 0, name, name);
    cr_expect_str_eq(ast->name, name);
}

static void check_first_let(const struct parsed *p, const struct ast_statement *s) {
    cr_assert_eq(s->kind, AST_LET);
    cr_assert_eq(s->declaration_count, 2);
    check_place(p, s->span, "let a = -(x + 2.50)*f(y, x), b = if a < 1 then a else 2");
    cr_expect_str_eq(s->declarations[0].name, "a");
    check_place(p, s->declarations[0].span, "a = -(x + 2.50)*f(y, x)");
    check_place(p, s->declarations[1].name_span, "b");
    const struct ast *product =
        check_node(p, s->declarations[0].value, AST_BINARY, 2, "-(x + 2.50)*f(y, x)", "*");
    cr_expect_eq(product->op, AST_MUL);
    const struct ast *minus = check_node(p, product->items[0], AST_UNARY, 1, "-(x + 2.50)", "-");
    cr_expect_eq(minus->op, AST_NEGATE);
    const struct ast *sum = check_node(p, minus->items[0], AST_BINARY, 2, "x + 2.50", "+");
    check_leaf(p, sum->items[0], AST_NAME, "x");
    check_leaf(p, sum->items[1], AST_NUMBER, "2.50");
    const struct ast *call = check_node(p, product->items[1], AST_CALL, 2, "f(y, x)", "f");
    cr_expect_eq(call->name, intern_text((struct intern *)&p->names, "f"));
    check_leaf(p, call->items[0], AST_NAME, "y");
    check_leaf(p, call->items[1], AST_NAME, "x");
    const struct ast *choice =
        check_node(p, s->declarations[1].value, AST_IF, 3, "if a < 1 then a else 2", "if");
    check_leaf(p, choice->items[1], AST_NAME, "a");
    check_leaf(p, choice->items[2], AST_NUMBER, "2");
}

static const char program[] = "var x, y\n"
                              "let a = -(x + 2.50)*f(y, x), b = if a < 1 then a else 2\n"
                              "let c[i in 1..2] = i*x\n"
                              "let d = sum(c[i] for i in 1..2)\n"
                              "let e = d + b\n";

Test(syntax_pack, lets_become_the_trees_that_were_parsed) {
    struct parsed p;
    parse_good(&p, program);
    cr_assert_eq(ast_count(&p.file), 5);
    cr_expect_eq(p.file.trees.count, 3, "two lets are packed");
    check_first_let(&p, ast_at(&p.reader, &p.file, 1));
    cr_expect_eq(ast_at(&p.reader, &p.file, 2)->declarations[0].rank, 1);
    cr_expect_eq(ast_at(&p.reader, &p.file, 3)->declarations[0].value->kind, AST_GENERATOR);
    cr_expect_str_eq(ast_at(&p.reader, &p.file, 4)->declarations[0].name, "e");
    check_first_let(&p, ast_at(&p.reader, &p.file, 1));
    cr_expect_eq(ast_kind_at(&p.file, 0), AST_VAR);
    cr_expect_eq(ast_kind_at(&p.file, 1), AST_LET);
    forget(&p);
}

Test(syntax_pack, names_are_known_without_the_tree) {
    static const char *const expected[] = {"a", "x", "2.50", "y", "x", "f", "b", "a", "1", "a", "2"};
    struct parsed p;
    parse_good(&p, program);
    struct ast_names names = ast_names_at(&p.file, 1);
    cr_assert_eq(names.count, sizeof expected / sizeof *expected);
    for (uint32_t k = 0; k < names.count; k++)
        cr_expect_str_eq(p.names.names.at[ast_name_number(&names, k)], expected[k]);
    cr_expect_eq(ast_names_at(&p.file, 0).count, 0);
    forget(&p);
}

Test(syntax_pack, what_is_kept_stays) {
    struct parsed p;
    parse_good(&p, program);
    const struct ast_statement *first = ast_at(&p.reader, &p.file, 1);
    ast_keep(&p.reader);
    const struct ast_statement *last = ast_at(&p.reader, &p.file, 4);
    cr_expect_str_eq(last->declarations[0].name, "e");
    check_first_let(&p, first);
    forget(&p);
}

Test(syntax_pack, long_expressions_are_packed_too) {
    enum { TERMS = 100000 };
    struct text text = {0};
    struct parsed p;
    text_add(&text, "var x\nlet a = x");
    for (int k = 0; k < TERMS; k++) text_add(&text, " + x");
    text_add(&text, "\n");
    parse_good(&p, text_string(&text));
    cr_expect_eq(p.file.trees.count, 1);
    const struct ast *ast = ast_at(&p.reader, &p.file, 1)->declarations[0].value;
    int terms = 0;
    for (; ast->kind == AST_BINARY; ast = ast->items[0]) terms++;
    cr_expect_eq(terms, TERMS);
    forget(&p);
    text_free(&text);
}
