#include "cli/compiled.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/message.h"
#include "cli/process.h"

/* Compilers take long for more, which is data. */
enum { MOST_NUMBERS = 100000, MOST_PATH = 4096 };

/* A folder of its own, and the files in it. */
struct folder {
    char path[MOST_PATH], source[MOST_PATH], library[MOST_PATH];
};

static bool folder_make(struct folder *f) {
    const char *temporary = getenv("TMPDIR");
    int length = snprintf(f->path, sizeof f->path, "%s/gradc-bench-XXXXXX",
                          temporary && temporary[0] ? temporary : "/tmp");
    if (length < 0 || (size_t)length + 12 > sizeof f->path || !mkdtemp(f->path)) return false;
    snprintf(f->source, sizeof f->source, "%.*s/model.c", length, f->path);
    snprintf(f->library, sizeof f->library, "%.*s/model.so", length, f->path);
    return true;
}

static void folder_remove(const struct folder *f) {
    remove(f->source);
    remove(f->library);
    remove(f->path);
}

/* Runs the compiler without a word; what it says is not for our users. */
static const char *compile(const struct folder *f) {
    char *words[] = {"cc",      "-std=c99",        "-O2", "-ffp-contract=off", "-w",  "-fPIC",
                     "-shared", (char *)f->source, "-o",  (char *)f->library,  "-lm", NULL};
    FILE *nowhere = fopen("/dev/null", "w");
    struct process_files files = {.output = nowhere, .errors = nowhere};
    bool good;
    int reason = nowhere ? process_run(words, &files, &good) : errno;
    if (nowhere) fclose(nowhere);
    if (reason) return "there is no C compiler `cc` (Debian's package gcc)";
    return good ? NULL : "the C compiler `cc` could not compile it";
}

static void find(struct compiled *c, const char *name, void *function) {
    void *symbol = dlsym(c->library, name);
    memcpy(function, &symbol, sizeof symbol); /* ISO C knows no way from one to the other */
}

static const char *load(struct compiled *c, const struct folder *f) {
    size_t (*workspace)(void) = NULL;
    c->library = dlopen(f->library, RTLD_NOW | RTLD_LOCAL);
    if (!c->library) return "the compiled C could not be loaded";
    find(c, "model_workspace", &workspace);
    size_t count = workspace ? workspace() : 0;
    find(c, "model_gradient", count ? (void *)&c->with_workspace : (void *)&c->plain);
    c->workspace = allocate(count + 1, sizeof *c->workspace);
    return c->plain || c->with_workspace ? NULL : "the compiled C could not be loaded";
}

static const char *make(struct compiled *c, const struct gradc_emitted *file) {
    struct folder folder;
    if (!folder_make(&folder)) return "there is no place for temporary files";
    FILE *out = fopen(folder.source, "w");
    bool written = out && fputs(file->source, out) >= 0;
    if (out && fclose(out) != 0) written = false;
    const char *obstacle = written ? compile(&folder) : "there is no place for temporary files";
    if (!obstacle) obstacle = load(c, &folder);
    folder_remove(&folder);
    return obstacle;
}

void compiled_open(struct compiled *c, struct gradc_model *model) {
    struct gradc_emit_options options = {.value = true, .gradient = true, .freeze = true};
    struct gradc_emitted file;
    bool too_long = gradc_frozen_count(model) > MOST_NUMBERS;
    *c = (struct compiled){.obstacle =
                               too_long ? "its data are too long for a C compiler" : "there is no C for it"};
    if (too_long) return;
    if (!gradc_emit_c(model, &options, &file)) return;
    c->obstacle = make(c, &file);
    gradc_emitted_free(&file);
}

void compiled_close(struct compiled *c) {
    if (c->library) dlclose(c->library);
    free(c->workspace);
    *c = (struct compiled){.obstacle = "it is closed"};
}

bool compiled_gradient(void *context, const double *point, double *gradient) {
    struct compiled *c = context;
    if (c->plain)
        c->plain(point, gradient);
    else
        c->with_workspace(point, gradient, c->workspace);
    return true;
}
