/* The grammar: LALR(1) without conflicts and without precedence directives. Actions build the tree
 * (src/syntax/build.h); what went wrong is put into words in src/syntax/explain.c. */
%require "3.8"
%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%param { struct parser *ps }
%code requires {
#include "syntax/build.h"
#define YYMAXDEPTH 1000000
#define YYLLOC_DEFAULT(current, rhs, n) \
    ((current) = (n) == 1 ? YYRHSLOC(rhs, 1)                                    \
                 : (n) ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n)) : span_behind(YYRHSLOC(rhs, 0)))
}
%code {
#include "syntax/explain.h"
static int grammar_lex(GRAMMAR_STYPE *value, struct span *location, struct parser *ps);
static void grammar_error(const struct span *location, struct parser *ps, const char *message);
}
%union {
    const char *text;
    struct ast *ast;
    struct ast_range *range;
    struct ast_declaration *declaration;
    struct ast_statement *statement;
    struct list list;
    enum ast_op op;
}
%token END 0 "the end of the file"
%token START_FILE START_EXPR
%token NL "the end of the line"
%token <text> NUMBER "a number" STRING "a string" IDENT "a name"
/* Reserved: usable where an expression may go on, so never names. */
%token IF "if" THEN "then" ELSE "else" AND "and" OR "or" NOT "not" FOR "for" IN "in"
/* Names wherever an operand or a declared name stands. */
%token <text> PARAM "param" DATA "data" VAR "var" LET "let" FN "fn" MINIMIZE "minimize" MAXIMIZE "maximize"
%token <text> FIT "fit" RESIDUAL "residual" SUBJECT "subject" OUTPUT "output" SOLVE "solve" IMPORT "import"
%token <text> FROM "from" OVER "over" WEIGHT "weight" WITH "with" TO "to" BY "by"
%token LE "<=" GE ">=" EQ "==" NE "!=" LT "<" GT ">" DOTDOT ".." POW "^" PLUS "+" MINUS "-" TIMES "*"
%token OVER_SIGN "/" REM "%" ASSIGN "=" TILDE "~" COMMA "," COLON ":" DOT "." OPEN "(" CLOSE ")"
%token OPEN_INDEX "[" CLOSE_INDEX "]" SEMICOLON ";"
/* In no rule: what the scanner has reported already. */
%token STRAY "a character of no meaning"
%type <text> name soft word value
%type <ast> init array elem weight expr or and not cmp add mul unary power postfix step filter
%type <range> dim binder
%type <declaration> param var let output
%type <statement> stmt constraint family
%type <list> names words columns params vars lets dims dim_list elems settings binders exprs
%type <op> cmpop
%start input
%%
input: START_FILE file | START_EXPR nls expr nls { ps->expression = $3; } ;
nls: %empty | nls NL ;
file: %empty | file NL | file stmt NL { build_add(ps, $2, @2); } | file error NL { yyerrok; } ;

stmt: PARAM params { $$ = build_declarations(ps, AST_PARAM, $2); }
    | VAR vars { $$ = build_declarations(ps, AST_VAR, $2); }
    | LET lets { $$ = build_declarations(ps, AST_LET, $2); }
    | OUTPUT output { $$ = build_declarations(ps, AST_OUTPUT, list_one(ps, $2, sizeof *$2)); }
    | DATA name FROM STRING columns { $$ = build_data(ps, $2, @2, $4, @4, $5); }
    | FN name "(" names ")" "=" expr { $$ = build_function(ps, $2, @2, $4, $7); }
    | MINIMIZE expr { $$ = build_expression_statement(ps, AST_MINIMIZE, $2); }
    | MAXIMIZE expr { $$ = build_expression_statement(ps, AST_MAXIMIZE, $2); }
    | FIT expr "~" expr OVER name weight { $$ = build_fit(ps, $2, $4, $6, @6, $7); }
    | RESIDUAL expr family { $$ = build_residual(ps, NULL, @1, $2, $3); }
    | RESIDUAL name ":" expr family { $$ = build_residual(ps, $2, @2, $4, $5); }
    | SUBJECT TO constraint family { $$ = build_constraint(ps, NULL, @1, $3, $4); }
    | SUBJECT TO name ":" constraint family { $$ = build_constraint(ps, $3, @3, $5, $6); }
    | SOLVE WITH settings { $$ = build_settings(ps, $3); }
    | IMPORT STRING { $$ = build_import(ps, $2, @2); } ;

name: IDENT | soft ;
soft: PARAM|DATA|VAR|LET|FN|MINIMIZE|MAXIMIZE|FIT|RESIDUAL|SUBJECT|OUTPUT|SOLVE|IMPORT|FROM|OVER|WEIGHT|WITH|TO|BY ;
word: name
    | IF { $$ = build_word(ps, "if"); } | THEN { $$ = build_word(ps, "then"); }
    | ELSE { $$ = build_word(ps, "else"); } | AND { $$ = build_word(ps, "and"); }
    | OR { $$ = build_word(ps, "or"); } | NOT { $$ = build_word(ps, "not"); }
    | FOR { $$ = build_word(ps, "for"); } | IN { $$ = build_word(ps, "in"); } ;
names: name { $$ = build_name(ps, LIST_EMPTY, $1, @1); } | names "," name { $$ = build_name(ps, $1, $3, @3); } ;
words: word { $$ = build_column(ps, LIST_EMPTY, $1, @1); } | words "," word { $$ = build_column(ps, $1, $3, @3); } ;
columns: %empty { $$ = LIST_EMPTY; } | name "(" words ")" { $$ = build_columns(ps, $1, @1, $3); } ;

params: param { $$ = list_one(ps, $1, sizeof *$1); } | params "," param { $$ = list_add(ps, $1, $3, sizeof *$3); } ;
param: name dims { $$ = build_declaration(ps, $1, @1, $2, NULL, @$); }
     | name dims "=" init { $$ = build_declaration(ps, $1, @1, $2, $4, @$); } ;
vars: var { $$ = list_one(ps, $1, sizeof *$1); } | vars "," var { $$ = list_add(ps, $1, $3, sizeof *$3); } ;
var: name dims { $$ = build_declaration(ps, $1, @1, $2, NULL, @$); }
   | name dims "=" init { $$ = build_declaration(ps, $1, @1, $2, $4, @$); }
   | name dims IN "[" expr "," expr "]"
     { $$ = build_declaration(ps, $1, @1, $2, NULL, @$); $$->lower = $5; $$->upper = $7; }
   | name dims IN "[" expr "," expr "]" "=" init
     { $$ = build_declaration(ps, $1, @1, $2, $10, @$); $$->lower = $5; $$->upper = $7; } ;
lets: let { $$ = list_one(ps, $1, sizeof *$1); } | lets "," let { $$ = list_add(ps, $1, $3, sizeof *$3); } ;
let: name dims "=" init { $$ = build_declaration(ps, $1, @1, $2, $4, @$); } ;
output: name dims "=" init { $$ = build_output(ps, $1, @1, $2, $4, @$); } ;
dims: %empty { $$ = LIST_EMPTY; } | "[" dim_list "]" { $$ = $2; } ;
dim_list: dim { $$ = list_one(ps, $1, sizeof *$1); } | dim_list "," dim { $$ = list_add(ps, $1, $3, sizeof *$3); } ;
dim: add { $$ = build_range(ps, NULL, @$, @$, NULL, $1, NULL, NULL); }
   | add ".." add { $$ = build_range(ps, NULL, @$, @$, $1, $3, NULL, NULL); }
   | name IN add ".." add step { $$ = build_range(ps, build_index(ps, $1, @1), @1, @$, $3, $5, $6, NULL); } ;
init: expr | array ;
array: "[" elems "]" { $$ = build_array(ps, $2, @$); } ;
elems: elem { $$ = list_one(ps, &$1, sizeof $1); } | elems "," elem { $$ = list_add(ps, $1, &$3, sizeof $3); } ;
elem: expr | array ;

weight: %empty { $$ = NULL; } | WEIGHT expr { $$ = $2; } ;
family: %empty { $$ = NULL; } | FOR binders { $$ = build_family(ps, $2); } ;
constraint: add "<=" add { $$ = build_comparison(ps, AST_AT_MOST, $1, $3, NULL); }
          | add ">=" add { $$ = build_comparison(ps, AST_AT_LEAST, $1, $3, NULL); }
          | add "==" add { $$ = build_comparison(ps, AST_EQUAL, $1, $3, NULL); }
          | add "<=" add "<=" add { $$ = build_comparison(ps, AST_BETWEEN, $1, $3, $5); }
          | add ">=" add ">=" add { $$ = build_comparison(ps, AST_BETWEEN_DOWN, $1, $3, $5); } ;

settings: name "=" value { $$ = build_setting(ps, LIST_EMPTY, $1, @1, $3, @3); }
        | settings "," name "=" value { $$ = build_setting(ps, $1, $3, @3, $5, @5); } ;
value: name | NUMBER | "-" NUMBER { $$ = build_negative(ps, $2); } | STRING ;

binders: binder { $$ = list_one(ps, $1, sizeof *$1); } | binders "," binder { $$ = list_add(ps, $1, $3, sizeof *$3); } ;
binder: name IN add ".." add step filter { $$ = build_range(ps, build_index(ps, $1, @1), @1, @$, $3, $5, $6, $7); } ;
step: %empty { $$ = NULL; } | BY add { $$ = $2; } ;
filter: %empty { $$ = NULL; } | IF or { $$ = $2; } ;

expr: or | IF or THEN expr ELSE expr { $$ = build_if(ps, $2, $4, $6, @1, @$); } ;
or: and | or OR and { $$ = build_binary(ps, AST_OR, $1, $3, @2, @$); } ;
and: not | and AND not { $$ = build_binary(ps, AST_AND, $1, $3, @2, @$); } ;
not: cmp | NOT not { $$ = build_unary(ps, AST_NOT, $2, @1, @$); } ;
cmp: add | add cmpop add { $$ = build_binary(ps, $2, $1, $3, @2, @$); } ;
cmpop: "<" { $$ = AST_LT; } | "<=" { $$ = AST_LE; } | ">" { $$ = AST_GT; } | ">=" { $$ = AST_GE; }
     | "==" { $$ = AST_EQ; } | "!=" { $$ = AST_NE; } ;
add: mul | add "+" mul { $$ = build_binary(ps, AST_ADD, $1, $3, @2, @$); }
   | add "-" mul { $$ = build_binary(ps, AST_SUB, $1, $3, @2, @$); } ;
mul: unary | mul "*" unary { $$ = build_binary(ps, AST_MUL, $1, $3, @2, @$); }
   | mul "/" unary { $$ = build_binary(ps, AST_DIV, $1, $3, @2, @$); }
   | mul "%" unary { $$ = build_binary(ps, AST_REM, $1, $3, @2, @$); } ;
unary: power | "-" unary { $$ = build_unary(ps, AST_NEGATE, $2, @1, @$); }
     | "+" unary { $$ = build_unary(ps, AST_PLUS, $2, @1, @$); } ;
power: postfix | postfix "^" unary { $$ = build_binary(ps, AST_POW, $1, $3, @2, @$); } ;
postfix: NUMBER { $$ = build_leaf(ps, AST_NUMBER, $1, @1); }
       | name { $$ = build_leaf(ps, AST_NAME, $1, @1); }
       | name "[" exprs "]" { $$ = build_items(ps, AST_INDEXED, $1, @1, $3, @$); }
       | name "." word { $$ = build_column_of(ps, $1, @1, $3, LIST_EMPTY, @$); }
       | name "." word "[" exprs "]" { $$ = build_column_of(ps, $1, @1, $3, $5, @$); }
       | name "(" exprs ")" { $$ = build_items(ps, AST_CALL, $1, @1, $3, @$); }
       | name "(" exprs FOR binders ")" { $$ = build_generator(ps, $1, @1, $3, $5, @$); }
       | "(" expr ")" { $$ = $2; } ;
exprs: expr { $$ = list_one(ps, &$1, sizeof $1); } | exprs "," expr { $$ = list_add(ps, $1, &$3, sizeof $3); } ;
%%
static int grammar_lex(GRAMMAR_STYPE *value, struct span *location, struct parser *ps) {
    const struct token *token = parser_next(ps);
    *location = token->span;
    value->text = token->text;
    return token->code;
}

static void grammar_error(const struct span *location, struct parser *ps, const char *message) {
    (void)message;
    explain_depth(ps, *location);
}

/* Which tokens could stand where the parser has stopped. */
static void find_expected(const yypcontext_t *context, struct expectation *expected) {
    enum { MOST = YYNTOKENS };
    yysymbol_kind_t symbols[MOST];
    int count = yypcontext_expected_tokens(context, symbols, MOST);
    for (int token = FIRST_TOKEN; token < END_OF_TOKENS; token++)
        for (int k = 0; k < count; k++)
            if (YYTRANSLATE(token) == symbols[k]) expected->tokens[token - FIRST_TOKEN] = true;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *ps) {
    struct expectation expected = {0};
    find_expected(context, &expected);
    explain_error(ps, &expected);
    return 0;
}
