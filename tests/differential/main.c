/* differential FIRST COUNT: compares all readers on COUNT random programs from seed FIRST on, prints the seed
 * of each that disagrees with its source, and a closing line. With -s SEED it prints the source of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differential/compare.h"
#include "differential/generate.h"

struct totals {
    unsigned long agreed, redrawn, failed;
};

static void try_seed(unsigned long seed, struct totals *totals) {
    char name[64];
    struct text source = {0}, report = {0};
    snprintf(name, sizeof name, "seed %lu", seed);
    generate_program(seed, &source);
    switch (compare_readers(name, text_string(&source), &report)) {
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

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "-s") == 0) {
        struct text source = {0};
        generate_program(strtoul(argv[2], NULL, 10), &source);
        fputs(text_string(&source), stdout);
        text_free(&source);
        return 0;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: differential FIRST COUNT | differential -s SEED\n");
        return 2;
    }
    struct totals totals = {0};
    unsigned long seed = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10),
                  last = seed + 2 * count;
    for (; totals.agreed + totals.failed < count && seed < last; seed++) try_seed(seed, &totals);
    printf("%lu agreed, %lu too near to a kink and drawn again, %lu failed\n", totals.agreed, totals.redrawn,
           totals.failed);
    return totals.failed || totals.agreed < count;
}
