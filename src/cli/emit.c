#include "cli/emit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/assign.h"
#include "cli/driver.h"

/* ---- Options ---- */

static bool *what_named(struct gradc_emit_options *options, const char *name) {
    if (strcmp(name, "value") == 0) return &options->value;
    if (strcmp(name, "gradient") == 0) return &options->gradient;
    if (strcmp(name, "hessian") == 0) return &options->hessian;
    if (strcmp(name, "hvp") == 0) return &options->hessian_times;
    if (strcmp(name, "lagrangian") == 0) return &options->lagrangian;
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
                     "`--what`: expected value, gradient, hessian, hvp, jacobian or lagrangian, found `%s`",
                     items[k]);
    }
    free_list(items, count);
    return good;
}

enum language { LANGUAGE_C, LANGUAGE_LLVM, LANGUAGE_ASSEMBLY, LANGUAGE_OBJECT, LANGUAGE_SHARED, LANGUAGES };

static bool read_language(const struct request *request, enum language *language) {
    static const char *const names[] = {"c", "llvm", "asm", "obj", "shared"};
    const char *name = option_value(request, OPTION_LANG);
    *language = LANGUAGE_C;
    while (name && *language < LANGUAGES && strcmp(names[*language], name) != 0) (*language)++;
    if (*language < LANGUAGES) return true;
    complain("bad-value", NULL, "`--lang`: expected c, llvm, asm, obj or shared, found `%s`", name);
    return false;
}

/* What LLVM does not make: the C compiler of the machine does. */
static bool only_c_has(const struct gradc_emit_options *options) {
    return options->single || options->self_test;
}

/* What only one kind of language has. */
static bool check_options(const struct request *request, enum language language,
                          const struct gradc_emit_options *options) {
    bool c = language == LANGUAGE_C, llvm = language == LANGUAGE_LLVM;
    bool binary = language == LANGUAGE_OBJECT || language == LANGUAGE_SHARED;
    const char *path = option_value(request, OPTION_OUTPUT);
    if (c && (option_given(request, OPTION_TARGET) || option_given(request, OPTION_CPU)))
        complain("bad-option", "compile the C for it", "`--target` and `--cpu` are for machine code");
    else if (llvm && only_c_has(options))
        complain("bad-option", "use --lang c, asm, obj or shared",
                 "--float and --main are not made as LLVM's text");
    else if (binary && (!path || strcmp(path, "-") == 0))
        complain("bad-option", "add -o FILE", "machine code needs a file to be written to");
    else
        return true;
    return false;
}

static bool has_rows(const struct gradc_model *model) {
    return gradc_count(model, GRADC_OUTPUTS) > 0 || gradc_count(model, GRADC_RESIDUALS) > 0 ||
           gradc_count(model, GRADC_CONSTRAINTS) > 0;
}

/* Where nothing is named: a file without an objective has the Jacobian of its outputs. */
static void choose_what(const struct gradc_model *model, const struct request *request,
                        struct gradc_emit_options *options) {
    if (option_given(request, OPTION_WHAT) || gradc_has_objective(model) || !has_rows(model)) return;
    options->value = options->gradient = false;
    options->jacobian = true;
}

/* Something that this model does not have, but was named. */
static bool has_what(const struct gradc_model *model, const struct request *request,
                     const struct gradc_emit_options *options) {
    bool named = option_given(request, OPTION_WHAT) && options->jacobian;
    if (!named || has_rows(model)) return true;
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
static char *path_with(const char *path, const char *end) {
    const char *dot = strrchr(base_of(path), '.');
    size_t length = dot && dot != base_of(path) ? (size_t)(dot - path) : strlen(path);
    char *other = allocate(length + strlen(end) + 1, 1);
    memcpy(other, path, length);
    strcpy(other + length, end);
    return other;
}

static char *header_path(const char *path) {
    return path_with(path, ".h");
}

static enum exit_status emit_c(struct gradc_model *model, struct gradc_emit_options *options,
                               const char *path) {
    struct gradc_emitted file;
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
        gradc_emitted_free(&file);
    }
    free(header);
    return status;
}

/* `path`.o, or the like. */
static char *beside(const char *path, const char *end) {
    char *name = allocate(strlen(path) + strlen(end) + 1, 1);
    return strcat(strcpy(name, path), end);
}

static bool write_object(const struct gradc_emitted *file, enum language language, const char *path,
                         const struct driver_machine *machine) {
    if (language != LANGUAGE_SHARED) return put_file(path, file->source, file->size);
    char *object = beside(path, ".o");
    bool good = put_file(object, file->source, file->size) && driver_link(object, path, machine);
    remove(object);
    free(object);
    return good;
}

/* A name for the C on its way to standard output, which appears in that: in a folder of its own. */
static char *temporary_name(char **folder) {
    const char *place = getenv("TMPDIR");
    *folder = beside(place && *place ? place : "/tmp", "/gradc-emit-XXXXXX");
    return beside(mkdtemp(*folder) ? *folder : ".", "/model.c");
}

/* The C of the model, compiled by the machine's compiler: with everything that C has. */
static enum exit_status emit_compiled(struct gradc_model *model, enum language language,
                                      struct gradc_emit_options *options, const char *path,
                                      const struct driver_machine *machine) {
    static const enum driver_result results[LANGUAGES] = {DRIVER_ASSEMBLY, DRIVER_ASSEMBLY, DRIVER_ASSEMBLY,
                                                          DRIVER_OBJECT, DRIVER_LIBRARY};
    struct gradc_emitted file;
    size_t told = gradc_diagnostic_count(model);
    char *folder = NULL, *header = path ? header_path(path) : NULL,
         *source = path ? beside(path, ".c") : temporary_name(&folder);
    options->header = header ? base_of(header) : NULL;
    options->freeze = options->workspace = true;
    bool made = gradc_emit_c(model, options, &file);
    print_diagnostics(model, told);
    bool written = made && (!header || put_file(header, file.header, strlen(file.header))) &&
                   put_file(source, file.source, file.size) &&
                   driver_compile(source, results[language], path, machine);
    if (made) remove(source);
    if (folder) remove(folder);
    free(folder);
    gradc_emitted_free(&file);
    free(header);
    free(source);
    return written ? EXIT_FINE : !made && gradc_has_errors(model) ? EXIT_WRONG : EXIT_MACHINE;
}

/* The code, its header, and the C of special functions that it calls. */
static bool write_all(const struct gradc_emitted *file, enum language language, const char *path,
                      const struct driver_machine *machine) {
    char *header = path ? header_path(path) : NULL, *companion = path ? path_with(path, "_special.c") : NULL;
    bool good =
        write_object(file, language, path, machine) &&
        (!header || put_file(header, file->header, strlen(file->header))) &&
        (!companion || !file->companion || put_file(companion, file->companion, strlen(file->companion)));
    free(header);
    free(companion);
    return good;
}

static enum exit_status emit_object(struct gradc_model *model, const struct request *request,
                                    enum language language, struct gradc_emit_options *options,
                                    const char *path) {
    static const enum gradc_object_format formats[LANGUAGES] = {GRADC_LLVM_TEXT, GRADC_LLVM_TEXT,
                                                                GRADC_ASSEMBLY, GRADC_OBJECT, GRADC_OBJECT};
    struct driver_machine machine = {option_value(request, OPTION_TARGET), option_value(request, OPTION_CPU)};
    struct gradc_object_options object = {
        .format = formats[language], .triple = machine.triple, .cpu = machine.cpu};
    struct gradc_emitted file;
    size_t told = gradc_diagnostic_count(model);
    if (only_c_has(options)) return emit_compiled(model, language, options, path, &machine);
    bool made = gradc_emit_object(model, options, &object, &file);
    bool in_pieces = made && file.companion && language != LANGUAGE_LLVM;
    if (in_pieces) gradc_emitted_free(&file);
    if (in_pieces) return emit_compiled(model, language, options, path, &machine);
    print_diagnostics(model, told);
    if (!made) return gradc_has_errors(model) ? EXIT_WRONG : EXIT_MACHINE;
    bool written = write_all(&file, language, path, &machine);
    gradc_emitted_free(&file);
    return written ? EXIT_FINE : EXIT_MACHINE;
}

/* NULL: standard output. */
static const char *path_of(const struct request *request) {
    const char *output = option_value(request, OPTION_OUTPUT);
    return output && strcmp(output, "-") != 0 ? output : NULL;
}

/* The header stands beside the file, and must not be it. */
static bool check_path(const struct request *request) {
    const char *path = path_of(request);
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || strcmp(path + length - 2, ".h") != 0) return true;
    complain("bad-value", "name it otherwise", "`%s` is what the header will be called", path);
    return false;
}

enum exit_status emit_command(struct request *request) {
    struct gradc_emit_options options = {.prefix = option_value(request, OPTION_PREFIX),
                                         .single = option_given(request, OPTION_FLOAT),
                                         .freeze = option_given(request, OPTION_FREEZE),
                                         .self_test = option_given(request, OPTION_MAIN)};
    enum exit_status status;
    enum language language;
    if (!read_language(request, &language) || !read_what(request, &options) ||
        !check_options(request, language, &options) || !check_path(request))
        return EXIT_WRONG;
    struct gradc_model *model = load_model(request, &status);
    if (!model) return status;
    const char *path = path_of(request);
    status = EXIT_WRONG;
    choose_what(model, request, &options);
    if (has_what(model, request, &options))
        status = language == LANGUAGE_C ? emit_c(model, &options, path)
                                        : emit_object(model, request, language, &options, path);
    print_phases(request, model, NULL, 0);
    gradc_free(model);
    return status;
}
