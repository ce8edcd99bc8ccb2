#include "cli/driver.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/process.h"

enum { MOST_WORDS = 20 };

/* A command line while it is put together; NULL stands behind it. */
struct words {
    char *at[MOST_WORDS];
    size_t count;
};

static void add(struct words *w, const char *word) {
    if (w->count + 1 < MOST_WORDS) w->at[w->count++] = (char *)word;
}

/* Two parts as one text. */
static char *joined(const char *a, const char *b) {
    char *text = allocate(strlen(a) + strlen(b) + 1, 1);
    return strcat(strcpy(text, a), b);
}

static char *name_of(const struct driver_machine *machine) {
    return machine->triple ? joined(machine->triple, "-gcc") : joined("cc", "");
}

static bool run(const struct words *w) {
    static const struct process_files ours = {0};
    bool good;
    return process_run(w->at, &ours, &good) == 0 && good;
}

/* The processor: compilers for ARM call that -mcpu. */
static char *processor(const struct driver_machine *machine) {
    bool arm = machine->triple &&
               (strncmp(machine->triple, "arm", 3) == 0 || strncmp(machine->triple, "aarch64", 7) == 0);
    return machine->cpu ? joined(arm ? "-mcpu=" : "-march=", machine->cpu) : NULL;
}

bool driver_compile(const char *source, enum driver_result result, const char *output,
                    const struct driver_machine *machine) {
    static const char *const what[] = {
        [DRIVER_ASSEMBLY] = "-S", [DRIVER_OBJECT] = "-c", [DRIVER_LIBRARY] = "-shared"};
    static const char *const how[] = {"-std=c99", "-O3", "-fno-math-errno", "-ffp-contract=off", "-fPIC"};
    char *name = name_of(machine), *cpu = processor(machine);
    struct words w = {.count = 0};
    add(&w, name);
    for (size_t k = 0; k < sizeof how / sizeof *how; k++) add(&w, how[k]);
    if (cpu) add(&w, cpu);
    add(&w, what[result]);
    add(&w, "-x");
    add(&w, "c");
    add(&w, source);
    add(&w, "-o");
    add(&w, output ? output : "-");
    if (result == DRIVER_LIBRARY) add(&w, "-lm");
    bool good = run(&w);
    if (!good)
        complain("cannot-compile", "install it, or emit C and compile that",
                 "`%s` could not compile the C of the model", name);
    free(name);
    free(cpu);
    return good;
}

bool driver_link(const char *object, const char *library, const struct driver_machine *machine) {
    char *name = name_of(machine);
    struct words w = {.count = 0};
    const char *const all[] = {name, "-shared", "-o", library, object, "-lm"};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) add(&w, all[k]);
    bool good = run(&w);
    if (!good)
        complain("cannot-link", "install it, or link the object of --lang obj",
                 "`%s` could not make the library", name);
    free(name);
    return good;
}
