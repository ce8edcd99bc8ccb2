/* differential FIRST COUNT: compares all readers on COUNT random programs from seed FIRST on, prints the seed
 * of each that disagrees with its source, and a closing line. With -l before them it spends less on each:
 * native code for one in 16 only; with -v it compares native code in vector lanes, and not second
 * derivatives. With -V FILE... it does so on files. With -s SEED it prints the source of one without its
 * outputs, with -o SEED the whole; with -f FILE... it compares all readers on files, none of which may be at
 * a kink; with -k FILE... on files whose branches meet smoothly at their points. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differential/compare.h"
#include "differential/generate.h"

struct totals {
    unsigned long agreed, redrawn, failed;
};

/* Making native code takes most of the time, most of all with all of LLVM's passes. */
static struct thoroughness choose(unsigned long seed, bool is_long, bool lanes) {
    if (lanes) return (struct thoroughness){.level = seed % 8 == 0 ? 3 : 1, .lanes = true};
    struct thoroughness how = {
        .level = seed % 4 == 0 ? 3 : 1, .second_order = seed % 3 == 0, .matrices = seed % 3 == 1};
    if (is_long && seed % 16 != 0) how.level = -1;
    return how;
}

static void try_seed(unsigned long seed, bool is_long, bool lanes, struct totals *totals) {
    char name[64];
    struct text source = {0}, report = {0};
    snprintf(name, sizeof name, "seed %lu", seed);
    generate_program_with_outputs(seed, &source);
    switch (compare_readers(name, text_string(&source), choose(seed, is_long, lanes), &report)) {
    case VERDICT_AGREES: totals->agreed++; break;
    case VERDICT_REDRAWN: totals->redrawn++; break;
    case VERDICT_DISAGREES:
        totals->failed++;
        printf("%s\n%s\n", text_string(&report), text_string(&source));
        break;
    }
    text_free(&source);
    text_free(&report);
}

static enum verdict compare_file(const char *path, bool through_kinks, bool lanes) {
    struct text report = {0};
    struct thoroughness how = {
        .level = 3, .second_order = !lanes, .lanes = lanes, .through_kinks = through_kinks};
    enum verdict verdict = compare_readers_on_file(path, how, &report);
    if (verdict == VERDICT_DISAGREES) printf("%s\n", text_string(&report));
    if (verdict == VERDICT_REDRAWN) printf("%s: its point is not finite or at a kink\n", path);
    text_free(&report);
    return verdict;
}

static int compare_files(char *const *paths, int count, bool through_kinks, bool lanes) {
    int agreed = 0;
    for (int k = 0; k < count; k++) agreed += compare_file(paths[k], through_kinks, lanes) == VERDICT_AGREES;
    printf("%d agreed, %d failed\n", agreed, count - agreed);
    return agreed == 0 || agreed < count;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "-f") == 0) return compare_files(argv + 2, argc - 2, false, false);
    if (argc > 2 && strcmp(argv[1], "-k") == 0) return compare_files(argv + 2, argc - 2, true, false);
    if (argc > 2 && strcmp(argv[1], "-V") == 0) return compare_files(argv + 2, argc - 2, true, true);
    if (argc == 3 && (strcmp(argv[1], "-s") == 0 || strcmp(argv[1], "-o") == 0)) {
        struct text source = {0};
        if (argv[1][1] == 's')
            generate_program(strtoul(argv[2], NULL, 10), &source);
        else
            generate_program_with_outputs(strtoul(argv[2], NULL, 10), &source);
        fputs(text_string(&source), stdout);
        text_free(&source);
        return 0;
    }
    bool is_long = argc == 4 && strcmp(argv[1], "-l") == 0, lanes = argc == 4 && strcmp(argv[1], "-v") == 0;
    argv += is_long || lanes;
    argc -= is_long || lanes;
    if (argc != 3) {
        fprintf(stderr, "usage: differential [-l|-v] FIRST COUNT | differential -s|-o SEED | differential "
                        "-f|-k|-V FILE...\n");
        return 2;
    }
    struct totals totals = {0};
    unsigned long seed = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10),
                  last = seed + 2 * count;
    for (; totals.agreed + totals.failed < count && seed < last; seed++)
        try_seed(seed, is_long, lanes, &totals);
    printf("%lu agreed, %lu too near to a kink and drawn again, %lu failed\n", totals.agreed, totals.redrawn,
           totals.failed);
    return totals.failed || totals.agreed < count;
}
