/* Files that must parse and files that must not (tests/syntax), lines that go on, deep trees. */
#include <dirent.h>
#include <stdio.h>

#include "syntax_fixture.h"

static void check_statements(const char *text, uint32_t statements, unsigned errors) {
    struct parsed p;
    parse(&p, text, strlen(text));
    cr_expect_eq(p.diags.errors, errors, "%s: %u errors", text, p.diags.errors);
    cr_expect_eq(ast_count(&p.file), statements, "%s: %u statements", text, ast_count(&p.file));
    forget(&p);
}

static unsigned errors_in_file(const char *path) {
    static char text[1 << 16];
    struct parsed p;
    FILE *stream = fopen(path, "rb");
    cr_assert_not_null(stream, "%s", path);
    size_t length = fread(text, 1, sizeof text, stream);
    fclose(stream);
    parse(&p, text, length);
    unsigned errors = p.diags.errors;
    forget(&p);
    return errors;
}

static int check_folder(const char *folder, bool good) {
    char path[512];
    int count = 0;
    DIR *list = opendir(folder);
    cr_assert_not_null(list);
    for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        if (!strstr(entry->d_name, ".grad")) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unsigned errors = errors_in_file(path);
        cr_expect(good ? errors == 0 : errors > 0, "%s has %u errors", path, errors);
        count++;
    }
    closedir(list);
    return count;
}

Test(syntax, good_files_parse) {
    cr_expect_eq(check_folder(GRADC_SOURCE_DIR "/tests/syntax/good", true), 28);
}

Test(syntax, bad_files_do_not) {
    cr_expect_eq(check_folder(GRADC_SOURCE_DIR "/tests/syntax/bad", false), 21);
}

Test(syntax, lines_go_on) {
    check_statements("var x\nminimize\n  x +\n  1\n", 2, 0);
    check_statements("var x\nminimize x\n  + 1\n", 2, 0);
    check_statements("var x; minimize x", 2, 0);
    check_statements("var x\rminimize (x\r+ 1)\r", 2, 0);
    check_statements("var x\nlet a = (x\nlet b = x\nminimize b\n", 3, 1);
    check_statements("var a b\nvar c\nminimize c c\nvar d\n", 2, 2);
}

static void check_chain(const char *begin, const char *piece, const char *end, int count, unsigned errors) {
    struct text text = {0};
    text_add(&text, "var x\nminimize ");
    text_add(&text, begin);
    for (int k = 0; k < count; k++) text_add(&text, piece);
    text_add(&text, end);
    struct parsed p;
    parse(&p, text_string(&text), text.length);
    cr_expect_eq(p.diags.errors, errors, "%s: %u errors", piece, p.diags.errors);
    forget(&p);
    text_free(&text);
}

Test(syntax, long_chains_are_fine) {
    check_chain("x", " + x", "\n", 100000, 0);
    check_chain("", "if x > 1 then 2 else ", "x\n", 100000, 0);
    check_chain("", "-", "x\n", 100000, 0);
}

Test(syntax, nesting_has_a_limit) {
    check_chain("", "(", "x\n", 1000000, 1);
}

Test(syntax, expressions_and_files_are_told_apart) {
    cr_expect(parse_looks_like_file("var x; minimize x"));
    cr_expect(parse_looks_like_file("minimize x^2"));
    cr_expect(parse_looks_like_file("minimize (x)"));
    cr_expect_not(parse_looks_like_file("x^2 + data"));
    cr_expect_not(parse_looks_like_file("data*2"));
    cr_expect_not(parse_looks_like_file("\"a;b\""));
}
