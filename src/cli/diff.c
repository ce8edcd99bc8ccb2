#include "cli/diff.h"

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

/* Prints a text made from the model, or the errors that kept it from being made. */
static enum exit_status put_text(const struct gradc_model *model, size_t told, char *text) {
    print_diagnostics(model, told);
    if (!text) return gradc_has_errors(model) ? EXIT_WRONG : EXIT_MACHINE;
    bool good = put_file(NULL, text, strlen(text));
    free(text);
    return good ? EXIT_FINE : EXIT_MACHINE;
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
        status = put_text(model, told, text);
        free_list(names, count);
    }
    print_phases(request, model, NULL, 0);
    gradc_free(model);
    return status;
}
