#include "cli/emit.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/assign.h"

extern char **environ;

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

/* What only one kind of language has. */
static bool check_options(const struct request *request, enum language language,
                          const struct gradc_emit_options *options) {
    bool c = language == LANGUAGE_C,
         only_c = options->hessian || options->jacobian || options->single || options->self_test;
    bool binary = language == LANGUAGE_OBJECT || language == LANGUAGE_SHARED;
    const char *path = option_value(request, OPTION_OUTPUT);
    if (c && (option_given(request, OPTION_TARGET) || option_given(request, OPTION_CPU)))
        complain("bad-option", "compile the C for it", "`--target` and `--cpu` are for machine code");
    else if (!c && only_c)
        complain("bad-option", "use --lang c", "hessian, jacobian, --float and --main are only for C");
    else if (binary && (!path || strcmp(path, "-") == 0))
        complain("bad-option", "add -o FILE", "machine code needs a file to be written to");
    else
        return true;
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
    const char *dot = strrchr(base_of(path), '.');
    size_t length = dot && dot != base_of(path) ? (size_t)(dot - path) : strlen(path);
    char *header = allocate(length + 3, 1);
    memcpy(header, path, length);
    memcpy(header + length, ".h", 3);
    return header;
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
        free(file.source);
        free(file.header);
    }
    free(header);
    return status;
}

/* The linker of the machine's C compiler makes a library of an object. */
static bool link_library(const char *object, const char *library, const char *triple) {
    char *driver = allocate((triple ? strlen(triple) : 0) + 8, 1);
    sprintf(driver, triple ? "%s-gcc" : "cc", triple);
    char *const arguments[] = {driver,         (char *)"-shared", (char *)"-o", (char *)library,
                               (char *)object, (char *)"-lm",     NULL};
    pid_t process;
    int status = 0, reason = posix_spawnp(&process, driver, NULL, NULL, arguments, environ);
    bool good = reason == 0 && waitpid(process, &status, 0) == process && status == 0;
    if (!good)
        complain("cannot-link", "install it, or link the object of --lang obj",
                 "`%s` could not make the library", driver);
    free(driver);
    return good;
}

static bool write_object(const struct gradc_emitted *file, enum language language, const char *path,
                         const char *triple) {
    if (language != LANGUAGE_SHARED) return put_file(path, file->source, file->size);
    char *object = allocate(strlen(path) + 3, 1);
    sprintf(object, "%s.o", path);
    bool good = put_file(object, file->source, file->size) && link_library(object, path, triple);
    remove(object);
    free(object);
    return good;
}

static enum exit_status emit_object(struct gradc_model *model, const struct request *request,
                                    enum language language, const struct gradc_emit_options *options,
                                    const char *path) {
    static const enum gradc_object_format formats[LANGUAGES] = {GRADC_LLVM_TEXT, GRADC_LLVM_TEXT,
                                                                GRADC_ASSEMBLY, GRADC_OBJECT, GRADC_OBJECT};
    struct gradc_object_options object = {.format = formats[language],
                                          .triple = option_value(request, OPTION_TARGET),
                                          .cpu = option_value(request, OPTION_CPU)};
    struct gradc_emitted file;
    size_t told = gradc_diagnostic_count(model);
    bool made = gradc_emit_object(model, options, &object, &file);
    print_diagnostics(model, told);
    if (!made) return gradc_has_errors(model) ? EXIT_WRONG : EXIT_MACHINE;
    char *header = path ? header_path(path) : NULL;
    bool written = write_object(&file, language, path, object.triple) &&
                   (!header || put_file(header, file.header, strlen(file.header)));
    free(header);
    free(file.source);
    free(file.header);
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
    if (language != LANGUAGE_C)
        status = emit_object(model, request, language, &options, path);
    else if (has_what(model, request, &options))
        status = emit_c(model, &options, path);
    print_phases(request, model, NULL, 0);
    gradc_free(model);
    return status;
}
