#include "cli/diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/assign.h"

static bool read_format(const struct request *request, enum gradc_formula_format *format) {
    static const char *const names[] = {"text", "grad", "json", "latex", "dot"};
    const char *name = option_value(request, OPTION_FORMAT);
    *format = option_given(request, OPTION_JSON) ? GRADC_FORMULA_JSON : GRADC_FORMULA_TEXT;
    if (!name) return true;
    size_t k = 0;
    while (k < 5 && strcmp(names[k], name) != 0) k++;
    if (k < 5) *format = (enum gradc_formula_format)k;
    if (k < 5) return true;
    complain("bad-value", NULL, "`--format`: expected text, grad, json, latex or dot, found `%s`", name);
    return false;
}

static bool read_order(const struct request *request, unsigned *order) {
    const char *text = option_value(request, OPTION_ORDER);
    *order = 1;
    if (!text) return true;
    bool good = text[0] >= '0' && text[0] <= '9' && !text[1];
    if (good)
        *order = (unsigned)(text[0] - '0');
    else
        complain("bad-value", NULL, "`--order`: expected a whole number from 0 to 9, found `%s`", text);
    return good;
}

/* The items of a list, split at commas; each and the array are the caller's. */
static char **split_list(const char *text, size_t *count) {
    char **items = NULL;
    *count = 0;
    while (text && *text) {
        const char *end = list_item_end(text), *last = end;
        text += strspn(text, " ");
        while (last > text && last[-1] == ' ') last--;
        items = allocate_again(items, (*count + 1) * sizeof *items);
        items[(*count)++] = copy_text(text, (size_t)(last - text));
        text = *end ? end + 1 : end;
    }
    return items;
}

static void free_list(char **items, size_t count) {
    for (size_t k = 0; k < count; k++) free(items[k]);
    free(items);
}

/* Prints a text made from the model, or the errors that kept it from being made. */
static enum exit_status put_text(const struct gradc_model *model, size_t told, char *text, const char *path) {
    print_diagnostics(model, told);
    if (!text) return gradc_has_errors(model) ? EXIT_WRONG : EXIT_MACHINE;
    FILE *out = path && strcmp(path, "-") != 0 ? fopen(path, "w") : stdout;
    bool failed = !out || fputs(text, out) < 0 || fflush(out) != 0;
    if (out && out != stdout && fclose(out) != 0) failed = true;
    free(text);
    if (!failed) return EXIT_FINE;
    complain("cannot-write", NULL, "cannot write `%s`: %s", path ? path : "standard output", strerror(errno));
    return EXIT_MACHINE;
}

static bool has_function(const struct gradc_model *model) {
    if (gradc_has_objective(model) || gradc_count(model, GRADC_OUTPUTS) > 0) return true;
    complain("nothing-to-differentiate", "add `minimize`, `maximize`, `fit`, `residual` or `output`",
             "there is neither an objective nor an output");
    return false;
}

enum exit_status diff_command(struct request *request) {
    enum gradc_formula_format format;
    enum exit_status status;
    unsigned order;
    if (!read_format(request, &format) || !read_order(request, &order)) return EXIT_WRONG;
    struct gradc_model *model = load_model(request, &status);
    if (!model) return status;
    status = EXIT_WRONG;
    if (has_function(model)) {
        size_t count, told = gradc_diagnostic_count(model);
        char **names = split_list(option_value(request, OPTION_WRT), &count);
        char *text = gradc_formulas(model, (const char *const *)names, count, order, format);
        status = put_text(model, told, text, NULL);
        free_list(names, count);
    }
    print_phases(request, model, NULL, 0);
    gradc_free(model);
    return status;
}

static bool read_what(const struct request *request, struct gradc_emit_options *options) {
    size_t count;
    const char *text = option_value(request, OPTION_WHAT);
    char **items = split_list(text ? text : "value,gradient", &count);
    bool good = true;
    for (size_t k = 0; k < count && good; k++) {
        bool is_value = strcmp(items[k], "value") == 0, is_gradient = strcmp(items[k], "gradient") == 0;
        options->value |= is_value;
        options->gradient |= is_gradient;
        good = is_value || is_gradient;
        if (!good)
            complain("bad-value", "value and gradient are", "`--what`: `%s` is not available in this version",
                     items[k]);
    }
    free_list(items, count);
    return good;
}

static bool read_language(const struct request *request) {
    const char *language = option_value(request, OPTION_LANG);
    if (!language || strcmp(language, "c") == 0) return true;
    complain("bad-value", "use c", "`--lang`: `%s` is not available in this version", language);
    return false;
}

enum exit_status emit_command(struct request *request) {
    struct gradc_emit_options options = {.prefix = option_value(request, OPTION_PREFIX)};
    enum exit_status status;
    if (!read_language(request) || !read_what(request, &options)) return EXIT_WRONG;
    struct gradc_model *model = load_model(request, &status);
    if (!model) return status;
    status = EXIT_WRONG;
    if (has_function(model)) {
        size_t told = gradc_diagnostic_count(model);
        status = put_text(model, told, gradc_emit_c(model, &options), option_value(request, OPTION_OUTPUT));
    }
    print_phases(request, model, NULL, 0);
    gradc_free(model);
    return status;
}
