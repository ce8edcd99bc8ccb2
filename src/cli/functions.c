#include <stdlib.h>
#include <string.h>

#include "cli/diff.h"
#include "cli/print.h"

/* "log(x)", "hypot(x, y)", "min(x, ...)". */
static void function_head(const struct gradc_function *f, char head[80]) {
    snprintf(head, 80, "%s(%s)", f->name, f->operands);
}

static void print_markdown_cell(const char *text) {
    for (; *text; text++) {
        if (*text == '|') putchar('\\');
        if (*text == '\n')
            fputs("`, `", stdout);
        else
            putchar(*text);
    }
}

static void print_markdown(void) {
    puts("# Elementary functions\n\nMade by `gradc functions --markdown`.\n");
    puts(
        "The errors are the largest that tests find over the whole domain, of the value and of the "
        "derivative in\n"
        "doubles, in units in the last place and rounded up. `gradc` aims at 4 for elementary and 16 for "
        "special\n"
        "functions; a note says where and why they are larger, or what they relate to where a function goes\n"
        "through zero.\n");
    puts("| function | meaning | domain | derivatives | errors |\n| --- | --- | --- | --- | --- |");
    for (size_t k = 0; k < gradc_function_count(); k++) {
        struct gradc_function f = gradc_function_at(k);
        char head[80];
        function_head(&f, head);
        char *derivatives = require_text(gradc_function_derivatives(k));
        printf("| `%s` | ", head);
        print_markdown_cell(f.doc);
        fputs(" | ", stdout);
        print_markdown_cell(f.domain);
        fputs(" | `", stdout);
        print_markdown_cell(derivatives);
        printf("` | %g, %g", f.value_error, f.derivative_error);
        if (f.error_note) {
            fputs("; ", stdout);
            print_markdown_cell(f.error_note);
        }
        puts(" |");
        free(derivatives);
    }
}

static void print_json(void) {
    printf("{\"gradc\": \"%s\", \"functions\": [", gradc_version());
    for (size_t k = 0; k < gradc_function_count(); k++) {
        struct gradc_function f = gradc_function_at(k);
        char *derivatives = require_text(gradc_function_derivatives(k));
        printf("%s{\"name\": \"%s\", \"arity\": ", k ? ", " : "", f.name);
        if (f.arity <= 3)
            printf("%zu", f.arity);
        else
            fputs("null", stdout);
        fputs(", \"domain\": ", stdout);
        print_json_text(stdout, f.domain);
        fputs(", \"doc\": ", stdout);
        print_json_text(stdout, f.doc);
        printf(", \"value_error\": %g, \"derivative_error\": %g, \"error_note\": ", f.value_error,
               f.derivative_error);
        if (f.error_note)
            print_json_text(stdout, f.error_note);
        else
            fputs("null", stdout);
        fputs(", \"derivatives\": [", stdout);
        for (char *at = derivatives; *at;) {
            char *end = at + strcspn(at, "\n"), *next = *end ? end + 1 : end;
            *end = '\0';
            if (at > derivatives) fputs(", ", stdout);
            print_json_text(stdout, at);
            at = next;
        }
        fputs("]}", stdout);
        free(derivatives);
    }
    puts("]}");
}

static void print_text(void) {
    for (size_t k = 0; k < gradc_function_count(); k++) {
        struct gradc_function f = gradc_function_at(k);
        char head[80];
        function_head(&f, head);
        print_padded(stdout, head, 20);
        printf(" %s (%s)\n", f.doc, f.domain);
        char *derivatives = require_text(gradc_function_derivatives(k));
        for (const char *at = derivatives; *at;) {
            size_t length = strcspn(at, "\n");
            printf("%20s %.*s\n", "", (int)length, at);
            at += length + (at[length] != '\0');
        }
        printf("%20s errors: %g and %g ulp%s%s\n", "", f.value_error, f.derivative_error,
               f.error_note ? "; " : "", f.error_note ? f.error_note : "");
        free(derivatives);
    }
}

enum exit_status functions_command(struct request *request) {
    if (option_given(request, OPTION_JSON))
        print_json();
    else if (option_given(request, OPTION_MARKDOWN))
        print_markdown();
    else
        print_text();
    return EXIT_FINE;
}
