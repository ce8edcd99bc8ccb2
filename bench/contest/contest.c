#include "contest/contest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double contest_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void contest_skip(const char *reason) {
    printf("skip %s\n", reason);
    fflush(stdout);
    exit(0);
}

static void check(const struct contest *c, const char *path) {
    c->derivative(c->state);
    FILE *file = fopen(path, "wb");
    size_t written = file ? fwrite(c->result, sizeof *c->result, c->count, file) : 0;
    if (!file || fclose(file) != 0) written = 0;
    printf("checked %zu\n", written);
}

static void take_time(const struct contest *c, const char *kind, size_t count) {
    void (*run)(void *) = strcmp(kind, "value") == 0 ? c->value : c->derivative;
    double start = contest_seconds();
    for (size_t k = 0; run && k < count; k++) run(c->state);
    printf("took %.9g\n", run ? contest_seconds() - start : -1.0);
}

int contest_serve(const struct contest *c, double preparation) {
    char line[4096], word[4096];
    size_t count;
    printf("ready %.9g\n", preparation);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && strncmp(line, "quit", 4) != 0) {
        if (sscanf(line, "check %4095s", word) == 1)
            check(c, word);
        else if (sscanf(line, "time %4095s %zu", word, &count) == 2)
            take_time(c, word, count);
        else
            printf("unknown\n");
        fflush(stdout);
    }
    return 0;
}

size_t contest_size(int argc, char *const *argv, const char *name, size_t otherwise) {
    size_t length = strlen(name);
    for (int k = 1; k < argc; k++)
        if (strncmp(argv[k], name, length) == 0 && argv[k][length] == '=')
            return strtoul(argv[k] + length + 1, NULL, 10);
    return otherwise;
}

double contest_lattice(size_t place, size_t factor) {
    return (double)(place * factor % 65537) / 65537;
}

double *contest_memory(size_t count) {
    size_t bytes = (count * sizeof(double) + 127) / 64 * 64;
    double *memory = aligned_alloc(64, bytes);
    if (!memory) contest_skip("out of memory");
    memset(memory, 0, bytes);
    return memory;
}
