#include "cli/emit.h"

#include <stdlib.h>
#include <string.h>

#include "cli/assign.h"

/* ---- Options ---- */

static bool *what_named(struct gradc_emit_options *options, const char *name) {
    if (strcmp(name, "value") == 0) return &options->value;
    if (strcmp(name, "gradient") == 0) return &options->gradient;
    if (strcmp(name, "hessian") == 0) return &options->hessian;
    if (strcmp(name, "hvp") == 0) return &options->hessian_times;
    return strcmp(name, "jacobian") == 0 ? &options->jacobian : NULL;
}

static bool read_what(const struct request *request, struct gradc_emit_options *options) {
    size_t count;
    const char *text = option_value(request, OPTION_WHAT);
    char **items = split_list(text ? text : "value,gradient", &count);
    bool good = true;
    for (size_t k = 0; k < count && good; k++) {
        bool *what = what_named(options, items[k]);
        good = what != NULL;
        if (what) *what = true;
        if (!what)
            complain("bad-value", NULL,
                     "`--what`: expected value, gradient, hessian, hvp or jacobian, found `%s`", items[k]);
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

/* Something that this model does not have, but was named. */
static bool has_what(const struct gradc_model *model, const struct request *request,
                     const struct gradc_emit_options *options) {
    bool named = option_given(request, OPTION_WHAT) && options->jacobian;
    bool rows = gradc_count(model, GRADC_OUTPUTS) > 0 || gradc_count(model, GRADC_RESIDUALS) > 0 ||
                gradc_count(model, GRADC_CONSTRAINTS) > 0;
    if (!named || rows) return true;
    complain("nothing-to-differentiate", "add `output`, `fit`, `residual` or a constraint",
             "there is nothing to make a Jacobian of");
    return false;
}

/* ---- Files ---- */

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* model.h beside model.c. */
static char *header_path(const char *path) {
    size_t length = strlen(path);
    if (length > 2 && strcmp(path + length - 2, ".c") == 0) length -= 2;
    char *header = allocate(length + 3, 1);
    memcpy(header, path, length);
    memcpy(header + length, ".h", 3);
    return header;
}

static enum exit_status emit_c(struct gradc_model *model, struct gradc_emit_options *options,
                               const char *path) {
    struct gradc_c_file file;
    size_t told = gradc_diagnostic_count(model);
    char *header = path ? header_path(path) : NULL;
    options->header = header ? base_of(header) : NULL;
    bool made = gradc_emit_c(model, options, &file);
    print_diagnostics(model, told);
    enum exit_status status = EXIT_FINE;
    if (!made) {
        status = gradc_has_errors(model) ? EXIT_WRONG : EXIT_MACHINE;
    } else {
        bool written = put_file(path, file.source, strlen(file.source)) &&
                       (!header || put_file(header, file.header, strlen(file.header)));
        if (!written) status = EXIT_MACHINE;
        free(file.source);
        free(file.header);
    }
    free(header);
    return status;
}

enum exit_status emit_command(struct request *request) {
    struct gradc_emit_options options = {.prefix = option_value(request, OPTION_PREFIX),
                                         .single = option_given(request, OPTION_FLOAT),
                                         .freeze = option_given(request, OPTION_FREEZE),
                                         .self_test = option_given(request, OPTION_MAIN)};
    enum exit_status status;
    if (!read_language(request) || !read_what(request, &options)) return EXIT_WRONG;
    struct gradc_model *model = load_model(request, &status);
    if (!model) return status;
    const char *path = option_value(request, OPTION_OUTPUT);
    bool to_file = path && strcmp(path, "-") != 0;
    status = has_what(model, request, &options) ? emit_c(model, &options, to_file ? path : NULL) : EXIT_WRONG;
    print_phases(request, model, NULL, 0);
    gradc_free(model);
    return status;
}
