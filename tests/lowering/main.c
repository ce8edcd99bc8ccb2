/* lowering FIRST COUNT: compares COUNT random programs from seed FIRST on with what they are lowered to, half
 * of them those of tests/differential, half of a kind that lowering is for; prints those that disagree, and a
 * closing line. lowering -f FILE... compares files; lowering -d FILE shows the gradient program before and
 * after; lowering -s SEED prints a random program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differential/generate.h"
#include "lowering/compare.h"
#include "lowering/stencils.h"

static const struct model_options plain;

static void draw(unsigned long seed, struct text *source) {
    if (seed % 2)
        generate_program(seed, source);
    else
        generate_stencils(seed, source);
}

static void try_seed(unsigned long seed, unsigned long *totals) {
    char name[64];
    struct text source = {0}, report = {0};
    snprintf(name, sizeof name, "seed %lu", seed);
    draw(seed, &source);
    const char *string = text_string(&source);
    struct model *model = model_load_text(name, ".", string, strlen(string), &plain);
    enum agreement agreement = compare_lowered(name, model, seed % 8 < 2, &report);
    totals[agreement]++;
    if (agreement == DISAGREES) printf("%s\n%s\n", text_string(&report), string);
    text_free(&source);
    text_free(&report);
}

static int compare_files(char *const *paths, int count) {
    int agreed = 0;
    for (int k = 0; k < count; k++) {
        struct text report = {0};
        enum agreement agreement = compare_lowered(paths[k], model_load(paths[k], &plain), true, &report);
        agreed += agreement == AGREES;
        if (agreement == DISAGREES) printf("%s\n", text_string(&report));
        if (agreement == DOES_NOT_RUN) printf("%s: does not run\n", paths[k]);
        text_free(&report);
    }
    printf("%d agreed, %d failed\n", agreed, count - agreed);
    return agreed == 0 || agreed < count;
}

static int show(const char *path) {
    struct text out = {0};
    show_lowered(model_load(path, &plain), &out);
    fputs(text_string(&out), stdout);
    text_free(&out);
    return 0;
}

static int print_source(unsigned long seed) {
    struct text source = {0};
    draw(seed, &source);
    fputs(text_string(&source), stdout);
    text_free(&source);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "-f") == 0) return compare_files(argv + 2, argc - 2);
    if (argc == 3 && strcmp(argv[1], "-d") == 0) return show(argv[2]);
    if (argc == 3 && strcmp(argv[1], "-s") == 0) return print_source(strtoul(argv[2], NULL, 10));
    if (argc != 3) {
        fprintf(stderr,
                "usage: lowering FIRST COUNT | lowering -f FILE... | lowering -d FILE | lowering -s SEED\n");
        return 2;
    }
    unsigned long totals[3] = {0}, first = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10);
    for (unsigned long seed = first; totals[AGREES] + totals[DISAGREES] < count && seed < first + 2 * count;
         seed++)
        try_seed(seed, totals);
    printf("%lu agreed, %lu do not run, %lu failed\n", totals[AGREES], totals[DOES_NOT_RUN],
           totals[DISAGREES]);
    return totals[DISAGREES] || totals[AGREES] < count;
}
