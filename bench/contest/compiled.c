#include "contest/compiled.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { LONGEST_PATH = 4096, LONGEST_COMMAND = 3 * LONGEST_PATH };

static bool complain(const char *what, const char *name) {
    fprintf(stderr, "%s: %s\n", name, what);
    return false;
}

/* FOLDER/NAME.ENDING; false where it is too long. */
static bool join(char path[LONGEST_PATH], const char *folder, const char *name, const char *ending) {
    int length = snprintf(path, LONGEST_PATH, "%s/%s.%s", folder, name, ending);
    return length > 0 && length < LONGEST_PATH;
}

static bool save(const char *folder, const char *name, const char *ending, const char *text) {
    char path[LONGEST_PATH];
    FILE *file = join(path, folder, name, ending) ? fopen(path, "w") : NULL;
    bool good = file && fputs(text, file) >= 0;
    return file && fclose(file) == 0 && good;
}

static bool compile(const char *folder, const char *name, const char *flags, const char *library) {
    char source[LONGEST_PATH], command[LONGEST_COMMAND];
    if (!join(source, folder, name, "c")) return false;
    int length = snprintf(command, sizeof command, "gcc -std=c99 -fPIC -shared %s -o '%s' '%s' -lm", flags,
                          library, source);
    return length > 0 && length < (int)sizeof command && system(command) == 0;
}

void *compiled_load(struct gradc_model *model, struct gradc_emit_options options, const char *folder,
                    const char *name, const char *flags) {
    char header[LONGEST_PATH], path[LONGEST_PATH];
    struct gradc_emitted file;
    int length = snprintf(header, sizeof header, "%s.h", name);
    if (length < 0 || length >= (int)sizeof header || !join(path, folder, name, "so")) return NULL;
    options.header = header;
    if (!gradc_emit_c(model, &options, &file)) {
        complain("gradc could not emit it", name);
        return NULL;
    }
    bool good = save(folder, name, "c", file.source) && save(folder, name, "h", file.header);
    gradc_emitted_free(&file);
    if (!good) complain("the emitted C cannot be written", name);
    if (good && !compile(folder, name, flags, path)) good = complain("gcc could not compile it", name);
    void *library = good ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (good && !library) complain("what gcc made cannot be loaded", name);
    return library;
}

/* Functions and data pointers are of one size where there is dlsym. */
bool compiled_find(void *library, const char *name, void *function) {
    void *at = dlsym(library, name);
    memcpy(function, &at, sizeof at);
    return at != NULL;
}

double compiled_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}
